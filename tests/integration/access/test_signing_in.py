"""Signing in with every right and wrong thing (R 2.15; T19)."""

from __future__ import annotations

import base64
import json
from copy import copy

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import override_settings
from nacl.exceptions import CryptoError

from childindex.access.authentication import SecondFactorAdapter
from tests.factories.people import PASSWORD, SECRET, Browser, People, code_now, sign_in_as

from .conftest import Connect, Ledger


def test_password_and_code_sign_in_and_are_written_down(people: People, browser: Browser, ledger: Ledger) -> None:
    person = people.somebody()
    before = len(ledger())
    assert browser.get("/my-access").headers["Location"] == "/sign-in"
    page = browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert page.headers["Location"] == "/sign-in/code"
    assert len(ledger()) == before
    page = browser.post("/sign-in/code", {"code": code_now()})
    assert page.headers["Location"] == "/"
    [line] = ledger()[before:]
    assert (line["event"], line["outcome"]) == ("access:sign_in:accepted", "done")
    assert (line["account_id"], line["role"], line["organisation"]) == (
        person.account_id,
        person.role,
        person.organisation,
    )
    assert line["detail"]["methods"] == ["password", "totp"]
    assert "Person 3" in browser.get("/my-access").content.decode()


def failures(ledger: Ledger) -> list[tuple[str, list[str], str]]:
    """What failed: outcome, step and the account's opaque id."""
    return [
        (line["outcome"], line["detail"]["because"], line["detail"]["account"])
        for line in ledger()
        if line["event"] == "access:sign_in:failed"
    ]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    person = people.somebody()
    wrong = browser.post("/sign-in", {"login": person.username, "password": "not the password"})
    unknown = Browser().post("/sign-in", {"login": "nobody-at-all", "password": "not the password"})
    sentence = "The user name or the password is not right"
    for page, name in ((wrong, person.username), (unknown, "nobody-at-all")):
        text = page.content.decode()
        assert page.status_code == 200
        # once in the summary, and nowhere else: it belongs to neither field
        assert text.count(sentence) == 1
        assert "<title>Error:" in text
        assert "not the password" not in text
        assert name in text
    assert failures(ledger) == [
        ("refused", ["password"], str(person.account_id)),
        ("refused", ["password"], ""),
    ]
    assert browser.get("/my-access").headers["Location"] == "/sign-in"


NONSENSE: tuple[dict[str, str], ...] = (
    {"login": "", "password": ""},
    {"login": "x" * 10_000, "password": "y"},
    {"login": "a\x00b", "password": "y"},
    {"login": "person1", "password": "y" * 100_000},
    {"login": "\u202eperson1", "password": ""},
    {},
)


def test_nonsense_gets_a_message_and_does_nothing(people: People, browser: Browser, ledger: Ledger) -> None:
    for typed in NONSENSE:
        page = browser.post("/sign-in", typed)
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()
    assert failures(ledger) == []


def test_a_password_alone_opens_nothing(people: People, browser: Browser) -> None:
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    for address in ("/", "/my-access", "/agreement", "/team", "/my-access/passkeys/add", "/my-access/recovery-codes"):
        page = browser.get(address)
        assert page.status_code in (302, 404), address
        assert person.username not in page.content.decode()
    # the sign-in page itself leads on to where the sign-in had got to
    assert browser.get("/sign-in").headers["Location"] == "/sign-in/code"


def test_a_wrong_code_gets_one_clear_message(people: People, browser: Browser, ledger: Ledger) -> None:
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    for code in ("000000", "12345", "abcdef", "", "1" * 1_000):
        page = browser.post("/sign-in/code", {"code": code})
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode()
        assert browser.get("/my-access").headers["Location"] == "/sign-in"
    # what cannot be a code is a slip of the hand; what could be one is a try
    assert failures(ledger) == [("refused", ["code"], str(person.account_id))]


def test_ten_wrong_codes_stop_the_guessing(people: People, browser: Browser) -> None:
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    for _ in range(10):
        browser.post("/sign-in/code", {"code": "000000"})
    page = browser.post("/sign-in/code", {"code": code_now()})
    assert "Too many tries" in page.content.decode()


