"""How accounts begin, and one-time links: shown once, used once, within three days (R 2.26)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from childindex.access import policies, services, sign_in
from childindex.access.types import Credentials, EnrolmentLink, Evidence, NewPerson, StandingState
from childindex.access.usecases import accounts
from childindex.kernel.refusals import Denied, Refusal
from tests.factories.index import a_receipt
from tests.factories.people import COUNCIL, PASSWORD, SECRET, Browser, People, code_now, sign_in_as

from .conftest import Connect, Ledger

FIRST = NewPerson(
    username="Ada.First",
    full_name="Ada First",
    email="ada@example.org",
    phone="01632 960001",
    role="access_manager",
    organisation=COUNCIL,
)


def evidence(at: datetime) -> Evidence:
    return Evidence(
        check_issued_on=at.date() - timedelta(days=10),
        barred_list_checked=True,
        trained_on=at.date() - timedelta(days=10),
        agreement_accepted=False,
    )


def first(people: People, person: NewPerson = FIRST, *, at: datetime | None = None) -> EnrolmentLink:
    """The first administrator, as the command makes them."""
    at = at or timezone.now()
    with people.as_role("worker"):
        return accounts.first_administrator(actor=sign_in.operator(at=at), person=person, evidence=evidence(at), at=at)


def set_up(browser: Browser, token: str, **typed: str) -> Any:
    """Open a link and fill in its page; the code is that of the secret on the page."""
    page = browser.get(f"/enrol/{token}", follow=True).content.decode()
    found = re.search(r"<strong>([A-Z2-7 ]+)</strong>", page)
    secret = found[1].replace(" ", "") if found else SECRET
    return browser.post(
        "/enrol/set-up", {"password": PASSWORD, "again": PASSWORD, "code": code_now(secret)} | typed
    ), secret


def test_the_first_administrator_enrols_accepts_the_agreement_and_is_in(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    link = first(people)
    assert link.token not in repr(link)
    opened = browser.get(f"/enrol/{link.token}")
    assert opened.headers["Location"] == "/enrol/set-up"
    page = browser.get("/enrol/set-up")
    assert "Ada First" in page.content.decode()
    assert link.token not in page.content.decode()
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    done, secret = set_up(browser, link.token)
    codes = re.findall(r"<li>(\d{4} \d{4})</li>", done.content.decode())
    assert len(codes) == 10
    assert ledger()[-1]["event"] == "access:enrolment:used"
    browser.post("/sign-in", {"login": "ADA.first", "password": PASSWORD})
    browser.post("/sign-in/code", {"code": code_now(secret)})
    closed = browser.get("/team")
    assert (closed.status_code, 'href="/agreement"' in closed.content.decode()) == (403, True)
    text = browser.get("/agreement").content.decode()
    digest = re.search(r'name="text_hash" value="([0-9a-f]{64})"', text)
    assert digest is not None
    assert "Select that you have read" in browser.post("/agreement", {"text_hash": digest[1]}).content.decode()
    accepted = browser.post("/agreement", {"text_hash": digest[1], "accept": "on"})
    assert accepted.headers["Location"] == "/team"
    assert ledger()[-1]["detail"] == {"text_hash": digest[1], "version": 1}
    assert browser.get("/team").status_code == 200
    assert "You accepted version 1" in browser.get("/agreement").content.decode()


def test_a_link_works_once(people: People, browser: Browser, ledger: Ledger) -> None:
    link = first(people)
    assert set_up(browser, link.token)[0].status_code == 200
    again, _ = set_up(Browser(), link.token)
    assert again.status_code == 404
    assert "does not work any more" in again.content.decode()
    assert ledger()[-1]["detail"] == {"because": ["enrolment"], "refusal": "not_found"}


@pytest.mark.parametrize("link", ["", "x", "x" * 3_000, "\x00"])
def test_a_made_up_link_looks_like_a_used_one(people: People, link: str) -> None:
    browser = Browser()
    page = browser.get(f"/enrol/{link or 'set-up'}", follow=True)
    assert page.status_code == 404
    assert "does not work any more" in page.content.decode()


def test_a_link_ends_after_three_days_and_with_the_next_one(people: People) -> None:
    at = timezone.now()
    link = first(people, at=at)
    nobody, later = sign_in.nobody(), at + timedelta(hours=72)
    assert accounts.open_enrolment(actor=nobody, token=link.token, at=later - timedelta(seconds=1)).name == "Ada First"
    for use in (
        lambda: accounts.open_enrolment(actor=nobody, token=link.token, at=later),
        lambda: accounts.use_enrolment(
            actor=nobody, token=link.token, credentials=Credentials(password=PASSWORD, totp_secret=SECRET), at=later
        ),
    ):
        with pytest.raises(Denied) as refused:
            use()
        assert refused.value.refusal is Refusal.NOT_FOUND


def test_only_the_hash_of_a_link_is_kept(people: People, connect: Connect) -> None:
    link = first(people)
    rows = connect("owner").execute("SELECT row_to_json(e)::text FROM access_enrolment e").fetchall()
    assert len(rows) == 1
    assert link.token not in rows[0][0]
    text = connect("owner").execute("SELECT string_agg(detail::text, '') FROM audit_ledgerentry").fetchone()
    assert link.token not in str(text)


BAD = {
    "short": ({"password": "short", "again": "short"}, "too short"),
    "common": ({"password": "password123456", "again": "password123456"}, "too common"),
    "own name": ({"password": "ada.first.ada", "again": "ada.first.ada"}, "too similar"),
    "unlike": ({"again": "something else entirely"}, "not the same"),
    "wrong code": ({"code": "000000"}, "That code is not right"),
    "no code": ({"code": ""}, "Enter one-time code"),
}


def test_a_poor_password_or_wrong_code_changes_nothing(people: People, browser: Browser, connect: Connect) -> None:
    link = first(people)
    for name, (typed, sentence) in BAD.items():
        page, _ = set_up(browser, link.token, **typed)
        assert page.status_code == 200, name
        assert sentence in page.content.decode(), name
        assert f'value="{typed.get("password", PASSWORD)}"' not in page.content.decode(), name
    used = connect("owner").execute("SELECT used_at FROM access_enrolment").fetchall()
    assert used == [(None,)]
    assert connect("owner").execute("SELECT count(*) FROM mfa_authenticator").fetchone() == (0,)


def test_there_are_two_founders_and_never_a_third(people: People) -> None:
    first(people)
    first(people, replace(FIRST, username="ben.second", full_name="Ben Second"))
    with pytest.raises(Denied) as refused:
        first(people, replace(FIRST, username="cat.third", full_name="Cat Third"))
    assert refused.value.detail == ("founding",)


def test_the_web_process_founds_nothing(people: People) -> None:
    at = timezone.now()
    with pytest.raises(Denied) as refused:
        accounts.first_administrator(actor=sign_in.operator(at=at), person=FIRST, evidence=evidence(at), at=at)
    assert refused.value.refusal is Refusal.NOT_PERMITTED
    with pytest.raises(Denied):
        accounts.change_standing(
            actor=sign_in.operator(at=at), organisations=[COUNCIL], to=StandingState.SUSPENDED, at=at
        )


def test_an_unknown_organisation_gets_no_account_and_no_standing(people: People) -> None:
    with pytest.raises(Denied) as refused:
        first(people, replace(FIRST, organisation="urn:999999"))
    assert (refused.value.refusal, refused.value.detail) == (Refusal.NOT_FOUND, ("organisation",))
    at = timezone.now()
    with people.as_role("worker"), pytest.raises(Denied):
        accounts.change_standing(
            actor=sign_in.operator(at=at), organisations=["urn:999999"], to=StandingState.APPLIED, at=at
        )


def test_made_up_people_are_refused_on_a_live_index(people: People, ledger: Ledger) -> None:
    at = timezone.now()
    with people.as_role("worker"), override_settings(DEMO=False), pytest.raises(Denied) as refused:
        accounts.establish_account(
            actor=sign_in.operator(at=at),
            person=FIRST,
            evidence=evidence(at),
            credentials=Credentials(password=PASSWORD, totp_secret=SECRET),
            by=None,
            at=at,
        )
    assert refused.value.refusal is Refusal.LIVE_INDEX
    assert ledger()[-1]["outcome"] == "refused"
    assert PASSWORD not in repr(Credentials(password=PASSWORD, totp_secret=SECRET))


def test_one_step_that_is_not_allowed_moves_no_organisation(people: People, ledger: Ledger, connect: Connect) -> None:
    people.organisation("urn:200001", name="New School", to="applied")
    at = timezone.now()
    with people.as_role("worker"), pytest.raises(policies.MoveNotAllowed):
        accounts.change_standing(
            actor=sign_in.operator(at=at),
            organisations=["urn:200001", COUNCIL],
            to=StandingState.EVIDENCE_CHECKED,
            at=at,
        )
    states: dict[str, str] = dict(
        connect("owner").execute("SELECT organisation_id, state FROM access_standing").fetchall()
    )
    assert states == {"urn:200001": "applied", COUNCIL: "accredited"}
    assert ledger()[-1]["outcome"] == "failed"


def test_a_user_name_is_plain_and_given_once_and_a_founder_manages(people: People, ledger: Ledger) -> None:
    first(people)
    for changes, why in (
        ({"username": "ADA.FIRST"}, "username"),
        ({"username": "ada first"}, "username"),
        ({"username": ""}, "username"),
        ({"username": "x" * 41}, "username"),
        ({"role": "social_worker"}, "role"),
        ({"role": "operator"}, "role"),
    ):
        with pytest.raises(Denied) as refused:
            first(people, replace(FIRST, **({"username": "ben.second"} | changes)))
        assert (refused.value.refusal, refused.value.detail) == (Refusal.NOT_PERMITTED, (why,))
        assert ledger()[-1]["outcome"] == "refused"


def test_changed_words_have_to_be_read_before_they_are_accepted(
    people: People, browser: Browser, connect: Connect
) -> None:
    person = people.somebody(agreement_accepted=False)
    browser.post("/sign-in", {"login": person.username, "password": PASSWORD})
    browser.post("/sign-in/code", {"code": code_now()})
    text = browser.get("/agreement").content.decode()
    digest = re.search(r'name="text_hash" value="([0-9a-f]{64})"', text)
    assert digest is not None
    connect("owner").execute(
        "INSERT INTO access_agreement (version, text, text_hash, current_from)"
        " VALUES (2, 'New words.', encode(sha256('New words.'), 'hex'), %s)",
        [date(2026, 1, 1)],
    )
    page = browser.post("/agreement", {"text_hash": digest[1], "accept": "on"})
    assert page.status_code == 200
    assert "The agreement has changed" in page.content.decode()
    assert "New words." in page.content.decode()
    assert connect("owner").execute(
        "SELECT count(*) FROM access_agreementacceptance WHERE account_id = %s", [person.account_id]
    ).fetchone() == (0,)


def test_a_made_up_link_signs_nobody_out_and_a_good_one_says_so(
    people: People, browser: Browser, ledger: Ledger
) -> None:
    """Otherwise any page elsewhere could end a practitioner's sitting."""
    person = people.somebody()
    sign_in_as(browser, person)
    answer = browser.get("/enrol/" + "x" * 43)
    assert answer.status_code == 404
    assert "does not work any more" in answer.content.decode()
    assert ledger()[-1]["outcome"] == "refused"
    assert browser.get("/my-access").status_code == 200
    with people.as_role("worker"), transaction.atomic():
        made = services.offer_enrolment(person.account_id, made_by=None, receipt=a_receipt(), at=timezone.now())
    assert browser.get(f"/enrol/{made.token}").status_code == 302
    assert ("access:sign_out:done", person.account_id) in [(one["event"], one["account_id"]) for one in ledger()[-2:]]
    assert browser.get("/my-access").headers["Location"] == "/sign-in"


def test_made_up_links_without_end_do_not_fill_the_ledger(
    people: People, browser: Browser, ledger: Ledger, settings: Any
) -> None:
    """From one address only so many a minute are written down; then the answer is 429 and nothing is."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"enrol": "3/m/ip"}
    addresses = ["/enrol/" + "x" * 43, "/enrol/set-up"] * 3
    assert [browser.get(one).status_code for one in addresses] == [404, 404, 404, 429, 429, 429]
    assert [line["event"] for line in ledger()].count("access:enrolment:opened") == 3
