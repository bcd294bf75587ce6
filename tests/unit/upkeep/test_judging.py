"""When a decision about a record takes two people, what may be answered, and how facts stand side by side."""

from __future__ import annotations

from uuid import UUID

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep import policies, selectors
from childindex.upkeep.types import Answer, Because, Mark, Verdict

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("levels", "sensitive", "two"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"family_name": "differs", "nhs_number": "differs"}, False, True),
        ({"family_name": "differs", "upn": "differs", "nhs_number": "exact"}, False, True),
        ({"family_name": "former", "nhs_number": "differs"}, False, True),
        ({"family_name": "differs", "nhs_number": "exact"}, False, False),
        ({"family_name": "differs"}, False, False),
        ({"family_name": "exact", "nhs_number": "differs"}, False, False),
        ({"family_name": "close", "nhs_number": "differs"}, False, False),
    ],
)
def test_two_people(levels: dict[str, str], sensitive: bool, two: bool) -> None:
    assert policies.needs_second([{}, levels], sensitive=sensitive) is two


@pytest.mark.parametrize(
    ("verdict", "chosen", "allowed"),
    [
        (Verdict.LINKED, ONE, True),
        (Verdict.LINKED, OTHER, False),
        (Verdict.LINKED, None, False),
        (Verdict.NOT_LINKED, None, True),
        (Verdict.NOT_LINKED, ONE, False),
        (Verdict.UNSURE, None, True),
        (Verdict.UNSURE, ONE, False),
        (Verdict.NEW, None, False),
    ],
)
def test_answers(verdict: Verdict, chosen: UUID | None, allowed: bool) -> None:
    answer = Answer(verdict=verdict, chosen=chosen, because=Because.AS_SHOWN)
    if allowed:
        policies.check_answer(answer, shown=[ONE])
        return
    with pytest.raises(Denied) as denied:
        policies.check_answer(answer, shown=[ONE])
    assert denied.value.refusal is Refusal.NOT_ACCEPTED


@pytest.mark.parametrize(("first", "second"), [(None, ONE), (ONE, ONE), (ONE, None), (None, None)])
def test_no_second_person(first: UUID | None, second: UUID | None) -> None:
    with pytest.raises(Denied):
        policies.check_second(first, by=second)
    policies.check_second(ONE, by=OTHER)


def test_facts_side_by_side() -> None:
    """Every value any source gave; the model's word where it has one, plain comparison where not; nobody's facts left out."""
    record = Identity(
        family_name="Okonkwo", known_as="Ama", birth_date=PartialDate(2015, 3), former_family_name="Bello"
    )
    held = [
        Identity(family_name="Okonkwo", known_as="ama", birth_date=PartialDate(2015, 3, 14)),
        Identity(family_name="Okonkwu", former_family_name="Balogun"),
    ]
    levels = {"family_name": "exact", "birth_date": "month_agrees"}
    rows = {row.fact: row for row in selectors.side_by_side(record, [(levels, held), ({}, [])])}
    assert set(rows) == {"family_name", "known_as", "former_family_name", "birth_date"}
    assert [cell.values for cell in rows["family_name"].cells] == [("Okonkwo", "Okonkwu"), ()]
    marks = {fact: [cell.mark for cell in row.cells] for fact, row in rows.items()}
    assert marks == {
        "family_name": [Mark.SAME, Mark.MISSING],
        "birth_date": [Mark.CLOSE, Mark.MISSING],
        "known_as": [Mark.SAME, Mark.MISSING],
        "former_family_name": [Mark.DIFFERS, Mark.MISSING],
    }
