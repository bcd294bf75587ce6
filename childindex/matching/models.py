"""Decisions about records, kept for ever, and the pairs that wait for a person. Never values, only ids, codes and scores."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Judgement(models.Model):
    """One decision about one source record and one child: linked, not linked, new, or unsure (R 4.15).

    `record` is the source record's opaque id, so that a judgement tells nothing about a child who is later shielded.
    `levels` says how each field compared, as codes; sentences are made when it is read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.UUIDField()
    child_id = models.UUIDField()
    verdict = models.CharField(max_length=10)
    score = models.FloatField(null=True)
    levels = models.JSONField()
    model_version = models.CharField(max_length=40)
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField()
    delivery_id = models.UUIDField(null=True)

    classification = {
        "id": "open",
        "record": "personal",
        "child_id": "personal",
        "verdict": "personal",
        "score": "open",
        "levels": "personal",
        "model_version": "open",
        "decided_by": "personal",
        "decided_at": "open",
        "delivery_id": "open",
    }

    class Meta:
        """A verdict is one of four, and somebody or some model gave it."""

        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["linked", "not_linked", "new", "unsure"]), name="judgement_verdict_known"
            ),
            models.CheckConstraint(
                condition=~Q(model_version="") | Q(decided_by__isnull=False), name="judgement_has_a_judge"
            ),
        ]
        indexes = [models.Index(fields=["record"], name="judgement_record")]


class Review(models.Model):
    """A held record that waits for a data steward of the authority of the existing entry (R 4.20). `record` is a `HeldRow`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.UUIDField()
    candidates = ArrayField(models.UUIDField())
    scores = ArrayField(models.FloatField())
    authority = models.CharField(max_length=9)
    model_version = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)

    classification = {
        "id": "open",
        "record": "personal",
        "candidates": "personal",
        "scores": "open",
        "authority": "open",
        "model_version": "open",
        "opened_at": "open",
        "decided_at": "open",
        "decided_by": "personal",
    }

    class Meta:
        """One open review for a record; decided by somebody or still open."""

        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(decided_at__isnull=True), name="review_open_once"),
            models.CheckConstraint(condition=~Q(candidates=[]), name="review_asks_about_somebody"),
        ]


class HeldRow(models.Model):
    """A supplier's record that waits for a person: in no search, on no page, encrypted, read by the worker alone.

    `content` is the hash of the row as delivered: the same content again changes nothing, another is decided afresh.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feed = models.CharField(max_length=60)
    record_id = models.CharField(max_length=100)
    content = models.BinaryField()
    updated_on = models.DateField(null=True)
    payload = models.BinaryField()
    held_at = models.DateTimeField()
    delivery_id = models.UUIDField()

    classification = {
        "id": "open",
        "feed": "open",
        "record_id": "personal",
        "content": "personal",
        "updated_on": "open",
        "payload": "personal",
        "held_at": "open",
        "delivery_id": "open",
    }

    class Meta:
        """One row per supplier's record."""

        constraints = [models.UniqueConstraint(fields=["feed", "record_id"], name="held_row_once")]
