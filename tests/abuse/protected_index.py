"""An index in which two children lived openly with everything that can be known of one, and were then shielded and sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from childindex.access.roles import ROLES
from childindex.access.sign_in import actor_for, operator
from childindex.access.types import Actor, SignInFacts
from childindex.brokering.types import FamilyKnows
from childindex.brokering.usecases import contact as brokering
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex, Tier
from childindex.kernel.people import Reason, ReasonCode
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.matching.quality.types import Sizes
from childindex.matching.types import Answer, Because, Verdict
from childindex.project.database import Process
from childindex.shielding.types import Ground
from childindex.supply.usecases.settle import apply_decision
from childindex.upkeep.joins import Ground as Why
from childindex.upkeep.joins import State
from childindex.upkeep.usecases import involvements, joining, judge, merging, quality
from childindex.upkeep.usecases.protect import protect_child
from tests.abuse import canaries
from tests.abuse.crawl import written_logs
from tests.database import AsRole, Server, _django_enters
from tests.factories.index import AT, a_child, a_record, an_involvement, deliver, rows, set_up_register, worker
from tests.factories.people import Browser, MadeUp, People, sign_in_as

REASON: Final = Reason(code=ReasonCode.CONTACT, case_reference="CIN/2041")
PROTECTED: Final = (Tier.SHIELDED, Tier.SEALED)
_PLACES: Final = f"""
    INSERT INTO directory_authority (gss, name, broker_phone) VALUES ('{canaries.AUTHORITY}', 'Wexcombe', '0300 000 0091');
    INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)
    VALUES ('{canaries.SCHOOL}', 'Hollowmere Academy', 'school', 'education', '{canaries.AUTHORITY}', '01632 977101', '', ''),
        ('{canaries.CLINIC}', 'Wexcombe Clinic', 'clinic', 'health', '{canaries.AUTHORITY}', '01632 977102', '', '');
    INSERT INTO directory_postcodearea (postcode, authority_id)
    VALUES ('{canaries.PLACE[Tier.SHIELDED]}', '{canaries.AUTHORITY}'), ('{canaries.PLACE[Tier.SEALED]}', '{canaries.AUTHORITY}');
    UPDATE directory_feed SET authorities = authorities || ARRAY['{canaries.AUTHORITY}'], answered_on = '2026-11-01';
"""  # noqa: S608
_OWN_IDS: Final = """
    SELECT 'record ' || feed, id FROM children_sourcerecord WHERE child_id = %s UNION ALL
    SELECT 'line ' || service_type, id FROM involvement_involvement WHERE child_id = %s UNION ALL
    SELECT 'decision', id FROM consent_decision WHERE child_id = %s
