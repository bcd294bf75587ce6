"""What a match found, in words. The one table of English sentences; pages may translate each by its field and level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from childindex.matching.engine.levels import FIELDS, Field, Level
from childindex.matching.engine.scorer import FieldResult, Match

WORDS: Final[dict[tuple[Field, Level], str]] = {
    (Field.BIRTH_DATE, Level.EXACT): "same date of birth",
    (Field.BIRTH_DATE, Level.FIRST_OF_JANUARY): "same date of birth, 1 January",
    (Field.BIRTH_DATE, Level.DAY_MONTH_SWAPPED): "day and month of birth swapped",
    (Field.BIRTH_DATE, Level.ONE_DIGIT): "date of birth differs in one digit",
    (Field.BIRTH_DATE, Level.TWO_PARTS_AGREE): "date of birth agrees in two parts of three",
    (Field.BIRTH_DATE, Level.MONTH_AGREES): "same month and year of birth",
    (Field.BIRTH_DATE, Level.YEAR_ONLY_AGREES): "same year of birth",
    (Field.BIRTH_DATE, Level.DIFFERS): "date of birth differs",
    (Field.BIRTH_DATE, Level.MISSING): "date of birth not given",
    (Field.GIVEN, Level.EXACT): "same given name",
    (Field.GIVEN, Level.TRANSLITERATION): "given name spelt another way",
    (Field.GIVEN, Level.NICKNAME): "given name is a short or pet form",
    (Field.GIVEN, Level.SOUNDS_ALIKE): "given name sounds alike",
    (Field.GIVEN, Level.CLOSE): "given name nearly the same",
    (Field.GIVEN, Level.INITIAL): "same initial of the given name",
    (Field.GIVEN, Level.PART): "part of the given name is the same",
    (Field.GIVEN, Level.MIDDLE): "given name is a middle name of the other",
    (Field.GIVEN, Level.CALLED): "one of them is called by a middle name",
    (Field.GIVEN, Level.SWAPPED): "given and family name swapped",
    (Field.GIVEN, Level.SIMILAR): "a similar but different given name",
    (Field.GIVEN, Level.DIFFERS): "given name differs",
    (Field.GIVEN, Level.UNNAMED_TWIN): "a twin without a name yet",
    (Field.GIVEN, Level.ALIKE_70): "given name alike in seven letters of ten",
    (Field.GIVEN, Level.ALIKE_60): "given name alike in six letters of ten",
    (Field.GIVEN, Level.SWAPPED_ALIKE): "given and family name swapped and nearly the same",
    (Field.GIVEN, Level.MISSING): "given name not given",
    (Field.FAMILY, Level.EXACT): "same family name",
    (Field.FAMILY, Level.FORMER): "same family name as before",
    (Field.FAMILY, Level.TRANSLITERATION): "family name spelt another way",
    (Field.FAMILY, Level.SOUNDS_ALIKE): "family name sounds alike",
    (Field.FAMILY, Level.CLOSE): "family name nearly the same",
    (Field.FAMILY, Level.INITIAL): "same initial of the family name",
    (Field.FAMILY, Level.PART): "part of the family name is the same",
    (Field.FAMILY, Level.SWAPPED): "given and family name swapped",
    (Field.FAMILY, Level.DIFFERS): "family name differs",
    (Field.FAMILY, Level.ALIKE_70): "family name alike in seven letters of ten",
    (Field.FAMILY, Level.ALIKE_60): "family name alike in six letters of ten",
    (Field.FAMILY, Level.SWAPPED_ALIKE): "given and family name swapped and nearly the same",
    (Field.FAMILY, Level.MISSING): "family name not given",
    (Field.MIDDLE, Level.EXACT): "same middle names",
    (Field.MIDDLE, Level.PART): "a middle name is the same",
    (Field.MIDDLE, Level.INITIAL): "same initial of a middle name",
    (Field.MIDDLE, Level.CLOSE): "middle name nearly the same",
    (Field.MIDDLE, Level.DIFFERS): "middle names differ",
    (Field.MIDDLE, Level.MISSING): "middle names not given",
    (Field.SEX, Level.EXACT): "same sex",
    (Field.SEX, Level.DIFFERS): "sex differs",
    (Field.SEX, Level.MISSING): "sex not given",
    (Field.NHS_NUMBER, Level.EXACT): "same NHS number",
    (Field.NHS_NUMBER, Level.ONE_DIGIT): "NHS number one digit off",
    (Field.NHS_NUMBER, Level.DIFFERS): "NHS number differs",
    (Field.NHS_NUMBER, Level.MISSING): "NHS number not given",
    (Field.UPN, Level.EXACT): "same pupil number",
    (Field.UPN, Level.ONE_DIGIT): "pupil number one digit off",
    (Field.UPN, Level.DIFFERS): "pupil number differs",
    (Field.UPN, Level.MISSING): "pupil number not given",
    (Field.ADDRESS, Level.PROPERTY): "same property",
    (Field.ADDRESS, Level.EXACT): "same address",
    (Field.ADDRESS, Level.POSTCODE): "same postcode",
    (Field.ADDRESS, Level.STREET): "same house number and street",
    (Field.ADDRESS, Level.SECTOR): "nearby postcode",
    (Field.ADDRESS, Level.DIFFERS): "address differs",
    (Field.ADDRESS, Level.ALIKE_90): "address alike in nine letters of ten",
    (Field.ADDRESS, Level.ALIKE_80): "address alike in eight letters of ten",
    (Field.ADDRESS, Level.ALIKE_70): "address alike in seven letters of ten",
    (Field.ADDRESS, Level.ALIKE_60): "address alike in six letters of ten",
    (Field.ADDRESS, Level.ALIKE_50): "address alike in half its letters",
    (Field.ADDRESS, Level.MISSING): "address not given",
    (Field.CARERS, Level.EXACT): "same carer",
    (Field.CARERS, Level.PHONE): "same carer's telephone",
    (Field.CARERS, Level.PART): "a carer's first name is the same",
    (Field.CARERS, Level.DIFFERS): "carers differ",
    (Field.CARERS, Level.MISSING): "carers not given",
}

# The order in which a person wants to hear it: what identifies a child first.
_READING_ORDER: Final = (
    Field.NHS_NUMBER, Field.UPN, Field.BIRTH_DATE, Field.GIVEN, Field.FAMILY, Field.MIDDLE, Field.SEX, Field.ADDRESS, Field.CARERS,
)  # fmt: skip
# Agreement on sex, or that carers differ, is no news to anybody.
_NO_NEWS: Final = frozenset({(Field.SEX, Level.EXACT), (Field.CARERS, Level.DIFFERS), (Field.MIDDLE, Level.DIFFERS)})


def worth_saying(match: Match) -> list[tuple[Field, Level]]:
    """Fields and levels of a match in reading order, without what was not given and what is no news."""
    levels = {result.field: result.level for result in match.fields}
    said = [
        (of, levels[of])
        for of in _READING_ORDER
        if levels[of] is not Level.MISSING and (of, levels[of]) not in _NO_NEWS
    ]
    swapped = (Field.FAMILY, Level.SWAPPED)
    return [fact for fact in said if fact != swapped]


def sentences(match: Match) -> list[tuple[Field, str]]:
    """One sentence for each fact, "not given" included, in the order of the model."""
    return [(of, WORDS[of, match.level(of)]) for of in FIELDS]


def levels_in_words(levels: Sequence[Level]) -> str:
    """As `in_words`, from one level for each fact in the order of the model."""
    fields = tuple(FieldResult(of, level, 0.0) for of, level in zip(FIELDS, levels, strict=True))
    return in_words(Match(key="", score=0.0, fields=fields))


def in_words(match: Match) -> str:
    """The match in one line, such as "Same date of birth, given name sounds alike, same family name"."""
    line = ", ".join(WORDS[fact] for fact in worth_saying(match))
    return line[:1].upper() + line[1:]
