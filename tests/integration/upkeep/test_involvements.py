"""What practitioners say of involvements: allowed, refused beside it, and written down either way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from childindex.access.types import Actor
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import InvolvementView, OpenChildView
from childindex.upkeep.usecases import involvements as upkeep
from tests.factories.index import rows
from tests.integration.lookup.conftest import AMARA, Index, Ledger, opened
from tests.integration.lookup.test_search import JONAH

Make = Callable[..., Actor]
DAY = date(2026, 11, 1)


def lines(actor: Actor, handle: str, *, at: datetime) -> tuple[InvolvementView, ...]:
    """Everything on the child's page, current then ended."""
    view = lookup.view_child(actor=actor, handle=handle, at=at)
    assert isinstance(view, OpenChildView)
    return (*view.involvements, *view.ended)


def refusal(call: Callable[[], object]) -> Refusal:
    with pytest.raises(Denied) as denied:
        call()
    return denied.value.refusal


def test_declaring_confirming_and_ending_ones_own_involvement(
    teacher: Actor, index: Index, ledger: Ledger, at: datetime
) -> None:
    handle = opened(teacher, AMARA, at=at)
    offer = upkeep.prepare_declaration(actor=teacher, handle=handle, at=at)
    assert [(one.code, one.name) for one in offer.services] == [("school", "School")]
    start = len(ledger())
    day = at.date() - timedelta(days=7)
    done = upkeep.declare_involvement(actor=teacher, handle=handle, service_type="school", started_on=day, at=at)
    [mine] = [line for line in lines(teacher, handle, at=at) if line.own]
    assert mine.id == done.involvement
    assert (mine.practitioner, mine.role, mine.organisation) == (teacher.name, teacher.role_name, "Hill School")
    assert mine.phone
    assert mine.started_on == day
    assert mine.origin.by == f"{teacher.name}, Hill School"
    upkeep.confirm_involvement(actor=teacher, handle=handle, involvement_id=mine.id, at=at)
    [confirmed] = [line for line in lines(teacher, handle, at=at) if line.own]
    assert confirmed.confirmed_on == at.date()
    upkeep.end_involvement(actor=teacher, handle=handle, involvement_id=mine.id, ended_on=at.date(), at=at)
    assert [line for line in lines(teacher, handle, at=at) if line.own] == []  # a school sees nothing that has ended
    events = [line for line in ledger()[start:] if line["event"].startswith("involvement")]
    assert [line["event"] for line in events] == [
        "involvement:entry:added",
        "involvement:entry:confirmed",
        "involvement:entry:ended",
    ]
    assert {(line["outcome"], line["reason"], tuple(line["children"])) for line in events} == {
        ("done", "contact", (index.ids["Amara"],))
    }


def test_what_may_not_be_declared(teacher: Actor, index: Index, ledger: Ledger, at: datetime) -> None:
    """Another sector's service, a sensitive one, a day to come, a shielded child, without a visit: each written down."""
    handle, shielded = opened(teacher, AMARA, at=at), opened(teacher, JONAH, at=at)
    start = len(ledger())

    def declare(handle: str = handle, service: str = "school", day: date = DAY) -> Callable[[], object]:
        return lambda: upkeep.declare_involvement(
            actor=teacher, handle=handle, service_type=service, started_on=day, at=at
        )

    assert refusal(declare(service="social_work")) is Refusal.NOT_YOURS
    assert refusal(declare(service="counselling")) is Refusal.NOT_YOURS
    assert refusal(declare(day=at.date() + timedelta(days=1))) is Refusal.NOT_ACCEPTED
    assert refusal(declare(day=date(2010, 1, 1))) is Refusal.NOT_ACCEPTED
    assert refusal(declare(handle=shielded)) is Refusal.NOT_FOUND
    assert refusal(declare(handle="made-up")) is Refusal.ADDRESS_EXPIRED
    prepare = lambda: upkeep.prepare_declaration(actor=teacher, handle=shielded, at=at)  # noqa: E731
    assert refusal(prepare) is Refusal.NOT_FOUND
    assert [(line["outcome"], line["children"]) for line in ledger()[start:]] == [("refused", [])] * 7
    assert not [line for line in lines(teacher, handle, at=at) if line.own]


def test_whose_lines_may_be_confirmed_and_ended(teacher: Actor, actor: Make, index: Index, at: datetime) -> None:
    """The social worker's own council's line yes; the teacher's attempt at it no, nor anybody's at a hidden one."""
    worker = actor()
    handle, school = opened(worker, AMARA, at=at), opened(teacher, AMARA, at=at)
    [line] = [line for line in lines(worker, handle, at=at) if line.own]
    upkeep.confirm_involvement(actor=worker, handle=handle, involvement_id=line.id, at=at)
    for attempt in (
        lambda: upkeep.confirm_involvement(actor=teacher, handle=school, involvement_id=line.id, at=at),
        lambda: upkeep.end_involvement(actor=teacher, handle=school, involvement_id=line.id, ended_on=at.date(), at=at),
    ):
        assert refusal(attempt) is Refusal.NOT_YOURS
    with index.as_role("worker"):
        hidden = sensitive_line()
    for nobody in (hidden, uuid4()):
        for call in (upkeep.confirm_involvement, upkeep.report_phone):
            with pytest.raises(Denied) as denied:
                call(actor=worker, handle=handle, involvement_id=nobody, at=at)
            assert denied.value.refusal is Refusal.NOT_FOUND


def sensitive_line() -> UUID:
    [(line,)] = rows("SELECT id FROM involvement_involvement WHERE sensitive")
    return UUID(str(line))


def test_a_wrong_number_is_marked_and_its_organisation_gets_a_case(
    teacher: Actor, actor: Make, index: Index, ledger: Ledger, connect: Callable[..., object], at: datetime
) -> None:
    handle = opened(teacher, AMARA, at=at)
    line = next(line for line in lines(teacher, handle, at=at) if line.lead)
    upkeep.report_phone(actor=teacher, handle=handle, involvement_id=line.id, at=at)
    again = next(line for line in lines(teacher, handle, at=at) if line.lead)
    assert again.phone_reported_on == at.date()
    found = connect("owner").execute("SELECT kind, owner, code, involvement_id, opened_for FROM cases_case")  # type: ignore[attr-defined]
    assert found.fetchall() == [("phone_report", "gss:E08000003", "number_wrong", line.id, "urn:100001")]
    assert ledger()[-2]["event"] == "involvement:phone:reported"


def test_somebody_who_only_passes_changes_nothing(actor: Make, index: Index, at: datetime) -> None:
    """An emergency practitioner looks and reports a number, and declares nothing (R 2.06)."""
    passing = actor(role="emergency_practitioner")
    handle = opened(passing, AMARA, at=at)
    line = lines(passing, handle, at=at)[0]
    attempt = lambda: upkeep.declare_involvement(  # noqa: E731
        actor=passing, handle=handle, service_type="social_work", started_on=at.date(), at=at
    )
    assert refusal(attempt) is Refusal.NOT_PERMITTED
    upkeep.report_phone(actor=passing, handle=handle, involvement_id=line.id, at=at)
