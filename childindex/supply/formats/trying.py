"""Reading a file as a delivery would, and keeping nothing: what a supplier asks before its first delivery (R 4.11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from childindex.kernel.identity import Identity, Sex, SourceRecord
from childindex.supply.formats.mapping import Mapping, read_mapping
from childindex.supply.formats.problems import FileHeld, Rejection
from childindex.supply.formats.records import SupplyFile
from childindex.supply.formats.rules import Rules
from childindex.supply.types import FileCheck, Progress, RowProblem, no_progress

_ABOUT_THE_CHILD = ("given_name", "birth_date", "nhs_number", "upn", "address", "postcode", "uprn", "carers")


def try_out(
    file: Path,
    *,
    rules: Rules,
    mapping: Path | None = None,
    shown: int = 100,
    progress: Progress = no_progress,
) -> FileCheck:
    """Every answer a delivery of this file would get row by row, the first `shown` of them in full, and a score.

    What needs an index, such as the share of removals, is not asked. A file that would be held says why.
    """
    try:
        names = read_mapping(mapping) if mapping is not None else Mapping()
        supply = SupplyFile(file, rules=rules, mapping=names)
        contents = supply.look()
        count = _Count(shown=shown)
        for done, found in enumerate(supply.records(contents)):
            count.add(found)
            if done % 2_000 == 0:
                progress(supply.row, contents.rows)
    except FileHeld as held:
        return FileCheck(held=held.sentence, rows=0, records=0, score=0.0)
    return FileCheck(
        held="",
        rows=contents.rows,
        records=count.records,
        score=round(100 * (1 - sum(count.codes.values()) / contents.rows), 2),
        rejected=dict(count.codes),
        problems=tuple(count.problems),
        filled={name: count.filled[name] / max(count.records, 1) for name in (*_ABOUT_THE_CHILD, "sex")},
        unknown_columns=contents.unknown_columns,
        unlicensed_columns=contents.unlicensed_columns,
    )


@dataclass(slots=True, kw_only=True)
class _Count:
    """What has gone by so far."""

    shown: int
    records: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    problems: list[RowProblem] = field(default_factory=list)

    def add(self, found: SourceRecord | Rejection) -> None:
        """One record or rejection more."""
        if isinstance(found, SourceRecord):
            self.records += 1
            self.filled.update(_given(found.identity))
            return
        self.codes[found.code] += 1
        if len(self.problems) < self.shown:
            self.problems.append(
                RowProblem(row=found.row, column=found.column, code=found.code, sentence=found.sentence)
            )


def _given(who: Identity) -> list[str]:
    """The columns a record gives about the child."""
    given = [name for name in _ABOUT_THE_CHILD if getattr(who, name)]
    return [*given, "sex"] if who.sex is not Sex.UNKNOWN else given
