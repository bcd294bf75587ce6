"""Numbers that other bodies gave a child, and our own index number, with their check characters."""

from __future__ import annotations

import re
import secrets
from operator import mul

# Letters and digits nobody confuses when read out over a telephone: no I, L, O, U, 0 or 1.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_INDEX_LENGTH = 9
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_WEIGHTS = range(2, 14)
_UPN_VALUES = {**{str(digit): digit for digit in range(10)}, **{c: place for place, c in enumerate(_UPN_LETTERS)}}
_UPN = re.compile(r"[A-Z]\d{11}[0-9A-Z]", re.ASCII)
_NHS_NUMBER = re.compile(r"\d{10}", re.ASCII)
_NHS_WEIGHTS = range(10, 1, -1)


def is_nhs_number(text: str) -> bool:
    """Whether ten digits pass the modulus 11 check (NHS Data Dictionary)."""
    if not _NHS_NUMBER.fullmatch(text):
        return False
    total: int = sum(map(mul, map(int, text[:9]), _NHS_WEIGHTS))
    check = (11 - total % 11) % 11
    return check != 10 and check == int(text[9])


def is_upn(text: str) -> bool:
    """Whether a unique pupil number's check letter is right (DfE guide to unique pupil numbers).

    A temporary number ends in a letter, which counts by its place in the alphabet.
    """
    if not _UPN.fullmatch(text):
        return False
    values = [_UPN_VALUES.get(c, -1) for c in text[1:]]
    total = sum(map(mul, values, _UPN_WEIGHTS))
    return min(values) >= 0 and _UPN_LETTERS[total % 23] == text[0]


def _check_character(body: str) -> str:
    """Luhn's check over our alphabet: catches any one wrong character and nearly every swap."""
    size, total = len(_ALPHABET), 0
    for place, character in enumerate(reversed(body)):
        value = _ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // size + value % size
    return _ALPHABET[-total % size]


def new_index_number() -> str:
    """A random index number that carries no meaning, shown as 'K7M2 9XQ 4AB' (R 1.10, 1.11)."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(_INDEX_LENGTH))
    return body + _check_character(body)


def read_index_number(text: str) -> str | None:
    """The index number in a typed text, whatever its spacing and case; None when it is not one."""
    compact = re.sub(r"[\s-]", "", text).upper()
    known = len(compact) == _INDEX_LENGTH + 1 and all(c in _ALPHABET for c in compact)
    return compact if known and _check_character(compact[:-1]) == compact[-1] else None


def spaced_index_number(number: str) -> str:
    """The number in groups, the way it is shown and read out."""
    return f"{number[:4]} {number[4:7]} {number[7:]}"
