"""Drawing a stratified sample: which decisions, and of what they are so many. Pure: the same seed and decisions, the same sample."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from heapq import heappush, heapreplace
from math import sqrt
from typing import Final
from uuid import UUID

from childindex.kernel.identity import Identity
from childindex.matching.quality.types import Decided, Drawn, Groups, Kind, Sizes, Stratum

# A score from here on, best first: errors sit where the model is less sure, so that each band has its own stratum.
_BANDS: Final = {
    Kind.LINK: ((0.999, "sure"), (0.99, "likely"), (0.0, "just")),
    Kind.NEAR_MISS: ((0.01, "near"), (0.0, "far")),
}
_AGES: Final = ((16, "16-17"), (11, "11-15"), (5, "5-10"), (0, "0-4"))
_SHORT: Final = 3


def band_of(kind: Kind, score: float) -> str:
    """The band of a score from 0 to 1."""
    return next(band for least, band in _BANDS[kind] if score >= least)


def groups_of(who: Identity, *, on: date) -> Groups:
    """The groups of a record on a day, from its birth date, its names and whether it has a number."""
    return Groups(age=_age(who, on), name=_name(who), number="with" if who.nhs_number or who.upn else "without")


def _age(who: Identity, on: date) -> str:
    if who.birth_date is None:
        return "not_known"
    years = who.birth_date.age(on)
    return next((band for least, band in _AGES if years >= least), _AGES[-1][1])


def _name(who: Identity) -> str:
    """How the name is written, as far as comparing names depends on it; the first that holds."""
    letters = unicodedata.normalize("NFC", f"{who.given_name}{who.family_name}")
    if not letters.isascii():
        return "beyond_az"
    if not who.given_name or not who.family_name:
        return "one_part"
    if any(mark in name.strip() for name in (who.given_name, who.family_name) for mark in " -"):
        return "several_parts"
    return "short" if min(len(who.given_name), len(who.family_name)) <= _SHORT else "plain"


def draw(decisions: Iterable[Decided], *, seed: int, sizes: Sizes) -> list[Drawn]:
    """A simple random sample without replacement of each stratum, however many decisions there are and in whatever order.

    Each decision has a place that only the seed and its record's id make; those with the lowest are taken.
    """
    counts: Counter[Stratum] = Counter()
    lowest: dict[Stratum, list[tuple[int, int, Decided]]] = {}
    for one in decisions:
        counts[one.stratum] += 1
        kept = lowest.setdefault(one.stratum, [])
        # Negative, because a heap gives up its least; the count settles ties before decisions would be compared.
        line = (-_place(one.record, seed), counts[one.stratum], one)
        if len(kept) < sizes.of(one.stratum.kind):
            heappush(kept, line)
        elif kept and kept[0] < line:
            heapreplace(kept, line)
    together: dict[tuple[str, Kind], dict[Stratum, int]] = {}
    for stratum, count in counts.items():
        together.setdefault((stratum.authority, stratum.kind), {})[stratum] = count
    drawn = []
    for (_, kind), populations in sorted(together.items()):
        for stratum, size in sorted(allocate(populations, sizes.of(kind)).items()):
            first = tuple(one for _, _, one in sorted(lowest[stratum], key=lambda line: -line[0])[:size])
            drawn.append(Drawn(stratum=stratum, population=counts[stratum], decisions=first))
    return drawn


def _place(record: UUID, seed: int) -> int:
    return int.from_bytes(blake2b(record.bytes, key=seed.to_bytes(8, "big"), digest_size=16).digest(), "big")


def allocate(populations: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """How many of each stratum: as the roots of what they hold, what small ones lack going to the others, and none without one.

    Power allocation (Bankier, The American Statistician 42, 1988): between in proportion, best for the whole, and equal, best for
    small suppliers and unsure links, about which there is most to learn. Weights make up for it.
    """
    if size == 0:
        return dict.fromkeys(populations, 0)
    shares: dict[Stratum, int] = {}
    left, roots = size, sum(map(sqrt, populations.values()))
    for stratum, population in sorted(populations.items(), key=lambda item: (item[1], item[0])):
        shares[stratum] = min(population, max(round(left * sqrt(population) / roots), 1))
        left = max(left - shares[stratum], 0)
        roots -= sqrt(population)
    return shares


def drawn_records(drawn: Sequence[Drawn]) -> list[UUID]:
    """The records of all that was drawn."""
    return [one.record for each in drawn for one in each.decisions]
