"""The first agreement and the first course, so that an empty index has a gate that can be passed; and the hash check.

The text is part of the migration: what people accepted must never change with the code.
"""

from django.db import migrations

TEXT = """\
I will use Children's Index only to find out which services work with a child I have a professional reason to help, and how to reach them.

I will choose the true reason for looking, every time. I understand that every search and every page I open is written down, that it is reviewed, and that the family may ask who looked.

I will not look up my own children, relatives, neighbours or anybody I know, even to try the system.

I will not share my password, my codes or my passkey, leave a signed-in screen alone, or look something up for somebody who may not look themselves.

I will not print, copy or pass on what I see except to protect or help the child, and I will destroy any printed page when it is no longer needed.

I will tell my access manager at once if I lose my phone or security key, change jobs, or see something in the index that I should not see.

I understand that misuse ends my access, is reported to my employer, and may be a crime under section 170 of the Data Protection Act 2018.
"""

SEED = """
INSERT INTO access_agreement (version, text, text_hash, current_from)
VALUES (1, %(text)s, encode(sha256(convert_to(%(text)s, 'UTF8')), 'hex'), DATE '2020-01-01');
"""

HASH_IS_OF_THE_TEXT = """
ALTER TABLE access_agreement ADD CONSTRAINT agreement_hash_is_of_the_text
CHECK (text_hash = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
"""

COURSE = """
INSERT INTO access_course (version, published_on, deadline_on)
VALUES (1, DATE '2020-01-01', DATE '2020-01-01');
"""


class Migration(migrations.Migration):
    """Adds two rows and one constraint."""

    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.RunSQL([(SEED, {"text": TEXT})], "DELETE FROM access_agreement WHERE version = 1"),
        migrations.RunSQL(
            HASH_IS_OF_THE_TEXT, "ALTER TABLE access_agreement DROP CONSTRAINT agreement_hash_is_of_the_text"
        ),
        migrations.RunSQL(COURSE, "DELETE FROM access_course WHERE version = 1"),
    ]