def test_five_wrong_passwords_lock_the_name_at_that_address_only(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    person = people.somebody()
    for _ in range(5):
        page = browser.post("/sign-in", {"login": person.username, "password": "wrong"}, REMOTE_ADDR="203.0.113.5")
    assert page.status_code == 429
    assert "Too many wrong passwords" in page.content.decode()
    # also with the right password, and however the name is written
    for name in (person.username, person.username.upper()):
        page = browser.post("/sign-in", {"login": name, "password": PASSWORD}, REMOTE_ADDR="203.0.113.5")
        assert page.status_code == 429
    assert failures(ledger)[-1] == ("refused", ["locked"], str(person.account_id))
    # the person themselves, somewhere else, is not locked out
    page = Browser().post("/sign-in", {"login": person.username, "password": PASSWORD}, REMOTE_ADDR="198.51.100.7")
    assert page.headers["Location"] == "/sign-in/code"


def test_behind_a_proxy_tries_are_counted_by_the_address_the_proxy_saw(people: People, browser: Browser) -> None:
    """Else one guesser would lock a name for everybody; and whoever writes the header himself gets no new tries."""
    person = people.somebody()
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        for number in range(5):
            page = browser.post(
                "/sign-in",
                {"login": person.username, "password": "wrong"},
                headers={"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.5"},
            )
        assert page.status_code == 429
        page = Browser().post(
            "/sign-in",
            {"login": person.username, "password": PASSWORD},
            headers={"X-Forwarded-For": "198.51.100.7"},
        )
        assert page.headers["Location"] == "/sign-in/code"


def test_a_recovery_code_signs_in_once(people: People, browser: Browser, ledger: Ledger) -> None:
    person = people.somebody()
    codes = Authenticator.objects.get(user_id=person.account_id, type="recovery_codes").wrap().get_unused_codes()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    page = browser.post("/sign-in/recovery-code", {"code": f"{codes[0][:4]} {codes[0][4:]}"})
    assert page.headers["Location"] == "/"
    assert ledger()[-1]["detail"]["methods"] == ["password", "recovery_codes"]
    again = Browser()
    again.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert again.post("/sign-in/recovery-code", {"code": codes[0]}).status_code == 200
    assert failures(ledger)[-1] == ("refused", ["recovery_code"], str(person.account_id))


def test_signing_in_changes_the_sessions_key(people: People, browser: Browser) -> None:
    """A key planted before cannot be used after (session fixation)."""
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    before = browser.cookies[settings.SESSION_COOKIE_NAME].value
    browser.post("/sign-in/code", {"code": code_now()})
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != before
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert not cookie["max-age"]  # it ends with the browser


def test_signing_out_ends_the_sitting_and_clears_the_browser(people: People, browser: Browser, ledger: Ledger) -> None:
    person = people.somebody()
    sign_in_as(browser, person)
    stolen = Browser()
    stolen.cookies = copy(browser.cookies)
    assert browser.get("/sign-out").status_code == 405
    page = browser.post("/sign-out")
    assert page.headers["Location"] == "/sign-in"
    assert page.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert page.headers["Cache-Control"] == "no-store"
    assert stolen.get("/my-access").headers["Location"] == "/sign-in"
    assert (ledger()[-1]["event"], ledger()[-1]["account_id"]) == ("access:sign_out:done", person.account_id)


def test_a_sign_in_given_up_half_way_is_gone(people: People, browser: Browser) -> None:
    person = people.somebody()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    browser.post("/sign-out")
    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in"


def test_allauths_own_pages_are_not_there(people: People, browser: Browser) -> None:
    for address in ("/account/signup/", "/accounts/signup/", "/signup", "/account/password/reset/", "/admin/"):
        assert browser.get(address).status_code == 404


def test_secrets_of_second_factors_are_encrypted_in_the_database(people: People, connect: Connect) -> None:
    people.somebody()
    rows = connect("owner").execute("SELECT data::text FROM mfa_authenticator").fetchall()
    assert rows
    assert all(SECRET not in row[0] for row in rows)
    assert SecondFactorAdapter().decrypt(SecondFactorAdapter().encrypt(SECRET)) == SECRET
    with override_settings(SECOND_FACTOR_KEY=base64.b64encode(b"x" * 32).decode()), pytest.raises(CryptoError):
        SecondFactorAdapter().decrypt(json.loads(rows[0][0]).get("secret") or json.loads(rows[0][0])["seed"])
