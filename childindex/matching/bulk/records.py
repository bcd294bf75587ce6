"""Millions of records as numbers: every distinct name, date and place is standardised once, by the functions that standardise one record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from childindex.kernel.dates import NotADate, PartialDate
from childindex.matching.bulk.groups import Flags, distinct
from childindex.matching.bulk.read import NEXT_CARER, NUMBER_FOLLOWS, numbered
from childindex.matching.engine.coded import NOTHING, Coded, Codes, Ints, Values
from childindex.matching.engine.record import (
    MOST_CARERS,
    address_forms,
    carer_forms,
    family_forms,
    given_forms,
    middle_forms,
    nhs_number_forms,
    upn_forms,
)

_CHECKED: Final = (
    ("nhs_number", "nullif(regexp_replace(nhs_number, '\\D', '', 'g'), '')", nhs_number_forms),
    ("upn", "upper(upn)", upn_forms),
)
_UPRN: Final = "nullif(ltrim(regexp_replace(uprn, '\\D', '', 'g'), '0'), '')"
_PLAIN_POSTCODE: Final = "upper(regexp_replace(postcode, '\\s', '', 'g'))"
_POSTCODE: Final = (
    f"CASE WHEN regexp_full_match({_PLAIN_POSTCODE}, '[A-Z]{{1,2}}[0-9][0-9A-Z]?[0-9][A-Z]{{2}}')"
    f" AND NOT starts_with({_PLAIN_POSTCODE}, 'ZZ') THEN {_PLAIN_POSTCODE} END"
)
_SEX: Final = "CASE WHEN lower(sex) IN ('male', 'female') THEN lower(sex) END"
_DATE: Final = "CASE WHEN regexp_full_match(birth_date, '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?') THEN birth_date END"


# A house has a number when one of the first four parts of its address has a digit; as `house_and_street` reads it.
_HAS_HOUSE: Final = (
    "coalesce(regexp_matches(array_to_string(string_split(left(address, 200), ',')[1:4], ','), '[0-9]'), false)"
)


@dataclass(slots=True)
class PutOff:
    """A fact that is standardised only for records that come to be compared: addresses and carers are too many to do them all.

    `text_of` numbers the text of each record (0 not given); `number_of` gives the standard value's number for each text so far.
    """

    column: str
    read: Callable[[str], tuple[Any, ...]]
    into: tuple[str, ...]
    text_of: Codes
    number_of: dict[str, Codes] = field(init=False)
    done: npt.NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is done yet, but that what was not given stays so."""
        texts = int(self.text_of.max(initial=0)) + 1
        self.number_of = {name: np.zeros(texts, dtype=np.int32) for name in self.into}
        self.done = np.zeros(texts, dtype=np.bool_)
        self.done[0] = True


