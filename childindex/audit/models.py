"""The ledger's tables: entries, the encrypted search terms that may be purged without breaking them, and where each entry stands in the tree."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from childindex.audit.types import Outcome


class LedgerEntry(models.Model):
    """One thing that was done, refused or failed. Inserted once; nobody may change or delete it (R 7.01, 7.02).

    `leaf` is the canonical form that will be sealed into the tree; the other columns repeat it for reading.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.CharField(max_length=60)
    outcome = models.CharField(max_length=10)
    at = models.DateTimeField()
    account_id = models.UUIDField(null=True)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)
    channel = models.CharField(max_length=10)
    reason = models.CharField(max_length=40)
    case_reference = models.CharField(max_length=30)
    children = ArrayField(models.UUIDField())
    detail = models.JSONField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField()

    classification = {
        "id": "open",
        "event": "open",
        "outcome": "open",
        "at": "open",
        "account_id": "personal",
        "role": "open",
        "organisation": "open",
        "channel": "open",
        "reason": "open",
        "case_reference": "personal",
        "children": "personal",
        "detail": "open",
        "leaf": "personal",
        "leaf_hash": "open",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=[o.value for o in Outcome]), name="ledger_outcome_known"),
            models.CheckConstraint(
                condition=Q(case_reference="") | Q(case_reference__regex=r"^[A-Z0-9/-]{3,30}$"),
                name="ledger_case_reference_has_no_prose",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="ledger_at"),
            models.Index(fields=["account_id", "at"], name="ledger_account_at"),
            # who looked at this child: the family's question
            GinIndex(fields=["children"], name="ledger_children"),
        ]


class SealedTerms(models.Model):
    """What was typed in a search, for auditors' eyes: the web process can write it and cannot read it (R 7.03).

    Kept apart from the entry so that retention can delete it; the entry keeps a salted hash.
    """

    entry_id = models.UUIDField(primary_key=True)
    salt = models.BinaryField()
    ciphertext = models.BinaryField()

    classification = {"entry_id": "open", "salt": "open", "ciphertext": "sealed"}


class WaitingEntry(models.Model):
    """An entry that no checkpoint covers yet. The database puts it here with the entry itself; the sealer takes it away.

    A transaction that commits late brings its row with it, whatever was sealed meanwhile: there is no gap to be lost in.
    """

    arrival = models.BigAutoField(primary_key=True)  # the order they are taken in, and nothing else: it may have gaps
    entry_id = models.UUIDField()
    queued_at = models.DateTimeField()

    classification = {"arrival": "open", "entry_id": "open", "queued_at": "open"}


class SealedEntry(models.Model):
    """Which entry stands at which position of the tree. Inserted once by the sealer, by nobody else."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField()

    classification = {"position": "open", "entry_id": "open", "leaf_hash": "open"}

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [models.CheckConstraint(condition=Q(position__gte=0), name="sealed_position_counts_from_zero")]
