"""A child nobody could find: proposed, compared by the worker; the same answer whoever is in the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate import App
from procrastinate.contrib.django import app as app_before_setup

from childindex.access.sign_in import operator
from childindex.access.types import Actor
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.upkeep.types import ProposedChild
from childindex.upkeep.usecases import proposals
from tests.factories.index import rows
from tests.integration.lookup.conftest import REASON, Index, Ledger

app: App = app_before_setup
Make = Callable[..., Actor]
NEW = ProposedChild(family_name="Zwilling", given_name="Xaver", birth_date=PartialDate(2011, 1, 2), sex=Sex.MALE)
KNOWN = ProposedChild(
    family_name="Okonkwo", given_name="Amara", birth_date=PartialDate(2015, 3, 14), sex=Sex.FEMALE, postcode="M1 1AA"
)
SHIELDED = ProposedChild(
    family_name="Fairweather",
    given_name="Jonah",
    birth_date=PartialDate(2013, 5, 6),
    sex=Sex.MALE,
    postcode="M1 1AA",
    nhs_number="9990000026",
)
SEALED = ProposedChild(
    family_name="Nightingale",
    given_name="Rosa",
    birth_date=PartialDate(2012, 8, 9),
    sex=Sex.FEMALE,
    nhs_number="9990000034",
)
NOBODY = SearchTerms(family_name="Zwilling", given_name="Xaver", birth_date=PartialDate(2011, 1, 2))


def refusal(actor: Actor, child: ProposedChild, *, at: datetime) -> Refusal:
    with pytest.raises(Denied) as denied:
        proposals.propose_child(actor=actor, child=child, at=at)
    return denied.value.refusal


def test_only_soon_after_a_search_in_the_same_sitting(actor: Make, ledger: Ledger, at: datetime) -> None:
    someone = actor()
    assert refusal(someone, NEW, at=at) is Refusal.SEARCH_FIRST
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    assert refusal(replace(someone, sitting="another"), NEW, at=at) is Refusal.SEARCH_FIRST
    assert refusal(actor(sitting=someone.sitting), NEW, at=at) is Refusal.SEARCH_FIRST
    assert refusal(someone, NEW, at=at + timedelta(minutes=16)) is Refusal.SEARCH_FIRST
    future = replace(NEW, birth_date=PartialDate(2027, 1, 1))
    assert refusal(someone, future, at=at) is Refusal.NOT_ACCEPTED
    start = len(ledger())
    proposals.propose_child(actor=someone, child=NEW, at=at + timedelta(minutes=14))
    [line] = ledger()[start:]
    assert (line["event"], line["outcome"], line["children"]) == ("child:entry:proposed", "done", [])


def test_a_refused_search_is_no_search(actor: Make, at: datetime) -> None:
    someone = actor()
    with pytest.raises(Denied):
        lookup.search(actor=someone, terms=SearchTerms(family_name="Zwilling"), reason=REASON, at=at)
    assert refusal(someone, NEW, at=at) is Refusal.SEARCH_FIRST


def test_the_answer_tells_nothing_about_who_is_in_the_index(actor: Make, ledger: Ledger, at: datetime) -> None:
    """New, known, shielded and sealed: the same value, the same entry, as many statements (T09)."""
    someone = actor()
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    start, costs = len(ledger()), set()
    for child in (NEW, KNOWN, SHIELDED, SEALED):
        child_without = replace(child, postcode="M1 1AA")
        with CaptureQueriesContext(connection) as made:
            proposals.propose_child(actor=someone, child=child_without, at=at)
        costs.add(len(made))
    assert len(costs) == 1
    assert len({(line["event"], line["outcome"], str(line["detail"])) for line in ledger()[start:]}) == 1
    with pytest.raises(Exception, match="permission denied"):
        rows("SELECT * FROM upkeep_proposal")


def test_the_worker_compares_and_keeps_protected_children_out_of_it(
    actor: Make, index: Index, ledger: Ledger, at: datetime
) -> None:
    someone = actor()
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    for child in (NEW, KNOWN, SHIELDED, SEALED):
        proposals.propose_child(actor=someone, child=child, at=at)
    with index.as_role("worker"):
        jobs = rows("SELECT args ->> 'proposal_id' FROM procrastinate_jobs ORDER BY id")
        waiting = [UUID(str(proposal)) for (proposal,) in rows("SELECT id FROM upkeep_proposal")]
        assert {str(proposal) for proposal in waiting} == {job for (job,) in jobs}
        for proposal in waiting:
            proposals.match_proposal(actor=operator(at=at), proposal_id=proposal, at=at)
            with pytest.raises(Denied):
                proposals.match_proposal(actor=operator(at=at), proposal_id=proposal, at=at)
        nearest = {str(name): child for name, child in rows("SELECT family_name, nearest FROM upkeep_proposal")}
    assert nearest == {"Zwilling": None, "Okonkwo": index.ids["Amara"], "Fairweather": None, "Nightingale": None}
    matched = [line for line in ledger() if line["event"] == "child:proposal:matched"]
    assert sorted(line["outcome"] for line in matched) == ["done"] * 4 + ["refused"] * 4


def test_the_worker_takes_the_job_by_its_name(actor: Make, index: Index, at: datetime) -> None:
    someone = actor()
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    proposals.propose_child(actor=someone, child=KNOWN, at=at)
    with index.as_role("worker"):
        [(name, proposal)] = rows("SELECT task_name, args ->> 'proposal_id' FROM procrastinate_jobs")
        app.tasks[str(name)].func(proposal_id=str(proposal))
        assert rows("SELECT nearest, matched_at IS NOT NULL FROM upkeep_proposal") == [(index.ids["Amara"], True)]


def test_a_page_cannot_compare(actor: Make, index: Index, at: datetime) -> None:
    someone = actor()
    with pytest.raises(Denied) as denied:
        proposals.match_proposal(actor=someone, proposal_id=index.ids["Amara"], at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED
