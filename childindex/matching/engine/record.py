"""One record of a child, made comparable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from childindex.kernel.identity import Carer, Identity, Sex
from childindex.kernel.places import read_postcode, sector
from childindex.matching.engine.normalise import house_and_street, name_words, only_digits, telephone

# Words that stand before many surnames and tell nobody apart.
_PARTICLES: Final = frozenset("al el de da du di la le van von der den bin binti bint ibn dos das del ul ur st".split())
_MOST_CARERS: Final = 6
_TITLES: Final = frozenset("mr mrs miss ms dr mx prof rev".split())
_SEXES: Final = {Sex.MALE: "male", Sex.FEMALE: "female"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """What a record says, in the form that is compared. An empty value means "not given".

    `given` holds the forms the first name may take (the name, all forenames run together, the known-as name), `given_parts`
    the halves of hyphenated ones; `family` and `former` are surnames run together, `family_parts` their halves.
    """

    given: tuple[str, ...] = ()
    given_parts: tuple[str, ...] = ()
    middle: tuple[str, ...] = ()
    family: str = ""
    former: str = ""
    family_parts: tuple[str, ...] = ()
    year: int = 0
    month: int = 0
    day: int = 0
    sex: str = ""
    nhs_number: str = ""
    upn: str = ""
    uprn: str = ""
    postcode: str = ""
    sector: str = ""
    house: str = ""
    street: str = ""
    carers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


def _given(identity: Identity) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Forms of the first name, halves of hyphenated ones, and middle names."""
    words = name_words(identity.given_name)
    known_as = name_words(identity.known_as)
    middle = [word.replace("-", "") for word in (*words[1:], *name_words(identity.middle_names))]
    forms = [words[0].replace("-", "")] if words else []
    if len(words) > 1:
        forms.append("".join(words).replace("-", ""))
    if known_as:
        forms.append("".join(known_as).replace("-", ""))
    parts = [half for word in (*words[:1], *known_as) if "-" in word for half in word.split("-")]
    return tuple(dict.fromkeys(forms)), tuple(dict.fromkeys(parts)), tuple(dict.fromkeys(middle))


def _family(identity: Identity) -> tuple[str, str, tuple[str, ...]]:
    """The surname and the former one, each run together, and the halves of both."""
    words = name_words(identity.family_name)
    former = name_words(identity.former_family_name)
    halves = [half for name in (words, former) for half in "-".join(name).split("-")]
    parts = (
        tuple(dict.fromkeys(half for half in halves if len(half) > 1 and half not in _PARTICLES))
        if len(halves) > 1
        else ()
    )
    return "".join(words).replace("-", ""), "".join(former).replace("-", ""), parts


def _carers(carers: tuple[Carer, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of carers as "first last", and their telephone numbers."""
    names: list[str] = []
    phones: list[str] = []
    for carer in carers[:_MOST_CARERS]:
        words = [word for word in name_words(carer.name) if word not in _TITLES]
        if words:
            names.append(words[0] if len(words) == 1 else f"{words[0]} {words[-1]}")
        phone = telephone(carer.phone) if carer.phone else ""
        if phone:
            phones.append(phone)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(phones))


def standardise(identity: Identity) -> Standardised:
    """Make what a record says comparable. Takes any text, in any script; a placeholder name counts as missing."""
    given, given_parts, middle = _given(identity)
    family, former, family_parts = _family(identity)
    house, street = house_and_street(identity.address[:200]) if identity.address else ("", "")
    carers, phones = _carers(identity.carers)
    postcode = read_postcode(identity.postcode[:20]) or "" if identity.postcode else ""
    born = identity.birth_date
    return Standardised(
        given=given,
        given_parts=given_parts,
        middle=middle,
        family=family,
        former=former if former != family else "",
        family_parts=family_parts,
        year=born.year if born else 0,
        month=(born.month or 0) if born else 0,
        day=(born.day or 0) if born else 0,
        sex=_SEXES.get(identity.sex, ""),
        nhs_number=only_digits(identity.nhs_number) if identity.nhs_number else "",
        upn=identity.upn.strip().upper()[:13] if identity.upn else "",
        uprn=only_digits(identity.uprn).lstrip("0") if identity.uprn else "",
        postcode=postcode,
        sector=sector(postcode),
        house=house,
        street=street,
        carers=carers,
        phones=phones,
    )
