"""Several pieces of work at once: in order, a little ahead, faults told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from childindex.matching.bulk.threads import chunks, spread


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
