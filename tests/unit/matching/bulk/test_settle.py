"""Who is linked with whom: rivals, one record of each supplier, and families divided as they agree best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from childindex.matching.bulk.settle import Settled, Settler, _best_first, _best_of_all
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import load_model

MODEL = load_model()
Pairs = Mapping[tuple[int, int], float]
ALIKE = np.full(len(FIELDS), LEVEL_NUMBER[Level.EXACT], dtype=np.int8)


def settle(
    sources: Sequence[int],
    pairs: Pairs,
    *,
    several: Sequence[int] = (),
    cluster: Sequence[int] | None = None,
    levels: np.ndarray | None = None,
) -> Settled:
    """Records of these sources, and the bits of the pairs that were scored."""
    source = np.array(sources, dtype=np.int64)
    flags = np.isin(np.arange(source.max() + 1), several)
    start = np.arange(len(source)) if cluster is None else np.array(cluster)
    return Settler(MODEL, source, flags).settle(
        start,
        np.array(list(pairs) or np.empty((0, 2)), dtype=np.int64).reshape(-1, 2),
        np.array(list(pairs.values()), dtype=np.float64),
        np.tile(ALIKE, (len(pairs), 1)) if levels is None else levels,
    )


def groups(found: Settled) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(found.cluster == one).tolist()) for one in np.unique(found.cluster)}


def partitions(members: list[int]) -> Iterator[list[list[int]]]:
    """Every division of a few into groups."""
    if not members:
        yield []
        return
    first, rest = members[0], members[1:]
    for division in partitions(rest):
        yield [[first], *division]
        for place, group in enumerate(division):
            yield [*division[:place], [first, *group], *division[place + 1 :]]


def worth(division: Sequence[Sequence[int]], bits: np.ndarray) -> float:
    return float(sum(bits[a, b] for group in division for a, b in combinations(sorted(group), 2)))


def test_what_is_certain_enough_is_linked_and_the_rest_is_not() -> None:
    found = settle([0, 1, 0, 1, 0, 1], {(0, 1): 20.0, (2, 3): 1.0, (4, 5): -20.0})
    assert groups(found) == {frozenset({0, 1}), frozenset({2}), frozenset({3}), frozenset({4}), frozenset({5})}
    assert found.linked.tolist() == [0]
    assert found.review.tolist() == [1]
    assert found.linked_posterior[0] == pytest.approx(1.0)
    assert found.review_posterior[0] == pytest.approx(2 / 3)
    assert found.posterior.tolist() == pytest.approx([1.0, 2 / 3, 0.0], abs=1e-5)


def test_a_pair_joined_early_on_keeps_the_share_it_was_joined_with() -> None:
    found = settle([0, 1], {(0, 1): 12.0})
    assert found.linked_posterior[0] == pytest.approx(2**12 / (1 + 2**12))


def test_rivals_share_and_a_person_is_asked_of_both() -> None:
    """Two records of one supplier are as like one of another: neither may be taken."""
    found = settle([0, 0, 1], {(0, 2): 20.0, (1, 2): 20.0})
    assert len(groups(found)) == 3
    assert sorted(found.review.tolist()) == [0, 1]
    assert found.review_posterior.tolist() == pytest.approx([0.5, 0.5], abs=1e-5)


def test_records_of_other_suppliers_are_no_rivals() -> None:
    found = settle([0, 1, 2], {(0, 1): 20.0, (0, 2): 20.0, (1, 2): 20.0})
    assert groups(found) == {frozenset({0, 1, 2})}


def test_a_far_better_rival_wins_and_the_other_is_free_again() -> None:
    """Once its rival is placed the second record does not compete for it, and finds its own."""
    found = settle([0, 0, 1, 1], {(0, 2): 30.0, (1, 2): 14.0, (1, 3): 14.0})
    assert groups(found) == {frozenset({0, 2}), frozenset({1, 3})}


def test_no_child_has_two_records_of_one_supplier() -> None:
    """A chain over a third record joins no two records of one supplier: the stronger pair stays."""
    found = settle([0, 1, 0, 2], {(0, 3): 16.0, (2, 1): 16.0, (1, 3): 16.0, (0, 1): 15.0})
    for group in groups(found):
        assert not {0, 2} <= group


def test_a_source_that_holds_a_child_several_times_may_join_itself() -> None:
    assert len(groups(settle([0, 0, 0], {(0, 1): 20.0, (1, 2): 20.0, (0, 2): 20.0}))) == 3
    assert groups(settle([0, 0, 0], {(0, 1): 20.0, (1, 2): 20.0, (0, 2): 20.0}, several=[0])) == {frozenset({0, 1, 2})}


def test_what_exact_keys_settled_stays_and_keeps_its_suppliers() -> None:
    """The cluster of rows 0 and 1 has both suppliers already: nothing of either may join it, however alike."""
    found = settle([0, 1, 0, 2], {(1, 2): 40.0, (1, 3): 20.0}, cluster=[0, 0, 2, 3])
    assert groups(found) == {frozenset({0, 1, 3}), frozenset({2})}
    assert found.review.tolist() == []


def test_what_may_not_be_linked_without_a_person_is_asked() -> None:
    levels = np.tile(ALIKE, (1, 1))
    levels[0, FIELD_NUMBER[Field.GIVEN]] = LEVEL_NUMBER[Level.UNNAMED_TWIN]
    levels[0, [FIELD_NUMBER[Field.NHS_NUMBER], FIELD_NUMBER[Field.UPN]]] = LEVEL_NUMBER[Level.MISSING]
    found = settle([0, 1], {(0, 1): 40.0}, levels=levels)
    assert len(groups(found)) == 2
    assert found.review.tolist() == [0]


def test_the_best_division_beats_a_greedy_chain() -> None:
    """Two children, two suppliers' records each: the best single pair goes across, but the two others are worth more together."""
    bits = np.full((4, 4), -30.0)
    for (one, other), score in {(0, 1): 20.0, (2, 3): 20.0, (1, 2): 22.0}.items():
        bits[one, other] = bits[other, one] = score
    assert sorted(map(sorted, _best_of_all(bits))) == [[0, 1], [2, 3]]
    assert [1, 2] in list(map(sorted, _best_first(bits)))


