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
NEW_NOMINATION = (
    "INSERT INTO access_nomination (id, account_id, nominated_by_id, role, organisation_id, nominated_at, valid_from, valid_to,"
    " barred_list_checked, check_issued_on, trained_on, shown_at, decided_by_id, decided_at, approved)"
    " VALUES (gen_random_uuid(), "
)
NEW_QUOTA = (
    "INSERT INTO access_rolequota (id, organisation_id, role, times, valid_from, valid_to, proposed_by_id, approved_by_id)"
    " VALUES (gen_random_uuid(), %(council)s, "
)
NEW_SUSPENSION = (
    "INSERT INTO access_suspension (id, account_id, at, because, lifted_at, lifted_by_id)"
    " VALUES (gen_random_uuid(), %(person)s, now(), "
)
NEW_USE = (
    "INSERT INTO access_use (account_id, used_at, newly_opened, reference, reference_children, searched_at, listed, listed_at,"
    " opened, opened_at) VALUES (%(person)s, now(), false, 0, 0, "
)
CAP: LiteralString = "UPDATE access_standing SET most_grants = 3; "
SHOWN: LiteralString = "true, '2026-01-01', '2026-01-01', now(), "
WAITS: LiteralString = "false, NULL, NULL, NULL, NULL, NULL, NULL)"
FROM_TO: LiteralString = "'social_worker', %(council)s, now(), '2026-01-01', '2026-12-01', "
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
    "grant_ended_by_somebody": "UPDATE access_grant SET ended_at = now()",
    "grant_within_cap": CAP
    + NEW_GRANT
    + "'social_worker', %(council)s, '2026-01-01', NULL, %(first)s, %(second)s, NULL)",
    "nomination_role_known": NEW_NOMINATION
    + "%(person)s, %(first)s, 'operator', %(council)s, now(), '2026-01-01', '2026-12-01', "
    + WAITS,
    "nomination_ends_after_it_begins": NEW_NOMINATION
    + "%(person)s, %(first)s, 'social_worker', %(council)s, now(), '2026-01-01', '2026-01-01', "
    + WAITS,
    "nomination_not_of_oneself": NEW_NOMINATION + "%(person)s, %(person)s, " + FROM_TO + WAITS,
    "nomination_approved_with_evidence": NEW_NOMINATION
    + "%(person)s, %(first)s, "
    + FROM_TO
    + "false, '2026-01-01', '2026-01-01', now(), %(second)s, now(), true)",
    "nomination_open_once": NEW_NOMINATION
    + "%(person)s, %(first)s, "
    + FROM_TO
    + WAITS
    + "; "
    + NEW_NOMINATION
    + "%(person)s, %(second)s, "
    + FROM_TO
    + WAITS,
    "standing_accredited_by_two": "UPDATE access_standing SET state = 'suspended', moved_by_id = %(first)s;"
    " UPDATE access_standing SET state = 'accredited', moved_by_id = %(first)s, before_by_id = %(second)s",
    "account_stays_suspended": "UPDATE access_account SET suspended_at = now() WHERE id = %(person)s;"
    " UPDATE access_account SET suspended_at = now() + interval '1 year' WHERE id = %(person)s",
    "quota_role_known": NEW_QUOTA + "'operator', 2, '2026-01-01', '2026-02-01', %(first)s, NULL)",
    "quota_is_bounded": NEW_QUOTA + "'social_worker', 6, '2026-01-01', '2026-02-01', %(first)s, NULL)",
    "quota_ends_within_a_year": NEW_QUOTA + "'social_worker', 2, '2026-01-01', '2028-01-01', %(first)s, NULL)",
    "quota_takes_two_people": NEW_QUOTA + "'social_worker', 2, '2026-01-01', '2026-02-01', %(first)s, %(first)s)",
    "suspension_reason_known": NEW_SUSPENSION + "'a hunch', NULL, NULL)",
    "suspension_not_lifted_by_who_made_it": "INSERT INTO access_suspension (id, account_id, at, because, by_id, lifted_at, lifted_by_id)"
    " SELECT gen_random_uuid(), %(person)s, now(), 'misuse', id, now(), id FROM access_account WHERE id <> %(person)s LIMIT 1",
    "suspension_lifted_by_another": NEW_SUSPENSION + "'left', now(), %(person)s)",
    "suspended_once": NEW_SUSPENSION + "'left', NULL, NULL); " + NEW_SUSPENSION + "'barred', NULL, NULL)",
    "organisation_use_once_a_day": "INSERT INTO access_organisationuse (organisation_id, day, opened, most)"
    " SELECT %(council)s, '2026-01-01', 1, 1 FROM generate_series(1, 2)",
    "use_searches_bounded": NEW_USE + "array_fill(now(), ARRAY[152]), '{}', '{}', '{}', '{}')",
    "use_listings_bounded": NEW_USE + "'{}', array_fill(1, ARRAY[3002]), array_fill(now(), ARRAY[3002]), '{}', '{}')",
    "use_openings_bounded": NEW_USE + "'{}', '{}', '{}', array_fill(1, ARRAY[1002]), array_fill(now(), ARRAY[1002]))",
    "use_listings_have_times": NEW_USE + "'{}', '{1}', '{}', '{}', '{}')",
    "use_openings_have_times": NEW_USE + "'{}', '{}', '{}', '{1}', '{}')",
    "enrolment_expires_after_it_begins": NEW_LINK + HASH + ", NULL, now(), now() - interval '1 hour', NULL)",
    "enrolment_used_in_time": NEW_LINK + HASH + ", NULL, now(), now() + interval '1 hour', now() + interval '2 hours')",
    "enrolment_not_for_oneself": NEW_LINK + HASH + ", %(person)s, now(), now() + interval '1 hour', NULL)",
    "enrolment_keeps_a_hash": NEW_LINK + "'the link itself', NULL, now(), now() + interval '1 hour', NULL)",
}
ONE_DECISION: tuple[LiteralString, ...] = (
    "%(first)s, now(), true)",  # decided by who nominated
    "%(person)s, now(), true)",  # decided by oneself
    "NULL, now(), true)",  # decided by nobody
    "%(second)s, NULL, true)",  # at no time
    "%(second)s, now(), NULL)",  # with no answer
)
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
        # A cursor that lets several statements be one transaction.
        with psycopg.ClientCursor(connect("owner")) as cursor, pytest.raises(psycopg.errors.IntegrityError) as refused:
            cursor.execute(statement, values)
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


