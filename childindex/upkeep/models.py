"""Children that somebody proposed; merges and splits of entries, who saw a mixed one, and the notices about it.

The web process can put a proposal in and cannot read any back. What a merge or split says is opaque ids and codes.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from childindex.kernel.identity import Sex
from childindex.upkeep.joins import Ground, NoticeCode, NoticeKind, NoticeState, Row, State


class Proposal(models.Model):
    """One proposed child, as the practitioner knows them, until a steward of the authority has decided (R 1.33).

    `matched_at` is when the worker compared it with the index; `nearest` the best candidate then, for the steward.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family_name = models.CharField(max_length=200)
    given_name = models.CharField(max_length=200)
    birth_date = models.CharField(max_length=10)
    sex = models.CharField(max_length=7)
    postcode = models.CharField(max_length=8)
    nhs_number = models.CharField(max_length=10)
    authority = models.CharField(max_length=9)
    proposed_by = models.UUIDField()
    organisation = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    matched_at = models.DateTimeField(null=True)
    nearest = models.UUIDField(null=True)

    classification = {
        "id": "open",
        "family_name": "personal",
        "given_name": "personal",
        "birth_date": "personal",
        "sex": "personal",
        "postcode": "personal",
        "nhs_number": "personal",
        "authority": "open",
        "proposed_by": "personal",
        "organisation": "open",
        "proposed_at": "open",
        "matched_at": "open",
        "nearest": "personal",
    }

    class Meta:
        """The same checks as a child's own row has."""

        constraints = [
            models.CheckConstraint(condition=~Q(family_name=""), name="proposal_has_a_name"),
            models.CheckConstraint(condition=Q(sex__in=[sex.value for sex in Sex]), name="proposal_sex_known"),
            models.CheckConstraint(
                condition=Q(birth_date__regex=r"^\d{4}(-\d{2}(-\d{2})?)?$"), name="proposal_birth_date_form"
            ),
        ]
        indexes = [models.Index(fields=["authority", "proposed_at"], name="proposal_waiting")]


_CONFIRMED = ["confirmed", "done", "dropped"]


def _two_people(name: str) -> list[models.CheckConstraint]:
    """Nothing is carried out that a second person has not confirmed (T24; ASVS 2.3.5); done at some time or not at all."""
    return [
        models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name=f"{name}_state_known"),
        models.CheckConstraint(condition=Q(ground__in=[g.value for g in Ground]), name=f"{name}_ground_known"),
        models.CheckConstraint(
            condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
            name=f"{name}_second_is_not_first",
        ),
        models.CheckConstraint(
            condition=Q(state__in=_CONFIRMED, confirmed_by__isnull=False, confirmed_at__isnull=False)
            | (~Q(state__in=_CONFIRMED) & Q(confirmed_by__isnull=True, confirmed_at__isnull=True)),
            name=f"{name}_takes_two_people",
        ),
        models.CheckConstraint(
            condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at__isnull=True)),
            name=f"{name}_done_at_some_time",
        ),
    ]


