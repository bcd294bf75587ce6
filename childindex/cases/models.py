"""Things somebody must answer, in order and in time; and what a sitting has found and has open, for as long as it may."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from childindex.cases.types import CaseKind, FamilyKnows

_NO_PROSE = Q(case_reference="") | Q(case_reference__regex=r"^[A-Z0-9/-]{3,30}$")


class Case(models.Model):
    """A request or report: what kind, about which child and involvement, who asked, whose answer is due and when.

    The web process may open one and read its own organisation's; there is no prose anywhere in it (R 1.28).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30)
    child_id = models.UUIDField(null=True)
    involvement_id = models.UUIDField(null=True)
    opened_by = models.UUIDField(null=True)
    opened_for = models.CharField(max_length=60)
    owner = models.CharField(max_length=60)
    code = models.CharField(max_length=40)
    family_knows = models.CharField(max_length=10)
    case_reference = models.CharField(max_length=30)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=40)

    classification = {
        "id": "open",
        "kind": "open",
        "child_id": "personal",
        "involvement_id": "personal",
        "opened_by": "personal",
        "opened_for": "open",
        "owner": "open",
        "code": "open",
        "family_knows": "personal",
        "case_reference": "personal",
        "opened_at": "open",
        "due_at": "open",
        "closed_at": "open",
        "closed_by": "personal",
        "outcome": "open",
    }

    class Meta:
        """Codes, never prose; closed by somebody at some time or not at all."""

        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in CaseKind]), name="case_kind_known"),
            models.CheckConstraint(
                condition=Q(family_knows__in=["", *(answer.value for answer in FamilyKnows)]),
                name="case_family_knows_known",
            ),
            models.CheckConstraint(condition=_NO_PROSE, name="case_reference_has_no_prose"),
            models.CheckConstraint(condition=Q(due_at__gte=F("opened_at")), name="case_due_after_it_opens"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="case_closed_by_somebody",
            ),
        ]


class Visit(models.Model):
    """One person's open page of one child: the reason they gave, until when, and the sitting it belongs to (R 2.20).

    The handle stands in the page's address in the child's place, so that no address ever says which child. The role and
    organisation are those the reason was given in: it holds in no other.
    """

    handle = models.CharField(primary_key=True, max_length=32)
    sitting = models.CharField(max_length=64)
    account_id = models.UUIDField()
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)
    child_id = models.UUIDField()
    reason = models.CharField(max_length=40)
    case_reference = models.CharField(max_length=30)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    classification = {
        "handle": "personal",
        "sitting": "personal",
        "account_id": "personal",
        "role": "open",
        "organisation": "open",
        "child_id": "personal",
        "reason": "personal",
        "case_reference": "personal",
        "opened_at": "open",
        "expires_at": "open",
    }

    class Meta:
        """A code for a reason, and an end."""

        constraints = [
            models.CheckConstraint(condition=_NO_PROSE, name="visit_reference_has_no_prose"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("opened_at")), name="visit_ends_after_it_opens"),
        ]
        indexes = [models.Index(fields=["account_id", "child_id"], name="visit_of_a_child")]


class SearchResult(models.Model):
    """What one search found, at an address that says nothing, for the sitting that made it.

    `tiers` and `agreements` have for each child, in the same order, the tier at the time and the codes of what agreed,
    joined by commas. Never what was searched for. Here beside the visits, because both are forgotten together when a child
    is protected.
    """

    token = models.CharField(primary_key=True, max_length=32)
    sitting = models.CharField(max_length=64)
    account_id = models.UUIDField()
    reason = models.CharField(max_length=40)
    case_reference = models.CharField(max_length=30)
    children = ArrayField(models.UUIDField())
    tiers = ArrayField(models.CharField(max_length=8))
    agreements = ArrayField(models.CharField(max_length=300))
    too_many = models.BooleanField()
    opened = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    classification = {
        "token": "personal",
        "sitting": "personal",
        "account_id": "personal",
        "reason": "personal",
        "case_reference": "personal",
        "children": "personal",
        "tiers": "special",
        "agreements": "personal",
        "too_many": "personal",
        "opened": "personal",
        "created_at": "open",
        "expires_at": "open",
    }

    class Meta:
        """At most ten children, and none where there were too many."""

        constraints = [
            models.CheckConstraint(condition=Q(children__len__lte=10), name="results_at_most_ten"),
            models.CheckConstraint(
                condition=Q(too_many=False) | Q(children__len=0), name="results_too_many_shows_none"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="results_end_after_they_begin"),
            models.CheckConstraint(condition=_NO_PROSE, name="results_reference_has_no_prose"),
        ]


class Enquiry(models.Model):
    """When somebody last searched in a sitting: never what for. A record may be proposed only soon after (R 1.33)."""

    sitting = models.CharField(primary_key=True, max_length=64)
    account_id = models.UUIDField()
    searched_at = models.DateTimeField()

    classification = {"sitting": "personal", "account_id": "personal", "searched_at": "open"}
