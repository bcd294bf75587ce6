"""How much one person and one organisation have looked up, what more two people have allowed, and who is suspended."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from childindex.access.roles import ROLES
from childindex.access.types import SuspendedBecause

# One more than any limit times the greatest role quota: what even a mistake in the code cannot go beyond.
MOST_TIMES = 5
MOST_SEARCHES, MOST_OPENED, MOST_LISTED = 151, 1001, 3001


class Use(models.Model):
    """What one person has done within the longest span of each limit, in one row that a request changes in one statement (T03).

    The row is locked until the request's entry is written, so that requests at the same time are counted one after the
    other. `opened` has a keyed hash of each child, never the child, and `opened_at` beside it when it was opened last;
    `newly_opened` is whether the newest had not been opened in the day before. `reference` is the hash of the case
    reference given last and `reference_children` how many children in a row it was given for (T02).
    """

    account = models.OneToOneField("access.Account", primary_key=True, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField()
    searched_at = ArrayField(models.DateTimeField())
    listed = ArrayField(models.SmallIntegerField())
    listed_at = ArrayField(models.DateTimeField())
    opened = ArrayField(models.BigIntegerField())
    opened_at = ArrayField(models.DateTimeField())
    newly_opened = models.BooleanField()
    reference = models.BigIntegerField()
    reference_children = models.PositiveIntegerField()

    classification = {
        "account": "personal",
        "used_at": "personal",
        "searched_at": "personal",
        "listed": "open",
        "listed_at": "personal",
        "opened": "personal",
        "opened_at": "personal",
        "newly_opened": "open",
        "reference": "personal",
        "reference_children": "open",
    }

    class Meta:
        """Nobody goes beyond these, whatever the code does."""

        constraints = [
            models.CheckConstraint(condition=Q(searched_at__len__lte=MOST_SEARCHES), name="use_searches_bounded"),
            models.CheckConstraint(condition=Q(listed__len__lte=MOST_LISTED), name="use_listings_bounded"),
            models.CheckConstraint(condition=Q(opened__len__lte=MOST_OPENED), name="use_openings_bounded"),
            models.CheckConstraint(condition=Q(listed__len=F("listed_at__len")), name="use_listings_have_times"),
            models.CheckConstraint(condition=Q(opened__len=F("opened_at__len")), name="use_openings_have_times"),
        ]


class OrganisationUse(models.Model):
    """How many children an organisation's people opened on a day in England, and how many were to be expected (T04).

    Each child counts once for each person. `most` is three times the median of the 28 days before, and at least 300; it is
    set with the first opening of the day.
    """

    organisation = models.ForeignKey("directory.Organisation", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    opened = models.PositiveIntegerField()
    most = models.PositiveIntegerField()

    classification = {"id": "open", "organisation": "open", "day": "open", "opened": "open", "most": "open"}

    class Meta:
        """One row a day."""

        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="organisation_use_once_a_day")]


class RoleQuota(models.Model):
    """That people of a role at an organisation may look up so many times as much, for a time, by two people (threats 1.4)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    role = models.CharField(max_length=40)
    organisation = models.ForeignKey("directory.Organisation", on_delete=models.PROTECT, related_name="+")
    times = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField()
    proposed_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")

    classification = {
        "id": "open",
        "role": "open",
        "organisation": "open",
        "times": "open",
        "valid_from": "open",
        "valid_to": "open",
        "proposed_by": "personal",
        "approved_by": "personal",
    }

    class Meta:
        """An end, a bound, and two people."""

        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(ROLES)), name="quota_role_known"),
            models.CheckConstraint(condition=Q(times__gte=2, times__lte=MOST_TIMES), name="quota_is_bounded"),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from"), valid_to__lte=F("valid_from") + timedelta(days=366)),
                name="quota_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="quota_takes_two_people"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="quota_organisation_role")]


class Suspension(models.Model):
    """That an account was suspended, why, by whom (nobody where a limit did it), and who lifted it again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="suspensions")
    because = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")

    classification = {
        "id": "open",
        "account": "personal",
        "because": "personal",
        "at": "personal",
        "by": "personal",
        "lifted_at": "personal",
        "lifted_by": "personal",
    }

    class Meta:
        """A reason from the list; lifted by somebody else or not at all."""

        constraints = [
            models.CheckConstraint(
                condition=Q(because__in=[because.value for because in SuspendedBecause]), name="suspension_reason_known"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=F("account"))),
                name="suspension_lifted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=True) | Q(lifted_by__isnull=True) | ~Q(lifted_by=F("by")),
                name="suspension_not_lifted_by_who_made_it",
            ),
            models.UniqueConstraint(fields=["account"], condition=Q(lifted_at__isnull=True), name="suspended_once"),
        ]
