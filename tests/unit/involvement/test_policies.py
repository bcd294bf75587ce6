"""What of an involvement may be shown, to whom, and how sure it is (R 1.26, 1.34, 6.11; N 1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from childindex.involvement import policies
from childindex.involvement.types import Area, InvolvementLine, Standing
from tests.unit.lookup.test_policies import RECEIPT, line

ON = date(2026, 11, 22)
AREA = Area(
    kind_of={"gp": "gp", "school": "school", "social_work": "social_care", "counselling": "clinic", "cells": "clinic"},
    sensitive_kinds=frozenset({"clinic"}),
    answers=((("gp",), date(2026, 11, 1)), (("school",), date(2026, 11, 3)), (("school",), date(2026, 10, 1))),
)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 11, 22), 6, date(2026, 5, 22)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2024, 8, 31), 6, date(2024, 2, 29)),
        (date(2026, 3, 30), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_earlier(day: date, months: int, earlier: date) -> None:
    assert policies.months_before(day, months) == earlier


@pytest.mark.parametrize(
    ("ended_on", "ended", "shown"),
    [
        (None, False, False),
        (date(2026, 11, 23), False, False),
        (date(2026, 11, 22), True, True),
        (date(2025, 11, 23), True, True),
        (date(2025, 11, 22), True, False),
    ],
)
def test_ended_involvements_stay_in_sight_for_twelve_months(ended_on: date | None, *, ended: bool, shown: bool) -> None:
    one = line(1, "gp", ended_on=ended_on)
    assert policies.is_ended(one, on=ON) is ended
    assert policies.is_shown_ended(one, on=ON) is shown


@pytest.mark.parametrize(
    ("as_of", "confirmed_on", "since"),
    [
        (date(2026, 5, 22), None, None),
        (date(2026, 5, 21), None, date(2026, 5, 21)),
        (date(2026, 1, 1), date(2026, 5, 22), None),
        (date(2026, 1, 1), date(2026, 5, 21), date(2026, 5, 21)),
        (date(2026, 5, 22), date(2026, 1, 1), None),
    ],
)
def test_unconfirmed_after_six_months(as_of: date, confirmed_on: date | None, since: date | None) -> None:
    assert policies.unconfirmed_since(line(1, "gp", as_of=as_of, confirmed_on=confirmed_on), on=ON) == since


def secret(number: int = 9, **facts: object) -> InvolvementLine:
    return line(number, "counselling", sensitive=True, **facts)


def shown(*lines: InvolvementLine, sector: str = "social_care") -> object:
    return policies.shown(lines, area=AREA, sector=sector, receipt=RECEIPT, on=ON)


def test_the_sensitive_line_is_the_same_whatever_the_number_and_the_class() -> None:
    """One, three, another class, lead professional, reported, with an assessment: nothing about them comes through."""
    plain = line(1, "gp")
    one = shown(plain, secret())
    assert one == shown(plain, secret(9), secret(10), secret(11))
    assert one == shown(plain, line(9, "cells", sensitive=True, as_of=date(2020, 1, 1)))
    assert one == shown(plain, secret(lead_professional=True, phone_reported_on=ON, confirmed_on=ON))
    assert one != shown(plain)


def test_a_sensitive_service_that_has_ended_leaves_nothing() -> None:
    assert shown(line(1, "gp"), secret(ended_on=date(2026, 11, 1))) == shown(line(1, "gp"))


def test_schools_are_not_told_at_all() -> None:
    assert shown(line(1, "gp"), secret(), sector="education") == shown(line(1, "gp"), sector="education")


def honesty(*lines: InvolvementLine, area: Area = AREA) -> dict[str, tuple[Standing, date | None]]:
    return {one.kind: (one.standing, one.as_of) for one in policies.honesty_lines(lines, area=area, on=ON)}


def test_the_four_things_that_can_be_said_of_a_kind_of_service() -> None:
    assert honesty(line(1, "gp", as_of=date(2026, 11, 2))) == {
        "clinic": (Standing.WITHHELD, None),
        "gp": (Standing.INVOLVED, date(2026, 11, 2)),
        "school": (Standing.NOT_INVOLVED, date(2026, 10, 1)),
        "social_care": (Standing.NOT_SUPPLIED, None),
    }


def test_a_sensitive_kind_is_withheld_for_every_child() -> None:
    assert honesty(secret())["clinic"] == honesty(line(1, "gp"))["clinic"] == (Standing.WITHHELD, None)


def test_a_supplier_that_has_never_answered_says_nothing() -> None:
    silent = replace(AREA, answers=(*AREA.answers, (("school",), None)))
    assert honesty(line(1, "gp"), area=silent)["school"] == (Standing.NOT_SUPPLIED, None)


def test_an_ended_involvement_is_not_one() -> None:
    assert honesty(line(1, "gp", ended_on=date(2026, 11, 1)))["gp"] == (Standing.NOT_INVOLVED, date(2026, 11, 1))


def test_what_was_declared_counts_where_nothing_is_supplied() -> None:
    found = honesty(line(1, "social_work", as_of=date(2026, 11, 20)))
    assert found["social_care"] == (Standing.INVOLVED, date(2026, 11, 20))


def test_ids_of_unconfirmed_lines_are_those_shown() -> None:
    old = line(3, "gp", as_of=date(2026, 1, 1))
    found = policies.shown([old], area=AREA, sector="health", receipt=old.receipt, on=ON)
    assert found.unconfirmed == {UUID(int=3): date(2026, 1, 1)}
