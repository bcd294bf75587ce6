"""The guard's tables, in a schema of their own that only the worker's login may enter (R 3.03-3.06, 3.19-3.21).

No name, number or address can be read or guessed without the worker's keys: what is compared is a keyed hash, what is kept
is encrypted. Opaque ids, tier, ground and days are plain to whoever may enter the schema; how large the tables are,
PostgreSQL tells every login (docs/adr/0004), until a superuser has closed that (docs/adr/0017).
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from childindex.shielding.types import Evidence, Ground, Said


class ProtectedChild(models.Model):
    """A shielded or sealed child: how far, why, since when, and everything hidden that belongs to no one supplier's record."""

    child_id = models.UUIDField(primary_key=True)
    tier = models.CharField(max_length=8)
    ground = models.CharField(max_length=20)
    provisional = models.BooleanField()
    decided_at = models.DateTimeField()
    review_on = models.DateField()
    payload = models.BinaryField()

    classification = {
        "child_id": "sealed",
        "tier": "sealed",
        "ground": "sealed",
        "provisional": "sealed",
        "decided_at": "sealed",
        "review_on": "sealed",
        "payload": "sealed",
    }

    class Meta:
        """Only tiers below open, only grounds on the list."""

        db_table = '"guard"."protected_child"'
        constraints = [
            models.CheckConstraint(condition=Q(tier__in=["shielded", "sealed"]), name="protected_child_tier"),
            models.CheckConstraint(
                condition=Q(ground__in=[g.value for g in Ground]), name="protected_child_ground_known"
            ),
        ]


class ProtectedKey(models.Model):
    """A keyed hash of one search key of a protected child, of hidden fields too."""

    pk = models.CompositePrimaryKey("hash", "child_id")
    hash = models.BinaryField()
    child_id = models.UUIDField()

    classification = {"pk": "sealed", "hash": "sealed", "child_id": "sealed"}

    class Meta:
        """Found by hash; cleared by child."""

        db_table = '"guard"."protected_key"'
        indexes = [models.Index(fields=["child_id"], name="protected_key_child")]


class NearEntry(models.Model):
    """An open entry that comes near a protected child: perhaps a second entry of theirs, for two people to say (R 3.19).

    `asked` is another one every time they are asked anew: an answer bears the one it was given to.
    """

    pk = models.CompositePrimaryKey("child_id", "open_id")
    child_id = models.UUIDField()
    open_id = models.UUIDField()
    noticed_at = models.DateTimeField()
    asked = models.UUIDField(default=uuid.uuid4)

    classification = {
        "pk": "sealed",
        "child_id": "sealed",
        "open_id": "sealed",
        "noticed_at": "sealed",
        "asked": "open",
    }

    class Meta:
        """Opaque ids alone."""

        db_table = '"guard"."near_entry"'


class NearAnswer(models.Model):
    """What a person says of an open entry or a held row near a protected child, and who says the same (R 3.19).

    `about` is the entry's id or the row's, `digest` what the row said then, or of an entry which question it was. The migration adds a trigger: an
    answer never changes but by its confirmation.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    about = models.UUIDField()
    digest = models.BinaryField()
    said = models.CharField(max_length=9)
    evidence = models.CharField(max_length=21)
    answered_by = models.UUIDField()
    answered_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "child_id": "sealed",
        "about": "sealed",
        "digest": "sealed",
        "said": "sealed",
        "evidence": "sealed",
        "answered_by": "sealed",
        "answered_at": "sealed",
        "confirmed_by": "sealed",
        "confirmed_at": "sealed",
    }

    class Meta:
        """Two people; one open answer for a pair."""

        db_table = '"guard"."near_answer"'
        constraints = [
            models.CheckConstraint(condition=Q(said__in=[s.value for s in Said]), name="near_answer_known"),
            models.CheckConstraint(
                condition=Q(evidence__in=[e.value for e in Evidence]), name="near_answer_evidence_known"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="near_answer_confirmed_wholly",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("answered_by")),
                name="near_answer_takes_two",
            ),
        ]
        indexes = [models.Index(fields=["about", "child_id"], name="near_answer_pair")]


class GuardedRow(models.Model):
    """A supplier's record of a protected child, or a row held because it comes near one (then `child_id` is empty).

    `link` is the keyed hash of feed and record id, `feed` of the feed alone, `digest` of the content as delivered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField(null=True)
    near = ArrayField(models.UUIDField())
    feed = models.BinaryField()
    link = models.BinaryField(unique=True)
    digest = models.BinaryField()
    updated_on = models.DateField(null=True)
    as_of = models.DateField()
    removed_on = models.DateField(null=True)
    held_at = models.DateTimeField()
    payload = models.BinaryField()

    classification = {
        "id": "open",
        "child_id": "sealed",
        "near": "sealed",
        "feed": "sealed",
        "link": "sealed",
        "digest": "sealed",
        "updated_on": "sealed",
        "as_of": "sealed",
        "removed_on": "sealed",
        "held_at": "sealed",
        "payload": "sealed",
    }

    class Meta:
        """A row is a protected child's or held near one, never both or neither."""

        db_table = '"guard"."guarded_row"'
        constraints = [
            models.CheckConstraint(
                condition=Q(child_id__isnull=False, near=[]) | (Q(child_id__isnull=True) & ~Q(near=[])),
                name="guarded_row_has_one_ground",
            )
        ]
        indexes = [
            models.Index(fields=["child_id"], name="guarded_row_child"),
            models.Index(fields=["feed"], name="guarded_row_feed"),
        ]
