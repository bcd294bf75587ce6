"""Searches as people make them: from what one supplier wrote down about a child, with a slip of their own on top.

Made here and not by the matcher: nothing of this file knows how children are found.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

Row = Mapping[str, str]
Fields = dict[str, str]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ie", "ei"), ("ei", "ie"), ("ll", "l"), ("tt", "t"), ("nn", "n"), ("ss", "s"), ("y", "i"),
    ("i", "y"), ("c", "k"), ("k", "c"), ("z", "s"), ("w", "v"), ("ou", "oo"), ("er", "ar"), ("on", "en"), ("l", "ll"),
)  # fmt: skip
NICKNAMES = {
    "abigail": "Abbie", "alexander": "Alex", "alexandra": "Lexi", "alfred": "Alfie", "anthony": "Tony", "archibald": "Archie",
    "benjamin": "Ben", "charlotte": "Lottie", "christopher": "Chris", "daniel": "Danny", "edward": "Teddy", "eleanor": "Ellie",
    "elizabeth": "Lizzie", "emily": "Em", "florence": "Flo", "frederick": "Freddie", "george": "Georgie", "harrison": "Harry",
    "henry": "Harry", "isabella": "Bella", "jacob": "Jake", "james": "Jamie", "jessica": "Jess", "joseph": "Joe", "joshua": "Josh",
    "katherine": "Kate", "leonard": "Lenny", "lucas": "Luke", "matilda": "Tilly", "matthew": "Matt", "michael": "Mike",
    "mohammed": "Mo", "muhammad": "Mo", "nathaniel": "Nate", "nicholas": "Nick", "oliver": "Ollie", "olivia": "Liv",
    "patrick": "Paddy", "rebecca": "Becky", "robert": "Bobby", "samantha": "Sam", "samuel": "Sammy", "theodore": "Theo",
    "thomas": "Tommy", "victoria": "Vicky", "william": "Billy", "zachary": "Zach",
}  # fmt: skip
PLACEHOLDERS = {"", "baby", "infant", "unknown", "not known", "twin", "boy", "girl", "male", "female"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is typed, by field of the search form; what kind of slip it has; and who is meant."""

    kind: str
    fields: Fields
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One made-up child as one supplier wrote them down, and the family names that any supplier has."""

    person: str
    family: str
    given: str
    born: date
    postcode: str
    other_families: tuple[str, ...]


def children(town: Path, feeds: tuple[str, ...]) -> dict[str, list[Child]]:
    """Every child who may be searched for, as each supplier has them: named, with a whole date, and not shielded."""
    truth = {}
    for row in read(town / "truth.csv"):
        if row["group_shielded"] != "true":
            truth[row["source"], row["record_id"]] = row["person_id"]
    held: dict[str, list[Row]] = defaultdict(list)
    for feed in feeds:
        for row in read(town / f"{feed}.csv"):
            person = truth.get((feed, row["record_id"]))
            if person is not None and len(row["birth_date"]) == 10 and row.get("unborn") != "true":
                held[person].append(row)
    return {
        person: found
        for person, rows in held.items()
        if (found := [_child(person, row, rows) for row in rows if _named(row)])
    }


def read(path: Path) -> list[Row]:
    """A file's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _named(row: Row) -> bool:
    return row["given_name"].casefold() not in PLACEHOLDERS and len(row["family_name"]) > 2


def _child(person: str, row: Row, rows: list[Row]) -> Child:
    families = {one["family_name"].casefold(): one["family_name"] for one in rows}
    families |= {
        one["former_family_name"].casefold(): one["former_family_name"] for one in rows if one.get("former_family_name")
    }
    others = tuple(name for folded, name in sorted(families.items()) if folded != row["family_name"].casefold())
    return Child(
        person=person,
        family=row["family_name"],
        given=row["given_name"],
        born=date.fromisoformat(row["birth_date"]),
        postcode=row.get("postcode", ""),
        other_families=others,
    )


