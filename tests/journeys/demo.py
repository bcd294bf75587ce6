"""The demo as its users start it: a process of its own, with its own database, that says on standard output how to get in."""

from __future__ import annotations

import csv
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from childindex.project.folders import CHECKOUT

CHILDREN = 1000
START_SECONDS = 400  # two start at once, and the machine may have other work
STOP_SECONDS = 60
# What the demo may know of this machine: nothing that tests or a live installation have set.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody on the sign-in sheet."""

    role: str
    name: str
    username: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoughtChild:
    """A child on the sign-in sheet: why, what to type by form field, and what should be seen."""

    why: str
    search: Mapping[str, str]
    expect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo and its sheet."""

    url: str
    accounts: tuple[Account, ...]
    children: tuple[SoughtChild, ...]
    data: Path

    def records_of(self, child: SoughtChild) -> list[dict[str, str]]:
        """Every row that any supplier made up about this child, by the truth that the generator wrote down beside them."""
        truth = {(row["source"], row["record_id"]): row["person_id"] for row in self._file("truth")}
        born = "-".join(child.search[part].zfill(2) for part in ("born-year", "born-month", "born-day"))
        rows = [
            {**row, "source": source}
            for source in sorted({source for source, _ in truth})
            for row in self._file(source)
        ]
        alike = [
            truth[row["source"], row["record_id"]]
            for row in rows
            if row["birth_date"] == born and row["given_name"].casefold() == child.search["given_name"].casefold()
        ]
        person = max(set(alike), key=alike.count)
        return [row for row in rows if truth[row["source"], row["record_id"]] == person]

    def twins(self) -> dict[str, str]:
        """What to type to find two children of one birth, as the registrar wrote them down; the reason is that they moved."""
        births: dict[tuple[str, str, str], set[str]] = {}
        for row in self._file("births"):
            births.setdefault((row["family_name"], row["birth_date"], row["postcode"]), set()).add(row["given_name"])
        family, born, _ = next(birth for birth, names in sorted(births.items()) if len(names - {""}) == 2)
        year, month, day = born.split("-")
        typed = {"family_name": family, "born-day": day, "born-month": month, "born-year": year}
        return {**typed, "reason": "moved"}

    def postcode_of_the_council(self) -> str:
        """A postcode in the area of the council that the cast works for: the last one of its kind."""
        area = [row["authority"] for row in self._file("organisations") if row["kind"] == "council"][-1]
        return next(row["postcode"] for row in self._file("postcodes") if row["authority"] == area)

    def _file(self, name: str) -> list[dict[str, str]]:
        [path] = self.data.glob(f"demo-*/{name}.csv")
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def account(self, *words: str) -> Account:
        """The account whose role or name says all of these words."""
        found = [one for one in self.accounts if all(word in f"{one.role} {one.name}".lower() for word in words)]
        assert found, f"nobody on the sign-in sheet is {' '.join(words)}: {[one.role for one in self.accounts]}"
        return found[0]

    def child(self, word: str) -> SoughtChild:
        """The child on the sheet for the reason that has this word."""
        found = [one for one in self.children if word in one.why.lower()]
        assert found, f"no child on the sign-in sheet is {word}: {[one.why for one in self.children]}"
        return found[0]


def run(*arguments: str) -> list[str]:
    """The command line of this checkout's `childindex`."""
    return [sys.executable, "-m", "childindex.project.cli", *arguments]


def environment() -> dict[str, str]:
    """A clean environment for it."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # Programs search faster than people may; that the limits hold is T03's to show.
    return {**passed, "CHILDINDEX_LIMITS_LIFTED": "1"}


def start(data: Path) -> tuple[subprocess.Popen[str], Demo]:
    """Starts a demo of a small town with its files in `data`; fails with what it said if it does not come up."""
    errors = data.with_suffix(".log")
    with errors.open("w") as log:
        process = subprocess.Popen(
            run("demo", "--json", "--children", str(CHILDREN), "--port", str(_free_port()), "--data", str(data)),
            cwd=CHECKOUT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else ""
    if not line:
        stop(process)
        raise AssertionError(f"The demo did not start:\n{errors.read_text()[-3000:]}")
    return process, _sheet(json.loads(line), data)


def stop(process: subprocess.Popen[str]) -> int:
    """Presses Ctrl-C and gives the exit code."""
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_SECONDS)
    return process.returncode


def forget(data: Path) -> None:
    """Deletes what the demo keeps, also where it keeps its database when run as root."""
    subprocess.run(
        run("demo", "--reset", "--data", str(data)), cwd=CHECKOUT, env=environment(), capture_output=True, check=True
    )


def deliver(demo: Demo, feed: str, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """`childindex deliver` into the running demo, as a supplier's file comes in."""
    return subprocess.run(
        run("deliver", "--feed", feed, "--json", *more, str(file)),
        cwd=CHECKOUT,
        env={**environment(), "CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(demo.data)},
        capture_output=True,
        text=True,
        check=False,
    )


def deliver_crowd(demo: Demo) -> dict[str, str]:
    """Twelve children of one name and year, who all live elsewhere; what to type to find too many."""
    rows = [f"CROWD{month},Crowder,Sam,2014-{month:02},male,{month} High Street\n" for month in range(1, 13)]
    days = [row.replace(",male", f"-{month:02},male") for month, row in enumerate(rows, start=1)]
    file = demo.data / "crowd.csv"
    file.write_text("record_id,family_name,given_name,birth_date,sex,address\n" + "".join(days))
    done = deliver(demo, "births", file, "--kind", "delta")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == len(rows), done.stdout
    return {"family_name": "Crowder", "given_name": "Sam", "born-year": "2014", "reason": "contact"}


def _sheet(printed: Mapping[str, Any], data: Path) -> Demo:
    return Demo(
        data=data,
        url=printed["url"],
        accounts=tuple(Account(**one) for one in printed["accounts"]),
        children=tuple(SoughtChild(**one) for one in printed["children"]),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
