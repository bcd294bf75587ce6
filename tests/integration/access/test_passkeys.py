"""Passkeys: added with a fresh code, good alone, bound to this site, used once, removed by their owner alone."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.factories.passkey import SoftPasskey
from tests.factories.people import PASSWORD, SECRET, Browser, MadeUp, People, code_now

from .conftest import Connect, Ledger


def options_on(browser: Browser, address: str) -> dict[str, Any]:
    """The challenge that a page carries."""
    found = re.search(r'data-options="([^"]+)"', browser.get(address).content.decode())
    assert found is not None
    options: dict[str, Any] = json.loads(unescape(found[1]))
    return options


def challenge(browser: Browser) -> dict[str, Any]:
    """The challenge that the sign-in page's script fetches."""
    answer = browser.get("/sign-in/passkey", headers={"Accept": "application/json"})
    options: dict[str, Any] = answer.json()["request_options"]
    return options


def add(browser: Browser, passkey: SoftPasskey, *, code: str) -> Any:
    """Fill in the page that adds a passkey."""
    credential = passkey.create(options_on(browser, "/my-access/passkeys/add"))
    return browser.post("/my-access/passkeys/add", {"name": "Work phone", "code": code, "credential": credential})


def with_recovery_code(browser: Browser, person: MadeUp) -> None:
    """Sign in without using up this half minute's one-time code."""
    codes = Authenticator.objects.get(user_id=person.account_id, type="recovery_codes").wrap().get_unused_codes()
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert browser.post("/sign-in/recovery-code", {"code": codes[0]}).status_code == 302


@pytest.fixture
def person(people: People, browser: Browser) -> MadeUp:
    """Somebody who is signed in and whose current code is not yet used up."""
    made = people.somebody()
    with_recovery_code(browser, made)
    return made


def test_a_passkey_is_added_and_signs_in_alone(person: MadeUp, browser: Browser, ledger: Ledger) -> None:
    passkey = SoftPasskey()
    assert add(browser, passkey, code=code_now()).headers["Location"] == "/my-access"
    assert (ledger()[-1]["event"], ledger()[-1]["detail"]) == ("access:factor:changed", {"change": "passkey_added"})
    assert "Work phone" in browser.get("/my-access").content.decode()
    fresh = Browser()
    page = fresh.post("/sign-in/passkey", {"credential": passkey.get(challenge(fresh))})
    assert page.headers["Location"] == "/"
    last = ledger()[-1]
    assert (last["event"], last["account_id"]) == ("access:sign_in:accepted", person.account_id)
    assert last["detail"]["methods"] == ["webauthn"]
    assert fresh.get("/my-access").status_code == 200


def test_another_persons_passkey_does_not_sign_in_as_somebody(person: MadeUp, people: People, browser: Browser) -> None:
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    fresh = Browser()
    stranger = SoftPasskey()
    stranger._user = passkey._user
    assert fresh.post("/sign-in/passkey", {"credential": stranger.get(challenge(fresh))}).status_code == 200
    assert fresh.get("/my-access").headers["Location"] == "/sign-in"


def test_nonsense_for_a_passkey_is_refused(people: People, browser: Browser) -> None:
    for credential in ("", "{}", "[]", "null", '{"response": {}}', '"x"', "1", "{" * 50):
        challenge(browser)
        page = browser.post("/sign-in/passkey", {"credential": credential})
        assert page.status_code == 200
        assert "That passkey was not accepted" in page.content.decode()


def test_a_passkey_is_not_added_without_a_right_code(person: MadeUp, browser: Browser, ledger: Ledger) -> None:
    page = add(browser, SoftPasskey(), code="000000")
    assert page.status_code == 200
    assert "That code is not right" in page.content.decode()
    assert (ledger()[-1]["event"], ledger()[-1]["outcome"]) == ("access:factor:changed", "refused")
    assert "You have none" in browser.get("/my-access").content.decode()


def test_a_key_that_verifies_nobody_is_not_kept(person: MadeUp, browser: Browser) -> None:
    """Alone it would be one factor only."""
    page = add(browser, SoftPasskey(verifies=False), code=code_now())
    assert page.status_code == 200
    assert "You have none" in browser.get("/my-access").content.decode()


def test_a_passkey_is_the_second_step_too(person: MadeUp, browser: Browser, ledger: Ledger) -> None:
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    fresh = Browser()
    fresh.post("/sign-in", {"login": person.username, "password": PASSWORD})
    page = fresh.post("/sign-in/code", {"credential": passkey.get(options_on(fresh, "/sign-in/code"))})
    assert page.headers["Location"] == "/"
    assert ledger()[-1]["detail"]["methods"] == ["password", "webauthn"]


def test_one_removes_ones_own_passkey_and_nobody_elses(
    person: MadeUp, people: People, browser: Browser, connect: Connect
) -> None:
    passkey = SoftPasskey()
    add(browser, passkey, code=code_now())
    [(key,)] = connect("owner").execute("SELECT id FROM mfa_authenticator WHERE type = 'webauthn'").fetchall()
    other = Browser()
    with_recovery_code(other, people.somebody())
    assert other.get(f"/my-access/passkeys/{key}/remove").status_code == 404
    assert other.post(f"/my-access/passkeys/{key}/remove", {"code": code_now()}).status_code == 404
    assert "Work phone" in browser.get(f"/my-access/passkeys/{key}/remove").content.decode()
    # the owner's code of this half minute was used up in adding it
    assert "has been used" in browser.post(f"/my-access/passkeys/{key}/remove", {"code": code_now()}).content.decode()
    connect("owner").execute("TRUNCATE childindex_cache")
    assert browser.post(f"/my-access/passkeys/{key}/remove", {"code": code_now()}).status_code == 302
    fresh = Browser()
    assert fresh.post("/sign-in/passkey", {"credential": passkey.get(challenge(fresh))}).status_code == 200


def test_new_recovery_codes_replace_the_old(person: MadeUp, browser: Browser, ledger: Ledger) -> None:
    page = browser.post("/my-access/recovery-codes", {"code": code_now(SECRET)})
    shown = re.findall(r"<li>(\d{4} \d{4})</li>", page.content.decode())
    assert len(shown) == 10
    assert ledger()[-1]["detail"] == {"change": "recovery_codes_renewed"}
    assert "You have 10 left" in browser.get("/my-access").content.decode()
    fresh = Browser()
    fresh.post("/sign-in", {"login": person.username, "password": PASSWORD})
    assert fresh.post("/sign-in/recovery-code", {"code": shown[3]}).status_code == 302
