"""Who may override a shield, and each time somebody did: for whom, why, until when, under which investigation (R 3.08-3.10; T14).

What is hidden stands here only encrypted for a key that no database has: the one the browser that asked was given.
"""

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from childindex.brokering.types import RIGHT_DAYS, VIEW_MINUTES, OverrideGround


class OverrideRight(models.Model):
    """One person's own right to override shields: proposed by a manager, approved by another, and it ends (R 3.08)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField()
    organisation = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "account_id": "personal",
        "organisation": "open",
        "valid_from": "open",
        "valid_to": "open",
        "proposed_by": "personal",
        "proposed_at": "open",
        "approved_by": "personal",
        "approved_at": "open",
    }

    class Meta:
        """Two people, neither of them its holder; an end within a year."""

        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="override_right_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("account_id"))
                & (Q(approved_by__isnull=True) | ~Q(approved_by=F("account_id"))),
                name="override_right_not_ones_own",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="override_right_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from"))
                & Q(valid_to__lte=F("valid_from") + timedelta(days=RIGHT_DAYS)),
                name="override_right_ends_within_a_year",
            ),
        ]
        indexes = [models.Index(fields=["account_id"], name="override_right_account")]


class Override(models.Model):
    """One time a shield was overridden, for one child in one sitting, for ten minutes at most (R 3.09, 3.10)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    account_id = models.UUIDField()
    sitting = models.CharField(max_length=64)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)
    ground = models.CharField(max_length=30)
    case_reference = models.CharField(max_length=30)
    investigation = models.UUIDField(unique=True)
    public_key = models.BinaryField()
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    disclosed_at = models.DateTimeField(null=True)
    ciphertext = models.BinaryField(null=True)

    classification = {
        "id": "open",
        "child_id": "personal",
        "account_id": "personal",
        "sitting": "personal",
        "role": "open",
        "organisation": "open",
        "ground": "personal",
        "case_reference": "personal",
        "investigation": "open",
        "public_key": "open",
        "asked_at": "open",
        "until": "open",
        "ended_at": "open",
        "disclosed_at": "open",
        "ciphertext": "sealed",
    }

    class Meta:
        """A ground from the list, a case reference always, an investigation always, and an end."""

        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=[ground.value for ground in OverrideGround]), name="override_ground_known"
            ),
            models.CheckConstraint(
                condition=Q(case_reference__regex=r"^[A-Z0-9/-]{3,30}$"), name="override_has_a_case_reference"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("asked_at")) & Q(until__lte=F("asked_at") + timedelta(minutes=VIEW_MINUTES)),
                name="override_ends_within_ten_minutes",
            ),
            models.CheckConstraint(
                condition=Q(ciphertext__isnull=True) | Q(disclosed_at__isnull=False), name="override_handed_over_once"
            ),
        ]
        indexes = [models.Index(fields=["account_id", "asked_at"], name="override_account_at")]
