"""How the page says figures and names groups."""

from __future__ import annotations

from childindex.trial.intervals import Share

COLUMNS = {
    "origin": "Where the family name comes from",
    "age": "Age",
    "twin": "Twins",
    "sibling": "Brothers and sisters",
    "mover": "Children who moved",
    "supplier": "Supplier",
    "supplier_pair": "Between two suppliers",
    "errors": "How carefully the supplier writes",
    "two_homes": "Children with two homes",
    "known_as": "Known by another given name",
    "name_changed": "Family name has changed",
    "joined_name": "Double-barrelled family name",
    "shielded": "Shielded children",
    "identity": "Earlier and later identities",
}
_YES = {"true": "Yes", "false": "No", "": "Not known"}


def column(name: str) -> str:
    """The heading of a group column."""
    return COLUMNS.get(name) or sentence(name)


def value(text: str) -> str:
    """A group's value: yes and no for true and false."""
    return _YES.get(text) or sentence(text)


def sentence(text: str) -> str:
    """A code as words."""
    plain = text.replace("_", " ").strip()
    return plain[:1].upper() + plain[1:]


def percent(share: float | None, digits: int = 2) -> str:
    """A share as a percentage, never rounded up to 100 while something is wrong."""
    if share is None:
        return "no figure"
    text = f"{100 * share:.{digits}f}%"
    if share < 1 and text == f"{100:.{digits}f}%":
        return percent(share, digits + 1) if digits < 6 else "under 100%"
    return text


def interval(share: Share) -> str:
    """The 95% interval of a share."""
    if share.low is None or share.high is None:
        return ""
    return f"{percent(share.low)} to {percent(share.high)}"


def number(figure: float | None, digits: int = 1) -> str:
    """A figure with its thousands apart."""
    return "no figure" if figure is None else f"{figure:,.{digits}f}"
