"""Names of one or several words against one another, many at once: each name is a list of words out of one vocabulary.

The same answers as the functions of `comparisons`, which say what they mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.comparisons import BEST_FIRST, STRONG
from childindex.matching.engine.levels import LEVEL_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.names import UNNAMED_TWIN, NameWord
from childindex.matching.engine.words import Codes, Flags, Levels, WordTable

if TYPE_CHECKING:
    from childindex.matching.engine.coded import Values

Ints = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]
# What the rarity of a name adds, in bits.
Rarity = Callable[[str], float]

_NUMBER = {level: np.int8(number) for level, number in LEVEL_NUMBER.items()}
_RANK = np.full(len(LEVELS), len(BEST_FIRST), dtype=np.int8)
_RANK[[LEVEL_NUMBER[level] for level in BEST_FIRST]] = np.arange(len(BEST_FIRST))
_OF_RANK = np.array([_NUMBER[level] for level in BEST_FIRST])
_SETTLED = np.isin(np.arange(len(LEVELS)), [LEVEL_NUMBER[level] for level in (*STRONG, Level.EXACT)])
NO_WORD = 0


@dataclass(frozen=True, slots=True)
class Lists:
    """For each of n values a list of words: `words[starts[i] : starts[i] + sizes[i]]`."""

    starts: Ints
    sizes: Ints
    words: Codes


class Vocabulary:
    """Every word of the given, middle and family names of some records, and which words each value is made of."""

    def __init__(self, values: Mapping[str, Values]) -> None:
        """`values` are the distinct values of "given", "middle" and "family"."""
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)
        self._numbers[""]  # looked up first, and so NO_WORD
        given, family, middle = (values[column].values for column in ("given", "family", "middle"))
        self.forms = self._lists(forms for forms, _ in given)
        self._halves = self._lists(parts for _, parts in given)
        self.middle = self._lists(middle)
        self._family = self._each(name for name, _, _ in family)
        self._former = self._each(former for _, former, _ in family)
        self._alone = np.fromiter((bool(name) and not (former or parts) for name, former, parts in family), np.bool_)
        self._names = self._lists(parts or (name or former,) for name, former, parts in family)
        self._weighed = self._lists((name or former, *parts) for name, former, parts in family)
        self._unnamed = np.fromiter((forms[:1] == (UNNAMED_TWIN,) for forms, _ in given), np.bool_)
        self.table = WordTable(list(self._numbers))

    def _each(self, words: Iterable[str]) -> Codes:
        return np.fromiter(map(self._numbers.__getitem__, words), np.int32)

    def _lists(self, lists: Iterable[tuple[str, ...]]) -> Lists:
        kept = list(lists)
        sizes = np.fromiter(map(len, kept), np.int64, len(kept))
        return Lists(np.cumsum(sizes) - sizes, sizes, self._each(chain.from_iterable(kept)))

    def given(self, one: Codes, other: Codes, rarity: Rarity) -> tuple[Levels, Bits]:
        """Levels of n pairs of given names, by their numbers, and the bits that the rarity of a name they share adds."""
        levels = self._best((self.forms, one), (self.forms, other), given=True)
        halved = (self._halves.sizes[one] > 0) | (self._halves.sizes[other] > 0)
        unsure = np.flatnonzero(halved & ~_SETTLED[levels])
        a, b = one[unsure], other[unsure]
        half = self._share((self.forms, a), (self._halves, b)) | self._share((self._halves, a), (self.forms, b))
        half |= self._share((self._halves, a), (self._halves, b))
        levels[unsure[half]] = _NUMBER[Level.PART]
        levels[self._unnamed[one] | self._unnamed[other]] = _NUMBER[Level.UNNAMED_TWIN]
        word = np.full(len(one), NO_WORD, dtype=np.int32)
        exact = np.flatnonzero(levels == _NUMBER[Level.EXACT])
        word[exact] = self._first_shared((self.forms, one[exact]), (self.forms, other[exact]))
        return levels, self._rarities(word, rarity)

    def family(self, one: Codes, other: Codes, rarity: Rarity) -> tuple[Levels, Bits]:
        """Levels of n pairs of family names, by their numbers, and the bits that the rarity of a name they share adds."""
        a, b = self._family[one], self._family[other]
        exact = (a == b) & (a != NO_WORD)
        levels = np.full(len(one), _NUMBER[Level.EXACT], dtype=np.int8)
        alone = self._alone[one] & self._alone[other]
        hard = np.flatnonzero(~exact & ~alone)
        part = self._share((self._names, one[hard]), (self._names, other[hard]))
        levels[hard[part]] = _NUMBER[Level.PART]
        unlike = np.concatenate([np.flatnonzero(~exact & alone), hard[~part]])
        found = self._best((self._weighed, one[unlike]), (self._weighed, other[unlike]), given=False)
        found[found == _NUMBER[Level.NICKNAME]] = _NUMBER[Level.CLOSE]
        levels[unlike] = found
        former, other_former = self._former[one], self._former[other]
        changed = (former != NO_WORD) & ((former == b) | (former == other_former))
        changed |= (other_former != NO_WORD) & (other_former == a)
        levels[changed & ~exact] = _NUMBER[Level.FORMER]
        return levels, self._rarities(np.where(exact, a, NO_WORD), rarity)

    def _rarities(self, words: Codes, rarity: Rarity) -> Bits:
        """The bits of each word, none without one."""
        used = np.zeros(len(self.table), dtype=np.bool_)
        used[words] = True
        bits = np.zeros(len(self.table))
        for word in np.flatnonzero(used[1:]) + 1:
            bits[word] = rarity(self.table.words[word])
        return bits[words]

    def middles(self, one: Codes, other: Codes) -> Levels:
        """Levels of n pairs of lists of middle names, by their numbers."""
        levels = np.full(len(one), _NUMBER[Level.EXACT], dtype=np.int8)
        unlike = np.flatnonzero(one != other)
        found = self._best((self.middle, one[unlike]), (self.middle, other[unlike]), given=False)
        weak = (found == _NUMBER[Level.DIFFERS]) | (found == _NUMBER[Level.INITIAL])
        found[~weak & (found != _NUMBER[Level.EXACT])] = _NUMBER[Level.CLOSE]
        found[found == _NUMBER[Level.EXACT]] = _NUMBER[Level.PART]
        levels[unlike] = found
        return levels

    def _first_given(self, given: Codes) -> Codes:
        """The first form of given names."""
        return self.forms.words[self.forms.starts[given]]

    def in_middle(self, given: Codes, middle: Codes) -> Flags:
        """Whether the first form of a given name is one of some middle names."""
        at, of = _spread(self.middle, middle)
        found: Flags = np.zeros(len(given), dtype=np.bool_)
        found[of[self.middle.words[at] == self._first_given(given)[of]]] = True
        return found

    def crossed(self, one: tuple[Codes, Codes], other: tuple[Codes, Codes]) -> Flags:
        """Whether the given name of each sounds like the family name of the other; each is given and family names."""
        said, name = self.table.said, self._family
        same: Flags = said[self._first_given(one[0])] == said[name[other[1]]]
        same &= said[name[one[1]]] == said[self._first_given(other[0])]
        return same

    @cached_property
    def known(self) -> dict[str, NameWord]:
        """What is known of each word."""
        return {word.word: word for word in self.table.known}

    def seen(self, of: Field) -> tuple[Codes, Flags]:
        """Of each given or family name its first word, and whether it is more than that word's letters: it has other forms or
        halves, is short for another name, or is very short.
        """
        if of is Field.GIVEN:
            first = np.zeros(len(self.forms.sizes), dtype=np.int32)
            some = np.flatnonzero(self.forms.sizes)
            first[some] = self._first_given(some.astype(np.int32))
            more = (self.forms.sizes > 1) | (self._halves.sizes > 0)
        else:
            first, more = self._family, ~self._alone
        more |= self.table.is_short_for_others[first] | (self.table.length[first] < 3)
        return first, more

    def _best(self, one: tuple[Lists, Codes], other: tuple[Lists, Codes], *, given: bool) -> Levels:
        """The best agreement of any word with any word, of n pairs of lists that have a word each."""
        left, right, starts = _crossing(one, other)
        levels = self.table.compare(left, right, given=given)
        if len(starts) == len(levels):
            return levels
        best: Levels = _OF_RANK[np.minimum.reduceat(_RANK[levels], starts)]
        return best

    @staticmethod
    def _share(one: tuple[Lists, Codes], other: tuple[Lists, Codes]) -> Flags:
        """Whether two lists have a word in common."""
        left, right, starts = _crossing(one, other)
        hits = np.concatenate([[0], np.cumsum(left == right)])
        ends = np.append(starts[1:], len(left))
        found: Flags = hits[ends] > hits[starts]
        return found

    @staticmethod
    def _first_shared(one: tuple[Lists, Codes], other: tuple[Lists, Codes]) -> Codes:
        """The first word of each left list that is also on the right; there is one."""
        left, right, starts = _crossing(one, other)
        hits = np.flatnonzero(left == right)
        return left[hits[np.searchsorted(hits, starts)]]


def _spread(lists: Lists, values: Codes) -> tuple[Ints, Ints]:
    """Where in `lists.words` each word of some values stands, and which of the values it is of."""
    sizes = lists.sizes[values]
    of = np.repeat(np.arange(len(values)), sizes)
    within = np.arange(len(of)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return lists.starts[values][of] + within, of


def _crossing(one: tuple[Lists, Codes], other: tuple[Lists, Codes]) -> tuple[Codes, Codes, Ints]:
    """Every word of n lists beside every word of n others, and where the words of each pair of lists begin."""
    (a, left), (b, right) = one, other
    wide = b.sizes[right]
    made = a.sizes[left] * wide
    starts = np.cumsum(made) - made
    if len(made) and made.min() == made.max() == 1:
        return a.words[a.starts[left]], b.words[b.starts[right]], starts
    of = np.repeat(np.arange(len(made)), made)
    within = np.arange(len(of)) - starts[of]
    return a.words[a.starts[left][of] + within // wide[of]], b.words[b.starts[right][of] + within % wide[of]], starts
