"""Text as suppliers write it, made comparable: words of a name, street and house number, telephone and number digits.

Everything here takes any text at all: other scripts, combining marks, control characters, ten thousand characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

# Longer than any name that was ever registered; what comes after adds nothing but work.
_LONGEST: Final = 120
_NOT_LETTERS: Final = re.compile(r"[^a-z0-9 -]+")
_HYPHENS: Final = re.compile(r"[\s-]*-[\s-]*")
_DIGITS: Final = re.compile(r"\D+")
_JOINING: Final = str.maketrans("", "", "'`’‘ʼʻ´.")
# "Not known", "not applicable" and "baby of", as clerks write them.
_ABBREVIATED: Final = re.compile(r"\b(?:n/k|n/a|b/o)\b", re.IGNORECASE)
_PLACEHOLDER_FIRST: Final = frozenset(
    {"baby", "twin", "triplet", "infant", "newborn", "unborn", "unknown", "unnamed", "notknown"}
)
_OF_SEVERAL: Final = ("twin", "triplet", "quadruplet")
_PLACEHOLDERS: Final = frozenset(
    "not known none nil na nk tba tbc tbd null blank boy girl male female child no name given firstname surname forename "
    "xx xxx xxxx anon anonymous declined refused missing stated available recorded un named test one two three a b i ii iii nn".split()
)
# Only these make a lone word a placeholder: "a" or "one" alone might be an initial or a name.
_PLACEHOLDER_ALONE: Final = _PLACEHOLDERS - frozenset("a b i ii iii one two three no na name test known given".split())
_SUFFIXES: Final = frozenset({"jr", "junior", "snr", "ii", "iii"})
_STREET_WORDS: Final = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive", "cl": "close",
    "crt": "court", "ct": "court", "pl": "place", "sq": "square", "cres": "crescent", "gdns": "gardens", "grn": "green",
    "ter": "terrace", "terr": "terrace", "pk": "park", "gr": "grove", "grv": "grove", "wy": "way", "hse": "house",
}  # fmt: skip
_ADDRESS_WORDS: Final = re.compile(r"[a-z]+|\d+[a-z]?(?![a-z])|\d+")
# Most addresses begin so: perhaps a flat, then a number, words in plain letters, a comma. They need no further reading.
_PLAIN_FLAT: Final = re.compile(r"(?:flat|apartment|apt|unit|room) (\d{1,5}[a-z]?)", re.IGNORECASE | re.ASCII)
_PLAIN_NUMBER: Final = re.compile(r"\d{1,5}[A-Za-z]?", re.ASCII)
_PLAIN_STREET: Final = re.compile(r"[A-Za-z']{1,20}(?: [A-Za-z']{1,20}){0,3}")
_POSTCODE_MARKS: Final = re.compile(r"[^A-Z0-9]+")
_UNIT: Final = frozenset({"flat", "apartment", "apt", "unit", "room"})


def _letters(text: str) -> str:
    """Lower-case plain letters, digits, spaces and hyphens of a text in any script."""
    text = text[:_LONGEST]
    if not text.isascii():
        # Joins combining marks to their letters first, then writes every letter in plain ones.
        text = anyascii(unicodedata.normalize("NFC", "".join(c for c in text if c.isprintable() or c.isspace())))
    plain = text.lower().translate(_JOINING)
    return _NOT_LETTERS.sub(" ", plain)


@lru_cache(maxsize=100_000)
def _name_words(text: str) -> tuple[str, ...]:
    if text.isascii() and text.replace(" ", "").isalpha():  # most names are plain words
        plain = text.lower().split()
        nobody = plain[0] in _PLACEHOLDER_FIRST or (_PLACEHOLDERS.issuperset(plain) and len(plain) > 1)
        if nobody or (len(plain) == 1 and plain[0] in _PLACEHOLDER_ALONE):
            return ()
        return tuple(word for word in plain if word not in _SUFFIXES)
    if "/" in text:
        text = _ABBREVIATED.sub("unknown ", text)
    words = _HYPHENS.sub("-", _letters(text)).strip(" -").split()
    words = [word.strip("-") for word in words]
    if not words or _is_placeholder(words):
        return ()
    return tuple(word for word in words if word and not word.isdigit() and word not in _SUFFIXES)


def name_words(text: str) -> tuple[str, ...]:
    """The words of a name, lower case and plain, hyphens kept inside a word; empty for a placeholder such as "Twin 1"."""
    return _name_words(text[:_LONGEST])


def says_twin(text: str) -> bool:
    """Whether what stands for a name says that the child is one of several born together: "Twin 1", "TRIPLET B"."""
    return _letters(text[:_LONGEST]).strip().startswith(_OF_SEVERAL)


def _is_placeholder(words: list[str]) -> bool:
    """Whether a name only says that no name is known."""
    if words[0] in _PLACEHOLDER_FIRST:
        return True
    if len(words) == 1:
        return words[0] in _PLACEHOLDER_ALONE or words[0].isdigit()
    return all(word in _PLACEHOLDERS or word.isdigit() for word in words)


def address_words(address: str) -> str:
    """All words and numbers of an address of any country, in their order, words for streets spelt out."""
    words = _ADDRESS_WORDS.findall(_letters(address).replace("-", " "))
    return " ".join(_STREET_WORDS.get(word, word) for word in words)


def any_postcode(text: str) -> str:
    """A postcode of any country: its letters and digits."""
    return _POSTCODE_MARKS.sub("", text[:_LONGEST].upper())


def only_digits(text: str) -> str:
    """The digits of a text."""
    return _DIGITS.sub("", text[:_LONGEST])


@lru_cache(maxsize=50_000)
def telephone(text: str) -> str:
    """A United Kingdom telephone number as its national digits without the leading nought; empty when too short to be one."""
    digits = only_digits(text)
    if digits.startswith("0044"):
        digits = digits[4:]
    elif digits.startswith("44") and len(digits) > 10:
        digits = digits[2:]
    digits = digits.lstrip("0")
    return digits if 9 <= len(digits) <= 13 else ""


@lru_cache(maxsize=50_000)
def plain_street(text: str) -> str:
    """A street in its one form, if it is written in plain words and names no flat; else nothing."""
    if not _PLAIN_STREET.fullmatch(text):
        return ""
    words = text.lower().replace("'", "").split()
    return "" if _UNIT.intersection(words) else " ".join(_STREET_WORDS.get(word, word) for word in words)


def house_and_street(address: str) -> tuple[str, str]:
    """The number (with the flat's before it) and the street of a one-line address; empty texts where there is none.

    "Flat 2, 14 Mill Rd, Town" gives ("2/14", "mill road").
    """
    first, comma, rest = address.partition(",")
    flat = _PLAIN_FLAT.fullmatch(first) if comma else None
    if flat:
        first, comma, _ = rest.lstrip(" ").partition(",")
    house, _, written = first.partition(" ")
    street = plain_street(written) if comma and _PLAIN_NUMBER.fullmatch(house) else ""
    if street:
        return (f"{flat[1]}/{house}" if flat else house).lower(), street
    numbers: list[str] = []
    for part in address.split(",")[:4]:
        words = _ADDRESS_WORDS.findall(_letters(part).replace("-", " "))
        named: list[str] = []
        for word in words:
            if word[0].isdigit():
                numbers.append(word)
            elif word not in _UNIT:
                named.append(_STREET_WORDS.get(word, word))
        if named and numbers:
            return "/".join(numbers[:3]), " ".join(named[:4])
    begin = _letters(address.split(",", maxsplit=1)[0]).split()
    return "/".join(numbers[:3]), " ".join(_STREET_WORDS.get(word, word) for word in begin[:4] if not word[0].isdigit())
