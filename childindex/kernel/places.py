"""Postcodes, in one canonical form, and what may be shown of them."""

from __future__ import annotations

import re

_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})")


def read_postcode(text: str) -> str | None:
    """The postcode as 'AB1 2CD', whatever its spacing and case; None when it is not one.

    Pseudo postcodes (ZZ99...) stand for "abroad" or "no fixed abode" and count as missing.
    """
    found = _POSTCODE.fullmatch(re.sub(r"\s", "", text).upper())
    if found is None or found[1].startswith("ZZ"):
        return None
    return f"{found[1]} {found[2]}"


def district(postcode: str) -> str:
    """The part before the space: all a list of candidates may show (R 2.23)."""
    return postcode.partition(" ")[0]


def sector(postcode: str) -> str:
    """The district and the first digit after the space."""
    return postcode[:-2] if postcode else ""