"""
JAN: Final = a_child(
    family_name="Nowak", given_name="Jan", birth_date=PartialDate(2012, 7, 9), sex=Sex.MALE, nhs_number="9990000077",
    address="3 Chapel Street, Northby", carers=(),
)  # fmt: skip
PUBLIC_NAMES: Final = ("Hollowmere Academy", "Wexcombe", "01632 977101", "01632 977102")


@dataclass
class Protected:
    """What is known of one of the two by whoever made the test: nobody else should be able to find it out."""

    id: UUID
    number: str
    ids: dict[str, UUID | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Left:
    """The addresses somebody was given of one of the two while they were open."""

    token: str
    handle: str


@dataclass
class Made:
    """Everything somebody may be asked about afterwards."""

    children: dict[Tier, Protected] = field(default_factory=dict)
    people: dict[str, MadeUp] = field(default_factory=dict)
    left: dict[Tier, Left] = field(default_factory=dict)
    asked: list[UUID] = field(default_factory=list)

    def words(self) -> list[canaries.Canary]:
        """The marks of both children that may stand nowhere in plain words."""
        found = [one for tier in PROTECTED for one in canaries.words_of(tier)]
        # A sealed child's index number is as hidden as the rest; a shielded child's is the fourth field.
        found += canaries.ids_of(Tier.SEALED, {"index_number": self.children[Tier.SEALED].number})
        return found

    def places(self) -> list[canaries.Canary]:
        """What the public register says of where they are: on no page of anybody who may not know."""
        return [canaries.Canary(field=f"where: {name}", spellings=canaries.spellings(name)) for name in PUBLIC_NAMES]

    def ids(self) -> list[canaries.Canary]:
        """Opaque ids and search keys that no page bears and no login of a site can read."""
        return [one for tier in PROTECTED for one in canaries.ids_of(tier, self.children[tier].ids)]


def browser_of(person: MadeUp, **facts: Any) -> Browser:
    """A browser in which somebody has signed in."""
    browser = Browser(raise_request_exception=False, **facts)
    sign_in_as(browser, person)
    return browser


def unlimited(connect: Callable[[str], Any]) -> Callable[[], object]:
    """A function that forgets how much anybody has looked up: what is tested here needs more than one person may."""
    owner = connect("owner")
    return lambda: owner.execute(
        "DELETE FROM access_use; DELETE FROM access_organisationuse; DELETE FROM access_suspension"
    )


def actor(person: MadeUp, *, sitting: str = "before") -> Actor:
    """Somebody who is signed in."""
    now = timezone.now()
    session = SignInFacts(
        sitting=sitting, second_factor=True, role=person.role, organisation=person.organisation, confirmed_at=now
    )
    made = actor_for(person.account_id, session=session, at=now)
    assert made is not None
    assert made.lapsed == ()
    return made


def put_in(as_role: AsRole) -> Made:
    """The register, the two beside others, what was done with them while they were open, their protection, and what came after."""
    made = Made()
    with as_role("owner"):
        set_up_register()
        with connection.cursor() as cursor:
            cursor.execute(_PLACES)
    with as_role("worker"):
        deliver(a_record("gp", "1", involvements=(an_involvement(),)), a_record("gp", "jan", identity=JAN))
        for feed, _ in canaries.SUPPLIED:
            deliver(*[canaries.records(tier)[feed] for tier in PROTECTED])
        deliver(a_record("care", "jan", identity=JAN))
        deliver(a_record("births", "twice", identity=a_child(family_name="Zwilling", given_name="Xaver", carers=())))
    people = People(as_role=as_role)
    people.organisation()
    made.people = {role: people.somebody(role) for role in ROLES}
    made.people["second_steward"] = people.somebody("data_steward")
    _find(made, as_role)
    _lived(made, as_role)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for tier in PROTECTED:
        with as_role("worker"):
            number = made.children[tier].number
            protect_child(actor=worker(), index_number=number, tier=tier, ground=Ground.ADOPTED, at=timezone.now())
    with as_role("worker"):
        _afterwards()
    return made


def _find(made: Made, as_role: AsRole) -> None:
    """Learn the ids and keys of the two while they are open."""
    with as_role("worker"):
        for tier in PROTECTED:
            address = canaries.identity(tier).postcode
            [(child, number)] = rows(
                "SELECT DISTINCT c.id, c.index_number FROM children_child c JOIN children_sourcerecord s ON s.child_id = c.id"
                " WHERE s.postcode = %s",
                address,
            )
            own = Protected(id=UUID(str(child)), number=str(number))
            own.ids = {str(what): one for what, one in rows(_OWN_IDS, child, child, child)}
            keys = rows("SELECT kind, key FROM children_searchkey WHERE child_id = %s AND kind >= 50", child)
            own.ids |= {f"key {kind} {place}": int(key) for place, (kind, key) in enumerate(keys)}
            if tier is Tier.SEALED:
                own.ids["id"] = own.id
            assert len(own.ids) > 10, "nothing was put in"
            made.children[tier] = own


def terms_of(tier: Tier) -> SearchTerms:
    """A search for one of the two by their names and the day they were born."""
    who = canaries.identity(tier)
    return SearchTerms(family_name=who.family_name, given_name=who.given_name, birth_date=who.birth_date)


def _lived(made: Made, as_role: AsRole) -> None:
    """What people did with the two while they were open: all of it leaves traces, none may be left afterwards."""
    now = timezone.now()
    with as_role("web"):
        worker_of_both = actor(made.people["social_worker"])
        for tier in PROTECTED:
            token = lookup.search(actor=worker_of_both, terms=terms_of(tier), reason=REASON, at=now).token
            handle = lookup.open_child(actor=worker_of_both, token=token, position=1, reason=REASON, at=now).handle
            made.left[tier] = Left(token=token, handle=handle)
            lookup.view_child(actor=worker_of_both, handle=handle, at=now)
            brokering.ask(actor=worker_of_both, handle=handle, family_knows=FamilyKnows.NO, at=now)
            involvements.declare_involvement(
                actor=worker_of_both, handle=handle, service_type="social_work", started_on=date(2025, 9, 1), at=now
            )
            line = made.children[tier].ids["line social_work"]
            assert isinstance(line, UUID)
            involvements.report_phone(actor=worker_of_both, handle=handle, involvement_id=line, at=now)
    _joined(made, as_role)
    _reviewed(made, as_role)
    with as_role("worker"):
        quality.draw_sample(
            actor=worker(), until=AT + timedelta(days=1), sizes=Sizes(links=50, near_misses=50), seed=3, at=now
        )


def _joined(made: Made, as_role: AsRole) -> None:
    """Somebody's second entry was merged into the one to be sealed; a merge into the one to be shielded waits."""
    now = timezone.now()
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("UPDATE children_child SET responsible_authority = 'E08000003' WHERE family_name = 'Zwilling'")
        council = {
            tier: rows("SELECT responsible_authority FROM children_child WHERE id = %s", made.children[tier].id)
            for tier in PROTECTED
        }
        assert set(map(str, council.values())) == {str([(canaries.AUTHORITY,)])}
        # Only the steward of their own authority may: for as long as that lasts they are of this one.
        cursor.execute(
            "UPDATE children_child SET responsible_authority = 'E08000003' WHERE responsible_authority = %s",
            [canaries.AUTHORITY],
        )
    with as_role("web"):
        first, second = actor(made.people["data_steward"]), actor(made.people["second_steward"])
        [(twice,)] = rows("SELECT index_number FROM children_child WHERE family_name = 'Zwilling'")
        [(jan,)] = rows("SELECT index_number FROM children_child WHERE family_name = 'Nowak'")
        done = merging.propose_merge(
            actor=first,
            keep=made.children[Tier.SEALED].number,
            other=str(twice),
            ground=Why.CHECKED_WITH_FAMILY,
            at=now,
        )
        merging.answer_merge(actor=second, merge_id=done.id, answer=State.CONFIRMED, at=now)
        merging.propose_merge(
            actor=first,
            keep=str(jan),
            other=made.children[Tier.SHIELDED].number,
            ground=Why.CHECKED_WITH_FAMILY,
            at=now,
        )
    with as_role("worker"):
        joining.carry_out_merge(actor=operator(at=now), merge_id=done.id, at=now)
    with as_role("owner"), connection.cursor() as cursor:
        ids = [made.children[tier].id for tier in PROTECTED]
        cursor.execute(
            "UPDATE children_child SET responsible_authority = %s WHERE id = ANY(%s)", [canaries.AUTHORITY, ids]
        )


