"""People to sign in as in a demo: one of each role, and one whose training has lapsed. Everybody here is made up."""

from __future__ import annotations

import base64
import csv
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from childindex.access.roles import name_of
from childindex.access.sign_in import operator
from childindex.access.types import Actor, Credentials, Evidence, NewPerson, StandingState
from childindex.access.usecases.accounts import change_standing, establish_account

_WORDS = ("amber", "basket", "candle", "daisy", "engine", "feather", "garden", "harbour", "island", "jacket", "kettle")
_TRAINED_DAYS_AGO, _LAPSED_DAYS_AGO, _CHECKED_DAYS_AGO = 90, 500, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """Who there is to be: a role at a kind of organisation."""

    username: str
    full_name: str
    role: str
    kind: str
    trained: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpPerson:
    """Somebody who can sign in now, with what they need for it."""

    role: str
    name: str
    username: str
    password: str
    totp_secret: str


# The first two found the index; everybody else is let in by these two (R 2.26).
CAST = (
    Casting(username="meera.manager", full_name="Meera Manning", role="access_manager", kind="council"),
    Casting(username="stefan.steward", full_name="Stefan Stewart", role="data_steward", kind="council"),
    Casting(username="sally.social", full_name="Sally Sowerby", role="social_worker", kind="council"),
    Casting(username="hannah.health", full_name="Hannah Heath", role="health_visitor", kind="health"),
    Casting(username="edward.emergency", full_name="Edward Emmerson", role="emergency_practitioner", kind="health"),
    Casting(username="nadia.nurse", full_name="Nadia Norris", role="school_nurse", kind="health"),
    Casting(username="tom.teacher", full_name="Tom Teasdale", role="school_safeguarding_lead", kind="school"),
    Casting(username="yusuf.youth", full_name="Yusuf Young", role="youth_justice_worker", kind="council"),
    Casting(username="vera.voluntary", full_name="Vera Vaughan", role="voluntary_practitioner", kind="charity"),
    Casting(username="lara.lapsed", full_name="Lara Lapworth", role="social_worker", kind="council", trained=False),
    # What one steward proposes another has to confirm.
    Casting(username="sunita.steward", full_name="Sunita Stone", role="data_steward", kind="council"),
    # Nor does an administrator accredit what they looked at themselves.
    Casting(username="ian.index", full_name="Ian Irving", role="index_administrator", kind="council"),
    Casting(username="iris.index", full_name="Iris Ingram", role="index_administrator", kind="council"),
    # A shield takes two officers to confirm, refuse or lift, and a third to hear an appeal.
    Casting(username="shirin.shield", full_name="Shirin Shaw", role="shield_officer", kind="council"),
    Casting(username="sid.shield", full_name="Sid Sharp", role="shield_officer", kind="council"),
    Casting(username="sofia.shield", full_name="Sofia Shore", role="shield_officer", kind="council"),
    Casting(username="bella.broker", full_name="Bella Brook", role="safeguarding_broker", kind="council"),
    Casting(username="oscar.oversight", full_name="Oscar Oakley", role="audit_officer", kind="council"),
    # Whom an audit officer may suspend without anybody else's being missed.
    Casting(username="quinn.curious", full_name="Quinn Quirk", role="social_worker", kind="council"),
)


def run(files: Path, *, at: datetime) -> list[MadeUpPerson]:
    """Accredit the organisations of the cast and make everybody's account. Refused on a live index."""
    actor = operator(at=at)
    codes = _organisations(files)
    employers = sorted({codes[one.kind] for one in CAST})
    for state in (StandingState.APPLIED, StandingState.EVIDENCE_CHECKED, StandingState.ACCREDITED):
        opened_on = at.date() if state is StandingState.ACCREDITED else None
        change_standing(actor=actor, organisations=employers, to=state, opened_on=opened_on, at=at)
    founders: list[UUID] = []
    people = []
    for one in CAST:
        by = (founders[0], founders[1]) if len(founders) == 2 else None
        account, person = _establish(actor, one, codes[one.kind], by=by, at=at)
        people.append(person)
        if by is None:
            founders.append(account)
    return people


def _organisations(files: Path) -> dict[str, str]:
    """The last organisation of each kind in the set-up files: national ones, where nobody sees a child, come first."""
    with (files / "organisations.csv").open(encoding="utf-8", newline="") as file:
        return {row["kind"]: row["organisation_id"] for row in csv.DictReader(file)}


def _establish(
    actor: Actor, one: Casting, organisation: str, *, by: tuple[UUID, UUID] | None, at: datetime
) -> tuple[UUID, MadeUpPerson]:
    """One account with its evidence, password and shared secret."""
    password = "-".join([secrets.choice(_WORDS), secrets.choice(_WORDS), str(secrets.randbelow(9000) + 1000)])
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    account = establish_account(
        actor=actor,
        person=NewPerson(
            username=one.username,
            full_name=one.full_name,
            email=f"{one.username}@example.org",
            phone=f"01632 960{CAST.index(one) + 101}",
            role=one.role,
            organisation=organisation,
        ),
        evidence=_evidence(at.date(), trained=one.trained),
        credentials=Credentials(password=password, totp_secret=secret),
        by=by,
        at=at,
    )
    role = name_of(one.role) if one.trained else f"{name_of(one.role)}, training lapsed"
    return account, MadeUpPerson(
        role=role, name=one.full_name, username=one.username, password=password, totp_secret=secret
    )


def _evidence(today: date, *, trained: bool) -> Evidence:
    """A check and training in date, or training that has lapsed."""
    return Evidence(
        check_issued_on=today - timedelta(days=_CHECKED_DAYS_AGO),
        barred_list_checked=True,
        trained_on=today - timedelta(days=_TRAINED_DAYS_AGO if trained else _LAPSED_DAYS_AGO),
        agreement_accepted=True,
    )
