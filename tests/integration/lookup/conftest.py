"""An index with a few children, and practitioners who may look; everything here runs as the web process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from childindex.access.sign_in import actor_for
from childindex.access.types import Actor, SignInFacts
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Sex, Tier
from childindex.kernel.people import Reason, ReasonCode
from childindex.lookup import usecases as lookup
from childindex.lookup.types import SearchTerms
from childindex.shielding.types import Ground
from childindex.upkeep.usecases.protect import protect_child
from tests.database import AsRole as AsRole  # noqa: PLC0414 - handed on
from tests.database import TestDatabase, filled
from tests.factories.index import (
    COUNCIL,
    SCHOOL,
    a_child,
    a_record,
    an_involvement,
    deliver,
    rows,
    set_up_register,
    worker,
)
from tests.factories.people import Browser, MadeUp, People

Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]
Ledger = Callable[[], list[dict[str, Any]]]

REASON = Reason(code=ReasonCode.CONTACT, case_reference="CIN/2041")
AMARA = SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=PartialDate(2015, 3, 14))

# Children behind a shield and a seal, with marks in every field that may show up nowhere.
SHIELDED = a_child(
    family_name="Fairweather",
    given_name="Jonah",
    middle_names="Canarymiddle",
    known_as="Canaryknown",
    former_family_name="Canaryformer",
    birth_date=PartialDate(2013, 5, 6),
    sex=Sex.MALE,
    nhs_number="9990000026",
    address="77 Canary Road, Northby",
    postcode="M1 1AA",
    carers=(Carer(name="Canarycarer Fairweather", relationship="father", phone="0161 496 0777"),),
)
SEALED = a_child(
    family_name="Nightingale",
    given_name="Rosa",
    birth_date=PartialDate(2012, 8, 9),
    nhs_number="9990000034",
    carers=(),
)
CANARIES = ("canary", "9990000026", "999 000 0026", "m1 1aa", "496 0777", "496 0999", "e08000003")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The children of the index by their given names, and how to put more in."""

    ids: dict[str, UUID]
    as_role: AsRole


def put_in(as_role: AsRole) -> None:
    """Amara, known to a practice, a social worker who leads, and a clinic; the protected two; a council that may look."""
    with as_role("owner"):
        set_up_register()
        rows_of_numbers()
    with as_role("worker"):
        deliver(a_record("gp", "1", involvements=(an_involvement(),)))
        lead = an_involvement(
            "social_work",
            practitioner_name="Sam Porter",
            practitioner_role="Social worker",
            team="Assessment team",
            phone="0161 496 0100",
            lead_professional=True,
        )
        deliver(a_record("care", "c1", involvements=(lead,)))
        deliver(
            a_record("clinic", "k1", involvements=(an_involvement("counselling", practitioner_name="Canarynurse"),))
        )
        hidden = an_involvement("school", practitioner_name="Canaryteacher", phone="0161 496 0999")
        deliver(
            a_record("school", "s1", identity=SHIELDED, involvements=(hidden,)),
            a_record("school", "s2", identity=SEALED),
        )
        for name, tier in (("Fairweather", Tier.SHIELDED), ("Nightingale", Tier.SEALED)):
            [(number,)] = rows("SELECT index_number FROM children_child WHERE family_name = %s", name)
            ground = next(iter(Ground))
            protect_child(actor=worker(), index_number=str(number), tier=tier, ground=ground, at=timezone.now())
    People(as_role=as_role).organisation()


def rows_of_numbers() -> None:
    """Numbers, hours and last answers in the register; as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE directory_organisation SET phone = '0161 496 0200', hours = 'Monday to Friday, 9 to 5',"
            " out_of_hours_phone = '0161 496 0300' WHERE code = %s",
            [COUNCIL],
        )
        cursor.execute("UPDATE directory_feed SET answered_on = '2026-11-01'")


template = filled(put_in)


@pytest.fixture
def index(database: TestDatabase, as_role: AsRole) -> Index:
    """Three children: Amara open, Jonah shielded, Rosa sealed."""
    with as_role("worker"):
        found = rows("SELECT given_name, id FROM children_child")
    return Index(ids={str(name): UUID(str(child)) for name, child in found}, as_role=as_role)


@pytest.fixture
def people(index: Index, as_role: AsRole) -> People:
    """A factory; the council is accredited and open."""
    return People(as_role=as_role)


@pytest.fixture
def actor(people: People) -> Callable[..., Actor]:
    """Makes somebody who is signed in: `actor()` a social worker, `actor(role=..., organisation=..., sitting=...)`."""

    def make(person: MadeUp | None = None, *, sitting: str = "sitting-1", **facts: Any) -> Actor:
        who = person or people.somebody(**facts)
        at = timezone.now()
        session = SignInFacts(
            sitting=sitting, second_factor=True, role=who.role, organisation=who.organisation, confirmed_at=at
        )
        made = actor_for(who.account_id, session=session, at=at)
        assert made is not None
        assert made.lapsed == ()
        return made

    return make


@pytest.fixture
def teacher(people: People, actor: Callable[..., Actor]) -> Actor:
    """A school's safeguarding lead."""
    people.organisation(SCHOOL)
    return actor(role="school_safeguarding_lead", organisation=SCHOOL)


@pytest.fixture
def at() -> datetime:
    """Now, as the pages have it."""
    return timezone.now()


@pytest.fixture
def ledger(connect: Connect) -> Ledger:
    """The whole ledger, oldest first, as the audit reader sees it."""

    def read() -> list[dict[str, Any]]:
        cursor = connect("audit").execute(
            "SELECT event, outcome, account_id, reason, case_reference, children, detail FROM audit_ledgerentry"
            " ORDER BY ctid"
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return read


@pytest.fixture
def browser(index: Index) -> Browser:
    """A browser with nothing in it."""
    return Browser()


def opened(actor: Actor, terms: SearchTerms, *, at: datetime, position: int = 1) -> str:
    """Search, and open one of the children found; gives the handle."""
    token = lookup.search(actor=actor, terms=terms, reason=REASON, at=at).token
    return lookup.open_child(actor=actor, token=token, position=position, at=at).handle
