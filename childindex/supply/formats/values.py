"""Readers of single values: a text that is not blank becomes a value, or breaks a rule and raises `Wrong`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import lru_cache

import phonenumbers

from childindex.kernel.dates import NotADate, PartialDate
from childindex.kernel.identity import AssessmentState, ConsentBasis, Sex
from childindex.kernel.numbers import is_nhs_number, is_upn
from childindex.kernel.places import read_postcode
from childindex.supply.formats.problems import Wrong

# Direction marks can turn a name round on the page; zero-width spaces and joins that only break words hide differences.
# The zero-width joiners themselves stay: Persian and Indian names are written with them.
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
)
_REFUSED = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_MOST_MARKS = 4
_SPACES = re.compile(r"\s+")
_PLACEHOLDER = re.compile(
    r"(?:baby|infant|unborn|newborn|new born|twin|triplet|boy|girl|male|female|child|unknown|not known|unnamed|no name"
    r"|n/?k|n/a|none|tbc|tba|xx+|\?+|-+|\.+)"
    r"(?: (?:boy|girl|male|female|twin|one|two|i|ii|1|2|3|a|b|c|of))*",
    re.IGNORECASE,
)
# Baby, Boy and Child are real family names; these are not.
_NO_FAMILY_NAME = re.compile(r"unknown|not known|n/k|n/a|none|no name|tbc|tba|xx+|\?+|-+|\.+", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_UPRN = re.compile(r"[0-9]{1,12}")
_ORGANISATION = re.compile(r"(?:urn|ods|gss|charity):[A-Za-z0-9-]{1,50}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_NUMBER_GAPS = str.maketrans("", "", " -\u00a0\u2011")
_PHONE_GAPS = str.maketrans("", "", " -().\u00a0\u2011")
# The plain ways of writing a United Kingdom number (Ofcom's numbering plan); everything else goes the slow way.
_UK_PHONE = re.compile(r"0(?:1\d{8,9}|2\d{9}|3\d{9}|7[1-57-9]\d{8}|8\d{9})", re.ASCII)
_UK_ABROAD = re.compile(r"^(?:\+|00)440?")


@lru_cache(maxsize=65_536)
def tidy(raw: str) -> str:
    """The text in composed form, single-spaced, without unseen marks; raises Wrong for control characters."""
    text = raw.strip()
    if text.isascii():
        if not text.isprintable():
            raise Wrong("control_character")
    else:
        text = _tidy_letters(text)
    if text[:1] in {"=", "@"}:
        raise Wrong("formula")
    return " ".join(text.split(" ")) if "  " not in text else _SPACES.sub(" ", text)


def _tidy_letters(raw: str) -> str:
    """The slow way, for texts beyond plain ASCII."""
    text = unicodedata.normalize("NFC", raw.translate(_UNSEEN))
    marks = 0
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in _REFUSED:
            raise Wrong("control_character")
        marks = marks + 1 if kind in {"Mn", "Me"} else 0
        if marks > _MOST_MARKS:
            raise Wrong("combining_marks")
    return _SPACES.sub(" ", text).strip()


def record_id(raw: str) -> str:
    """A supplier's own id, exactly as given: two ids that differ unseen would be taken for one."""
    if not raw.isascii() and _tidy_letters(raw) != raw:
        raise Wrong("control_character")
    if not raw.isprintable():
        raise Wrong("control_character")
    if raw[0] in "=@":
        raise Wrong("formula")
    return raw


@lru_cache(maxsize=65_536)
def name(raw: str) -> str:
    """A name as the supplier holds it; a placeholder such as "Baby" is treated as missing and gives an empty text."""
    text = tidy(raw)
    return "" if _PLACEHOLDER.fullmatch(text) else _with_a_letter(text)


@lru_cache(maxsize=65_536)
def family_name(raw: str) -> str:
    """A family name; "Unknown" and its like give an empty text."""
    text = tidy(raw)
    return "" if _NO_FAMILY_NAME.fullmatch(text) else _with_a_letter(text)


def _with_a_letter(text: str) -> str:
    """A name in any alphabet has a letter."""
    if not any(map(str.isalpha, text)):
        raise Wrong("no_letter")
    return text


@lru_cache(maxsize=65_536)
def birth_date(raw: str) -> PartialDate:
    """YYYY-MM-DD, YYYY-MM or YYYY, and a day that was."""
    try:
        return PartialDate.parse(raw)
    except NotADate:
        whole = re.fullmatch(r"\s*\d{4}(-\d{2}){0,2}\s*", raw)
        raise Wrong("date_impossible" if whole else "birth_date_form") from None


