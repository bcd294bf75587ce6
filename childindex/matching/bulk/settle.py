"""Who is linked with whom: rivals have their share, and families of candidates are divided so that the whole agrees best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from childindex.matching.bulk.absent import nobody_else
from childindex.matching.bulk.edges import Edges
from childindex.matching.bulk.groups import Flags, Hashes, components, held_by, starts_of
from childindex.matching.bulk.rivals import contested
from childindex.matching.engine.coded import Ints, different, ordering
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.decide import may_link
from childindex.matching.engine.levels import FIELD_NUMBER, LEVEL_NUMBER, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.scorer import probability

# Two groups of records that share no key, or were seen at once to be unlike, speak against one another with so many bits.
_STRANGERS = -8.0
_MISSING = LEVEL_NUMBER[Level.MISSING]
# Families of candidates up to this size are divided in the best of all ways; larger ones best first.
_SMALL = 9
_MOST_ROUNDS = 4
_SOURCES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The cluster of each record; the pairs (places) that joined clusters or are left for a person, with their posterior.

    `alone` says of the joining pairs which were left for a person but that another child would be missed from the files.
    """

    cluster: Ints
    linked: Ints
    linked_posterior: Bits
    alone: Flags
    review: Ints
    review_posterior: Bits
    posterior: Bits


