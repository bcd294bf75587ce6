"""An index with sealed children, and everything that can be asked about one beside a child who is not there.

Sealed and absent children are drawn from the same lot, so that nothing but the seal differs. What their sitting left behind before (results,
visits) has a made-up counterpart for each absent child.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.shielding.measuring import Ask, Stopwatch
from childindex.audit.types import issue_receipt
from childindex.cases import services as cases
from childindex.involvement import services as involvement
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import ChildId, Identity, Sex, Tier
from childindex.kernel.numbers import is_nhs_number, new_index_number
from childindex.lookup import selectors as lookup_selectors
from childindex.lookup.types import SearchTerms, Weighed
from childindex.shielding.types import Ground, Protection
from tests.abuse import protected_index
from tests.database import AsRole
from tests.factories.index import a_child, a_record, deliver, rows, set_up_register
from tests.factories.people import Browser, MadeUp, People

_LETTERS: Final = "abcdefghijklmnoprstuvw"
_GIVEN: Final = ("Amara", "Zofia", "Declan", "Priya", "Yusuf", "Olive", "Ruben", "Tamsin")
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One pair: a child who was sealed, and one of the same lot who was never there; with the addresses that lead to each."""

    sealed: Identity
    absent: Identity
    numbers: tuple[str, str]
    tokens: tuple[str, str]
    handles: tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Index:
    """The pairs, who asks, and whom a naive index would have to filter out."""

    pairs: list[Asked]
    person: MadeUp
    sealed_ids: frozenset[UUID]


def _lot(count: int, *, seed: int) -> list[Identity]:
    """Made-up children whose family names nobody shares, of the same length, with NHS numbers from 999."""
    chance = random.Random(seed)  # noqa: S311 - made-up children, the same every time
    numbers = iter([str(n) for n in range(9991000000, 9991000000 + 20 * count) if is_nhs_number(str(n))])
    names: set[str] = set()
    while len(names) < count:
        names.add("".join(chance.choice(_LETTERS) for _ in range(9)).capitalize())
    ordered = sorted(names)
    chance.shuffle(ordered)
    return [
        a_child(
            family_name=name,
            given_name=chance.choice(_GIVEN),
            birth_date=PartialDate(2009 + chance.randrange(10), 1 + chance.randrange(12), 10 + chance.randrange(18)),
            sex=Sex.FEMALE,
            nhs_number=next(numbers),
            address=f"{number} Mill Lane, Northby",
            postcode="M1 1AA",
            carers=(),
        )
        for number, name in enumerate(ordered)
    ]


def put_in(as_role: AsRole, *, pairs: int, sealed: bool, seed: int = 11) -> Index:
    """As many children who are sealed and as many who never were there, beside open ones of the same family names for half of each.

    `sealed` false leaves those open whom it would seal: for the naive index, which filters afterwards.
    """
    lot = _lot(2 * pairs, seed=seed)
    there, absent = lot[:pairs], lot[pairs:]
    with as_role("owner"):
        set_up_register()
    with as_role("worker"):
        beside = [
            replace(one, given_name="Ottoline", birth_date=PartialDate(2004, 1, 1), nhs_number="")
            for one in (*there[::2], *absent[::2])
        ]
        everybody = [*there, *beside]
        for start in range(0, len(everybody), AT_ONCE):
            chunk = everybody[start : start + AT_ONCE]
            deliver(
                *[a_record("gp", f"{start + place}", identity=one) for place, one in enumerate(chunk)], kind="delta"
            )
        known = {str(number): (UUID(str(child)), str(own)) for number, child, own in rows(
            "SELECT s.nhs_number, c.id, c.index_number FROM children_sourcerecord s JOIN children_child c ON c.id = s.child_id"
            " WHERE s.nhs_number <> ''"
        )}  # fmt: skip
    people = People(as_role=as_role)
    people.organisation()
    person = people.somebody("social_worker")
    with as_role("web"):
        opened = [_opened(person, known[one.nhs_number][0]) for one in there]
    ids = [known[one.nhs_number][0] for one in there]
    if sealed:
        with as_role("worker"):
            _seal(ids)
    made = [
        Asked(
            sealed=one,
            absent=other,
            numbers=(known[one.nhs_number][1], new_index_number()),
            tokens=(token, secrets.token_urlsafe(16)),
            handles=(handle, secrets.token_urlsafe(16)),
        )
        for one, other, (token, handle) in zip(there, absent, opened, strict=True)
    ]
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return Index(pairs=made, person=person, sealed_ids=frozenset(ids))


def _opened(person: MadeUp, who: UUID) -> tuple[str, str]:
    """What somebody who looked this child up before was given: the addresses of the results and of the visit."""
    actor, receipt = (
        protected_index.actor(person, sitting=uuid4().hex),
        issue_receipt(entry_id=uuid4(), at=timezone.now()),
    )
    found = Weighed(id=who, tier=Tier.OPEN, bits=20.0, agreements=())
    token = cases.keep_results([found], too_many=False, reason=protected_index.REASON, actor=actor, receipt=receipt)
    return token, cases.open_visit(ChildId(who), protected_index.REASON, actor=actor, receipt=receipt)


