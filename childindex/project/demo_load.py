"""Fills a new demo: made-up files, the set-up, every delivery through the real pipeline, and people to sign in as.

Runs as a process of its own (`python -m childindex.project.demo_load SHEET CHILDREN`), as a worker does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from childindex.project.console import Steps, command
from childindex.project.database import Process
from childindex.project.processes import become
from childindex.project.sign_in_sheet import DemoAccount, DemoChild, SignInSheet

SEED = 2026


@dataclass(slots=True, kw_only=True)
class Loading:
    """What the steps share: where the files go, how many children, and the sheet as it fills."""

    files: Path
    children: int
    accounts: list[DemoAccount] = field(default_factory=list)
    sought: list[DemoChild] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the loading, with the line that names it."""

    title: str
    run: Callable[[Loading], None]


STEPS: tuple[Step, ...] = ()


@command
def load(sheet: Path, *, children: int) -> None:
    """Runs every step in order; the sheet is kept last, so that an interrupted loading is begun again."""
    become(Process.WORKER)
    loading = Loading(files=sheet.with_suffix(""), children=children)
    with Steps(len(STEPS)) as steps:
        for step in STEPS:
            steps.begin(step.title)
            step.run(loading)
            steps.done()
    SignInSheet(accounts=tuple(loading.accounts), children=tuple(loading.sought)).keep(sheet)


if __name__ == "__main__":
    load(Path(sys.argv[1]), children=int(sys.argv[2]))
