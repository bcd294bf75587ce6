"""One reading of the ledger into the queue of audit officers."""

from __future__ import annotations

from datetime import datetime

from childindex.access.sign_in import operator
from childindex.oversight.types import Scanned
from childindex.oversight.usecases import scanning


def run(*, at: datetime) -> Scanned:
    """What is new in the ledger, and what is four weeks old. Refused to every process but the auditors'."""
    return scanning.scan(actor=operator(at=at), at=at)


def line(done: Scanned) -> str:
    """What it came to, in a sentence."""
    return f"{done.looks:,} looks read, {done.raised:,} new in the queue, {done.explained:,} explained by now."