def unnamed(tier: Tier, feed: str, record_id: str) -> Any:
    """A supplier's record that may be the child's, without a name and from another home: a person would be asked."""
    who = replace(
        canaries.identity(tier), given_name="", middle_names="", known_as="", former_family_name="", sex=Sex.UNKNOWN
    )
    return a_record(
        feed, record_id, identity=replace(who, nhs_number="", upn="", address="40 Station Road, Northby", uprn="")
    )


def _reviewed(made: Made, as_role: AsRole) -> None:
    """Of both somebody was asked about a record; what was asked about the one to be sealed was answered and applied."""
    now = timezone.now()
    with as_role("worker"):
        asked = deliver(unnamed(Tier.SHIELDED, "gp", "u1"), unnamed(Tier.SEALED, "gp", "u2"))
        assert asked.for_review == len(PROTECTED), "nobody was asked"
        with connection.cursor() as cursor:
            cursor.execute("UPDATE matching_review SET authority = 'E08000003'")
        reviews = {candidates[0]: review for review, candidates in rows("SELECT id, candidates FROM matching_review")}
        made.asked = list(reviews.values())
    with as_role("web"):
        child = made.children[Tier.SEALED].id
        answer = Answer(verdict=Verdict.LINKED, chosen=child, because=Because.AS_SHOWN)
        first = judge.decide(actor=actor(made.people["data_steward"]), review_id=reviews[child], answer=answer, at=now)
        assert first.second, "a child whom a sensitive service knows takes two people"
        judge.confirm(actor=actor(made.people["second_steward"]), review_id=reviews[child], agree=True, at=now)
    with as_role("worker"):
        apply_decision(actor=worker(), review_id=reviews[child], at=now)


def _afterwards() -> None:
    """Their suppliers go on: the same again, changed, under another name, of another feed, and no longer."""
    for tier in PROTECTED:
        again = canaries.records(tier)
        deliver(again["school"], as_at=date(2026, 11, 8))
        deliver(replace(again["care"], updated_on=date(2026, 11, 9)), as_at=date(2026, 11, 9))
        deliver(unnamed(tier, "births", canaries.mark(tier, "births record_id")), as_at=date(2026, 11, 9), kind="delta")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The index, made once for all tests of a run: the database to clone, what is known of it, and the log of making it."""

    template: str
    made: Made
    log: str


@pytest.fixture(scope="session")
def kept_index(server: Server, quick_passwords: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Kept]:
    """Made with the product's own logging at its most talkative."""
    name = server.clone(server.template)
    enter = partial(_enter, server, name)
    with django_db_blocker.unblock(), written_logs() as log:
        made = put_in(enter)
    yield Kept(template=name, made=made, log=log.getvalue())
    server.drop(name)


def _enter(server: Server, name: str, process: str) -> AbstractContextManager[None]:
    return _django_enters(server.address(name, Process(process).role), Process(process))


@pytest.fixture(scope="module")
def template(kept_index: Kept) -> str:
    """For files whose tests all start from this index."""
    return kept_index.template


@pytest.fixture
def made(database: object, kept_index: Kept) -> Made:
    """What whoever made the index knows of it."""
    return kept_index.made
