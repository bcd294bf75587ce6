"""A made-up month of an index's ledger: people who look because of their work, and people who do not, with the truth known (T05).

Written straight into the tables, as the owner: there are opaque ids only, no child has an entry. How honest people behave is assumed,
in `HONEST` and beside it, and decides how much of it is explained: the figures hold for these rates.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from childindex.access.roles import ROLES

BEGIN: Final = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday
DAYS: Final = 28
# What honest looks are, in a hundred: a service that is there already, one that comes to be, an emergency, a child somebody puts right
# or asks to be put in touch about, and an enquiry of somebody on duty that leads to nothing.
HONEST: Final = {"involved": 78, "later": 12, "urgent": 5, "worked": 2, "enquiry": 3}
_EVENING, _ELSEWHERE, _NAMESAKE, _NOBODY = 0.08, 0.04, 0.005, 0.15
_ROLES: Final = {
    "council": ("social_worker", "youth_justice_worker"),
    "gp": ("health_visitor", "school_nurse"),
    "school": ("school_safeguarding_lead",),
    "charity": ("voluntary_practitioner",),
}

_ORGANISATION = (
    "INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)"
    " VALUES (%s, %s, %s, 'health', %s, '', '', '')"
)
_LEDGER = (
    "COPY audit_ledgerentry (id, event, outcome, at, account_id, role, organisation, channel, reason, case_reference, children,"
    " detail, leaf, leaf_hash) FROM STDIN"
)
_INVOLVEMENT = (
    "COPY involvement_involvement (id, child_id, source, reference, organisation, started_on, ended_on, as_of, recorded_by, tier,"
    " record_id, service_type, sensitive, team, practitioner_name, practitioner_role, phone, email, out_of_hours_phone,"
    " claims_lead, lead_professional, assessment) FROM STDIN"
)
_NO_MORE = ("open", "", "gp", False, "", "", "", "", "", "", False, False, "none")

Key = tuple[UUID, UUID | None, date]


@dataclass(frozen=True)
class Account:
    id: UUID
    role: str
    organisation: str
    authority: str


@dataclass(frozen=True)
class Misuse:
    """One thing somebody did that they should not have: what in the queue would show it."""

    scenario: str
    keys: frozenset[Key]


@dataclass
class Month:
    """What is to be in the ledger and among involvements. `honest` are the honest looks, `misuses` the others."""

    chance: random.Random
    authorities: int
    people: int
    lines: list[tuple[Any, ...]] = field(default_factory=list)
    ties: list[tuple[Any, ...]] = field(default_factory=list)
    organisations: dict[str, tuple[str, str]] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    honest: set[Key] = field(default_factory=set)
    misuses: list[Misuse] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Organisations of each kind in each authority, and people in them."""
        for area in self.areas:
            for kind in (*_ROLES, "hospital"):
                self.organisations[f"{kind}:{area}"] = (kind, area)
        self.emergency = [self.account("emergency_practitioner", f"hospital:{area}", area) for area in self.areas * 3]
        for _ in range(self.people):
            area, kind = self.chance.choice(self.areas), self.chance.choice(list(_ROLES))
            self.accounts.append(self.account(self.chance.choice(_ROLES[kind]), f"{kind}:{area}", area))

    @property
    def areas(self) -> list[str]:
        return [f"E0900{number:04d}" for number in range(1, self.authorities + 1)]

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def account(self, role: str, organisation: str, authority: str) -> Account:
        assert role in ROLES
        return Account(id=self.uuid(), role=role, organisation=organisation, authority=authority)

    def somebody(self, kind: str = "") -> Account:
        """Anybody, or anybody of a kind of organisation."""
        return self.chance.choice([one for one in self.accounts if one.organisation.startswith(kind)])

    def newcomer(self, kind: str = "charity") -> Account:
        """Somebody of whom there is nothing else in the ledger."""
        area = self.chance.choice(self.areas)
        return self.account(_ROLES[kind][0], f"{kind}:{area}", area)

    def moment(self, *, evening: bool = False, day: int | None = None) -> datetime:
        """A time in the month: in working hours of a weekday, or late in the evening."""
        number = self.chance.randrange(DAYS) if day is None else day
        while not evening and day is None and (BEGIN + timedelta(days=number)).weekday() >= 5:
            number = self.chance.randrange(DAYS)
        hour = self.chance.uniform(21, 22.5) if evening else self.chance.uniform(8, 16)
        return BEGIN + timedelta(days=number, hours=hour)

    def write(
        self, who: Account, event: str, at: datetime, children: Sequence[UUID], *, outcome: str = "done", **more: Any
    ) -> None:
        """One line of the ledger."""
        reason = more.pop("reason", "safeguarding")
        detail = json.dumps({name: value for name, value in more.items() if value}, sort_keys=True)
        self.lines.append(
            (
                self.uuid(),
                event,
                outcome,
                at,
                who.id,
                who.role,
                who.organisation,
                "web",
                reason,
                "",
                list(children),
                detail,
            )
        )

    def open(self, who: Account, child: UUID, at: datetime, **more: Any) -> Key:
        """Open a child's page."""
        self.write(who, "child:visit:opened", at, [child], **more)
        return (who.id, child, at.date())  # no time here is so near midnight that England has another day

    def empty(self, who: Account, at: datetime) -> None:
        """Search, and be shown nobody."""
        self.write(who, "children:search:shown", at, [])

    def tie(
        self, child: UUID, organisation: str, started: date, ended: date | None = None, *, by: UUID | None = None
    ) -> None:
        """An organisation is involved with a child."""
        source, reference = ("practitioner" if by else "gp"), str(self.uuid())
        self.ties.append((self.uuid(), child, source, reference, organisation, started, ended, started, by))

    def live(self, looks: int) -> None:
        """So many honest looks, each after a search that found somebody or, now and then, nobody."""
        kinds, weights = list(HONEST), list(HONEST.values())
        for kind in self.chance.choices(kinds, weights, k=looks):
            who, child = self.somebody(), self.uuid()
            at = self.moment(evening=self.chance.random() < _EVENING)
            seen = ["own_surname"] if self.chance.random() < _NAMESAKE else []
            if self.chance.random() < _ELSEWHERE:
                seen.append("out_of_area")
            if kind == "urgent":
                at, seen, who = self.moment(evening=self.chance.random() < 0.5), [], self.chance.choice(self.emergency)
            self.write(who, "children:search:shown", at - timedelta(seconds=40), [child, self.uuid()])
            self.honest.add(
                self.open(who, child, at, seen=seen, reason="urgent_care" if kind == "urgent" else "contact")
            )
            if self.chance.random() < _NOBODY:
                self.empty(who, at - timedelta(seconds=90))
            if kind == "involved":
                self.tie(child, who.organisation, at.date() - timedelta(days=self.chance.randrange(1, 900)))
            elif kind == "later":
                by = who.id if self.chance.random() < 0.5 else None
                self.tie(child, who.organisation, at.date() + timedelta(days=self.chance.randrange(1, 26)), by=by)
            elif kind == "worked":
                self.write(who, "contact:request:made", at + timedelta(minutes=5), [child])

    def misbehave(self, times: int, *, leave_out: frozenset[str] = frozenset()) -> None:
        """Every scenario so many times, but for those left out."""
        for scenario in SCENARIOS:
            if scenario.__name__ in leave_out:
                continue
            for _ in range(times):
                self.misuses.append(Misuse(scenario=scenario.__name__, keys=frozenset(scenario(self))))

    def put_in(self, owner: psycopg.Connection[Any]) -> None:
        """Write all of it, in the order of time."""
        self.lines.sort(key=lambda line: line[3])
        # No child of the month has an entry; nobody asks here whether one is open.
        owner.execute("ALTER TABLE involvement_involvement DROP CONSTRAINT involvement_keeps_child_open")
        with owner.cursor() as cursor:
            for area in self.areas:
                cursor.execute(
                    "INSERT INTO directory_authority VALUES (%s, %s, '') ON CONFLICT DO NOTHING", [area, area]
                )
            for code, (kind, area) in self.organisations.items():
                cursor.execute(_ORGANISATION, [code, code, kind, area])
            with cursor.copy(_LEDGER) as copy:
                for line in self.lines:
                    copy.write_row((*line, b"{}", b""))
            with cursor.copy(_INVOLVEMENT) as copy:
                for line in self.ties:
                    copy.write_row((*line, *_NO_MORE))