@lru_cache(maxsize=65_536)
def day(raw: str) -> date:
    """YYYY-MM-DD, from 1900 on."""
    if not _DAY.fullmatch(raw):
        raise Wrong("date_form")
    try:
        found = date.fromisoformat(raw)
    except ValueError:
        raise Wrong("date_impossible") from None
    if found.year < 1900:
        raise Wrong("date_impossible")
    return found


@lru_cache(maxsize=4_096)
def moment(raw: str) -> date:
    """A day, also where the supplier's system writes the time of day after it."""
    found = _MOMENT.fullmatch(raw)
    return day(found[1] if found else raw)


def truth(raw: str) -> bool:
    """True or false, in any case."""
    word = raw.lower()
    if word == "true":
        return True
    if word == "false":
        return False
    raise Wrong("not_true_or_false")


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    """A reader of the members of one list."""
    known = {str(member.value): member for member in kind}

    def read(raw: str) -> StrEnum:
        found = known.get(raw.lower())
        if found is None:
            raise Wrong("not_in_list")
        return found

    return read


sex = _one_of(Sex)
assessment = _one_of(AssessmentState)
consent_basis = _one_of(ConsentBasis)


def left_england(raw: str) -> str:
    """Whether a child who has left is coming back (R 1.06)."""
    word = raw.lower()
    if word not in {"returning", "not_returning", "not_known"}:
        raise Wrong("not_in_list")
    return word


def nhs_number(raw: str) -> str:
    """Ten digits with a right check digit; ten times the same digit passes the sum and is nobody's number."""
    digits = raw.translate(_NUMBER_GAPS)
    if not is_nhs_number(digits) or len(set(digits)) == 1:
        raise Wrong("nhs_number")
    return digits


def upn(raw: str) -> str:
    """A pupil number with a right check letter."""
    number = raw.translate(_NUMBER_GAPS).upper()
    if not is_upn(number):
        raise Wrong("upn")
    return number


@lru_cache(maxsize=65_536)
def postcode(raw: str) -> str:
    """The canonical postcode; a pseudo postcode gives an empty text."""
    found = read_postcode(raw)
    if found is not None:
        return found
    if raw.lstrip().upper().startswith("ZZ"):
        return ""
    raise Wrong("postcode")


def uprn(raw: str) -> str:
    """A unique property reference number."""
    if not _UPRN.fullmatch(raw):
        raise Wrong("uprn")
    return raw


@lru_cache(maxsize=16_384)
def phone(raw: str) -> str:
    """The digits to ring: 0... within the United Kingdom, +... elsewhere; with 'x' and the extension if there is one."""
    compact = _UK_ABROAD.sub("0", raw.translate(_PHONE_GAPS))
    if _UK_PHONE.fullmatch(compact):
        return compact
    try:
        number = phonenumbers.parse(raw, "GB")
    except phonenumbers.NumberParseException:
        raise Wrong("phone") from None
    if not phonenumbers.is_valid_number(number) or (number.extension and len(number.extension) > 5):
        raise Wrong("phone")
    national = f"{number.national_number}"
    digits = f"0{national}" if number.country_code == 44 else f"+{number.country_code}{national}"
    return f"{digits}x{number.extension}" if number.extension else digits


@lru_cache(maxsize=16_384)
def email(raw: str) -> str:
    """An address of the plain form; nobody's mail server is asked."""
    if not _EMAIL.fullmatch(raw):
        raise Wrong("email")
    return raw


@lru_cache(maxsize=16_384)
def organisation(raw: str) -> str:
    """The code of the register an organisation stands in, and its number there."""
    if not _ORGANISATION.fullmatch(raw):
        raise Wrong("organisation_form")
    return raw


Reader = Callable[[str], object]
READERS: dict[str, Reader] = {
    "record_id": record_id,
    "family_name": family_name,
    "given_name": name,
    "middle_names": name,
    "known_as": name,
    "former_family_name": family_name,
    "birth_date": birth_date,
    "unborn": truth,
    "sex": sex,
    "nhs_number": nhs_number,
    "upn": upn,
    "address": tidy,
    "postcode": postcode,
    "uprn": uprn,
    "carer_name": name,
    "carer_relationship": tidy,
    "carer_phone": phone,
    "updated_on": moment,
    "removed": truth,
    "confidential": truth,
    "deceased_on": day,
    "left_england": left_england,
    "involvement_id": record_id,
    "service_type": tidy,
    "organisation_id": organisation,
    "team": tidy,
    "practitioner_name": tidy,
    "practitioner_role": tidy,
    "phone": phone,
    "email": email,
    "out_of_hours_phone": phone,
    "started_on": day,
    "ended_on": day,
    "lead_professional": truth,
    "assessment": assessment,
    "assessment_on": day,
    "consent_basis": consent_basis,
    "consent_by": tidy,
    "consent_on": day,
}
