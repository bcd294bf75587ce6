"""The register of areas, organisations, kinds of service and suppliers, as `childindex setup` reads it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Authority(models.Model):
    """A local authority with children's services, by its GSS code."""

    gss = models.CharField(primary_key=True, max_length=9)
    name = models.CharField(max_length=100)
    broker_phone = models.CharField(max_length=20, blank=True)

    classification = {"gss": "open", "name": "open", "broker_phone": "open"}


class Organisation(models.Model):
    """A school, practice, council, trust, charity or clinic, by the code of the register it stands in.

    A national body, such as the one behind the school census, belongs to no authority.
    """

    code = models.CharField(primary_key=True, max_length=60)
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=30)
    sector = models.CharField(max_length=30)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True)
    phone = models.CharField(max_length=20, blank=True)
    out_of_hours_phone = models.CharField(max_length=20, blank=True)
    hours = models.CharField(max_length=100, blank=True)

    classification = {
        "code": "open",
        "name": "open",
        "kind": "open",
        "sector": "open",
        "authority": "open",
        "phone": "open",
        "out_of_hours_phone": "open",
        "hours": "open",
    }


class ServiceType(models.Model):
    """A recordable kind of service (R 1.17). Sensitive until somebody has reviewed it (R 1.23)."""

    code = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=30)
    sector = models.CharField(max_length=30)
    coverage = models.CharField(max_length=12)
    sensitive = models.BooleanField(default=True)

    classification = {
        "code": "open",
        "name": "open",
        "kind": "open",
        "sector": "open",
        "coverage": "open",
        "sensitive": "open",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(condition=Q(coverage__in=["universal", "additional"]), name="service_coverage_known")
        ]


class PostcodeArea(models.Model):
    """Which authority a postcode lies in."""

    postcode = models.CharField(primary_key=True, max_length=8)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT)

    classification = {"postcode": "open", "authority": "open"}


class Feed(models.Model):
    """One supplier's standing delivery: on what legal basis, for which kinds of service, where, how often (R 4.01).

    `rank` orders sources where a field has no rule of its own; `precedence` gives a field its own rank.
    `answered_on` is the day the last applied delivery speaks for. `removals_percent` is the share of its records that may
    be missing from a snapshot before the whole file is held.
    """

    name = models.CharField(primary_key=True, max_length=60)
    supplier = models.CharField(max_length=150)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    legal_basis = models.CharField(max_length=150)
    duty = models.CharField(max_length=12)
    kinds = ArrayField(models.CharField(max_length=30))
    authorities = ArrayField(models.CharField(max_length=9))
    cadence_days = models.PositiveIntegerField()
    fields = ArrayField(models.CharField(max_length=40))
    rank = models.PositiveIntegerField(default=100)
    precedence = models.JSONField(default=dict)
    removals_percent = models.PositiveSmallIntegerField(default=5)
    paused = models.BooleanField(default=False)
    answered_on = models.DateField(null=True)

    classification = {
        "name": "open",
        "supplier": "open",
        "organisation": "open",
        "legal_basis": "open",
        "duty": "open",
        "kinds": "open",
        "authorities": "open",
        "cadence_days": "open",
        "fields": "open",
        "rank": "open",
        "precedence": "open",
        "removals_percent": "open",
        "paused": "open",
        "answered_on": "open",
    }

    class Meta:
        """Checks that the database holds whatever the code does."""

        constraints = [
            models.CheckConstraint(condition=Q(duty__in=["must", "may", "agreed"]), name="feed_duty_known"),
            models.CheckConstraint(condition=Q(removals_percent__lte=100), name="feed_removals_are_a_percentage"),
        ]
