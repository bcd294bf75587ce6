"""A trial beside an earlier one, and gates that a trial has to pass."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from childindex.trial.figures import Trial

_COMPARED = ("counts", "pairs", "clusters", "review", "twins", "forbidden", "groups")
_BOUNDS = ("at_least", "at_most", "may_fall", "may_rise")


class CannotCompare(Exception):
    """The earlier run or the file of gates is not what it should be; the text says why."""


@dataclass(frozen=True)
class Difference:
    """One figure then and now. `change` is now less then; None where either has no figure."""

    figure: str
    earlier: float | None
    now: float | None
    change: float | None


@dataclass(frozen=True)
class Gate:
    """What one figure must keep to. `bound` is at_least, at_most, or, held against the earlier run, may_fall or may_rise."""

    figure: str
    bound: str
    limit: float


@dataclass(frozen=True)
class Verdict:
    """A gate and how it went: `value` is the figure, or its fall or rise; None, a figure that is not there, never passes."""

    gate: Gate
    value: float | None
    passed: bool


def read_earlier(path: Path) -> dict[str, float | None]:
    """The figures of a run that `evaluate --json` wrote. Refused: another file, or one of another version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotCompare(f"{path} cannot be read as the JSON of an earlier run.") from error
    if not isinstance(found, dict) or found.get("version") != 1:
        raise CannotCompare(f"{path} is not an earlier run of this command.")
    return dict(_leaves(found))


def figures(trial: Trial) -> dict[str, float | None]:
    """Every number of a trial by its path, such as `groups.columns.origin.polish.recall.share`; curves and bins are left out."""
    return dict(_leaves(asdict(trial)))


def differences(now: Mapping[str, float | None], earlier: Mapping[str, float | None]) -> list[Difference]:
    """The figures that are not the same in both runs, in the order of the trial."""
    found = []
    for figure in [*now, *(name for name in earlier if name not in now)]:
        then, today = earlier.get(figure), now.get(figure)
        if then != today:
            change = None if then is None or today is None else today - then
            found.append(Difference(figure=figure, earlier=then, now=today, change=change))
    return found


def read_gates(path: Path) -> list[Gate]:
    """The `[[gate]]` tables of a TOML file, each with `figure` and one or more bounds. Refused: anything else, and a file without a gate."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotCompare(f"{path} cannot be read as TOML: {error}") from error
    listed = tables.pop("gate", None)
    if tables or not isinstance(listed, list) or not listed:
        raise CannotCompare(f"{path} has to be a list of [[gate]] and nothing else.")
    return [gate for table in listed for gate in _gates(path, table)]


def judge(
    gates: list[Gate], now: Mapping[str, float | None], earlier: Mapping[str, float | None] | None
) -> list[Verdict]:
    """Every gate held against the figures. Refused: a gate against an earlier run without one."""
    verdicts = []
    for gate in gates:
        value = now.get(gate.figure)
        if gate.bound in {"may_fall", "may_rise"}:
            if earlier is None:
                raise CannotCompare(f"The gate on {gate.figure} needs an earlier run.")
            then = earlier.get(gate.figure)
            falling = gate.bound == "may_fall"
            value = None if value is None or then is None else (then - value if falling else value - then)
        high_enough = gate.bound == "at_least"
        passed = value is not None and (value >= gate.limit if high_enough else value <= gate.limit)
        verdicts.append(Verdict(gate=gate, value=value, passed=passed))
    return verdicts


def in_words(verdict: Verdict) -> str:
    """One line for a gate: what it asks and what was found."""
    gate = verdict.gate
    asks = {
        "at_least": "has to be at least",
        "at_most": "may be at most",
        "may_fall": "may fall by at most",
        "may_rise": "may rise by at most",
    }
    told = "no figure" if verdict.value is None else f"{verdict.value:.7g}"
    return f"{'kept' if verdict.passed else 'BROKEN'}: {gate.figure} {asks[gate.bound]} {gate.limit:g}: {told}"


def _gates(path: Path, table: Any) -> Iterator[Gate]:
    bounds = {name: value for name, value in table.items() if name != "figure"} if isinstance(table, dict) else {}
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in bounds.values())
    if not bounds or not numbers or not set(bounds) <= set(_BOUNDS) or not isinstance(table.get("figure"), str):
        raise CannotCompare(
            f"{path}: a [[gate]] has a figure and one or more of {', '.join(_BOUNDS)}, which are numbers."
        )
    for bound, limit in bounds.items():
        yield Gate(figure=table["figure"], bound=bound, limit=float(limit))


def _leaves(trial: Mapping[str, Any]) -> Iterator[tuple[str, float | None]]:
    for part in _COMPARED:
        yield from _below(part, trial.get(part))
    for curve in trial.get("curves") or ():
        for name in ("best_f1", "recall_at_precision_0_999", "recall_at_precision_0_9999"):
            yield f"curves.{curve['score']}.{name}", curve[name]
    if trial.get("calibration"):
        for name in ("expected_error", "expected_error_between"):
            yield f"calibration.{name}", trial["calibration"][name]


def _below(path: str, value: Any) -> Iterator[tuple[str, float | None]]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _below(f"{path}.{name}", one)
    elif value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield path, None if value is None else float(value)
