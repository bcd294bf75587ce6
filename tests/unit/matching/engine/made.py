"""Records and candidates for the engine's tests, from the few facts a test is about."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.matching.engine.levels import FIELD_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import Candidate, Match, score

AMY = Identity(
    family_name="Hargreave",
    given_name="Amy",
    middle_names="Louise",
    birth_date=PartialDate(2014, 3, 9),
    sex=Sex.FEMALE,
    nhs_number="9990000018",
    address="14 Mill Road, Saltwick",
    postcode="ZB1 2CD",
    carers=(Carer(name="Joan Hargreave", phone="0113 496 0001"),),
)


def identity(**facts: Any) -> Identity:
    """Amy, with other facts."""
    born = facts.get("birth_date")
    if isinstance(born, str):
        facts["birth_date"] = PartialDate.parse(born)
    return replace(AMY, **facts)


def record(**facts: Any) -> Standardised:
    """Amy's record, with other facts."""
    return standardise(identity(**facts))


def bare(**facts: Any) -> Standardised:
    """A record of nothing but these facts."""
    born = facts.get("birth_date")
    if isinstance(born, str):
        facts["birth_date"] = PartialDate.parse(born)
    return standardise(Identity(**facts))


def child(key: Hashable, *records: Standardised) -> Candidate:
    """A child who holds these records."""
    return Candidate(key=key, records=records)


def match(query: Standardised, *records: Standardised, model: Model | None = None) -> Match:
    """The query against one child of these records."""
    return score(model or load_model(), query, [child("child", *records)])[0]


def level(of: Field, query: Standardised, *records: Standardised) -> Level:
    """How far one fact of the query agrees with a child."""
    return match(query, *records).level(of)


def levels_of(row: Any) -> dict[Field, Level]:
    """A row of level numbers as levels by field."""
    return {of: LEVELS[row[FIELD_NUMBER[of]]] for of in Field}
