"""Who may override a shield and each time somebody did (R 3.08-3.10; T14); how shields are asked for and decided (R 3.11-3.16; T11).

What is hidden stands here only encrypted for a key that no database has: the one the browser that asked was given.
"""

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from childindex.brokering.types import (
    RIGHT_DAYS,
    VIEW_MINUTES,
    Answer,
    Asker,
    DecisionState,
    Heard,
    OverrideGround,
    ShieldActKind,
    ShieldState,
    Word,
)
from childindex.shielding.types import Ground

_GROUNDS = [ground.value for ground in Ground]
_ASKERS = [asker.value for asker in Asker]
_REFERENCE = r"^[A-Z0-9/-]{3,30}$"


class OverrideRight(models.Model):
    """One person's own right to override shields: proposed by a manager, approved by another, and it ends (R 3.08)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account_id = models.UUIDField()
    organisation = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField()
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "account_id": "personal",
        "organisation": "open",
        "valid_from": "open",
        "valid_to": "open",
        "proposed_by": "personal",
        "proposed_at": "open",
        "approved_by": "personal",
        "approved_at": "open",
    }

    class Meta:
        """Two people, neither of them its holder; an end within a year."""

        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="override_right_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("account_id"))
                & (Q(approved_by__isnull=True) | ~Q(approved_by=F("account_id"))),
                name="override_right_not_ones_own",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="override_right_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("valid_from"))
                & Q(valid_to__lte=F("valid_from") + timedelta(days=RIGHT_DAYS)),
                name="override_right_ends_within_a_year",
            ),
        ]
        indexes = [models.Index(fields=["account_id"], name="override_right_account")]


class Override(models.Model):
    """One time a shield was overridden, for one child in one sitting, for ten minutes at most (R 3.09, 3.10)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    account_id = models.UUIDField()
    sitting = models.CharField(max_length=64)
    role = models.CharField(max_length=40)
    organisation = models.CharField(max_length=60)
    ground = models.CharField(max_length=30)
    case_reference = models.CharField(max_length=30)
    investigation = models.UUIDField(unique=True)
    public_key = models.BinaryField()
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    disclosed_at = models.DateTimeField(null=True)
    ciphertext = models.BinaryField(null=True)

    classification = {
        "id": "open",
        "child_id": "personal",
        "account_id": "personal",
        "sitting": "personal",
        "role": "open",
        "organisation": "open",
        "ground": "personal",
        "case_reference": "personal",
        "investigation": "open",
        "public_key": "open",
        "asked_at": "open",
        "until": "open",
        "ended_at": "open",
        "disclosed_at": "open",
        "ciphertext": "sealed",
    }

    class Meta:
        """A ground from the list, a case reference always, an investigation always, and an end."""

        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=[ground.value for ground in OverrideGround]), name="override_ground_known"
            ),
            models.CheckConstraint(condition=Q(case_reference__regex=_REFERENCE), name="override_has_a_case_reference"),
            models.CheckConstraint(
                condition=Q(until__gt=F("asked_at")) & Q(until__lte=F("asked_at") + timedelta(minutes=VIEW_MINUTES)),
                name="override_ends_within_ten_minutes",
            ),
            models.CheckConstraint(
                condition=Q(ciphertext__isnull=True) | Q(disclosed_at__isnull=False), name="override_handed_over_once"
            ),
        ]
        indexes = [models.Index(fields=["account_id", "asked_at"], name="override_account_at")]


class ShieldAct(models.Model):
    """What somebody asks the worker to do about a shield. The site puts it in and cannot read it back: whose list it was on says
    where the child is (T12). `outcome` is for whoever sent it, on their next list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8)
    account_id = models.UUIDField()
    organisation = models.CharField(max_length=60)
    authority = models.CharField(max_length=9)
    child_id = models.UUIDField(null=True)
    shield_id = models.UUIDField(null=True)
    ground = models.CharField(max_length=20, blank=True)
    asker = models.CharField(max_length=12, blank=True)
    case_reference = models.CharField(max_length=30, blank=True)
    word = models.CharField(max_length=8, blank=True)
    heard = ArrayField(models.CharField(max_length=13))
    agrees = models.BooleanField(null=True)
    sent_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)

    classification = {
        "id": "open",
        "kind": "open",
        "account_id": "personal",
        "organisation": "personal",
        "authority": "personal",
        "child_id": "personal",
        "shield_id": "personal",
        "ground": "personal",
        "asker": "personal",
        "case_reference": "personal",
        "word": "personal",
        "heard": "personal",
        "agrees": "personal",
        "sent_at": "open",
        "taken_at": "open",
        "outcome": "open",
    }

    class Meta:
        """A request is about a child, everything else about a shield; codes from lists alone."""

        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in ShieldActKind]), name="shield_act_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=ShieldActKind.ASK.value,
                    child_id__isnull=False,
                    shield_id__isnull=True,
                    ground__in=_GROUNDS,
                    asker__in=_ASKERS,
                    case_reference__regex=_REFERENCE,
                )
                | (~Q(kind=ShieldActKind.ASK.value) & Q(child_id__isnull=True, shield_id__isnull=False, ground="")),
                name="shield_act_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(word__in=["", *(w.value for w in Word)])
                & Q(heard__contained_by=[h.value for h in Heard])
                & Q(asker__in=["", *_ASKERS]),
                name="shield_act_codes_known",
            ),
        ]
        indexes = [models.Index(fields=["account_id", "sent_at"], name="shield_act_sent")]


class Desk(models.Model):
    """One time an officer or broker asked for their list: what is on it is encrypted for the key of their browser, for ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, db_default="shields")
    account_id = models.UUIDField()
    sitting = models.CharField(max_length=64)
    organisation = models.CharField(max_length=60)
    authority = models.CharField(max_length=9)
    public_key = models.BinaryField()
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    disclosed_at = models.DateTimeField(null=True)
    ciphertext = models.BinaryField(null=True)

    classification = {
        "id": "open",
        "kind": "open",
        "account_id": "personal",
        "sitting": "personal",
        "organisation": "open",
        "authority": "open",
        "public_key": "open",
        "asked_at": "open",
        "until": "open",
        "disclosed_at": "open",
        "ciphertext": "sealed",
    }

    class Meta:
        """One of the two lists; and it ends."""

        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["shields", "requests"]), name="desk_kind_known"),
            models.CheckConstraint(
                condition=Q(until__gt=F("asked_at")) & Q(until__lte=F("asked_at") + timedelta(minutes=VIEW_MINUTES)),
                name="desk_ends_within_ten_minutes",
            ),
            models.CheckConstraint(
                condition=Q(ciphertext__isnull=True) | Q(disclosed_at__isnull=False), name="desk_handed_over_once"
            ),
        ]


