"""T12: somebody finds out where a shielded child lives from what is shown of others: brothers and sisters, carers, school, council.

Passes when a walk over everything a role can reach from what is visible of a shielded child (searches by every subset of it, whoever they show,
whatever their pages lead to) finds no attribute of where the child is; and every open child who would give one away is named when the shield is put on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import pytest
from django.utils import timezone

from childindex.access.roles import ROLES, permissions_of
from childindex.access.types import Permission
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Tier
from childindex.shielding.types import Ground
from childindex.upkeep.types import Protected
from childindex.upkeep.usecases.protect import protect_child
from tests.abuse import canaries, crawl, protected_index
from tests.abuse.canaries import Canary
from tests.abuse.crawl import Visitor
from tests.abuse.protected_index import Made
from tests.database import AsRole
from tests.factories.index import a_child, a_record, deliver, rows, worker

template = protected_index.template
JONAH: Final = canaries.identity(Tier.SHIELDED)
# One home: a boy who is to be shielded, his twin, a sister, a boy of another name, and somebody of their name elsewhere.
ROBIN: Final = a_child(
    family_name="Ashdown",
    given_name="Robin",
    birth_date=PartialDate(2014, 4, 5),
    address="5 Zqfernleigh Close, Northby",
    carers=(Carer(name="Zqhester Ashdown", phone="01632 977303"),),
)
TWIN: Final = replace(ROBIN, given_name="Mabel")
SISTER: Final = replace(ROBIN, given_name="Philippa", birth_date=PartialDate(2017, 11, 30))
ELSEWHERE: Final = replace(
    SISTER, given_name="Zadie", birth_date=PartialDate(2010, 1, 2), address="1 Far Road", carers=()
)
HOME: Final = (ROBIN, TWIN, SISTER, ELSEWHERE)
OF_THE_HOME: Final = tuple(
    Canary(field=text, spellings=canaries.spellings(text)) for text in ("Zqfernleigh", "Zqhester", "01632 977303")
)
# The council, its broker and whoever else is on a page of the child by where they live.
AROUND: Final = (*protected_index.PUBLIC_NAMES, "0300 000 0091")


def whereabouts() -> list[Canary]:
    """Everything that says where the shielded child is, or who would know."""
    return [*canaries.words_of(Tier.SHIELDED), *OF_THE_HOME] + [
        Canary(field=f"around: {name}", spellings=canaries.spellings(name)) for name in AROUND
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody who is known by name, day of birth and index number."""

    identity: Identity
    number: str


def _typed(seen: Seen) -> Iterator[dict[str, str]]:
    """Searches by every subset of what is visible."""
    day = seen.identity.birth_date
    assert day is not None
    parts = (
        {"family_name": seen.identity.family_name},
        {"given_name": seen.identity.given_name},
        {"born-day": str(day.day), "born-month": str(day.month), "born-year": str(day.year)},
        {"number": seen.number},
    )
    # One fact alone is refused, but for a number.
    yield parts[-1]
    for many in range(2, len(parts)):
        for chosen in combinations(parts, many):
            yield {name: value for part in chosen for name, value in part.items()}


def walk(visit: Visitor, seen: Seen, *, pages: int) -> dict[str, set[str]]:
    """From what is visible of a child to every page it leads to; what those pages gave away, and where."""
    begin = {"/merges", "/matches"}
    for typed in _typed(seen):
        token = visit.search(typed)
        for position in range(1, 11) if token else ():
            handle = visit.open_child(token, position)
            if not handle:
                break
            begin.add(f"/child/{handle}")
            visit.send("GET", f"/child/{handle}")
    visit.wander(sorted(begin), most=pages)
    return visit.found


@pytest.fixture
def somebody(made: Made, connect: Callable[[str], Any]) -> Callable[[str], Visitor]:
    """Makes somebody of a role who walks."""

    def make(role: str) -> Visitor:
        browser, refresh = protected_index.browser_of(made.people[role]), protected_index.unlimited(connect)
        return crawl.Visitor(browser=browser, role=role, canaries=whereabouts(), refresh=refresh)

    return make


def jonah(made: Made) -> Seen:
    return Seen(identity=JONAH, number=made.children[Tier.SHIELDED].number)


@pytest.mark.abuse("T12")
@pytest.mark.parametrize(
    "role",
    [
        pytest.param(role, marks=() if role == "social_worker" else pytest.mark.long)
        for role in ROLES
        if Permission.CHILD_SEARCH_MAKE in permissions_of(role)
    ],
)
def test_nothing_visible_leads_to_where_the_child_is(made: Made, somebody: Callable[[str], Visitor], role: str) -> None:
    """The walk of one role: the child's own page is reached, and nothing of where they are."""
    visit = somebody(role)
    assert walk(visit, jonah(made), pages=20) == {}
    assert any(address.startswith("/child/") and status == 200 for address, status in visit.asked)


@pytest.mark.abuse("T12")
def test_whoever_lives_with_the_child_is_named_and_shielded_gives_nothing_away(
    made: Made, somebody: Callable[[str], Visitor], as_role: AsRole
) -> None:
    """An open twin's page says where both live: whoever shields a child is told of every one, and once they are shielded nothing leads there."""
    with as_role("worker"):
        deliver(*[a_record("gp", f"home{place}", identity=one) for place, one in enumerate(HOME)])
        home = {one.given_name: Seen(identity=one, number=_number_of(one)) for one in HOME}
        told = shield(home["Robin"])
        assert {*told.near, *told.household} == {home["Mabel"].number, home["Philippa"].number}
    visit = somebody("social_worker")
    # His name and birthday find his twin, whose page says where both live.
    assert set(walk(visit, home["Robin"], pages=3)) == {one.field for one in OF_THE_HOME}
    with as_role("worker"):
        for name in ("Mabel", "Philippa"):
            shield(home[name])
    visit.found.clear()
    assert walk(visit, home["Robin"], pages=3) == {}


def shield(seen: Seen) -> Protected:
    """As an officer does, in the worker's process."""
    number, at = seen.number, timezone.now()
    return protect_child(actor=worker(), index_number=number, tier=Tier.SHIELDED, ground=Ground.SIGNIFICANT_HARM, at=at)


def _number_of(who: Identity) -> str:
    [(number,)] = rows("SELECT index_number FROM children_child WHERE given_name = %s", who.given_name)
    return str(number)