def test_a_family_that_disagrees_is_divided() -> None:
    """A chain of four suppliers' records whose ends are strangers is two children, not one."""
    found = settle(
        [0, 1, 2, 3], {(0, 1): 20.0, (1, 2): 14.0, (2, 3): 20.0, (0, 2): -25.0, (1, 3): -25.0, (0, 3): -30.0}
    )
    assert groups(found) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_record_without_a_name_does_not_make_one_child_of_twins() -> None:
    """It is as near to either; that the two are never linked without a person holds all the same."""
    pairs = {(0, 1): 20.0, (1, 2): 18.0, (0, 2): -4.0}
    levels = np.tile(ALIKE, (3, 1))
    given = FIELD_NUMBER[Field.GIVEN]
    levels[:, [FIELD_NUMBER[Field.NHS_NUMBER], FIELD_NUMBER[Field.UPN]]] = LEVEL_NUMBER[Level.MISSING]
    levels[:, given] = [LEVEL_NUMBER[level] for level in (Level.MISSING, Level.MISSING, Level.DIFFERS)]
    assert groups(settle([0, 1, 2], pairs, levels=levels)) == {frozenset({0, 1}), frozenset({2})}
    # A child known by two names is another matter: each name of the record between agrees with one of the others.
    levels[:, given] = [LEVEL_NUMBER[level] for level in (Level.EXACT, Level.NICKNAME, Level.DIFFERS)]
    assert groups(settle([0, 1, 2], pairs, levels=levels)) == {frozenset({0, 1, 2})}