@dataclass(slots=True)
class Records:
    """All records of all sources, in the order of the table `records`: whose they are, and what is compared.

    `dates` are written as year * 10000 + month * 100 + day; a part not known is 0.
    """

    connection: duckdb.DuckDBPyConnection
    source: npt.NDArray[np.int16]
    coded: Coded
    values: dict[str, Values]
    dates: Ints
    put_off: tuple[PutOff, PutOff]
    has_house: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many records."""
        return len(self.source)

    def children(self, several: Flags) -> int:
        """About how many children there are: as many as the largest source has records (for one that repeats itself, half)."""
        sizes = np.bincount(self.source, minlength=len(several))
        return int(np.where(several, sizes / 2, sizes).max(initial=1))

    def ready(self, rows: Ints) -> None:
        """Standardise what was put off, for these records (each once)."""
        for fact in self.put_off:
            self._ready(fact, rows)

    def ready_together(self, pairs: Ints) -> None:
        """Standardise what was put off for clusters whose members (n x 2: the first, another) are compared with nobody else now.

        Two records at one postcode with the same text of address need no reading of it: it agrees, and has a number if it has a
        digit. Of a million exact pairs four in five are spared so.
        """
        home, carers = self.put_off
        text = home.text_of[pairs]
        postcode = self.coded.codes["postcode"][pairs]
        unlike = (text[:, 0] != text[:, 1]) | (postcode[:, 0] != postcode[:, 1]) | (postcode[:, 0] == 0)
        unlike = np.isin(pairs[:, 0], pairs[unlike, 0])
        self._ready(home, distinct(pairs[unlike]))
        alike = distinct(pairs[~unlike])
        self.coded.codes["house"][alike] = self.has_house[alike]
        self.coded.codes["street"][alike] = home.text_of[alike] > 0
        self._ready(carers, distinct(pairs))

    def _ready(self, fact: PutOff, rows: Ints) -> None:
        """Standardise one fact of these records (each once)."""
        texts = fact.text_of[rows]
        fresh = np.flatnonzero(~fact.done[texts])
        _, first = np.unique(texts[fresh], return_index=True)
        self._standardise(fact, rows[fresh[first]])
        for column in fact.into:
            self.coded.codes[column][rows] = fact.number_of[column][texts]

    def _standardise(self, fact: PutOff, rows: Ints) -> None:
        """Number the standard values of the texts of these records, all of which are new."""
        if not len(rows):
            return
        found = [fact.read(text) for text in texts_of(self.connection, fact.column, rows)]
        texts = fact.text_of[rows]
        for column, parts in zip(fact.into, zip(*found, strict=True), strict=True):
            fact.number_of[column][texts] = _numbers(self.values[column], parts)
        fact.done[texts] = True


def texts_of(connection: duckdb.DuckDBPyConnection, column: str, rows: Ints) -> list[str]:
    """The texts of a column for these records, in their order."""
    wanted = {"place": np.arange(len(rows)), "row": rows.astype(np.int64)}
    connection.register("wanted", wanted)
    found = connection.execute(
        f"SELECT records.{column} FROM wanted JOIN records ON records.rowid = wanted.row ORDER BY wanted.place"  # noqa: S608
    ).fetchall()
    connection.unregister("wanted")
    return [row[0] for row in found]


def _numbers(known: Values, values: Sequence[Any]) -> Codes:
    """The number of each value, new ones added to those known."""
    if known.numbers is None:
        known.numbers = {value: number for number, value in enumerate(known.values)}
    numbers = known.numbers
    codes = np.empty(len(values), dtype=np.int32)
    for place, value in enumerate(values):
        number = numbers.get(value)
        if number is None:
            number = numbers[value] = len(numbers)
            known.values.append(value)
        codes[place] = number
    return codes


def load(connection: duckdb.DuckDBPyConnection) -> Records:
    """Number the table `records` of `read_sources`."""
    values = {column: Values([nothing]) for column, nothing in NOTHING.items()}
    codes: dict[str, Codes] = {}
    _names(connection, values, codes)
    for column, expression, forms in _CHECKED:
        _checked(column, numbered(connection, expression), forms, values, codes)
    for column, expression in (("uprn", _UPRN), ("sex", _SEX)):
        codes[column], _ = numbered(connection, expression, values=False)
    codes["postcode"], postcodes = numbered(connection, _POSTCODE)
    sectors = _numbers(values["sector"], ["", *(text[:-2] for text in postcodes)])
    codes["sector"] = sectors[codes["postcode"]]
    for column in ("house", "street", "carers"):
        codes[column] = np.zeros(len(codes["sex"]), dtype=np.int32)
    written, dates = numbered(connection, _DATE)
    parts = np.array([(0, 0, 0), *map(_parts, dates)], dtype=np.int64)[written]
    return Records(
        connection=connection,
        source=_column(connection, "source").astype(np.int16),
        coded=Coded(codes, parts),
        values=values,
        dates=parts @ np.array([10_000, 100, 1]),
        put_off=(
            PutOff("address", address_forms, ("house", "street"), _same(connection, "address")),
            PutOff("carers", _read_carers, ("carers",), _same(connection, "carers")),
        ),
        has_house=_column(connection, _HAS_HOUSE).astype(np.bool_),
    )


def _checked(
    column: str,
    written: tuple[Codes, Sequence[str]],
    forms: Callable[[str], tuple[str, str]],
    values: dict[str, Values],
    codes: dict[str, Codes],
) -> None:
    """A number as two facts, `column` where it passes its check and `column`_failed where it fails. The digits are kept only
    where one fails: numbers that pass are compared by their place in the list.
    """
    both = [("", ""), *map(forms, written[1])]
    kept = ["", *written[1]] if any(failed for _, failed in both) else [""]
    for place, name in enumerate((column, f"{column}_failed")):
        good = np.fromiter((bool(form[place]) for form in both), np.bool_, len(both))
        codes[name] = np.where(good[written[0]], written[0], 0).astype(np.int32)
        values[name] = Values(kept)


def _parts(written: str) -> tuple[int, int, int]:
    """Year, month and day of a date as the contract writes it; nothing of one that does not exist."""
    try:
        born = PartialDate.parse(written)
    except NotADate:
        return 0, 0, 0
    return born.year, born.month or 0, born.day or 0


def _names(connection: duckdb.DuckDBPyConnection, values: dict[str, Values], codes: dict[str, Codes]) -> None:
    """Given, family and middle names, each distinct combination of columns standardised once."""
    given, given_texts = numbered(connection, "given_name")
    for column, other, read in (
        ("given", "known_as", given_forms),
        ("middle", "middle_names", middle_forms),
    ):
        second, second_texts = numbered(connection, other)
        # Only a given name of several words says anything of the middle names.
        first = given if column == "given" else np.where(_several_words(given_texts)[given], given, 0).astype(np.int32)
        codes[column] = _combined(values[column], (first, given_texts), (second, second_texts), read)
    family = numbered(connection, "family_name")
    former = numbered(connection, "former_family_name")
    codes["family"] = _combined(values["family"], family, former, family_forms)


def _several_words(texts: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Whether each text, by number, has more than one word."""
    return np.array([False, *(" " in text for text in texts)])


