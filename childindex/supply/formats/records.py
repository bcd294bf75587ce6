"""A supply file as source records: rows with the same record_id become one record, the rest become rejections.

Two passes over the file. The first counts how many rows each record has and finds out whether the file as a whole can
be read; the second gives each record as soon as its last row has gone by, so that only records whose rows lie apart
wait in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from childindex.kernel.identity import Carer, Identity, SourceRecord, SuppliedInvolvement
from childindex.supply.formats import columns
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import FileHeld, Rejection
from childindex.supply.formats.row import Row, RowReader
from childindex.supply.formats.rows import Cells, Header, opened, read_csv, read_header, read_json
from childindex.supply.formats.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a first look at a file found. `rows_of` has one count for each record_id.

    `unreadable` rows are those whose record cannot even be told; while there are any, nothing can be said about who is
    missing from the file. The rest are counts of columns.
    """

    rows: int
    unreadable: int
    rows_of: dict[str, int]
    unknown_columns: int
    unlicensed_columns: int


@dataclass(slots=True)
class _Pending:
    """A record whose rows have not all gone by."""

    rows: list[Row] = field(default_factory=list)
    seen: int = 0
    complete: bool = True


class SupplyFile:
    """One file, readable as often as needed, with the rules it is held against."""

    def __init__(self, path: Path, *, rules: Rules, mapping: Mapping | None = None) -> None:
        """Nothing is opened yet. `row` is the number of the last row that has gone by."""
        self.path, self.rules, self.mapping = path, rules, mapping or Mapping()
        self.row = 0

    def look(self) -> Contents:
        """Read the file once, to its end. Raises FileHeld if it cannot be read or believed as a whole."""
        rows_of: dict[str, int] = {}
        unknown_keys: set[str] = set()
        rows = unreadable = ours = theirs = 0
        with opened(self.path) as lines:
            header, after = read_header(lines, self.mapping)
            places, dropped = self._licensed(header)
            # A JSON line need not give every key: a dropped one counts once some line gives it.
            unlicensed = set[int]() if header.json else dropped
            record_place, service_place = places["record_id"], places.get("service_type")
            for _, cells in self._rows(after, header, unknown_keys):
                rows += 1
                if header.json and not isinstance(cells, Rejection):
                    unlicensed.update(place for place in dropped if cells[place])
                if isinstance(cells, Rejection) or not (record_id := cells[record_place].strip()):
                    unreadable += 1
                    continue
                rows_of[record_id] = rows_of.get(record_id, 0) + 1
                if service_place is not None and (service := cells[service_place]):
                    known = self._of_this_feed(service)
                    ours += known is True
                    theirs += known is False
        if not rows:
            raise FileHeld("no_rows")
        if theirs and not ours:
            raise FileHeld("wrong_supplier")
        return Contents(
            rows=rows,
            unreadable=unreadable,
            rows_of=rows_of,
            unknown_columns=header.unknown + len(unknown_keys),
            unlicensed_columns=len(unlicensed),
        )

    def records(self, contents: Contents) -> Iterator[SourceRecord | Rejection]:
        """Every record and every rejection, in the order in which the last row of each goes by."""
        waiting: dict[str, _Pending] = {}
        with opened(self.path) as lines:
            header, after = read_header(lines, self.mapping)
            places, _ = self._licensed(header)
            reader, record_place = RowReader(places=places, rules=self.rules, mapping=self.mapping), places["record_id"]
            for number, cells in self._rows(after, header, set()):
                self.row = number
                if isinstance(cells, Rejection):
                    yield cells
                    continue
                row = reader.read(number, cells)
                record_id = cells[record_place].strip()
                if contents.rows_of.get(record_id, 1) == 1:
                    yield row if isinstance(row, Rejection) else self._record([row], complete=True)
                    continue
                pending = waiting.setdefault(record_id, _Pending())
                if (rejection := _add(pending, row)) is not None:
                    yield rejection
                if pending.seen == contents.rows_of[record_id]:
                    del waiting[record_id]
                    if pending.rows:
                        yield self._record(pending.rows, complete=pending.complete)

    def _rows(self, lines: Iterator[str], header: Header, unknown: set[str]) -> Iterator[tuple[int, Cells | Rejection]]:
        """The rows of either form."""
        return read_json(lines, self.mapping, unknown) if header.json else read_csv(lines, header)

    def _licensed(self, header: Header) -> tuple[dict[str, int], set[int]]:
        """The columns the feed may give, and the places of those it may not (R 4.01); some are always read."""
        fields = self.rules.fields
        if fields is None:
            return header.places, set()
        kept = {name: at for name, at in header.places.items() if name in fields or name in columns.ALWAYS_READ}
        return kept, set(header.places.values()).difference(kept.values())

    def _of_this_feed(self, service: str) -> bool | None:
        """Whether the feed supplies this service; None where nobody can tell."""
        if self.rules.services is None or not self.rules.kinds:
            return None
        known = self.rules.services.get(self.mapping.ours("service_type", service.strip()))
        return None if known is None else known.kind in self.rules.kinds

    def _record(self, rows: list[Row], *, complete: bool) -> SourceRecord:
        """One record from its rows; they agree on the child."""
        first = rows[0]
        child = dict(first.child)
        standing = {name: child.pop(name) for name in _STANDING if name in child}
        if len(rows) == 1:
            carers: tuple[Carer, ...] = (first.carer,) if first.carer else ()
            involvements: tuple[SuppliedInvolvement, ...] = (first.involvement,) if first.involvement else ()
            updated_on = first.updated_on
        else:
            carers = tuple(dict.fromkeys(row.carer for row in rows if row.carer))
            involvements = tuple(dict.fromkeys(row.involvement for row in rows if row.involvement))
            updated_on = max((row.updated_on for row in rows if row.updated_on), default=None)
        return SourceRecord(
            feed=self.rules.feed,
            record_id=first.record_id,
            row=first.number,
            identity=Identity(**child, carers=carers),
            updated_on=updated_on,
            removed=all(row.removed and not row.involvement for row in rows),
            involvements=involvements,
            complete=complete,
            **standing,
        )


