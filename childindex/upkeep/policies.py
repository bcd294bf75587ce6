"""What may be done to keep an entry right, and by whom: rules as functions of values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from childindex.directory.types import ServiceType
from childindex.involvement.types import InvolvementLine
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal


def check_open(tier: Tier) -> None:
    """Only an open child's entry can be written to from a page; raises Denied(NOT_FOUND)."""
    if tier is not Tier.OPEN:
        raise Denied(Refusal.NOT_FOUND)


def services_of(sector: str, services: Iterable[ServiceType]) -> tuple[ServiceType, ...]:
    """The kinds of service somebody of this sector may declare, by name.

    A sensitive service is never declared on a page: it needs the child's or parent's decision first (R 1.24).
    """
    own = (service for service in services if service.sector == sector and not service.sensitive)
    return tuple(sorted(own, key=lambda service: (service.name, service.code)))


def check_service(code: str, *, sector: str, services: Iterable[ServiceType]) -> None:
    """Refuse a kind of service that is not one's own to declare; raises Denied(NOT_YOURS)."""
    if code not in {service.code for service in services_of(sector, services)}:
        raise Denied(Refusal.NOT_YOURS, "service_type")


def check_reportable(found: tuple[UUID, InvolvementLine] | None, *, child_id: UUID) -> InvolvementLine:
    """The involvement, if it is this child's and may be spoken of; raises Denied(NOT_FOUND) alike for every other."""
    if found is None or found[0] != child_id or found[1].sensitive:
        raise Denied(Refusal.NOT_FOUND)
    return found[1]


def check_own(line: InvolvementLine, *, organisation: str) -> None:
    """Only an organisation's own staff confirm or end its involvement; raises Denied(NOT_YOURS)."""
    if line.organisation != organisation:
        raise Denied(Refusal.NOT_YOURS)


def check_day(day: date, *, on: date, not_before: date | None = None) -> None:
    """A day that has been, and not before the involvement began; raises Denied(NOT_ACCEPTED, "day")."""
    if day > on or (not_before is not None and day < not_before):
        raise Denied(Refusal.NOT_ACCEPTED, "day")
