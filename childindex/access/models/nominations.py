"""Who has been put forward for a role, what they have shown, and what a second person said."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from childindex.access.roles import ROLES


class Nomination(models.Model):
    """That a manager put somebody forward for a role at an organisation, from a day until before another (journey C; R 2.01).

    The person shows their check and training; somebody else, neither they nor who put them forward, says yes or no.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="nominations")
    role = models.CharField(max_length=40)
    organisation = models.ForeignKey("directory.Organisation", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField()
    nominated_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, related_name="+")
    nominated_at = models.DateTimeField()
    check_issued_on = models.DateField(null=True)
    barred_list_checked = models.BooleanField(default=False)
    trained_on = models.DateField(null=True)
    shown_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("access.Account", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)

    classification = {
        "id": "open",
        "account": "personal",
        "role": "open",
        "organisation": "open",
        "valid_from": "open",
        "valid_to": "open",
        "nominated_by": "personal",
        "nominated_at": "open",
        "check_issued_on": "personal",
        "barred_list_checked": "personal",
        "trained_on": "personal",
        "shown_at": "open",
        "decided_by": "personal",
        "decided_at": "open",
        "approved": "open",
    }

    class Meta:
        """Three people at least between a wish and a grant, whatever the code does (ASVS 2.3.5)."""

        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(ROLES)), name="nomination_role_known"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="nomination_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(nominated_by=F("account")), name="nomination_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, approved__isnull=True)
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False, approved__isnull=False)
                    & ~Q(decided_by=F("nominated_by"))
                    & ~Q(decided_by=F("account"))
                ),
                name="nomination_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(approved__isnull=True)
                | Q(approved=False)
                | Q(
                    shown_at__isnull=False,
                    check_issued_on__isnull=False,
                    trained_on__isnull=False,
                    barred_list_checked=True,
                ),
                name="nomination_approved_with_evidence",
            ),
            models.UniqueConstraint(
                fields=["account", "role", "organisation"],
                condition=Q(decided_at__isnull=True),
                name="nomination_open_once",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "decided_at"], name="nomination_waiting")]
