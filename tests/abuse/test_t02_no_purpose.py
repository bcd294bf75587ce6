"""T02: somebody looks a child up without saying why, with a stale or empty reason, or with the same one for everybody.

Passes when every search and opening without a reason from the list is refused with 422 or asked for again, what says nothing is refused,
what is copied from child to child is put before somebody at the fiftieth, nothing is shown meanwhile, and everything is written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from childindex.access.types import Actor
from childindex.kernel.people import CASE_REFERENCE, NotACaseReference, Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import policies
from childindex.lookup import usecases as lookup
from tests.database import AsRole, filled
from tests.factories.index import COUNCIL, rows
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.conftest import no_hurry
from tests.integration.lookup.conftest import AMARA, Connect, Index, Ledger, actor, at, index, ledger, people, put_in
from tests.integration.lookup.test_child import twins

from .test_t03_enumeration import open_child, search

__all__ = ["actor", "at", "index", "ledger", "no_hurry", "people"]

template = filled(put_in, scope="module")
Make = Callable[..., Actor]
AMARAS = {"family_name": "Okonkwo", "given_name": "Amara", "born-day": "14", "born-month": "3", "born-year": "2015"}
SAYS_NOTHING = (
    "XXX",
    "xxx",
    "000",
    "111111",
    "---",
    "A-A",
    "N/A",
    "n/a",
    "NONE",
    "TEST",
    "123",
    "-TEST-",
    "ASAP",
    "OTHER",
)


@pytest.mark.abuse("T02")
def test_no_search_without_a_reason(
    index: Index, people: People, connect: Connect, ledger: Ledger, no_hurry: None
) -> None:
    """422, the form again with the words to put it right, and nobody found; written down. With a reason the same search finds her."""
    del no_hurry
    browser = Browser()
    sign_in_as(browser, people.somebody())
    none: list[dict[str, str]] = [{}, {"reason": ""}, {"reason": "curiosity"}, {"reason": "xxx"}]
    for given_reason in none + [{"reason": "contact", "case_reference": nothing} for nothing in SAYS_NOTHING]:
        before = len(ledger())
        answer = browser.post("/search", {**AMARAS, **given_reason})
        assert (answer.status_code, "govuk-error-summary" in answer.content.decode()) == (422, True), given_reason
        [line] = ledger()[before:]
        expected = Refusal.REASON_UNINFORMATIVE if "case_reference" in given_reason else Refusal.REASON_NEEDED
        assert (line["event"], line["outcome"], line["detail"]) == (
            "children:search:made",
            "refused",
            {"refusal": expected},
        ), given_reason
    assert browser.post("/search", {**AMARAS, "reason": "contact", "case_reference": "see notes"}).status_code == 422
    assert connect("owner").execute("SELECT 1 FROM cases_searchresult").fetchall() == []
    assert browser.post("/search", {**AMARAS, "reason": "contact"}).status_code == 303


@pytest.mark.abuse("T02")
def test_no_page_without_a_reason_of_its_own(
    index: Index, people: People, connect: Connect, ledger: Ledger, no_hurry: None
) -> None:
    """The reason of a search goes for one child. For the next, nothing, rubbish and stopgaps are asked again; each is written down."""
    del no_hurry
    crowd = twins(index)
    browser = Browser()
    sign_in_as(browser, people.somebody())
    typed = {
        "family_name": crowd.family_name,
        "born-day": "1",
        "born-month": "6",
        "born-year": "2016",
        "reason": "contact",
    }
    results = browser.post("/search", typed)["Location"]
    assert browser.post(f"{results}/open", {"position": "1"}).status_code == 303
    asked = browser.post(f"{results}/open", {"position": "2"})
    assert (asked.status_code, "Why are you looking at this child?" in asked.content.decode()) == (200, True)
    assert ledger()[-1]["detail"]["refusal"] == Refusal.REASON_NEEDED
    for rubbish in ({"reason": ""}, {"reason": "because"}, {"reason": "contact", "case_reference": "N/A"}):
        answer = browser.post(f"{results}/open", {"position": "2", **rubbish})
        assert answer.status_code == 422
    assert [line["detail"]["refusal"] for line in ledger()[-3:-1]] == [Refusal.REASON_NEEDED] * 2
    assert ledger()[-1]["detail"]["refusal"] == Refusal.REASON_UNINFORMATIVE
    assert connect("owner").execute("SELECT count(*) FROM cases_visit").fetchone() == (1,)
    assert browser.post(f"{results}/open", {"position": "2", "reason": "safeguarding"}).status_code == 303


@pytest.mark.abuse("T02")
def test_a_stale_reason_opens_nothing(index: Index, actor: Make, at: datetime) -> None:
    """After a quarter of an hour for results, eight hours for a page, in another sitting, for somebody else: refused."""
    me, colleague = actor(), actor()
    token = search(me, AMARA, at)
    handle = lookup.open_child(actor=me, token=token, position=1, at=at).handle
    stale: list[Callable[[], object]] = [
        lambda: lookup.open_child(actor=me, token=token, position=1, at=at + timedelta(minutes=15)),
        lambda: lookup.view_child(actor=me, handle=handle, at=at + timedelta(hours=8)),
        lambda: lookup.view_child(actor=replace(me, sitting="another"), handle=handle, at=at),
        lambda: lookup.view_child(actor=colleague, handle=handle, at=at),
    ]
    for look in stale:
        with pytest.raises(Denied) as denied:
            look()
        assert denied.value.refusal is Refusal.ADDRESS_EXPIRED


@pytest.mark.abuse("T02")
def test_the_same_reference_for_fifty_children_is_put_before_somebody(
    index: Index, actor: Make, ledger: Ledger, at: datetime, as_role: AsRole
) -> None:
    """At the fiftieth child in a row and not before; a child opened again counts once, another reference begins anew."""
    me = actor()
    copied = Reason(code=ReasonCode.CONTACT, case_reference="CIN/2041")
    children = [uuid4() for _ in range(49)]
    for number, child in enumerate([*children, children[0]]):
        open_child(child, me=me, at=at + timedelta(minutes=2 * number), reason=copied)
    with as_role("owner"):
        assert rows("SELECT 1 FROM cases_case") == []
    now = at + timedelta(hours=2)
    open_child(uuid4(), me=me, at=now, reason=copied)
    assert ledger()[-1]["detail"] == {"reviews": ["reference_repeated"]}
    with as_role("owner"):
        assert rows("SELECT kind, code, owner, opened_by FROM cases_case") == [
            ("use_review", "reference_repeated", COUNCIL, me.ref.account_id)
        ]
    open_child(uuid4(), me=me, at=now, reason=replace(copied, case_reference="CIN/7"))
    open_child(uuid4(), me=me, at=now, reason=copied)
    with as_role("owner"):
        assert rows("SELECT reference_children FROM access_use") == [(1,)]
        assert len(rows("SELECT 1 FROM cases_case")) == 1


@pytest.mark.abuse("T02")
@given(st.from_regex(CASE_REFERENCE, fullmatch=True))
def test_what_says_nothing_is_refused_and_the_rest_is_not(reference: str) -> None:
    """A reference of one sign repeated is refused; one of two kinds of letters and digits that is no stopgap never is."""
    signs = set(reference) - set("/-")
    reason = Reason(code=ReasonCode.CONTACT, case_reference=reference)
    if len(signs) < 2:
        with pytest.raises(Denied):
            policies.check_reason(reason)
    elif any(one.isdigit() for one in signs) and any(one.isalpha() for one in signs):
        policies.check_reason(reason)


def test_a_reason_has_nowhere_to_write_prose() -> None:
    """No other, and nothing that is not a reference."""
    assert "other" not in Counter(code.value for code in ReasonCode)
    for prose in ("she looked sad", "a", "lower", "A" * 31):
        with pytest.raises(NotACaseReference):
            Reason(code=ReasonCode.CONTACT, case_reference=prose)
