"""The entry's tables. What the web may search lives here; what is hidden lives in the guard schema (see `shielding`).

`tier` stands in every table and in every foreign key to a child, so that the database itself refuses to keep a row a
shield hides: a child cannot become shielded while an open record or a hidden search key of theirs is still here.
"""

import uuid

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import F, Q

from childindex.kernel.identity import Sex, Tier

# Search keys of this kind and above are made from a hidden field. `matching.engine.keys` numbers its kinds to fit;
# a test holds the two together.
FIRST_HIDDEN_KIND = 50


class Child(models.Model):
    """One child: an opaque id, an index number, the four fields anybody may see, and for an open child where they belong.

    A sealed child has no row here at all. The fields are computed from the sources' records when they change. A shielded
    child has neither authority nor district here: both say where the child is (T12); the guard keeps the authority.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    index_number = models.CharField(max_length=10, unique=True)
    tier = models.CharField(max_length=8, default=Tier.OPEN.value)
    responsible_authority = models.CharField(max_length=9, blank=True)
    district = models.CharField(max_length=4, blank=True)
    family_name = models.CharField(max_length=200)
    given_name = models.CharField(max_length=200, blank=True)
    birth_date = models.CharField(max_length=10)
    sex = models.CharField(max_length=7)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    classification = {
        "id": "personal",
        "index_number": "personal",
        "tier": "special",
        "responsible_authority": "personal",
        "district": "personal",
        "family_name": "personal",
        "given_name": "personal",
        "birth_date": "personal",
        "sex": "personal",
        "created_at": "personal",
        "changed_at": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.UniqueConstraint(fields=["id", "tier"], name="child_tier"),
            models.CheckConstraint(condition=Q(tier__in=["open", "shielded"]), name="child_sealed_is_elsewhere"),
            models.CheckConstraint(condition=Q(sex__in=[s.value for s in Sex]), name="child_sex_known"),
            models.CheckConstraint(
                condition=Q(birth_date__regex=r"^\d{4}(-\d{2}(-\d{2})?)?$"), name="child_birth_date_form"
            ),
            models.CheckConstraint(condition=~Q(family_name=""), name="child_has_a_name"),
            models.CheckConstraint(
                condition=(Q(tier="open") & ~Q(responsible_authority=""))
                | Q(tier="shielded", responsible_authority=""),
                name="child_open_has_one_authority",
            ),
            models.CheckConstraint(condition=Q(tier="open") | Q(district=""), name="child_shielded_is_nowhere"),
        ]


class SearchKey(models.Model):
    """One way to find a child. What has no key cannot be found, counted or timed.

    The migration adds the foreign key (child, tier) with ON UPDATE CASCADE.
    """

    pk = models.CompositePrimaryKey("key", "child_id")
    key = models.BigIntegerField()
    kind = models.SmallIntegerField()
    child_id = models.UUIDField()
    tier = models.CharField(max_length=8)

    classification = {"pk": "personal", "key": "personal", "kind": "open", "child_id": "personal", "tier": "special"}

    class Meta:
        """Only keys of visible fields may exist below the open tier (R 3.06)."""

        constraints = [
            models.CheckConstraint(
                condition=Q(tier="open") | Q(kind__lt=FIRST_HIDDEN_KIND), name="search_key_hidden_field_has_none"
            )
        ]
        indexes = [HashIndex(fields=["child_id"], name="search_key_child")]


class SourceRecord(models.Model):
    """What one supplier says about one open child, with where each value came from and when (R 1.32).

    Rows of shielded and sealed children are not here: the tier is always open and a foreign key holds it to the child's.
    `content` is a hash of the row as delivered: the same content again is a no-op. `authority` is where its postcode lies;
    `removed_on` the day its supplier no longer held it: its values are then the last known, and the match stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    tier = models.CharField(max_length=8, default=Tier.OPEN.value)
    feed = models.CharField(max_length=60)
    record_id = models.CharField(max_length=100)
    family_name = models.CharField(max_length=200)
    given_name = models.CharField(max_length=200)
    middle_names = models.CharField(max_length=200)
    known_as = models.CharField(max_length=200)
    former_family_name = models.CharField(max_length=200)
    birth_date = models.CharField(max_length=10)
    unborn = models.BooleanField()
    sex = models.CharField(max_length=7)
    nhs_number = models.CharField(max_length=10)
    upn = models.CharField(max_length=13)
    address = models.CharField(max_length=300)
    postcode = models.CharField(max_length=8)
    uprn = models.CharField(max_length=12)
    authority = models.CharField(max_length=9)
    carers = models.JSONField()
    deceased_on = models.DateField(null=True)
    left_england = models.CharField(max_length=14)
    updated_on = models.DateField(null=True)
    removed_on = models.DateField(null=True)
    received_at = models.DateTimeField()
    delivery_id = models.UUIDField()
    content = models.BinaryField()

    classification = {
        "id": "personal",
        "child_id": "personal",
        "tier": "special",
        "feed": "open",
        "record_id": "personal",
        "family_name": "personal",
        "given_name": "personal",
        "middle_names": "personal",
        "known_as": "personal",
        "former_family_name": "personal",
        "birth_date": "personal",
        "unborn": "personal",
        "sex": "personal",
        "nhs_number": "personal",
        "upn": "personal",
        "address": "personal",
        "postcode": "personal",
        "uprn": "personal",
        "authority": "personal",
        "carers": "personal",
        "deceased_on": "personal",
        "left_england": "personal",
        "updated_on": "open",
        "removed_on": "open",
        "received_at": "open",
        "delivery_id": "open",
        "content": "personal",
    }

    class Meta:
        """One row per supplier's record; never a row below the open tier."""

        constraints = [
            models.UniqueConstraint(fields=["feed", "record_id"], name="source_record_once"),
            models.CheckConstraint(condition=Q(tier="open"), name="source_record_of_an_open_child"),
        ]
        indexes = [models.Index(fields=["child_id"], name="source_record_child")]


class FormerNumber(models.Model):
    """The index number and id of an entry that was merged into another: they keep leading to the one that stayed (R 1.10).

    The migration adds the foreign key to the child, ON DELETE CASCADE: who is sealed leaves no number behind.
    """

    index_number = models.CharField(primary_key=True, max_length=10)
    former_id = models.UUIDField(unique=True)
    child_id = models.UUIDField()

    classification = {"index_number": "personal", "former_id": "personal", "child_id": "personal"}

    class Meta:
        """Found by the one it leads to."""

        indexes = [models.Index(fields=["child_id"], name="former_number_child")]


class SharedId(models.Model):
    """An id under which something of a child was written down besides their own, from a time until before another.

    A merge gives the kept child the merged one's id for as long as it stands; a split gives the other child the mixed
    entry's id for the mixed time. The ledger's lines stay as they were written: the join is made with this when reading.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    shared_id = models.UUIDField()
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "child_id": "personal",
        "shared_id": "personal",
        "since": "open",
        "until": "open",
    }

    class Meta:
        """Two ids, and an end after the beginning."""

        constraints = [
            models.CheckConstraint(condition=~Q(child_id=F("shared_id")), name="shared_id_is_another"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="shared_id_ends_after_it_begins",
            ),
        ]
        indexes = [models.Index(fields=["child_id"], name="shared_id_child")]