class Settler:
    """Settles scored pairs of records into clusters with at most one record of each source (but of those that hold several)."""

    def __init__(self, model: Model, source: Ints, several: Flags) -> None:
        """`source` is the number of the source of each record."""
        if len(several) > _SOURCES:
            raise ValueError(f"no more than {_SOURCES} sources can be linked at once")
        self._model = model
        self._own = np.where(several[source], np.uint64(0), np.uint64(1) << source.astype(np.uint64))

    def posterior(self, cluster: Ints, pairs: Ints, bits: Bits) -> Bits:
        """How surely each pair is one child, rivals considered, before anything is linked."""
        held = held_by(cluster, self._own)
        nothing = np.zeros(len(pairs), dtype=np.bool_)
        edges = self._edges(cluster, held, pairs, (bits, nothing, nothing))
        return self._of_pairs(cluster, pairs, edges, self._posterior(edges, held))

    def settle(self, cluster: Ints, pairs: Ints, bits: Bits, levels: Levels) -> Settled:
        """Link what is certain enough, in rounds: what is placed no longer competes. The rest that is likely enough is for a person."""
        links, link_shares = [np.empty(0, dtype=np.int64)], [np.empty(0)]
        cluster = cluster.copy()
        allowed, nameless = may_link(self._model, levels), levels[:, FIELD_NUMBER[Field.GIVEN]] == _MISSING
        asked, first = ~allowed, np.zeros(len(pairs))
        for round_number in range(_MOST_ROUNDS):
            held = held_by(cluster, self._own)
            edges = self._edges(cluster, held, pairs, (bits, allowed, nameless))
            posterior = self._posterior(edges, held)
            if not round_number:
                first = self._of_pairs(cluster, pairs, edges, posterior)
            wins = self._wins(edges, levels, posterior, held)
            if not wins.any():
                break
            joined = self._join(edges, wins, held, len(cluster))
            took = wins & (joined[edges.one] == joined[edges.other])
            allowed[edges.pair[wins & ~took]] = False  # a family was divided here: only a person may join it again
            links.append(edges.pair[took])
            link_shares.append(posterior[took])
            cluster = joined[cluster]
        held = held_by(cluster, self._own)
        edges = self._edges(cluster, held, pairs, (bits, allowed, nameless))
        sure, shares = self._nobody_else(edges, cluster, pairs, (asked, levels), held)
        cluster = components(len(cluster), edges.one[sure], edges.other[sure])[cluster]
        links, link_shares = [*links, edges.pair[sure]], [*link_shares, shares]
        edges = edges.where(~sure)  # nobody else was near either of the two
        posterior = self._posterior(edges, held)
        ask = posterior >= self._model.thresholds.ask
        return Settled(
            cluster=cluster,
            linked=np.concatenate(links),
            linked_posterior=np.concatenate(link_shares),
            alone=np.repeat([False, True], [sum(map(len, links[:-1])), len(links[-1])]),
            review=edges.pair[ask],
            review_posterior=posterior[ask],
            posterior=first,
        )

    def _nobody_else(
        self, edges: Edges, cluster: Ints, pairs: Ints, known: tuple[Flags, Levels], held: Hashes
    ) -> tuple[Flags, Bits]:
        """Which edges link because nobody else is there, and how surely; `known` are by pair: whether a person is asked first, levels.

        What was a family that was divided stays divided.
        """
        asked, levels = known
        one, other = pairs[edges.pair].T
        turned = cluster[one] != edges.one
        best = self._own[np.where(turned, other, one)], self._own[np.where(turned, one, other)]
        worth = nobody_else(edges, levels[edges.pair], held, best, self._model.thresholds)
        sure = asked[edges.pair] & (worth > -np.inf)
        return sure, probability(worth[sure])

    def _wins(self, edges: Edges, levels: Levels, posterior: Bits, held: Hashes) -> Flags:
        """The edges that are certain enough to link, unless a rival makes them doubtful."""
        limits = self._model.thresholds
        wins: Flags = edges.may_link & (posterior >= limits.link)
        return wins & ~contested(edges, levels[edges.pair], held, wins, limits)

    @staticmethod
    def _edges(cluster: Ints, held: Hashes, pairs: Ints, known: tuple[Bits, Flags, Flags]) -> Edges:
        """The best pair between any two clusters that may still be joined; `known` are bits, may link, and nameless, by pair."""
        bits, allowed, nameless = known
        a, b = cluster[pairs[:, 0]], cluster[pairs[:, 1]]
        use = np.flatnonzero((a != b) & ((held[a] & held[b]) == 0))
        one, other = np.minimum(a[use], b[use]), np.maximum(a[use], b[use])
        best = use[_best_of_each(one * len(cluster) + other, bits[use])]
        a, b = cluster[pairs[best, 0]], cluster[pairs[best, 1]]
        return Edges(np.minimum(a, b), np.maximum(a, b), best, bits[best], allowed[best], nameless[best])

    def _posterior(self, edges: Edges, held: Hashes) -> Bits:
        """The probability that two clusters are one child rather than any rival on either side, or nobody."""
        odds = np.exp2(np.clip(edges.bits, -60.0, 60.0))
        return np.minimum(
            self._share(odds, edges.one, held[edges.other]), self._share(odds, edges.other, held[edges.one])
        )

    @staticmethod
    def _share(odds: Bits, mine: Ints, theirs: Hashes) -> Bits:
        """Each edge's share among the edges of `mine` to clusters that have a record of the same source."""
        share: Bits = odds / (1.0 + odds)
        for source in range(_SOURCES):
            has = (theirs >> np.uint64(source)) & np.uint64(1) == 1
            if has.any():
                _, number = different(mine[has])
                total = np.bincount(number, odds[has])
                share[has] = np.minimum(share[has], odds[has] / (1.0 + total[number]))
        return share

    @staticmethod
    def _of_pairs(cluster: Ints, pairs: Ints, edges: Edges, posterior: Bits) -> Bits:
        """The posterior of every pair of records: that of its two clusters."""
        size = len(cluster)
        a, b = cluster[pairs[:, 0]], cluster[pairs[:, 1]]
        key = np.minimum(a, b) * size + np.maximum(a, b)
        known = edges.one * size + edges.other
        if not len(known):
            return np.zeros(len(pairs))
        place = np.minimum(np.searchsorted(known, key), len(known) - 1)
        return np.where(known[place] == key, posterior[place], 0.0)

    def _join(self, edges: Edges, wins: Flags, held: Hashes, size: int) -> Ints:
        """The new cluster of each old one: families of candidates joined whole where nothing speaks against it, else divided."""
        label = components(size, edges.one[wins], edges.other[wins])
        nodes = np.flatnonzero(np.bincount(label, minlength=size)[label] > 1)
        within = label[edges.one] == label[edges.other]
        members = np.bincount(label[nodes], minlength=size)
        edges = self._not_by_the_nameless(edges, wins, label)
        good = np.bincount(label[edges.one[within & (edges.bits > 0)]], minlength=size)
        divided = (members > 2) & (good < members * (members - 1) // 2)
        trouble = nodes[divided[label[nodes]]]
        trouble = trouble[np.argsort(label[trouble], kind="stable")]
        order = np.flatnonzero(within & divided[label[edges.one]])
        order = order[np.argsort(label[edges.one[order]], kind="stable")]
        family_starts, edge_starts = starts_of(label[trouble]), starts_of(label[edges.one[order]])
        edge_ends = np.append(edge_starts[1:], len(order))
        for place, family in enumerate(np.split(trouble, family_starts[1:]) if len(trouble) else []):
            mine = order[edge_starts[place] : edge_ends[place]]
            for group in _divide(family, edges.where(mine), held):
                label[group] = min(group)
        return label

    @staticmethod
    def _not_by_the_nameless(edges: Edges, wins: Flags, label: Ints) -> Edges:
        """Two who are never linked without a person are not made one by a third record that has no given name.

        Such a record is as near to a child's brother, sister or twin as to the child.
        """
        bridged = np.zeros(len(label), dtype=np.bool_)
        bridged[label[edges.one[wins & edges.nameless]]] = True
        return replace(
            edges, bits=np.where(bridged[label[edges.one]] & ~edges.may_link & ~edges.nameless, -np.inf, edges.bits)
        )


def _best_of_each(keys: Ints, worth: Bits) -> Ints:
    """Of all that have one key the place of what is worth most, the first of equals; in the order of the keys."""
    order = ordering(keys)
    starts = starts_of(keys[order])
    if len(starts) == len(order):
        return order
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(order))))
    most = np.flatnonzero(worth[order] == np.maximum.reduceat(worth[order], starts)[group])
    return order[most[starts_of(group[most])]]


