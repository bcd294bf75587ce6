"""A picture of every page, from the running demo.

`CHILDINDEX_SCREENSHOTS=1 python -m pytest tests/journeys/test_screenshots.py` keeps them in docs/screenshots. Run alone, so
that no other journey has changed the children first.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser

from childindex.project.database import Process
from childindex.project.demo import demo_cluster
from childindex.project.demo_secrets import DATABASE
from childindex.project.folders import CHECKOUT
from tests.journeys.conftest import NewVisitor
from tests.journeys.demo import Account, Demo
from tests.journeys.pictures import with_a_palette
from tests.journeys.test_a_way_in import answer, put_forward, set_up, show
from tests.journeys.test_merge_and_split import confirmed, number_of, propose_merge, propose_split, two_children
from tests.journeys.test_oversight import item_of, look
from tests.journeys.test_shield_life import ask, on_the_list
from tests.journeys.test_shield_overridden import give_right, override
from tests.journeys.visitor import NARROW, OneTimeCodes, Visitor, open_first, search_for, sign_in_with_code

MOST_BYTES = 250_000
FIRST_SCREEN = {"width": 1000, "height": 1250}
WIDTH = {"width": 1000, "height": 700}
KEPT = CHECKOUT / "docs" / "screenshots"
SignedIn = Callable[..., Visitor]
__all__ = ["two_children"]
# Taken when asked for: every page is walked by a journey already, and all the pictures together take minutes.
pytestmark = pytest.mark.long
# Made-up strata of a week for each supplier: kind, band, how many decisions, how often they are wrong, and how many are judged.
STRATA = (
    ("link", "sure", 900, 0.0, 8),
    ("link", "likely", 60, 0.02, 3),
    ("link", "just", 20, 0.1, 2),
    ("near_miss", "near", 15, 0.15, 3),
    ("near_miss", "far", 120, 0.02, 5),
)
STRATUM = "INSERT INTO matching_samplestratum (id, sample_id, kind, authority, feed, band, population) VALUES (%s, %s, %s, %s, %s, %s, %s)"
JUDGED = (
    "INSERT INTO matching_sampledpair (id, stratum_id, authority, age, name, number, said, judged_by, judged_at)"
    " VALUES (%s, %s, '', %s, %s, %s, %s, %s, %s)"
)


# Pages that only send somebody on, or look like another, have no picture.
WITHOUT = {
    "healthy", "account_logout", "mfa_login_webauthn", "open_result", "confirm", "report_phone",
    "remove_passkey",  # asks for a code like `new-recovery-codes`, after a passkey was added
    "propose_merge", "answer_merge", "propose_split", "answer_split", "move_notice",
    "answer_request", "approve_override_right", "leave_hidden", "approve_quota", "lift_suspension", "investigate",
    "choose_role",  # for people with two roles; nobody in the demo has
}  # fmt: skip
SHOWN = {
    "search", "results", "child", "declare", "end", "ask_contact", "contact_asked", "propose", "proposed", "team", "my_access",
    "agreement", "add_passkey", "recovery_codes", "reset_second_factor", "enrol", "enrol_set_up", "account_login",
    "mfa_authenticate", "sign_in_recovery", "matches", "match",
    "merges", "compare_entries", "merge", "prepare_split", "split", "notice", "quality", "sampled_pair",
    "override_rights", "override", "hidden", "confirm_again",
    "ask_shield", "shield_asked", "shields", "shield", "requests", "own_requests",
    "nominate", "nominations", "nomination", "welcome", "leave", "organisations", "organisation",
    "allowances", "oversight", "oversight_item",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """Pictures of one run."""

    folder: Path
    browser: Browser
    taken: list[str] = field(default_factory=list)

    def take(self, visitor: Visitor, name: str, *, size: dict[str, int] | None = None, whole: bool = True) -> None:
        """The whole page as it stands, nothing hidden; or what of it fits on the screen."""
        visitor.page.set_viewport_size(size or WIDTH)  # type: ignore[arg-type]
        path = self.folder / f"{name}.png"
        visitor.page.screenshot(path=path, full_page=whole, animations="disabled", caret="hide")
        if os.environ.get("CHILDINDEX_SCREENSHOTS") == "1":
            KEPT.mkdir(parents=True, exist_ok=True)
            small = with_a_palette(self.browser, path.read_bytes())
            assert len(small) < MOST_BYTES
            (KEPT / path.name).write_bytes(small)
        self.taken.append(name)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Album:
    """One for all tests of this file."""
    return Album(folder=tmp_path_factory.mktemp("screenshots"), browser=browser)


def test_signing_in(new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, album: Album) -> None:
    """Sign in with a mistake, second factor, recovery code, and the page that stops somebody whose training lapsed."""
    visitor = new_visitor()
    visitor.go("/sign-in")
    album.take(visitor, "sign-in")
    account = demo.account("lapsed")
    visitor.type("User name", account.username)
    visitor.type("Password", account.password)
    visitor.press("Continue")
    album.take(visitor, "second-factor")
    visitor.follow("Use a recovery code instead")
    album.take(visitor, "recovery-code")
    visitor.follow("Use a one-time code instead")
    visitor.type("One-time code", codes.next(account))
    visitor.press("Continue")
    album.take(visitor, "gate")


def test_searching(signed_in: SignedIn, demo: Demo, crowd: dict[str, str], album: Album) -> None:
    """Search, with errors, results, too many, nobody; a reason again, and creating a record."""
    visitor = signed_in(demo.account("hannah"))
    album.take(visitor, "search")
    visitor.press("Search")
    album.take(visitor, "search-errors")
    visitor.go("/")
    search_for(visitor, demo.child("misspelt").search)
    album.take(visitor, "results")
    visitor.go("/")
    search_for(visitor, crowd)
    album.take(visitor, "refine")
    visitor.go("/")
    search_for(
        visitor, {"family_name": "Zzyzxowski", "given_name": "Qorvath", "born-year": "2012", "reason": "contact"}
    )
    album.take(visitor, "nothing-found")
    visitor.follow("Create a record")
    album.take(visitor, "propose")
    for label, text in (("Family name", "Zzyzxowski"), ("Given name", "Qorvath"), ("Year", "2012")):
        visitor.type(label, text)
    visitor.choose("Female")
    visitor.press("Create a record")
    album.take(visitor, "received")
    visitor.go("/")
    search_for(visitor, demo.twins())
    results = visitor.addresses[-1]
    open_first(visitor)
    visitor.go(results)
    visitor.press(re.compile("^Open "))
    visitor.go(results)
    with visitor.page.expect_navigation():
        visitor.page.locator(".ci-result-list__item button").nth(1).click()
    album.take(visitor, "confirm-reason")


def test_a_child(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """The child's page, wide and on a telephone, and everything it leads to."""
    visitor = signed_in(demo.account("hannah"))
    search_for(visitor, demo.child("misspelt").search)
    open_first(visitor)
    album.take(visitor, "child", size=FIRST_SCREEN, whole=False)
    album.take(visitor, "child-whole")
    album.take(visitor, "child-320", size=NARROW)
    page = visitor.addresses[-1]
    visitor.follow("Add my involvement")
    album.take(visitor, "declare")
    visitor.choose("Health visiting")
    visitor.press("Add my involvement")
    album.take(visitor, "declared")
    visitor.follow(re.compile("^End this involvement"))
    album.take(visitor, "end")
    visitor.go(page)
    visitor.press(re.compile("^This number is wrong"))
    album.take(visitor, "number-reported")
    visitor.go("/")
    search_for(visitor, demo.child("sensitive").search)
    open_first(visitor)
    album.take(visitor, "child-sensitive")
    visitor.follow("Ask to be put in touch")
    album.take(visitor, "ask-contact")
    visitor.choose("Yes")
    visitor.press("Ask to be put in touch")
    album.take(visitor, "contact-asked")
    visitor.go("/")
    search_for(visitor, demo.child("shielded").search)
    open_first(visitor)
    album.take(visitor, "child-shielded")


