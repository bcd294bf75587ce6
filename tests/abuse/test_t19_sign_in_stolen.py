"""T19: Somebody steals, guesses or relays what another signs in with, or uses their sitting.

Passes when all of these fail: a passkey relayed from another origin, a code or an answer used twice, a session key planted before, a form of
another site, a cookie on another device, a sitting too long unused or too old, one password tried on many names; when a name that nobody has
takes the same work as one somebody has; when a lock-out leaves its victim a way in; and when what is dangerous asks for a second factor of the
last five minutes.
"""

from __future__ import annotations

import time
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from childindex.access import sign_in
from childindex.access.types import SignInFacts
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joins import Ground, State
from childindex.upkeep.usecases import merging, splitting
from tests.factories.passkey import SoftPasskey
from tests.factories.people import PASSWORD, Browser, People, code_now, sign_in_as
from tests.integration.access.conftest import Connect, Ledger, browser, ledger, people
from tests.integration.access.test_passkeys import add, challenge, with_recovery_code

__all__ = ["browser", "ledger", "people"]
TURNED_AWAY = "/sign-in"


def because(ledger: Ledger) -> list[str]:
    """The steps at which signing in failed."""
    return [line["detail"]["because"][0] for line in ledger() if line["event"] == "access:sign_in:failed"]


@pytest.mark.abuse("T19")
def test_a_passkey_relayed_from_another_origin_or_used_twice_is_refused(people: People, browser: Browser) -> None:
    with_recovery_code(browser, people.somebody())
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    fresh = Browser()
    answer = passkey.get(challenge(fresh))
    assert fresh.post("/sign-in/passkey", {"credential": answer}).status_code == 302
    thief = Browser()
    challenge(thief)
    assert thief.post("/sign-in/passkey", {"credential": answer}).status_code == 200
    passkey.origin = "https://testserver.example"
    assert thief.post("/sign-in/passkey", {"credential": passkey.get(challenge(thief))}).status_code == 200
    assert thief.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_a_one_time_code_is_taken_once(people: People, browser: Browser) -> None:
    person = people.somebody()
    code = code_now()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert browser.post("/sign-in/code", {"code": code}).status_code == 302
    thief = Browser()
    thief.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert "has been used" in thief.post("/sign-in/code", {"code": code}).content.decode()
    assert thief.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_a_session_key_planted_before_signing_in_is_worth_nothing_after(people: People, browser: Browser) -> None:
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    planted = Browser()
    planted.cookies = copy(browser.cookies)
    browser.post("/sign-in/code", {"code": code_now()})
    assert planted.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_a_form_of_another_site_is_refused(people: People) -> None:
    strict = Browser(enforce_csrf_checks=True)
    for address in ("/sign-in", "/sign-out", "/confirm", "/agreement", "/my-access/recovery-codes"):
        assert strict.post(address, {"code": code_now()}).status_code == 403


