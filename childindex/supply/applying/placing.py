"""What becomes of each record of a sorted batch: nothing, new values, a child, a new child, a person, or the guard."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from childindex.children import selectors as entries
from childindex.children import services as children
from childindex.children.types import KnownRecord, NewChild
from childindex.involvement import selectors as involved
from childindex.involvement import services as involvement
from childindex.kernel.identity import ChildId, Identity, SourceRecord
from childindex.matching import holding, nearness
from childindex.matching import services as matching
from childindex.matching.types import Incoming, KeptJudgement, Place, Placement, RowForReview, Verdict
from childindex.shielding import selectors as guarded
from childindex.shielding import services as guard
from childindex.shielding.types import RowToHold
from childindex.supply.applying.batch import Context, Line, Sorted, Tally
from childindex.supply.applying.content import current, same_person, succeeded, withdrawn
from childindex.supply.applying.writing import rekey, shield_marked, stored, write_involvements


def shield_known(marked: Sequence[SourceRecord], context: Context, tally: Tally) -> None:
    """Shield the children whose records are marked and who are still open, whatever else the rows say (R 3.23)."""
    if not marked:
        return
    known = entries.known(context.feed.name, [record.record_id for record in marked])
    shield_marked([one.child for one in known.values()], tally, receipt=context.receipt)


def note_unchanged(found: Sorted, context: Context, tally: Tally) -> None:
    """Records given again as they were now speak for the delivery's day; they change nothing else."""
    involvement.still_given(context.feed.name, found.same, on=context.delivery.as_at, receipt=context.receipt)
    guard.still_given(found.same_in_guard, as_of=context.delivery.as_at, receipt=context.receipt)
    tally.unchanged += found.unchanged


def withdraw(record_ids: Sequence[str], context: Context, tally: Tally) -> None:
    """Records their supplier no longer holds: involvements end, values stay as last known, nothing is opened."""
    if not record_ids:
        return
    feed, on, receipt = context.feed.name, context.delivery.as_at, context.receipt
    rows = guarded.known(feed, record_ids)
    touched = children.withdraw(feed, record_ids, on=on, receipt=receipt)
    tally.ended += involvement.end_all(feed, [one for one in record_ids if one not in rows], on=on, receipt=receipt)
    # A held row's record may still be open; what its supplier last said is in the guard, and is counted there alone.
    involvement.end_all(feed, list(rows), on=on, receipt=receipt)
    involvement.settle_leads(touched, receipt=receipt)
    children.refresh(touched, receipt=receipt)
    delivered = guarded.delivered([row.id for row in rows.values()])
    held = [
        RowToHold(
            id=row.id,
            child=row.child,
            near=row.near,
            digest=row.digest,
            record=withdrawn(delivered[row.id].record, on=on),
            earlier=delivered[row.id].earlier,
        )
        for row in rows.values()
    ]
    tally.ended += sum(len(current(delivered[row.id].record.involvements)) for row in rows.values() if not row.removed)
    guard.hold(held, as_of=on, receipt=receipt)
    guard.withdraw(feed, record_ids, on=on, receipt=receipt)
    holding.release(feed, record_ids, receipt=receipt)
    tally.removed += len(record_ids)


def update(found: Sorted, context: Context, tally: Tally) -> None:
    """Newer values of records that have a child. One that has come near a protected child is held instead (R 3.19)."""
    if not found.changed:
        return
    near = _newly_near(found.changed, context)
    free = [(line, known.child) for line, known in found.changed if line.id not in near]
    children.put_records([stored(line, child, context) for line, child in free], receipt=context.receipt)
    touched = sorted({child for _, child in free})
    rekey(touched, receipt=context.receipt)
    write_involvements(free, context, tally, known=True)
    involvement.settle_leads(touched, receipt=context.receipt)
    children.refresh(touched, receipt=context.receipt)
    _hold_known([(line, near[line.id]) for line, _ in found.changed if line.id in near], context, tally)
    tally.updated += len(found.changed)


