"""`childindex deliver --feed NAME FILE`: one delivery into the index."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from childindex.access.sign_in import operator
from childindex.supply.types import DeliveryReport, Kind, Progress, no_progress
from childindex.supply.usecases.deliver import deliver


def run(
    feed: str,
    file: Path,
    *,
    as_at: date,
    at: datetime,
    kind: Kind = Kind.SNAPSHOT,
    mapping: Path | None = None,
    removals_agreed: bool = False,
    progress: Progress = no_progress,
) -> DeliveryReport:
    """Bring a file into the index as the operator. The same content twice changes nothing."""
    return deliver(
        actor=operator(at=at),
        feed=feed,
        file=file,
        as_at=as_at,
        at=at,
        kind=kind,
        mapping=mapping,
        removals_agreed=removals_agreed,
        progress=progress,
    )


def as_dict(report: DeliveryReport, *, seconds: float) -> dict[str, object]:
    """The report for `--json`, with rows a second."""
    return {
        "delivery": str(report.delivery.id),
        "feed": report.delivery.feed,
        "as_at": report.delivery.as_at.isoformat(),
        "kind": report.delivery.kind.value,
        "state": report.delivery.state.value,
        "repeated": report.repeated,
        "was_applied": report.was_applied,
        "held": report.held,
        "rows": report.delivery.rows,
        "rejected": dict(report.rejected),
        "problems": [asdict(problem) for problem in report.problems],
        "unknown_columns": report.unknown_columns,
        "unlicensed_columns": report.unlicensed_columns,
        **asdict(report.outcome),
        "seconds": round(seconds, 2),
        "rows_per_second": round(report.delivery.rows / seconds) if seconds else 0,
    }


def lines(report: DeliveryReport, *, seconds: float) -> list[str]:
    """The report for a person, one line for each thing worth knowing; none where the file is held."""
    delivery, outcome = report.delivery, report.outcome
    if report.held:
        return []
    if report.repeated and report.was_applied:
        return [f"{delivery.feed}: this content was received before, delivery {delivery.id}; nothing changed."]
    answers = [
        f"{delivery.feed}: {delivery.rows:,} rows in {seconds:.1f} s ({delivery.rows / max(seconds, 0.001):,.0f} rows a second)",
        _counted(
            "records", new=outcome.new, linked=outcome.linked, updated=outcome.updated, unchanged=outcome.unchanged
        )
        + f", {outcome.for_review:,} for review, {outcome.removed:,} removed",
        _counted("involvements", started=outcome.started, ended=outcome.ended),
    ]
    answers += [f"rejected, {code}: {count:,}" for code, count in sorted(report.rejected.items())]
    answers += [f"row {one.row}, {one.column or 'whole row'}: {one.sentence}" for one in report.problems[:10]]
    if report.unknown_columns or report.unlicensed_columns:
        answers.append(f"dropped: {report.unknown_columns} unknown and {report.unlicensed_columns} unlicensed columns")
    return answers


def _counted(what: str, **counts: int) -> str:
    """Numbers with their names."""
    return f"{what}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items())
