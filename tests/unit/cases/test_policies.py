"""How long things hold and by when somebody must answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from childindex.audit.types import issue_receipt
from childindex.cases import policies
from childindex.cases.types import CaseKind, Visit
from childindex.kernel.identity import ChildId
from childindex.kernel.people import Reason, ReasonCode

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_a_visit_lasts_eight_hours_from_when_its_reason_was_given() -> None:
    assert policies.visit_end(at=AT, kept=None) == AT + timedelta(hours=8)
    kept = Visit(
        receipt=issue_receipt(entry_id=uuid4(), at=AT),
        handle="h",
        child_id=ChildId(uuid4()),
        reason=Reason(code=ReasonCode.CONTACT),
        opened_at=AT,
        expires_at=AT + timedelta(hours=8),
    )
    assert policies.visit_end(at=AT + timedelta(hours=7), kept=kept) == AT + timedelta(hours=8)


def test_results_last_a_quarter_of_an_hour() -> None:
    assert policies.results_end(AT) == AT + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("ago", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(minutes=15), True),
        (timedelta(minutes=15, seconds=1), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_search_is_fresh_for_a_quarter_of_an_hour(ago: timedelta, *, fresh: bool) -> None:
    assert policies.enquiry_is_fresh(AT - ago, at=AT) is fresh


def test_no_search_is_not_a_fresh_one() -> None:
    assert not policies.enquiry_is_fresh(None, at=AT)


def test_every_kind_of_case_is_due_some_time() -> None:
    assert all(policies.due(kind, at=AT) > AT for kind in CaseKind)
    assert policies.due(CaseKind.CONTACT_REQUEST, at=AT) == AT + timedelta(hours=24)
