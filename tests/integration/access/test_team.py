"""What an access manager sees and may do: their own organisation, nobody else's, and never a child."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

from django.core.cache import cache

from tests.factories.people import PASSWORD, Browser, MadeUp, People, code_now, sign_in_as

from .conftest import Connect, Ledger
from .test_enrolment import set_up
from .test_passkeys import with_recovery_code


def managers(people: People, browser: Browser) -> tuple[MadeUp, MadeUp]:
    """A manager who is signed in, with this half minute's code not yet used up, and a colleague."""
    colleague = people.somebody()
    manager = people.somebody("access_manager")
    with_recovery_code(browser, manager)
    return manager, colleague


def reset(browser: Browser, account: object, *, code: str = "") -> Any:
    """Send the page's form; used codes are forgotten, as if half a minute had gone by."""
    cache.clear()
    return browser.post(f"/team/{account}/reset", {"code": code or code_now()})


def test_a_manager_sees_colleagues_and_what_has_lapsed(people: People, browser: Browser, ledger: Ledger) -> None:
    late = people.somebody(trained_on=date(2024, 1, 1))
    people.organisation("urn:200001", name="Elsewhere School")
    elsewhere = people.somebody(organisation="urn:200001")
    managers(people, browser)
    text = browser.get("/team").content.decode()
    assert late.username in text
    assert text.count("Lapsed") == 1
    assert elsewhere.username not in text
    assert [line["detail"] for line in ledger() if line["event"] == "access:team:viewed"] == [{"people": 5}]


