"""From a child's page, as the web's login: declare, end, confirm, say that a number is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from childindex.involvement import selectors, services
from childindex.involvement.types import Area, Declaration
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied
from childindex.shielding.types import Ground
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import (
    AT,
    DAY,
    PRACTICE,
    a_receipt,
    a_record,
    an_involvement,
    deliver,
    rows,
    worker,
)

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]


@pytest.fixture
def child(register: None) -> Any:
    """An open child with a lead professional from a delivery."""
    lead = an_involvement("social_work", lead_professional=True, started_on=date(2024, 1, 1))
    deliver(a_record("care", involvements=(lead,)))
    return rows("SELECT id FROM children_child")[0][0]


@pytest.fixture
def web(child: Any, as_role: Callable[[str], AbstractContextManager[None]]) -> Iterator[None]:
    """From here on the process serves pages."""
    with as_role("web"):
        yield


def declare(child: Any, **facts: Any) -> UUID:
    """Say that a practice works with the child."""
    by = facts.pop("by", None) or uuid4()
    given: dict[str, Any] = {
        "service_type": "gp",
        "organisation": PRACTICE,
        "role": "Nurse",
        "practitioner_name": "Pat Reed",
        "phone": "0161 496 0002",
        "email": "pat@example.org",
        "started_on": DAY,
    }
    return services.declare(child, Declaration(**{**given, **facts}), by=by, receipt=a_receipt(), at=AT)


@pytest.mark.usefixtures("web")
def test_a_practitioner_declares_confirms_and_ends_an_involvement(child: Any) -> None:
    """One line, its source the practitioner, its end kept (R 1.33)."""
    made = declare(child)
    services.confirm(made, on=date(2026, 11, 20), receipt=a_receipt())
    services.report_phone(made, on=date(2026, 11, 21), receipt=a_receipt())
    found = selectors.line(made, receipt=a_receipt())
    assert found is not None
    whose, line = found
    assert (whose, line.source, line.as_of) == (child, "practitioner", AT.date())
    assert (line.confirmed_on, line.phone_reported_on) == (date(2026, 11, 20), date(2026, 11, 21))
    services.end(made, on=date(2020, 1, 1), receipt=a_receipt())
    services.end(made, on=date(2027, 1, 1), receipt=a_receipt())
    assert [one.ended_on for one in selectors.of_child(child, receipt=a_receipt())] == [None, DAY]
    assert selectors.line(uuid4(), receipt=a_receipt()) is None


@pytest.mark.usefixtures("web")
def test_who_leads_comes_first_and_a_later_claim_takes_over(child: Any) -> None:
    """The prior lead is kept, and is no longer the lead (R 1.19)."""
    declare(child)
    assert [one.source for one in selectors.of_child(child, receipt=a_receipt())] == ["care", "practitioner"]
    with transaction.atomic():
        declare(child, lead=True, started_on=date(2026, 11, 2))
    lines = selectors.of_child(child, receipt=a_receipt())
    assert [(one.source, one.lead_professional) for one in lines] == [
        ("practitioner", True),
        ("practitioner", False),
        ("care", False),
    ]


@pytest.mark.usefixtures("web")
def test_what_may_not_be_declared(child: Any) -> None:
    """A service that is not on the list (R 1.17), and a sensitive one that nobody decided about (R 1.24)."""
    with pytest.raises(Denied):
        declare(child, service_type="chess_club")
    with pytest.raises(Denied):
        declare(child, service_type="counselling")
    assert len(selectors.of_child(child, receipt=a_receipt())) == 1


@pytest.mark.usefixtures("web")
def test_the_same_said_twice_is_one_involvement(child: Any) -> None:
    """A form sent twice makes no second line; after it ended, or from a colleague, it is another one."""
    me = uuid4()
    first = declare(child, by=me)
    assert declare(child, by=me) == first
    assert len(selectors.of_child(child, receipt=a_receipt())) == 2
    services.end(first, on=DAY, receipt=a_receipt())
    assert declare(child, by=me) != first
    assert declare(child) != first
    assert len(selectors.of_child(child, receipt=a_receipt())) == 4


@pytest.mark.parametrize(
    "wrong",
    ["source = 'gp', reference = 'x'", "sensitive = true", "recorded_by = NULL", "consent_id = gen_random_uuid()"],
)
def test_a_page_puts_in_declarations_and_nothing_else(
    child: Any, wrong: str, as_role: Callable[[str], AbstractContextManager[None]]
) -> None:
    """Whatever the web's code does, its login cannot speak for a supplier or list a sensitive service (R 1.24)."""
    with as_role("web"):
        made = declare(child)
    copied = (
        "CREATE TEMPORARY TABLE copied AS SELECT * FROM involvement_involvement WHERE id = %s;"
        "UPDATE copied SET id = gen_random_uuid(), reference = 'again', ended_on = '2026-11-02';"
    )
    with as_role("web"), connection.cursor() as cursor:
        cursor.execute(copied.replace("%s", f"'{made}'"))
        cursor.execute("INSERT INTO involvement_involvement SELECT * FROM copied")
        cursor.execute("UPDATE copied SET id = gen_random_uuid(), reference = 'more'")
        cursor.execute("UPDATE copied SET " + wrong)  # noqa: S608 - a constant of this test
        with pytest.raises(ProgrammingError, match="a page can only declare"):
            cursor.execute("INSERT INTO involvement_involvement SELECT * FROM copied")