_STANDING = ("unborn", "confidential", "deceased_on", "left_england")


def _add(pending: _Pending, row: Row | Rejection) -> Rejection | None:
    """Put a row with the earlier ones of its record; a rejection if it cannot stand beside them."""
    pending.seen += 1
    if isinstance(row, Rejection):
        pending.complete = False
        return row
    if pending.rows:
        problem = _quarrel(pending.rows, row)
        if problem is not None:
            pending.complete = pending.complete and problem.code == "duplicate_row"
            return problem
    pending.rows.append(row)
    return None


def _quarrel(rows: list[Row], row: Row) -> Rejection | None:
    """Why a row cannot join the earlier ones: another child, the same again, or the same involvement differently."""
    first = rows[0]
    if row.said != first.said and row.child != first.child:
        differing = next(n for n in columns.LENGTHS if row.child.get(n) != first.child.get(n))
        return Rejection(row=row.number, column=differing, code="child_columns_differ")
    carers: set[Carer | None] = {earlier.carer for earlier in rows}
    involvements: dict[str, SuppliedInvolvement] = {
        earlier.involvement.involvement_id: earlier.involvement for earlier in rows if earlier.involvement
    }
    given = row.involvement
    held = involvements.get(given.involvement_id) if given else None
    if held is not None and given != held:
        return Rejection(row=row.number, column="involvement_id", code="duplicate_involvement")
    nothing_new = (given is None or held is not None) and (row.carer is None or row.carer in carers)
    if nothing_new and any(row.removed == earlier.removed for earlier in rows):
        return Rejection(row=row.number, column="record_id", code="duplicate_row")
    return None