@pytest.mark.abuse("T19")
@pytest.mark.parametrize("elsewhere", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_USER_AGENT": "another browser"}])
def test_a_cookie_on_another_device_ends_the_sitting(
    people: People, browser: Browser, ledger: Ledger, elsewhere: dict[str, Any]
) -> None:
    """For the thief and for whoever it was stolen from: they sign in again, and it is written down."""
    sign_in_as(browser, people.somebody())
    thief = Browser()
    thief.cookies = copy(browser.cookies)
    answer = thief.get("/my-access", **elsewhere)
    assert (answer.status_code, answer.headers["Location"]) == (302, TURNED_AWAY)
    assert because(ledger) == ["moved"]
    assert browser.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_another_address_of_the_same_network_goes_on(people: People, browser: Browser) -> None:
    sign_in_as(browser, people.somebody())
    assert browser.get("/my-access", REMOTE_ADDR="127.0.0.77").status_code == 200


@pytest.mark.abuse("T19")
def test_a_sitting_ends_after_fifteen_minutes_unused_and_twelve_hours_of_use(
    people: People, browser: Browser, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in_as(browser, people.somebody())
    began = time.time()
    monkeypatch.setattr("childindex.web.practitioner.gate.time.time", lambda: began + 12 * 3600 + 60)
    assert browser.get("/my-access").headers["Location"] == TURNED_AWAY
    monkeypatch.undo()
    other = Browser()
    with_recovery_code(other, people.somebody())
    [(left,)] = connect("owner").execute(
        "SELECT extract(epoch FROM expire_date - now())::int FROM django_session WHERE session_key = %s",
        [other.cookies[settings.SESSION_COOKIE_NAME].value],
    )
    assert 14 * 60 < left <= 15 * 60
    connect("owner").execute("UPDATE django_session SET expire_date = now()")
    assert other.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_signing_out_leaves_nothing_on_a_shared_computer(people: People, browser: Browser) -> None:
    sign_in_as(browser, people.somebody())
    page = browser.get("/my-access")
    assert page.headers["Cache-Control"] == "no-store"
    stolen = Browser()
    stolen.cookies = copy(browser.cookies)
    answer = browser.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert stolen.get("/my-access").headers["Location"] == TURNED_AWAY


@pytest.mark.abuse("T19")
def test_one_password_tried_on_many_names_stops_at_a_hundred(
    people: People, browser: Browser, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name is tried often; the address is. Whoever has a passkey signs in from there all the same."""
    monkeypatch.setitem(settings.ACCOUNT_RATE_LIMITS, "wrong_passwords", "8/15m/ip")
    person = people.somebody()
    with_recovery_code(browser, person)
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    for number in range(8):
        Browser().post("/sign-in", {"login": f"name{number}", "password": "Summer2026!"})
    page = Browser().post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert "Too many tries" in page.content.decode()
    assert because(ledger) == ["password"] * 8 + ["sprayed"]
    elsewhere = Browser().post("/sign-in", {"login": person.username, "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.headers["Location"] == "/sign-in/code"
    fresh = Browser()
    assert fresh.post("/sign-in/passkey", {"credential": passkey.get(challenge(fresh))}).status_code == 302


@pytest.mark.abuse("T19")
def test_locking_somebody_out_leaves_them_their_passkey_and_every_other_place(people: People, browser: Browser) -> None:
    person = people.somebody()
    with_recovery_code(browser, person)
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    for _ in range(5):
        page = Browser().post("/sign-in", {"login": person.username, "password": "a colleague's spite"})
    assert page.status_code == 429
    elsewhere = Browser().post("/sign-in", {"login": person.username, "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    assert elsewhere.headers["Location"] == "/sign-in/code"
    fresh = Browser()
    assert fresh.post("/sign-in/passkey", {"credential": passkey.get(challenge(fresh))}).status_code == 302


@pytest.mark.abuse("T19")
def test_a_name_nobody_has_takes_the_same_work(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    person = people.somebody()
    hashed: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(hasher: Argon2PasswordHasher, password: str, other: str, *, real: object = real) -> object:
            hashed.append(password)
            return real(hasher, password, other)  # type: ignore[operator]

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    for login in (person.username, "nobody-at-all"):
        Browser().post("/sign-in", {"login": login, "password": f"wrong for {login}"})
    assert hashed == [f"wrong for {person.username}", "wrong for nobody-at-all"]


# --- a fresh second factor before something dangerous

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
DANGEROUS = {
    "propose a merge": lambda actor, at: merging.propose_merge(
        actor=actor, keep="one", other="two", ground=Ground.SAME_NUMBER, at=at
    ),
    "answer a merge": lambda actor, at: merging.answer_merge(
        actor=actor, merge_id=uuid4(), answer=State.CONFIRMED, at=at
    ),
    "propose a split": lambda actor, at: splitting.propose_split(
        actor=actor, index_number="one", undo=True, records=(), lines=(), ground=Ground.TWIN_OR_SIBLING, at=at
    ),
    "answer a split": lambda actor, at: splitting.answer_split(
        actor=actor, split_id=uuid4(), answer=State.CONFIRMED, at=at
    ),
}


@pytest.mark.abuse("T19")
@pytest.mark.parametrize("act", DANGEROUS)
def test_what_is_dangerous_wants_a_second_factor_of_the_last_five_minutes(people: People, act: str) -> None:
    person = people.somebody("data_steward")
    at = timezone.now()

    def refusal(confirmed_at: datetime | None) -> Refusal:
        session = SignInFacts(
            sitting="s",
            second_factor=True,
            role=person.role,
            organisation=person.organisation,
            confirmed_at=confirmed_at,
        )
        actor = sign_in.actor_for(person.account_id, session=session, at=at)
        with pytest.raises(Denied) as denied:
            DANGEROUS[act](actor, at)
        return denied.value.refusal

    assert refusal(None) is Refusal.CONFIRM_AGAIN
    assert refusal(at - timedelta(minutes=5, seconds=1)) is Refusal.CONFIRM_AGAIN
    assert refusal(at - timedelta(minutes=5)) is not Refusal.CONFIRM_AGAIN


@pytest.mark.abuse("T19")
def test_the_page_that_asks_again_takes_a_code_and_goes_back(people: People, browser: Browser, ledger: Ledger) -> None:
    with_recovery_code(browser, people.somebody())
    page = browser.get("/confirm?next=/my-access")
    assert page.status_code == 200
    wrong = browser.post("/confirm", {"code": "000000", "next": "/my-access"})
    assert "That code is not right" in wrong.content.decode()
    for sent, goes in (("/my-access", "/my-access"), ("//example.org", "/"), ("https://example.org/", "/")):
        assert f'name="next" value="{goes}"' in browser.get(f"/confirm?next={sent}").content.decode()
    assert browser.post("/confirm", {"code": code_now(), "next": "/my-access"}).headers["Location"] == "/my-access"
    assert (ledger()[-1]["event"], ledger()[-1]["detail"]) == ("access:factor:shown", {"method": "code"})
