"""Which source is believed for which value of an entry, and what follows from it (R 1.04-1.13, 1.32, 4.22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from childindex.children.types import CarerEntry, Name, NameKind, Provenance, StoredRecord, Whereabouts, WhereaboutsKind

# How far a feed is believed for a field: (feed, field of the supply file) -> rank, the lowest number wins.
Ranks = Callable[[str, str], int]
_MOST_ADDRESSES = 3
_MOST_CARERS = 6


def provenance(record: StoredRecord) -> Provenance:
    """Where a record's values come from, and the day they speak for."""
    return Provenance(source=record.feed, as_of=record.as_of)


def in_order(records: Iterable[StoredRecord], field: str, ranks: Ranks) -> list[StoredRecord]:
    """Records as far as they are believed for a field: held before removed, rank, newest first, feed name to settle ties."""
    return sorted(
        records,
        key=lambda r: (r.removed_on is not None, ranks(r.feed, field), -r.as_of.toordinal(), r.feed, r.record_id),
    )


def birth_date_source(records: Sequence[StoredRecord], ranks: Ranks) -> StoredRecord:
    """The record whose birth date is shown: born before expected, a full date before a part of one, then precedence."""
    ordered = in_order(records, "birth_date", ranks)
    return min(ordered, key=lambda r: (r.unborn, -len(str(r.identity.birth_date or ""))))


def names(records: Sequence[StoredRecord], ranks: Ranks) -> tuple[Name, ...]:
    """The current name, then what the child is known as, then former names; each once, with its source (R 1.04)."""
    ordered = in_order(records, "family_name", ranks)
    best = ordered[0]
    given = next((r.identity.given_name for r in in_order(records, "given_name", ranks) if r.identity.given_name), "")
    family = _spelling(best.identity.family_name, (r.identity.family_name for r in ordered))
    given = _spelling(given, (r.identity.given_name for r in ordered))
    current = Name(kind=NameKind.CURRENT, given_name=given, family_name=family, provenance=provenance(best))
    found = {_folded(current): current}
    for kind in (NameKind.KNOWN_AS, NameKind.FORMER):
        for record in ordered:
            name = _other_name(kind, record, current)
            if name is not None:
                found.setdefault(_folded(name), name)
    return tuple(found.values())


def _spelling(name: str, others: Iterable[str]) -> str:
    """The same name as a source writes it that does not write everything in capitals, if there is one."""
    if not name.isupper():
        return name
    same = (other for other in others if other.casefold() == name.casefold() and not other.isupper())
    return next(same, name)


def _other_name(kind: NameKind, record: StoredRecord, current: Name) -> Name | None:
    """A record's known-as or former name, completed from its own current one."""
    who = record.identity
    part = who.known_as if kind is NameKind.KNOWN_AS else who.former_family_name
    if not part:
        return None
    given, family = (part, current.family_name) if kind is NameKind.KNOWN_AS else (current.given_name, part)
    return Name(kind=kind, given_name=given, family_name=family, provenance=provenance(record))


def _folded(name: Name) -> tuple[str, str]:
    return name.given_name.casefold(), name.family_name.casefold()


def whereabouts(records: Sequence[StoredRecord], ranks: Ranks) -> tuple[Whereabouts, ...]:
    """Where the child is: left England, or addresses best first, or that none is known (R 1.05-1.07).

    A second home stays current while the source that names it speaks for a day as late as the first; an older one is the
    last known. A source that says the child has left outweighs every address that is not newer.
    """
    ordered = in_order(records, "address", ranks)
    left = max((r for r in ordered if r.left_england), key=lambda r: r.as_of, default=None)
    addresses: dict[str, StoredRecord] = {}
    for record in ordered:
        place = record.identity.postcode or record.identity.address.casefold()
        if place:
            addresses.setdefault(place, record)
    shown = list(addresses.values())[:_MOST_ADDRESSES]
    since = shown[0].as_of if shown else date.min
    lines = [_address(record, current=_still_current(record, since, left)) for record in shown]
    if left is not None and not any(line.kind is WhereaboutsKind.CURRENT for line in lines):
        gone = Whereabouts(kind=WhereaboutsKind.LEFT_ENGLAND, returning=left.left_england, provenance=provenance(left))
        return gone, *lines
    return tuple(lines) or (Whereabouts(kind=WhereaboutsKind.NONE_KNOWN),)


def _still_current(record: StoredRecord, since: date, left: StoredRecord | None) -> bool:
    """Whether an address still stands: held by its source, as new as the first, and newer than a departure."""
    if record.removed_on is not None or record.as_of < since:
        return False
    return left is None or record.as_of > left.as_of


def _address(record: StoredRecord, *, current: bool) -> Whereabouts:
    return Whereabouts(
        kind=WhereaboutsKind.CURRENT if current else WhereaboutsKind.LAST_KNOWN,
        address=record.identity.address,
        postcode=record.identity.postcode,
        provenance=provenance(record),
    )


def carers(records: Sequence[StoredRecord], ranks: Ranks) -> tuple[CarerEntry, ...]:
    """People with parental responsibility or care, each once, the most believed source first (R 1.12, 1.13)."""
    found: dict[str, CarerEntry] = {}
    for record in in_order(records, "carer_name", ranks):
        if record.removed_on is not None:
            continue
        for carer in record.identity.carers:
            key = " ".join(carer.name.casefold().split())
            before = found.get(key)
            if before is None or (not before.phone and carer.phone):
                found[key] = CarerEntry(
                    name=carer.name,
                    relationship=carer.relationship or (before.relationship if before else ""),
                    phone=carer.phone,
                    provenance=provenance(record),
                )
    return tuple(found.values())[:_MOST_CARERS]


def deceased_on(records: Sequence[StoredRecord], ranks: Ranks) -> date | None:
    """The day of death, where a source gives one."""
    return next((r.deceased_on for r in in_order(records, "deceased_on", ranks) if r.deceased_on), None)
