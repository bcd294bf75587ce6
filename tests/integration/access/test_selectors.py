"""Who colleagues are, for whoever shows an involvement; and what the sign-in of Django and allauth is told."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.http import HttpRequest
from django.test import override_settings
from django.utils import timezone

from childindex.access import selectors, sign_in
from childindex.access.models import Account
from childindex.access.types import Condition, SignInFacts
from childindex.access.usecases import gate
from childindex.kernel.refusals import Denied, Refusal
from childindex.web.practitioner.adapters import AccountAdapter
from childindex.web.practitioner.gate import GateMiddleware
from tests.factories.passkey import SoftPasskey
from tests.factories.people import COUNCIL, Browser, People, code_now, sign_in_as

from .conftest import Connect, Ledger
from .test_gate import session
from .test_passkeys import add


def test_people_are_found_by_id_and_strangers_are_absent(people: People) -> None:
    one, other = people.somebody(), people.somebody("health_visitor")
    found = selectors.people([one.account_id, other.account_id, uuid4()])
    assert set(found) == {one.account_id, other.account_id}
    person = found[other.account_id]
    assert (person.name, person.role_name, person.organisation) == (
        "Person 4",
        "Health visitor",
        "Manchester City Council",
    )
    assert person.phone == "01632 960004"
    assert person.email == "person4@example.org"


def test_an_account_that_is_no_more_has_no_actor_and_no_choice(people: People) -> None:
    at, nobody = timezone.now(), uuid4()
    facts = SignInFacts(sitting="s", second_factor=True, role="social_worker", organisation=COUNCIL)
    assert sign_in.actor_for(nobody, session=facts, at=at) is None
    assert sign_in.choices(nobody, at=at) == ()
    assert sign_in.choices(None, at=at) == ()


def test_a_grant_that_has_ended_is_the_choice_of_whoever_has_no_other(people: People, connect: Connect) -> None:
    person, at = people.somebody(), timezone.now()
    connect("owner").execute("UPDATE access_grant SET valid_from = '2001-01-01', valid_to = '2002-01-01'")
    [choice] = sign_in.choices(person.account_id, at=at)
    actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert choice.role == person.role
    assert actor is not None
    assert actor.lapsed == (Condition.ROLE_ACTIVE,)


def test_nobody_chooses_a_role_they_were_not_given(people: People, ledger: Ledger) -> None:
    person, at = people.somebody(), timezone.now()
    actor = sign_in.actor_for(person.account_id, session=session(person), at=at)
    assert actor is not None
    with pytest.raises(Denied) as refused:
        gate.choose_role(actor=actor, role="data_steward", organisation=COUNCIL, at=at)
    assert refused.value.refusal is Refusal.NOT_PERMITTED
    assert ledger()[-1]["outcome"] == "refused"


def test_changing_the_secret_key_signs_nobody_out_but_a_new_stamp_does() -> None:
    account = Account(username="ada", password="hash")
    with override_settings(SECRET_KEY="old"):
        before = account.get_session_auth_hash()
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]):
        assert account.get_session_auth_hash() != before
        assert list(account.get_session_auth_fallback_hash()) == [before]
        account.sitting_stamp = uuid4()
        assert list(account.get_session_auth_fallback_hash()) != [before]


def test_nobody_signs_up() -> None:
    assert AccountAdapter().is_open_for_signup(HttpRequest()) is False


def test_only_what_a_use_case_refused_is_answered_by_the_gate() -> None:
    middleware = GateMiddleware(lambda _: pytest.fail("not asked"))
    assert middleware.process_exception(HttpRequest(), ValueError()) is None
    assert middleware.process_exception(HttpRequest(), Denied(Refusal.REASON_NEEDED)) is None


def test_where_no_agreement_is_published_nobody_comes_in(people: People, browser: Browser, connect: Connect) -> None:
    person = people.somebody()
    connect("owner").execute("DELETE FROM access_agreementacceptance")
    connect("owner").execute("DELETE FROM access_agreement")
    sign_in_as(browser, person)
    assert browser.get("/my-access/recovery-codes").status_code == 403
    assert browser.get("/agreement").status_code == 404


def test_a_closed_account_enrols_no_more(people: People, browser: Browser, connect: Connect) -> None:
    person = people.somebody()
    manager = people.somebody("access_manager")
    sign_in_as(browser, manager)
    page = browser.post(f"/team/{person.account_id}/reset").content.decode()
    link = page.partition("/enrol/")[2][:43]
    connect("owner").execute("UPDATE access_account SET is_active = false WHERE id = %s", [person.account_id])
    assert Browser().get(f"/enrol/{link}", follow=True).status_code == 404


def test_a_wrong_code_changes_no_recovery_codes_and_no_second_step(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    person = people.somebody()
    sign_in_as(browser, person)
    page = browser.post("/my-access/recovery-codes", {"code": "000000"})
    assert "That code is not right" in page.content.decode()
    assert ledger()[-1]["outcome"] == "refused"
    # and the code that signed in is used up
    assert "has been used" in browser.post("/my-access/recovery-codes", {"code": code_now()}).content.decode()
    assert add(browser, SoftPasskey(), code="1").status_code == 200
