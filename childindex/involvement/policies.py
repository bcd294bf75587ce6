"""What of an involvement may be shown, to whom, and how sure it is: rules as functions of values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.involvement.types import Area, HonestyLine, InvolvementLine, Shown, Standing

MONTHS_UNTIL_UNCONFIRMED: Final = 6
# Teachers do not see even that a sensitive service is involved (R 6.11).
SECTORS_NOT_TOLD: Final = frozenset({"education"})


def months_before(day: date, months: int) -> date:
    """The same day some months earlier; the last day of a month that has no such day."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def is_ended(line: InvolvementLine, *, on: date) -> bool:
    """Whether an involvement is over on this day."""
    return line.ended_on is not None and line.ended_on <= on


def is_shown_ended(line: InvolvementLine, *, on: date) -> bool:
    """Whether it ended within the last twelve months: the time for which ended involvements stay in sight."""
    return line.ended_on is not None and months_before(on, 12) < line.ended_on <= on


def unconfirmed_since(line: InvolvementLine, *, on: date) -> date | None:
    """The day somebody last said this holds, once that is more than six months ago; else None (R 1.34)."""
    last = max(line.as_of, line.confirmed_on or line.as_of)
    return last if last < months_before(on, MONTHS_UNTIL_UNCONFIRMED) else None


def allowed(lines: Iterable[InvolvementLine], *, decisions: Collection[UUID]) -> tuple[InvolvementLine, ...]:
    """The involvements that may be listed: a sensitive one only with a decision that still stands (R 1.24)."""
    return tuple(line for line in lines if not line.sensitive or line.consent_id in decisions)


def named(lines: Iterable[InvolvementLine]) -> tuple[InvolvementLine, ...]:
    """The involvements that may be shown by name; a sensitive service never is, to anybody on a page (R 1.26)."""
    return tuple(line for line in lines if not line.sensitive)


def shows_sensitive_line(lines: Iterable[InvolvementLine], *, sector: str, on: date) -> bool:
    """Whether the one constant line "a service that is not named here" is shown (R 1.26, 6.11).

    It says that at least one is involved now: not how many, which class, since when, or where.
    """
    return sector not in SECTORS_NOT_TOLD and any(line.sensitive and not is_ended(line, on=on) for line in lines)


def honesty_lines(lines: Sequence[InvolvementLine], *, area: Area, on: date) -> tuple[HonestyLine, ...]:
    """For each kind of service: involved, not involved as of a day, not supplied here, or withheld (N 1).

    A sensitive kind is withheld for every child, always. "Not involved" needs the answer of every supplier of that kind
    in the area, and speaks for the oldest of their days. Kinds come in alphabetical order, whoever the child is.
    """
    involved: dict[str, date] = {}
    for line in named(lines):
        kind = area.kind_of.get(line.service_type)
        if kind is not None and not is_ended(line, on=on):
            involved[kind] = max(involved.get(kind, line.as_of), line.as_of)
    answers: dict[str, list[date | None]] = {}
    for kinds, answered_on in area.answers:
        for kind in kinds:
            answers.setdefault(kind, []).append(answered_on)
    return tuple(
        HonestyLine(kind=kind, standing=Standing.WITHHELD, as_of=None)
        if kind in area.sensitive_kinds
        else _honesty(kind, involved.get(kind), answers.get(kind, []))
        for kind in sorted(set(area.kind_of.values()))
    )


def _honesty(kind: str, involved: date | None, answers: Sequence[date | None]) -> HonestyLine:
    """The line of one kind that may be spoken of."""
    if involved is not None:
        return HonestyLine(kind=kind, standing=Standing.INVOLVED, as_of=involved)
    days = [day for day in answers if day is not None]
    if days and len(days) == len(answers):
        return HonestyLine(kind=kind, standing=Standing.NOT_INVOLVED, as_of=min(days))
    return HonestyLine(kind=kind, standing=Standing.NOT_SUPPLIED, as_of=None)


def shown(lines: Sequence[InvolvementLine], *, area: Area, sector: str, receipt: Receipt, on: date) -> Shown:
    """What a reader of this sector may be shown of a child's involvements on this day."""
    spoken_of = named(lines)
    since = {line.id: unconfirmed_since(line, on=on) for line in spoken_of}
    return Shown(
        receipt=receipt,
        current=tuple(line for line in spoken_of if not is_ended(line, on=on)),
        ended=tuple(line for line in spoken_of if is_shown_ended(line, on=on)),
        sensitive_service=shows_sensitive_line(lines, sector=sector, on=on),
        unconfirmed={line: day for line, day in since.items() if day is not None},
        honesty=honesty_lines(lines, area=area, on=on),
    )
