"""Pairs of records with what the shipped model says of each: levels, bits, sentence. pairs.jsonl holds one a line.

Made by hand, one for each level of each fact, pattern and rule, and drawn from made-up files. `python -m benchmarks.matching.golden` writes what our
engine says, `python -m benchmarks.matching.peers.environment golden --write` what Splink says of the same model; both are read, as any change
of the file is, before they are committed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.matching.engine.record import Standardised, standardise

FILE: Final = Path(__file__).parent / "pairs.jsonl"
# Bits that engine, bulk and Splink may differ by.
ALMOST: Final = 1e-6
# What is said beside the facts: family patterns, what a household shares beyond its most, and the sum with the odds before comparing.
BESIDE: Final = ("patterns", "household", "total")

Row = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two records as supply rows, and what is said of them. `bits` are of each fact (rarity of the name in it) and of what stands
    beside; `splink` the same by Splink, or None where Splink's terms do not reach.
    """

    name: str
    rows: tuple[Row, Row]
    levels: dict[str, str]
    bits: dict[str, float]
    sentence: str
    splink: dict[str, float] | None

    @cached_property
    def left(self) -> Standardised:
        """The first record, made comparable."""
        return standardise(identity(self.rows[0]))

    @cached_property
    def right(self) -> Standardised:
        """The second record, made comparable."""
        return standardise(identity(self.rows[1]))


def identity(row: Row) -> Identity:
    """What a supply row says of a child."""
    texts = (
        "family_name", "given_name", "middle_names", "known_as", "former_family_name", "nhs_number", "upn", "address", "postcode", "uprn",
    )  # fmt: skip
    carer = Carer(name=row.get("carer_name", ""), phone=row.get("carer_phone", ""))
    return Identity(
        **{text: row.get(text, "") for text in texts},
        birth_date=PartialDate.parse(row["birth_date"]) if row.get("birth_date") else None,
        sex=Sex(row.get("sex") or "unknown"),
        carers=(carer,) if carer.name or carer.phone else (),
    )


def read(file: Path = FILE) -> list[Pair]:
    """The pairs of the file."""
    return [_pair(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _pair(line: dict[str, Any]) -> Pair:
    return Pair(**line | {"rows": tuple(line["rows"])})


def write(pairs: Iterable[Pair], file: Path = FILE) -> None:
    """The file of these pairs; bits to nine digits behind the point."""
    file.write_text("".join(f"{_line(pair)}\n" for pair in pairs), encoding="utf-8")


def _line(pair: Pair) -> str:
    written = {
        "name": pair.name,
        "rows": pair.rows,
        "levels": pair.levels,
        "sentence": pair.sentence,
        "bits": _rounded(pair.bits),
        "splink": None if pair.splink is None else _rounded(pair.splink),
    }
    return json.dumps(written, ensure_ascii=False)


def _rounded(bits: dict[str, float]) -> dict[str, float]:
    return {fact: round(said, 9) for fact, said in bits.items()}