# --- what people do who should not


def own_child_to_test_the_system(month: Month) -> list[Key]:
    """ContactPoint's own five cases: stopped, and seen."""
    return [month.open(month.somebody(), month.uuid(), month.moment(), outcome="refused", refusal="own_household")]


def niece_of_the_same_name(month: Month) -> list[Key]:
    return [month.open(month.somebody(), month.uuid(), month.moment(), seen=["own_surname"])]


def parent_who_works_at_the_school(month: Month) -> list[Key]:
    """The organisation is involved, so that nothing but the name tells."""
    who, child = month.somebody("school"), month.uuid()
    month.tie(child, who.organisation, BEGIN.date() - timedelta(days=400))
    return [month.open(who, child, month.moment(), seen=["own_surname"])]


def child_of_an_ex_partner(month: Month) -> list[Key]:
    who, child = month.somebody(), month.uuid()
    return [month.open(who, child, month.moment(evening=True)) for _ in range(2)]


def neighbour_once_at_work(month: Month) -> list[Key]:
    return [month.open(month.somebody(), month.uuid(), month.moment())]


def child_of_a_colleague(month: Month) -> list[Key]:
    """Three people of one team are curious."""
    team, child = [month.somebody("gp") for _ in range(3)], month.uuid()
    return [month.open(who, child, month.moment()) for who in team]


