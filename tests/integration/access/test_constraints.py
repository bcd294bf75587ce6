"""What the database holds whatever the code does: each constraint is broken here once, as the owner."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from tests.factories.people import People

from .conftest import Connect

NEW_GRANT = (
    "INSERT INTO access_grant (id, account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, approved_by_id,"
    " founding) VALUES (gen_random_uuid(), %(person)s, "
)
NEW_LINK = (
    "INSERT INTO access_enrolment (id, account_id, link_hash, made_by_id, created_at, expires_at, used_at)"
    " VALUES (gen_random_uuid(), %(person)s, "
)
HASH: LiteralString = "repeat('a', 64)"

BROKEN: dict[str, LiteralString] = {
    "account_username_plain": "UPDATE access_account SET username = 'Ada' WHERE id = %(person)s",
    "account_has_a_name": "UPDATE access_account SET full_name = '' WHERE id = %(person)s",
    "access_account_username_key": "UPDATE access_account SET username = 'person1' WHERE id = %(person)s",
    "check_once_a_day": "INSERT INTO access_enhancedcheck SELECT gen_random_uuid(), issued_on, true, NULL, account_id"
    " FROM access_enhancedcheck",
    "check_update_not_before_issue": "UPDATE access_enhancedcheck SET update_service_current_on = issued_on - 1",
    "course_deadline_after_publishing": "UPDATE access_course SET deadline_on = published_on - 1",
    "training_once_a_day": "INSERT INTO access_trainingrecord (id, account_id, course_id, completed_on)"
    " SELECT gen_random_uuid(), account_id, course_id, completed_on FROM access_trainingrecord",
    "agreement_hash_is_of_the_text": "UPDATE access_agreement SET text = text || ' And more.'",
    "agreement_accepted_once": "INSERT INTO access_agreementacceptance (id, account_id, agreement_id, text_hash, accepted_at)"
    " SELECT gen_random_uuid(), account_id, agreement_id, text_hash, now() FROM access_agreementacceptance",
    "acceptance_has_a_hash": "UPDATE access_agreementacceptance SET text_hash = 'yes'",
    "standing_state_known": "UPDATE access_standing SET state = 'friendly', opened_on = NULL",
    "standing_opened_only_once_accredited": "UPDATE access_standing SET state = 'applied'",
    "grant_role_known": NEW_GRANT + "'operator', %(council)s, '2026-01-01', NULL, %(first)s, %(second)s, NULL)",
    "grant_ends_after_it_begins": NEW_GRANT
    + "'social_worker', %(council)s, '2026-01-01', '2026-01-01', %(first)s, %(second)s, NULL)",
    "access_grant_founding_key": NEW_GRANT + "'social_worker', %(council)s, '2026-01-01', NULL, NULL, NULL, 1)",
    "enrolment_expires_after_it_begins": NEW_LINK + HASH + ", NULL, now(), now() - interval '1 hour', NULL)",
    "enrolment_used_in_time": NEW_LINK + HASH + ", NULL, now(), now() + interval '1 hour', now() + interval '2 hours')",
    "enrolment_not_for_oneself": NEW_LINK + HASH + ", %(person)s, now(), now() + interval '1 hour', NULL)",
    "enrolment_keeps_a_hash": NEW_LINK + "'the link itself', NULL, now(), now() + interval '1 hour', NULL)",
}
ONE_PERSON: tuple[LiteralString, ...] = (
    "%(first)s, %(first)s, NULL",  # nominated and approved by the same
    "%(person)s, %(first)s, NULL",  # nominated by oneself
    "%(first)s, %(person)s, NULL",  # approved by oneself
    "%(first)s, NULL, NULL",  # approved by nobody
    "NULL, %(first)s, NULL",  # nominated by nobody
    "NULL, NULL, NULL",  # neither, and not one of the two it began with
    "NULL, NULL, 3",  # a third beginning
    "%(first)s, %(second)s, 2",  # a beginning that took two people is none
)


@pytest.fixture
def broken_by(people: People, connect: Connect) -> object:
    """Runs a statement that must fail and gives the name of the constraint that refused it."""
    person = people.somebody()
    values = {
        "person": person.account_id,
        "first": people.founders[0],
        "second": people.founders[1],
        "council": person.organisation,
    }

    def run(statement: LiteralString) -> str | None:
        with pytest.raises(psycopg.errors.IntegrityError) as refused:
            connect("owner").execute(statement, values)
        return refused.value.diag.constraint_name

    return run


def test_every_constraint_refuses_what_it_is_for(broken_by: object) -> None:
    assert callable(broken_by)
    for name, statement in BROKEN.items():
        assert broken_by(statement) == name


def test_a_grant_takes_two_people_who_are_not_its_holder(broken_by: object) -> None:
    assert callable(broken_by)
    for by in ONE_PERSON:
        statement = NEW_GRANT + "'social_worker', %(council)s, '2026-01-01', NULL, " + by + ")"
        assert broken_by(statement) == "grant_takes_two_other_people"


def test_no_constraint_of_these_tables_is_left_untried(connect: Connect, people: People) -> None:
    named = connect("owner").execute(
        "SELECT conname FROM pg_constraint WHERE contype IN ('c', 'u') AND conrelid::regclass::text LIKE 'access\\_%'"
        " UNION SELECT indexrelid::regclass::text FROM pg_index WHERE indisunique AND indpred IS NOT NULL"
        " AND indrelid::regclass::text LIKE 'access\\_%'"
    )
    counted = {
        row[0]
        for row in named
        # Django's own checks that a positive number is positive, and the uniqueness of a random hash
        if not row[0].endswith("_check") and row[0] != "access_enrolment_link_hash_key"
    }
    assert counted - set(BROKEN) == {"grant_takes_two_other_people"}


WEB_MAY_NOT: tuple[LiteralString, ...] = (
    "INSERT INTO access_grant SELECT gen_random_uuid() FROM access_grant",
    "UPDATE access_grant SET valid_to = NULL",
    "UPDATE access_standing SET state = 'accredited'",
    "UPDATE access_enhancedcheck SET issued_on = now()",
    "UPDATE access_trainingrecord SET completed_on = now()",
    "UPDATE access_account SET is_active = true",
    "UPDATE access_account SET suspended_at = NULL",
    "UPDATE access_account SET username = 'x'",
    "DELETE FROM access_account",
    "INSERT INTO access_account DEFAULT VALUES",
    "UPDATE access_agreement SET text = ''",
    "UPDATE access_agreementacceptance SET accepted_at = now()",
    "DELETE FROM access_agreementacceptance",
    "UPDATE access_enrolment SET link_hash = ''",
    "DELETE FROM access_enrolment",
)


def test_the_site_cannot_give_itself_access(people: People, connect: Connect) -> None:
    people.somebody()
    for statement in WEB_MAY_NOT:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect("web").execute(statement)
    for login in ("family", "audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(login).execute("SELECT 1 FROM access_account")
