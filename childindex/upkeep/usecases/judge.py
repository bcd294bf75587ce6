"""A data steward decides whether a record that waits is one of the children it may belong to (R 4.20)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event
from childindex.children import selectors as children
from childindex.directory import selectors as directory
from childindex.involvement import selectors as involvements
from childindex.kernel.dates import start_of_day_in_england
from childindex.kernel.identity import ChildId
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import judging, reviews
from childindex.matching.types import Answer, Progress, ShownRecord, Verdict, Waiting, Weighed
from childindex.upkeep import policies, selectors
from childindex.upkeep.types import PairDecided, PairShown, QueueLine, QueueShown


def queue(*, actor: Actor, at: datetime) -> QueueShown:
    """What waits for the stewards of one's own authority, oldest first. It names nobody: whom a pair is about is on its page.

    Recorded: how many. Refused without MATCHING_REVIEW_VIEW.
    """
    with audit.entry(Event.MATCH_QUEUE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_VIEW, at=at)
        waiting = reviews.queue(actor.authority, receipt=entry.receipt)
        so_far = _progress(actor, at=at)
        entry.note(waiting=len(waiting))
        return QueueShown(
            receipt=entry.receipt,
            lines=tuple(
                QueueLine(
                    review=one.id,
                    supplier=_supplier(one.feed),
                    opened_at=one.opened_at,
                    children=len(one.candidates),
                    second=one.answered_by is not None,
                    mine=one.answered_by == actor.ref.account_id,
                )
                for one in waiting
            ),
            done=so_far.done,
            left=so_far.left,
            next=so_far.next,
        )


def show(*, actor: Actor, review_id: UUID, at: datetime) -> PairShown:
    """One record beside the children it may belong to, and beside those who may be their twins.

    Recorded: every child shown, and the review. Refused without MATCHING_REVIEW_VIEW, and (NOT_FOUND) alike for another
    authority's, for one that is decided, and for one that never was.
    """
    with audit.entry(Event.MATCH_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_VIEW, at=at)
        review, record, weighed = _pair(entry, actor, review_id)
        those = [one.candidate.child for one in weighed]
        beside = reviews.neighbours(record.identity, those)
        entry.about([*those, *beside])
        named = children.summaries([*those, *beside], receipt=entry.receipt)
        held = children.records_of(those, receipt=entry.receipt)
        sources = {child: [one.identity for one in held if one.child == child] for child in those}
        so_far = _progress(actor, at=at)
        answered = review.answered_by is not None
        return PairShown(
            receipt=entry.receipt,
            review=review.id,
            supplier=_supplier(review.feed),
            opened_at=review.opened_at,
            model_version=review.model_version,
            name=f"{record.identity.given_name} {record.identity.family_name}".strip(),
            facts=selectors.side_by_side(
                record.identity, [(one.candidate.levels, sources[one.candidate.child]) for one in weighed]
            ),
            candidates=tuple(
                selectors.named_child(named[ChildId(one.candidate.child)], weighed=one) for one in weighed
            ),
            neighbours=tuple(selectors.named_child(named[ChildId(child)]) for child in beside),
            answer=(review.verdict, review.chosen, review.reason) if answered else None,
            mine=answered and review.answered_by == actor.ref.account_id,
            done=so_far.done,
            left=so_far.left,
        )


def _supplier(feed: str) -> str:
    """Who a feed comes from; its own name where it has left the register."""
    known = directory.feed(feed)
    return known.supplier if known is not None else feed


def decide(*, actor: Actor, review_id: UUID, answer: Answer, at: datetime) -> PairDecided:
    """Keep one's decision: linked to a child that was shown, not linked to any of them, or unsure, which puts it back.

    Decided, the worker is asked to apply it; where it takes two people nothing happens before a second confirms. Recorded:
    the children decided about, the verdict and reason. Refused without MATCHING_REVIEW_DECIDE; (NOT_FOUND) for a pair that is
    not open to one's authority; (NOT_YOURS) for one that somebody has answered and a second must confirm; (NOT_ACCEPTED) for
    a link to a child that was not shown.
    """
    with audit.entry(Event.MATCH_DECIDED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_DECIDE, at=at)
        review, record, weighed = _pair(entry, actor, review_id, lock=True)
        if review.answered_by is not None:
            raise Denied(Refusal.NOT_YOURS, "answered")
        those = [one.candidate.child for one in weighed]
        policies.check_answer(answer, shown=those)
        unsure = answer.verdict is Verdict.UNSURE
        second = not unsure and _takes_two(entry, record, weighed)
        entry.about(those)
        entry.note(verdict=answer.verdict.value, because=answer.because.value, second_needed=second)
        judging.answer(
            review,
            answer,
            [one.candidate for one in weighed],
            second_needed=second,
            by=actor.ref.person,
            receipt=entry.receipt,
        )
        return PairDecided(receipt=entry.receipt, second=second, next=_progress(actor, at=at).next)


def confirm(*, actor: Actor, review_id: UUID, agree: bool, at: datetime) -> PairDecided:
    """A second steward's word on a decision that takes two: agreed, it is applied; not agreed, the pair is decided afresh.

    Recorded: the children decided about, and whether it was agreed. Refused without MATCHING_REVIEW_DECIDE; (NOT_FOUND) as
    above; (NOT_YOURS) to whoever gave the first answer, and where there is none.
    """
    with audit.entry(Event.MATCH_DECIDED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_DECIDE, at=at)
        review, _, weighed = _pair(entry, actor, review_id, lock=True)
        policies.check_second(review.answered_by, by=actor.ref.account_id)
        entry.about([one.candidate.child for one in weighed])
        entry.note(verdict=review.verdict, agreed=agree)
        keep = judging.confirm if agree else judging.reject
        keep(review, [one.candidate for one in weighed], by=actor.ref.person, receipt=entry.receipt)
        return PairDecided(receipt=entry.receipt, second=False, next=_progress(actor, at=at).next)


def _pair(
    entry: Entry, actor: Actor, review_id: UUID, *, lock: bool = False
) -> tuple[Waiting, ShownRecord, list[Weighed]]:
    """An open review of the actor's authority, its record, and those of its children who are still open, weighed now."""
    entry.note(review=str(review_id))
    review = reviews.open_review(review_id, authority=actor.authority, receipt=entry.receipt, lock=lock)
    if review is None:
        raise Denied(Refusal.NOT_FOUND, "review")
    record = reviews.shown(review.record, receipt=entry.receipt)
    return review, record, reviews.weigh(record.identity, review.candidates)


def _takes_two(entry: Entry, record: ShownRecord, weighed: Sequence[Weighed]) -> bool:
    lines = [line for one in weighed for line in involvements.of_child(one.candidate.child, receipt=entry.receipt)]
    return policies.needs_second(
        [one.candidate.levels for one in weighed],
        sensitive=record.sensitive or any(line.sensitive for line in lines),
    )


def _progress(actor: Actor, *, at: datetime) -> Progress:
    return reviews.progress(actor.authority, by=actor.ref.person, since=start_of_day_in_england(at))
