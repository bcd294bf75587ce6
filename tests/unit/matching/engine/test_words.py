"""Many words at once give the levels of two words alone: the same model in both places."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from childindex.matching.engine.coded import code
from childindex.matching.engine.columns import Comparer
from childindex.matching.engine.decide import may_link
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.names import compare_given_words, compare_words, read_rates
from childindex.matching.engine.words import WordTable
from tests.unit.matching.engine.made import bare

LETTERS = "abcdefghijklmnopqrstuvwxyz"
PET_ENDINGS = ("ie", "ey", "y", "i", "s", "o", "z")
# What no list of names holds: one letter, no vowel, digits, short forms, and pairs that meet in one rule only.
ODD = (
    "a", "e", "z", "ab", "ng", "xu", "mhmd", "mohammed", "muhammad", "mhmt", "krzysztof", "chris", "christopher", "christina",
    "tony", "anthony", "antonia", "bob", "robert", "rob", "robbie", "pops", "poppy", "stan", "stanley", "stanislaw", "x1", "o2",
    "jake", "jack", "jackie", "wright", "right", "knight", "night", "nite", "philip", "filip", "aoife", "eefa", "siobhan",
    "chevonne", "yvonne", "ivan", "ian", "iain", "lee", "leigh", "olive", "olivia", "emily", "emilia", "strngth", "brln", "berlin",
)  # fmt: skip


def slipped(word: str, chance: random.Random) -> str:
    """A word as it comes out of a hurried keyboard: a letter more, less, other or changed about; or as a pet form."""
    place = chance.randrange(len(word))
    kind = chance.randrange(6)
    if kind == 0:
        return word[:place] + word[place + 1 :] or word
    if kind == 1:
        return word[:place] + chance.choice(LETTERS) + word[place:]
    if kind == 2:
        return word[:place] + chance.choice(LETTERS) + word[place + 1 :]
    if kind == 3:
        return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
    if kind == 4:
        return word[: chance.randint(1, len(word))] + chance.choice(PET_ENDINGS)
    return slipped(slipped(word, chance), chance)


def seen_pairs(kind: str) -> list[tuple[str, str]]:
    """A few thousand pairs of names: a name and its slip, two of a kind that begin alike, two at random, and every odd pair."""
    chance = random.Random(20_071)  # noqa: S311 - the same pairs every time
    names = [name for name in sorted(read_rates()[kind]) if name.isalpha()]
    slips = [(name, slipped(name, chance)) for name in chance.sample(names, min(len(names), 2_000))]
    near = [(names[place], names[place + chance.randint(1, 3)]) for place in range(0, len(names) - 4, 3)]
    apart = [(chance.choice(names), chance.choice(names)) for _ in range(1_500)]
    odd = [(one, other) for one in ODD for other in ODD]
    return slips + near[:2_000] + apart + odd


def at_once(pairs: Sequence[tuple[str, str]], *, given: bool) -> list[Level]:
    """The levels of pairs, compared in one call."""
    words = sorted({word for pair in pairs for word in pair})
    place = {word: number for number, word in enumerate(words)}
    left, right = (np.array([place[pair[side]] for pair in pairs], dtype=np.int32) for side in (0, 1))
    return [LEVELS[level] for level in WordTable(words).compare(left, right, given=given)]


def alone(pairs: Sequence[tuple[str, str]], *, given: bool) -> list[Level]:
    """The levels of pairs, one by one, with nothing remembered of earlier ones."""
    compare = compare_given_words if given else compare_words
    return [compare.__wrapped__(one, other) for one, other in pairs]


def unlike(pairs: Sequence[tuple[str, str]], *, given: bool) -> list[object]:
    """Pairs on which the two disagree."""
    found = zip(pairs, at_once(pairs, given=given), alone(pairs, given=given), strict=True)
    return [(pair, str(many), str(one)) for pair, many, one in found if many is not one]


@pytest.mark.parametrize(("kind", "is_given"), [("given", True), ("family", False), ("given", False)])
def test_names_as_they_are_written_have_the_same_level_at_once_as_alone(kind: str, is_given: bool) -> None:
    pairs = seen_pairs(kind)
    assert len(pairs) > 4_000
    assert unlike(pairs, given=is_given) == []


def test_the_names_compared_reach_every_level() -> None:
    """Else the agreement above would say little."""
    found = set(at_once(seen_pairs("given"), given=True))
    assert found == {
        Level.EXACT, Level.TRANSLITERATION, Level.NICKNAME, Level.SOUNDS_ALIKE, Level.CLOSE, Level.INITIAL, Level.SIMILAR,
        Level.DIFFERS,
    }  # fmt: skip


@pytest.mark.parametrize("is_given", [True, False])
def test_it_does_not_matter_which_name_stands_first(is_given: bool) -> None:
    pairs = seen_pairs("given" if is_given else "family")
    turned = [(other, one) for one, other in pairs]
    both = zip(pairs, at_once(pairs, given=is_given), at_once(turned, given=is_given), strict=True)
    assert [pair for pair, one, other in both if one is not other] == []


def test_few_pairs_are_compared_as_many_are() -> None:
    """Below a few hundred pairs another way is taken."""
    pairs = seen_pairs("given")[:3_000]
    few = [level for start in range(0, len(pairs), 100) for level in at_once(pairs[start : start + 100], given=True)]
    assert few == at_once(pairs, given=True)


WORD = st.one_of(
    st.sampled_from([*ODD, *sorted(name for name in read_rates()["given"] if name.isalpha())[::7]]),
    st.text(alphabet="abcdeghiklmnorstuvyz", min_size=1, max_size=12),
)


@st.composite
def word_pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two words, often one a slip or two from the other."""
    one = draw(WORD)
    other = draw(WORD) if draw(st.booleans()) else slipped(one, random.Random(draw(st.integers(0, 1 << 30))))  # noqa: S311
    return one, other


@settings(max_examples=40, deadline=None)
@given(st.lists(word_pairs(), min_size=8, max_size=30), st.booleans())
def test_any_words_have_the_same_level_at_once_as_alone(pairs: list[tuple[str, str]], is_given: bool) -> None:
    crossed = [(one, other) for one, _ in pairs for _, other in pairs]
    many = (crossed * (300 // len(crossed) + 1)) + pairs
    assert len(many) > 256
    assert unlike(many, given=is_given) == []


def test_a_child_who_has_no_name_yet_is_never_linked_by_its_name() -> None:
    """Twin 1 is not Twin 1 of the next form: however alike the rest, a person decides; among few pairs and among many."""
    model = load_model()
    twin, named = (
        bare(given_name=name, family_name="Hargreave", birth_date="2014-03-09") for name in ("Twin 1", "Amy")
    )
    other = bare(given_name="Twin 2", family_name="Hargreave", birth_date="2014-03-09", postcode="ZB1 2CD")
    records = [twin, other, named]
    values, (coded,) = code(records)
    for times in (1, 300):
        pairs = np.array([(0, 1), (0, 2), (0, 0)] * times)
        levels, _ = Comparer(model, values, coded, coded).compare(pairs)
        assert set(levels[:, FIELD_NUMBER[Field.GIVEN]].tolist()) == {LEVEL_NUMBER[Level.UNNAMED_TWIN]}
        assert not may_link(model, levels).any()
