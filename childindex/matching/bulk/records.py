"""Millions of records as numbers: every distinct name, date and place is standardised once, by the functions that standardise one record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from childindex.kernel.dates import NotADate, PartialDate
from childindex.matching.bulk.addresses import houses_and_streets
from childindex.matching.bulk.groups import Flags, distinct
from childindex.matching.bulk.read import NEXT_CARER, NUMBER_FOLLOWS, column_of, same, texts_of
from childindex.matching.bulk.threads import beside, spread
from childindex.matching.engine.coded import NOTHING, Coded, Codes, Ints, Values, different
from childindex.matching.engine.record import (
    MOST_CARERS,
    carer_forms,
    family_forms,
    given_forms,
    middle_forms,
    nhs_number_forms,
    upn_forms,
)
from childindex.matching.engine.vocabulary import Vocabulary

_PLAIN_POSTCODE: Final = "upper(regexp_replace(postcode, '\\s', '', 'g'))"
_POSTCODE: Final = (
    f"CASE WHEN regexp_full_match({_PLAIN_POSTCODE}, '[A-Z]{{1,2}}[0-9][0-9A-Z]?[0-9][A-Z]{{2}}')"
    f" AND NOT starts_with({_PLAIN_POSTCODE}, 'ZZ') THEN {_PLAIN_POSTCODE} END"
)
_NHS_NUMBER: Final = "nullif(regexp_replace(nhs_number, '\\D', '', 'g'), '')"
_UPN: Final = "upper(upn)"
_UPRN: Final = "nullif(ltrim(regexp_replace(uprn, '\\D', '', 'g'), '0'), '')"
_SEX: Final = "CASE WHEN lower(sex) IN ('male', 'female') THEN lower(sex) END"
_DATE: Final = "CASE WHEN regexp_full_match(birth_date, '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?') THEN birth_date END"
# The first number of an address, as `house_and_street` reads it: in one of the first four parts. 0 without, else 1 more than it is;
# -1 where more may be read than is seen here: other scripts, long texts.
_FIRST_NUMBER: Final = (
    "CASE WHEN strlen(address) <> length(address) OR length(address) > 120 THEN -1 ELSE"
    " coalesce(try_cast(left(regexp_extract(address, '^(?:[^,0-9]*,){0,3}[^,0-9]*([0-9]+)', 1), 9) AS INTEGER) + 1, 0) END"
)


@dataclass(slots=True)
class PutOff:
    """A fact that is standardised only for records that come to be compared: addresses and carers are too many to do them all.

    `text_of` numbers the text of each record (0 not given); `number_of` gives the standard value's number for each text so far.
    """

    column: str
    read: Callable[[duckdb.DuckDBPyConnection, Ints], Sequence[Sequence[Any]]]
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

    `dates` are written as year * 10000 + month * 100 + day; a part not known is 0. Addresses that begin with different
    `first_number`s (0 none, -1 unknown) are not of one house.
    """

    connection: duckdb.DuckDBPyConnection
    source: npt.NDArray[np.int16]
    coded: Coded
    values: dict[str, Values]
    dates: Ints
    put_off: tuple[PutOff, PutOff]
    first_number: Codes
    threads: int = 1
    _vocabulary: Vocabulary | None = field(default=None, repr=False)

    def vocabulary(self) -> Vocabulary:
        """The words of all names; made once."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.values)
            self._vocabulary.table.work_out()
        return self._vocabulary

    def __len__(self) -> int:
        """How many records."""
        return len(self.source)

    def children(self, several: Flags) -> int:
        """About how many children there are."""
        return children(self.source, several)

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
        unlike |= self.first_number[pairs[:, 0]] < 0
        unlike = np.isin(pairs[:, 0], pairs[unlike, 0])
        self._ready(home, distinct(pairs[unlike]))
        alike = distinct(pairs[~unlike])
        self.coded.codes["house"][alike] = self.first_number[alike] > 0
        self.coded.codes["street"][alike] = home.text_of[alike] > 0
        self._ready(carers, distinct(pairs))

    def _ready(self, fact: PutOff, rows: Ints) -> None:
        """Standardise one fact of these records (each once)."""
        texts = fact.text_of[rows]
        fresh = np.flatnonzero(~fact.done[texts])
        first, _ = different(texts[fresh])
        self._standardise(fact, rows[fresh[first]])
        for column in fact.into:
            self.coded.codes[column][rows] = fact.number_of[column][texts]

    def _standardise(self, fact: PutOff, rows: Ints) -> None:
        """Number the standard values of the texts of these records, all of which are new."""
        if not len(rows):
            return
        texts = fact.text_of[rows]
        for column, parts in zip(fact.into, fact.read(self.connection, rows), strict=True):
            fact.number_of[column][texts] = _numbers(self.values[column], parts)
        fact.done[texts] = True


def children(source: Ints | npt.NDArray[np.int16], several: Flags) -> int:
    """About how many children records of these sources are of: as many as the largest source has records (for one that repeats
    itself, half).
    """
    sizes = np.bincount(source, minlength=len(several))
    return int(np.where(several, sizes / 2, sizes).max(initial=1))


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


@dataclass(frozen=True, slots=True)
class _Fact:
    """What is read of a record: `keys` tell records apart, `texts` are what `read` makes a standard value of (`keys` unless given)."""

    keys: tuple[str, ...]
    read: Callable[..., Any] | None
    texts: tuple[str, ...] = ()


def _parts(written: str) -> tuple[int, int, int]:
    """Year, month and day of a date as the contract writes it; nothing of one that does not exist."""
    try:
        born = PartialDate.parse(written)
    except NotADate:
        return 0, 0, 0
    return born.year, born.month or 0, born.day or 0


_FACTS: Final = {
    "given": _Fact(("given_name", "known_as"), given_forms),
    # Only a given name of several words says anything of the middle names.
    "middle": _Fact(("CASE WHEN contains(given_name, ' ') THEN given_name END", "middle_names"), middle_forms),
    "family": _Fact(("family_name", "former_family_name"), family_forms),
    "nhs_number": _Fact(("nhs_number",), nhs_number_forms, (_NHS_NUMBER,)),
    "upn": _Fact(("upn",), upn_forms, (_UPN,)),
    "sex": _Fact(("sex",), str, (_SEX,)),
    "postcode": _Fact(("postcode",), str, (_POSTCODE,)),
    "birth_date": _Fact(("birth_date",), _parts, (_DATE,)),
    "uprn": _Fact((_UPRN,), None),
    "address": _Fact(("address",), None),
    "carers": _Fact(("carers",), None),
}


def load(connection: duckdb.DuckDBPyConnection) -> Records:
    """Number the table `records` of `read_sources`, with as many threads as the connection has."""
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    numbered, first_number = partial(_numbered, connection, threads), partial(_first_numbers, connection)
    (values, codes), first = beside(numbered, first_number, threads)
    for column in ("nhs_number", "upn"):
        _by_check(column, values, codes)
    codes["sector"] = _numbers(values["sector"], [text[:-2] for text in values["postcode"].values])[codes["postcode"]]
    dates = np.array(values.pop("birth_date").values, dtype=np.int64)[codes.pop("birth_date")]
    home, carers = codes.pop("address"), codes.pop("carers")
    codes.update({column: np.zeros(len(dates), dtype=np.int32) for column in ("house", "street", "carers")})
    return Records(
        connection=connection,
        source=column_of(connection, "source").astype(np.int16),
        coded=Coded(codes, dates),
        values=values,
        dates=dates @ np.array([10_000, 100, 1]),
        put_off=(
            PutOff("address", houses_and_streets, ("house", "street"), home),
            PutOff("carers", _read_carers, ("carers",), carers),
        ),
        first_number=first,
        threads=threads,
    )


def _numbered(connection: duckdb.DuckDBPyConnection, threads: int) -> tuple[dict[str, Values], dict[str, Codes]]:
    """The standard values of every fact, and their numbers by record."""
    values = {column: Values([nothing]) for column, nothing in NOTHING.items()}
    codes: dict[str, Codes] = {}
    found = spread(partial(_different_texts, connection), _FACTS.values(), threads)
    for (column, fact), (numbers, texts) in zip(_FACTS.items(), found, strict=True):
        codes[column] = numbers
        if fact.read:
            values[column] = Values([])
            codes[column] = _numbers(values[column], [fact.read(*line) for line in texts])[numbers]
    return values, codes


def _first_numbers(connection: duckdb.DuckDBPyConnection) -> Codes:
    """The first number of each address, as `Records` says."""
    with connection.cursor() as cursor:
        return column_of(cursor, _FIRST_NUMBER).astype(np.int32)


def _different_texts(connection: duckdb.DuckDBPyConnection, fact: _Fact) -> tuple[Codes, list[tuple[str, ...]]]:
    """Numbers of a fact of each record, 0 where it is not given; and for each number, 0 too, the texts to be read."""
    texts = fact.texts or fact.keys
    with connection.cursor() as cursor:
        numbers, rows = same(cursor, *fact.keys)
        found = texts_of(cursor, rows, *texts) if fact.read else []
    return numbers, [("",) * len(texts), *found]


def _by_check(column: str, values: dict[str, Values], codes: dict[str, Codes]) -> None:
    """A number as two facts, `column` where it passes its check and `column`_failed where it fails. The digits are kept only
    where one fails: numbers that pass are compared by their place in the list.
    """
    both, numbers = values[column].values, codes[column]
    some_fail = any(failed for _, failed in both)
    for place, name in enumerate((column, f"{column}_failed")):
        good = np.fromiter((bool(form[place]) for form in both), np.bool_, len(both))
        codes[name] = np.where(good[numbers], numbers, 0).astype(np.int32)
        values[name] = Values([form[place] for form in both] if some_fail else [""])


def _read_carers(connection: duckdb.DuckDBPyConnection, rows: Ints) -> tuple[list[Any]]:
    """Carers of some records, as `read_sources` joined them."""
    return ([_carers(text) for (text,) in texts_of(connection, rows, "carers")],)


def _carers(text: str) -> Any:
    carers = [carer.partition(NUMBER_FOLLOWS) for carer in text.split(NEXT_CARER)[:MOST_CARERS]]
    return carer_forms((name, phone) for name, _, phone in carers)


def number_by_text(records: Records) -> None:
    """Number postcodes, sectors, numbers and carers by a 64-bit hash of their text: the same in every process, so that records
    which were standardised apart have the same keys. Nothing is compared afterwards.
    """
    sector = f"left({_POSTCODE}, -2)"
    texts = {"nhs_number": _NHS_NUMBER, "upn": _UPN, "uprn": _UPRN, "postcode": _POSTCODE, "sector": sector}
    codes, carers = dict(records.coded.codes), records.put_off[1]
    for column, text in texts.items():
        codes[column] = np.where(codes[column] > 0, _hashed(records.connection, text), 0)
    carers.text_of = np.where(carers.text_of > 0, _hashed(records.connection, carers.column), 0)
    records.coded = Coded(codes, records.coded.dates)


def _hashed(connection: duckdb.DuckDBPyConnection, expression: str) -> Ints:
    """A hash of each text, in the order of the records; positive."""
    return column_of(connection, f"(hash({expression}) >> 1)::BIGINT").astype(np.int64)
