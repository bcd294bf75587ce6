"""Reading the register."""

from __future__ import annotations

import csv
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from childindex.directory import models
from childindex.directory.types import Authority, Feed, Organisation, ServiceType

_AUTHORITIES = Path(__file__).with_name("data") / "local_authorities.csv"


@lru_cache(maxsize=1)
def known_authorities() -> dict[str, str]:
    """The 153 English authorities with children's services, by GSS code: their names, from the official list shipped here."""
    with _AUTHORITIES.open(encoding="utf-8", newline="") as file:
        return {row["gss_code"]: row["name"] for row in csv.DictReader(file)}


def authorities() -> dict[str, Authority]:
    """The authorities of this index by GSS code."""
    return {
        row.gss: Authority(gss=row.gss, name=row.name, broker_phone=row.broker_phone)
        for row in models.Authority.objects.order_by("gss")
    }


def organisations(codes: Collection[str] | None = None) -> dict[str, Organisation]:
    """The organisations with these codes, or all; a code that is not registered is simply absent."""
    rows = models.Organisation.objects.order_by("code")
    if codes is not None:
        rows = rows.filter(code__in=list(codes))
    return {
        row.code: Organisation(
            code=row.code,
            name=row.name,
            kind=row.kind,
            sector=row.sector,
            authority=row.authority_id or "",
            phone=row.phone,
            out_of_hours_phone=row.out_of_hours_phone,
            hours=row.hours,
        )
        for row in rows
    }


def service_types() -> dict[str, ServiceType]:
    """Every kind of service by its code."""
    return {
        row.code: ServiceType(
            code=row.code,
            name=row.name,
            kind=row.kind,
            sector=row.sector,
            coverage=row.coverage,
            sensitive=row.sensitive,
        )
        for row in models.ServiceType.objects.order_by("code")
    }


def feeds() -> dict[str, Feed]:
    """Every feed by its name."""
    return {row.name: _feed(row) for row in models.Feed.objects.order_by("name")}


def feed(name: str) -> Feed | None:
    """One feed, or None where there is none of that name."""
    row = models.Feed.objects.filter(name=name).first()
    return None if row is None else _feed(row)


def authority_of(postcodes: Collection[str]) -> dict[str, str]:
    """The GSS code of the authority each canonical postcode lies in; one that is not in the list is absent."""
    rows = models.PostcodeArea.objects.filter(postcode__in=list(postcodes))
    return dict(rows.values_list("postcode", "authority_id"))


def _feed(row: models.Feed) -> Feed:
    """The value of one row."""
    return Feed(
        name=row.name,
        supplier=row.supplier,
        organisation=row.organisation_id,
        legal_basis=row.legal_basis,
        duty=row.duty,
        cadence_days=row.cadence_days,
        kinds=tuple(row.kinds),
        authorities=tuple(row.authorities),
        fields=frozenset(row.fields),
        rank=row.rank,
        precedence=dict(row.precedence),
        removals_percent=row.removals_percent,
        paused=row.paused,
        answered_on=row.answered_on,
    )
