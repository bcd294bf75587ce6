"""Keys for looking near protected children in a small index, where little evidence makes two records likely one child (R 3.19).

Search keys are made for a nation: two records that share none of them may still be one child with a probability of one in a hundred
where there are only twenty thousand children. Each of these is made of so few facts that no such pair is missed. They are kept of
protected children alone, as keyed hashes in the guard, and never of anybody who can be searched for.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from childindex.matching.engine.keys import family_codes, given_codes
from childindex.matching.engine.record import Standardised

# Above every kind of search key, so that no number of one is ever that of the other.
_FIRST_KIND: Final = 80

CoarseKey = tuple[int, int]


def coarse_keys(record: Standardised) -> frozenset[CoarseKey]:
    """Kind and number of every coarse key of a record."""
    return frozenset((_FIRST_KIND + kind, _number(f"{_FIRST_KIND + kind}|{text}")) for kind, text in _texts(record))


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _texts(record: Standardised) -> Iterator[tuple[int, str]]:
    """What each is made of: the year; the day and month, either way about; the sounds of both names; a home; a carer.

    A date that agrees in any way, however little, agrees in one of the first two.
    """
    if record.year:
        yield 0, f"{record.year}"
    if record.day:
        yield 1, "|".join(sorted((f"{record.month:02d}", f"{record.day:02d}")))
    given = given_codes(record.given, record.given_parts) if record.given else ()
    family = family_codes(record.family, record.former, record.family_parts) if record.family or record.former else ()
    for one in given:
        for other in family:
            yield 2, "|".join(sorted((one, other)))
    if record.postcode:
        yield 3, record.postcode
    for phone in record.phones:
        yield 4, phone
    for carer in record.carers:
        yield 5, carer
