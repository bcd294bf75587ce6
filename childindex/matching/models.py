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
    """A held record that waits for a data steward of the responsible authority (R 4.20)."""

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
