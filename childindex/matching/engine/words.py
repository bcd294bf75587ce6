"""Many words of names against one another at once. The same answers as `names.compare_words`, which says what they mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import count

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from childindex.matching.engine.levels import LEVEL_NUMBER, Level
from childindex.matching.engine.names import (
    SHORTEST_STEM,
    NameWord,
    compare_given_words,
    compare_words,
    is_well_known,
    know_words,
    pet_stem,
)

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Levels = npt.NDArray[np.int8]

_NUMBER = {level: np.int8(number) for level, number in LEVEL_NUMBER.items()}
_FIRST_LETTER = ord("a")
_ANY_VOWEL = np.uint32(sum(1 << ord(vowel) - _FIRST_LETTER for vowel in "aeiouy"))
# Fewer pairs than this are quicker one by one: each is remembered by the functions that compare two words.
_FEW = 256


class WordTable:
    """Many words, what is known of each in arrays."""

    def __init__(self, words: Sequence[str]) -> None:
        """Keep the words; what is known of them is worked out when first asked for."""
        self.words = np.array(words, dtype=object)

    def __len__(self) -> int:
        """How many words."""
        return len(self.words)

    def work_out(self) -> None:
        """Work out all that is known of the words now: several threads may ask at once afterwards."""
        self.spelling, self.sound, self.skeleton, self.long_skeleton, self._formal, self.letters  # noqa: B018
        self.well_known, self.without_vowels, self.is_short_for_others, self._stems, self._beginnings  # noqa: B018

    @cached_property
    def known(self) -> list[NameWord]:
        """What is known of each word."""
        return know_words(self.words.tolist())

    def _numbered(self, fact: str) -> Codes:
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        return np.fromiter((numbers[getattr(one, fact)] for one in self.known), np.int32, len(self.words))

    @cached_property
    def _spellings(self) -> defaultdict[str, int]:
        return defaultdict(count().__next__)

    @cached_property
    def spelling(self) -> Codes:
        """Spelling class of each word, as numbers."""
        numbers = self._spellings
        return np.fromiter((numbers[one.spelling] for one in self.known), np.int32, len(self.words))

    @cached_property
    def said(self) -> Codes:
        """How each word is said, as numbers."""
        return self._numbered("sound")

    @cached_property
    def sound(self) -> Codes:
        """How each word is said, as numbers; -1 - place where the sound is too short to say anything."""
        short = np.fromiter((len(one.sound) <= 2 for one in self.known), np.bool_, len(self.words))
        return np.where(short, -1 - np.arange(len(short), dtype=np.int32), self.said)

    @cached_property
    def skeleton(self) -> Codes:
        """The consonants of each word, as numbers."""
        return self._numbered("skeleton")

    @cached_property
    def long_skeleton(self) -> Flags:
        """Whether a word has three consonants or more."""
        return np.fromiter((len(one.skeleton) > 2 for one in self.known), np.bool_, len(self.words))

    @cached_property
    def _formal(self) -> Codes:
        """Spelling classes of the names each word may be short for (words x most of any, -1 for none)."""
        numbers = self._spellings
        found = {
            place: [numbers[name] for name in sorted(one.formal)] for place, one in enumerate(self.known) if one.formal
        }
        formal = np.full((len(self.words), max(map(len, found.values()), default=0)), -1, dtype=np.int32)
        for place, line in found.items():
            formal[place, : len(line)] = line
        return formal

    @cached_property
    def is_short_for_others(self) -> Flags:
        """Whether a word may be short for other names."""
        return np.fromiter((bool(one.formal) for one in self.known), np.bool_, len(self.words))

    @cached_property
    def without_vowels(self) -> Flags:
        """Words as a script without vowels writes them: compared one by one."""
        none: Flags = (self.letters & _ANY_VOWEL) == 0
        return none

    @cached_property
    def _stems(self) -> list[str]:
        return [pet_stem(word) for word in self.words.tolist()]

    @cached_property
    def _beginnings(self) -> dict[str, Codes]:
        """The first three letters of each word, and of what is left of a pet form."""
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        texts = {"word": self.words.tolist(), "stem": self._stems}
        return {
            name: np.fromiter((numbers[text[:3]] for text in written), np.int32, len(written))
            for name, written in texts.items()
        }

    def _may_be_short(self, left: Codes, right: Codes) -> Flags:
        """Pairs of which one may be a short form of the other by its first three letters."""
        starts, stems = self._beginnings["word"], self._beginnings["stem"]
        alike: Flags = (stems[left] == starts[right]) | (stems[right] == starts[left])
        different: Flags = self.length[left] != self.length[right]
        return np.logical_and(alike, different)

    @cached_property
    def well_known(self) -> Flags:
        """Whether each word is a given name in its own right."""
        return np.fromiter(map(is_well_known, self.words), np.bool_, len(self.words))

    @cached_property
    def length(self) -> npt.NDArray[np.int16]:
        """Letters of each word."""
        return np.fromiter(map(len, self.words), np.int16, len(self.words))

    @cached_property
    def letters(self) -> npt.NDArray[np.uint32]:
        """Which letters each word has, as bits; the last for whatever is no letter."""
        written = np.frombuffer("".join(self.words.tolist()).encode("ascii", "replace"), dtype=np.uint8)
        place = np.minimum(written - np.uint8(_FIRST_LETTER), 26)  # what comes before "a" wraps round to a large number
        bits = np.zeros(len(self.words), dtype=np.uint32)
        some = np.flatnonzero(self.length)
        starts = np.cumsum(self.length, dtype=np.int64) - self.length
        if len(some):
            bits[some] = np.bitwise_or.reduceat(np.uint32(1) << place.astype(np.uint32), starts[some])
        return bits

    def compare(self, left: Codes, right: Codes, *, given: bool) -> Levels:
        """Levels of n pairs of plain words, by their places; as `compare_given_words` or `compare_words` for family names."""
        if len(left) < _FEW:
            compare = compare_given_words if given else compare_words
            pairs = zip(self.words[left], self.words[right], strict=True)
            return np.fromiter((_NUMBER[compare(a, b)] for a, b in pairs), np.int8, len(left))
        levels = self._unlike(left, right)
        if given:
            self._names_in_their_own_right(levels, left, right)
        hand = np.flatnonzero((self.without_vowels[left] | self.without_vowels[right]) & (left != right))
        if len(hand):
            compare = compare_given_words if given else compare_words
            pairs = zip(self.words[left[hand]], self.words[right[hand]], strict=True)
            levels[hand] = [_NUMBER[compare(a, b)] for a, b in pairs]
        return levels

    def _short_forms(self, left: Codes, right: Codes) -> Flags:
        """Whether one of two words is a short or pet form of the other, or both are of one name."""
        found = np.zeros(len(left), dtype=np.bool_)
        named = self._formal
        for column in range(named.shape[1]):
            found |= named[left, column] == self.spelling[right]
            found |= named[right, column] == self.spelling[left]
        if named.shape[1]:
            both = np.flatnonzero((named[left, 0] >= 0) & (named[right, 0] >= 0))
            for one in range(named.shape[1]):
                for other in range(named.shape[1]):
                    a, b = named[left[both], one], named[right[both], other]
                    found[both] |= (a >= 0) & (a == b)
        begins = np.flatnonzero(self._may_be_short(left, right) & ~(self.well_known[left] & self.well_known[right]))
        pairs = zip(left[begins].tolist(), right[begins].tolist(), strict=True)
        found[begins] |= np.fromiter((self._begins(a, b) for a, b in pairs), np.bool_, len(begins))
        return found

    def _begins(self, one: int, other: int) -> bool:
        """Whether what is left of the shorter word is how the longer one begins; as `names` decides."""
        a, b = self.words[one], self.words[other]
        stem, long = (self._stems[one], b) if len(a) < len(b) else (self._stems[other], a)
        return len(stem) >= SHORTEST_STEM and len(long) > len(stem) + 1 and long.startswith(stem)

    def _unlike(self, left: Codes, right: Codes) -> Levels:
        """Levels but for words without vowels."""
        levels = np.full(len(left), _NUMBER[Level.DIFFERS], dtype=np.int8)
        same_bones = self.skeleton[left] == self.skeleton[right]
        near, winkler = self._near(left, right)
        levels[same_bones & self.long_skeleton[left] & (winkler >= 0.8)] = _NUMBER[Level.SOUNDS_ALIKE]
        levels[near] = _NUMBER[Level.CLOSE]
        levels[self.sound[left] == self.sound[right]] = _NUMBER[Level.SOUNDS_ALIKE]
        levels[self._short_forms(left, right)] = _NUMBER[Level.NICKNAME]
        levels[self.spelling[left] == self.spelling[right]] = _NUMBER[Level.TRANSLITERATION]
        alone = (self.length[left] == 1) | (self.length[right] == 1)
        levels[alone] = _NUMBER[Level.DIFFERS]
        if alone.any():
            at = np.flatnonzero(alone)
            pairs = zip(self.words[left[at]], self.words[right[at]], strict=True)
            levels[at] = [_NUMBER[compare_words(a, b)] for a, b in pairs]
        levels[left == right] = _NUMBER[Level.EXACT]
        return levels

    def _near(self, left: Codes, right: Codes) -> tuple[Flags, npt.NDArray[np.float64]]:
        """Whether a slip or two turns one word into the other, and Jaro-Winkler similarity where it may reach 0.8."""
        a, b = self.length[left], self.length[right]
        shorter = np.minimum(a, b)
        only_a = np.bitwise_count(self.letters[left] & ~self.letters[right]).astype(np.int16)
        only_b = np.bitwise_count(self.letters[right] & ~self.letters[left]).astype(np.int16)
        # No more letters can be common than there are letters of the other word's kinds: Jaro cannot be higher than this.
        common = np.minimum(a - only_a, b - only_b)
        jaro = (common / np.maximum(a, 1) + common / np.maximum(b, 1) + 1) / 3
        slips = (np.abs(a - b) <= 2) & (only_a + only_b <= 4) & (shorter >= 3)
        bones = (self.skeleton[left] == self.skeleton[right]) & self.long_skeleton[left]
        look = np.flatnonzero((slips | ((jaro >= 0.86) & (shorter >= 5)) | bones) & (left != right))
        near: Flags = np.zeros(len(left), dtype=np.bool_)
        winkler = np.zeros(len(left), dtype=np.float64)
        if len(look):
            one, other = self.words[left[look]].tolist(), self.words[right[look]].tolist()
            distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)
            winkler[look] = cpdist(one, other, scorer=JaroWinkler.similarity, dtype=np.float64)
            short = shorter[look]
            near[look] = (distance <= np.where(short >= 6, 2, 1)) & (short >= 3)
            near[look] |= (short >= 5) & (winkler[look] >= 0.92)
        return near, winkler

    def _names_in_their_own_right(self, levels: Levels, left: Codes, right: Codes) -> None:
        """Two well-known names that are merely alike are similar, unless they sound the same."""
        alike = (levels == _NUMBER[Level.CLOSE]) | (levels == _NUMBER[Level.SOUNDS_ALIKE])
        own = self.well_known[left] & self.well_known[right] & alike
        levels[own & (self.sound[left] != self.sound[right])] = _NUMBER[Level.SIMILAR]
        short = np.flatnonzero((levels == _NUMBER[Level.NICKNAME]) & self.well_known[left] & self.well_known[right])
        if len(short):
            pairs = zip(self.words[left[short]], self.words[right[short]], strict=True)
            levels[short] = [_NUMBER[compare_given_words(a, b)] for a, b in pairs]
