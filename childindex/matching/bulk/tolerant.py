"""Files with so many errors that keys of two facts and house numbers find too little, and small enough to compare whatever shares one fact.

A model with a table `[tolerant]` is linked and trained by what is here: addresses of any country by all their words, names as common as they
are in the files, levels for what shares most of its letters, keys of one fact, and a floor of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain, pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from childindex.matching.bulk.candidates import Finder
from childindex.matching.bulk.groups import Flags, Hashes, mixed
from childindex.matching.bulk.records import Records
from childindex.matching.engine.alike import Texts, alike_levels, raise_names
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Comparer, Levels
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.names import name_word
from childindex.matching.engine.normalise import address_words, any_postcode

_NAMES: Final = [FIELD_NUMBER[Field.GIVEN], FIELD_NUMBER[Field.FAMILY]]
_ADDRESS: Final = FIELD_NUMBER[Field.ADDRESS]
_PROPERTY: Final = LEVEL_NUMBER[Level.PROPERTY]
_COLUMNS: Final = {Field.GIVEN: "given", Field.FAMILY: "family"}
# Tells these keys from those of `candidates.py`.
_KIND: Final = 64


def prepare(model: Model, records: Records) -> Model:
    """Read the addresses of all records by their words, and say how common each name is in them; nothing is done for other models."""
    if model.tolerant is None:
        return model
    _read_addresses(records)
    return replace(model, rates={of: _rates(records, column) for of, column in _COLUMNS.items()})


def find(model: Model, records: Records, cluster: Ints, several: Flags, usual: float) -> Ints:
    """Pairs of rows that may be one child: those that might reach `usual` bits, or all that share one fact."""
    finder = Finder(model, records, cluster, several)
    if model.tolerant is None:
        return finder.pairs(usual)
    return finder.pairs(-np.inf, chain(finder.keys(), one_fact_keys(records)))


def lowest(model: Model, usual: float) -> float:
    """The odds in bits that a pair has to reach to be kept."""
    return usual if model.tolerant is None else model.tolerant.floor


def comparer(model: Model, records: Records) -> Comparer:
    """What compares these records, prepared, by the model."""
    kind = Comparer if model.tolerant is None else TolerantComparer
    return kind(model, records.values, records.coded, records.coded, vocabulary=records.vocabulary())


def one_fact_keys(records: Records) -> Iterator[tuple[Hashes, Ints]]:
    """Lines of (key, row): one for each single fact of a record - date of birth, postcode, the sound of a name, a word of the address or two."""
    numbers: dict[tuple[object, ...], int] = {}
    found = [[numbers.setdefault(key, len(numbers)) for key in dict.fromkeys(keys)] for keys in _facts(records)]
    rows = np.repeat(np.arange(len(records)), [*map(len, found)])
    yield mixed(_KIND, np.array([*chain.from_iterable(found)], dtype=np.int64)), rows


class TolerantComparer(Comparer):
    """Compares as ever, then addresses by their letters, and names that differ by how alike they are, straight or crossed."""

    def compare(self, pairs: Ints) -> tuple[Levels, Bits]:
        """As Comparer says."""
        before, weights = super().compare(pairs)
        levels = before.copy()
        alike = alike_levels(*self._homes[pairs.T])
        levels[:, _ADDRESS] = np.where(before[:, _ADDRESS] == _PROPERTY, _PROPERTY, alike)
        names = levels[:, _NAMES]
        given, family = self._named
        raise_names(names, *((given[rows], family[rows]) for rows in pairs.T))
        levels[:, _NAMES] = names
        changed = levels != before
        weights[changed] = self._model.weights[np.nonzero(changed)[1], levels[changed]]
        return levels, weights

    @cached_property
    def _homes(self) -> Texts:
        """All words of the address of each record, and the postcode."""
        codes, values = self._left.codes, self._values
        both = zip(codes["street"].tolist(), codes["postcode"].tolist(), strict=True)
        street, postcode = values["street"].values, values["postcode"].values
        return _array([f"{street[one]} {postcode[other]}".strip() for one, other in both])

    @cached_property
    def _named(self) -> list[Texts]:
        """The given and the family names of all records, empty where not given."""
        return [
            _array([_name(value) for value in self._values[column].values])[self._left.codes[column]]
            for column in _COLUMNS.values()
        ]


def _array(texts: list[str]) -> Texts:
    found = np.empty(len(texts), dtype=np.object_)
    found[:] = texts
    return found


def _name(value: tuple[object, ...]) -> str:
    """The first form of a given name, or the family name, as they are numbered."""
    first = value[0]
    return str(first[0] if first else "") if isinstance(first, tuple) else str(first)


def _facts(records: Records) -> Iterator[list[tuple[object, ...]]]:
    """Each single fact of each record."""
    columns = [
        [records.values[column].values[number] for number in records.coded.codes[column].tolist()]
        for column in ("given", "family", "street", "postcode")
    ]
    for date, given, family, street, postcode in zip(records.dates.tolist(), *columns, strict=True):
        words = street.split()
        keys: list[tuple[object, ...]] = [(word,) for word in words]
        keys += pairwise(words)
        keys += [("name", name_word(name).skeleton) for name in (_name(given), _name(family)) if name]
        if date % 100:
            keys.append(("date", date))
        if postcode:
            keys.append(("postcode", postcode))
        yield keys


def _read_addresses(records: Records) -> None:
    """Number all words of each address as its street, with no house, and postcodes of any country; nothing is left to be read later."""
    rows = records.connection.execute(
        "SELECT coalesce(address, ''), coalesce(postcode, '') FROM records ORDER BY rowid"
    ).fetchall()
    codes, home = records.coded.codes, records.put_off[0]
    street = _numbered(records, "street", [address_words(address) for address, _ in rows])
    codes["postcode"][:] = _numbered(records, "postcode", [any_postcode(postcode) for _, postcode in rows])
    codes["sector"][:] = 0
    home.number_of["house"][:] = 0
    home.number_of["street"][home.text_of] = street
    home.done[:] = True
    records.ready(np.arange(len(records)))


def _numbered(records: Records, column: str, texts: list[str]) -> npt.NDArray[np.int32]:
    """The number of each text, the empty one 0; they become the values of the column."""
    numbers = {"": 0}
    codes = np.fromiter((numbers.setdefault(text, len(numbers)) for text in texts), np.int32, len(texts))
    records.values[column].values[:] = list(numbers)
    return codes


def _rates(records: Records, column: str) -> dict[str, float]:
    """How many of 100,000 records that give a name give this one."""
    values = records.values[column].values
    times = np.bincount(records.coded.codes[column], minlength=len(values))
    counts: Counter[str] = Counter()
    for value, count in zip(values[1:], times[1:].tolist(), strict=True):
        counts[_name(value)] += count
    given = max(counts.total(), 1)
    return {name: 100_000 * count / given for name, count in counts.items()}
