"""Search keys: what two records of one child have in common even when neither is written right.

A key is a number made from at least two facts (or from one number that only one child has), so that even at twelve million
children few share it. Two records are compared only when they share a key. Keys of `VISIBLE_KINDS` are made from name, date of
birth and sex alone: the only ones a shielded child keeps (R 3.02-3.05).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.comparisons import FamilyName, GivenName
from childindex.matching.engine.names import UNNAMED_TWIN, NameWord, name_word, skeleton_rate
from childindex.matching.engine.record import Standardised


class KeyKind(IntEnum):
    """Which facts a key is made from. Kept in the database: extend, never renumber.

    Kinds from 50 on are made from a hidden field; the database refuses them below the open tier.
    """

    NAME_BIRTH_DATE = 1  # the sound of one name, and the whole date
    NAMES_YEAR = 2  # the sounds of a given and a family name in either order, and the year
    NAMES_DAY = 3  # the same names unless they are rare, and the day and month
    INITIALS_BIRTH_DATE = 4  # both initials in either order, and the whole date
    FAMILY_YEAR = 5  # the family name's sound, the year and, unless it is rare, a little of the given name
    GIVEN_YEAR = 6  # the given name's sound, the year and, unless it is rare, a little of the family name
    NAMES = 7  # the sounds of a given and a family name in either order, where few children have both
    NAME_POSTCODE = 50  # the sound of one name, and the postcode
    NAMES_SECTOR = 51  # the sounds of both names unless they are rare, and the postcode's sector
    BIRTH_DATE_POSTCODE = 52
    NHS_NUMBER = 53
    UPN = 54
    PHONE_BIRTH_DATE = 55  # a carer's telephone number, and the whole date


VISIBLE_KINDS: frozenset[KeyKind] = frozenset(
    {
        KeyKind.NAME_BIRTH_DATE,
        KeyKind.NAMES_YEAR,
        KeyKind.NAMES_DAY,
        KeyKind.INITIALS_BIRTH_DATE,
        KeyKind.FAMILY_YEAR,
        KeyKind.GIVEN_YEAR,
        KeyKind.NAMES,
    }
)

# Keys are made so that, in a country of so many children of so many years of birth, about so many at most share one.
_CHILDREN = 12_000_000
_YEARS = 18
_SMALL_BLOCK = 200
# A record with many names makes no more than this many variants of each.
_MOST_GIVEN = 3
_MOST_FAMILY = 3


class SearchKey(NamedTuple):
    """One key: its kind, and a signed 64-bit number made from its text."""

    kind: KeyKind
    value: int


_PREFIX = {kind: f"{kind.value}|" for kind in KeyKind}


# The kind of a key, and the text its number is made from.
_Text = tuple[KeyKind, str]


def _digest(kind: KeyKind, text: str) -> bytes:
    return blake2b((_PREFIX[kind] + text).encode(), digest_size=8).digest()


@lru_cache(maxsize=100_000)
def given_codes(forms: tuple[str, ...], parts: tuple[str, ...]) -> tuple[str, ...]:
    """Sounds a given name is found by: of the names it may be short for, else of its own spelling class."""
    return codes_of_given((forms, parts), name_word)


@lru_cache(maxsize=100_000)
def family_codes(family: str, former: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Sounds a family name is found by: its halves if it has any, else the whole, and the former name."""
    return codes_of_family((family, former, parts), name_word)


def codes_of_given(name: GivenName, know: Callable[[str], NameWord]) -> tuple[str, ...]:
    """As `given_codes`; `know` says what is known of a word of the name."""
    forms, parts = name
    codes: dict[str, None] = {}
    if forms[:1] == (UNNAMED_TWIN,):
        return ()
    for word in (*forms[:1], *parts[:1], *forms[1:]):
        known = know(word)
        for formal in sorted(known.formal)[:2]:
            codes[name_word(formal).skeleton] = None
        codes[known.skeleton] = None
    return tuple(codes)[:_MOST_GIVEN]


def codes_of_family(name: FamilyName, know: Callable[[str], NameWord]) -> tuple[str, ...]:
    """As `family_codes`; `know` says what is known of a word of the name."""
    family, former, parts = name
    names = [*parts] if parts else [family]
    if former and not parts:
        names.append(former)
    return tuple(dict.fromkeys(know(one).skeleton for one in names if one))[:_MOST_FAMILY]


