"""Where another child of the home would be missed from the files, a person need not be asked whether a record is that child's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from childindex.matching.bulk.settle import Settled, Settler
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import load_model

MODEL = load_model()
SUPPLIERS = 4
KNOWN = 100  # children whom every supplier holds
FIRST = KNOWN * SUPPLIERS  # the first row after theirs
MISSPELT = {Field.GIVEN: Level.DIFFERS, Field.NHS_NUMBER: Level.MISSING, Field.UPN: Level.MISSING}


def settle(
    sources: Sequence[int],
    clusters: Sequence[int],
    pairs: Sequence[tuple[int, int, float, Mapping[Field, Level]]],
    *,
    known: int = KNOWN,
) -> Settled:
    """Records beside those of the known children: their sources and clusters, and their pairs by place with bits and what does not agree."""
    everywhere = np.tile(np.arange(SUPPLIERS), known)
    source = np.concatenate([everywhere, sources])
    cluster = np.concatenate([np.repeat(np.arange(known) * SUPPLIERS, SUPPLIERS), np.array(clusters) + len(everywhere)])
    levels = np.full((len(pairs), len(FIELDS)), LEVEL_NUMBER[Level.EXACT], dtype=np.int8)
    for line, (_, _, _, said) in enumerate(pairs):
        for of, level in said.items():
            levels[line, FIELD_NUMBER[of]] = LEVEL_NUMBER[level]
    ends = np.array([(one, other) for one, other, _, _ in pairs]) + len(everywhere)
    bits = np.array([worth for _, _, worth, _ in pairs])
    return Settler(MODEL, source, np.zeros(SUPPLIERS, np.bool_)).settle(cluster, ends, bits, levels)


def joined(found: Settled, one: int, other: int, *, known: int = KNOWN) -> bool:
    first = known * SUPPLIERS
    return bool(found.cluster[first + one] == found.cluster[first + other])


def test_a_misspelt_name_is_linked_where_a_twin_would_be_missed_by_two_suppliers_more() -> None:
    found = settle([0, 1, 2, 3], [0, 0, 0, 3], [(2, 3, 4.0, MISSPELT)])
    assert joined(found, 0, 3)
    assert (found.linked.tolist(), found.alone.tolist(), found.review.tolist()) == ([0], [True], [])
    # 4 bits of the pair and those of two suppliers more: each holds 100 of the 101 children of the last, 20 more unseen.
    further = -2 * np.log2(1 - 100 / (101 + 20))
    assert found.linked_posterior[0] == pytest.approx(1 / (1 + 2 ** -(4.0 + further)), abs=1e-6)


def test_two_clusters_are_weighed_with_the_suppliers_of_both() -> None:
    found = settle([0, 1, 2, 3], [0, 0, 2, 2], [(1, 2, 4.0, MISSPELT)])
    assert joined(found, 0, 3)


@pytest.mark.parametrize(
    "said",
    [
        {Field.FAMILY: Level.DIFFERS},
        {Field.FAMILY: Level.MISSING},
        {Field.NHS_NUMBER: Level.DIFFERS},
        {Field.UPN: Level.DIFFERS},
        {Field.ADDRESS: Level.DIFFERS, Field.CARERS: Level.PART},
    ],
)
def test_a_person_is_asked_where_home_name_or_number_contradict(said: Mapping[Field, Level]) -> None:
    found = settle([0, 1, 2, 3], [0, 0, 0, 3], [(2, 3, 4.0, {**MISSPELT, **said})])
    assert not joined(found, 0, 3)
    assert found.review.tolist() == [0]


def test_a_carer_is_as_good_as_a_home() -> None:
    assert joined(settle([0, 1, 2, 3], [0, 0, 0, 3], [(2, 3, 4.0, {**MISSPELT, Field.ADDRESS: Level.DIFFERS})]), 0, 3)


def test_a_person_is_asked_where_anybody_else_is_near() -> None:
    """A twin with a record of its own is who the record may be, however little speaks for it."""
    found = settle([0, 1, 2, 3, 0], [0, 0, 0, 3, 4], [(2, 3, 4.0, MISSPELT), (3, 4, -5.0, MISSPELT)])
    assert not joined(found, 0, 3)
    assert 0 in found.review.tolist()


def test_a_person_is_asked_where_too_few_suppliers_would_miss_the_other() -> None:
    """Two suppliers: the pair's own score knows of theirs. One more is not enough."""
    assert not joined(settle([2, 3], [0, 1], [(0, 1, 7.0, MISSPELT)]), 0, 1)
    assert not joined(settle([1, 2, 3], [0, 0, 2], [(1, 2, 7.0, MISSPELT)]), 0, 2)


def test_a_person_is_asked_where_the_pair_itself_says_too_little() -> None:
    assert not joined(settle([0, 1, 2, 3], [0, 0, 0, 3], [(2, 3, 2.0, MISSPELT)]), 0, 3)


def test_a_person_is_asked_where_suppliers_were_seldom_seen_to_hold_the_same_children() -> None:
    found = settle([0, 1, 2, 3], [0, 0, 0, 3], [(2, 3, 7.0, MISSPELT)], known=5)
    assert not joined(found, 0, 3, known=5)
