"""Deliveries, what was rejected of them, and which records each feed holds. No name, no value of a child."""

import uuid

from django.db import models
from django.db.models import Q

from childindex.supply.types import Kind, State


class Delivery(models.Model):
    """One file from one feed. Its name is not kept, since it might hold a child's; its bytes lie in the spool until it is closed.

    `sha256` is of the unpacked content. `row` is the last row whose record has been applied, so that an interrupted
    delivery goes on where it stopped. Applied deliveries stay as the supplier's receipt.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feed = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    as_at = models.DateField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    held_code = models.CharField(max_length=30, blank=True)
    rows = models.PositiveIntegerField(default=0)
    row = models.PositiveIntegerField(default=0)
    unknown_columns = models.PositiveIntegerField(default=0)
    unlicensed_columns = models.PositiveIntegerField(default=0)
    rejected = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "feed": "open",
        "sha256": "open",
        "kind": "open",
        "as_at": "open",
        "received_at": "open",
        "state": "open",
        "held_code": "open",
        "rows": "open",
        "row": "open",
        "unknown_columns": "open",
        "unlicensed_columns": "open",
        "rejected": "open",
        "outcome": "open",
        "closed_at": "open",
    }

    class Meta:
        """The same content for the same day is the same delivery."""

        constraints = [
            models.UniqueConstraint(fields=["feed", "sha256", "as_at"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="delivery_state_known"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="delivery_kind_known"),
            models.CheckConstraint(
                condition=Q(state="held", held_code__gt="") | (~Q(state="held") & Q(held_code="")),
                name="delivery_held_says_why",
            ),
        ]


class RejectedRow(models.Model):
    """Where a row broke a rule: its number, its column and the rule. Never what it said."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE)
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=30, blank=True)
    code = models.CharField(max_length=30)

    classification = {"id": "open", "delivery": "open", "row": "open", "column": "open", "code": "open"}

    class Meta:
        """One rejection a row."""

        constraints = [models.UniqueConstraint(fields=["delivery", "row"], name="rejected_row_once")]


class HeldRecord(models.Model):
    """That a feed holds a record, whatever child it belongs to, if any: what a snapshot is compared with to see who is gone.

    Every accepted record of every child stands here alike, so that nothing of a shield can be read from it.
    """

    pk = models.CompositePrimaryKey("feed", "record_id")
    feed = models.CharField(max_length=60)
    record_id = models.CharField(max_length=100)

    classification = {"pk": "personal", "feed": "open", "record_id": "personal"}
