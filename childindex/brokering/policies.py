"""When a shield may be overridden and for how long, and why one may be asked for: rules as functions of values (R 3.05-3.10; T14)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from childindex.brokering.types import ASKED_GROUNDS, RIGHT_DAYS, VIEW_MINUTES, Ground
from childindex.kernel.people import CASE_REFERENCE
from childindex.kernel.refusals import Denied, Refusal

# More of them in seven days than this is asked about as a whole, beside each one's own investigation.
OFTEN: Final = 3
OFTEN_DAYS: Final = 7


def check_asked(*, accepted: bool, case_reference: str) -> None:
    """Refuse (NOT_ACCEPTED, "warning") where the warning was not accepted, (REASON_NEEDED) without a case reference."""
    if not accepted:
        raise Denied(Refusal.NOT_ACCEPTED, "warning")
    if not CASE_REFERENCE.fullmatch(case_reference):
        raise Denied(Refusal.REASON_NEEDED, "case_reference")


def check_shield_asked(*, ground: Ground, case_reference: str) -> None:
    """Refuse (NOT_ACCEPTED, "ground") for what no request brings about, (REASON_NEEDED) without a case reference."""
    if ground not in ASKED_GROUNDS:
        raise Denied(Refusal.NOT_ACCEPTED, "ground")
    if not CASE_REFERENCE.fullmatch(case_reference):
        raise Denied(Refusal.REASON_NEEDED, "case_reference")


def check_days(*, valid_from: date, valid_to: date, on: date) -> None:
    """Refuse (NOT_ACCEPTED, "days") for a right that begins before today, ends before it begins, or lasts more than a year."""
    if valid_from < on or not timedelta(0) < valid_to - valid_from <= timedelta(days=RIGHT_DAYS):
        raise Denied(Refusal.NOT_ACCEPTED, "days")


def view_until(at: datetime) -> datetime:
    """When a view that begins now ends, unless it is left before."""
    return at + timedelta(minutes=VIEW_MINUTES)