def test_a_sensitive_service_counts_only_while_its_decision_stands(
    child: Any, as_role: Callable[[str], AbstractContextManager[None]]
) -> None:
    """Withdrawn, not even the line that names no service is shown (R 1.24, 1.26)."""
    deliver(a_record("clinic", involvements=(an_involvement("counselling"),)))
    area = Area(kind_of={}, sensitive_kinds=frozenset(), answers=())

    def shown() -> bool:
        with as_role("web"):
            return selectors.shown(child, area=area, sector="health", on=DAY, receipt=a_receipt()).sensitive_service

    assert shown()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consent_decision SET withdrawn_at = %s", [AT])
    assert not shown()


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("column", ["basis", "decided_by", "service_type", "organisation", "child_id"])
def test_a_page_reads_nothing_of_a_decision_but_whether_it_stands(child: Any, column: str) -> None:
    """Neither who decided nor about which service (T07)."""
    assert child
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows("SELECT " + column + " FROM consent_decision")  # noqa: S608 - a constant of this test


def test_a_page_that_was_open_before_the_shield_adds_nothing(
    child: Any, as_role: Callable[[str], AbstractContextManager[None]]
) -> None:
    """The database refuses the line, and the child's lines are not there any more."""
    ((number,),) = rows("SELECT index_number FROM children_child")
    protect_child(actor=worker(), index_number=number, tier=Tier.SHIELDED, ground=Ground.SIGNIFICANT_HARM, at=AT)
    with as_role("web"):
        assert selectors.of_child(child, receipt=a_receipt()) == ()
        with pytest.raises(IntegrityError):
            declare(child)


def test_a_new_number_answers_the_report_that_the_old_one_is_wrong(child: Any) -> None:
    """The same number leaves the report standing."""
    ((line,),) = rows("SELECT id FROM involvement_involvement")
    services.report_phone(line, on=DAY, receipt=a_receipt())
    same = an_involvement("social_work", lead_professional=True, started_on=date(2024, 1, 1), team="East")
    deliver(a_record("care", involvements=(same,), updated_on=date(2026, 11, 2)), as_at=date(2026, 11, 2))
    assert rows("SELECT team, phone_reported_on FROM involvement_involvement") == [("East", DAY)]
    mended = an_involvement("social_work", lead_professional=True, started_on=date(2024, 1, 1), phone="0161 496 0009")
    deliver(a_record("care", involvements=(mended,), updated_on=date(2026, 11, 3)), as_at=date(2026, 11, 3))
    assert rows("SELECT phone, phone_reported_on FROM involvement_involvement") == [("0161 496 0009", None)]
