"""Several pieces of work at once: in order, a little ahead, faults told."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest

from childindex.matching.bulk.threads import beside, chunks, spread


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_is_made_comes_in_order_and_parts_are_taken_only_a_little_ahead(threads: int) -> None:
    taken = []

    def parts() -> Iterator[int]:
        for part in range(50):
            taken.append(part)
            yield part

    for place, made in enumerate(spread(lambda part: part * part, parts(), threads)):
        assert made == place * place
        assert len(taken) <= place + threads + 1


@pytest.mark.parametrize("threads", [1, 2])
def test_what_work_raises_is_raised(threads: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(spread(lambda part: 1 // part, [2, 1, 0, 1], threads))


@pytest.mark.parametrize(("size", "threads"), [(0, 2), (1, 2), (7, 3), (10, 1)])
def test_chunks_are_the_whole_in_order_and_one_at_least(size: int, threads: int) -> None:
    rows = np.arange(size)
    parts = list(chunks(rows, threads))
    assert len(parts) >= 1
    assert np.concatenate(parts).tolist() == rows.tolist()


@pytest.mark.parametrize(("threads", "at_once"), [(1, False), (2, True)])
def test_two_pieces_are_done_at_once_where_there_are_threads_for_both(threads: int, at_once: bool) -> None:
    begun = Event()

    def other() -> str:
        begun.set()
        return "other"

    assert beside(lambda: begun.wait(5.0 if at_once else 0.0), other, threads) == (at_once, "other")


@pytest.mark.parametrize("threads", [1, 2])
def test_what_either_piece_raises_is_raised(threads: int) -> None:
    for one, other in ((lambda: 1 // 0, int), (int, lambda: 1 // 0)):
        with pytest.raises(ZeroDivisionError):
            beside(one, other, threads)
