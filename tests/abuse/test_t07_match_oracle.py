"""T07: somebody finds out what is hidden by searching with a true and with a false value of it and comparing the answers.

Passes when for each hidden field a query with the true value, with a false one, and for a child who is not there is answered by the same
status, headers and body, byte for byte after taking out ids, times and nonces, in 5,000 generated pairs.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import pytest

from childindex.kernel.identity import Tier
from childindex.kernel.numbers import new_index_number
from tests.abuse import canaries, protected_index, same
from tests.abuse.protected_index import Made
from tests.factories.people import Browser

template = protected_index.template
Search = Callable[[Mapping[str, str]], tuple[same.Answer, ...]]
# Nobody in the index has any of these.
STRANGERS: Final = (
    "Ystrad",
    "Quimby",
    "Tolliver",
    "Brandreth",
    "Umpleby",
    "Haldane",
    "Wolsten",
    "Ferrers",
    "Mostyn",
    "Ibbotson",
)
EMPTY_PLACES: Final = ("M9 9ZZ", "BS7 9QQ", "LS1 9XX", "NE4 9YY")


@pytest.fixture
def browser(made: Made) -> Browser:
    """A social worker's."""
    return protected_index.browser_of(made.people["social_worker"])


@pytest.fixture
def search(browser: Browser, connect: Callable[[str], Any]) -> Search:
    """Searches as that person does, however often."""
    return partial(same.searched, browser, refresh=protected_index.unlimited(connect))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One hidden field asked three ways. `absent` is left out where the visible fields beside it find the child anyway."""

    field: str
    true: Mapping[str, str]
    false: Mapping[str, str]
    absent: Mapping[str, str] | None


def born(year: int, month: int = 0, day: int = 0) -> dict[str, str]:
    """A date of birth as the form has it; a part that is left out stays empty."""
    return {"born-day": str(day or ""), "born-month": str(month or ""), "born-year": str(year)}


def questions(made: Made, *, seed: int) -> Iterator[Question]:
    """Without end: each hidden field in turn, beside a subset of the others drawn by lot."""
    chance = random.Random(seed)  # noqa: S311 - the same every time
    while True:
        for tier in protected_index.PROTECTED:
            yield _by_number(tier, chance)
            yield _by_place(tier, chance)
            for name in ("former_family_name", "known_as", "middle_names", "carer"):
                yield _by_name(tier, name, chance)
        yield _by_sealed_names(chance)
        yield _by_index_number(made)


def _stranger(chance: random.Random) -> dict[str, str]:
    family, given = chance.sample(STRANGERS, 2)
    return {
        "family_name": family,
        "given_name": given,
        **born(chance.randint(2009, 2020), chance.randint(1, 12), chance.randint(1, 28)),
    }


def _some(names: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    """Both names, one, or none; with a date of birth or not."""
    kept = chance.choice([("family_name", "given_name"), ("family_name",), ("given_name",), ()])
    dated = chance.random() < 0.6
    return {name: value for name, value in names.items() if name in kept or (dated and name.startswith("born"))}


def _names(tier: Tier) -> dict[str, str]:
    who = canaries.identity(tier)
    assert who.birth_date is not None
    day = who.birth_date
    return {
        "family_name": who.family_name,
        "given_name": who.given_name,
        **born(day.year, day.month or 0, day.day or 0),
    }


def _by_number(tier: Tier, chance: random.Random) -> Question:
    """An NHS number, alone or beside true names and the day of birth: it closes the search to protected children."""
    beside, other = _some(_names(tier), chance), _some(_stranger(chance), chance)
    false, none = chance.sample(canaries.ABSENT_NHS, 2)
    return Question(
        field=f"{tier.value} NHS number",
        true={**beside, "number": canaries.NHS[tier]},
        false={**beside, "number": false},
        absent={**other, "number": none},
    )


def _by_place(tier: Tier, chance: random.Random) -> Question:
    """A postcode beside both names, with or without the day of birth."""
    names, other = _names(tier), _stranger(chance)
    if chance.random() < 0.5:
        names, other = (
            {name: value for name, value in one.items() if not name.startswith("born")} for one in (names, other)
        )
    false, none = chance.sample(EMPTY_PLACES, 2)
    return Question(
        field=f"{tier.value} postcode",
        true={**names, "postcode": canaries.PLACE[tier]},
        false={**names, "postcode": false},
        absent={**other, "postcode": none},
    )


def _by_name(tier: Tier, name: str, chance: random.Random) -> Question:
    """A hidden name in the place of the family or the given name, beside the day of birth and perhaps the other name."""
    true, false = canaries.mark(tier, name), chance.choice(STRANGERS)
    names, place = _names(tier), chance.choice(["family_name", "given_name"])
    beside = {one: value for one, value in names.items() if one.startswith("born")}
    other = "given_name" if place == "family_name" else "family_name"
    shown = chance.random() < 0.5
    if shown:
        beside[other] = names[other]
    elsewhere = {**_stranger(chance), place: chance.choice(STRANGERS)}
    if not shown:
        del elsewhere[other]
    # A shielded child's own name and birthday find them, whatever else is typed.
    found_anyway = shown and tier is Tier.SHIELDED
    return Question(
        field=f"{tier.value} {name}",
        true={**beside, place: true},
        false={**beside, place: false},
        absent=None if found_anyway else elsewhere,
    )


def _by_sealed_names(chance: random.Random) -> Question:
    """Everything of a sealed child is hidden: the names and the day of birth, whole or in part, right or misspelt."""
    names = _names(Tier.SEALED)
    if chance.random() < 0.3:
        names["family_name"] = names["family_name"][:-1]
    if chance.random() < 0.3:
        names |= born(int(names["born-year"]))
    stranger = _stranger(chance)
    other = _stranger(chance)
    if not names["born-day"]:
        stranger, other = ({**one, **born(int(one["born-year"]))} for one in (stranger, other))
    return Question(field="sealed names", true=names, false=stranger, absent=other)


def _by_index_number(made: Made) -> Question:
    """A sealed child's index number, beside numbers nobody has."""
    return Question(
        field="sealed index number",
        true={"number": made.children[Tier.SEALED].number},
        false={"number": new_index_number()},
        absent={"number": new_index_number()},
    )


