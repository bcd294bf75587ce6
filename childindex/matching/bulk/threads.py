"""Several pieces of work at once. DuckDB and numpy let other threads on while they work; what is plain Python takes its turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

# Work on more lines than this at a time takes memory and no less time.
_CHUNK: Final = 1_000_000

Rows = npt.NDArray[np.int64]
Part = TypeVar("Part")
Done = TypeVar("Done")


def spread(work: Callable[[Part], Done], parts: Iterable[Part], threads: int) -> Iterator[Done]:
    """What `work` makes of each part, in order; parts are taken only a little ahead, so that not all are in memory at once.

    What a piece of work raises is raised here.
    """
    if threads < 2:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[Done]] = deque()
        for part in parts:
            begun.append(pool.submit(work, part))
            if len(begun) > threads:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def beside(one: Callable[[], Part], other: Callable[[], Done], threads: int) -> tuple[Part, Done]:
    """What two pieces of work make, at once where there are threads for both."""
    if threads < 2:
        return one(), other()
    with ThreadPoolExecutor(1) as pool:
        begun = pool.submit(other)
        return one(), begun.result()


def chunks(rows: Rows, threads: int) -> Iterator[Rows]:
    """An array in parts, one for each thread at least, none too large; one part when it is empty."""
    size = min(_CHUNK, len(rows) // threads + 1)
    return (rows[start : start + size] for start in range(0, max(len(rows), 1), size))
