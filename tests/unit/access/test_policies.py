"""The gate as a function of values: table tests at every edge, and a property over all of them (T01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from childindex.access import policies
from childindex.access.types import (
    MOVES,
    AgreementFacts,
    CheckFacts,
    Condition,
    CourseFacts,
    Facts,
    GrantFacts,
    StandingFacts,
    StandingState,
    TrainingFacts,
)
from childindex.kernel.refusals import Denied, Refusal

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=LONDON)

GOOD = Facts(
    account_active=True,
    second_factor=True,
    grant=GrantFacts(role="social_worker", organisation="gss:E10000001", valid_from=date(2026, 1, 1), valid_to=None),
    standing=StandingFacts(state=StandingState.ACCREDITED, opened_on=date(2026, 1, 1)),
    checks=(CheckFacts(issued_on=date(2025, 1, 1), barred_list_checked=True, update_service_current_on=None),),
    training=(TrainingFacts(version=1, completed_on=date(2026, 1, 1)),),
    courses=(CourseFacts(version=1, deadline_on=date(2020, 1, 1)),),
    agreements=(AgreementFacts(version=1, current_from=date(2020, 1, 1), accepted=True),),
)


def check(issued: date, *, barred: bool = True, seen: date | None = None) -> CheckFacts:
    return CheckFacts(issued_on=issued, barred_list_checked=barred, update_service_current_on=seen)


def test_everything_in_date_is_the_only_way_in() -> None:
    assert policies.lapsed(GOOD, at=NOON) == ()
    policies.check_gate(GOOD, at=NOON)


def test_nothing_known_is_nothing_met() -> None:
    assert policies.lapsed(Facts(), at=NOON) == tuple(Condition)


BROKEN = [
    (Condition.ACCOUNT_ACTIVE, replace(GOOD, account_active=False)),
    (Condition.ACCOUNT_ACTIVE, replace(GOOD, suspended_at=NOON)),
    (Condition.SECOND_FACTOR, replace(GOOD, second_factor=False)),
    (Condition.ROLE_ACTIVE, replace(GOOD, grant=None)),
    (Condition.AGREEMENT_ACCEPTED, replace(GOOD, agreements=())),
    (
        Condition.AGREEMENT_ACCEPTED,
        replace(GOOD, agreements=(*GOOD.agreements, AgreementFacts(version=2, current_from=TODAY, accepted=False))),
    ),
    (Condition.CHECK_IN_DATE, replace(GOOD, checks=())),
    (Condition.CHECK_IN_DATE, replace(GOOD, checks=(check(date(2025, 1, 1), barred=False),))),
    (Condition.TRAINING_IN_DATE, replace(GOOD, training=())),
    (
        Condition.TRAINING_IN_DATE,
        replace(GOOD, courses=(*GOOD.courses, CourseFacts(version=2, deadline_on=TODAY))),
    ),
    (
        Condition.ORGANISATION_OPEN,
        replace(GOOD, standing=StandingFacts(state=StandingState.ACCREDITED, opened_on=None)),
    ),
]


@pytest.mark.parametrize(("condition", "facts"), BROKEN)
def test_one_missing_fact_lapses_exactly_its_own_condition(condition: Condition, facts: Facts) -> None:
    assert policies.lapsed(facts, at=NOON) == (condition,)
    with pytest.raises(Denied) as refused:
        policies.check_gate(facts, at=NOON)
    assert refused.value.refusal is Refusal.CONDITION_LAPSED
    assert refused.value.detail == (condition,)


@pytest.mark.parametrize("state", [state for state in StandingState if state is not StandingState.ACCREDITED])
def test_only_an_accredited_organisation_lets_its_staff_in(state: StandingState) -> None:
    facts = replace(GOOD, standing=StandingFacts(state=state, opened_on=date(2026, 1, 1)))
    assert policies.lapsed(facts, at=NOON) == (Condition.ORGANISATION_ACCREDITED,)


CHECK_EDGES = [
    # three years, to the day
    (check(date(2023, 6, 15)), True),
    (check(date(2023, 6, 14)), False),
    # the Update Service, seven days
    (check(date(2015, 1, 1), seen=date(2026, 6, 8)), True),
    (check(date(2015, 1, 1), seen=date(2026, 6, 7)), False),
    (check(date(2015, 1, 1), seen=date(2026, 6, 16)), False),
    (check(date(2015, 1, 1), seen=date(2026, 6, 15), barred=False), False),
    # what has not happened yet
    (check(date(2026, 6, 16)), False),
    (check(date(2026, 6, 15)), True),
]


@pytest.mark.parametrize(("one", "counts"), CHECK_EDGES)
def test_the_check_counts_for_three_years_or_seven_days_after_the_update_service(
    one: CheckFacts, *, counts: bool
) -> None:
    missing = policies.lapsed(replace(GOOD, checks=(one,)), at=NOON)
    assert missing == (() if counts else (Condition.CHECK_IN_DATE,))


def test_a_check_of_29_february_ends_on_28_february() -> None:
    facts = replace(
        GOOD, checks=(check(date(2024, 2, 29)),), training=(TrainingFacts(version=1, completed_on=date(2026, 9, 1)),)
    )
    assert Condition.CHECK_IN_DATE not in policies.lapsed(facts, at=datetime(2027, 2, 28, 23, 59, tzinfo=LONDON))
    assert Condition.CHECK_IN_DATE in policies.lapsed(facts, at=datetime(2027, 3, 1, tzinfo=LONDON))


def test_training_counts_for_twelve_months_to_the_day() -> None:
    facts = replace(GOOD, training=(TrainingFacts(version=1, completed_on=date(2025, 6, 15)),))
    assert policies.lapsed(facts, at=NOON) == ()
    assert policies.lapsed(facts, at=NOON + timedelta(days=1)) == (Condition.TRAINING_IN_DATE,)


def test_a_new_version_of_the_training_leaves_time_until_its_deadline() -> None:
    courses = (*GOOD.courses, CourseFacts(version=2, deadline_on=TODAY + timedelta(days=1)))
    assert policies.lapsed(replace(GOOD, courses=courses), at=NOON) == ()
    assert policies.lapsed(replace(GOOD, courses=courses), at=NOON + timedelta(days=1)) == (Condition.TRAINING_IN_DATE,)
    retrained = (*GOOD.training, TrainingFacts(version=2, completed_on=TODAY))
    assert policies.lapsed(replace(GOOD, courses=courses, training=retrained), at=NOON + timedelta(days=1)) == ()


def test_a_grant_is_half_open_and_its_midnight_is_that_of_england() -> None:
    grant = GrantFacts(
        role="social_worker", organisation="gss:E10000001", valid_from=TODAY, valid_to=TODAY + timedelta(days=1)
    )
    facts = replace(GOOD, grant=grant)
    # In June England is an hour ahead of UTC: the day begins and ends at 23:00 UTC.
    assert policies.lapsed(facts, at=datetime(2026, 6, 14, 22, 59, 59, tzinfo=UTC)) == (Condition.ROLE_ACTIVE,)
    assert policies.lapsed(facts, at=datetime(2026, 6, 14, 23, 0, tzinfo=UTC)) == ()
    assert policies.lapsed(facts, at=datetime(2026, 6, 15, 22, 59, 59, tzinfo=UTC)) == ()
    assert policies.lapsed(facts, at=datetime(2026, 6, 15, 23, 0, tzinfo=UTC)) == (Condition.ROLE_ACTIVE,)


def test_a_suspension_counts_from_its_very_instant() -> None:
    later = NOON + timedelta(seconds=1)
    assert policies.lapsed(replace(GOOD, suspended_at=later), at=NOON) == ()
    assert policies.lapsed(replace(GOOD, suspended_at=later), at=later) == (Condition.ACCOUNT_ACTIVE,)


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before in [None, *StandingState] for after in StandingState]
)
def test_a_standing_moves_only_as_the_table_says(before: StandingState | None, after: StandingState) -> None:
    allowed = MOVES[before] if before is not None else {StandingState.APPLIED}
    if after in allowed:
        policies.check_move(before, after)
    else:
        with pytest.raises(policies.MoveNotAllowed):
            policies.check_move(before, after)


def test_every_state_can_be_reached_and_none_is_a_dead_end() -> None:
    assert set(MOVES) == set(StandingState)
    assert set().union(*MOVES.values()) == set(StandingState)
    assert all(MOVES.values())


def test_condition_lines_say_the_last_day_of_each() -> None:
    grant = replace(GOOD.grant, valid_to=date(2026, 7, 1)) if GOOD.grant else None
    lines = {line.condition: line for line in policies.condition_lines(replace(GOOD, grant=grant), at=NOON)}
    assert set(lines) == set(Condition)
    assert lines[Condition.CHECK_IN_DATE].until == date(2028, 1, 1)
    assert lines[Condition.TRAINING_IN_DATE].until == date(2027, 1, 1)
    assert lines[Condition.ROLE_ACTIVE].until == date(2026, 6, 30)
    assert lines[Condition.ACCOUNT_ACTIVE].until is None
    assert all(line.met for line in lines.values())


days = st.one_of(
    st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    st.sampled_from([date(2024, 2, 29), date(2028, 2, 29), date(2025, 2, 28), date(2026, 3, 29), date(2026, 10, 25)]),
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
many_facts = st.builds(
    Facts,
    account_active=st.booleans(),
    suspended_at=st.none() | instants,
    second_factor=st.booleans(),
    grant=st.none()
    | st.builds(GrantFacts, role=st.just("r"), organisation=st.just("o"), valid_from=days, valid_to=st.none() | days),
    standing=st.none() | st.builds(StandingFacts, state=st.sampled_from(StandingState), opened_on=st.none() | days),
    checks=st.lists(
        st.builds(
            CheckFacts, issued_on=days, barred_list_checked=st.booleans(), update_service_current_on=st.none() | days
        ),
        max_size=2,
    ).map(tuple),
    training=st.lists(st.builds(TrainingFacts, version=st.integers(1, 3), completed_on=days), max_size=2).map(tuple),
    courses=st.lists(st.builds(CourseFacts, version=st.integers(1, 3), deadline_on=days), max_size=3).map(tuple),
    agreements=st.lists(
        st.builds(AgreementFacts, version=st.integers(1, 3), current_from=days, accepted=st.booleans()),
        max_size=3,
        unique_by=lambda agreement: agreement.version,
    ).map(tuple),
)


def same_day(day: date, years: int) -> date:
    target = day.year + years
    leap = target % 4 == 0 and (target % 100 != 0 or target % 400 == 0)
    return date(target, 2, 28) if (day.month, day.day) == (2, 29) and not leap else date(target, day.month, day.day)


def check_counts(one: CheckFacts, today: date) -> bool:
    seen = one.update_service_current_on
    young = today <= same_day(one.issued_on, 3)
    seen_lately = seen is not None and one.issued_on <= seen <= today and (today - seen).days <= 7
    return one.barred_list_checked and one.issued_on <= today and (young or seen_lately)


def training_counts(line: TrainingFacts, required: int, today: date) -> bool:
    return line.completed_on <= today <= same_day(line.completed_on, 1) and line.version >= required


def expected(facts: Facts, at: datetime) -> set[Condition]:
    """The gate said again, the other way round: what is met, and the required version rather than each one's deadline."""
    today = at.astimezone(LONDON).date()
    grant, standing = facts.grant, facts.standing
    required = max((course.version for course in facts.courses if course.deadline_on <= today), default=0)
    current = sorted((a.current_from, a.version, a.accepted) for a in facts.agreements if a.current_from <= today)
    met = {
        Condition.ACCOUNT_ACTIVE: facts.account_active and not (facts.suspended_at and facts.suspended_at <= at),
        Condition.SECOND_FACTOR: facts.second_factor,
        Condition.ROLE_ACTIVE: grant and grant.valid_from <= today < (grant.valid_to or date.max),
        Condition.ORGANISATION_ACCREDITED: standing and standing.state == "accredited",
        Condition.ORGANISATION_OPEN: standing and standing.opened_on and standing.opened_on <= today,
        Condition.CHECK_IN_DATE: any(check_counts(one, today) for one in facts.checks),
        Condition.TRAINING_IN_DATE: any(training_counts(line, required, today) for line in facts.training),
        Condition.AGREEMENT_ACCEPTED: current and current[-1][2],
    }
    return {condition for condition in Condition if not met[condition]}


def agree(facts: Facts, at: datetime) -> None:
    missing = policies.lapsed(facts, at=at)
    assert set(missing) == expected(facts, at)
    assert len(set(missing)) == len(missing)
    lines = policies.condition_lines(facts, at=at)
    assert {line.condition for line in lines if not line.met} == set(missing)
    for line in lines:
        if line.until is not None and line.condition is not Condition.ROLE_ACTIVE:
            assert line.met == (line.until >= policies.england_on(at))


@settings(max_examples=300, deadline=None)
@given(facts=many_facts, at=instants)
def test_the_gate_agrees_with_itself_said_another_way(facts: Facts, at: datetime) -> None:
    agree(facts, at)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(facts=many_facts, at=instants)
def test_the_gate_agrees_with_itself_ten_thousand_times(facts: Facts, at: datetime) -> None:
    agree(facts, at)