def _dated(record: Standardised, given: tuple[str, ...], family: tuple[str, ...]) -> Iterator[_Text]:
    """Keys of the whole date of birth."""
    date = f"{record.year}{record.month:02d}{record.day:02d}"
    for code in dict.fromkeys(given + family):
        yield (KeyKind.NAME_BIRTH_DATE, f"{code}|{date}")
    if given and record.family:
        initials = "".join(sorted(record.given[0][0] + record.family[0]))
        yield (KeyKind.INITIALS_BIRTH_DATE, f"{initials}|{date}")
    if record.postcode:
        yield (KeyKind.BIRTH_DATE_POSTCODE, f"{date}|{record.postcode}")
    for phone in record.phones[:2]:
        yield (KeyKind.PHONE_BIRTH_DATE, f"{date}|{phone}")


def _ends(kind: str, code: str, other: str) -> tuple[str, ...]:
    """As much of the other name as keeps a key of a name and a year small.

    Nothing where the name is rare, else the first letter; where it is common the first two, and by themselves the last two, so
    that one slip of the keyboard spoils only one of the keys.
    """
    born_in_a_year = skeleton_rate(kind, code) * _CHILDREN / _YEARS
    if born_in_a_year <= _SMALL_BLOCK:
        return ("",)
    if not other:
        return ()
    if born_in_a_year <= 6 * _SMALL_BLOCK:
        return (other[:1],)
    return (other[:2], f"-{other[-2:]}")


@lru_cache(maxsize=200_000)
def _is_rare(given: str, family: str) -> bool:
    """Whether few of all the country's children have names of both sounds, in either order."""
    share = skeleton_rate("given", given) * skeleton_rate("family", family)
    crossed = skeleton_rate("given", family) * skeleton_rate("family", given)
    return (share + crossed) * _CHILDREN <= _SMALL_BLOCK


def _named(record: Standardised, given: tuple[str, ...], family: tuple[str, ...]) -> Iterator[_Text]:
    """Keys of both names: by themselves where few children share them, else with the day or the place."""
    pairs = {"|".join(sorted((one, other))): _is_rare(one, other) for one in given for other in family}
    for pair, rare in pairs.items():
        if rare:
            yield (KeyKind.NAMES, pair)
        if record.year:
            yield (KeyKind.NAMES_YEAR, f"{pair}|{record.year}")
        if record.day and not rare:
            yield (KeyKind.NAMES_DAY, f"{pair}|{record.month}|{record.day}")
        if record.sector and not rare:
            yield (KeyKind.NAMES_SECTOR, f"{pair}|{record.sector}")


def _yearly(record: Standardised, given: tuple[str, ...], family: tuple[str, ...]) -> Iterator[_Text]:
    """Keys of one name and the year, with a little of the other name where many share them."""
    first = record.given[0] if given else ""
    for code in family:
        for end in _ends("family", code, first):
            yield (KeyKind.FAMILY_YEAR, f"{code}|{end}|{record.year}")
    for code in given[:1]:
        for end in _ends("given", code, record.family):
            yield (KeyKind.GIVEN_YEAR, f"{code}|{end}|{record.year}")


def _texts(record: Standardised) -> list[_Text]:
    """What every key of a record is made from."""
    given = given_codes(record.given, record.given_parts) if record.given else ()
    family = family_codes(record.family, record.former, record.family_parts) if record.family or record.former else ()
    texts: list[_Text] = []
    if record.day:
        texts.extend(_dated(record, given, family))
    texts.extend(_named(record, given, family))
    if record.year:
        texts.extend(_yearly(record, given, family))
    if record.postcode:
        texts.extend((KeyKind.NAME_POSTCODE, f"{code}|{record.postcode}") for code in dict.fromkeys(given + family))
    if record.nhs_number:
        texts.append((KeyKind.NHS_NUMBER, record.nhs_number))
    if record.upn:
        texts.append((KeyKind.UPN, record.upn))
    return texts


def search_keys(record: Standardised) -> frozenset[SearchKey]:
    """Every key the record is found by; about a dozen for a full record, none for an empty one."""
    return frozenset(
        [SearchKey(kind, int.from_bytes(_digest(kind, text), "big", signed=True)) for kind, text in _texts(record)]
    )


def key_values(record: Standardised) -> npt.NDArray[np.int64]:
    """The numbers of the same keys alone, to look up; a number may stand twice."""
    return np.frombuffer(b"".join([_digest(kind, text) for kind, text in _texts(record)]), dtype=">i8").astype(np.int64)
