"""One record of a child, made comparable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from childindex.kernel.identity import Identity, Sex
from childindex.kernel.numbers import is_nhs_number, is_upn
from childindex.kernel.places import read_postcode, sector
from childindex.matching.engine.names import UNNAMED_TWIN
from childindex.matching.engine.normalise import house_and_street, name_words, only_digits, says_twin, telephone

# Words that stand before many surnames and tell nobody apart.
_PARTICLES: Final = frozenset("al el de da du di la le van von der den bin binti bint ibn dos das del ul ur st".split())
MOST_CARERS: Final = 6
_NHS_LENGTH: Final = 10
_UPN_LENGTH: Final = 13
_TITLES: Final = frozenset("mr mrs miss ms dr mx prof rev".split())
SEXES: Final = {Sex.MALE: "male", Sex.FEMALE: "female"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standardised:
    """What a record says, in the form that is compared. An empty value means "not given".

    `given` holds the forms the first name may take (the name, all forenames run together, the known-as name), `given_parts`
    the halves of hyphenated ones; `family` and `former` are surnames run together, `family_parts` their halves. `nhs_number` and `upn` have
    passed their checks; a number of the right form that fails its check stands in `nhs_number_failed` or `upn_failed`.
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
    nhs_number_failed: str = ""
    upn: str = ""
    upn_failed: str = ""
    uprn: str = ""
    postcode: str = ""
    sector: str = ""
    house: str = ""
    street: str = ""
    carers: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


Names = tuple[str, ...]


def given_forms(given_name: str, known_as: str) -> tuple[Names, Names]:
    """Forms of the first name, and halves of hyphenated ones."""
    words = name_words(given_name)
    if len(words) == 1 and not known_as and "-" not in words[0]:
        return words, ()
    called = name_words(known_as) if known_as else ()
    forms = [words[0].replace("-", "")] if words else []
    if not words and given_name and not called and says_twin(given_name):
        return (UNNAMED_TWIN,), ()
    if len(words) > 1:
        forms.append("".join(words).replace("-", ""))
    if called:
        forms.append("".join(called).replace("-", ""))
    parts = [half for word in (*words[:1], *called) if "-" in word for half in word.split("-")]
    return tuple(dict.fromkeys(forms)), tuple(dict.fromkeys(parts))


def middle_forms(given_name: str, middle_names: str) -> Names:
    """Middle names: their own, and what stands behind the first given name."""
    words = (*(name_words(given_name)[1:] if given_name else ()), *(name_words(middle_names) if middle_names else ()))
    if len(words) == 1 and "-" not in words[0]:
        return words
    return tuple(dict.fromkeys([word.replace("-", "") for word in words]))


def family_forms(family_name: str, former_family_name: str) -> tuple[str, str, Names]:
    """The surname and the former one, each run together, and the halves of both."""
    words = name_words(family_name)
    if len(words) == 1 and not former_family_name and "-" not in words[0]:
        return words[0], "", ()
    former = name_words(former_family_name) if former_family_name else ()
    halves = tuple(dict.fromkeys(half for word in (*words, *former) for half in word.split("-")))
    parts = tuple(half for half in halves if len(half) > 1 and half not in _PARTICLES) if len(halves) > 1 else ()
    family, before = "".join(words).replace("-", ""), "".join(former).replace("-", "")
    return family, before if before != family else "", parts


def carer_forms(carers: Iterable[tuple[str, str]]) -> tuple[Names, Names]:
    """Names of carers as "first last", and their telephone numbers, from names and numbers as written."""
    names: list[str] = []
    phones: list[str] = []
    for name, number in carers:
        words = [word for word in name_words(name) if word not in _TITLES]
        if words:
            names.append(words[0] if len(words) == 1 else f"{words[0]} {words[-1]}")
        phone = telephone(number) if number else ""
        if phone:
            phones.append(phone)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(phones))


def address_forms(address: str) -> tuple[str, str]:
    """House number and street."""
    return house_and_street(address[:200]) if address else ("", "")


def postcode_form(postcode: str) -> str:
    """The postcode in its one form, empty when it is not one."""
    return (read_postcode(postcode[:20]) or "") if postcode else ""


def nhs_number_forms(written: str) -> tuple[str, str]:
    """An NHS number that passes its check, or one that fails it; neither of what is no number. Ten times one digit is nobody's."""
    digits = only_digits(written)
    if len(digits) != _NHS_LENGTH or len(set(digits)) == 1:
        return "", ""
    return (digits, "") if is_nhs_number(digits) else ("", digits)


def upn_forms(written: str) -> tuple[str, str]:
    """A pupil number that passes its check, or one that fails it; neither of what is no number."""
    number = written.strip().upper()
    if len(number) != _UPN_LENGTH or not (number.isascii() and number.isalnum()):
        return "", ""
    return (number, "") if is_upn(number) else ("", number)


def uprn_form(uprn: str) -> str:
    """A property number in its one form."""
    return only_digits(uprn).lstrip("0")


def standardise(identity: Identity) -> Standardised:
    """Make what a record says comparable. Takes any text, in any script; a placeholder name counts as missing."""
    given, given_parts = given_forms(identity.given_name, identity.known_as)
    family, former, family_parts = family_forms(identity.family_name, identity.former_family_name)
    house, street = address_forms(identity.address)
    carers, phones = carer_forms((carer.name, carer.phone) for carer in identity.carers[:MOST_CARERS])
    postcode = postcode_form(identity.postcode)
    nhs_number, nhs_number_failed = nhs_number_forms(identity.nhs_number) if identity.nhs_number else ("", "")
    upn, upn_failed = upn_forms(identity.upn) if identity.upn else ("", "")
    born = identity.birth_date
    return Standardised(
        given=given,
        given_parts=given_parts,
        middle=middle_forms(identity.given_name, identity.middle_names),
        family=family,
        former=former,
        family_parts=family_parts,
        year=born.year if born else 0,
        month=(born.month or 0) if born else 0,
        day=(born.day or 0) if born else 0,
        sex=SEXES.get(identity.sex, ""),
        nhs_number=nhs_number,
        nhs_number_failed=nhs_number_failed,
        upn=upn,
        upn_failed=upn_failed,
        uprn=uprn_form(identity.uprn),
        postcode=postcode,
        sector=sector(postcode),
        house=house,
        street=street,
        carers=carers,
        phones=phones,
    )
