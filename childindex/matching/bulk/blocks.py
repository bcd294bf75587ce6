"""A block of the records at a time, for an engine of many machines: by the functions that link all of them at once, and with the same result.

Exact keys hold the whole date of birth, so that every record of a day can be settled apart from all others; pairs are found by
one shared key at a time, so that every record that has a key can be compared apart from all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from childindex.matching.bulk.candidates import Finder, holdings
from childindex.matching.bulk.certain import certain
from childindex.matching.bulk.groups import Flags, Hashes
from childindex.matching.bulk.link import FLOOR, certain_pairs, score, score_likely
from childindex.matching.bulk.records import Records, number_by_text
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.levels import FIELDS
from childindex.matching.engine.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What exact keys settled of n records, and their search keys: the keys of record i are `keys[starts[i]:starts[i + 1]]`.

    `cluster` is the first record of each one's cluster (its place in the block), `held` the sources of the cluster as bits; `bits`
    and `levels` (n x fields) are of the pair of the two, nan and 0 where the record is that first one.
    """

    cluster: Ints
    held: Hashes
    bits: Bits
    levels: Levels
    keys: Hashes
    starts: Ints


def settle_block(model: Model, records: Records, several: Flags) -> Placed:
    """Settle what exact keys settle among records, with every record of any day that they have; and make their search keys."""
    cluster = certain(records, several)
    sure, sure_bits, sure_levels = score(model, records, certain_pairs(model, records, cluster), None)
    bits, levels = np.full(len(records), np.nan), np.zeros((len(records), len(FIELDS)), dtype=np.int8)
    bits[sure[:, 1]], levels[sure[:, 1]] = sure_bits, sure_levels
    number_by_text(records)
    held = holdings(cluster, records.source)
    lines = list(Finder(model, records, cluster, several, held=held).keys())
    keys, places = np.concatenate([keys for keys, _ in lines]), np.concatenate([places for _, places in lines])
    order = np.argsort(places, kind="stable")
    return Placed(
        cluster=cluster,
        held=held[cluster],
        bits=bits,
        levels=levels,
        keys=keys[order],
        starts=np.searchsorted(places[order], np.arange(len(records) + 1)),
    )


def compare_block(
    model: Model, records: Records, several: Flags, clusters: tuple[Ints, Hashes], lines: tuple[Hashes, Ints]
) -> tuple[Ints, Bits, Levels]:
    """Pairs of records (their places, the smaller first) that share a key, with score in bits and levels, but those below the floor.

    `clusters` are the number of each record's cluster and the sources it holds, `lines` keys and places: every record of any key
    that they have.
    """
    _, first, cluster = np.unique(clusters[0], return_index=True, return_inverse=True)
    finder = Finder(model, records, cluster, several, held=clusters[1][first])
    return score_likely(model, records, finder.pairs(FLOOR, [lines]))
