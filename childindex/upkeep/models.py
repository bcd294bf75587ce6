"""Children that somebody could not find and proposed. The web process can put one in and cannot read any back."""

import uuid

from django.db import models
from django.db.models import Q

from childindex.kernel.identity import Sex


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
