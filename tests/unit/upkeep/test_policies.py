"""What may be done to keep an entry right, and by whom (R 1.17, 1.24, 1.26, 1.33)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from childindex.directory.types import ServiceType
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep import policies
from tests.unit.lookup.test_policies import line

ON = date(2026, 11, 22)


def service(code: str, sector: str, *, sensitive: bool = False) -> ServiceType:
    return ServiceType(
        code=code, name=code.title(), kind=code, sector=sector, coverage="additional", sensitive=sensitive
    )


SERVICES = [service("visiting", "health"), service("practice", "health"), service("clinic", "health", sensitive=True)]
SERVICES.append(service("school", "education"))


def test_only_ones_own_sectors_services_and_no_sensitive_one() -> None:
    assert [one.code for one in policies.services_of("health", SERVICES)] == ["practice", "visiting"]
    policies.check_service("visiting", sector="health", services=SERVICES)
    for code in ("school", "clinic", "unheard_of", ""):
        with pytest.raises(Denied) as denied:
            policies.check_service(code, sector="health", services=SERVICES)
        assert denied.value.refusal is Refusal.NOT_YOURS


def test_only_open_entries_are_written_to() -> None:
    policies.check_open(Tier.OPEN)
    for tier in (Tier.SHIELDED, Tier.SEALED):
        with pytest.raises(Denied):
            policies.check_open(tier)


def test_lines_of_other_children_sensitive_ones_and_none_are_refused_alike() -> None:
    child, plain = uuid4(), line(1, "gp")
    assert policies.check_reportable((child, plain), child_id=child) == plain
    answers = set()
    for found in (None, (uuid4(), plain), (child, line(2, "counselling", sensitive=True))):
        with pytest.raises(Denied) as denied:
            policies.check_reportable(found, child_id=child)
        answers.add((denied.value.refusal, denied.value.detail))
    assert answers == {(Refusal.NOT_FOUND, ())}


def test_only_ones_own_organisations_lines() -> None:
    policies.check_own(line(1, "gp"), organisation="ods:A00001")
    with pytest.raises(Denied) as denied:
        policies.check_own(line(1, "gp"), organisation="ods:A00002")
    assert denied.value.refusal is Refusal.NOT_YOURS


def test_days_that_have_been_and_not_before_it_began() -> None:
    policies.check_day(ON, on=ON)
    policies.check_day(ON, on=ON, not_before=ON)
    for day, not_before in ((ON + timedelta(days=1), None), (ON - timedelta(days=2), ON - timedelta(days=1))):
        with pytest.raises(Denied) as denied:
            policies.check_day(day, on=ON, not_before=not_before)
        assert denied.value.detail == ("day",)
