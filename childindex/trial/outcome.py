"""What `childindex evaluate` does: one trial, held against an earlier one and against gates, as lines, JSON and a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from childindex.trial import compare
from childindex.trial.compare import Difference, Verdict
from childindex.trial.evaluate import evaluate
from childindex.trial.figures import Clusters, Counts, Trial
from childindex.trial.intervals import Share
from childindex.trial.page.page import write


@dataclass(frozen=True)
class Outcome:
    """A trial, and what became of it. `differences` is None without an earlier run."""

    trial: Trial
    differences: tuple[Difference, ...] | None
    verdicts: tuple[Verdict, ...]


def run(
    folder: Path,
    *,
    truth: Path,
    files: Mapping[str, Path] | None = None,
    against: Path | None = None,
    gates: Path | None = None,
    html: Path | None = None,
    progress: Callable[[str, float], None] = lambda _done, _share: None,
) -> Outcome:
    """One trial. `against` is the JSON of an earlier one, `gates` a TOML file, `html` where to write the page.

    Refused, before anything is counted: an earlier run or gates that cannot be read (`CannotCompare`). Refused: `TrialUnreadable`.
    """
    earlier = compare.read_earlier(against) if against else None
    asked = compare.read_gates(gates) if gates else []
    trial = evaluate(folder, truth=truth, files=files, progress=progress)
    now = compare.figures(trial)
    found = Outcome(
        trial=trial,
        differences=None if earlier is None else tuple(compare.differences(now, earlier)),
        verdicts=tuple(compare.judge(asked, now, earlier)),
    )
    if html:
        progress("writing the page", 0.95)
        write(html, trial, differences=found.differences, verdicts=found.verdicts)
    progress("done", 1.0)
    return found


def as_dict(found: Outcome) -> dict[str, Any]:
    """The trial's figures, and beside them `differences` and `gates`; the same form `--against` reads."""
    gates = [{**asdict(one.gate), "value": one.value, "passed": one.passed} for one in found.verdicts]
    differences = None if found.differences is None else [asdict(one) for one in found.differences]
    return {**asdict(found.trial), "differences": differences, "gates": gates}


def lines(found: Outcome) -> list[str]:
    """The main figures, what has changed in them, and every gate."""
    trial = found.trial
    cross, after = trial.pairs.cross, trial.review.after.cross
    told = [
        _counts(trial.counts),
        f"Pairs between suppliers: precision {_share(cross.precision)}, recall {_share(cross.recall)}, F1 {_number(cross.f1)}",
        f"After perfect review: recall {_share(after.recall)}; {_number(trial.review.pairs_per_100_true, 2)} questions per 100 true pairs",
        f"Records with a question: {_number(trial.review.records_percent, 2)}%",
        f"Clusters as linked: {_clusters(trial.clusters.before)}",
        f"Clusters after review: {_clusters(trial.clusters.after)}",
        f"Wrong links between twins: {trial.twins.all if trial.twins else 'not known'}; forbidden pairs linked: {trial.forbidden.linked:,} of {trial.forbidden.pairs:,}",
        _gap(trial),
    ]
    if found.differences is not None:
        told.append(f"{len(found.differences):,} figures differ from the earlier run")
        told += [
            _changed(one)
            for one in found.differences
            if one.figure.endswith((".share", ".f1")) and ".cross." in one.figure
        ]
    return [*told, *(compare.in_words(one) for one in found.verdicts)]


def _counts(counts: Counts) -> str:
    return (
        f"{counts.records:,} records of {counts.persons:,} persons in {counts.clusters:,} clusters;"
        f" {counts.held:,} held because of a shield, {counts.missing:,} missing, {counts.unknown:,} unknown to the truth"
    )


def _gap(trial: Trial) -> str:
    gap = trial.groups.largest_gap
    if not gap.column:
        return "No group of 100 true pairs or more is below the whole in recall"
    return f"Furthest below the whole in recall: {gap.column} {gap.value}, {gap.points:.2f} points"


def _clusters(one: Clusters) -> str:
    return (
        f"{_number(one.recall.share)} of persons exact, {_number(one.mixed_per_100_000, 1)} per 100,000 mixed with another,"
        f" {_number(one.split_percent, 2)}% split"
    )


def _changed(one: Difference) -> str:
    return f"  {one.figure}: {_number(one.earlier, 6)} then, {_number(one.now, 6)} now"


def _share(share: Share) -> str:
    if share.share is None:
        return "not known"
    return f"{share.share:.5f} ({share.low:.5f} to {share.high:.5f})"


def _number(value: float | None, digits: int = 4) -> str:
    return "not known" if value is None else f"{value:.{digits}f}"
