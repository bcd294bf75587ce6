"""What the worker does once two people have decided: rows change hands, and whoever saw a mixed entry is found out.

A merge keeps, sealed, the rows of both entries as they were, and by opaque id what it moved. A split gives all of that back; what
came in the mixed time goes with its record, and where it came with none somebody has chosen (R 4.19; docs/adr/0013).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection

from childindex.audit import selectors as audit
from childindex.audit.types import Receipt
from childindex.cases import services as cases
from childindex.children import merging as entries
from childindex.children import selectors as children
from childindex.children import services as writing
from childindex.involvement import merging as involvement
from childindex.involvement import selectors as involved
from childindex.matching import joining as matching
from childindex.matching import nearness
from childindex.matching.services import keys_of
from childindex.shielding import sealing
from childindex.shielding import services as guard
from childindex.upkeep.joining import kept, rules
from childindex.upkeep.joins import Merge, NoticeCode, NoticeKind, Row, Split

_SIGHTING: Final = (
    "INSERT INTO upkeep_sighting (split_id, entry_id, at, event, account_id, role, organisation)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_NOTICE: Final = (
    "INSERT INTO upkeep_notice (id, split_id, kind, organisation, child_id, code, state, drafted_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, 'drafted', %s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDone:
    """How many records moved, people saw the mixed entry and notices were drafted."""

    records: int
    saw: int
    notices: int


def merge(what: Merge, *, receipt: Receipt) -> int | None:
    """Make two open entries one; gives how many records moved, or None where one of them is not an open entry any more.

    Nor are they merged where together they would come near a protected child whom neither is near alone (R 3.19).
    """
    rows = entries.open_rows([what.kept, what.merged], receipt=receipt)
    if len(rows) < 2 or _comes_near([what.kept, what.merged]):
        return None
    folded = involvement.fold(what.merged, into=what.kept, receipt=receipt)
    records, former = entries.fold(what.merged, into=what.kept, receipt=receipt)
    by = _deciders(what)
    matching.keep_joined(records, linked=what.kept, by=by, receipt=receipt)
    matching.follow(what.merged, into=what.kept, authority=what.authority, receipt=receipt)
    cases.forget([what.merged], receipt=receipt)
    _settle([what.kept], receipt=receipt)
    guard.near_goes_on(what.merged, as_well=what.kept, receipt=receipt)
    _keep_moved(what, records, folded)
    before = {
        "kept": rows[what.kept],
        "merged": rows[what.merged],
        "former": former,
        "leads": folded.before.leads,
        "claims": folded.before.claims,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upkeep_merge SET state = 'done', done_at = %s, payload = %s WHERE id = %s",
            [receipt.at, sealing.seal(what.id, before), what.id],
        )
    return len(records)


def _comes_near(those: Sequence[UUID]) -> bool:
    """Whether entries come near somebody protected together, and none of them alone."""
    held = [one.identities for one in children.held(those)]
    together = nearness.near_entry([identity for identities in held for identity in identities])
    return bool(together.difference(*map(nearness.near_entry, held)))


def _note_near(what: Split, *, receipt: Receipt) -> None:
    """Whoever the mixed entry was near somebody is asked about both, and about a part that comes near where the whole did not.

    A split is not given up for that: nothing comes into the open by it that was not there.
    """
    guard.near_goes_on(what.mixed, as_well=what.restored, receipt=receipt)
    for part in children.held([what.mixed, what.restored]):
        found = {child: [part.id] for child in nearness.near_entry(part.identities)}
        guard.note_near(found, again=False, receipt=receipt)


def drop_merge(merge_id: UUID) -> None:
    """Note that what was confirmed can no longer be done, whatever the reason."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE upkeep_merge SET state = 'dropped' WHERE id = %s", [merge_id])


def drop_split(split_id: UUID) -> None:
    """The same of a split."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE upkeep_split SET state = 'dropped' WHERE id = %s", [split_id])


def _keep_moved(what: Merge, records: Sequence[UUID], folded: involvement.Folded) -> None:
    """Keep by opaque id what moved."""
    rows = [(what.id, row, Row.RECORD.value, False) for row in records]
    rows += [(what.id, row, Row.LINE.value, row in folded.set_aside) for row in folded.lines]
    rows += [(what.id, row, Row.DECISION.value, False) for row in folded.decisions]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO upkeep_moved (merge_id, row_id, kind, set_aside) VALUES (%s, %s, %s, %s)", rows)


def split(what: Split, *, receipt: Receipt) -> SplitDone | None:
    """Make one open entry two again; None where it is not open any more or nothing of it would stay or go."""
    rows = entries.open_rows([what.mixed], receipt=receipt)
    undone = kept.merge(what.merge) if what.merge is not None else None
    if not rows or (what.merge is not None and (undone is None or kept.standing(what.mixed) != undone)):
        return None
    moved = kept.moved(undone.id) if undone is not None else {}
    here = [one.id for one in children.records_of([what.mixed], receipt=receipt)]
    going = [one for one in here if one in {*moved.get("record", ()), *what.records}]
    staying = [one for one in here if one not in going]
    if not going or not staying:
        return None
    since = undone.done_at if undone is not None else _mixed_since(what, going, staying, rows[what.mixed])
    before = _sealed(undone) if undone is not None else {}
    return _carry_out(
        what, undone, rows[what.mixed], _Plan(going, staying, moved, before, since or receipt.at), receipt
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What goes, what stays, what a merge had moved, what it had sealed, and since when the two are mixed."""

    going: Sequence[UUID]
    staying: Sequence[UUID]
    moved: Mapping[str, Sequence[UUID]]
    before: Mapping[str, Any]
    since: datetime


