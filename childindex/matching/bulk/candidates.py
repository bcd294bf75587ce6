"""Which records are worth comparing: they share a key, and what is quickly seen of them does not already rule them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from childindex.matching.bulk.groups import Flags, Hashes, distinct, held_by, mixed, pairs_sharing
from childindex.matching.bulk.records import Records
from childindex.matching.bulk.threads import chunks, spread
from childindex.matching.engine.coded import Codes, Ints, different
from childindex.matching.engine.columns import Bits, compare_dates
from childindex.matching.engine.keys import codes_of_family, codes_of_given
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.names import UNNAMED_TWIN
from childindex.matching.engine.vocabulary import Vocabulary

# A key that more records share than this is passed over; another key finds its pairs.
MOST: Final = 400
_CHUNK = 4_000_000
_VARIANTS = 3
_HOMES = (Level.DIFFERS, Level.SECTOR, Level.STREET, Level.POSTCODE, Level.EXACT, Level.PROPERTY)
_COLUMN = {Field.GIVEN: "given", Field.FAMILY: "family"}

_ALIKE = (Level.TRANSLITERATION, Level.NICKNAME, Level.SOUNDS_ALIKE, Level.CLOSE, Level.INITIAL, Level.PART)
_UNLIKE = (Level.DIFFERS, Level.MIDDLE, Level.CALLED, Level.SIMILAR, Level.UNNAMED_TWIN)
_LETTERS_APART = 5
_UNLISTED: Final = "no name at all"


@dataclass(slots=True)
class Names:
    """What is quickly seen of the distinct given or family names, by number: sounds it is found by (n x 3, -1 none), letters, and
    whether it has several forms, so that letters alone rule nothing out.
    """

    sounds: Codes
    letters: npt.NDArray[np.uint32]
    open: Flags
    rarity: Bits


def holdings(cluster: Ints, source: npt.NDArray[np.int16]) -> Hashes:
    """Which sources each cluster has a record of: each is a bit."""
    return held_by(cluster, np.uint64(1) << source.astype(np.uint64))


def _names(records: Records, used: Codes, model: Model, of: Field) -> Names:
    """What is quickly seen of the names that are used. Sounds have the same number in every process; two may share one, which
    costs a few comparisons.
    """
    vocabulary, values = records.vocabulary(), records.values[_COLUMN[of]].values
    know = vocabulary.known.__getitem__
    first, more = vocabulary.seen(of)
    numbers = used[used > 0]
    sounds = np.full((len(values), _VARIANTS), -1, dtype=np.int32)
    hard = more[numbers] | (vocabulary.table.words[first[numbers]] == UNNAMED_TWIN)
    plain, other = numbers[~hard], numbers[hard].tolist()
    sounds[plain, 0] = _sounds(vocabulary, first[plain])
    found = []
    for number in other:
        value = values[number]
        codes = codes_of_given(value, know) if of is Field.GIVEN else codes_of_family(value, know)
        found.append(([_sound(code) for code in codes] + [-1] * _VARIANTS)[:_VARIANTS])
    sounds[other] = np.array(found, dtype=np.int32).reshape(len(other), _VARIANTS)
    rarity = np.zeros(len(values))
    words = vocabulary.table.words[first[numbers]].tolist()
    # Most names are in no list, and so all as rare.
    bits = {word: model.frequency_bits(of, Level.EXACT, word) for word in {"", *model.rates[of]} & set(words)}
    unlisted = model.frequency_bits(of, Level.EXACT, _UNLISTED)
    rarity[numbers] = [bits.get(word, unlisted) for word in words]
    return Names(sounds, vocabulary.table.letters[first], more, rarity)


def _sounds(vocabulary: Vocabulary, words: Codes) -> Ints:
    """The sound of each word, of names that are no more than one word of their own; worked out once for each sound."""
    first, back = different(vocabulary.table.skeleton[words])
    known = vocabulary.table.known
    return np.array([_sound(known[word].skeleton) for word in words[first].tolist()], dtype=np.int64)[back]


def _sound(code: str) -> int:
    """The number of a sound."""
    return crc32(code.encode()) >> 1


class Finder:
    """Finds pairs of records that may be one child."""

    def __init__(
        self, model: Model, records: Records, cluster: Ints, several: Flags, *, held: Hashes | None = None
    ) -> None:
        """`cluster` is what exact keys settled; `several` says which sources may hold a child twice; `held` is which sources each
        cluster has a record of, where not all its records are here.
        """
        self._model, self._records, self._cluster = model, records, cluster
        self._several = several
        self._bits = np.nan_to_num(model.weights, nan=-99.0)
        self._held = holdings(cluster, records.source) if held is None else held
        self._rows = self._unplaced()
        _, put_off = records.put_off
        self._carers = put_off.text_of
        self._uprns = bool(records.coded.codes["uprn"].any())
        self._numbers = [of for of in (Field.SEX, Field.NHS_NUMBER, Field.UPN) if records.coded.codes[of.value].any()]
        codes = records.coded.codes
        given, family = distinct(codes["given"][self._rows]), distinct(codes["family"][self._rows])
        self._given = _names(records, given, model, Field.GIVEN)
        self._family = _names(records, family, model, Field.FAMILY)

    def _unplaced(self) -> Ints:
        """Rows that may still find others: records whose child already has one of every supplier have found all they can find."""
        whole = (np.bitwise_count(self._held) == len(self._several)) & ~self._several.any()
        return np.flatnonzero(~whole[self._cluster])

    def pairs(self, floor: float, lines: Iterable[tuple[Hashes, Ints]] | None = None) -> Ints:
        """Pairs of rows (n x 2, the smaller row first) that might reach `floor` bits; each once. `lines` are other keys than these
        records' own.
        """
        size = len(self._records)
        threads = self._records.threads
        shared = list(spread(self._sharing, self.keys() if lines is None else lines, threads))
        packed = distinct(np.concatenate(shared)) if shared else np.empty(0, dtype=np.int64)
        pairs = np.stack([packed // size, packed % size], axis=1)
        likely = spread(
            lambda some: some[self._most_bits(some[:, 0], some[:, 1]) >= floor], chunks(pairs, threads), threads
        )
        return np.concatenate(list(likely))

    def _sharing(self, lines: tuple[Hashes, Ints]) -> Ints:
        """Pairs of rows that share one of these keys and are not placed already, each as one number."""
        found = [np.empty(0, dtype=np.int64)]
        for one, other in pairs_sharing(*lines, most=MOST, chunk=_CHUNK):
            use = np.flatnonzero(self._may_be_joined(one, other))
            low, high = np.minimum(one[use], other[use]), np.maximum(one[use], other[use])
            found.append(distinct(low * len(self._records) + high))
        return np.concatenate(found)

    def _may_be_joined(self, one: Ints, other: Ints) -> Flags:
        """Neither already in one cluster, nor in two that both have a record of the same supplier."""
        a, b = self._cluster[one], self._cluster[other]
        shared: Flags = (self._held[a] & self._held[b]) == 0
        source = self._records.source
        shared |= self._several[source[one]] & self._several[source[other]]
        apart: Flags = a != b
        apart &= shared
        return apart

    def keys(self) -> Iterator[tuple[Hashes, Ints]]:
        """Keys of each kind: lines of (key, row). The same kinds as one record is found by in the index."""
        rows = self._rows
        codes, dates = self._records.coded.codes, self._records.dates[rows]
        year, day = dates // 10_000, dates % 10_000
        whole = dates % 100 > 0
        given, family = codes["given"][rows], codes["family"][rows]
        postcode, sector = codes["postcode"][rows], codes["sector"][rows]
        g, f = self._given.sounds[given], self._family.sounds[family]
        sounds = _different(list(np.concatenate([g, f], axis=1).T))
        yield self._lines(sounds, rows, (dates, whole), 1)
        yield self._lines(sounds, rows, (postcode, postcode > 0), 2)
        both = _different(_crossed(g, f))
        yield self._lines(both, rows, (year, year > 0), 3)
        yield self._lines(both, rows, (day, whole), 4)
        yield self._lines(both, rows, (sector, sector > 0), 5)
        yield self._single(rows, (postcode > 0) & whole, 6, postcode, dates)
        for kind, column in ((7, "nhs_number"), (8, "upn"), (9, "uprn")):
            number = codes[column][rows]
            yield self._single(rows, number > 0, kind, number)
        initials = self._initials(given, family)
        yield self._single(rows, whole & (initials > 0), 10, initials, dates)
        carers = self._carers[rows]
        yield self._single(rows, whole & (carers > 0), 11, carers, dates)

    @staticmethod
    def _single(rows: Ints, use: Flags, kind: int, *parts: Ints | Codes) -> tuple[Hashes, Ints]:
        return mixed(kind, *(part[use] for part in parts)), rows[use]

    @staticmethod
    def _lines(
        sounds: list[tuple[Ints, Ints]], rows: Ints, part: tuple[Ints | Codes, Flags], kind: int
    ) -> tuple[Hashes, Ints]:
        """One line for each different sound of a record, with another fact of it where that is there."""
        keys: list[Hashes] = [np.empty(0, dtype=np.uint64)]  # in a few records nobody may have a name
        lines: list[Ints] = [np.empty(0, dtype=np.int64)]
        fact, there = part
        for at, sound in sounds:
            use = there[at]
            places = at[use]
            keys.append(mixed(kind, sound[use], fact[places]))
            lines.append(rows[places])
        return np.concatenate(keys), np.concatenate(lines)

    def _initials(self, given: Codes, family: Codes) -> Ints:
        """First letters of both names in either order, as a number; 0 without both."""
        a = np.array([0, *(ord(value[0][0][0]) for value in self._records.values["given"].values[1:])])[given]
        b = np.array([0, *(ord((value[0] or "\0")[0]) for value in self._records.values["family"].values[1:])])[family]
        return np.where((a > 0) & (b > 0), np.minimum(a, b) * 256 + np.maximum(a, b), 0)

    def _most_bits(self, one: Ints, other: Ints) -> Bits:
        """No pair can score more than this: names by their letters and sounds, the rest as it is."""
        codes = self._records.coded.codes
        bits = self._bits
        total: Bits = np.full(len(one), self._model.prior)
        level = compare_dates(self._records.coded.dates[one], self._records.coded.dates[other])
        total += bits[FIELD_NUMBER[Field.BIRTH_DATE], level]
        for of in self._numbers:
            a, b = codes[of.value][one], codes[of.value][other]
            exact, differs = (bits[FIELD_NUMBER[of], LEVEL_NUMBER[level]] for level in (Level.EXACT, Level.DIFFERS))
            total += np.where((a > 0) & (b > 0), np.where(a == b, exact, differs), 0.0)
        for of in (Field.NHS_NUMBER, Field.UPN):
            failed = codes[f"{of.value}_failed"]
            if failed.any():
                slip = ((codes[of.value][one] > 0) & (failed[other] > 0)) | (
                    (codes[of.value][other] > 0) & (failed[one] > 0)
                )
                total += slip * bits[FIELD_NUMBER[of], LEVEL_NUMBER[Level.ONE_DIGIT]]
        household = self._name_bits(Field.FAMILY, self._family, codes["family"], (one, other))
        middle = np.maximum(bits[FIELD_NUMBER[Field.MIDDLE]].max(), 0.0)
        total += np.where((codes["middle"][one] > 0) & (codes["middle"][other] > 0), middle, 0.0)
        total += self._name_bits(Field.GIVEN, self._given, codes["given"], (one, other))
        home = self._home_bits(one, other)
        total += np.minimum(household, 0.0) + np.minimum(home, 0.0)
        shared: Bits = np.minimum(np.maximum(household, 0.0) + np.maximum(home, 0.0), self._model.most_household_bits)
        total += shared
        return total

    def _name_bits(self, of: Field, names: Names, column: Codes, rows: tuple[Ints, Ints]) -> Bits:
        """The most a name can say."""
        row = self._bits[FIELD_NUMBER[of]]
        alike = max(row[LEVEL_NUMBER[level]] for level in (*_ALIKE, Level.FORMER))
        swapped = row[LEVEL_NUMBER[Level.SWAPPED]]
        differs = max(row[LEVEL_NUMBER[level]] for level in _UNLIKE)
        a, b = column[rows[0]], column[rows[1]]
        apart = np.bitwise_count(names.letters[a] ^ names.letters[b])
        near = (apart <= _LETTERS_APART) | names.open[a] | names.open[b] | (names.sounds[a, 0] == names.sounds[b, 0])
        found = np.where(near, alike, differs)
        g, f = self._records.coded.codes["given"], self._records.coded.codes["family"]
        crossed = self._given.sounds[g[rows[0]], 0] == self._family.sounds[f[rows[1]], 0]
        crossed |= self._given.sounds[g[rows[1]], 0] == self._family.sounds[f[rows[0]], 0]
        found = np.where(crossed, np.maximum(found, swapped), found)
        found = np.where(a == b, row[LEVEL_NUMBER[Level.EXACT]] + names.rarity[a], found)
        many = names.open[a] | names.open[b]
        found = np.where(many & (a != b), row[LEVEL_NUMBER[Level.EXACT]] + self._model.most_frequency_bits, found)
        return np.where((a > 0) & (b > 0), found, 0.0)

    def _home_bits(self, one: Ints, other: Ints) -> Bits:
        """The most that address and carers can say."""
        codes, row = self._records.coded.codes, self._bits[FIELD_NUMBER[Field.ADDRESS]]
        most_of = {level: row[LEVEL_NUMBER[level]] for level in _HOMES}
        postcode = codes["postcode"][one], codes["postcode"][other]
        numbers = self._records.first_number[one], self._records.first_number[other]
        numbered = ((numbers[0] > 0) & (numbers[0] == numbers[1])) | (numbers[0] < 0) | (numbers[1] < 0)
        most = np.where((postcode[0] > 0) & (postcode[1] > 0), most_of[Level.DIFFERS], 0.0)
        near = (codes["sector"][one] == codes["sector"][other]) & (postcode[0] > 0)
        most = np.where(near, most_of[Level.SECTOR], most)
        most = np.where(numbered, np.maximum(most, most_of[Level.STREET]), most)
        same = (postcode[0] == postcode[1]) & (postcode[0] > 0)
        most = np.where(same, np.where(numbered, most_of[Level.EXACT], most_of[Level.POSTCODE]), most)
        if self._uprns:
            uprn = (codes["uprn"][one] > 0) & (codes["uprn"][one] == codes["uprn"][other])
            most = np.where(uprn, most_of[Level.PROPERTY], most)
        carers = self._bits[FIELD_NUMBER[Field.CARERS]]
        both = (self._carers[one] > 0) & (self._carers[other] > 0)
        return most + np.where(both, carers.max(), 0.0)


def _different(columns: list[Ints]) -> list[tuple[Ints, Ints]]:
    """Of each column the lines where it is given and says what no earlier column said, and what it says there."""
    found = []
    for number, column in enumerate(columns):
        use = column >= 0
        for earlier in columns[:number]:
            use &= earlier != column
        at = np.flatnonzero(use)
        if len(at):
            found.append((at, column[at]))
    return found


def _crossed(given: Codes, family: Codes) -> list[Ints]:
    """Each given sound with each family sound, in either order, as one number; -1 without both."""
    pairs = [(a, b) for a in given.T.astype(np.int64) for b in family.T.astype(np.int64)]
    return [np.where((a >= 0) & (b >= 0), (np.minimum(a, b) << 31) + np.maximum(a, b), -1) for a, b in pairs]
