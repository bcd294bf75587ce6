"""The facts that are compared, and how far two values of a fact can agree."""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    """One comparison of the model."""

    GIVEN = "given_name"
    FAMILY = "family_name"
    MIDDLE = "middle_names"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    ADDRESS = "address"
    CARERS = "carers"


class Level(StrEnum):
    """How far two values agree. Which levels a field can have is in the model file."""

    MISSING = "missing"
    EXACT = "exact"
    PROPERTY = "property"
    FORMER = "former"
    TRANSLITERATION = "transliteration"
    NICKNAME = "nickname"
    SOUNDS_ALIKE = "sounds_alike"
    CLOSE = "close"
    INITIAL = "initial"
    PART = "part"
    MIDDLE = "middle"
    CALLED = "called"
    SWAPPED = "swapped"
    SIMILAR = "similar"
    FIRST_OF_JANUARY = "first_of_january"
    DAY_MONTH_SWAPPED = "day_month_swapped"
    ONE_DIGIT = "one_digit"
    TWO_PARTS_AGREE = "two_parts_agree"
    MONTH_AGREES = "month_agrees"
    YEAR_ONLY_AGREES = "year_only_agrees"
    POSTCODE = "postcode"
    STREET = "street"
    SECTOR = "sector"
    PHONE = "phone"
    DIFFERS = "differs"
    UNNAMED_TWIN = "unnamed_twin"
    SWAPPED_ALIKE = "swapped_alike"
    ALIKE_90 = "alike_90"
    ALIKE_80 = "alike_80"
    ALIKE_70 = "alike_70"
    ALIKE_60 = "alike_60"
    ALIKE_50 = "alike_50"


FIELDS: tuple[Field, ...] = tuple(Field)
LEVELS: tuple[Level, ...] = tuple(Level)
FIELD_NUMBER: dict[Field, int] = {field: number for number, field in enumerate(FIELDS)}
LEVEL_NUMBER: dict[Level, int] = {level: number for number, level in enumerate(LEVELS)}

# What a person is, as one source wrote it down: taken together from one record.
PERSON_FIELDS: tuple[Field, ...] = (Field.GIVEN, Field.FAMILY, Field.MIDDLE, Field.BIRTH_DATE, Field.SEX)
# What surrounds a person and changes: any record may give it.
CONTEXT_FIELDS: tuple[Field, ...] = (Field.NHS_NUMBER, Field.UPN, Field.ADDRESS, Field.CARERS)
# What brothers and sisters share; together it may only count so much.
HOUSEHOLD_FIELDS: tuple[Field, ...] = (Field.FAMILY, Field.ADDRESS, Field.CARERS)
# Addresses that are one home.
SAME_HOME: frozenset[Level] = frozenset({Level.EXACT, Level.PROPERTY, Level.STREET})
# What a tolerant model looks for beyond all else, and so has to give a weight.
_OF_NAMES: tuple[Level, ...] = (Level.SWAPPED_ALIKE, Level.ALIKE_70, Level.ALIKE_60)
TOLERANT_LEVELS: dict[Field, tuple[Level, ...]] = {
    Field.GIVEN: _OF_NAMES,
    Field.FAMILY: _OF_NAMES,
    Field.ADDRESS: (Level.ALIKE_90, Level.ALIKE_80, Level.ALIKE_70, Level.ALIKE_60, Level.ALIKE_50),
}
# Levels that say little: a fuller value on another record of the same child is heard before them.
WEAK_LEVELS: frozenset[Level] = frozenset(
    {Level.MISSING, Level.UNNAMED_TWIN, Level.INITIAL, Level.MONTH_AGREES, Level.YEAR_ONLY_AGREES}
)