def _slipped(chance: random.Random, name: str) -> str:
    """One slip of a finger: a letter left out, put in, exchanged or typed too early, never the first."""
    at = chance.randrange(1, len(name))
    before, letter, after = name[:at], name[at], name[at + 1 :]
    wrong = chance.choice([one for one in LETTERS if one != letter.lower()])
    return chance.choice(
        [
            before + after,
            before + wrong + letter + after,
            before + wrong + after,
            before + after[:1] + letter + after[1:],
        ]
    )


def _sounding(chance: random.Random, name: str) -> str | None:
    """As somebody writes it who has only heard it."""
    lower = name.lower()
    fits = [(right, wrong) for right, wrong in SOUNDS if right in lower[1:]]
    if not fits:
        return None
    right, wrong = chance.choice(fits)
    at = lower.index(right, 1)
    return name[:at] + wrong + name[at + len(right) :]


def _day(born: date) -> Fields:
    return {"born-day": str(born.day), "born-month": str(born.month), "born-year": str(born.year)}


def _names(child: Child) -> Fields:
    return {"family_name": child.family, "given_name": child.given}


def _all(child: Child) -> Fields:
    return {**_names(child), **_day(child.born)}


def _sounds_alike(chance: random.Random, child: Child) -> Fields | None:
    heard = _sounding(chance, child.family)
    return {**_all(child), "family_name": heard} if heard else None


def _nickname(chance: random.Random, child: Child) -> Fields | None:
    del chance
    short = NICKNAMES.get(child.given.casefold())
    return {**_all(child), "given_name": short} if short else None


def _swapped_date(chance: random.Random, child: Child) -> Fields | None:
    del chance
    born = child.born
    if born.day > 12 or born.day == born.month:
        return None
    return {**_names(child), **_day(date(born.year, born.day, born.month))}


def _wrong_day(chance: random.Random, child: Child) -> Fields:
    days = [day for day in range(1, 29) if abs(day - child.born.day) in {1, 2, 10}]
    return {**_names(child), **_day(child.born.replace(day=chance.choice(days)))}


def _postcode(chance: random.Random, child: Child) -> Fields | None:
    del chance
    return {**_names(child), "postcode": child.postcode} if child.postcode else None


def _other_name(chance: random.Random, child: Child) -> Fields | None:
    if not child.other_families:
        return None
    return {**_all(child), "family_name": chance.choice(child.other_families)}


KINDS: dict[str, Callable[[random.Random, Child], Fields | None]] = {
    "as one supplier has it": lambda _, child: _all(child),
    "family name mistyped": lambda chance, child: {**_all(child), "family_name": _slipped(chance, child.family)},
    "given name mistyped": lambda chance, child: {**_all(child), "given_name": _slipped(chance, child.given)},
    "family name as heard": _sounds_alike,
    "nickname": _nickname,
    "names swapped": lambda _, child: {**_all(child), "family_name": child.given, "given_name": child.family},
    "day and month swapped": _swapped_date,
    "wrong day": _wrong_day,
    "no given name": lambda _, child: {"family_name": child.family, **_day(child.born)},
    "no family name": lambda _, child: {"given_name": child.given, **_day(child.born)},
    "names and year": lambda _, child: {**_names(child), "born-year": str(child.born.year)},
    "names and year, mistyped": lambda chance, child: {
        **_names(child),
        "family_name": _slipped(chance, child.family),
        "born-year": str(child.born.year),
    },
    "names and postcode": _postcode,
    "another family name": _other_name,
}


def queries(town: Path, feeds: tuple[str, ...], *, count: int, seed: int) -> list[Query]:
    """`count` searches, each for another child where there are enough, of every kind in turn; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - the same searches every time
    known = children(town, feeds)
    people = sorted(known)
    kinds = list(KINDS)
    made: list[Query] = []
    while len(made) < count:
        kind = kinds[len(made) % len(kinds)]
        person = chance.choice(people)
        typed = KINDS[kind](chance, chance.choice(known[person]))
        if typed is not None:
            made.append(Query(kind=kind, fields=typed, person=person))
    return made
