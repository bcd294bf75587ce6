"""The gate as a function of values: which conditions have lapsed, and when each will. Dates are those of England."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from childindex.access.nominating import OrganisationStanding, Shown
from childindex.access.types import (
    MOVES,
    Actor,
    AgreementFacts,
    CheckFacts,
    Condition,
    ConditionLine,
    Facts,
    GrantFacts,
    Limit,
    Permission,
    Role,
    StandingState,
    TrainingFacts,
)
from childindex.directory.types import Organisation
from childindex.kernel.refusals import Denied, Refusal

ENGLAND: Final = ZoneInfo("Europe/London")
CHECK_YEARS: Final = 3
TRAINING_YEARS: Final = 1
UPDATE_SERVICE_DAYS: Final = 7

_ONE_DAY: Final = timedelta(days=1)


def england_on(at: datetime) -> date:
    """The calendar day in England at this instant; `at` is aware."""
    return at.astimezone(ENGLAND).date()


def years_after(day: date, years: int) -> date:
    """The anniversary of a day; that of 29 February is 28 February in a year without one, never later."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)


def check_until(check: CheckFacts, *, on: date) -> date | None:
    """The last day this check counts, as far as is known on a day; None where it does not count at all.

    The ruling: at most three years old, or the Update Service said "current" in the last seven days (R 2.10). Without
    the children's barred list it is no enhanced check for this purpose. What is dated in the future has not happened.
    """
    if not check.barred_list_checked or check.issued_on > on:
        return None
    until = years_after(check.issued_on, CHECK_YEARS)
    seen = check.update_service_current_on
    if seen is not None and check.issued_on <= seen <= on:
        until = max(until, seen + timedelta(days=UPDATE_SERVICE_DAYS))
    return until


def training_until(training: TrainingFacts, *, facts: Facts, on: date) -> date | None:
    """The last day this training counts: twelve months, or the day before a newer version's deadline (R 2.11)."""
    if training.completed_on > on:
        return None
    deadlines = [course.deadline_on for course in facts.courses if course.version > training.version]
    return min([years_after(training.completed_on, TRAINING_YEARS), *(day - _ONE_DAY for day in deadlines)])


def current_agreement(agreements: tuple[AgreementFacts, ...], *, on: date) -> AgreementFacts | None:
    """The newest version that is current on a day (R 2.12)."""
    current = [agreement for agreement in agreements if agreement.current_from <= on]
    return max(current, key=lambda agreement: (agreement.current_from, agreement.version), default=None)


def is_live(grant: GrantFacts, *, on: date) -> bool:
    """Whether a grant holds on a day: from its first day, until before its last (half open)."""
    return grant.valid_from <= on and (grant.valid_to is None or on < grant.valid_to)


def _account(facts: Facts, at: datetime) -> bool:
    return facts.account_active and (facts.suspended_at is None or facts.suspended_at > at)


def _accredited(facts: Facts, at: datetime) -> bool:
    del at
    return facts.standing is not None and facts.standing.state is StandingState.ACCREDITED


def _open(facts: Facts, at: datetime) -> bool:
    opened = facts.standing.opened_on if facts.standing is not None else None
    return opened is not None and opened <= england_on(at)


def _agreement(facts: Facts, at: datetime) -> bool:
    current = current_agreement(facts.agreements, on=england_on(at))
    return current is not None and current.accepted


def _check_ends(facts: Facts, on: date) -> date | None:
    ends = [until for check in facts.checks if (until := check_until(check, on=on)) is not None]
    return max(ends, default=None)


def _training_ends(facts: Facts, on: date) -> date | None:
    ends = [until for line in facts.training if (until := training_until(line, facts=facts, on=on)) is not None]
    return max(ends, default=None)


def _in_date(until: date | None, on: date) -> bool:
    return until is not None and on <= until


def _check(facts: Facts, at: datetime) -> bool:
    on = england_on(at)
    return _in_date(_check_ends(facts, on), on)


