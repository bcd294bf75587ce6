"""Which clusters of records may be one child."""

from __future__ import annotations

from dataclasses import dataclass

from childindex.matching.bulk.groups import Flags
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits


@dataclass(slots=True)
class Edges:
    """Two clusters each that may be one child: their best pair of records, its score in bits, whether it may link, and whether
    no given name speaks for it.
    """

    one: Ints
    other: Ints
    pair: Ints
    bits: Bits
    may_link: Flags
    nameless: Flags

    def __len__(self) -> int:
        """How many."""
        return len(self.one)

    def where(self, use: Flags | Ints) -> Edges:
        """Some of them."""
        return Edges(*(getattr(self, name)[use] for name in self.__slots__))
