"""Supply files into one table: what is read, what is left out, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from childindex.matching.bulk.read import (
    NEXT_CARER,
    NUMBER_FOLLOWS,
    REQUIRED,
    TEXTS,
    NotReadable,
    Source,
    column_of,
    connect,
    read_sources,
    same,
    texts_of,
)

HEADER = "record_id,family_name,birth_date,given_name,removed,carer_name,carer_phone\n"


def read(folder: Path, *files: Path) -> list[dict[str, str | int | None]]:
    sources = [Source(name=file.name, file=file) for file in files]
    with connect(folder, memory="1GB", threads=2) as connection:
        count = read_sources(connection, sources)
        columns = ("rowid", "source", "record_id", *TEXTS, "carers")
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM records ORDER BY rowid").fetchall()  # noqa: S608
    assert count == len(rows)
    assert [row[0] for row in rows] == list(range(count))
    return [{key: value for key, value in zip(columns, row, strict=True) if value is not None} for row in rows]


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder / name


def test_rows_of_one_record_are_joined_with_all_its_carers(tmp_path: Path) -> None:
    lines = (
        "2,Hargreave,2014-03-09,Amy,,Jo Hargreave,1\n1,Okafor,2013,,,,\n2,Hargreave,2014-03-09,Amy,,Sam Hargreave,\n"
        "2,Hargreave,2014-03-09,Amy,,Jo Hargreave,1\n"
    )
    amy, okafor = read(tmp_path, written(tmp_path, HEADER + lines))
    assert (amy["record_id"], okafor["record_id"]) == ("2", "1")
    assert amy["carers"] == f"Jo Hargreave{NUMBER_FOLLOWS}1{NEXT_CARER}Sam Hargreave{NUMBER_FOLLOWS}"
    assert "carers" not in okafor


def test_records_stay_in_the_order_of_the_file_however_many_are_joined(tmp_path: Path) -> None:
    order = [str(number * 7_919 % 6_000) for number in range(6_000)]
    lines = "".join(f"{name},Hargreave,2014,,,{carer},\n" for name in order for carer in ("Jo", "Sam"))
    plain = written(tmp_path, "record_id,family_name,birth_date\n9,Abara,2011\n", "b.csv")
    found = read(tmp_path, written(tmp_path, HEADER + lines), plain)
    assert [row["record_id"] for row in found] == [*order, "9"]
    assert [row["source"] for row in found] == [0] * 6_000 + [1]


def test_of_rows_that_disagree_the_first_that_says_something_counts(tmp_path: Path) -> None:
    lines = "1,Hargreave,2014,,,,\n1,Okafor,2013,Amy,,,\n"
    (row,) = read(tmp_path, written(tmp_path, HEADER + lines))
    assert (row["family_name"], row["birth_date"], row["given_name"]) == ("Hargreave", "2014", "Amy")


@pytest.mark.parametrize("word", ["true", "TRUE"])
def test_removed_rows_and_rows_without_an_id_are_left_out(tmp_path: Path, word: str) -> None:
    lines = f"1,Hargreave,2014,,{word},,\n,Okafor,2013,,,,\n3,Abara,2012,,false,,\n4,Ahmed,2011,,,,\n"
    assert [row["record_id"] for row in read(tmp_path, written(tmp_path, HEADER + lines))] == ["3", "4"]


def test_quotes_spaces_marks_and_line_ends_are_read_as_they_are_meant(tmp_path: Path) -> None:
    text = '\ufeffrecord_id,family_name,birth_date,ours\r\n1,"O""Hara, Jr",2014-03-09,x\r\n2,  Ngũgĩ  ,,\r\n'
    one, other = read(tmp_path, written(tmp_path, text, "it's.csv"))
    assert (one["family_name"], other["family_name"]) == ('O"Hara, Jr', "Ngũgĩ")
    assert "birth_date" not in other


def test_numbers_keep_their_noughts(tmp_path: Path) -> None:
    (row,) = read(tmp_path, written(tmp_path, "record_id,family_name,birth_date,uprn\n007,Hargreave,2014,00012\n"))
    assert (row["record_id"], row["uprn"], row["birth_date"]) == ("007", "00012", "2014")


def test_packed_tables_and_json_lines_say_the_same(tmp_path: Path) -> None:
    plain = read(
        tmp_path,
        written(tmp_path, "record_id,family_name,birth_date,given_name\n1,Hargreave,2014-03-09,Amy\n2,Okafor,2013,\n"),
    )
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    objects = [
        {"record_id": "1", "family_name": "Hargreave", "birth_date": "2014-03-09", "given_name": "Amy"},
        {"record_id": "2", "family_name": "Okafor", "birth_date": "2013"},
    ]
    lines = written(tmp_path, "".join(f"{json.dumps(one)}\n" for one in objects), "a.jsonl")
    assert read(tmp_path, packed) == read(tmp_path, lines) == plain


@pytest.mark.parametrize("missing", REQUIRED)
def test_a_required_column_must_be_there(tmp_path: Path, missing: str) -> None:
    columns = ",".join(name for name in REQUIRED if name != missing)
    with pytest.raises(
        NotReadable, match=rf"^a\.csv has no column {missing}: a supply file has a header with record_id"
    ):
        read(tmp_path, written(tmp_path, f"{columns}\n1,2\n"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"^a\.csv is empty: a supply file has a header"),
        ("record_id,family_name,birth_date,record_id\n", r"^a\.csv has two columns called 'record_id'$"),
        ("record_id,family_name,birth_date\n1,Hargreave,2014,more\n", r"^a\.csv cannot be read: .*Line: 2$"),
        ("record_id,family_name,birth_date\n1,Hargreave\n", r"^a\.csv cannot be read: .*Line: 2$"),
        ('record_id,family_name,birth_date\n1,"Hargreave,2014\n', r"^a\.csv cannot be read: .*Line: 2$"),
        ('"record_id,family_name\n', r"^a\.csv cannot be read: "),
    ],
)
def test_what_is_no_table_is_refused_without_saying_what_it_holds(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(NotReadable, match=sentence) as refused:
        read(tmp_path, written(tmp_path, text))
    assert "Hargreave" not in str(refused.value)


def test_other_encodings_and_broken_packing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("record_id,family_name,birth_date\n".encode("utf-16"))
    with pytest.raises(NotReadable, match=r"^a\.csv cannot be read"):
        read(tmp_path, tmp_path / "a.csv")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"record_id,family_name,birth_date\n" * 99)[:20])
    with pytest.raises(NotReadable, match=r"^a\.csv\.gz cannot be read"):
        read(tmp_path, tmp_path / "a.csv.gz")


def test_memory_must_be_a_size(tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match=r"^--memory plenty: "):
        connect(tmp_path, memory="plenty", threads=1)


def test_the_same_texts_have_the_same_number_and_nothing_is_nought(tmp_path: Path) -> None:
    file = written(
        tmp_path, "record_id,family_name,birth_date,given_name\n1,b,2014,\n2,,2014,\n3,a,2014,\n4,b,2014,\n5,b,2014,a\n"
    )
    with connect(tmp_path, memory="1GB", threads=1) as connection:
        read_sources(connection, [Source(name="a", file=file)])
        codes, rows = same(connection, "family_name")
        assert codes[1] == 0
        assert codes[0] == codes[3] == codes[4] != codes[2]
        assert sorted(codes[[0, 2]]) == [1, 2]
        texts = [text for (text,) in texts_of(connection, rows, "family_name")]
        assert [texts[code - 1] for code in codes[[0, 2, 3]]] == ["b", "a", "b"]
        both, _ = same(connection, "family_name", "given_name")
        assert both[0] == both[3] != both[4]
        assert both[1] == 0


def test_records_keep_their_order_however_many_threads_read_them(tmp_path: Path) -> None:
    lines = "".join(f"{number},{number},2014\n" for number in range(300_000))
    file = written(tmp_path, f"record_id,family_name,birth_date\n{lines}")
    with connect(tmp_path, memory="1GB", threads=2) as connection:
        read_sources(connection, [Source(name="a", file=file)])
        assert (column_of(connection, "family_name::INTEGER") == np.arange(300_000)).all()
