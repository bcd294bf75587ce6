"""Things somebody must answer, in order and in time."""

import uuid

from django.db import models
from django.db.models import Q


class Case(models.Model):
    """A request or report: what kind, about which child and involvement, who asked, whose answer is due and when.

    The web process may open one and read its own organisation's; there is no prose anywhere in it (R 1.28).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30)
    child_id = models.UUIDField(null=True)
    involvement_id = models.UUIDField(null=True)
    opened_by = models.UUIDField(null=True)
    opened_for = models.CharField(max_length=60)
    owner = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    case_reference = models.CharField(max_length=30)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=40)

    classification = {
        "id": "open",
        "kind": "open",
        "child_id": "personal",
        "involvement_id": "personal",
        "opened_by": "personal",
        "opened_for": "open",
        "owner": "open",
        "code": "open",
        "case_reference": "personal",
        "opened_at": "open",
        "due_at": "open",
        "closed_at": "open",
        "closed_by": "personal",
        "outcome": "open",
    }

    class Meta:
        """Codes, never prose; closed by somebody at some time or not at all."""

        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["contact_request", "phone_report"]), name="case_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(case_reference="") | Q(case_reference__regex=r"^[A-Z0-9/-]{3,30}$"),
                name="case_reference_has_no_prose",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="case_closed_by_somebody",
            ),
        ]
