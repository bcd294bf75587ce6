"""The supply file as suppliers count on it: its columns, what is held, what is rejected, and that no value is ever repeated.

`hostile/held` has one file for each reason to hold a file, `hostile/rows` one for each reason to reject a row: the name
before the first dot is the code that must be answered. In `rows` the records GOOD and GOOD2 must still be read.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from childindex.kernel.identity import SourceRecord
from childindex.supply.formats.columns import COLUMNS, REQUIRED
from childindex.supply.formats.problems import FILE_SENTENCES, ROW_SENTENCES, FileHeld, Rejection
from childindex.supply.formats.records import SupplyFile
from childindex.supply.formats.trying import try_out
from tests.unit.supply.files import RULES

HOSTILE = Path(__file__).with_name("hostile")
HELD = sorted((HOSTILE / "held").iterdir())
ROWS = sorted((HOSTILE / "rows").iterdir())
# What no file alone can show: these need an index, a mapping, or a file too large to keep.
NEED_MORE = {"file_missing", "removals", "older", "mapping", "mapped_column_missing", "line_too_long", "too_large"}
CONTRACT = """
    record_id family_name given_name middle_names known_as former_family_name birth_date unborn sex nhs_number upn address
    postcode uprn carer_name carer_relationship carer_phone updated_on removed confidential deceased_on left_england
    involvement_id service_type organisation_id team practitioner_name practitioner_role phone email out_of_hours_phone
    started_on ended_on lead_professional assessment assessment_on consent_basis consent_by consent_on
"""


def _code(path: Path) -> str:
    return path.name.partition(".")[0]


def test_the_columns_are_those_of_the_contract() -> None:
    assert set(COLUMNS) == set(CONTRACT.split())
    assert set(REQUIRED) == {"record_id", "family_name", "birth_date"}


@pytest.mark.parametrize("path", HELD, ids=lambda path: path.name)
def test_a_hostile_file_is_held_with_its_one_sentence(path: Path) -> None:
    with pytest.raises(FileHeld) as caught:
        SupplyFile(path, rules=RULES).look()
    assert caught.value.code == _code(path)
    answer = try_out(path, rules=RULES)
    assert answer.held == caught.value.sentence
    assert (answer.rows, answer.score) == (0, 0.0)


@pytest.mark.parametrize("path", ROWS, ids=lambda path: path.name)
def test_a_hostile_row_is_rejected_and_the_others_are_read(path: Path) -> None:
    supply = SupplyFile(path, rules=RULES)
    found = list(supply.records(supply.look()))
    assert {one.record_id for one in found if isinstance(one, SourceRecord)} == {"GOOD", "GOOD2"}
    (rejected,) = [one for one in found if isinstance(one, Rejection)]
    first = 2 if path.suffix == ".ndjson" else 3
    assert (rejected.row, rejected.code, rejected.sentence) == (first, _code(path), ROW_SENTENCES[_code(path)])
    answer = try_out(path, rules=RULES)
    assert answer.rejected == {_code(path): 1}
    assert answer.problems[0].sentence == ROW_SENTENCES[_code(path)]
    assert 0 < answer.score < 100


def test_every_code_has_a_hostile_file() -> None:
    assert {_code(path) for path in HELD} == set(FILE_SENTENCES) - NEED_MORE
    assert {_code(path) for path in ROWS} == set(ROW_SENTENCES)


def test_the_score_is_the_share_of_good_rows_and_only_so_many_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    bad = "".join(f"B{number},Okafor,tomorrow\n" for number in range(3))
    path.write_text(
        f"record_id,family_name,birth_date,sex\nA1,Okafor,2015,male\n{bad.replace('tomorrow', 'tomorrow,')}"
    )
    answer = try_out(path, rules=dataclasses.replace(RULES, services=None), shown=2)
    assert (answer.rows, answer.records, answer.score, len(answer.problems)) == (4, 1, 25.0, 2)
    assert (answer.filled["sex"], answer.filled["upn"]) == (1.0, 0.0)
    seen: list[tuple[int, int]] = []
    try_out(path, rules=RULES, progress=lambda done, rows: seen.append((done, rows)))
    assert seen == [(2, 4)]


def test_a_mapping_that_cannot_be_used_holds_the_file(tmp_path: Path) -> None:
    assert try_out(ROWS[0], rules=RULES, mapping=tmp_path / "nothing.toml").held.startswith("The mapping file")
