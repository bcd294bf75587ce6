"""A trained model as a file: the text of the model it began with, with other numbers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import numpy as np

from childindex.matching.engine.levels import Field, Level
from childindex.matching.engine.model import NotAModel, Training

# For each field and level, how often records of one child agree so far (m), and of two children (u).
Shares = Mapping[tuple[Field, Level], tuple[float, float]]

_HEADING: Final = re.compile(r"\[comparisons\.(\w+)\]")
_LEVEL: Final = re.compile(
    r'(?P<start>\s*\{ level = "(?P<level>\w+)",\s*)m = [^,]+,\s*u = [^,} ]+(?P<rest>.*)', re.DOTALL
)
_TRAINING: Final = re.compile(r"^\[training\]\n(?:[^\[\n].*\n)*\n?", re.MULTILINE)
_VERSION: Final = re.compile(r'^version = "[^"]*"$', re.MULTILINE)
_FIRST_TABLE: Final = re.compile(r"^\[", re.MULTILINE)
_DIGITS: Final = 4
_WIDTH: Final = 10


def shares_of(text: str) -> dict[tuple[Field, Level], tuple[float, float]]:
    """The m and u that a model file gives."""
    comparisons = tomllib.loads(text)["comparisons"]
    return {
        (Field(of), Level(entry["level"])): (float(entry["m"]), float(entry["u"]))
        for of, comparison in comparisons.items()
        for entry in comparison["levels"]
    }


def rounded(share: float) -> float:
    """A share as the file will have it."""
    return float(_written(share))


def with_shares(text: str, shares: Shares, *, version: str, training: Training) -> str:
    """The text of a model file with other m and u, another version and a table of what it was trained on.

    Raises NotAModel where the text has not one level on each line, as the shipped file has: its numbers cannot be found then.
    """
    of: Field | None = None
    lines = []
    for line in _TRAINING.sub("", text).splitlines(keepends=True):
        heading = _HEADING.match(line)
        if heading:
            of = Field(heading[1])
        found = _LEVEL.fullmatch(line)
        if found and of:
            m, u = shares[of, Level(found["level"])]
            line = f"{found['start']}m = {_written(m) + ',':{_WIDTH}} u = {_written(u)}{found['rest']}"  # noqa: PLW2901
        lines.append(line)
    changed = _VERSION.sub(f'version = "{version}"', "".join(lines), count=1)
    changed = _FIRST_TABLE.sub(f"{_table(training)}\n[", changed, count=1)
    meant = {place: (rounded(m), rounded(u)) for place, (m, u) in shares.items()}
    if shares_of(changed) != meant or tomllib.loads(changed)["version"] != version:
        raise NotAModel("a model to begin with has one level on each line, as the shipped file has")
    return changed


def _written(share: float) -> str:
    """Four significant digits, never with an exponent: the file is read by people."""
    return np.format_float_positional(share, precision=_DIGITS, fractional=False, trim="0")


def _table(training: Training) -> str:
    """The table `[training]`."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in asdict(training).items()]
    return "\n".join(["[training]", *lines, ""])