def _divide(family: Ints, edges: Edges, held: Hashes) -> list[list[int]]:
    """Divide a family of clusters into children so that the bits within the groups are as many as can be."""
    place = {node: number for number, node in enumerate(family.tolist())}
    bits = np.full((len(family), len(family)), _STRANGERS)
    for one, other, score in zip(edges.one.tolist(), edges.other.tolist(), edges.bits.tolist(), strict=True):
        bits[place[one], place[other]] = bits[place[other], place[one]] = score
    sources = [int(held[node]) for node in family.tolist()]
    bits[[[bool(a & b) for b in sources] for a in sources]] = -np.inf
    groups = _best_of_all(bits) if len(family) <= _SMALL else _best_first(bits)
    return [[int(family[member]) for member in group] for group in groups]


def _best_of_all(bits: Bits) -> list[list[int]]:
    """The best division of a few, by trying every group of every subset once."""
    size = len(bits)
    worth = [0.0] * (1 << size)
    for subset in range(1, 1 << size):
        members = [member for member in range(size) if subset >> member & 1]
        worth[subset] = float(sum(bits[a, b] for a, b in combinations(members, 2)))
    best, choice = [0.0] * (1 << size), [0] * (1 << size)
    for subset in range(1, 1 << size):
        lowest = subset & -subset
        rest = subset ^ lowest
        part, found = rest, (-np.inf, 0)
        while True:
            group = part | lowest
            found = max(found, (worth[group] + best[subset ^ group], group))
            if not part:
                break
            part = (part - 1) & rest
        best[subset], choice[subset] = found
    groups, left = [], (1 << size) - 1
    while left:
        groups.append([member for member in range(size) if choice[left] >> member & 1])
        left ^= choice[left]
    return groups


def _best_first(bits: Bits) -> list[list[int]]:
    """Join the two groups that gain most, again and again, while anything is gained."""
    groups: list[list[int]] = [[member] for member in range(len(bits))]
    gains = bits.copy()
    np.fill_diagonal(gains, -np.inf)
    while len(groups) > 1:
        a, b = divmod(int(np.argmax(gains)), len(groups))
        if gains[a, b] <= 0:
            break
        a, b = min(a, b), max(a, b)
        groups[a] += groups.pop(b)
        gains[a] += gains[b]
        gains[:, a] += gains[:, b]
        gains = np.delete(np.delete(gains, b, axis=0), b, axis=1)
        gains[a, a] = -np.inf
    return groups