def test_a_record_without_a_name_does_not_keep_a_child_from_its_own() -> None:
    """It lives elsewhere than one of them, and may not be joined with that one by itself: it says nothing of the two who have the name."""
    levels = np.tile(ALIKE, (3, 1))
    levels[:, [FIELD_NUMBER[Field.NHS_NUMBER], FIELD_NUMBER[Field.UPN]]] = LEVEL_NUMBER[Level.MISSING]
    given, home = FIELD_NUMBER[Field.GIVEN], FIELD_NUMBER[Field.ADDRESS]
    levels[:, given] = [LEVEL_NUMBER[level] for level in (Level.MISSING, Level.MISSING, Level.EXACT)]
    levels[:, home] = [LEVEL_NUMBER[level] for level in (Level.EXACT, Level.DIFFERS, Level.DIFFERS)]
    pairs = {(0, 1): 20.0, (0, 2): 6.0, (1, 2): 19.0}
    assert groups(settle([0, 1, 2], pairs, levels=levels)) == {frozenset({0, 1, 2})}


def test_a_larger_family_is_divided_best_first() -> None:
    """Two children known to six suppliers each, and one link too many between them."""
    pairs = {(side + one, side + other): 20.0 for side in (0, 6) for one, other in combinations(range(6), 2)}
    pairs[5, 6] = 14.0
    assert groups(settle(list(range(12)), pairs)) == {frozenset(range(6)), frozenset(range(6, 12))}


def test_nothing_to_settle() -> None:
    found = settle([0, 1, 1], {})
    assert len(groups(found)) == 3
    assert (len(found.linked), len(found.review), len(found.posterior)) == (0, 0, 0)


def test_there_is_a_limit_to_sources() -> None:
    with pytest.raises(ValueError, match="64 sources"):
        Settler(MODEL, np.arange(65), np.zeros(65, dtype=np.bool_))


@st.composite
def families(draw: st.DrawFn) -> np.ndarray:
    """Bits between any two of a few: some speak for, some against, some can never be."""
    size = draw(st.integers(1, 6))
    bits = np.zeros((size, size))
    for a, b in combinations(range(size), 2):
        bits[a, b] = bits[b, a] = draw(st.sampled_from([-np.inf, -30.0, -8.0, -1.5, 0.5, 3.0, 9.0, 20.0, 31.0]))
    return bits


@settings(max_examples=150)
@given(families())
def test_no_division_is_better_than_the_best(bits: np.ndarray) -> None:
    found = _best_of_all(bits)
    assert sorted(member for group in found for member in group) == list(range(len(bits)))
    assert worth(found, bits) == pytest.approx(max(worth(one, bits) for one in partitions(list(range(len(bits))))))


@settings(max_examples=150)
@given(families())
def test_best_first_is_a_division_that_joins_no_two_that_can_never_be(bits: np.ndarray) -> None:
    found = _best_first(bits)
    assert sorted(member for group in found for member in group) == list(range(len(bits)))
    assert worth(found, bits) >= 0.0


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_whatever_the_scores_no_child_has_two_records_of_one_supplier(data: st.DataObject) -> None:
    sources = data.draw(st.lists(st.integers(0, 3), min_size=2, max_size=12))
    every = list(combinations(range(len(sources)), 2))
    chosen = data.draw(st.lists(st.sampled_from(every), unique=True, max_size=25))
    pairs = {pair: data.draw(st.sampled_from([-20.0, 0.0, 6.0, 14.0, 20.0, 33.0])) for pair in sorted(chosen)}
    found = settle(sources, pairs)
    for group in groups(found):
        held = [sources[row] for row in group]
        assert len(held) == len(set(held))
        assert min(group) == found.cluster[min(group)]
    apart = [list(pairs)[place] for place in found.review.tolist()]
    assert all(found.cluster[one] != found.cluster[other] for one, other in apart)
