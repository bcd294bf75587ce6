"""The map of OWASP ASVS 5.0 is whole, and what it and the threat model point at is there.

Requirements and levels are those of the release 5.0.0 (OWASP/ASVS at commit 5cf9b032, its CSV file): 70 of level 1, 183 of level 2,
92 of level 3. Of level 3 the map has those that shape this product.
"""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from tests.repository import trees

MAP = trees.ROOT / "docs" / "asvs.csv"
THREAT_MODEL = trees.ROOT / "docs" / "threat-model.md"
STATUSES = {"met", "design", "exception", "not applicable"}
# How many requirements of levels 1 and 2 each chapter has.
CHAPTERS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}
LEVEL_3 = set(
    "2.3.5 2.4.2 6.3.5 6.3.7 6.3.8 7.5.3 8.2.4 8.3.2 8.4.2 11.7.1 12.1.5 13.3.3 13.3.4 14.2.6 14.2.7 15.4.2 16.5.4".split()
)


def rows() -> list[dict[str, str]]:
    with MAP.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def evidence(row: dict[str, str]) -> list[tuple[str, str]]:
    """Each piece as (path, name of the test or nothing)."""
    pieces = [piece.partition("::") for piece in row["evidence"].split("; ")]
    return [(path, test) for path, _, test in pieces]


def is_there(path: str, test: str) -> bool:
    file = trees.ROOT / path
    return file.is_file() and (not test or f"def {test}(" in file.read_text(encoding="utf-8"))


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    found = rows()
    assert Counter(row["level"] for row in found) == {"1": 70, "2": 183, "3": len(LEVEL_3)}
    ids = [row["requirement"] for row in found]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"\d{1,2}\.\d\.\d{1,2}", one) for one in ids)
    assert ids == sorted(ids, key=lambda one: [int(part) for part in one.split(".")])
    assert Counter(int(row["requirement"].split(".")[0]) for row in found if row["level"] != "3") == CHAPTERS
    assert {row["requirement"] for row in found if row["level"] == "3"} == LEVEL_3


def test_every_row_says_how_it_stands_and_why() -> None:
    for row in rows():
        assert row["status"] in STATUSES, row
        assert row["note"].endswith("."), row
        assert len(row["note"]) > len("Not here."), row


def test_an_exception_has_its_day_and_its_end() -> None:
    for row in rows():
        dated = re.match(r"20\d\d-[01]\d-[0-3]\d: .+; ends when .+\.$", row["note"])
        assert (dated is not None) == (row["status"] == "exception"), row


def test_everything_it_points_at_is_there() -> None:
    found = [(row["requirement"], *one) for row in rows() for one in evidence(row)]
    assert [one for one in found if not is_there(*one[1:])] == []


@pytest.mark.parametrize(
    ("path", "test"), [("tests/repository/test_asvs.py", "test_nobody_wrote"), ("docs/nothing.md", "")]
)
def test_what_is_not_there_is_noticed(path: str, test: str) -> None:
    assert not is_there(path, test)


def test_everything_the_threat_model_points_at_is_there() -> None:
    text = THREAT_MODEL.read_text(encoding="utf-8")
    paths = re.findall(r"`((?:benchmarks|childindex|deploy|docs|tests)/[\w./-]+)`", text)
    paths += [f"docs/{path}" for path in re.findall(r"\]\(([\w./-]+)\)", text)]
    assert len(paths) > 1
    assert [path for path in paths if not (trees.ROOT / path).exists()] == []


def test_every_case_is_tried_or_said_to_be_missing() -> None:
    """T01 to T25, each in one of the two tables; what is said to be tried has its file."""
    text = THREAT_MODEL.read_text(encoding="utf-8")
    tried = re.findall(r"\| (T\d\d) \|$", text, flags=re.MULTILINE)
    missing = re.findall(r"^\| (T\d\d) ", text, flags=re.MULTILINE)
    assert sorted(tried + missing) == [f"T{number:02}" for number in range(1, 26)]
    files = {path.name[5:8].upper() for path in (trees.ROOT / "tests" / "abuse").glob("test_t*.py")}
    assert set(tried) <= files