def _newly_near(changed: Sequence[tuple[Line, KnownRecord]], context: Context) -> dict[UUID, tuple[UUID, ...]]:
    """The changed records that come near protected children, and which, and not only as they did before.

    A twin beside a protected child was as near already when somebody decided who is protected: as long as names, birth date,
    sex and numbers stay, and no other protected child comes near, the twin's entry goes on. Anything else is held, and so is what
    brings near the whole entry it belongs to.
    """
    rows = [Incoming(id=line.id, identity=line.record.identity, apart=context.apart) for line, _ in changed]
    near, brought = nearness.near_or_brought(rows, {line.id: known.child for line, known in changed})
    if not near:
        return brought
    owners = sorted({known.child for line, known in changed if line.id in near})
    kept = {one.id: one.identity for one in entries.records_of(owners, receipt=context.receipt) if one.id in near}
    before = nearness.near_protected([Incoming(id=line, identity=identity) for line, identity in kept.items()])
    was_near = {
        line.id
        for line, _ in changed
        if line.id in near
        and same_person(kept[line.id], line.record.identity)
        and set(near[line.id]) <= set(before.get(line.id, ()))
    }
    return {line: those for line, those in near.items() if line not in was_near} | brought


def update_guarded(found: Sorted, context: Context, tally: Tally) -> None:
    """Newer content of rows the guard holds: kept there, and counted as any other update."""
    if not found.changed_in_guard:
        return
    before = guarded.delivered([row.id for _, row in found.changed_in_guard])
    rows: list[RowToHold] = []
    said: dict[UUID, list[Identity]] = {}
    for line, row in found.changed_in_guard:
        was = before[row.id]
        record = succeeded(was.record, line.record, whole=context.whole(line.record), on=context.delivery.as_at)
        _count_changes(was.record, record, tally)
        rows.append(
            RowToHold(
                id=row.id,
                child=row.child,
                near=row.near,
                record=record,
                digest=guard.digest(line.content),
                earlier=was.earlier_than(record.identity),
            )
        )
        if row.child is not None and record.identity not in {was.record.identity, *was.earlier}:
            said.setdefault(row.child, []).append(record.identity)
    guard.hold(rows, as_of=context.delivery.as_at, receipt=context.receipt)
    involvement.guard_learns(said, receipt=context.receipt)
    tally.updated += len(rows)


def learn_older(found: Sorted, context: Context) -> None:
    """What came too late to change a guarded row still says who the child was: an old name is as near as a new one (R 3.20)."""
    if not found.older_in_guard:
        return
    before = guarded.delivered([row.id for _, row in found.older_in_guard])
    said: dict[UUID, list[Identity]] = {}
    for identity, row in found.older_in_guard:
        was = before[row.id]
        if identity in {was.record.identity, *was.earlier}:
            continue
        guard.keep_earlier(row.id, replace(was, earlier=(*was.earlier, identity)), receipt=context.receipt)
        if row.child is not None:
            said.setdefault(row.child, []).append(identity)
    involvement.guard_learns(said, receipt=context.receipt)


def _count_changes(before: SourceRecord, record: SourceRecord, tally: Tally) -> None:
    """Count what a held row starts and ends, as if it stood in the open."""
    was, now = current(before.involvements), current(record.involvements)
    tally.started += len(now - was)
    tally.ended += len(was - now)


def _hold_known(lines: Sequence[tuple[Line, tuple[UUID, ...]]], context: Context, tally: Tally) -> None:
    """Hold newer values of open children's records, unseen; their involvements are counted against those kept so far."""
    if not lines:
        return
    kept = involved.given(context.feed.name, [line.record.record_id for line, _ in lines], receipt=context.receipt)
    rows: list[RowToHold] = []
    for line, near in lines:
        before = replace(line.record, involvements=kept.get(line.record.record_id, ()))
        record = succeeded(before, line.record, whole=context.whole(line.record), on=context.delivery.as_at)
        _count_changes(before, record, tally)
        rows.append(RowToHold(id=line.id, near=near, record=record, digest=guard.digest(line.content)))
    guard.hold(rows, as_of=context.delivery.as_at, receipt=context.receipt)


def _hold(lines: Sequence[tuple[Line, tuple[UUID, ...]]], context: Context, tally: Tally) -> None:
    """Hold new rows near protected children, unseen; their involvements are counted as if they had started."""
    rows = [
        RowToHold(id=line.id, near=near, record=line.record, digest=guard.digest(line.content)) for line, near in lines
    ]
    guard.hold(rows, as_of=context.delivery.as_at, receipt=context.receipt)
    tally.started += sum(len(current(line.record.involvements)) for line, _ in lines)