def _carry_out(what: Split, undone: Merge | None, row: Mapping[str, Any], plan: _Plan, receipt: Receipt) -> SplitDone:
    """Move, compute anew, keep the decisions, find out who saw it and draft the notices, in this order."""
    since = min(plan.since, receipt.at)
    shown = _shown(what.mixed, receipt=receipt)
    restored = plan.before.get("merged") or entries.new_row(row, what.restored, receipt=receipt)
    former = [UUID(one) for one in plan.before.get("former", ())]
    entries.unfold(what.mixed, restored, records=plan.going, former=former, since=since, receipt=receipt)
    leads = involvement.Leads(
        leads=tuple(UUID(one) for one in plan.before.get("leads", ())),
        claims=tuple(UUID(one) for one in plan.before.get("claims", ())),
    )
    involvement.unfold(
        what.mixed,
        restored=what.restored,
        lines=[*plan.moved.get("line", ()), *what.lines],
        decisions=plan.moved.get("decision", ()),
        set_aside=plan.moved.get("set_aside", ()),
        before=leads if undone is not None else None,
        receipt=receipt,
    )
    if undone is not None:
        entries.put_back(plan.before["kept"], receipt=receipt)
    _settle([what.mixed, what.restored], receipt=receipt)
    by = _deciders(what)
    matching.keep_joined(plan.going, linked=what.restored, apart=what.mixed, by=by, receipt=receipt)
    matching.keep_joined(plan.staying, linked=what.mixed, apart=what.restored, by=by, receipt=receipt)
    matching.part(what.mixed, restored=what.restored, receipt=receipt)
    _note_near(what, receipt=receipt)
    cases.forget([what.mixed], receipt=receipt)
    looked = _who_saw(what, since=since, receipt=receipt)
    drafted = _draft(what, looked=looked, shown=shown, receipt=receipt)
    _close(what, undone, receipt=receipt)
    return SplitDone(records=len(plan.going), saw=len(looked), notices=drafted)


def _settle(those: Sequence[UUID], *, receipt: Receipt) -> None:
    """Give open children the visible fields and the search keys that their records say now."""
    writing.refresh(those, receipt=receipt)
    writing.replace_keys({one.id: keys_of(one.identities) for one in children.held(those)}, receipt=receipt)


def _deciders(what: Merge | Split) -> matching.Deciders:
    """Both people; the database holds that what is confirmed has two."""
    if what.confirmed_by is None:
        raise ValueError("nothing is carried out that nobody confirmed")
    return matching.Deciders(first=what.proposed_by, second=what.confirmed_by, reason=what.ground.value)


def _mixed_since(what: Split, going: Sequence[UUID], staying: Sequence[UUID], row: Mapping[str, Any]) -> datetime:
    """When the first record of either side was there: as the judgements say, else since there is an entry."""
    made = datetime.fromisoformat(str(row["created_at"]))
    return max(matching.linked_since(side, what.mixed) or made for side in (going, staying))


def _sealed(undone: Merge) -> dict[str, Any]:
    """What the merge sealed of both entries."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM upkeep_merge WHERE id = %s", [undone.id])
        return sealing.unseal(undone.id, cursor.fetchone()[0])


def _shown(mixed: UUID, *, receipt: Receipt) -> list[str]:
    """The organisations whose involvement stood on the mixed entry for everybody to see: never a sensitive service's."""
    return [line.organisation for line in involved.of_child(mixed, receipt=receipt) if not line.sensitive]


def _who_saw(what: Split, *, since: datetime, receipt: Receipt) -> list[str]:
    """Copy from the ledger who saw the mixed entry; gives the organisation of each time."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE upkeep_split SET mixed_since = %s WHERE id = %s", [since, what.id])
        seen = [one for one in audit.disclosures_of_split(what.id, receipt=receipt) if one.account_id is not None]
        cursor.executemany(
            _SIGHTING,
            [(what.id, one.entry_id, one.at, one.event, one.account_id, one.role, one.organisation) for one in seen],
        )
    return [one.organisation for one in seen]


def _draft(what: Split, *, looked: Sequence[str], shown: Sequence[str], receipt: Receipt) -> int:
    """One notice for each organisation and one for each family, as codes; how many."""
    organisations = [
        (code, NoticeCode.LOOKED if saw else NoticeCode.SHOWN_WRONGLY)
        for code, saw in rules.owed(looked, shown).items()
    ]
    rows: list[tuple[Any, ...]] = [
        (uuid4(), what.id, NoticeKind.ORGANISATION.value, to, None, code.value, receipt.at)
        for to, code in organisations
    ]
    rows += [
        (uuid4(), what.id, NoticeKind.FAMILY.value, "", child, NoticeCode.FAMILY.value, receipt.at)
        for child in (what.mixed, what.restored)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_NOTICE, rows)
    return len(rows)


def _close(what: Split, undone: Merge | None, *, receipt: Receipt) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE upkeep_split SET state = 'done', done_at = %s WHERE id = %s", [receipt.at, what.id])
        if undone is not None:
            cursor.execute("UPDATE upkeep_merge SET undone_at = %s WHERE id = %s", [receipt.at, undone.id])
