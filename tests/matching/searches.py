"""Searches as people type them: few facts, misspelt, swapped, half remembered."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from childindex.kernel.dates import NotADate, PartialDate
from childindex.kernel.identity import Identity
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.model import Model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import Candidate, score
from tests.matching.town import Index

# What the lookup compares a search with at most.
_MOST_COMPARED = 120
_SHOWN = 10
_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "o": "p", "n": "m", "s": "a", "t": "y", "l": "k", "r": "e", "m": "n"}


def _slip(chance: random.Random, name: str) -> str:
    """One slip of the keyboard: a letter left out, doubled, swapped with the next, or its neighbour."""
    if len(name) < 3:
        return name
    place = chance.randrange(1, len(name) - 1)
    a, letter, z = name[:place], name[place], name[place + 1 :]
    return chance.choice(
        (a + z, a + letter + letter + z, a + z[:1] + letter + z[1:], a + _NEIGHBOURS.get(letter.lower(), "e") + z)
    )


def _slipped_date(chance: random.Random, born: PartialDate) -> PartialDate:
    """A date remembered wrongly: the day and month swapped, a day, a month or a year out."""
    year, month, day = born.year, born.month or 1, born.day or 1
    tries = [(year, day, month), (year, month, day + 1), (year, month % 12 + 1, day), (year - 1, month, day)]
    try:
        return PartialDate(*chance.choice(tries))
    except NotADate:
        return PartialDate(year + 1, month, day if day < 29 else 28)


Dirt = Callable[[random.Random, Identity], Identity]
DIRT: dict[str, Dirt] = {
    "clean": lambda _, who: who,
    "given misspelt": lambda chance, who: replace(who, given_name=_slip(chance, who.given_name)),
    "family misspelt": lambda chance, who: replace(who, family_name=_slip(chance, who.family_name)),
    "names swapped": lambda _, who: replace(who, given_name=who.family_name, family_name=who.given_name),
    "date slipped": lambda chance, who: (
        replace(who, birth_date=_slipped_date(chance, who.birth_date)) if who.birth_date else who
    ),
    "no given name": lambda _, who: replace(who, given_name=""),
    "initial only": lambda _, who: replace(who, given_name=who.given_name[:1]),
}


def _named(who: Identity, **facts: object) -> Identity:
    return replace(Identity(family_name=who.family_name, given_name=who.given_name), **facts)  # type: ignore[arg-type]


FORMS: dict[str, Callable[[Identity], Identity]] = {
    "name and date of birth": lambda who: _named(who, birth_date=who.birth_date),
    "name and year": lambda who: _named(who, birth_date=who.birth_date and PartialDate(who.birth_date.year)),
    "name and postcode": lambda who: _named(who, postcode=who.postcode),
}
# A wrong date cannot be told from a right one when only the year is typed; a family name and a year alone is too little to search.
NOT_ASKED = {
    ("name and year", "date slipped"),
    ("name and year", "no given name"),
    ("name and year", "initial only"),
    ("name and postcode", "date slipped"),
}


def place_of(model: Model, index: Index, query: Standardised, child: int) -> int:
    """The place (from 1) at which a child comes in the answer to a search; 0 when it is not among those shown."""
    shared: dict[int, int] = {}
    for key in search_keys(query):
        for found in index.found_by.get(key, ()):
            shared[found] = shared.get(found, 0) + 1
    nearest = sorted(shared, key=lambda found: -shared[found])[:_MOST_COMPARED]
    matches = score(model, query, [Candidate(key=found, records=tuple(index.records[found])) for found in nearest])
    best = sorted(matches, key=lambda match: -match.score)[:_SHOWN]
    return next((place for place, match in enumerate(best, 1) if match.key == child), 0)


def dirty(chance: random.Random, who: Identity, form: str, dirt: str) -> Standardised:
    """A search for a child in one form, with one kind of dirt."""
    return standardise(FORMS[form](DIRT[dirt](chance, who)))
