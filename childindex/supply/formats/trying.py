"""Reading a file as a delivery would, and keeping nothing: what a supplier asks before its first delivery (R 4.11)."""

from __future__ import annotations

from collections import Counter
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
        codes: Counter[str] = Counter()
        filled: Counter[str] = Counter()
        problems: list[Rejection] = []
        records = 0
        for done, found in enumerate(supply.records(contents)):
            if isinstance(found, SourceRecord):
                records += 1
                filled.update(_given(found.identity))
            else:
                codes[found.code] += 1
                if len(problems) < shown:
                    problems.append(found)
            if done % 2_000 == 0:
                progress(supply.row, contents.rows)
    except FileHeld as held:
        return FileCheck(held=held.sentence, rows=0, records=0, score=0.0)
    return FileCheck(
        held="",
        rows=contents.rows,
        records=records,
        score=round(100 * (1 - sum(codes.values()) / contents.rows), 2),
        rejected=dict(codes),
        problems=tuple(
            RowProblem(row=one.row, column=one.column, code=one.code, sentence=one.sentence) for one in problems
        ),
        filled={name: filled[name] / records if records else 0.0 for name in (*_ABOUT_THE_CHILD, "sex")},
        unknown_columns=contents.unknown_columns,
        unlicensed_columns=contents.unlicensed_columns,
    )


def _given(who: Identity) -> list[str]:
    """The columns a record gives about the child."""
    given = [name for name in _ABOUT_THE_CHILD if getattr(who, name)]
    return [*given, "sex"] if who.sex is not Sex.UNKNOWN else given
