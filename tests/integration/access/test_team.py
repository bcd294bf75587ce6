"""What an access manager sees and may do: their own organisation, nobody else's, and never a child."""

from __future__ import annotations

import re
from datetime import date
from uuid import uuid4

from tests.factories.people import PASSWORD, Browser, MadeUp, People, code_now, sign_in_as

from .conftest import Connect, Ledger
from .test_enrolment import set_up


def managers(people: People, browser: Browser) -> tuple[MadeUp, MadeUp]:
    """A manager who is signed in, and a colleague."""
    colleague = people.somebody()
    manager = people.somebody("access_manager")
    sign_in_as(browser, manager)
    return manager, colleague


def test_a_manager_sees_colleagues_and_what_has_lapsed(people: People, browser: Browser, ledger: Ledger) -> None:
    late = people.somebody(trained_on=date(2024, 1, 1))
    people.organisation("urn:200001", name="Elsewhere School")
    elsewhere = people.somebody(organisation="urn:200001")
    managers(people, browser)
    text = browser.get("/team").content.decode()
    assert late.username in text
    assert text.count("Lapsed") == 1
    assert elsewhere.username not in text
    assert (ledger()[-1]["event"], ledger()[-1]["detail"]) == ("access:team:viewed", {"people": 5})


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
    page = browser.post(address).content.decode()
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
    again = re.search(r"/enrol/([\w-]{43})", browser.post(address).content.decode())
    assert again is not None
    newer = re.search(r"/enrol/([\w-]{43})", browser.post(address).content.decode())
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
    assert browser.post(f"/team/{manager.account_id}/reset").status_code == 403
    # somebody elsewhere and nobody at all look alike
    there, nobody = (browser.post(f"/team/{one}/reset") for one in (elsewhere.account_id, uuid4()))
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
    assert browser.post(f"/team/{people.founders[0]}/reset").status_code == 403


def test_a_manager_begins_at_the_team_and_is_not_offered_the_search(people: People, browser: Browser) -> None:
    manager = people.somebody("access_manager")
    browser.post("/sign-in", {"login": manager.username, "password": PASSWORD})
    assert browser.post("/sign-in/code", {"code": code_now()}).headers["Location"] == "/team"
    text = browser.get("/team").content.decode()
    assert ">Search<" not in text.replace("\n", "")
    assert "Person" in text
