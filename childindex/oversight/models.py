"""The queue of audit officers: opaque ids, days and codes; nothing in it says who a child is (R 7.04-7.08)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from childindex.oversight.types import Explanation, ItemState, Signal


class QueueItem(models.Model):
    """What one account did with one child on one day, or on the whole day (no child), and may have to answer for.

    Filled by the audit process, which alone reads the ledger; answered by an officer on the site. `times` and `entries` are the
    ledger's, the first twenty. `decided_by` is empty where an involvement explained it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField()
    child_id = models.UUIDField(null=True)
    day = models.DateField()
    organisation = models.CharField(max_length=60)
    role = models.CharField(max_length=40)
    authority = models.CharField(max_length=9)
    signals = ArrayField(models.CharField(max_length=20))
    rank = models.IntegerField()
    times = ArrayField(models.DateTimeField())
    entries = ArrayField(models.UUIDField())
    found_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=ItemState.WAITING.value)
    explanation = models.CharField(max_length=20, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    notice_id = models.UUIDField(null=True)

    classification = {
        "id": "open",
        "account_id": "personal",
        "child_id": "personal",
        "day": "personal",
        "organisation": "open",
        "role": "open",
        "authority": "open",
        "signals": "personal",
        "rank": "personal",
        "times": "personal",
        "entries": "open",
        "found_at": "open",
        "state": "open",
        "explanation": "personal",
        "decided_at": "open",
        "decided_by": "personal",
        "case_id": "open",
        "notice_id": "open",
    }

    class Meta:
        """Codes from the lists; answered by somebody else than the one it is about; an investigation has its two cases."""

        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "child_id", "day"], nulls_distinct=False, name="oversight_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(signals__contained_by=[signal.value for signal in Signal], signals__len__gte=1),
                name="oversight_signals_known",
            ),
            models.CheckConstraint(
                condition=Q(explanation__in=["", *(one.value for one in Explanation)]),
                name="oversight_explanation_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=ItemState.WAITING.value, explanation="", decided_at__isnull=True, case_id__isnull=True
                )
                | (
                    Q(state=ItemState.EXPLAINED.value, decided_at__isnull=False, case_id__isnull=True)
                    & ~Q(explanation="")
                )
                | Q(
                    state=ItemState.INVESTIGATED.value,
                    explanation="",
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    case_id__isnull=False,
                    notice_id__isnull=False,
                ),
                name="oversight_state_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("account_id")),
                name="oversight_answered_by_another",
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "-rank", "found_at"], name="oversight_queue")]


class Scan(models.Model):
    """Up to when the ledger has been read; one row, held while somebody reads it."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    until = models.DateTimeField()

    classification = {"id": "open", "until": "open"}

    class Meta:
        """One row."""

        constraints = [models.CheckConstraint(condition=Q(id=1), name="oversight_scan_is_one")]
