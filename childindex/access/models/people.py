"""People who use the index: their accounts, and every fact the gate asks about on every request."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from childindex.access.roles import ROLES
from childindex.access.types import StandingState


class Account(AbstractBaseUser):
    """A person's way in: name, password and second factor. No staff, no superuser, no permissions of its own.

    `sitting_stamp` is part of what every signed-in session is checked against: a new stamp ends them all at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=40, unique=True)
    full_name = models.CharField(max_length=100)
    email = models.EmailField(max_length=150, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    suspended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    sitting_stamp = models.UUIDField(default=uuid.uuid4)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    objects = BaseUserManager["Account"]()

    classification = {
        "id": "open",
        "username": "personal",
        "password": "sealed",
        "full_name": "personal",
        "email": "personal",
        "phone": "personal",
        "is_active": "open",
        "suspended_at": "personal",
        "created_at": "open",
        "last_login": "personal",
        "sitting_stamp": "sealed",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(
                condition=Q(username__regex=r"^[a-z0-9][a-z0-9.-]{1,39}$"), name="account_username_plain"
            ),
            models.CheckConstraint(condition=~Q(full_name=""), name="account_has_a_name"),
        ]

    def get_session_auth_hash(self) -> str:
        """What a signed-in session must match: of the password and the sitting stamp."""
        return self._hash_of(secret=None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under each retired SECRET_KEY, so that changing the key signs nobody out."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._hash_of(secret=secret)

    def _hash_of(self, *, secret: str | bytes | None) -> str:
        salt = "childindex.access.Account.sitting"
        return salted_hmac(salt, f"{self.password}:{self.sitting_stamp}", secret=secret, algorithm="sha256").hexdigest()


class EnhancedCheck(models.Model):
    """One enhanced vetting check of a person, and what the Update Service last said of it (R 2.10, 2.13)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="checks")
    issued_on = models.DateField()
    barred_list_checked = models.BooleanField(default=False)
    update_service_current_on = models.DateField(null=True)

    classification = {
        "id": "open",
        "account": "personal",
        "issued_on": "personal",
        "barred_list_checked": "personal",
        "update_service_current_on": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.UniqueConstraint(fields=["account", "issued_on"], name="check_once_a_day"),
            models.CheckConstraint(
                condition=Q(update_service_current_on__isnull=True) | Q(update_service_current_on__gte=F("issued_on")),
                name="check_update_not_before_issue",
            ),
        ]


class Course(models.Model):
    """A version of the mandatory training; from `deadline_on` only it and later ones count (R 2.11)."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    published_on = models.DateField()
    deadline_on = models.DateField()

    classification = {"version": "open", "published_on": "open", "deadline_on": "open"}

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(
                condition=Q(deadline_on__gte=F("published_on")), name="course_deadline_after_publishing"
            )
        ]


class TrainingRecord(models.Model):
    """That a person completed a version of the training on a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="training")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    completed_on = models.DateField()

    classification = {"id": "open", "account": "personal", "course": "open", "completed_on": "personal"}

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.UniqueConstraint(fields=["account", "course", "completed_on"], name="training_once_a_day")
        ]


class Agreement(models.Model):
    """A version of the conditions of use, with the hash people accept (R 2.12). The database checks the hash itself."""

    version = models.PositiveSmallIntegerField(primary_key=True)
    text = models.TextField()
    text_hash = models.CharField(max_length=64)
    current_from = models.DateField()

    classification = {"version": "open", "text": "open", "text_hash": "open", "current_from": "open"}


class AgreementAcceptance(models.Model):
    """That a person accepted a version, and exactly which words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="acceptances")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="acceptances")
    text_hash = models.CharField(max_length=64)
    accepted_at = models.DateTimeField()

    classification = {
        "id": "open",
        "account": "personal",
        "agreement": "open",
        "text_hash": "open",
        "accepted_at": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.UniqueConstraint(fields=["account", "agreement"], name="agreement_accepted_once"),
            models.CheckConstraint(condition=Q(text_hash__regex=r"^[0-9a-f]{64}$"), name="acceptance_has_a_hash"),
        ]


class Standing(models.Model):
    """How far an organisation has come towards letting its staff in, from which day they may, and how many (R 2.04, 2.09).

    `moved_by` made the last step and `before_by` the one before it, which a trigger keeps; nobody where a command did. The
    last step into accreditation is never made by whoever made the step before it.
    """

    organisation = models.OneToOneField(
        "directory.Organisation", primary_key=True, on_delete=models.PROTECT, related_name="standing"
    )
    state = models.CharField(max_length=20)
    changed_at = models.DateTimeField()
    opened_on = models.DateField(null=True)
    most_grants = models.PositiveIntegerField(null=True)
    moved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    before_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    classification = {
        "organisation": "open",
        "state": "open",
        "changed_at": "open",
        "opened_on": "open",
        "most_grants": "open",
        "moved_by": "personal",
        "before_by": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in StandingState]), name="standing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(opened_on__isnull=True) | Q(state__in=["accredited", "suspended", "lapsed"]),
                name="standing_opened_only_once_accredited",
            ),
            models.CheckConstraint(
                condition=~Q(state="accredited")
                | Q(moved_by__isnull=True)
                | Q(before_by__isnull=True)
                | ~Q(moved_by=F("before_by")),
                name="standing_accredited_by_two",
            ),
        ]


class Grant(models.Model):
    """A role given to an account at an organisation, from a day until before another, by two people (R 2.01; ASVS 2.3.5).

    An index begins with two founding grants, numbered 1 and 2, because it takes two people to give every later one. What
    pages give must be what an approved nomination says, and within the organisation's cap: triggers hold both. One that was
    taken away has `ended_at`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40)
    organisation = models.ForeignKey("directory.Organisation", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    nominated_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    founding = models.PositiveSmallIntegerField(null=True, unique=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")

    classification = {
        "id": "open",
        "account": "personal",
        "role": "open",
        "organisation": "open",
        "valid_from": "open",
        "valid_to": "open",
        "nominated_by": "personal",
        "approved_by": "personal",
        "founding": "open",
        "ended_at": "open",
        "ended_by": "personal",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(condition=Q(role__in=sorted(ROLES)), name="grant_role_known"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="grant_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=(
                    # said twice, because a CHECK lets through what is neither true nor false
                    Q(founding__isnull=False, founding__in=[1, 2], nominated_by__isnull=True, approved_by__isnull=True)
                    | (
                        Q(founding__isnull=True, nominated_by__isnull=False, approved_by__isnull=False)
                        & ~Q(approved_by=F("nominated_by"))
                        & ~Q(approved_by=F("account"))
                        & ~Q(nominated_by=F("account"))
                    )
                ),
                name="grant_takes_two_other_people",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="grant_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="grant_organisation_role")]


class Enrolment(models.Model):
    """A one-time link to set a password and a second factor. Only the hash of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="enrolments")
    link_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "account": "personal",
        "link_hash": "sealed",
        "made_by": "personal",
        "created_at": "open",
        "expires_at": "open",
        "used_at": "open",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gte=F("created_at")), name="enrolment_expires_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__gte=F("created_at"), used_at__lt=F("expires_at")),
                name="enrolment_used_in_time",
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=True) | ~Q(made_by=F("account")), name="enrolment_not_for_oneself"
            ),
            models.CheckConstraint(condition=Q(link_hash__regex=r"^[0-9a-f]{64}$"), name="enrolment_keeps_a_hash"),
        ]
