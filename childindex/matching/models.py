"""Decisions about records, kept for ever, pairs that wait for a person, and samples. Never values, only ids, codes and scores."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import F, Q


class Judgement(models.Model):
    """One decision about one source record and one child: linked, not linked, new, or unsure (R 4.15).

    `record` is the source record's opaque id, so that a judgement tells nothing about a child who is later shielded.
    `levels` says how each field compared, as codes; sentences are made when it is read. A person's has `decided_by`, the
    reason they chose from a list, and the review it answers; one that needs a second person counts only once that person has
    confirmed it: the first's stays as a line that does not count, the confirmed one is a line of its own (R 4.20). What a person
    says of a sampled pair does not count either: `review_id` is then the pair's.
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
    review_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=30, db_default="")
    second_needed = models.BooleanField(db_default=False)
    confirmed_by = models.UUIDField(null=True)
    counts = models.BooleanField(db_default=True)

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
        "review_id": "open",
        "reason": "personal",
        "second_needed": "personal",
        "confirmed_by": "personal",
        "counts": "open",
    }

    class Meta:
        """A verdict is one of four, somebody or some model gave it, and whoever confirms it is somebody else."""

        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["linked", "not_linked", "new", "unsure"]), name="judgement_verdict_known"
            ),
            models.CheckConstraint(
                condition=~Q(model_version="") | Q(decided_by__isnull=False), name="judgement_has_a_judge"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (Q(decided_by__isnull=False) & ~Q(confirmed_by=F("decided_by"))),
                name="judgement_second_is_not_first",
            ),
            models.CheckConstraint(
                condition=Q(second_needed=False) | Q(counts=False) | Q(confirmed_by__isnull=False),
                name="judgement_counts_when_confirmed",
            ),
        ]
        indexes = [
            models.Index(fields=["record"], name="judgement_record"),
            BrinIndex(fields=["decided_at"], name="judgement_when"),
        ]


class Review(models.Model):
    """A held record that waits for a data steward of the authority of the existing entry (R 4.20). `record` is a `HeldRow`.

    `queued_at` is its place in the queue: who is unsure puts it back to the end. `verdict` and `chosen` are the answer of
    `answered_by`; it is decided once `decided_by` is there, the same person or, where a second is needed, another. Decided by
    nobody, the record was let go: its content changed, or it left for the guard.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.UUIDField()
    candidates = ArrayField(models.UUIDField())
    scores = ArrayField(models.FloatField())
    authority = models.CharField(max_length=9)
    model_version = models.CharField(max_length=40)
    opened_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    put_back_by = models.UUIDField(null=True)
    verdict = models.CharField(max_length=10, db_default="")
    chosen = models.UUIDField(null=True)
    reason = models.CharField(max_length=30, db_default="")
    second_needed = models.BooleanField(db_default=False)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
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
        "queued_at": "open",
        "put_back_by": "personal",
        "verdict": "personal",
        "chosen": "personal",
        "reason": "personal",
        "second_needed": "personal",
        "answered_by": "personal",
        "answered_at": "open",
        "decided_at": "open",
        "decided_by": "personal",
    }

    class Meta:
        """One open review for a record; a whole answer or none; decided only with an answer, and by a second person if need be."""

        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(decided_at__isnull=True), name="review_open_once"),
            models.CheckConstraint(condition=~Q(candidates=[]), name="review_asks_about_somebody"),
            models.CheckConstraint(
                condition=Q(verdict="", chosen__isnull=True, answered_by__isnull=True, answered_at__isnull=True)
                | Q(verdict="linked", chosen__isnull=False, answered_by__isnull=False, answered_at__isnull=False)
                | Q(verdict="not_linked", chosen__isnull=True, answered_by__isnull=False, answered_at__isnull=False),
                name="review_whole_answer_or_none",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="review_decided_with_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(second_needed=False) | ~Q(decided_by=F("answered_by")),
                name="review_second_is_not_first",
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "queued_at"], condition=Q(decided_at__isnull=True), name="review_queue")
        ]


class HeldRow(models.Model):
    """A supplier's record that waits for a person: in no search, encrypted.

    `content` is the hash of the row as delivered: the same content again changes nothing, another is decided afresh.
    `payload` is the whole record, for the worker alone; `shown` is what a steward may be shown of it, under a key that the
    site has too: who the child is, never which services. `keys` are its search keys, so that it is found when a child it comes
    near is hidden.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    feed = models.CharField(max_length=60)
    record_id = models.CharField(max_length=100)
    content = models.BinaryField()
    updated_on = models.DateField(null=True)
    payload = models.BinaryField()
    shown = models.BinaryField()
    keys = ArrayField(models.BigIntegerField())
    held_at = models.DateTimeField()
    delivery_id = models.UUIDField()

    classification = {
        "id": "open",
        "feed": "open",
        "record_id": "personal",
        "content": "personal",
        "updated_on": "open",
        "payload": "personal",
        "shown": "personal",
        "keys": "personal",
        "held_at": "open",
        "delivery_id": "open",
    }

    class Meta:
        """One row per supplier's record."""

        constraints = [models.UniqueConstraint(fields=["feed", "record_id"], name="held_row_once")]
        indexes = [GinIndex(fields=["keys"], name="held_row_keys")]


