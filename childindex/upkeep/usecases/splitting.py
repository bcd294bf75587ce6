"""One entry that holds two children: prepared, proposed, confirmed by somebody else; then whoever saw it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event, Receipt
from childindex.children import merging as entries
from childindex.kernel.numbers import spaced_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joining import kept, rules, showing, writing
from childindex.upkeep.joins import (
    Done,
    EntryShown,
    Ground,
    History,
    Merge,
    NoticeKind,
    NoticeShown,
    NoticeState,
    Split,
    SplitShown,
    State,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """What a split of one entry could move: `fixed` goes by itself, `open` and `lines` somebody chooses."""

    shown: EntryShown
    back: Merge | None
    fixed: frozenset[UUID]
    open: frozenset[UUID]
    lines: frozenset[UUID]


def _offer(child: UUID, *, undo: bool, receipt: Receipt) -> _Offer:
    """With a merge to undo: what came since. Without one, or where the choice is to leave it: any record or declared line."""
    shown = showing.entry(child, words=showing.Words(), receipt=receipt)
    back = kept.standing(child) if undo else None
    moved = kept.moved(back.id) if back is not None else {}
    records = {one.id for one in shown.records}
    lines = {one.id for one in shown.lines if one.declared}
    return _Offer(
        shown=shown,
        back=back,
        fixed=frozenset(records & set(moved.get("record", ()))),
        open=frozenset(records - set(moved.get("record", ()))),
        lines=frozenset(lines - set(moved.get("line", ()))),
    )


def prepare_split(*, actor: Actor, index_number: str, at: datetime) -> History:
    """One open entry, its merges and splits, and what a split could move, for a steward of its authority (R 4.19).

    Recorded: the child. Refused without CHILD_ENTRY_MERGE; (NOT_FOUND) for an entry that is not open, alike for absent,
    shielded and sealed; (NOT_YOURS) for another authority's.
    """
    with audit.entry(Event.ENTRIES_SPLIT_PREPARED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        child = showing.open_child(index_number)
        rules.check_decides(showing.authority_of(child, receipt=entry.receipt), steward_of=actor.authority)
        offer = _offer(child, undo=True, receipt=entry.receipt)
        entry.about([child])
        past = showing.lines(kept.merges_about([child]), kept.splits_about([child]), actor=actor)
        return History(
            receipt=entry.receipt,
            entry=offer.shown,
            past=past,
            back=offer.back.id if offer.back is not None else None,
            fixed=tuple(one for one in offer.shown.records if one.id in offer.fixed),
            open=tuple(one for one in offer.shown.records if one.id in offer.open),
            lines=tuple(one for one in offer.shown.lines if one.id in offer.lines),
        )


def propose_split(
    *,
    actor: Actor,
    index_number: str,
    undo: bool,
    records: Sequence[UUID],
    lines: Sequence[UUID],
    ground: Ground,
    at: datetime,
) -> Done:
    """Propose that an entry is split; somebody else has to confirm it (R 4.19; T24).

    `undo` takes back the last merge that stands: what it moved goes back, and of what came since the chosen records and
    declared lines go with it. Otherwise the chosen records go to a new entry. Recorded: the child. Refused as `prepare_split`;
    (CONFIRM_AGAIN) without a fresh second factor; (NOT_ACCEPTED) for a choice the page did not offer, for nothing, for everything, and where a split of it waits already.
    """
    with audit.entry(Event.ENTRIES_SPLIT_PROPOSED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at, confirmed=True)
        child = showing.open_child(index_number)
        authority = showing.authority_of(child, receipt=entry.receipt)
        rules.check_decides(authority, steward_of=actor.authority)
        offer = _offer(child, undo=undo, receipt=entry.receipt)
        if undo and offer.back is None:
            raise Denied(Refusal.NOT_ACCEPTED, "no_merge")
        rules.check_movable(records, offered=offer.open, staying=len(offer.open), needed=not undo)
        if not set(lines) <= offer.lines:
            raise Denied(Refusal.NOT_ACCEPTED, "lines")
        entry.about([child])
        split = writing.propose_split(
            child,
            merge=offer.back,
            authority=authority,
            ground=ground,
            records=sorted(set(records)),
            lines=sorted(set(lines)),
            by=actor.ref.person,
            receipt=entry.receipt,
        )
        entry.note(split=str(split), ground=ground.value, records=len(set(records)))
        return Done(receipt=entry.receipt, id=split, state=State.PROPOSED)


def answer_split(*, actor: Actor, split_id: UUID, answer: State, at: datetime) -> Done:
    """Confirm or decline a split that is proposed; what is confirmed the worker carries out.

    Recorded: the child and the answer. Refused as `merging.answer_merge`; nobody objects to a split: both children are better
    off apart than mixed.
    """
    with audit.entry(Event.ENTRIES_SPLIT_ANSWERED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at, confirmed=True)
        split = _split(split_id, entry)
        rules.check_decides(split.authority, steward_of=actor.authority)
        if answer is State.CONFIRMED:
            rules.check_second(split.proposed_by, by=actor.ref.person)
        if answer not in {State.CONFIRMED, State.DECLINED}:
            raise Denied(Refusal.NOT_ACCEPTED, "state")
        rules.check_move(split.state, answer)
        writing.answer_split(split, answer, by=actor.ref.person, receipt=entry.receipt)
        entry.note(split=str(split_id), answer=answer.value)
        return Done(receipt=entry.receipt, id=split_id, state=answer)


def view_split(*, actor: Actor, split_id: UUID, at: datetime) -> SplitShown:
    """One split: what it moves while it waits; who saw the mixed entry and the notices once it is done (R 4.19; N 18).

    Recorded: the child, and the other one once there is one. Refused without CHILD_ENTRY_MERGE; (NOT_FOUND) for one that is not
    there or whose entry is not open; (NOT_YOURS) for another authority's.
    """
    with audit.entry(Event.ENTRIES_SPLIT_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        split = _split(split_id, entry)
        rules.check_decides(split.authority, steward_of=actor.authority)
        lines = showing.lines([], [split], actor=actor)
        if not lines:
            raise Denied(Refusal.NOT_FOUND)
        words = showing.Words()
        waits = split.state in {State.PROPOSED, State.CONFIRMED}
        moving = {*split.records, *(kept.moved(split.merge)["record"] if split.merge is not None else ())}
        whole = showing.entry(split.mixed, words=words, receipt=entry.receipt).records if waits else ()
        return SplitShown(
            receipt=entry.receipt,
            line=lines[0],
            records=tuple(one for one in whole if one.id in moving),
            mixed_since=split.mixed_since,
            done_at=split.done_at,
            saw=showing.saw(kept.sightings(split_id), words),
            notices=showing.notice_lines(split_id, words),
        )


def _split(split_id: UUID, entry: Entry) -> Split:
    """A split whose entry is open still; the entry of the ledger takes on its children."""
    split = kept.split(split_id)
    if split is None:
        raise Denied(Refusal.NOT_FOUND)
    showing.authority_of(split.mixed, receipt=entry.receipt)
    entry.about([split.mixed, split.restored] if split.state is State.DONE else [split.mixed])
    return split


def view_notice(*, actor: Actor, notice_id: UUID, at: datetime) -> NoticeShown:
    """One notice to read, approve, print and send, made of codes (R 1.28; N 18).

    A family's names their own child alone. Recorded: the children. Refused as `view_split`.
    """
    with audit.entry(Event.NOTICE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        notice, split = _notice(notice_id, entry, actor=actor)
        if split.mixed_since is None or split.done_at is None:
            raise Denied(Refusal.NOT_FOUND)
        numbers = entries.number_of([split.mixed, split.restored] if notice.child is None else [notice.child])
        if len(numbers) < (2 if notice.child is None else 1):
            raise Denied(Refusal.NOT_FOUND)
        spaced = tuple(spaced_index_number(number) for _, number in sorted(numbers.items()))
        names = showing.Words().organisations
        return NoticeShown(
            receipt=entry.receipt,
            id=notice.id,
            split=split.id,
            kind=notice.kind,
            code=notice.code,
            state=notice.state,
            to=spaced[0] if notice.kind is NoticeKind.FAMILY else names.get(notice.organisation, notice.organisation),
            numbers=spaced,
            people=showing.people_who_looked(split.id, notice.organisation) if notice.child is None else (),
            mixed_since=split.mixed_since,
            done_at=split.done_at,
        )


def move_notice(*, actor: Actor, notice_id: UUID, to: NoticeState, at: datetime) -> Done:
    """Approve a drafted notice, or say that an approved one was sent. The index sends nothing itself.

    Recorded: the children and the new state. Refused as `view_split`; (NOT_ACCEPTED, "state") for any other move.
    """
    with audit.entry(Event.NOTICE_CHANGED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        notice, _ = _notice(notice_id, entry, actor=actor)
        rules.check_notice_move(notice.state, to)
        writing.move_notice(notice_id, to, by=actor.ref.person, receipt=entry.receipt)
        entry.note(notice=str(notice_id), state=to.value)
        return Done(receipt=entry.receipt, id=notice_id, state=to)


def _notice(notice_id: UUID, entry: Entry, *, actor: Actor) -> tuple[kept.KeptNotice, Split]:
    """A notice and its split, if they are of one's own authority."""
    notice = kept.notice(notice_id)
    if notice is None:
        raise Denied(Refusal.NOT_FOUND)
    split = _split(notice.split, entry)
    rules.check_decides(split.authority, steward_of=actor.authority)
    return notice, split