def _combined(
    known: Values, one: tuple[Codes, list[str]], other: tuple[Codes, list[str]], read: Callable[[str, str], Any]
) -> Codes:
    """Numbers of the standard values of two columns read together."""
    size = len(other[1]) + 1
    combined, back = np.unique(one[0].astype(np.int64) * size + other[0], return_inverse=True)
    firsts, seconds = ["", *one[1]], ["", *other[1]]
    pairs = zip((combined // size).tolist(), (combined % size).tolist(), strict=True)
    return _numbers(known, [read(firsts[a], seconds[b]) for a, b in pairs])[back]


def _read_carers(text: str) -> tuple[Any]:
    """Carers as `read_sources` joined them."""
    carers = [carer.partition(NUMBER_FOLLOWS) for carer in text.split(NEXT_CARER)[:MOST_CARERS]]
    return (carer_forms((name, phone) for name, _, phone in carers),)


def _column(connection: duckdb.DuckDBPyConnection, expression: str) -> npt.NDArray[Any]:
    """A column of numbers, in the order of the records."""
    found = connection.execute(f"SELECT {expression} AS value FROM records ORDER BY rowid").fetchnumpy()  # noqa: S608
    return np.asarray(found["value"])


def _same(connection: duckdb.DuckDBPyConnection, column: str) -> Codes:
    """Numbers that are the same where a text is the same, 0 where there is none; by a 64-bit hash."""
    found = _column(connection, f"CASE WHEN {column} IS NULL THEN 0 ELSE hash({column}) END").astype(np.uint64)
    texts, back = np.unique(found, return_inverse=True)
    missing = 0 if len(texts) and texts[0] == 0 else 1
    return (back + missing).astype(np.int32)
