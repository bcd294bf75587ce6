"""Reading proposals, as the worker alone may, and setting a record beside the children it may belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from childindex.children.types import ChildSummary
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Identity, Sex
from childindex.kernel.numbers import spaced_index_number
from childindex.matching.engine.levels import Field, Level
from childindex.matching.types import Weighed
from childindex.upkeep import models
from childindex.upkeep.types import FactCell, FactRow, Mark, NamedChild, ProposedChild

# Every field of an identity, as a person reads it; what the model compares is named as the model names it.
_FACTS: Final[Mapping[str, Callable[[Identity], str]]] = {
    Field.GIVEN.value: lambda who: who.given_name,
    Field.FAMILY.value: lambda who: who.family_name,
    Field.MIDDLE.value: lambda who: who.middle_names,
    "known_as": lambda who: who.known_as,
    "former_family_name": lambda who: who.former_family_name,
    Field.BIRTH_DATE.value: lambda who: str(who.birth_date or ""),
    Field.SEX.value: lambda who: "" if who.sex is Sex.UNKNOWN else who.sex.value,
    Field.NHS_NUMBER.value: lambda who: who.nhs_number,
    Field.UPN.value: lambda who: who.upn,
    Field.ADDRESS.value: lambda who: ", ".join(part for part in (who.address, who.postcode) if part),
    Field.CARERS.value: lambda who: "; ".join(
        " ".join(part for part in (carer.name, carer.phone) if part) for carer in who.carers
    ),
}
_COMPARED: Final = frozenset(field.value for field in Field)
_MARKS: Final = {Level.EXACT.value: Mark.SAME, Level.MISSING.value: Mark.MISSING, Level.DIFFERS.value: Mark.DIFFERS}


def waiting(proposal_id: UUID) -> ProposedChild | None:
    """A proposal that has not been compared yet; None when there is none of that id or it has been."""
    row = models.Proposal.objects.filter(id=proposal_id, matched_at__isnull=True).first()
    if row is None:
        return None
    return ProposedChild(
        family_name=row.family_name,
        given_name=row.given_name,
        birth_date=PartialDate.parse(row.birth_date),
        sex=Sex(row.sex),
        postcode=row.postcode,
        nhs_number=row.nhs_number,
    )


def side_by_side(
    record: Identity, children: Sequence[tuple[Mapping[str, str], Sequence[Identity]]]
) -> tuple[FactRow, ...]:
    """Every fact of a record beside what the sources of each child gave, differences marked; facts nobody gave are left out.

    Each child comes with the model's levels by field, and the identities its sources gave.
    """
    rows = []
    for fact, of in _FACTS.items():
        given = of(record)
        cells = tuple(_cell(fact, given, levels, [of(who) for who in identities]) for levels, identities in children)
        if given or any(cell.values for cell in cells):
            rows.append(FactRow(fact=fact, given=given, cells=cells))
    return tuple(rows)


def _cell(fact: str, given: str, levels: Mapping[str, str], held: Sequence[str]) -> FactCell:
    values = tuple(dict.fromkeys(value for value in held if value))
    if fact in _COMPARED:
        level = levels.get(fact, Level.MISSING.value)
        return FactCell(values=values, mark=_MARKS.get(level, Mark.CLOSE), level=level)
    if not given or not values:
        return FactCell(values=values, mark=Mark.MISSING, level="")
    same = given.casefold() in {value.casefold() for value in values}
    return FactCell(values=values, mark=Mark.SAME if same else Mark.DIFFERS, level="")


def named_child(summary: ChildSummary, *, weighed: Weighed | None = None) -> NamedChild:
    """A child beside a record, as the page of a pair names them."""
    return NamedChild(
        receipt=summary.receipt,
        id=summary.id,
        name=f"{summary.given_name} {summary.family_name}".strip(),
        birth_date=summary.birth_date,
        index_number=spaced_index_number(summary.index_number),
        score=weighed.candidate.score if weighed else None,
        words=weighed.words if weighed else "",
    )