def _training(facts: Facts, at: datetime) -> bool:
    on = england_on(at)
    return _in_date(_training_ends(facts, on), on)


def _role(facts: Facts, at: datetime) -> bool:
    return facts.grant is not None and is_live(facts.grant, on=england_on(at))


def _second_factor(facts: Facts, at: datetime) -> bool:
    del at
    return facts.second_factor


_MET: Final[Mapping[Condition, Callable[[Facts, datetime], bool]]] = {
    Condition.ORGANISATION_ACCREDITED: _accredited,
    Condition.ORGANISATION_OPEN: _open,
    Condition.AGREEMENT_ACCEPTED: _agreement,
    Condition.CHECK_IN_DATE: _check,
    Condition.TRAINING_IN_DATE: _training,
    Condition.ROLE_ACTIVE: _role,
    Condition.ACCOUNT_ACTIVE: _account,
    Condition.SECOND_FACTOR: _second_factor,
}


def lapsed(facts: Facts, *, at: datetime) -> tuple[Condition, ...]:
    """The conditions not met at this instant, in their own order; empty is the only way in (R 2.01-2.15, T01)."""
    return tuple(condition for condition in Condition if not _MET[condition](facts, at))


def check_gate(facts: Facts, *, at: datetime) -> None:
    """Refuse unless every condition is met; raises Denied(CONDITION_LAPSED) naming each that is not."""
    missing = lapsed(facts, at=at)
    if missing:
        raise Denied(Refusal.CONDITION_LAPSED, *missing)


def _until(condition: Condition, facts: Facts, on: date) -> date | None:
    if condition is Condition.CHECK_IN_DATE:
        return _check_ends(facts, on)
    if condition is Condition.TRAINING_IN_DATE:
        return _training_ends(facts, on)
    if condition is Condition.ROLE_ACTIVE and facts.grant is not None and facts.grant.valid_to is not None:
        return facts.grant.valid_to - _ONE_DAY
    return None


def condition_lines(facts: Facts, *, at: datetime) -> tuple[ConditionLine, ...]:
    """Every condition: whether it is met, and the last day it will be as far as is known now."""
    missing, on = lapsed(facts, at=at), england_on(at)
    return tuple(
        ConditionLine(condition=condition, met=condition not in missing, until=_until(condition, facts, on))
        for condition in Condition
    )