class Sample(models.Model):
    """One week's sample of automatic decisions: those after `since` (None for the first) up to `until`, drawn with `seed`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    seed = models.BigIntegerField()

    classification = {"id": "open", "since": "open", "until": "open", "seed": "open"}

    class Meta:
        """No two samples of the same time."""

        constraints = [
            models.UniqueConstraint(fields=["since"], name="sample_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__gt=F("since")), name="sample_ends_after_it_begins"
            ),
        ]


class SampleStratum(models.Model):
    """Decisions that were sampled together; `population` is how many there were, from which every pair has its weight."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sample = models.ForeignKey(Sample, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10)
    authority = models.CharField(max_length=9)
    feed = models.CharField(max_length=60)
    band = models.CharField(max_length=10)
    population = models.IntegerField()

    classification = {
        "id": "open",
        "sample": "open",
        "kind": "open",
        "authority": "open",
        "feed": "open",
        "band": "open",
        "population": "open",
    }

    class Meta:
        """Each stratum once in a sample, and something in it."""

        constraints = [
            models.UniqueConstraint(fields=["sample", "kind", "authority", "feed", "band"], name="sample_stratum_once"),
            models.CheckConstraint(condition=Q(kind__in=["link", "near_miss"]), name="sample_stratum_kind_known"),
            models.CheckConstraint(condition=Q(population__gt=0), name="sample_stratum_holds_something"),
        ]


class SampledPair(models.Model):
    """A record and a child that a steward of `authority` says of whether they are the same, not knowing what was decided.

    `own` is whose the record was when it was drawn; the same child as `child` for a link. Of a pair that comes near a child who
    has been protected since nothing is left but the answer: record and children are gone, and unjudged it is gone whole.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stratum = models.ForeignKey(SampleStratum, on_delete=models.PROTECT)
    authority = models.CharField(max_length=9)
    record = models.UUIDField(null=True)
    own = models.UUIDField(null=True)
    child = models.UUIDField(null=True)
    age = models.CharField(max_length=10)
    name = models.CharField(max_length=15)
    number = models.CharField(max_length=10)
    said = models.CharField(max_length=10, db_default="")
    judged_by = models.UUIDField(null=True)
    judged_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "stratum": "open",
        "authority": "open",
        "record": "personal",
        "own": "personal",
        "child": "personal",
        "age": "personal",
        "name": "personal",
        "number": "personal",
        "said": "personal",
        "judged_by": "personal",
        "judged_at": "open",
    }

    class Meta:
        """A whole answer or none, and until there is one, somebody to be asked about."""

        constraints = [
            models.CheckConstraint(
                condition=Q(said="", judged_by__isnull=True, judged_at__isnull=True)
                | Q(said__in=["same", "different", "unsure"], judged_by__isnull=False, judged_at__isnull=False),
                name="sampled_pair_whole_answer_or_none",
            ),
            models.CheckConstraint(
                condition=Q(record__isnull=False, own__isnull=False, child__isnull=False)
                | (~Q(said="") & Q(record__isnull=True, own__isnull=True, child__isnull=True)),
                name="sampled_pair_is_about_somebody",
            ),
        ]
        indexes = [models.Index(fields=["authority"], condition=Q(said=""), name="sampled_pair_queue")]
