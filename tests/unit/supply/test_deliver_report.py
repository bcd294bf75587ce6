"""How a delivery's report is told to a person and to a program."""

from __future__ import annotations

import dataclasses
from datetime import date
from uuid import UUID

from childindex.batch.deliver import as_dict, lines
from childindex.supply.types import BatchReport, Delivery, DeliveryReport, Kind, RowProblem, State

REPORT = DeliveryReport(
    delivery=Delivery(
        id=UUID(int=1),
        feed="school_census",
        kind=Kind.SNAPSHOT,
        as_at=date(2026, 6, 1),
        sha256="0" * 64,
        state=State.APPLIED,
        held_code="",
        rows=2_000,
        rejected=1,
        row=2_001,
    ),
    repeated=False,
    was_applied=False,
    held="",
    rejected={"nhs_number": 1},
    problems=(RowProblem(row=7, column="nhs_number", code="nhs_number", sentence="It is wrong."),),
    outcome=BatchReport(new=1_500, linked=400, unchanged=99, started=3, ended=2),
    unknown_columns=1,
)


def test_for_a_person() -> None:
    assert lines(REPORT, seconds=2.0) == [
        "school_census: 2,000 rows in 2.0 s (1,000 rows a second)",
        "records: 1,500 new, 400 linked, 0 updated, 99 unchanged, 0 for review, 0 removed",
        "involvements: 3 started, 2 ended",
        "rejected, nhs_number: 1",
        "row 7, nhs_number: It is wrong.",
        "dropped: 1 unknown and 0 unlicensed columns",
    ]
    assert lines(dataclasses.replace(REPORT, unknown_columns=0), seconds=2.0)[-1] == "row 7, nhs_number: It is wrong."


def test_a_held_file_is_told_by_its_error_alone() -> None:
    assert lines(dataclasses.replace(REPORT, held="The file is empty."), seconds=1.0) == []


def test_the_same_content_again() -> None:
    (line,) = lines(dataclasses.replace(REPORT, repeated=True, was_applied=True), seconds=1.0)
    assert line.endswith("nothing changed.")


def test_for_a_program() -> None:
    answer = as_dict(REPORT, seconds=2.0)
    assert (answer["new"], answer["rows_per_second"], answer["rejected"]) == (1_500, 1_000, {"nhs_number": 1})
    assert as_dict(REPORT, seconds=0.0)["rows_per_second"] == 0
