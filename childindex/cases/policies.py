"""How long things hold and by when somebody must answer: rules as functions of values."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from childindex.cases.types import CaseKind, Visit

_HANDLE = re.compile(r"[A-Za-z0-9_-]{22}")
VISIT_HOURS = 8
ENQUIRY_MINUTES = 15
RESULTS_MINUTES = 15
# A request for contact, and how somebody uses the index, within a working day's turn of the clock; a wrong number within a week.
_DUE = {
    CaseKind.CONTACT_REQUEST: timedelta(hours=24),
    CaseKind.PHONE_REPORT: timedelta(days=7),
    CaseKind.USE_REVIEW: timedelta(hours=24),
    CaseKind.OVERRIDE_REVIEW: timedelta(hours=24),
}


def is_handle(text: str) -> bool:
    """Whether a text from an address could be a handle at all; a database need not be asked about any other."""
    return _HANDLE.fullmatch(text) is not None


def due(kind: CaseKind, *, at: datetime) -> datetime:
    """By when a case of this kind must be answered."""
    return at + _DUE[kind]


def visit_end(*, at: datetime, kept: Visit | None) -> datetime:
    """When a visit opened now ends: eight hours from when its reason was given, however often it is opened again."""
    return kept.expires_at if kept is not None else at + timedelta(hours=VISIT_HOURS)


def results_end(at: datetime) -> datetime:
    """Until when the address of results is in use."""
    return at + timedelta(minutes=RESULTS_MINUTES)


def enquiry_is_fresh(searched_at: datetime | None, *, at: datetime) -> bool:
    """Whether a search was made at most fifteen minutes ago; missing means no (R 1.33)."""
    return searched_at is not None and searched_at <= at <= searched_at + timedelta(minutes=ENQUIRY_MINUTES)
