"""What may be done to keep an entry right, and by whom: rules as functions of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from childindex.directory.types import ServiceType
from childindex.involvement.types import InvolvementLine
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching.engine.levels import Field, Level
from childindex.matching.types import Answer, Verdict


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


def needs_second(levels: Iterable[Mapping[str, str]], *, sensitive: bool) -> bool:
    """Whether a decision about a record and these children takes two people (R 4.20).

    It does where a sensitive service is in play on either side, and where it may be an adoption or a new identity: another
    family name, and a national number that contradicts. (A record near a shield never comes before a steward at all.)
    """
    return sensitive or any(map(_of_another_identity, levels))


def _of_another_identity(levels: Mapping[str, str]) -> bool:
    differs = Level.DIFFERS.value
    numbers = {levels.get(Field.NHS_NUMBER.value), levels.get(Field.UPN.value)}
    return levels.get(Field.FAMILY.value) in {differs, Level.FORMER.value} and differs in numbers


def check_answer(answer: Answer, *, shown: Sequence[UUID]) -> None:
    """A link names one of the children that were shown, anything else names none; raises Denied(NOT_ACCEPTED, "answer")."""
    named = answer.chosen in shown if answer.verdict is Verdict.LINKED else answer.chosen is None
    if not named or answer.verdict is Verdict.NEW:
        raise Denied(Refusal.NOT_ACCEPTED, "answer")


def check_second(answered_by: UUID | None, *, by: UUID | None) -> None:
    """There is an answer to confirm, and somebody else gave it; raises Denied(NOT_YOURS, "second_person")."""
    if answered_by is None or by is None or answered_by == by:
        raise Denied(Refusal.NOT_YOURS, "second_person")