def test_a_nomination_is_decided_by_a_third_person(broken_by: object) -> None:
    assert callable(broken_by)
    for decision in ONE_DECISION:
        statement = NEW_NOMINATION + "%(person)s, %(first)s, " + FROM_TO + SHOWN + decision
        assert broken_by(statement) == "nomination_decided_by_another"


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
    assert counted - set(BROKEN) == {"grant_takes_two_other_people", "nomination_decided_by_another"}


WEB_MAY_NOT: tuple[LiteralString, ...] = (
    "UPDATE access_grant SET valid_to = NULL",
    "UPDATE access_grant SET nominated_by_id = NULL",
    "DELETE FROM access_grant",
    "DELETE FROM access_nomination",
    "UPDATE access_nomination SET nominated_by_id = account_id",
    "DELETE FROM access_suspension",
    "DELETE FROM access_use",
    "UPDATE access_rolequota SET times = 5",
    "UPDATE access_enhancedcheck SET issued_on = now()",
    "UPDATE access_trainingrecord SET completed_on = now()",
    "UPDATE access_account SET is_active = true",
    "UPDATE access_account SET username = 'x'",
    "DELETE FROM access_account",
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


SELF_MADE = (
    "INSERT INTO access_grant (id, account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, approved_by_id)"
    " SELECT gen_random_uuid(), account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, approved_by_id"
    " FROM access_grant WHERE founding IS NULL"
)


def test_a_grant_that_no_approved_nomination_speaks_of_is_refused_to_the_site(people: People, connect: Connect) -> None:
    """Two names of other people are not enough for it; and a nomination of three people, which makes it right, does so once."""
    person = people.somebody()
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connect("web").execute(SELF_MADE)
    assert refused.value.diag.constraint_name == "grant_is_as_nominated"
    connect("owner").execute(
        "INSERT INTO access_nomination (id, account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, nominated_at,"
        " check_issued_on, barred_list_checked, trained_on, shown_at, decided_by_id, decided_at, approved)"
        " SELECT gen_random_uuid(), account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, now(), now(), true,"
        " now(), now(), approved_by_id, now(), true FROM access_grant WHERE account_id = %s",
        [person.account_id],
    )
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connect("web").execute(SELF_MADE)
    assert refused.value.diag.constraint_name == "grant_given_once"


def test_the_site_cannot_let_a_suspended_account_in_again(people: People, connect: Connect) -> None:
    """Not before its suspension is lifted, by somebody else."""
    person = people.somebody()
    web, owner = connect("web"), connect("owner")
    again = "UPDATE access_account SET suspended_at = NULL WHERE id = %s"
    owner.execute(NEW_SUSPENSION + "'left', NULL, NULL)", {"person": person.account_id})
    web.execute("UPDATE access_account SET suspended_at = now() WHERE id = %s", [person.account_id])
    with pytest.raises(psycopg.errors.CheckViolation):
        web.execute(again, [person.account_id])
    web.execute(
        "UPDATE access_suspension SET lifted_at = now(), lifted_by_id = %s WHERE account_id = %s",
        [people.founders[0], person.account_id],
    )
    web.execute(again, [person.account_id])


# What the site's own login tries, by the constraint that stops it. `%(person)s` is somebody whose access has ended.
BY_THE_SITE: dict[str, LiteralString] = {
    "standing_moved_by_somebody": "UPDATE access_standing SET state = 'suspended', moved_by_id = NULL",
    "grant_stays_ended": "UPDATE access_grant SET ended_at = NULL, ended_by_id = NULL WHERE account_id = %(person)s",
    "grant_is_as_nominated": "CREATE TEMPORARY TABLE access_nomination AS SELECT gen_random_uuid() AS id, account_id, role, organisation_id,"
    " valid_from, valid_to, nominated_by_id, approved_by_id AS decided_by_id, true AS approved FROM access_grant; "
    "INSERT INTO access_grant (id, account_id, role, organisation_id, valid_from, valid_to, nominated_by_id, approved_by_id)"
    " SELECT gen_random_uuid(), account_id, role, organisation_id, valid_from, valid_to + 1, nominated_by_id, approved_by_id"
    " FROM access_grant WHERE founding IS NULL",
}


@pytest.mark.parametrize("constraint", BY_THE_SITE)
def test_the_sites_own_login_gets_round_none(people: People, connect: Connect, constraint: str) -> None:
    person = people.somebody()
    if constraint == "grant_stays_ended":
        connect("owner").execute(
            "UPDATE access_grant SET ended_at = now(), ended_by_id = nominated_by_id WHERE founding IS NULL"
        )
    *before, tried = BY_THE_SITE[constraint].split("; ")
    site = connect("web")
    for statement in before:
        site.execute(statement)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        site.execute(tried, {"person": person.account_id})
    assert refused.value.diag.constraint_name == constraint