def place(found: Sorted, context: Context, tally: Tally) -> None:
    """Find a place for records that have none: linked, a new child, a person is asked, or held in the guard."""
    if not found.to_place:
        return
    receipt = context.receipt
    holding.release(context.feed.name, found.to_release, receipt=receipt)
    incoming = [Incoming(id=line.id, identity=line.record.identity, apart=context.apart) for line in found.to_place]
    by_place: dict[Place, list[tuple[Line, Placement]]] = {which: [] for which in Place}
    for line, placement in zip(found.to_place, matching.place(incoming, feed=context.feed.name), strict=True):
        by_place[placement.place].append((line, placement))
    placed = _enter(by_place[Place.NEW], context)
    linked = [(line, placement, _child(placement)) for line, placement in by_place[Place.LINK]]
    _write([*placed, *linked], context, tally)
    touched = sorted({child for _, _, child in linked})
    children.refresh(touched, receipt=receipt)
    _ask(by_place[Place.ASK], context, tally)
    _hold([(line, placement.near) for line, placement in by_place[Place.GUARD]], context, tally)
    matching.keep(_judgements([*placed, *linked], by_place), delivery=context.delivery.id, receipt=receipt)
    marked = [child for line, _, child in (*placed, *linked) if line.record.confidential]
    shield_marked(marked, tally, receipt=receipt)
    # A row held because of a shield is a new one to everybody who is told about it.
    tally.new += len(placed) + len(by_place[Place.GUARD])
    tally.linked += len(linked)


def _child(placement: Placement) -> UUID:
    """Whose a linked record is."""
    if placement.child is None:
        raise ValueError("a link names a child")
    return placement.child


def _enter(lines: Sequence[tuple[Line, Placement]], context: Context) -> list[tuple[Line, Placement, UUID]]:
    """Make an entry for each record of a child nobody knew."""
    entered = [(line, placement, uuid.uuid4()) for line, placement in lines]
    children.enter(
        [
            NewChild(id=child, authority=context.authority_for(line.record), identity=line.record.identity)
            for line, _, child in entered
        ],
        receipt=context.receipt,
    )
    return entered


def _write(placed: Sequence[tuple[Line, Placement, UUID]], context: Context, tally: Tally) -> None:
    """Keep records with their children, the keys they are found by, and who works with the child."""
    receipt = context.receipt
    children.put_records([stored(line, child, context) for line, _, child in placed], receipt=receipt)
    # One feed gives a child one record, so that no child is here twice.
    children.add_keys({child: placement.keys for _, placement, child in placed}, receipt=receipt)
    write_involvements([(line, child) for line, _, child in placed], context, tally, known=False)
    claimed = {child for line, _, child in placed if any(one.lead_professional for one in line.record.involvements)}
    involvement.settle_leads(sorted(claimed), receipt=receipt)


def _ask(lines: Sequence[tuple[Line, Placement]], context: Context, tally: Tally) -> None:
    """Open a review for each record a person must decide; one marked confidential waits where nobody can see it."""
    best = [placement.asked[0].child for _, placement in lines]
    summaries = entries.summaries(best, receipt=context.receipt)
    holding.ask(
        [
            RowForReview(
                id=line.id,
                record=line.record,
                content=line.content,
                asked=placement.asked,
                authority=summaries[ChildId(placement.asked[0].child)].responsible_authority,
                keys=nearness.waiting_keys(line.record.identity),
                sensitive=any(context.is_sensitive(one.service_type) for one in line.record.involvements),
            )
            for line, placement in lines
            if not line.record.confidential
        ],
        delivery=context.delivery.id,
        receipt=context.receipt,
    )
    marked = [
        (line, tuple(one.child for one in placement.asked)) for line, placement in lines if line.record.confidential
    ]
    _hold(marked, context, tally)
    tally.for_review += len(lines)


def _judgements(
    placed: Sequence[tuple[Line, Placement, UUID]], by_place: dict[Place, list[tuple[Line, Placement]]]
) -> list[KeptJudgement]:
    """Every decision of the batch, to be kept."""
    verdicts = {Place.LINK: Verdict.LINKED, Place.NEW: Verdict.NEW}
    decided = [
        KeptJudgement(record=line.id, child=child, verdict=verdicts[p.place], score=p.score, levels=p.levels)
        for line, p, child in placed
        if not p.judged  # a person's judgement is kept already
    ]
    asked = [
        KeptJudgement(record=line.id, child=one.child, verdict=Verdict.UNSURE, score=one.score, levels=one.levels)
        for line, p in by_place[Place.ASK]
        for one in p.asked
    ]
    near = [
        KeptJudgement(record=line.id, child=child, verdict=Verdict.UNSURE, score=None, levels={})
        for line, p in by_place[Place.GUARD]
        for child in p.near
    ]
    return [*decided, *asked, *near]
