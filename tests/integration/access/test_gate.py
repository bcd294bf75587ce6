"""T01: whatever lapses, the very next request gets a plain page, not a byte about a child, and one line in the ledger."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from childindex.access import services, sign_in
from childindex.access.types import Condition, Permission, SignInFacts, StandingState
from childindex.access.words import CONDITION_LAPSED, CONDITION_NAMES
from childindex.kernel.people import Channel
from childindex.kernel.refusals import Denied, Refusal
from tests.factories.people import COUNCIL, Browser, MadeUp, People, sign_in_as

from .conftest import Connect, Ledger

# One statement that breaks each condition, as the owner, while somebody is signed in.
BREAK = {
    Condition.ORGANISATION_ACCREDITED: "UPDATE access_standing SET state = 'suspended'",
    Condition.ORGANISATION_OPEN: "UPDATE access_standing SET opened_on = '2199-01-01'",
    Condition.AGREEMENT_ACCEPTED: "DELETE FROM access_agreementacceptance WHERE account_id = %(account)s",
    Condition.CHECK_IN_DATE: "UPDATE access_enhancedcheck SET issued_on = '2001-01-01' WHERE account_id = %(account)s",
    Condition.TRAINING_IN_DATE: "DELETE FROM access_trainingrecord WHERE account_id = %(account)s",
    Condition.ROLE_ACTIVE: "UPDATE access_grant SET valid_from = '2001-01-01', valid_to = '2002-01-01' WHERE account_id = %(account)s",
    Condition.ACCOUNT_ACTIVE: "UPDATE access_account SET suspended_at = now() - interval '1 second' WHERE id = %(account)s",
}


def test_every_condition_but_the_second_factor_is_broken_here_and_every_one_has_words() -> None:
    assert set(BREAK) == set(Condition) - {Condition.SECOND_FACTOR}
    assert set(CONDITION_NAMES) == set(CONDITION_LAPSED) == set(Condition)


@pytest.mark.parametrize("condition", BREAK)
def test_a_condition_that_lapses_during_a_sitting_closes_the_next_page(
    condition: Condition, people: People, browser: Browser, ledger: Ledger, connect: Connect
) -> None:
    person = people.somebody("data_steward")
    sign_in_as(browser, person)
    assert browser.get("/team").status_code == 200
    before = len(ledger())
    connect("owner").execute(BREAK[condition], {"account": person.account_id})
    page = browser.get("/team")
    assert page.status_code == 403
    text = page.content.decode()
    assert str(CONDITION_LAPSED[condition]) in text
    assert person.username not in text
    assert page.headers["Cache-Control"] == "no-store"
    [line] = ledger()[before:]
    assert (line["event"], line["outcome"], line["children"]) == ("access:gate:refused", "refused", [])
    assert line["detail"]["because"] == [condition.value]
    assert line["account_id"] == person.account_id
    # somebody who need only accept is led to where they can, and shown nothing else
    assert ('href="/agreement"' in text) == (condition is Condition.AGREEMENT_ACCEPTED)


def test_the_page_says_whom_to_ring_and_that_is_the_manager_of_ones_own_organisation(
    people: People, browser: Browser, connect: Connect
) -> None:
    person = people.somebody()
    people.organisation("urn:200001", name="Elsewhere School")
    elsewhere = people.somebody("access_manager", organisation="urn:200001")
    sign_in_as(browser, person)
    connect("owner").execute(BREAK[Condition.TRAINING_IN_DATE], {"account": person.account_id})
    text = browser.get("/my-team-or-anything").content.decode()
    assert "Person" not in text  # an address that is no page is a plain 404 for everybody
    text = browser.get("/team").content.decode()
    assert "Person 1, Access manager" in text
    assert 'href="tel:' in text
    assert elsewhere.username not in text
    assert "Elsewhere" not in text


def test_somebody_turned_away_may_still_see_their_own_conditions_and_leave(
    people: People, browser: Browser, connect: Connect
) -> None:
    person = people.somebody(trained_on=date(2024, 1, 1))
    sign_in_as(browser, person)
    page = browser.get("/my-access")
    assert page.status_code == 200
    assert "Your training is in date" in page.content.decode()
    assert browser.get("/my-access/passkeys/add").status_code == 403
    assert browser.post("/sign-out").status_code == 302


def test_a_suspended_account_sees_nothing_of_its_own(people: People, browser: Browser, connect: Connect) -> None:
    person = people.somebody()
    sign_in_as(browser, person)
    connect("owner").execute(BREAK[Condition.ACCOUNT_ACTIVE], {"account": person.account_id})
    for address in ("/my-access", "/agreement"):
        assert browser.get(address).status_code == 403


def test_a_closed_account_is_told_so_and_not_that_its_password_is_wrong(
    people: People, browser: Browser, connect: Connect
) -> None:
    person = people.somebody()
    connect("owner").execute("UPDATE access_account SET is_active = false WHERE id = %s", [person.account_id])
    sign_in_as(browser, person)
    page = browser.get("/my-access")
    assert page.status_code == 403
    assert "suspended or closed" in page.content.decode()


def test_an_organisation_without_a_standing_lets_nobody_in(people: People, browser: Browser) -> None:
    people.organisation("urn:200002", name="New School", to="")
    person = people.somebody(organisation="urn:200002")
    sign_in_as(browser, person)
    page = browser.get("/my-access/recovery-codes")
    assert page.status_code == 403
    assert "not accredited" in page.content.decode()


def test_nobody_unsigned_reaches_any_page(people: People, browser: Browser, ledger: Ledger) -> None:
    before = len(ledger())
    for address in (
        "/team",
        "/my-access",
        "/agreement",
        "/role",
        "/my-access/recovery-codes",
        "/my-access/passkeys/add",
    ):
        assert browser.get(address).headers["Location"] == "/sign-in"
        assert browser.post(address).headers["Location"] == "/sign-in"
    assert browser.get("/healthy").status_code == 200
    assert len(ledger()) == before


def session(person: MadeUp, **changes: object) -> SignInFacts:
    facts = {"sitting": "s", "second_factor": True, "role": person.role, "organisation": person.organisation}
    return SignInFacts(**(facts | changes))  # type: ignore[arg-type]


def test_an_actor_without_a_second_factor_may_do_nothing(people: People) -> None:
    person, at = people.somebody(), timezone.now()
    actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert actor is not None
    assert actor.permissions
    assert actor.authority == "E08000003"
    weaker = sign_in.actor_for(person.account_id, session=session(person, second_factor=False), at=at)
    assert weaker is not None
    assert weaker.permissions == frozenset()
    assert weaker.lapsed == (Condition.SECOND_FACTOR,)
    with pytest.raises(Denied) as refused:
        services.require(weaker, Permission.CHILD_SEARCH_MAKE, at=at)
    assert refused.value.detail == (Condition.SECOND_FACTOR,)


def test_require_reads_the_facts_again(people: People, connect: Connect) -> None:
    """Between building the actor and the use case something may have lapsed: no time of check to time of use."""
    person, at = people.somebody(), timezone.now()
    actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert actor is not None
    services.require(actor, Permission.CHILD_SEARCH_MAKE, at=at)
    for condition, statement in BREAK.items():
        connect("owner").execute(statement, {"account": person.account_id})
        with pytest.raises(Denied) as refused:
            services.require(actor, Permission.CHILD_SEARCH_MAKE, at=at)
        assert refused.value.refusal is Refusal.CONDITION_LAPSED
        assert condition in refused.value.detail
    with pytest.raises(Denied):
        services.require(actor, Permission.CHILD_SEARCH_MAKE, at=at + timedelta(days=4_000))


def test_a_role_one_was_never_given_opens_nothing(people: People) -> None:
    person, at = people.somebody(), timezone.now()
    for changes in (
        {"role": "data_steward"},
        {"organisation": "urn:200001"},
        {"role": "operator", "organisation": "index"},
    ):
        actor = sign_in.actor_for(person.account_id, session=session(person, **changes), at=at)
        assert actor is not None
        assert Condition.ROLE_ACTIVE in actor.lapsed
        assert actor.permissions == frozenset()


def test_a_person_is_let_through_for_exactly_what_their_role_may(people: People) -> None:
    person, at = people.somebody("emergency_practitioner"), timezone.now()
    actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert actor is not None
    for permission in Permission:
        if permission in actor.permissions:
            services.require(actor, permission, at=at)
            continue
        with pytest.raises(Denied) as refused:
            services.require(actor, permission, at=at)
        assert (refused.value.refusal, refused.value.detail) == (Refusal.NOT_PERMITTED, (permission,))


def test_nobody_and_a_web_process_are_not_the_operator(people: People) -> None:
    at = timezone.now()
    for actor in (sign_in.nobody(), sign_in.operator(at=at), sign_in.operator(channel=Channel.WORKER, at=at)):
        for permission in Permission:
            with pytest.raises(Denied):
                services.require(actor, permission, at=at)
    with people.as_role("worker"):
        services.require(sign_in.operator(at=at), Permission.DELIVERY_FILE_APPLY, at=at)
        with pytest.raises(Denied):
            services.require(sign_in.operator(at=at), Permission.CHILD_SEARCH_MAKE, at=at)
        with pytest.raises(Denied):
            services.require(sign_in.nobody(), Permission.DELIVERY_FILE_APPLY, at=at)


def test_the_gate_costs_one_question_and_the_actor_two(
    people: People, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    person, at = people.somebody(), timezone.now()
    with django_assert_num_queries(2):  # type: ignore[operator]
        actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert actor is not None
    with django_assert_num_queries(1):  # type: ignore[operator]
        services.require(actor, Permission.CHILD_SEARCH_MAKE, at=at)


def test_two_roles_are_never_used_in_one_sitting(
    people: People, browser: Browser, ledger: Ledger, connect: Connect
) -> None:
    """R 2.27: whoever has a practitioner's and a manager's role chooses one, and keeps it until signing out."""
    person = people.somebody()
    connect("owner").execute(
        "INSERT INTO access_grant (id, account_id, role, organisation_id, valid_from, nominated_by_id, approved_by_id)"
        " VALUES (gen_random_uuid(), %s, 'access_manager', %s, '2026-01-01', %s, %s)",
        [person.account_id, COUNCIL, *people.founders],
    )
    sign_in_as(browser, person)
    assert browser.get("/team").headers["Location"] == "/role"
    page = browser.get("/role").content.decode()
    assert "Social worker" in page
    assert "Access manager" in page
    assert "There is a problem" in browser.post("/role", {}).content.decode()
    assert "There is a problem" in browser.post("/role", {"choice": "7"}).content.decode()
    chosen = browser.post("/role", {"choice": "1"})
    assert chosen.status_code == 302
    assert ledger()[-1]["event"] == "access:role:chosen"
    assert ledger()[-1]["detail"] == {"role": "social_worker", "organisation": COUNCIL}
    assert browser.post("/role", {"choice": "0"}).headers["Location"] == "/my-access"
    assert browser.get("/team").status_code == 403


def test_a_standing_that_is_suspended_and_restored_lets_people_back_in(people: People, browser: Browser) -> None:
    person = people.somebody()
    sign_in_as(browser, person)
    people.move(COUNCIL, StandingState.SUSPENDED)
    assert browser.get("/my-access/recovery-codes").status_code == 403
    people.move(COUNCIL, StandingState.ACCREDITED)
    assert browser.get("/my-access/recovery-codes").status_code == 200


def test_a_second_factor_taken_away_counts_from_the_next_request(people: People, connect: Connect) -> None:
    """Whatever a session or an actor made earlier says: the condition is of now (R 2.15; ASVS 8.3.2)."""
    person = people.somebody()
    at = timezone.now()
    session = SignInFacts(sitting="s", second_factor=True, role=person.role, organisation=person.organisation)
    before = sign_in.actor_for(person.account_id, session=session, at=at)
    assert before is not None
    services.require(before, Permission.CHILD_SEARCH_MAKE, at=at)
    connect("owner").execute("DELETE FROM mfa_authenticator WHERE user_id = %s", [person.account_id])
    with pytest.raises(Denied) as denied:
        services.require(before, Permission.CHILD_SEARCH_MAKE, at=at)
    assert denied.value.detail == (Condition.SECOND_FACTOR,)
    after = sign_in.actor_for(person.account_id, session=session, at=at)
    assert after is not None
    assert after.lapsed == (Condition.SECOND_FACTOR,)


@pytest.mark.parametrize("closed", ["audit_ledgerentry", "access_account"])
def test_while_the_ledger_cannot_be_written_the_answer_is_not_now(
    people: People, browser: Browser, connect: Connect, closed: str
) -> None:
    """503, to be tried again: from a page, and from the gate itself when it cannot read who asks (T15)."""
    sign_in_as(browser, people.somebody())
    assert browser.get("/my-access").status_code == 200
    connect("owner").execute("REVOKE ALL ON " + closed + " FROM childindex_web")
    browser.raise_request_exception = False
    answer = browser.get("/my-access")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "the service is not available" in answer.content.decode()
