"""A child nobody could find: proposed by a practitioner, compared by the worker, confirmed by a steward."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.cases import selectors as cases
from childindex.children import selectors as children
from childindex.directory import selectors as directory
from childindex.kernel.dates import day_in_england
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching.engine.decide import Outcome as Advice
from childindex.matching.engine.decide import decide
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate, score
from childindex.upkeep import policies, selectors, services
from childindex.upkeep.types import ProposalMatched, Proposed, ProposedChild

_MOST_COMPARED = 120


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
    """Compare a proposal with the open children, for the steward who will confirm it; the worker's part.

    Protected children are left out: a proposal near one looks to the steward as one near nobody (T09), and the guard is
    asked before anything is applied. Refused to actors without INDEX_BATCH_MATCH, and (NOT_FOUND) for a proposal that is
    not there or has been compared: a job that runs twice changes nothing.
    """
    with audit.entry(Event.CHILD_PROPOSAL_MATCHED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_BATCH_MATCH, at=at)
        child = selectors.waiting(proposal_id)
        if child is None:
            raise Denied(Refusal.NOT_FOUND)
        nearest = _nearest(child)
        entry.about([nearest] if nearest is not None else [])
        services.settle_proposal(proposal_id, nearest=nearest, receipt=entry.receipt)
        return ProposalMatched(receipt=entry.receipt, proposal=proposal_id)


def _nearest(child: ProposedChild) -> UUID | None:
    """The open child a proposal may be, by the same model and thresholds as any delivered row; None for a new one."""
    query = standardise(child.identity())
    values = [key.value for key in search_keys(query)]
    held = children.candidates(values, open_only=True, limit=_MOST_COMPARED) if values else []
    model = load_model()
    compared = [Candidate(key=one.id, records=tuple(standardise(who) for who in one.identities)) for one in held]
    decision = decide(model, score(model, query, compared))
    if decision.outcome is Advice.NEW:
        return None
    best = decision.key if decision.outcome is Advice.LINK else decision.asks[0]
    return next(one.id for one in held if one.id == best)
