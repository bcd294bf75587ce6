"""Several pieces of work at once. DuckDB and numpy let other threads on while they work; what is plain Python takes its turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

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
