"""The worker's part of merging and splitting: doing what two people have decided."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.children import services as children
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joining import carrying, kept
from childindex.upkeep.joins import Done, State


def carry_out_merge(*, actor: Actor, merge_id: UUID, at: datetime) -> Done:
    """Make two entries one, in one transaction with its ledger entry: records, involvements, decisions, keys, numbers (R 4.15).

    Recorded: both children, the merge, how many records moved. Refused without INDEX_ENTRIES_JOIN, and (NOT_FOUND) for what
    is not confirmed: a job that runs twice changes nothing. Where an entry is not open any more the merge is dropped, and the
    ledger has that.
    """
    with audit.entry(Event.ENTRIES_MERGED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_ENTRIES_JOIN, at=at)
        children.take_turns(receipt=entry.receipt)
        what = kept.merge(merge_id)
        if what is None or what.state is not State.CONFIRMED:
            raise Denied(Refusal.NOT_FOUND)
        entry.about([what.kept, what.merged])
        records = carrying.merge(what, receipt=entry.receipt)
        entry.note(merge=str(merge_id), dropped=records is None, records=records or 0)
        if records is None:
            carrying.drop_merge(merge_id)
        return Done(receipt=entry.receipt, id=merge_id, state=State.DONE if records is not None else State.DROPPED)


def carry_out_split(*, actor: Actor, split_id: UUID, at: datetime) -> Done:
    """Make one entry two again, list from the ledger who saw the mixed one and draft the notices (R 4.19; N 18).

    Recorded: both children, the split, how many records moved, times it was seen and notices. Refused and dropped as
    `carry_out_merge`.
    """
    with audit.entry(Event.ENTRIES_PARTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_ENTRIES_JOIN, at=at)
        children.take_turns(receipt=entry.receipt)
        what = kept.split(split_id)
        if what is None or what.state is not State.CONFIRMED:
            raise Denied(Refusal.NOT_FOUND)
        entry.about([what.mixed, what.restored])
        done = carrying.split(what, receipt=entry.receipt)
        entry.note(split=str(split_id), dropped=done is None)
        if done is None:
            carrying.drop_split(split_id)
        else:
            entry.note(records=done.records, saw=done.saw, notices=done.notices)
        return Done(receipt=entry.receipt, id=split_id, state=State.DONE if done is not None else State.DROPPED)
