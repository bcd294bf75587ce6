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
from childindex.kernel.identity import Sex, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.shielding.types import Ground
from childindex.supply.types import BatchReport
from childindex.supply.usecases.settle import apply_decision
from childindex.upkeep.types import Answer, Because, ProposedChild, Verdict
from childindex.upkeep.usecases import judge, proposals
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import NORTH, rows
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
        assert rows("SELECT candidates FROM matching_review") == [([index.ids["Amara"]],)]
        assert rows("SELECT count(*) FROM matching_heldrow") == [(1,)]
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(0,)]
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


# --- what a steward makes of it


@pytest.fixture
def proposed(actor: Make, index: Index, at: datetime) -> UUID:
    """Amara, proposed by somebody who did not find her, and compared; her review."""
    someone = actor(sitting="proposing")
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    proposals.propose_child(actor=someone, child=KNOWN, at=at)
    with index.as_role("worker"):
        [(proposal,)] = rows("SELECT id FROM upkeep_proposal")
        proposals.match_proposal(actor=operator(at=at), proposal_id=UUID(str(proposal)), at=at)
        [(review,)] = rows("SELECT id FROM matching_review")
    return UUID(str(review))


def decided(actor: Make, review: UUID, verdict: Verdict, chosen: UUID | None, *, at: datetime) -> None:
    """By two, for Amara is known to a sensitive service."""
    answer = Answer(verdict=verdict, chosen=chosen, because=Because.AS_SHOWN)
    assert judge.decide(actor=actor(role="data_steward"), review_id=review, answer=answer, at=at).second
    judge.confirm(actor=actor(role="data_steward"), review_id=review, agree=True, at=at)


def applied(index: Index, review: UUID, *, at: datetime) -> BatchReport:
    """The worker does what it was asked."""
    with index.as_role("worker"):
        return apply_decision(actor=operator(at=at), review_id=review, at=at)


def test_a_steward_meets_it_in_the_queue_and_nothing_is_linked_without_one(
    proposed: UUID, actor: Make, index: Index, at: datetime
) -> None:
    """However sure the model is: it is the very child."""
    steward = actor(role="data_steward")
    assert [(one.review, one.supplier) for one in judge.queue(actor=steward, at=at).lines] == [
        (proposed, "a practitioner")
    ]
    shown = judge.show(actor=steward, review_id=proposed, at=at)
    assert shown.name == "Amara Okonkwo"
    [candidate] = shown.candidates
    assert candidate.id == index.ids["Amara"]
    with index.as_role("worker"):
        assert rows("SELECT count(*) FROM children_sourcerecord WHERE feed = 'a practitioner'") == [(0,)]
        kept = rows("SELECT verdict, child_id FROM matching_judgement WHERE record IN (SELECT id FROM upkeep_proposal)")
        assert kept == [("unsure", index.ids["Amara"])]


def test_said_to_be_her_it_is_one_more_record_of_hers(proposed: UUID, actor: Make, index: Index, at: datetime) -> None:
    child = index.ids["Amara"]
    decided(actor, proposed, Verdict.LINKED, child, at=at)
    assert applied(index, proposed, at=at) == BatchReport(linked=1)
    with index.as_role("worker"):
        assert rows("SELECT child_id FROM children_sourcerecord WHERE feed = 'a practitioner'") == [(child,)]
        assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
        # What a supplier says is believed before what somebody proposed.
        assert rows("SELECT given_name, family_name FROM children_child WHERE id = %s", child) == [("Amara", "Okonkwo")]


def test_said_to_be_another_it_is_an_entry_that_is_found(
    proposed: UUID, actor: Make, index: Index, at: datetime
) -> None:
    decided(actor, proposed, Verdict.NOT_LINKED, None, at=at)
    assert applied(index, proposed, at=at) == BatchReport(new=1)
    with index.as_role("worker"):
        [(child, authority)] = rows(
            "SELECT c.id, c.responsible_authority FROM children_child c JOIN children_sourcerecord s ON s.child_id = c.id"
            " WHERE s.feed = 'a practitioner'"
        )
    assert child != index.ids["Amara"]
    assert authority == NORTH
    someone = actor()
    terms = SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=PartialDate(2015, 3, 14))
    found = lookup.search(actor=someone, terms=terms, reason=REASON, at=at)
    assert len(lookup.results(actor=someone, token=found.token, at=at).candidates) == 2


def test_without_a_residence_it_is_the_deciding_authoritys(actor: Make, index: Index, at: datetime) -> None:
    someone = actor(sitting="proposing")
    lookup.search(actor=someone, terms=NOBODY, reason=REASON, at=at)
    proposals.propose_child(actor=someone, child=replace(KNOWN, postcode=""), at=at)
    with index.as_role("worker"):
        [(proposal,)] = rows("SELECT id FROM upkeep_proposal")
        proposals.match_proposal(actor=operator(at=at), proposal_id=UUID(str(proposal)), at=at)
        [(review,)] = rows("SELECT id FROM matching_review")
    decided(actor, review, Verdict.NOT_LINKED, None, at=at)
    assert applied(index, review, at=at) == BatchReport(new=1)
    with index.as_role("worker"):
        assert rows("SELECT responsible_authority FROM children_child WHERE given_name = 'Amara'") == [(NORTH,)] * 2


def test_protected_meanwhile_it_leaves_the_queue_for_the_guard(
    proposed: UUID, actor: Make, index: Index, at: datetime
) -> None:
    """Decided, and before it is applied the child is sealed: nothing of the proposal is to be seen anywhere."""
    decided(actor, proposed, Verdict.NOT_LINKED, None, at=at)
    _seal(index, at=at)
    with index.as_role("worker"):
        with pytest.raises(Denied) as denied:
            apply_decision(actor=operator(at=at), review_id=proposed, at=at)
        assert denied.value.refusal is Refusal.NOT_FOUND
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
    assert judge.queue(actor=actor(role="data_steward"), at=at).lines == ()


def test_the_guard_is_asked_again_when_it_is_applied(proposed: UUID, actor: Make, index: Index, at: datetime) -> None:
    """Even of a proposal that waits although the child was sealed meanwhile: held, and counted as a new one."""
    decided(actor, proposed, Verdict.NOT_LINKED, None, at=at)
    with index.as_role("worker"):
        [waiting] = rows("SELECT * FROM matching_heldrow")
    with index.as_role("owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_review AS SELECT * FROM matching_review")
    _seal(index, at=at)
    with index.as_role("owner"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM guard.guarded_row WHERE child_id IS NULL")
        cursor.execute("DELETE FROM matching_review")
        cursor.execute("INSERT INTO matching_review SELECT * FROM kept_review")
        cursor.execute(f"INSERT INTO matching_heldrow VALUES ({', '.join(['%s'] * len(waiting))})", list(waiting))  # noqa: S608 - places for values
    assert applied(index, proposed, at=at) == BatchReport(new=1)
    with index.as_role("worker"):
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
        assert rows("SELECT count(*) FROM children_sourcerecord WHERE feed = 'a practitioner'") == [(0,)]


def _seal(index: Index, *, at: datetime) -> None:
    with index.as_role("worker"):
        [(number,)] = rows("SELECT index_number FROM children_child WHERE id = %s", index.ids["Amara"])
        protect_child(actor=operator(at=at), index_number=str(number), tier=Tier.SEALED, ground=Ground.ADOPTED, at=at)
