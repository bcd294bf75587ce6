"""Decisions that a service may be listed."""

import uuid

from django.db import models
from django.db.models import Q

from childindex.kernel.identity import ConsentBasis


class Decision(models.Model):
    """A child's or parent's decision, or a provider's ground of significant harm, for one service (R 1.24, 1.25, 6.09)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    service_type = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)
    basis = models.CharField(max_length=16)
    decided_by = models.CharField(max_length=100)
    decided_on = models.DateField()
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    classification = {
        "id": "special",
        "child_id": "special",
        "service_type": "special",
        "organisation": "special",
        "basis": "special",
        "decided_by": "special",
        "decided_on": "special",
        "recorded_at": "open",
        "withdrawn_at": "special",
    }

    class Meta:
        """Who decided is always kept."""

        constraints = [
            models.CheckConstraint(condition=Q(basis__in=[b.value for b in ConsentBasis]), name="consent_basis_known"),
            models.CheckConstraint(condition=~Q(decided_by=""), name="consent_names_who_decided"),
        ]
        indexes = [models.Index(fields=["child_id"], name="consent_child")]
