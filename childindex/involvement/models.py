"""Which service is involved with which open child. Rows of shielded and sealed children live in the guard schema."""

import uuid

from django.db import models
from django.db.models import Q

from childindex.kernel.identity import AssessmentState, Tier


class Involvement(models.Model):
    """One service's involvement with one child: who to ring, since when, as of when, and from which source (R 1.16, 1.34).

    `source` is a feed's name, or "practitioner" for what somebody declared on the child's page; `reference` is the source's
    own stable id for it. `claims_lead` is what the source says; `lead_professional` is true for the one of a child's current
    claims that started last, so that a prior lead is kept and is no longer the lead (R 1.19). A sensitive service cannot be
    here without the decision that allows it (R 1.24).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    tier = models.CharField(max_length=8, default=Tier.OPEN.value)
    source = models.CharField(max_length=60)
    record_id = models.CharField(max_length=100)
    reference = models.CharField(max_length=100)
    service_type = models.CharField(max_length=40)
    sensitive = models.BooleanField()
    organisation = models.CharField(max_length=60)
    team = models.CharField(max_length=100)
    practitioner_name = models.CharField(max_length=100)
    practitioner_role = models.CharField(max_length=100)
    phone = models.CharField(max_length=20)
    email = models.CharField(max_length=254)
    out_of_hours_phone = models.CharField(max_length=20)
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    claims_lead = models.BooleanField()
    lead_professional = models.BooleanField()
    assessment = models.CharField(max_length=11)
    assessment_on = models.DateField(null=True)
    consent_id = models.UUIDField(null=True)
    as_of = models.DateField()
    confirmed_on = models.DateField(null=True)
    phone_reported_on = models.DateField(null=True)
    recorded_by = models.UUIDField(null=True)

    classification = {
        "id": "personal",
        "child_id": "personal",
        "tier": "special",
        "source": "open",
        "record_id": "personal",
        "reference": "personal",
        "service_type": "special",
        "sensitive": "special",
        "organisation": "special",
        "team": "special",
        "practitioner_name": "personal",
        "practitioner_role": "open",
        "phone": "personal",
        "email": "personal",
        "out_of_hours_phone": "open",
        "started_on": "personal",
        "ended_on": "personal",
        "claims_lead": "personal",
        "lead_professional": "personal",
        "assessment": "personal",
        "assessment_on": "personal",
        "consent_id": "special",
        "as_of": "open",
        "confirmed_on": "open",
        "phone_reported_on": "open",
        "recorded_by": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.UniqueConstraint(fields=["source", "record_id", "reference"], name="involvement_once"),
            models.UniqueConstraint(
                fields=["child_id"],
                condition=Q(lead_professional=True, ended_on__isnull=True),
                name="involvement_one_lead_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["child_id", "service_type", "organisation", "recorded_by"],
                condition=Q(source="practitioner", ended_on__isnull=True),
                name="involvement_declared_once",
            ),
            models.CheckConstraint(condition=Q(tier="open"), name="involvement_of_an_open_child"),
            models.CheckConstraint(
                condition=Q(lead_professional=False) | Q(claims_lead=True), name="involvement_lead_is_claimed"
            ),
            models.CheckConstraint(
                condition=Q(sensitive=False) | Q(consent_id__isnull=False), name="involvement_sensitive_needs_consent"
            ),
            models.CheckConstraint(
                condition=Q(assessment__in=[a.value for a in AssessmentState]), name="involvement_assessment_known"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(started_on__isnull=True)
                | Q(ended_on__gte=models.F("started_on")),
                name="involvement_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["child_id"], name="involvement_child")]