def compare(search: Search, made: Made, *, pairs: int, seed: int) -> tuple[Counter[str], list[str]]:
    """As many pairs of answers, compared; how many of each field, and what differed."""
    compared: Counter[str] = Counter()
    differ: list[str] = []
    for question in questions(made, seed=seed):
        true = search(question.true)
        for other in (question.false, question.absent):
            if other is None:
                continue
            compared[question.field] += 1
            if search(other) != true:
                differ.append(f"{question.field}: {dict(question.true)} is not answered as {dict(other)}")
        if compared.total() >= pairs:
            return compared, differ
    raise AssertionError("questions have no end")


@pytest.mark.abuse("T07")
@pytest.mark.parametrize("pairs", [60, pytest.param(5_000, marks=pytest.mark.long)])
def test_true_and_false_values_are_answered_alike(
    search: Search, made: Made, pairs: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every hidden field, true, false, and of nobody."""
    compared, differ = compare(search, made, pairs=pairs, seed=7)
    with capsys.disabled():
        print(f"\n  T07: {compared.total()} pairs of {len(compared)} fields, {len(differ)} differ")  # noqa: T201 - figures
    assert differ == []
    assert len(compared) == 14


def test_an_answer_that_differs_is_noticed(search: Search) -> None:
    """An open child's true and false postcode are not answered alike: the comparison can see."""
    names = {"family_name": "Okonkwo", "given_name": "Amara", **born(2015, 3, 14)}
    true = search({**names, "postcode": "M1 1AA"})
    assert true != search({**names, "postcode": "M9 9ZZ"})
    assert true == search({**names, "postcode": "M1 1AA"})
