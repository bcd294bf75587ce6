"""Changing the register. What is already there and the same is left alone, so that setting up twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from django.db import connection
from django.db.models import Model

from childindex.audit.types import Receipt
from childindex.directory import models
from childindex.directory.selectors import known_authorities
from childindex.directory.types import Changes, Feed, Organisation, Register, ServiceType


def set_up(register: Register, *, receipt: Receipt) -> dict[str, Changes]:
    """Bring the register to what it should be and count what changed, by part.

    Nothing is taken out: an organisation that is no longer named may still be somebody's involvement. A feed's pause and
    the day it last answered for are kept. Runs inside the entry that gave the receipt.
    """
    del receipt
    codes = {organisation.authority for organisation in register.organisations}
    codes.update(register.postcodes.values(), *[feed.authorities for feed in register.feeds])
    desks = {organisation.code: organisation.phone for organisation in register.organisations}
    return {
        "authorities": _bring(_authority(code, desks.get(f"gss:{code}", "")) for code in sorted(codes) if code),
        "organisations": _bring(map(_organisation, register.organisations)),
        "services": _bring(map(_service, register.service_types)),
        "feeds": _bring(map(_feed, register.feeds), keep=("paused", "answered_on")),
        "postcodes": _bring_postcodes(register.postcodes),
    }


def answered(feed: str, *, on: date, receipt: Receipt) -> None:
    """Keep that a feed's records now speak for this day; an earlier day than the one known changes nothing."""
    del receipt
    later = models.Feed.objects.filter(name=feed).exclude(answered_on__gte=on)
    later.update(answered_on=on)


def _authority(code: str, desk: str) -> models.Authority:
    """An authority; its broker is reached at the council's own number."""
    return models.Authority(gss=code, name=known_authorities()[code], broker_phone=desk)


def _organisation(value: Organisation) -> models.Organisation:
    """A row of one organisation."""
    return models.Organisation(
        code=value.code,
        name=value.name,
        kind=value.kind,
        sector=value.sector,
        authority_id=value.authority or None,
        phone=value.phone,
        out_of_hours_phone=value.out_of_hours_phone,
        hours=value.hours,
    )


def _service(value: ServiceType) -> models.ServiceType:
    """A row of one kind of service."""
    return models.ServiceType(
        code=value.code,
        name=value.name,
        kind=value.kind,
        sector=value.sector,
        coverage=value.coverage,
        sensitive=value.sensitive,
    )


def _feed(value: Feed) -> models.Feed:
    """A row of one feed, as new."""
    return models.Feed(
        name=value.name,
        supplier=value.supplier,
        organisation_id=value.organisation,
        legal_basis=value.legal_basis,
        duty=value.duty,
        cadence_days=value.cadence_days,
        kinds=list(value.kinds),
        authorities=list(value.authorities),
        fields=sorted(value.fields),
        rank=value.rank,
        precedence=dict(value.precedence),
        removals_percent=value.removals_percent,
    )


def _bring(rows: Iterable[Model], *, keep: tuple[str, ...] = ()) -> Changes:
    """Insert the rows that are new and update those that differ, leaving the fields in `keep` as the database has them."""
    wanted = {row.pk: row for row in rows}
    if not wanted:
        return Changes(new=0, changed=0, same=0)
    model = type(next(iter(wanted.values())))
    names = [f.attname for f in model._meta.concrete_fields if not f.primary_key and f.attname not in keep]
    held = model._default_manager.in_bulk(list(wanted))  # noqa: SLF001 - the same
    new = [row for key, row in wanted.items() if key not in held]
    changed = [
        row
        for key, row in wanted.items()
        if key in held and any(getattr(row, name) != getattr(held[key], name) for name in names)
    ]
    model._default_manager.bulk_create(new)  # noqa: SLF001 - the same
    if changed:
        model._default_manager.bulk_update(changed, names, batch_size=500)  # noqa: SLF001 - the same
    return Changes(new=len(new), changed=len(changed), same=len(wanted) - len(new) - len(changed))


def _bring_postcodes(postcodes: Mapping[str, str]) -> Changes:
    """The same for postcodes in one statement, since there may be two million of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM directory_postcodearea")
        before = cursor.fetchone()[0]
        cursor.execute("CREATE TEMPORARY TABLE incoming (postcode text, authority text) ON COMMIT DROP")
        with cursor.copy("COPY incoming (postcode, authority) FROM STDIN") as copy:
            for line in postcodes.items():
                copy.write_row(line)
        cursor.execute(
            "INSERT INTO directory_postcodearea (postcode, authority_id) SELECT postcode, authority FROM incoming"
            " ON CONFLICT (postcode) DO UPDATE SET authority_id = excluded.authority_id"
            " WHERE directory_postcodearea.authority_id <> excluded.authority_id"
        )
        touched = cursor.rowcount
        cursor.execute("SELECT count(*) FROM directory_postcodearea")
        new = cursor.fetchone()[0] - before
    return Changes(new=new, changed=touched - new, same=len(postcodes) - touched)