def check_confirmed(actor: Actor, *, at: datetime) -> None:
    """Denied(CONFIRM_AGAIN) unless somebody showed their second factor in the last five minutes (ASVS 7.5.3; T14, T19)."""
    if not actor.confirmed(at=at):
        raise Denied(Refusal.CONFIRM_AGAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of something within a span of time that moves along with the clock."""

    limit: Limit
    most: int
    within: timedelta


# One person's, in the order they are looked at (threats 1.4); a quota that two people gave a role multiplies all but the first.
SEARCHES: Final = (
    Rate(limit=Limit.SEARCHES_A_SECOND, most=2, within=timedelta(seconds=1)),
    Rate(limit=Limit.SEARCHES_IN_TEN_MINUTES, most=30, within=timedelta(minutes=10)),
)
LISTED: Final = Rate(limit=Limit.LISTED_AN_HOUR, most=600, within=timedelta(hours=1))
OPENED: Final = (
    Rate(limit=Limit.OPENED_AN_HOUR, most=60, within=timedelta(hours=1)),
    Rate(limit=Limit.OPENED_A_DAY, most=200, within=timedelta(days=1)),
)
# What everybody may still do when their organisation has had its day's share: nobody is locked out by colleagues.
OPENED_BEYOND: Final = Rate(limit=Limit.OPENED_BY_ORGANISATION, most=10, within=timedelta(hours=1))
# An organisation's share of a day: so many times the median of the 28 days before, and at least this much.
QUOTA_TIMES: Final = range(2, 6)
ORGANISATION_TIMES, ORGANISATION_FLOOR, ORGANISATION_DAYS = 3, 300, 28


def check_rate(rate: Rate, done_at: Sequence[datetime], *, times: int = 1, at: datetime) -> None:
    """Refuse what is more than the rate allows; `done_at` has when each was done, the one that is asked for among them.

    `times` is what two people have allowed a role beyond it. Raises Denied(LIMIT_REACHED, limit, when it can be tried again).
    What lies ahead of `at`, because another machine's clock is fast, counts as done.
    """
    most = rate.most if rate.limit is Limit.SEARCHES_A_SECOND else rate.most * times
    within = sorted(done for done in done_at if done > at - rate.within)
    if len(within) > most:
        # The one asked for is the newest but for fast clocks; the oldest of the newest `most` others must leave first.
        raise Denied(Refusal.LIMIT_REACHED, rate.limit, (within[-most - 1] + rate.within).isoformat(timespec="seconds"))


def may_hold(role: Role, organisation: Organisation) -> bool:
    """Whether a role is one for people of this organisation: its sector's own, or one that manages (R 2.01-2.03).

    Youth justice is done by a council's people. Whoever looks after the index itself, its shields and its use for everybody else is a
    council's: no school or charity makes its own.
    """
    if role.code in {"index_administrator", "shield_officer", "audit_officer", "safeguarding_broker"}:
        return organisation.kind == "council"
    if role.manages:
        return True
    sectors = {organisation.sector, "youth_justice"} if organisation.kind == "council" else {organisation.sector}
    return role.sector in sectors


def check_evidence(shown: Shown | None, *, agreement_accepted: bool, facts: Facts, at: datetime) -> None:
    """Refuse a nomination that cannot be approved yet: what is missing or out of date; raises Denied(CONDITION_LAPSED)."""
    on = england_on(at)
    missing = [] if agreement_accepted else [Condition.AGREEMENT_ACCEPTED]
    check = shown and CheckFacts(
        issued_on=shown.check_issued_on, barred_list_checked=shown.barred_list_checked, update_service_current_on=None
    )
    if not check or not _in_date(check_until(check, on=on), on):
        missing.append(Condition.CHECK_IN_DATE)
    versions = [course.version for course in facts.courses]
    trained = shown and TrainingFacts(version=max(versions, default=1), completed_on=shown.trained_on)
    if not trained or not _in_date(training_until(trained, facts=facts, on=on), on):
        missing.append(Condition.TRAINING_IN_DATE)
    if missing:
        raise Denied(Refusal.CONDITION_LAPSED, *missing)


def check_quota(role: Role, *, times: int, days: tuple[date, date], at: datetime) -> None:
    """Refuse a quota for a role that looks nobody up, beyond five times, or for longer than a year; raises Denied(NOT_PERMITTED)."""
    if Permission.CHILD_SEARCH_MAKE not in role.permissions:
        raise Denied(Refusal.NOT_PERMITTED, "role")
    if not QUOTA_TIMES[0] <= times <= QUOTA_TIMES[-1]:
        raise Denied(Refusal.NOT_PERMITTED, "times")
    begins, ends = days
    if not england_on(at) <= begins < ends <= years_after(begins, 1):
        raise Denied(Refusal.NOT_PERMITTED, "dates")


def check_room(standing: OrganisationStanding) -> None:
    """Refuse a grant at an organisation that lets nobody in, or has as many as it may (R 2.04); raises Denied(NOT_PERMITTED)."""
    if standing.state is not StandingState.ACCREDITED:
        raise Denied(Refusal.NOT_PERMITTED, "standing")
    if standing.most_grants is not None and standing.grants >= standing.most_grants:
        raise Denied(Refusal.NOT_PERMITTED, "cap")


class MoveNotAllowed(ValueError):
    """An organisation's standing cannot go from the one state to the other."""


def check_move(before: StandingState | None, after: StandingState) -> None:
    """Refuse a move that is not in the table; a new organisation begins as applied. Raises MoveNotAllowed (R 2.09)."""
    allowed = MOVES[before] if before is not None else frozenset({StandingState.APPLIED})
    if after not in allowed:
        raise MoveNotAllowed(f"from {before or 'nothing'} to {after}")
