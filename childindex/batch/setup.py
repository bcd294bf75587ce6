"""`childindex setup DIR`: the register of an index from its four files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from childindex.access.sign_in import operator
from childindex.supply.types import SetUp
from childindex.supply.usecases.set_up import set_up


def run(directory: Path, *, at: datetime) -> SetUp:
    """Read the set-up files of a folder into the index, as the operator. The same again changes nothing."""
    return set_up(actor=operator(at=at), folder=directory, at=at)


def lines(done: SetUp) -> list[str]:
    """What changed, one line a part."""
    return [
        f"{name}: {changes.new} new, {changes.changed} changed, {changes.same} as before"
        for name, changes in done.parts.items()
    ]
