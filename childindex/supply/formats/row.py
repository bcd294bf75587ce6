"""One row: its texts become values, and values are held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Consent, SuppliedInvolvement
from childindex.supply.formats import columns
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import Rejection, Wrong
from childindex.supply.formats.rows import Cells
from childindex.supply.formats.rules import Rules
from childindex.supply.formats.values import READERS, Reader

_OLDEST = 25
_EXPECTED_AHEAD = timedelta(days=310)
_EXPECTED_PAST = timedelta(days=62)
_PLANNED_AHEAD = timedelta(days=366)
# A midwife is involved, and a place at a nursery is taken, before a birth.
_BEFORE_BIRTH = timedelta(days=310)

Values = dict[str, Any]
# How to reach a service is the same in thousands of rows: these columns are read once for each combination.
_REACH = (
    "service_type",
    "organisation_id",
    "team",
    "practitioner_name",
    "practitioner_role",
    "phone",
    "email",
    "out_of_hours_phone",
)
_MOST_REACHES = 20_000


@dataclass(slots=True, kw_only=True)
class Row:
    """One good row. `child` holds the child columns that are not empty, `said` the cells they came from."""

    number: int
    record_id: str
    child: Values
    said: tuple[str, ...]
    updated_on: date | None
    removed: bool
    carer: Carer | None
    involvement: SuppliedInvolvement | None


class _Column(NamedTuple):
    """One column to read: where it stands, how, and whether the mapping rewrites it. A tuple, since it is read a million times."""

    name: str
    place: int
    reader: Reader
    longest: int
    touched: bool


class RowReader:
    """Reads rows of one file. Made once a file, so that what is the same for all rows is worked out once."""

    def __init__(self, *, places: dict[str, int], rules: Rules, mapping: Mapping) -> None:
        """`places` are the columns to read, each with its place in a row."""
        self.rules, self.mapping = rules, mapping
        touched = mapping.touched
        plan = [
            _Column(name=name, place=at, reader=READERS[name], longest=columns.LENGTHS[name], touched=name in touched)
            for name, at in places.items()
        ]
        self._child = [column for column in plan if column.name not in _INVOLVED]
        self._involved = [column for column in plan if column.name in _INVOLVED and column.name not in _REACH]
        self._reach = [column for column in plan if column.name in _REACH]
        self._reaches: dict[tuple[str, ...], Values | Wrong] = {}
        self._said = [at for name, at in places.items() if name not in columns.OF_THE_ROW and name != "record_id"]
        self._oldest = rules.as_at.replace(year=rules.as_at.year - _OLDEST, day=min(rules.as_at.day, 28))

    def read(self, number: int, cells: Cells) -> Row | Rejection:
        """The row's values, or its first broken rule."""
        try:
            child = self._values(self._child, cells)
            for name in columns.REQUIRED:
                if name not in child:
                    raise Wrong("missing", name)
            given = {**self._how_to_reach(cells), **self._values(self._involved, cells)}
            return self._row(number, cells, child, given)
        except Wrong as wrong:
            return Rejection(row=number, column=wrong.column, code=wrong.code)

    def _values(self, plan: list[_Column], cells: Cells) -> Values:
        """What the columns say, without the empty ones; raises Wrong with the column."""
        values: Values = {}
        name = ""
        try:
            for name, place, reader, longest, touched in plan:
                raw = cells[place]
                if raw and (raw := raw.strip()):
                    if touched:
                        raw = self.mapping.ours(name, raw)
                    if len(raw) > longest:
                        raise Wrong("too_long")
                    value = reader(raw)
                    if value != "":
                        values[name] = value
        except Wrong as wrong:
            raise Wrong(wrong.code, name) from None
        return values

    def _how_to_reach(self, cells: Cells) -> Values:
        """The columns that are the same in many rows, remembered by their cells; raises Wrong, remembered too."""
        cell = tuple([cells[column.place] for column in self._reach])
        found = self._reaches.get(cell)
        if found is None:
            if len(self._reaches) > _MOST_REACHES:
                self._reaches.clear()
            try:
                found = self._values(self._reach, cells)
                self._check_service(found)
            except Wrong as wrong:
                found = wrong
            self._reaches[cell] = found
        if isinstance(found, Wrong):
            raise Wrong(found.code, found.column)
        return found

    def _check_service(self, given: Values) -> None:
        """A service that is on the list and that this feed supplies (R 1.17)."""
        service = given.get("service_type")
        if service is None or self.rules.services is None:
            return
        known = self.rules.services.get(service)
        if known is None:
            raise Wrong("service_unknown", "service_type")
        if self.rules.kinds and known.kind not in self.rules.kinds:
            raise Wrong("service_of_another_feed", "service_type")

    def _row(self, number: int, cells: Cells, child: Values, given: Values) -> Row:
        """Hold the values against each other; raises Wrong with the column."""
        self._check_birth(child)
        removed = child.pop("removed", False)
        updated_on = self._past(child, "updated_on")
        self._past(child, "deceased_on")
        child.pop("updated_on", None)
        ended_on = (updated_on or self.rules.as_at) if removed else None
        return Row(
            number=number,
            record_id=child.pop("record_id"),
            carer=_carer(child),
            involvement=self._involvement(given, born=child["birth_date"].earliest, ended_on=ended_on)
            if given
            else None,
            child=child,
            said=tuple([cells[place] for place in self._said]),
            updated_on=updated_on,
            removed=removed,
        )

    def _check_birth(self, values: Values) -> None:
        """Plausible for a child of this index on the day the file speaks for."""
        born: PartialDate = values["birth_date"]
        earliest, as_at = born.earliest, self.rules.as_at
        if values.get("unborn"):
            if not as_at - _EXPECTED_PAST <= earliest <= as_at + _EXPECTED_AHEAD:
                raise Wrong("expected_date", "birth_date")
        elif earliest > as_at:
            raise Wrong("birth_in_future", "birth_date")
        elif earliest < self._oldest and (born.day is not None or born.year < self._oldest.year):
            raise Wrong("birth_too_long_ago", "birth_date")
        died = values.get("deceased_on")
        if died is not None and died < earliest:
            raise Wrong("before_birth", "deceased_on")

    def _past(self, values: Values, name: str) -> date | None:
        """A day that cannot lie after the day the file speaks for."""
        found: date | None = values.get(name)
        if found is not None and found > self.rules.as_at:
            raise Wrong("date_in_future", name)
        return found

    def _involvement(self, given: Values, *, born: date, ended_on: date | None) -> SuppliedInvolvement:
        """The row's involvement; a removed one has ended on `ended_on`. Raises Wrong where it names no service or lacks consent."""
        if "service_type" not in given:
            raise Wrong("service_missing", "service_type")
        self._check_period(given, born)
        self._past(given, "assessment_on")
        given.setdefault("organisation_id", self.rules.organisation)
        if "involvement_id" not in given:
            given["involvement_id"] = f"{given['service_type']}@{given['organisation_id']}"[:100]
        if ended_on is not None and "ended_on" not in given:
            given["ended_on"] = max(ended_on, given.get("started_on") or date.min)
        return SuppliedInvolvement(consent=self._consent(given), **given)

    def _check_period(self, given: Values, born: date) -> None:
        """From when to when: not long before birth, not ended before it began, planned at most a year ahead."""
        started, ended = given.get("started_on"), given.get("ended_on")
        for name, found in (("started_on", started), ("ended_on", ended)):
            if found is not None:
                if found < born - _BEFORE_BIRTH:
                    raise Wrong("before_birth", name)
                if found > self.rules.as_at + _PLANNED_AHEAD:
                    raise Wrong("date_in_future", name)
        if started is not None and ended is not None and ended < started:
            raise Wrong("ended_before_started", "ended_on")

    def _consent(self, given: Values) -> Consent | None:
        """The decision that allows a service to be listed: always where it is sensitive (R 1.24), whole wherever given."""
        known = self.rules.services.get(given["service_type"]) if self.rules.services is not None else None
        self._past(given, "consent_on")
        basis, by, on = given.pop("consent_basis", None), given.pop("consent_by", None), given.pop("consent_on", None)
        missing = [name for name, part in zip(columns.CONSENT, (basis, by, on), strict=True) if part is None]
        if not missing:
            return Consent(basis=basis, by=by, on=on)
        if known is not None and known.sensitive:
            raise Wrong("consent_missing", missing[0])
        if len(missing) < len(columns.CONSENT):
            raise Wrong("consent_incomplete", missing[0])
        return None


_INVOLVED = frozenset({*columns.INVOLVEMENT, *columns.CONSENT})


def _carer(child: Values) -> Carer | None:
    """The one carer a row may name."""
    name = child.pop("carer_name", "")
    relationship, phone = child.pop("carer_relationship", ""), child.pop("carer_phone", "")
    if not name:
        if phone:
            raise Wrong("carer_without_name", "carer_name")
        return None
    return Carer(name=name, relationship=relationship, phone=phone)