def _seal(ids: Sequence[UUID]) -> None:
    """All of them at once."""
    receipt = issue_receipt(entry_id=uuid4(), at=timezone.now())
    sealed = [
        Protection(
            child=child,
            tier=Tier.SEALED,
            ground=Ground.NEW_IDENTITY,
            provisional=False,
            decided_at=receipt.at,
            review_on=date(2027, 1, 1),
        )
        for child in ids
    ]
    with transaction.atomic():
        involvement.move_to_guard(sealed, receipt=receipt)


def seal_absent(as_role: AsRole, index: Index) -> None:
    """Put those who were not there in and seal them: the same questions are now about sealed children."""
    with as_role("worker"):
        absent = [a_record("births", str(number), identity=one.absent) for number, one in enumerate(index.pairs)]
        deliver(*absent, kind="delta")
        found = rows("SELECT child_id FROM children_sourcerecord WHERE feed = 'births'")
        assert len(found) == len(absent)
        _seal([UUID(str(child)) for (child,) in found])


def _names(who: Identity) -> dict[str, str]:
    """The fields of the search form for a child."""
    day = who.birth_date
    assert day is not None
    born = {"born-day": str(day.day), "born-month": str(day.month), "born-year": str(day.year)}
    return {"family_name": who.family_name, "given_name": who.given_name, **born}


def _answered(reply: Any) -> tuple[int, int]:
    return reply.status_code, len(reply.content)


def _post(browser: Browser, address: str, sent: dict[str, str]) -> Ask:
    return lambda: _answered(browser.post(address, sent))


def _get(browser: Browser, address: str) -> Ask:
    return lambda: _answered(browser.get(address))


def _searched(browser: Browser, sent: dict[str, str]) -> Ask:
    """The search and the page of results it leads to, as a browser asks them."""

    def ask() -> tuple[int, int]:
        posted = browser.post("/search", sent)
        found = browser.get(posted["Location"])
        return found.status_code, len(posted.content) + len(found.content)

    return ask


WAYS: Final = (
    "search by names and birth date",
    "search by NHS number",
    "search by index number",
    "address of results",
    "address of a child",
    "create",
)


def routes(index: Index, browser: Browser) -> dict[str, list[tuple[Ask, Ask]]]:
    """Each way to ask, with a pair of questions for every pair of children: of the sealed, of the absent."""
    why = {"reason": "contact", "case_reference": ""}
    asked: dict[str, list[tuple[Ask, Ask]]] = {}
    for pair in index.pairs:
        both = (pair.sealed, pair.absent)
        ways = (
            [_searched(browser, {**why, **_names(who)}) for who in both],
            [_searched(browser, {**why, "number": who.nhs_number}) for who in both],
            [_searched(browser, {**why, "number": number}) for number in pair.numbers],
            [_get(browser, f"/results/{token}") for token in pair.tokens],
            [_get(browser, f"/child/{handle}") for handle in pair.handles],
            [
                _post(browser, "/propose", {**_names(who), "sex": "female", "nhs_number": who.nhs_number})
                for who in both
            ],
        )
        for way, (there, absent) in zip(WAYS, ways, strict=True):
            asked.setdefault(way, []).append((there, absent))
    return asked


CONTROLLED: Final = WAYS[:2]
_ALERT: Final = (
    "INSERT INTO cases_case (id, kind, child_id, opened_for, owner, code, family_knows, case_reference, opened_at, due_at, outcome)"
    " VALUES (%s, 'contact_request', %s, '', '', 'shielded_child', 'no', '', %s, %s, '')"
)


@contextmanager
def naive(hidden: frozenset[UUID]) -> Iterator[None]:
    """An index that finds everybody, drops in Python who must not be found, and notes that somebody looked: what must be caught."""
    weigh: Callable[[SearchTerms], list[Weighed]] = lookup_selectors.weigh

    def filtered(terms: SearchTerms) -> list[Weighed]:
        found = weigh(terms)
        shown = [one for one in found if one.id not in hidden]
        for dropped in (one for one in found if one.id in hidden):
            now = timezone.now()
            with connection.cursor() as cursor:
                cursor.execute(_ALERT, [uuid4(), dropped.id, now, now + timedelta(days=1)])
        return shown

    with patch.object(lookup_selectors, "weigh", filtered):
        yield


def stopwatch() -> Stopwatch:
    """Of this process and the database's process behind Django's connection."""
    connection.ensure_connection()
    return Stopwatch(connection.connection.info.backend_pid)


def unlimited(connect: Callable[[str], Any]) -> Callable[[], object]:
    """Forgets between two questions how much has been looked up."""
    return protected_index.unlimited(connect)