class Shield(models.Model):
    """One shield of one child, in the guard: why, who asked, how it stands, when it is looked at again. No day ends it (R 3.15).

    `authority` is the keyed hash of the authority that is responsible, and decides (R 3.01).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    child_id = models.UUIDField()
    authority = models.BinaryField()
    ground = models.CharField(max_length=20)
    asker = models.CharField(max_length=12, blank=True)
    case_reference = models.CharField(max_length=30, blank=True)
    asked_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=11)
    review_on = models.DateField()
    ended_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "child_id": "sealed",
        "authority": "sealed",
        "ground": "sealed",
        "asker": "sealed",
        "case_reference": "sealed",
        "asked_by": "sealed",
        "asked_at": "sealed",
        "state": "sealed",
        "review_on": "sealed",
        "ended_at": "sealed",
    }

    class Meta:
        """One at a time for a child; ended at some time or not at all."""

        db_table = '"guard"."shield"'
        constraints = [
            models.UniqueConstraint(fields=["child_id"], condition=~Q(state="ended"), name="shield_one_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ShieldState]), name="shield_state_known"),
            models.CheckConstraint(condition=Q(ground__in=_GROUNDS), name="shield_ground_known"),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="shield_ended_at_some_time",
            ),
        ]
        indexes = [models.Index(fields=["authority"], name="shield_authority")]


class ShieldDecision(models.Model):
    """One decision about a shield: two people, an appeal that a third hears. A trigger lets no child go without it (T11)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    shield_id = models.UUIDField()
    word = models.CharField(max_length=8)
    heard = ArrayField(models.CharField(max_length=13))
    state = models.CharField(max_length=10)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    second_by = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)
    appeal_until = models.DateTimeField(null=True)
    appealed_for = models.CharField(max_length=12, blank=True)
    appealed_at = models.DateTimeField(null=True)
    heard_by = models.UUIDField(null=True)
    upheld = models.BooleanField(null=True)
    done_at = models.DateTimeField(null=True)

    classification = {
        "id": "open",
        "shield_id": "sealed",
        "word": "sealed",
        "heard": "sealed",
        "state": "sealed",
        "proposed_by": "sealed",
        "proposed_at": "sealed",
        "second_by": "sealed",
        "second_at": "sealed",
        "appeal_until": "sealed",
        "appealed_for": "sealed",
        "appealed_at": "sealed",
        "heard_by": "sealed",
        "upheld": "sealed",
        "done_at": "sealed",
    }

    class Meta:
        """Two people, and for an appeal a third; one decision at a time."""

        db_table = '"guard"."shield_decision"'
        constraints = [
            models.CheckConstraint(condition=Q(word__in=[w.value for w in Word]), name="shield_decision_word_known"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in DecisionState]), name="shield_decision_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", second_by__isnull=True)
                | (~Q(state="proposed") & Q(second_by__isnull=False, second_at__isnull=False)),
                name="shield_decision_takes_two",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("proposed_by")),
                name="shield_decision_second_is_not_first",
            ),
            models.CheckConstraint(
                condition=Q(heard_by__isnull=True, upheld__isnull=True)
                | (
                    Q(appealed_at__isnull=False, upheld__isnull=False)
                    & ~Q(heard_by=F("proposed_by"))
                    & ~Q(heard_by=F("second_by"))
                ),
                name="shield_appeal_heard_by_a_third",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (Q(done_at__isnull=False) & (Q(appealed_at__isnull=True) | Q(upheld=False))),
                name="shield_decision_waits_for_its_appeal",
            ),
            models.UniqueConstraint(
                fields=["shield_id"],
                condition=Q(state__in=["proposed", "agreed", "appealed"]),
                name="shield_decision_one_at_a_time",
            ),
        ]


class ContactAnswer(models.Model):
    """What a broker answers to a request. The site puts it in and cannot read it back; the worker checks whose request it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case_id = models.UUIDField()
    account_id = models.UUIDField()
    authority = models.CharField(max_length=9)
    answer = models.CharField(max_length=20)
    sent_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    classification = {
        "id": "open", "case_id": "open", "answer": "open", "sent_at": "open", "taken_at": "open",
        "account_id": "personal", "authority": "personal",
    }  # fmt: skip

    class Meta:
        """An answer from the list: there is nowhere to write where anybody is."""

        constraints = [
            models.CheckConstraint(condition=Q(answer__in=[a.value for a in Answer]), name="contact_answer_known")
        ]