def celebrity(month: Month) -> list[Key]:
    """A dozen people all over the country in three days."""
    child = month.uuid()
    return [month.open(month.somebody(), child, month.moment(day=8 + number % 3)) for number in range(12)]


def child_in_the_local_press(month: Month) -> list[Key]:
    child, area = month.uuid(), month.chance.choice(month.areas)
    nearby = [one for one in month.accounts if one.authority == area]
    return [month.open(month.chance.choice(nearby), child, month.moment(day=15)) for _ in range(8)]


def late_at_night(month: Month) -> list[Key]:
    return [month.open(month.somebody(), month.uuid(), month.moment(evening=True))]


def another_area(month: Month) -> list[Key]:
    return [month.open(month.somebody(), month.uuid(), month.moment(), seen=["out_of_area"])]


def birth_parent_after_an_adoption(month: Month) -> list[Key]:
    """Guesses at the new name, and finds nobody."""
    who, at = month.newcomer(), month.moment()
    for minutes in range(14):
        month.empty(who, at + timedelta(minutes=minutes))
    return [(who.id, None, at.date())]


def fishing_for_names(month: Month) -> list[Key]:
    who, at = month.newcomer("gp"), month.moment()
    for minutes in range(16):
        month.empty(who, at + timedelta(minutes=minutes))
    month.open(who, month.uuid(), at + timedelta(minutes=17))
    return [(who.id, None, at.date())]


def watching_somebody(month: Month) -> list[Key]:
    """Opens one child on six days."""
    who, child = month.somebody(), month.uuid()
    return [month.open(who, child, month.moment(day=day)) for day in (1, 4, 8, 11, 15, 18)]


def siblings_one_by_one(month: Month) -> list[Key]:
    who, at = month.somebody(), month.moment()
    return [month.open(who, month.uuid(), at + timedelta(minutes=minutes)) for minutes in range(4)]


def former_client(month: Month) -> list[Key]:
    """Ended two years ago."""
    who, child = month.somebody(), month.uuid()
    month.tie(child, who.organisation, date(2022, 1, 1), date(2024, 9, 1))
    return [month.open(who, child, month.moment())]


