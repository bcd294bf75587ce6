"""Fills a new demo: made-up files, the set-up, every delivery through the real pipeline, and people to sign in as.

Runs as a process of its own (`python -m childindex.project.demo_load SHEET CHILDREN`), as a worker does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from childindex.project.console import CommandError, Steps, command, say
from childindex.project.database import Process
from childindex.project.processes import become
from childindex.project.sign_in_sheet import DemoAccount, DemoChild, SignInSheet
from synthetic.generate import generate
from synthetic.picks import demo_picks

SEED = 2026
FEEDS = ("births", "gp_list", "school_census", "health_visiting", "social_care", "youth_justice", "sexual_health")


@dataclass(slots=True, kw_only=True)
class Loading:
    """What the steps share: where the files go, how many children, when, and the sheet as it fills."""

    files: Path
    children: int
    at: datetime
    accounts: list[DemoAccount] = field(default_factory=list)
    sought: list[DemoChild] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the loading, with the line that names it."""

    title: str
    run: Callable[[Loading], None]


def _make_up(loading: Loading) -> None:
    """A town of children under eighteen today, with what seven suppliers hold of them."""
    generate(children=loading.children, seed=SEED, out=loading.files, reference=loading.at.date())


def _set_up(loading: Loading) -> None:
    """The areas, organisations, kinds of service and feeds of the town."""
    from childindex.batch import setup  # noqa: PLC0415 - needs Django set up

    setup.run(loading.files, at=loading.at)


def _delivery(feed: str) -> Step:
    """One supplier's file, through the pipeline that every delivery takes."""

    def run(loading: Loading) -> None:
        from childindex.batch import deliver  # noqa: PLC0415 - needs Django set up

        began = time.perf_counter()
        report = deliver.run(feed, loading.files / f"{feed}.csv", as_at=loading.at.date(), at=loading.at)
        if report.held:
            raise CommandError(f"The made-up file of {feed} is held: {report.held}")
        for line in deliver.lines(report, seconds=time.perf_counter() - began)[:2]:
            say(f"  {line}")

    return Step(title=f"Delivering {feed.replace('_', ' ')}", run=run)


def _draw_sample(loading: Loading) -> None:
    """A first sample of what was just decided without a person, for the stewards to judge."""
    from childindex.batch import sample  # noqa: PLC0415 - needs Django set up

    drawn = sample.run(until=loading.at, at=loading.at)
    say(f"  {drawn.pairs:,} pairs of {drawn.decisions:,} decisions")


def _let_people_in(loading: Loading) -> None:
    """One person of each role, and one whose training has lapsed."""
    from childindex.batch import made_up_people  # noqa: PLC0415 - needs Django set up

    loading.accounts = [DemoAccount(**asdict(person)) for person in made_up_people.run(loading.files, at=loading.at)]


def _choose_children(loading: Loading) -> None:
    """Three children worth searching for, as the search form's fields."""
    for pick in demo_picks(loading.files):
        typed = {name: text for name, text in pick.search.items() if name != "birth_date"}
        year, month, day = (str(int(part)) for part in pick.search["birth_date"].split("-"))
        born = {"born-day": day, "born-month": month, "born-year": year}
        search = {**typed, **born, "reason": "contact"}
        loading.sought.append(DemoChild(why=pick.why, search=search, expect=pick.expect))


STEPS: tuple[Step, ...] = (
    Step(title="Making up a town of children", run=_make_up),
    Step(title="Setting up areas, organisations, services and feeds", run=_set_up),
    *(_delivery(feed) for feed in FEEDS),
    Step(title="Drawing a sample of what was decided", run=_draw_sample),
    Step(title="Letting people in", run=_let_people_in),
    Step(title="Choosing children worth searching for", run=_choose_children),
)


@command
def load(sheet: Path, *, children: int) -> None:
    """Runs every step in order; the sheet is kept last, so that an interrupted loading is begun again."""
    become(Process.WORKER)
    loading = Loading(files=sheet.with_suffix(""), children=children, at=datetime.now(UTC))
    with Steps(len(STEPS)) as steps:
        for step in STEPS:
            steps.begin(step.title)
            step.run(loading)
            steps.done()
    SignInSheet(accounts=tuple(loading.accounts), children=tuple(loading.sought)).keep(sheet)


if __name__ == "__main__":
    load(Path(sys.argv[1]), children=int(sys.argv[2]))
