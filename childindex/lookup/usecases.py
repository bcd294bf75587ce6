"""What a practitioner does to find a child: search, read the results, open one of them, read the child's page."""

from __future__ import annotations

from datetime import datetime

from childindex.access import limits
from childindex.access import services as access
from childindex.access.types import Actor, Looked, Permission, SuspendedBecause
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event
from childindex.cases import selectors as visits
from childindex.cases import services as visiting
from childindex.cases.types import CaseCode
from childindex.kernel.identity import ChildId
from childindex.kernel.people import Reason
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import policies, selectors
from childindex.lookup.types import ChildView, Opening, Results, SearchAnswer, SearchTerms


def search(*, actor: Actor, terms: SearchTerms, reason: Reason, at: datetime) -> SearchAnswer:
    """Look for a child and keep what was found, at an address for this sitting and a quarter of an hour.

    Written down with the reason, the terms sealed, also when nothing is found; the children are written down when the
    results are shown. Refused to actors without CHILD_SEARCH_MAKE, (LIMIT_REACHED) beyond two searches a second or thirty in
    ten minutes, whatever they find, and (TOO_FEW_FACTS) for terms that point to a crowd (R 2.20-2.23; T03).
    Shielded children are found by their visible fields only, sealed ones not at all (R 3.06).
    """
    with audit.entry(Event.CHILDREN_SEARCHED, actor=actor.ref, reason=reason, at=at) as entry:
        entry.searched_for(terms.typed())
        access.require(actor, Permission.CHILD_SEARCH_MAKE, at=at)
        limits.spend_search(entry, actor=actor, at=at)
        policies.check_reason(reason)
        policies.check_terms(terms)
        found, too_many = policies.shortlist(selectors.weigh(terms))
        token = visiting.keep_results(found, too_many=too_many, reason=reason, actor=actor, receipt=entry.receipt)
        if not too_many:
            visiting.note_search(actor=actor, receipt=entry.receipt)
        return SearchAnswer(receipt=entry.receipt, token=token)


def results(*, actor: Actor, token: str, at: datetime) -> Results:
    """Show what a search found: at most ten candidates, or that there are too many, never how many (R 2.23).

    Written down with the reason of the search and every child shown. Refused to actors without CHILD_SEARCH_MAKE,
    (LIMIT_REACHED) beyond 600 children in an hour, and (ADDRESS_EXPIRED) for an
    address that is unknown, over, or another sitting's. A child who was sealed since the search is not among them.
    """
    with audit.entry(Event.CHILDREN_LISTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SEARCH_MAKE, at=at)
        stored = visits.results(token, actor=actor, receipt=entry.receipt, at=at)
        entry.reason = stored.reason
        candidates = selectors.candidates(stored, actor=actor)
        limits.spend_listing(len(candidates), actor=actor, at=at)
        entry.about(stored.children[candidate.position - 1] for candidate in candidates)
        return Results(receipt=entry.receipt, token=token, candidates=candidates, too_many=stored.too_many)


def open_child(*, actor: Actor, token: str, position: int, reason: Reason | None = None, at: datetime) -> Opening:
    """Open the page of one child among the results, for the reason given now, else for the one given before.

    The reason of the search goes for the first child opened from it; the reason of an earlier visit to the same child
    goes on for eight hours. For any other child it must be given again: refused (REASON_NEEDED, with the code of the
    search's reason) when it is not (R 2.20). Refused to actors without CHILD_ENTRY_VIEW, (ADDRESS_EXPIRED) for results that are
    not this sitting's, (OWN_HOUSEHOLD) for a child of their own household (R 7.07), and (LIMIT_REACHED) beyond 60 children in an
    hour. A name in common and another area are noted (T05). Whoever opens the 200th in a day is suspended with it, and a review of
    their use opened (T03); so is one of the same case reference given for the fiftieth child in a row (T02).
    """
    with audit.entry(Event.CHILD_OPENED, actor=actor.ref, reason=reason, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_VIEW, at=at)
        stored = visits.results(token, actor=actor, receipt=entry.receipt, at=at)
        child_id = ChildId(policies.child_at(stored, position))
        kept = None
        if reason is not None:
            policies.check_reason(reason)
        if reason is None and policies.carries_over(stored, child_id):
            reason = stored.reason
        elif reason is None:
            kept = visits.kept_visit(child_id, actor=actor, receipt=entry.receipt, at=at)
            reason = kept.reason if kept is not None else None
        if reason is None:
            raise Denied(Refusal.REASON_NEEDED, stored.reason.code.value)
        entry.reason = reason
        entry.about([child_id])
        seen = selectors.seen_at_opening(child_id, actor=actor, receipt=entry.receipt)
        if seen:
            entry.note(seen=list(seen))
        looked = limits.spend_opening(child_id, reason=reason, actor=actor, at=at)
        _mind(looked, actor=actor, entry=entry, at=at)
        handle = visiting.open_visit(child_id, reason, actor=actor, kept=kept, receipt=entry.receipt)
        visiting.use_reason(token, child_id, receipt=entry.receipt)
        return Opening(receipt=entry.receipt, handle=handle)


def turn_back(*, actor: Actor, opening: bool, at: datetime) -> None:
    """Write down that somebody wanted to search, or with `opening` to open a child's page, and gave no reason from the list (T02)."""
    event = Event.CHILD_OPENED if opening else Event.CHILDREN_SEARCHED
    audit.refused(event, actor=actor.ref, at=at, denied=Denied(Refusal.REASON_NEEDED))


def _mind(looked: Looked, *, actor: Actor, entry: Entry, at: datetime) -> None:
    """Do what follows from how much somebody has opened, in the transaction of the opening itself."""
    codes = []
    if looked.at_the_end:
        access.suspend(
            actor.ref.person, because=SuspendedBecause.CHILDREN_OPENED, by=None, receipt=entry.receipt, at=at
        )
        codes.append(CaseCode.CHILDREN_OPENED)
    if looked.organisation_at_the_end:
        codes.append(CaseCode.ORGANISATION_OPENED)
    if policies.is_repeated(looked.reference_children):
        codes.append(CaseCode.REFERENCE_REPEATED)
    for code in codes:
        visiting.review_use(code, actor=actor, receipt=entry.receipt)
    if codes:
        entry.note(reviews=[code.value for code in codes])


def view_child(*, actor: Actor, handle: str, at: datetime) -> ChildView:
    """Show who works with a child and how to reach them; of a shielded child four fields and no more (R 3.03).

    Written down with the reason the page was opened for. Refused to actors without CHILD_ENTRY_VIEW; (ADDRESS_EXPIRED)
    for an address that is unknown, over, or another sitting's; (NOT_FOUND) for a child who is no longer there: a page
    shows the two alike.
    """
    with audit.entry(Event.CHILD_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_VIEW, at=at)
        visit = visits.visit(handle, actor=actor, receipt=entry.receipt, at=at)
        entry.reason = visit.reason
        view = selectors.child_view(visit, actor=actor, at=at)
        entry.about([visit.child_id])
        return view


def forget_expired(*, actor: Actor, at: datetime) -> int:
    """Delete results and visits that are over, so that nothing says for longer than it must who looked for whom; and what
    no limit looks back to.

    The worker's part, every quarter of an hour. Recorded: how many. Refused without INDEX_TRACES_FORGET.
    """
    with audit.entry(Event.LOOKUPS_FORGOTTEN, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_TRACES_FORGET, at=at)
        forgotten = visiting.forget_expired(receipt=entry.receipt) + limits.forget_uses(at=at)
        entry.note(forgotten=forgotten)
        return forgotten
