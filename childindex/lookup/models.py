"""The results of a search, for a quarter of an hour: whose they are and which children, never what was searched for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class SearchResult(models.Model):
    """What one search found, at an address that says nothing, for the sitting that made it.

    `tiers` and `agreements` have for each child, in the same order, the tier at the time and the codes of what agreed,
    joined by commas.
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
            models.CheckConstraint(
                condition=Q(case_reference="") | Q(case_reference__regex=r"^[A-Z0-9/-]{3,30}$"),
                name="results_reference_has_no_prose",
            ),
        ]
