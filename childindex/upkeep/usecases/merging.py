"""Two entries of one child: compared, proposed, confirmed by somebody else, objected to. The worker carries it out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joining import kept, rules, showing, writing
from childindex.upkeep.joins import Done, Ground, Merge, MergeShown, Pair, State, Worklist


def compare(*, actor: Actor, keep: str, other: str, at: datetime) -> Pair:
    """Two open entries side by side, by index number, for a steward of an authority of one of them (R 4.20).

    Recorded: both children. Refused without CHILD_ENTRY_MERGE; (NOT_FOUND) unless both are open, alike for absent, shielded
    and sealed; (NOT_ACCEPTED, "same") for one and the same entry; (NOT_YOURS) for entries of other authorities.
    """
    with audit.entry(Event.ENTRIES_COMPARED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        return _pair(entry, showing.open_child(keep), showing.open_child(other), actor=actor)


def propose_merge(*, actor: Actor, keep: str, other: str, ground: Ground, at: datetime) -> Done:
    """Propose that the entry `other` is merged into the entry `keep`; somebody else has to confirm it (R 4.15, 4.20; T24).

    Every merge takes two people, whatever it touches: so nobody can tell from the question whether a sensitive service is
    near. The steward of the kept entry's authority decides; the other authority's may object. Recorded: both children.
    Refused as `compare`; (CONFIRM_AGAIN) without a fresh second factor; (NOT_YOURS) for anybody but a steward of the kept
    entry's authority; (NOT_ACCEPTED, "waiting") where the other entry is proposed for a merge already.
    """
    with audit.entry(Event.ENTRIES_MERGE_PROPOSED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at, confirmed=True)
        one, two = showing.open_child(keep), showing.open_child(other)
        if one == two:
            raise Denied(Refusal.NOT_ACCEPTED, "same")
        authorities = (
            showing.authority_of(one, receipt=entry.receipt),
            showing.authority_of(two, receipt=entry.receipt),
        )
        rules.check_decides(authorities[0], steward_of=actor.authority)
        entry.about([one, two])
        merge = writing.propose_merge(
            one, two, authorities=authorities, ground=ground, by=actor.ref.person, receipt=entry.receipt
        )
        entry.note(merge=str(merge), ground=ground.value)
        return Done(receipt=entry.receipt, id=merge, state=State.PROPOSED)


def answer_merge(*, actor: Actor, merge_id: UUID, answer: State, at: datetime) -> Done:
    """Confirm, decline or object to a merge that is proposed; what is confirmed the worker carries out.

    Recorded: both children and the answer. Refused without CHILD_ENTRY_MERGE; (CONFIRM_AGAIN) without a fresh second factor;
    (NOT_FOUND) for a merge that is not there or whose entries are not both open any more; (NOT_YOURS) for a steward of another authority, or an objection by the deciding
    one; (NOT_PERMITTED, "second") for a confirmation by whoever proposed it; (NOT_ACCEPTED, "state") where it is over.
    """
    with audit.entry(Event.ENTRIES_MERGE_ANSWERED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at, confirmed=True)
        merge = _waiting(merge_id, entry)
        if answer is State.OBJECTED:
            rules.check_decides(merge.other_authority, steward_of=actor.authority)
            if merge.other_authority == merge.authority:
                raise Denied(Refusal.NOT_YOURS)
        else:
            rules.check_decides(merge.authority, steward_of=actor.authority)
        if answer is State.CONFIRMED:
            rules.check_second(merge.proposed_by, by=actor.ref.person)
        rules.check_move(merge.state, answer)
        if answer not in {State.CONFIRMED, State.DECLINED, State.OBJECTED}:
            raise Denied(Refusal.NOT_ACCEPTED, "state")
        entry.about([merge.kept, merge.merged])
        writing.answer_merge(merge, answer, by=actor.ref.person, receipt=entry.receipt)
        entry.note(merge=str(merge_id), answer=answer.value)
        return Done(receipt=entry.receipt, id=merge_id, state=answer)


def _waiting(merge_id: UUID, entry: Entry) -> Merge:
    """A merge whose entries are both open still."""
    merge = kept.merge(merge_id)
    if merge is None:
        raise Denied(Refusal.NOT_FOUND)
    if merge.state is State.PROPOSED:
        for child in (merge.kept, merge.merged):
            showing.authority_of(child, receipt=entry.receipt)
    return merge


def worklist(*, actor: Actor, at: datetime) -> Worklist:
    """The merges and splits of one's own authority: those that wait, then what was done lately (R 4.20).

    Recorded: that it was looked at; it names no child but by index number, and those are in the entry. Refused without
    CHILD_ENTRY_MERGE.
    """
    with audit.entry(Event.ENTRIES_LISTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        merges, splits = kept.merges_of(actor.authority), kept.splits_of(actor.authority)
        lines = showing.lines(merges, splits, actor=actor)
        shown = {line.id for line in lines}
        entry.about(one for merge in merges if merge.id in shown for one in (merge.kept, merge.merged))
        entry.about(one for split in splits if split.id in shown for one in (split.mixed, split.restored))
        return Worklist(receipt=entry.receipt, lines=lines)


def view_merge(*, actor: Actor, merge_id: UUID, at: datetime) -> MergeShown:
    """One merge, with both entries side by side while it waits.

    Recorded: both children. Refused without CHILD_ENTRY_MERGE; (NOT_FOUND) for one that is not there or whose entries are not
    open; (NOT_YOURS) for a steward of another authority.
    """
    with audit.entry(Event.ENTRIES_MERGE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_ENTRY_MERGE, at=at)
        merge = _waiting(merge_id, entry)
        rules.check_concerns({merge.authority, merge.other_authority}, steward_of=actor.authority)
        lines = showing.lines([merge], [], actor=actor)
        if not lines:
            raise Denied(Refusal.NOT_FOUND)
        waits = merge.state is State.PROPOSED
        pair = _pair(entry, merge.kept, merge.merged, actor=actor) if waits else None
        entry.about([merge.kept, merge.merged])
        return MergeShown(receipt=entry.receipt, line=lines[0], pair=pair)


def _pair(entry: Entry, one: UUID, other: UUID, *, actor: Actor) -> Pair:
    """The two entries; the entry of the ledger takes on both children."""
    found = showing.pair(one, other, receipt=entry.receipt)
    authorities = [showing.authority_of(child, receipt=entry.receipt) for child in (one, other)]
    rules.check_concerns(authorities, steward_of=actor.authority)
    entry.about([one, other])
    return found