class Merge(models.Model):
    """That two entries are one child: who proposed it, who confirmed it, when it was done and when it was undone (R 4.15, 4.20).

    `payload` is the rows of both entries as they were before, sealed with the worker's key, so that a split gives them back
    exactly (R 4.19) and nobody reads there a child who is shielded later.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept_id = models.UUIDField()
    merged_id = models.UUIDField()
    authority = models.CharField(max_length=9)
    other_authority = models.CharField(max_length=9)
    ground = models.CharField(max_length=30)
    state = models.CharField(max_length=10)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    objected_by = models.UUIDField(null=True)
    objected_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    payload = models.BinaryField(db_default=b"")

    classification = {
        "id": "open",
        "kept_id": "personal",
        "merged_id": "personal",
        "authority": "open",
        "other_authority": "open",
        "ground": "open",
        "state": "open",
        "proposed_by": "personal",
        "proposed_at": "open",
        "confirmed_by": "personal",
        "confirmed_at": "open",
        "objected_by": "personal",
        "objected_at": "open",
        "done_at": "open",
        "undone_at": "open",
        "payload": "sealed",
    }

    class Meta:
        """Two entries, two people; one open proposal for an entry that is to go."""

        constraints = [
            *_two_people("merge"),
            models.CheckConstraint(condition=~Q(kept_id=F("merged_id")), name="merge_of_two_entries"),
            models.CheckConstraint(
                condition=Q(state="objected", objected_by__isnull=False, objected_at__isnull=False)
                | (~Q(state="objected") & Q(objected_by__isnull=True, objected_at__isnull=True)),
                name="merge_objected_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=F("done_at")),
                name="merge_undone_after_it_was_done",
            ),
            models.UniqueConstraint(
                fields=["merged_id"],
                condition=Q(state__in=["proposed", "confirmed"]),
                name="merge_proposed_once",
            ),
        ]
        indexes = [
            models.Index(fields=["kept_id"], name="merge_kept"),
            models.Index(fields=["authority", "proposed_at"], name="merge_list"),
        ]


class Moved(models.Model):
    """One row that a merge moved to the kept entry, by opaque id. `set_aside`: an involvement that its practitioner had on both
    entries, ended while they are one.
    """

    pk = models.CompositePrimaryKey("merge_id", "row_id")
    merge_id = models.UUIDField()
    row_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    set_aside = models.BooleanField()

    classification = {
        "pk": "personal",
        "merge_id": "open",
        "row_id": "personal",
        "kind": "open",
        "set_aside": "personal",
    }

    class Meta:
        """A row of one of the three tables that hold a child."""

        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Row]), name="moved_kind_known"),
            models.CheckConstraint(condition=Q(set_aside=False) | Q(kind="line"), name="moved_only_lines_set_aside"),
        ]


class Split(models.Model):
    """That an entry holds two children: what goes to the other entry, who says so, and since when they were mixed (R 4.19).

    `merge_id` is the merge it undoes; without one the records go to a new entry. `records` and `lines` are what somebody
    chose; what the merge moved goes back whatever is chosen.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mixed_id = models.UUIDField()
    restored_id = models.UUIDField()
    merge_id = models.UUIDField(null=True)
    authority = models.CharField(max_length=9)
    ground = models.CharField(max_length=30)
    records = ArrayField(models.UUIDField())
    lines = ArrayField(models.UUIDField())
    state = models.CharField(max_length=10)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    mixed_since = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "mixed_id": "personal",
        "restored_id": "personal",
        "merge_id": "open",
        "authority": "open",
        "ground": "open",
        "records": "personal",
        "lines": "personal",
        "state": "open",
        "proposed_by": "personal",
        "proposed_at": "open",
        "confirmed_by": "personal",
        "confirmed_at": "open",
        "mixed_since": "open",
        "done_at": "open",
    }

    class Meta:
        """Something to move, two people, and a beginning of the mixed time once it is over."""

        constraints = [
            *_two_people("split"),
            models.CheckConstraint(condition=~Q(mixed_id=F("restored_id")), name="split_into_two_entries"),
            models.CheckConstraint(condition=Q(merge_id__isnull=False) | ~Q(records=[]), name="split_moves_something"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(mixed_since__isnull=False, mixed_since__lte=F("done_at")),
                name="split_done_has_a_window",
            ),
            models.UniqueConstraint(
                fields=["mixed_id"], condition=Q(state__in=["proposed", "confirmed"]), name="split_proposed_once"
            ),
        ]
        indexes = [models.Index(fields=["authority", "proposed_at"], name="split_list")]


class Sighting(models.Model):
    """One time somebody saw the mixed entry: the ledger's line, copied when the split was done so that the steward can read it."""

    pk = models.CompositePrimaryKey("split_id", "entry_id")
    split_id = models.UUIDField()
    entry_id = models.UUIDField()
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    account_id = models.UUIDField(null=True)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)

    classification = {
        "pk": "open",
        "split_id": "open",
        "entry_id": "open",
        "at": "personal",
        "event": "open",
        "account_id": "personal",
        "role": "open",
        "organisation": "personal",
    }


class Notice(models.Model):
    """One drafted notice: to whom and which reviewed sentences, by id and code. Nothing of it is prose (R 1.28; N 18)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    split_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    organisation = models.CharField(max_length=60)
    child_id = models.UUIDField(null=True)
    code = models.CharField(max_length=20)
    state = models.CharField(max_length=8)
    drafted_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    sent_by = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "split_id": "open",
        "kind": "open",
        "organisation": "personal",
        "child_id": "personal",
        "code": "open",
        "state": "open",
        "drafted_at": "open",
        "approved_by": "personal",
        "approved_at": "open",
        "sent_by": "personal",
        "sent_at": "open",
    }

    class Meta:
        """One for each organisation and each family; approved by somebody before it is sent by somebody."""

        constraints = [
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.ORGANISATION.value, child_id__isnull=True) & ~Q(organisation="")
                | Q(kind=NoticeKind.FAMILY.value, child_id__isnull=False, organisation=""),
                name="notice_is_for_one",
            ),
            models.CheckConstraint(condition=Q(code__in=[c.value for c in NoticeCode]), name="notice_code_known"),
            models.CheckConstraint(
                condition=Q(state=NoticeState.DRAFTED.value, approved_by__isnull=True, sent_by__isnull=True)
                | Q(
                    state=NoticeState.APPROVED.value,
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    sent_by__isnull=True,
                )
                | Q(
                    state=NoticeState.SENT.value,
                    approved_by__isnull=False,
                    approved_at__isnull=False,
                    sent_by__isnull=False,
                    sent_at__isnull=False,
                ),
                name="notice_approved_before_sent",
            ),
            models.UniqueConstraint(
                fields=["split_id", "organisation", "child_id"], name="notice_once", nulls_distinct=False
            ),
        ]
