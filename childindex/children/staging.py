"""Columns of numbers and ids as PostgreSQL's binary COPY wants them: a hundred thousand search keys without a loop in Python.

Format: https://www.postgresql.org/docs/current/sql-copy.html (Binary Format); every field has its length in front.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TAIL = b"\xff\xff"

# Search keys by whose they are (a child, or a line of a batch): kind and number of each.
Keys = Collection[tuple[int, int]]


def packed(*columns: npt.NDArray[Any]) -> bytes:
    """Columns of equal length, big-endian or of raw bytes, as one binary COPY."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for place, column in enumerate(columns):
        layout += [(f"size{place}", ">i4"), (f"value{place}", column.dtype.str)]
    table = np.empty(len(columns[0]), dtype=layout)
    table["fields"] = len(columns)
    for place, column in enumerate(columns):
        table[f"size{place}"] = column.dtype.itemsize
        table[f"value{place}"] = column
    return _HEAD + table.tobytes() + _TAIL


def lines(keys: Sequence[Keys]) -> npt.NDArray[Any]:
    """The line number of every key of a batch."""
    return np.repeat(np.arange(len(keys), dtype=">i4"), [len(those) for those in keys])


def values(keys: Collection[Keys]) -> npt.NDArray[Any]:
    """The number of every key, in order."""
    return np.fromiter((key[1] for those in keys for key in those), dtype=np.int64).astype(">i8")


def kinds(keys: Collection[Keys]) -> npt.NDArray[Any]:
    """The kind of every key, in order."""
    return np.fromiter((key[0] for those in keys for key in those), dtype=np.int16).astype(">i2")


def owners(keys: Mapping[UUID, Keys]) -> npt.NDArray[Any]:
    """The child of every key, in order."""
    ids = np.frombuffer(b"".join(child.bytes for child in keys), dtype="V16")
    return np.repeat(ids, [len(those) for those in keys.values()])


def hashes(those: Sequence[bytes], *, size: int) -> npt.NDArray[Any]:
    """Hashes of one size."""
    return np.frombuffer(b"".join(those), dtype=f"V{size}")
