"""`childindex check FILE`: what a file would be answered if it were delivered. Needs no database and keeps nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from childindex.supply.formats.register import RegisterWrong, read_register
from childindex.supply.formats.rules import Rules, rules_for
from childindex.supply.formats.trying import try_out
from childindex.supply.types import FileCheck, Progress, no_progress


class CannotCheck(ValueError):
    """There is nothing to check the file against; the text is the one line that says why."""


def run(
    file: Path,
    *,
    as_at: date,
    mapping: Path | None = None,
    register: Path | None = None,
    feed: str | None = None,
    progress: Progress = no_progress,
) -> FileCheck:
    """Read a supply file as a delivery for `as_at` would.

    `register` is a folder of set-up files: with it and a `feed`, services, consent and the licence are checked too.
    Raises CannotCheck where there is no such feed or a set-up file cannot be used.
    """
    return try_out(file, rules=_rules(register, feed, as_at=as_at), mapping=mapping, progress=progress)


def _rules(folder: Path | None, name: str | None, *, as_at: date) -> Rules:
    """The feed's rules, or those that hold for any feed."""
    if folder is None:
        return Rules(feed=name or "", as_at=as_at)
    try:
        register = read_register(folder, authorities=None)
    except RegisterWrong as wrong:
        raise CannotCheck(wrong.sentence) from None
    found = [feed for feed in register.feeds if feed.name == name]
    if not found:
        known = ", ".join(feed.name for feed in register.feeds)
        raise CannotCheck(f"Name the feed with --feed. The feeds in this folder are: {known}.")
    services = {service.code: service for service in register.service_types}
    return rules_for(found[0], services, as_at=as_at)


def lines(found: FileCheck) -> list[str]:
    """The answers for a person, one a line."""
    if found.held:
        return [f"The file would be held: {found.held}"]
    answers = [f"row {one.row}, {one.column or 'whole row'}: {one.sentence} [{one.code}]" for one in found.problems]
    hidden = sum(found.rejected.values()) - len(answers)
    if hidden:
        answers.append(f"and {hidden:,} more rows")
    answers.append(f"{found.rows:,} rows, {found.records:,} good records, score {found.score} of 100")
    answers.append("given: " + ", ".join(f"{name} {share:.1%}" for name, share in found.filled.items()))
    if found.unknown_columns or found.unlicensed_columns:
        answers.append(f"dropped: {found.unknown_columns} unknown and {found.unlicensed_columns} unlicensed columns")
    return answers
