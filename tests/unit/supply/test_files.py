"""Files as a whole: what is read whatever its packing, and what is held."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path

import pytest

from childindex.kernel.identity import SourceRecord
from childindex.supply.formats import rows
from childindex.supply.formats.problems import FILE_SENTENCES, ROW_SENTENCES, FileHeld, Rejection
from childindex.supply.formats.records import SupplyFile
from tests.unit.supply.files import CHILD, RULES, SCHOOL, read, write

CSV = b"record_id,family_name,birth_date\nA1,Okafor,2015-03-04\n"


def _held(path: Path) -> FileHeld:
    with pytest.raises(FileHeld) as caught:
        read(path)
    assert caught.value.sentence.startswith(FILE_SENTENCES[caught.value.code])
    return caught.value


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        b"\xef\xbb\xbf" + CSV,
        CSV.replace(b"\n", b"\r\n"),
        CSV.rstrip(b"\n"),
        b"\n" + CSV + b"\n\n",
        b'"record_id","family_name","birth_date"\n"A1","Okafor","2015-03-04"\n',
        b"BIRTH_DATE, Record_Id ,family_name\n2015-03-04,A1,Okafor\n",
        gzip.compress(CSV, mtime=0),
        json.dumps({**CHILD, "unborn": False, "upn": None}).encode(),
        gzip.compress(json.dumps(CHILD).encode() + b"\n", mtime=0),
    ],
)
def test_files_that_say_the_same(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    (found,) = read(path)
    assert isinstance(found, SourceRecord)
    assert (found.record_id, found.identity.family_name, str(found.identity.birth_date)) == (
        "A1",
        "Okafor",
        "2015-03-04",
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\n\n  \n", "empty"),
        (b"record_id,family_name,birth_date\n", "no_rows"),
        (CSV.decode().encode("utf-16"), "encoding"),
        (CSV + "A2,Nuñez,2015-03-04\n".encode("latin-1"), "encoding"),
        (CSV + b"A2,Ok\x00afor,2015-03-04\n", "nul"),
        (CSV.replace(b",", b";"), "delimiter"),
        (CSV.replace(b",", b"\t"), "delimiter"),
        (CSV.replace(b",birth_date", b"").replace(b",2015-03-04", b""), "missing_column"),
        (b"record_id,family_name,birth_date,Family_Name\nA1,Okafor,2015-03-04,X\n", "duplicate_column"),
        (CSV + b'A2,"Okafor,2015-03-04\n', "quoting"),
        (b'"record_id,family_name', "quoting"),
        (b"\x1f\x8b", "truncated"),
        (b"\x1f\x8b" + b"\x00" * 20, "gzip"),
        (CSV + b"A" * 70_000 + b"\n", "line_too_long"),
        (CSV + b"A2,Oka", "truncated"),
        (gzip.compress(CSV * 50, mtime=0)[:-12], "truncated"),
        (gzip.compress(CSV * 50, mtime=0)[:-8] + b"\0" * 8, "gzip"),
        (b'{"record_id": "A1"', "not_json"),
        (json.dumps(CHILD).encode() + b'\n{"record_id": "A2", "fam', "truncated"),
    ],
)
def test_files_that_are_held(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert _held(path).code == code


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert _held(tmp_path / "nothing").code == "file_missing"


def test_a_held_header_names_our_columns_and_nothing_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("A1,Okafor,2015-03-04\nA2,Mensah,2016-01-01\n")
    sentence = _held(path).sentence
    assert "record_id, family_name, birth_date" in sentence
    assert "Okafor" not in sentence


def test_another_suppliers_file_is_held(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [{**CHILD, **SCHOOL, "service_type": "gp"}])
    assert _held(path).code == "wrong_supplier"


def test_a_row_with_too_many_cells_is_rejected_and_the_next_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(CSV + b"A2,Okafor,Jr,2015-03-04\nA3,Mensah,2016-01-01\n")
    _, bad, good = read(path)
    assert bad == Rejection(row=3, column="", code="cells")
    assert isinstance(good, SourceRecord)


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        '{"record_id": {"a": 1}}',
        "nonsense",
        '{"record_id": "A2", "record_id": "A3"}',
        '{"sex": 1.5}',
        '{"record_id": ' + "9" * 5_000 + "}",
        "[" * 5_000,
    ],
)
def test_a_json_line_that_is_no_flat_object_is_rejected(tmp_path: Path, line: str) -> None:
    path = tmp_path / "f.ndjson"
    path.write_text(json.dumps(CHILD) + "\n" + line + "\n" + json.dumps({**CHILD, "record_id": "A9"}) + "\n")
    first, bad, last = read(path)
    assert bad == Rejection(row=2, column="", code="not_json")
    assert isinstance(first, SourceRecord)
    assert isinstance(last, SourceRecord)


def test_a_file_that_unpacks_to_more_than_anybody_sends_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_MOST_CHARACTERS", 1_000)
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(CSV + b"A2,Okafor,2015-03-04\n" * 1_000, mtime=0))
    assert _held(path).code == "too_large"


def test_json_columns_outside_the_licence_and_unknown_keys_are_counted_once(tmp_path: Path) -> None:
    path = tmp_path / "f.ndjson"
    lines = [{**CHILD, "record_id": str(n), "upn": "x" if n else "", f"key{n}": 1} for n in range(2_000)]
    path.write_text("\n".join(map(json.dumps, lines)))
    contents = SupplyFile(path, rules=dataclasses.replace(RULES, fields=frozenset())).look()
    assert (contents.unlicensed_columns, contents.unknown_columns) == (1, 1_000)


def test_every_code_has_one_sentence_and_fits_its_table() -> None:
    for sentences in (FILE_SENTENCES, ROW_SENTENCES):
        for code, sentence in sentences.items():
            assert len(code) <= 30
            assert sentence[0].isupper()
            assert sentence.endswith(".")