def child_of_a_former_employer(month: Month) -> list[Key]:
    who, child = month.somebody("gp"), month.uuid()
    month.tie(child, f"council:{who.authority}", BEGIN.date() - timedelta(days=200))
    return [month.open(who, child, month.moment())]


def involvement_as_a_cover(month: Month) -> list[Key]:
    """Says that they are involved, and ends it within days."""
    who, child, at = month.somebody(), month.uuid(), month.moment()
    month.tie(child, who.organisation, at.date(), at.date() + timedelta(days=3), by=who.id)
    return [month.open(who, child, at)]


def involvement_much_later(month: Month) -> list[Key]:
    """Has nothing to do with the look."""
    who, child, at = month.somebody(), month.uuid(), month.moment()
    month.tie(child, who.organisation, at.date() + timedelta(days=60))
    return [month.open(who, child, at)]


def shield_overridden_without_need(month: Month) -> list[Key]:
    who, child, at = month.somebody("council"), month.uuid(), month.moment()
    month.write(who, "child:override:asked", at + timedelta(minutes=1), [child])
    return [month.open(who, child, at)]


def age_checks_for_a_firm(month: Month) -> list[Key]:
    """What an organisation did to the Learning Records Service: many looks, never an involvement."""
    who = month.newcomer()
    return [month.open(who, month.uuid(), month.moment()) for _ in range(20)]


def crawler_at_the_limit(month: Month) -> list[Key]:
    who, at = month.newcomer("council"), month.moment()
    month.open(who, month.uuid(), at, reviews=["children_opened"])
    return [(who.id, None, at.date())]


def emergency_department_twice(month: Month) -> list[Key]:
    """An acquaintance's child, as if there had been an emergency on two days."""
    who, child = month.chance.choice(month.emergency), month.uuid()
    return [month.open(who, child, month.moment(day=day), reason="urgent_care") for day in (3, 9)]


def emergency_department_once(month: Month) -> list[Key]:
    """Cannot be told from an emergency by what the index knows."""
    who = month.chance.choice(month.emergency)
    return [month.open(who, month.uuid(), month.moment(), reason="urgent_care")]


def colleague_of_whoever_is_involved(month: Month) -> list[Key]:
    """Cannot be told from cover for the team by what the index knows."""
    who, child = month.somebody("council"), month.uuid()
    month.tie(child, who.organisation, BEGIN.date() - timedelta(days=30))
    return [month.open(who, child, month.moment())]


SCENARIOS: Final[Sequence[Callable[[Month], list[Key]]]] = (
    own_child_to_test_the_system,
    niece_of_the_same_name,
    parent_who_works_at_the_school,
    child_of_an_ex_partner,
    neighbour_once_at_work,
    child_of_a_colleague,
    celebrity,
    child_in_the_local_press,
    late_at_night,
    another_area,
    birth_parent_after_an_adoption,
    fishing_for_names,
    watching_somebody,
    siblings_one_by_one,
    former_client,
    child_of_a_former_employer,
    involvement_as_a_cover,
    involvement_much_later,
    shield_overridden_without_need,
    age_checks_for_a_firm,
    crawler_at_the_limit,
    emergency_department_twice,
    emergency_department_once,
    colleague_of_whoever_is_involved,
)
# Of these there is nothing to see but that no involvement comes: they wait for an officer after four weeks.
SEEN_LATER: Final = frozenset(
    {
        "neighbour_once_at_work",
        "child_of_a_colleague",
        "siblings_one_by_one",
        "former_client",
        "child_of_a_former_employer",
        "involvement_as_a_cover",
        "involvement_much_later",
        "age_checks_for_a_firm",
        "emergency_department_twice",
    }
)
# Nothing that the index keeps tells these from work: counted as missed, like any other.
NOT_TO_BE_TOLD: Final = frozenset({"emergency_department_once", "colleague_of_whoever_is_involved"})
