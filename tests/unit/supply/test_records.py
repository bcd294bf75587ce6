"""Rows with one record_id become one record, wherever they stand in the file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from childindex.kernel.identity import Carer, SourceRecord
from childindex.supply.formats.problems import Rejection
from childindex.supply.formats.records import SupplyFile
from tests.unit.supply.files import CHILD, RULES, SCHOOL, read, write


def test_two_rows_apart_are_one_record_with_two_involvements_and_two_carers(tmp_path: Path) -> None:
    found = read(
        write(
            tmp_path / "f.csv",
            [
                {**CHILD, **SCHOOL, "carer_name": "Ada Okafor", "updated_on": "2026-01-01"},
                {**CHILD, "record_id": "B2"},
                {**CHILD, **SCHOOL, "involvement_id": "I2", "carer_name": "Obi Okafor", "updated_on": "2026-02-01"},
            ],
        )
    )
    assert [one.record_id for one in found if isinstance(one, SourceRecord)] == ["B2", "A1"]
    joined = found[1]
    assert isinstance(joined, SourceRecord)
    assert [line.involvement_id for line in joined.involvements] == ["I1", "I2"]
    assert joined.identity.carers == (Carer(name="Ada Okafor"), Carer(name="Obi Okafor"))
    assert (joined.row, str(joined.updated_on), joined.complete) == (2, "2026-02-01", True)


def test_one_involvement_with_two_carers_is_one_involvement(tmp_path: Path) -> None:
    rows = [{**CHILD, **SCHOOL, "carer_name": name} for name in ("Ada Okafor", "Obi Okafor")]
    (found,) = read(write(tmp_path / "f.csv", rows))
    assert isinstance(found, SourceRecord)
    assert len(found.involvements) == 1
    assert len(found.identity.carers) == 2


def test_rows_that_disagree_on_the_child_leave_the_first(tmp_path: Path) -> None:
    rows = [{**CHILD, **SCHOOL}, {**CHILD, "birth_date": "2015-03-05", **SCHOOL, "involvement_id": "I2"}]
    rejected, kept = read(write(tmp_path / "f.csv", rows))
    assert rejected == Rejection(row=3, column="birth_date", code="child_columns_differ")
    assert isinstance(kept, SourceRecord)
    assert not kept.complete
    assert len(kept.involvements) == 1


def test_another_spelling_of_the_same_child_columns_is_no_disagreement(tmp_path: Path) -> None:
    rows = [
        {**CHILD, "postcode": "AB1 2CD", **SCHOOL},
        {**CHILD, "postcode": "ab12cd", **SCHOOL, "involvement_id": "I2"},
    ]
    (found,) = read(write(tmp_path / "f.csv", rows))
    assert isinstance(found, SourceRecord)


def test_the_same_row_again_is_rejected_and_leaves_the_record_whole(tmp_path: Path) -> None:
    rejected, kept = read(write(tmp_path / "f.csv", [{**CHILD, **SCHOOL}] * 2))
    assert rejected == Rejection(row=3, column="record_id", code="duplicate_row")
    assert isinstance(kept, SourceRecord)
    assert kept.complete


def test_the_same_involvement_differently_is_rejected(tmp_path: Path) -> None:
    rejected, _ = read(write(tmp_path / "f.csv", [{**CHILD, **SCHOOL}, {**CHILD, **SCHOOL, "team": "Other"}]))
    assert rejected == Rejection(row=3, column="involvement_id", code="duplicate_involvement")


def test_a_record_with_a_rejected_row_is_not_complete(tmp_path: Path) -> None:
    rows = [{**CHILD, **SCHOOL}, {**CHILD, **SCHOOL, "involvement_id": "I2", "phone": "none"}]
    rejected, kept = read(write(tmp_path / "f.csv", rows))
    assert rejected == Rejection(row=3, column="phone", code="phone")
    assert isinstance(kept, SourceRecord)
    assert not kept.complete


def test_a_record_whose_rows_are_all_rejected_is_none(tmp_path: Path) -> None:
    found = read(write(tmp_path / "f.csv", [{**CHILD, "sex": "?"}] * 2))
    assert [one.code for one in found if isinstance(one, Rejection)] == ["not_in_list"] * 2
    assert len(found) == 2


def test_columns_outside_the_licence_are_dropped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [{**CHILD, "upn": "not even a number", "church": "St Mary", "exam": "A*"}])
    supply = SupplyFile(path, rules=dataclasses.replace(RULES, fields=frozenset({"given_name"})))
    contents = supply.look()
    (found,) = supply.records(contents)
    assert isinstance(found, SourceRecord)
    assert (contents.unlicensed_columns, contents.unknown_columns) == (1, 2)
    assert found.identity.upn == ""


def test_what_protects_a_child_or_removes_a_record_needs_no_licence(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [{**CHILD, "confidential": "true", "removed": "true"}])
    (found,) = read(path, rules=dataclasses.replace(RULES, fields=frozenset()))
    assert isinstance(found, SourceRecord)
    assert (found.confidential, found.removed) == (True, True)


def test_rows_whose_record_cannot_be_told_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "record_id,family_name,birth_date\nA1,Okafor,2015-03-04\nA2,Okafor\n,Okafor,2015-03-04\nA4,X,2015\n"
    )
    contents = SupplyFile(path, rules=RULES).look()
    assert (contents.rows, contents.unreadable, sorted(contents.rows_of)) == (4, 2, ["A1", "A4"])


def test_the_last_row_that_went_by_is_known(tmp_path: Path) -> None:
    supply = SupplyFile(write(tmp_path / "f.csv", [{**CHILD, "record_id": str(n)} for n in range(3)]), rules=RULES)
    seen = [supply.row for _ in supply.records(supply.look())]
    assert seen == [2, 3, 4]