def test_a_reset_ends_sittings_and_factors_and_gives_a_link_once(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    manager, colleague = managers(people, browser)
    theirs = Browser()
    sign_in_as(theirs, colleague)
    assert theirs.get("/my-access").status_code == 200
    address = f"/team/{colleague.account_id}/reset"
    assert "stop working now" in browser.get(address).content.decode()
    assert theirs.get("/my-access").status_code == 200  # asking changes nothing
    page = reset(browser, colleague.account_id).content.decode()
    found = re.search(r"https://testserver/enrol/([\w-]{43})", page)
    assert found is not None
    line = ledger()[-1]
    assert (line["event"], line["outcome"], line["account_id"]) == (
        "access:factor:reset",
        "done",
        manager.account_id,
    )
    assert line["detail"] == {"account": str(colleague.account_id)}
    # the very next request of every sitting
    assert theirs.get("/my-access").headers["Location"] == "/sign-in"
    # neither the old password nor the old code
    old = Browser()
    assert old.post("/sign-in", {"login": colleague.username, "password": PASSWORD}).status_code == 200
    assert "Not set up" in browser.get("/team").content.decode()
    done, _ = set_up(Browser(), found[1])
    assert done.status_code == 200
    # a link made before the newest is dead
    again = re.search(r"/enrol/([\w-]{43})", reset(browser, colleague.account_id).content.decode())
    assert again is not None
    newer = re.search(r"/enrol/([\w-]{43})", reset(browser, colleague.account_id).content.decode())
    assert newer is not None
    assert set_up(Browser(), again[1])[0].status_code == 404
    assert set_up(Browser(), newer[1])[0].status_code == 200


def test_nobody_resets_themselves_or_somebody_elsewhere(
    people: People, browser: Browser, ledger: Ledger, connect: Connect
) -> None:
    manager, _ = managers(people, browser)
    people.organisation("urn:200001", name="Elsewhere School")
    elsewhere = people.somebody(organisation="urn:200001")
    before = connect("owner").execute("SELECT count(*) FROM mfa_authenticator").fetchone()
    assert reset(browser, manager.account_id).status_code == 403
    # somebody elsewhere and nobody at all look alike
    there, nobody = (reset(browser, one) for one in (elsewhere.account_id, uuid4()))
    assert (there.status_code, nobody.status_code) == (404, 404)
    assert there.content == nobody.content
    assert [line["outcome"] for line in ledger()[-2:]] == ["refused", "refused"]
    assert connect("owner").execute("SELECT count(*) FROM mfa_authenticator").fetchone() == before


def test_a_practitioner_has_no_team_page(people: People, browser: Browser, ledger: Ledger) -> None:
    person = people.somebody()
    sign_in_as(browser, person)
    assert browser.get("/team").status_code == 403
    last = ledger()[-1]
    assert (last["event"], last["outcome"]) == ("access:team:viewed", "refused")
    assert last["detail"] == {"because": ["access:team:manage"], "refusal": "not_permitted"}
    assert reset(browser, people.founders[0]).status_code == 403


def test_a_manager_begins_at_the_team_and_is_not_offered_the_search(people: People, browser: Browser) -> None:
    manager = people.somebody("access_manager")
    browser.post("/sign-in", {"login": manager.username, "password": PASSWORD})
    assert browser.post("/sign-in/code", {"code": code_now()}).headers["Location"] == "/team"
    text = browser.get("/team").content.decode()
    assert ">Search<" not in text.replace("\n", "")
    assert "Person" in text


def test_a_reset_needs_the_managers_own_fresh_code(people: People, browser: Browser, ledger: Ledger) -> None:
    """A screen left unlocked is not enough (ASVS 7.5.3)."""
    _, colleague = managers(people, browser)
    for code in ("", "000000"):
        page = browser.post(f"/team/{colleague.account_id}/reset", {"code": code})
        assert page.status_code == 200
        assert "/enrol/" not in page.content.decode()
    assert (ledger()[-1]["event"], ledger()[-1]["outcome"]) == ("access:factor:reset", "refused")
    theirs = Browser()
    sign_in_as(theirs, colleague)
    assert theirs.get("/my-access").status_code == 200


def test_whoever_works_elsewhere_too_is_not_this_managers_to_reset(
    people: People, browser: Browser, ledger: Ledger, connect: Connect
) -> None:
    """A link would let its holder in at the other organisation as well."""
    _, colleague = managers(people, browser)
    people.organisation("urn:200001", name="Elsewhere School")
    assert f"/team/{colleague.account_id}/reset" in browser.get("/team").content.decode()
    connect("owner").execute(
        "INSERT INTO access_grant (id, account_id, role, organisation_id, valid_from, nominated_by_id, approved_by_id)"
        " VALUES (gen_random_uuid(), %s, 'social_worker', 'urn:200001', current_date + 1, %s, %s)",
        [colleague.account_id, *people.founders],
    )
    assert f"/team/{colleague.account_id}/reset" not in browser.get("/team").content.decode()
    assert reset(browser, colleague.account_id).status_code == 403
    assert ledger()[-1]["detail"]["because"] == ["elsewhere"]
    sign_in_as(Browser(), colleague)


def test_whose_sign_in_was_reset_sees_when_and_by_whom(people: People, browser: Browser, connect: Connect) -> None:
    """A manager who took the account over would be named there, used link and all."""
    manager, colleague = managers(people, browser)
    theirs = Browser()
    sign_in_as(theirs, colleague)
    assert "Resets of your sign-in" not in theirs.get("/my-access").content.decode()
    link = re.search(r"/enrol/([\w-]{43})", reset(browser, colleague.account_id).content.decode())
    assert link is not None
    _, secret = set_up(Browser(), link[1])
    cache.clear()
    theirs.post("/sign-in", {"login": colleague.username, "password": PASSWORD})
    assert theirs.post("/sign-in/code", {"code": code_now(secret)}).status_code == 302
    text = " ".join(theirs.get("/my-access").content.decode().split())
    [(name,)] = (
        connect("owner").execute("SELECT full_name FROM access_account WHERE id = %s", [manager.account_id]).fetchall()
    )
    assert "Resets of your sign-in" in text
    assert f"By {name}. Used " in text
