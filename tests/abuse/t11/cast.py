"""The children of T11, and the ways suppliers write one child down: spelling, dates, numbers, birth and adopted names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.kernel.numbers import is_nhs_number
from tests.factories.index import a_child

Variant = Callable[[int, Identity], Identity]

_NUMBERS: Final = [str(n) for n in range(9990000000, 9990000600) if is_nhs_number(str(n))]
_SOUTH: Final[Mapping[str, Any]] = {
    "address": "3 Park Road, Southby",
    "postcode": "BS1 4DJ",
    "carers": (Carer(name="Ruth Hughes", relationship="mother", phone="0117 496 0009"),),
}


def _born(text: str) -> PartialDate:
    return PartialDate.parse(text)


# A child; her twin; a namesake of another town; a brother; a girl of the same names born a month apart; and five strangers.
PEOPLE: Final = (
    a_child(former_family_name="Bello", known_as="Mara"),
    a_child(given_name="Amira"),
    a_child(**_SOUTH),
    a_child(given_name="Tola", birth_date=_born("2012-07-09"), sex=Sex.MALE),
    a_child(birth_date=_born("2015-04-14"), **_SOUTH),
    a_child(given_name="Deniz", family_name="Kaya", birth_date=_born("2014-02-03"), sex=Sex.MALE, carers=()),
    a_child(given_name="Mohammed", family_name="Hussain", birth_date=_born("2013-01-01"), sex=Sex.MALE, carers=()),
    a_child(given_name="Ana", family_name="Silva-Costa", birth_date=_born("2011-11-30"), postcode="", address=""),
    a_child(given_name="Wei", family_name="Zhang", birth_date=_born("2010-10-10"), sex=Sex.UNKNOWN, **_SOUTH),
)


def number(person: int, *, new: bool = False) -> str:
    """The NHS number of a child, or the one they get with a new identity."""
    return _NUMBERS[person + (20 if new else 0)]


def _slip(name: str) -> str:
    """A slip of the keyboard in the middle of a name."""
    middle = len(name) // 2
    return name[:middle] + "u" + name[middle + 1 :]


def _swapped_date(born: PartialDate | None) -> PartialDate | None:
    if born is None or born.month is None or born.day is None or born.day > 12:
        return born
    return PartialDate(born.year, born.day, born.month)


def _one_day(born: PartialDate | None) -> PartialDate | None:
    return born if born is None or born.day is None else PartialDate(born.year, born.month, born.day % 28 + 1)


def _adopted(person: int, who: Identity) -> Identity:
    """The child under the adopted name, with a new number, a new home and new carers; nothing of the old one."""
    return replace(
        who, family_name=_NEW_NAMES[person][1], former_family_name="", nhs_number=number(person, new=True), **_SOUTH
    )


def _new_identity(person: int, who: Identity) -> Identity:
    """The child under names chosen anew: only the birth date and the sex stay."""
    given, family = _NEW_NAMES[person]
    return replace(_adopted(person, who), given_name=given, family_name=family, known_as="", middle_names="")


_NEW_NAMES: Final = (
    ("Ivy", "Hughes"), ("Nina", "Hughes"), ("Rosa", "Marsh"), ("Leo", "Hughes"), ("Edie", "Fenn"),
    ("Max", "Orchard"), ("Adam", "Lowe"), ("Ella", "Quill"), ("Kim", "Stone"),
)  # fmt: skip
_TRANSLITERATED: Final = {"Amara": "Ammara", "Deniz": "Daniz", "Mohammed": "Muhammad", "Okonkwo": "Okonquo"}

# By name, so that a failing sequence can be read.
VARIANTS: Final[Mapping[str, Variant]] = {
    "as_is": lambda _, who: who,
    "numbered": lambda person, who: replace(who, nhs_number=number(person)),
    "new_number": lambda person, who: replace(who, nhs_number=number(person, new=True)),
    "no_number": lambda _, who: replace(who, nhs_number=""),
    "swapped_names": lambda _, who: replace(who, given_name=who.family_name, family_name=who.given_name),
    "slip_given": lambda _, who: replace(who, given_name=_slip(who.given_name)),
    "slip_family": lambda _, who: replace(who, family_name=_slip(who.family_name)),
    "transliterated": lambda _, who: replace(
        who,
        given_name=_TRANSLITERATED.get(who.given_name, who.given_name),
        family_name=_TRANSLITERATED.get(who.family_name, who.family_name),
    ),
    "known_as": lambda _, who: replace(who, given_name=who.known_as or who.given_name, known_as=""),
    "birth_surname": lambda _, who: replace(who, family_name=who.former_family_name or who.family_name),
    "unnamed": lambda _, who: replace(who, given_name="Baby"),
    "day_and_month": lambda _, who: replace(who, birth_date=_swapped_date(who.birth_date)),
    "one_day_off": lambda _, who: replace(who, birth_date=_one_day(who.birth_date)),
    "year_only": lambda _, who: replace(who, birth_date=PartialDate(who.birth_date.year) if who.birth_date else None),
    "moved": lambda _, who: replace(who, **_SOUTH),
    "no_home": lambda _, who: replace(who, address="", postcode="", carers=()),
    "sex_unknown": lambda _, who: replace(who, sex=Sex.UNKNOWN),
    "adopted": _adopted,
    "adopted_with_birth_name": lambda person, who: replace(_adopted(person, who), former_family_name=who.family_name),
    "new_identity": _new_identity,
}


def written(person: int, *variants: str) -> Identity:
    """A child as some supplier writes them down."""
    who = PEOPLE[person]
    for name in variants:
        who = VARIANTS[name](person, who)
    return who
