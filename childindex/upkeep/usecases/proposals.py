"""A child nobody could find: proposed by a practitioner, compared by the worker, confirmed by a steward."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.cases import selectors as cases
from childindex.children import selectors as children
from childindex.children import services as entries
from childindex.directory import selectors as directory
from childindex.kernel.dates import day_in_england
from childindex.kernel.identity import ChildId, SourceRecord
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import holding
from childindex.matching import services as matching
from childindex.matching.nearness import waiting_keys
from childindex.matching.types import (
    PROPOSED,
    Candidate,
    Incoming,
    KeptJudgement,
    Place,
    Placement,
    RowForReview,
    Verdict,
)
from childindex.upkeep import policies, selectors, services
from childindex.upkeep.types import ProposalMatched, Proposed, ProposedChild


def propose_child(*, actor: Actor, child: ProposedChild, at: datetime) -> Proposed:
    """Propose an entry for a child who could not be found (R 1.33).

    Kept for a steward of the area, and compared by the worker: nothing is looked up here, so that the answer is the same
    in words and in time whatever the index holds (T09). Refused to actors without CHILD_ENTRY_PROPOSE; (SEARCH_FIRST)
    without a search in this sitting within fifteen minutes; (NOT_ACCEPTED) for a birth date to come.
    """
    with audit.entry(Event.CHILD_PROPOSED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_PROPOSE, at=at)
        if not cases.searched_lately(actor=actor, at=at):
            raise Denied(Refusal.SEARCH_FIRST)
        policies.check_day(child.birth_date.earliest, on=day_in_england(at))
        areas = directory.authority_of([child.postcode]) if child.postcode else {}
        services.keep_proposal(
            child, authority=areas.get(child.postcode, actor.authority), actor=actor, receipt=entry.receipt
        )
        return Proposed(receipt=entry.receipt)


def match_proposal(*, actor: Actor, proposal_id: UUID, at: datetime) -> ProposalMatched:
    """Compare a proposal with the index as any delivered record is, and open a review where it may be somebody's (R 1.33, 4.20).

    The guard is asked first, and again by whoever applies what a steward decides: a proposal near a protected child looks
    like one near nobody, is kept without a review, and no worklist shows it (T09). Nothing is linked without a person, however
    sure the model is. Recorded: the children it may be. Refused to actors without INDEX_BATCH_MATCH, and (NOT_FOUND) for a
    proposal that is not there or has been compared: a job that runs twice changes nothing.
    """
    with audit.entry(Event.CHILD_PROPOSAL_MATCHED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_BATCH_MATCH, at=at)
        entries.take_turns(receipt=entry.receipt)
        child = selectors.waiting(proposal_id)
        if child is None:
            raise Denied(Refusal.NOT_FOUND)
        [placement] = matching.place([Incoming(id=proposal_id, identity=child.identity())], feed=PROPOSED)
        asked = _asked(placement)
        entry.about([one.child for one in asked])
        if asked:
            _ask(proposal_id, child, asked, receipt=entry.receipt)
        services.settle_proposal(proposal_id, nearest=asked[0].child if asked else None, receipt=entry.receipt)
        return ProposalMatched(receipt=entry.receipt, proposal=proposal_id)


def _asked(placement: Placement) -> tuple[Candidate, ...]:
    """The children a steward is asked about, best first: whom a delivered record would be linked to is only asked about here."""
    if placement.place is Place.LINK and placement.child is not None and placement.score is not None:
        return (Candidate(child=placement.child, score=placement.score, levels=placement.levels),)
    return placement.asked


def _ask(proposal_id: UUID, child: ProposedChild, asked: tuple[Candidate, ...], *, receipt: Receipt) -> None:
    """Hold the proposal as a record that waits, for the authority of the child it is nearest to."""
    best = ChildId(asked[0].child)
    row = RowForReview(
        id=proposal_id,
        record=SourceRecord(feed=PROPOSED, record_id=str(proposal_id), row=1, identity=child.identity()),
        content=proposal_id.bytes,  # given once, so that its id says whether it is the same
        asked=asked,
        authority=children.summaries([best], receipt=receipt)[best].responsible_authority,
        keys=waiting_keys(child.identity()),
    )
    holding.ask([row], delivery=proposal_id, receipt=receipt)
    unsure = [
        KeptJudgement(record=proposal_id, child=one.child, verdict=Verdict.UNSURE, score=one.score, levels=one.levels)
        for one in asked
    ]
    matching.keep(unsure, delivery=None, receipt=receipt)