def test_no_such_page(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """Addresses that are nobody's, or no longer one's own."""
    visitor = signed_in(demo.account("hannah"))
    visitor.go("/child/AAAAAAAAAAAAAAAAAAAAAA")
    album.take(visitor, "not-in-use")
    visitor.go("/nowhere")
    album.take(visitor, "not-found")
    visitor.go("/team")
    album.take(visitor, "not-allowed")


def test_my_access_and_the_team(new_visitor: NewVisitor, demo: Demo, codes: OneTimeCodes, album: Album) -> None:
    """A manager, their own access, their team, and a colleague who has lost everything and sets up again."""
    visitor = new_visitor()
    sign_in_with_code(visitor, demo.account("meera"), codes)
    album.take(visitor, "team")
    visitor.go("/my-access")
    album.take(visitor, "my-access")
    visitor.follow("Read the agreement")
    album.take(visitor, "agreement")
    visitor.go("/my-access")
    visitor.follow("Add a passkey")
    album.take(visitor, "add-passkey")
    visitor.go("/my-access")
    visitor.follow("Make new recovery codes")
    album.take(visitor, "new-recovery-codes")
    visitor.go("/team")
    visitor.follow(re.compile("^Reset\\s+sign-in of Yusuf Young"))
    album.take(visitor, "reset-sign-in")
    visitor.type("Your one-time code", codes.next(demo.account("meera")))
    visitor.press("Reset sign-in")
    album.take(visitor, "one-time-link")
    link = re.search(r"/enrol/[\w-]+", visitor.text)
    assert link is not None
    set_up_again(new_visitor(), demo.account("yusuf"), link.group(), album, codes)


def set_up_again(visitor: Visitor, account: Account, link: str, album: Album, codes: OneTimeCodes) -> None:
    """With the one-time link: a new password, a new authenticator, recovery codes; the link is over then."""
    visitor.go(link)
    album.take(visitor, "set-up")
    secret = visitor.page.locator("main strong").first.inner_text().replace(" ", "")
    again = Account(
        role=account.role, name=account.name, username=f"{account.username} again", password="", totp_secret=secret
    )
    visitor.type("New password", "four brown horses")
    visitor.type("New password again", "four brown horses")
    visitor.type("One-time code", codes.next(again))
    visitor.press("Finish")
    album.take(visitor, "recovery-codes")
    visitor.go(link)
    album.take(visitor, "link-over")


def test_same_child(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """The queue of a data steward, and one pair, wide and on a telephone."""
    visitor = signed_in(demo.account("stefan"))
    visitor.follow("Same child?")
    album.take(visitor, "matches")
    visitor.press("Start with the oldest")
    album.take(visitor, "match")
    album.take(visitor, "match-320", size=NARROW)


def test_merging_and_splitting(
    signed_in: SignedIn, demo: Demo, two_children: tuple[dict[str, str], dict[str, str]], album: Album
) -> None:
    """What waits, two entries side by side, one that waits, one to take apart, who saw it, and a notice."""
    one, other = signed_in(demo.account("stefan")), signed_in(demo.account("sunita"))
    ada, bea = (number_of(one, who) for who in two_children)
    propose_merge(one, ada, bea, at_the_comparison=lambda: album.take(one, "compare-entries"))
    other.go(one.addresses[-1])
    album.take(other, "merge")
    confirmed(other, one.addresses[-1], "Confirm: same child")
    propose_split(one, bea, at_the_entry=lambda: album.take(one, "take-apart"))
    confirmed(other, one.addresses[-1], "Confirm: take it apart")
    album.take(other, "split")
    other.follow(re.compile("^The family of the child"))
    album.take(other, "notice")
    other.go("/merges")
    album.take(other, "merges")


def test_overriding_a_shield(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """A right that waits for its second manager, the warning, what is hidden; and the page that asks again who one is."""
    give_right(signed_in, demo, at_the_list=lambda visitor: album.take(visitor, "override-rights"))
    visitor = signed_in(demo.account("sally"))
    override(visitor, demo, at_the_form=lambda visitor: album.take(visitor, "override"))
    album.take(visitor, "hidden")
    visitor.go("/confirm")
    album.take(visitor, "confirm-again")


def test_a_shield_and_a_broker(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """Asked for, on the officers' list, one of them; a broker's queue, and what the asker sees of it."""
    visitor = signed_in(demo.account("sally"))
    name = ask(visitor, demo, look=album.take)
    officer, broker = signed_in(demo.account("shirin")), signed_in(demo.account("bella"))
    on_the_list(officer, name)
    album.take(officer, "shields")
    officer.follow(name)
    album.take(officer, "shield")
    broker.page.goto(f"{broker.site}/requests")
    broker.page.get_by_role("heading", name="Requests to be put in touch").wait_for()
    album.take(broker, "requests")
    visitor.go("/my-requests")
    album.take(visitor, "own-requests")


def test_oversight(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """Stopped at one's own household; the queue of an audit officer, and one item."""
    look(signed_in, demo, demo.account("sally"), when_stopped=lambda visitor: album.take(visitor, "own-household"))
    officer = signed_in(demo.account("oscar"))
    album.take(officer, "oversight")
    item_of(officer, "Sally Sowerby")
    album.take(officer, "oversight-item")


def test_a_way_in(new_visitor: NewVisitor, signed_in: SignedIn, demo: Demo, codes: OneTimeCodes, album: Album) -> None:
    """Somebody is put forward, shows what they must, and is answered; a colleague leaves; organisations and one of them."""
    first, today = signed_in(demo.account("meera")), datetime.now(UTC).date()
    link = put_forward(first, "nora.new", "Nora Newton", at_the_form=lambda visitor: album.take(visitor, "nominate"))
    new = new_visitor()
    account = set_up(new, link, "nora.new", "Nora Newton", codes)
    sign_in_with_code(new, account, codes)
    show(new, checked=today, trained=today, at_the_page=lambda visitor: album.take(visitor, "welcome"))
    second = new_visitor()
    sign_in_with_code(second, demo.account("stefan"), codes)
    answer(
        second,
        "Nora Newton",
        "Approve",
        at_the_list=lambda visitor: album.take(visitor, "nominations"),
        at_the_page=lambda visitor: album.take(visitor, "nomination"),
    )
    first.go("/team")
    first.follow(re.compile("^End or suspend\\s+access of Nora Newton"))
    album.take(first, "leave")
    administrator = new_visitor()
    sign_in_with_code(administrator, demo.account("ian"), codes)
    administrator.follow("Organisations")
    album.take(administrator, "organisations")
    administrator.follow(re.compile("^Change"))
    album.take(administrator, "organisation")
    administrator.follow("Suspensions and higher limits")
    album.take(administrator, "allowances")


def test_match_quality(signed_in: SignedIn, demo: Demo, album: Album) -> None:
    """A sampled pair, and the panel after eight weeks in which stewards have judged."""
    visitor = signed_in(demo.account("stefan"))
    visitor.follow("Match quality")
    visitor.press("Answer the next pair")
    album.take(visitor, "sampled-pair")
    judge_weeks(demo, visitor.addresses[-1].split("/")[-1], weeks=8)
    visitor.go("/quality")
    album.take(visitor, "quality", size={"width": 1000, "height": 2600}, whole=False)
    album.take(visitor, "quality-320", size={"width": 320, "height": 1500}, whole=False)


def judge_weeks(demo: Demo, pair: str, *, weeks: int) -> None:
    """Samples of earlier weeks as if the stewards of a pair had judged them: made-up answers, about nobody, in the tables."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    with psycopg.connect(demo_cluster(demo.data).url(role=Process.OWNER.role, database=DATABASE)) as owner:
        of = owner.execute("SELECT authority FROM matching_sampledpair WHERE id = %s", [pair]).fetchone()
        assert of is not None
        feeds = [feed for (feed,) in owner.execute("SELECT DISTINCT feed FROM matching_samplestratum ORDER BY feed")]
        for week in range(weeks, 0, -1):
            until, sample = datetime.now(UTC) - timedelta(weeks=week), uuid4()
            since = until - timedelta(weeks=1)
            owner.execute("INSERT INTO matching_sample VALUES (%s, %s, %s, 7)", [sample, since, until])
            for feed in feeds:
                for kind, band, population, rate, judged in STRATA:
                    stratum = [uuid4(), sample, kind, of[0], feed, band, population]
                    owner.execute(STRATUM, stratum)
                    owner.cursor().executemany(
                        JUDGED, [a_judged(chance, stratum[0], kind, rate, until) for _ in range(judged)]
                    )


def a_judged(chance: random.Random, stratum: object, kind: object, rate: float, at: datetime) -> list[object]:
    """One answer, wrong as often as the rate says."""
    right, wrong = ("same", "different") if kind == "link" else ("different", "same")
    groups = [chance.choice(of) for of in (("0-4", "5-10", "11-15", "16-17"), ("plain", "several_parts"), ("with",))]
    return [uuid4(), stratum, *groups, wrong if chance.random() < rate else right, uuid4(), at]


def test_every_picture_was_taken(album: Album) -> None:
    """Of every page at least one, and none under the name of another."""
    assert len(album.taken) == len(set(album.taken)) >= len(SHOWN)
