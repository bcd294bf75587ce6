"""What a supplier has said of its own records' involvements, as the index keeps it of open children."""

from __future__ import annotations

from collections.abc import Sequence

from childindex.audit.types import Receipt
from childindex.involvement import models
from childindex.kernel.identity import AssessmentState, SuppliedInvolvement


def given(feed: str, record_ids: Sequence[str], *, receipt: Receipt) -> dict[str, tuple[SuppliedInvolvement, ...]]:
    """Every involvement kept of these records of a feed, current and ended, by the supplier's id; for deliveries alone."""
    del receipt
    found: dict[str, tuple[SuppliedInvolvement, ...]] = {}
    kept = models.Involvement.objects.filter(source=feed, record_id__in=list(record_ids)).order_by("reference")
    for row in kept:
        found[row.record_id] = (*found.get(row.record_id, ()), _supplied(row))
    return found


def _supplied(row: models.Involvement) -> SuppliedInvolvement:
    """One kept line in the supplier's own terms."""
    return SuppliedInvolvement(
        involvement_id=row.reference,
        service_type=row.service_type,
        organisation_id=row.organisation,
        team=row.team,
        practitioner_name=row.practitioner_name,
        practitioner_role=row.practitioner_role,
        phone=row.phone,
        email=row.email,
        out_of_hours_phone=row.out_of_hours_phone,
        started_on=row.started_on,
        ended_on=row.ended_on,
        lead_professional=row.claims_lead,
        assessment=AssessmentState(row.assessment),
        assessment_on=row.assessment_on,
    )
