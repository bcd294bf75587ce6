"""Who comes near a protected child: rows on their way in, entries that are open already, who lives with them (R 3.19). The worker's alone.

Two records are compared whichever way round says more: a record with all that is known of the other child, and every identity of
that child with the record. Near is what reaches the model's lowest threshold, weighed on its own, whoever else is likely.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final
from uuid import UUID

import numpy as np

from childindex.children import selectors as children
from childindex.children.staging import Keys
from childindex.children.types import HeldIdentity
from childindex.kernel.identity import Identity
from childindex.matching.engine.coarse import coarse_keys
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import score_children
from childindex.matching.types import Incoming
from childindex.shielding import selectors as guard

# Deliveries compare the same held records again and again: batch after batch, feed after feed.
standardised = lru_cache(maxsize=150_000)(standardise)

Records = Sequence[Standardised]
Pair = tuple[int, UUID]

# So many children and more are a region: two records of one child that reach the threshold there share a search key.
_REGION: Final = 100_000


def guard_keys(identities: Iterable[Identity]) -> Keys:
    """Everything a protected child is looked for by: the search keys of each identity, and the coarse ones of a small index."""
    return {key for record in _all(identities) for key in (*search_keys(record), *coarse_keys(record))}


def waiting_keys(identity: Identity) -> tuple[int, ...]:
    """The numbers of all keys by which a record that waits for a person is found again when a child near it is protected."""
    return tuple(sorted(key[1] for key in guard_keys([identity])))


def _is_small() -> bool:
    """Whether the index has so few children that little evidence makes two records likely one child."""
    return children.about_how_many() < _REGION


def near_protected(rows: Sequence[Incoming]) -> dict[UUID, tuple[UUID, ...]]:
    """Which of these records come near protected children, and near which."""
    records = [standardised(row.identity) for row in rows]
    near = near_ones(records, to_compare(rows, records, [search_keys(record) for record in records]))
    return {rows[number].id: those for number, those in near.items()}


def near_or_brought(
    rows: Sequence[Incoming], owners: Mapping[UUID, UUID]
) -> tuple[dict[UUID, tuple[UUID, ...]], dict[UUID, tuple[UUID, ...]]]:
    """Of records of open children: those that come near by themselves, and those that bring near the entry they belong to."""
    records = [standardised(row.identity) for row in rows]
    pairs = to_compare(rows, records, [search_keys(record) for record in records])
    brought = brought_near(rows, pairs, {number: owners[row.id] for number, row in enumerate(rows)})
    both = (near_ones(records, pairs), brought)
    near, those = ({rows[number].id: found for number, found in one.items()} for one in both)
    return near, those


def to_compare(rows: Sequence[Incoming], records: Records, keys: Sequence[Keys]) -> list[Pair]:
    """Every row, by its place, with every protected child it has a key in common with, unless two people said it is not theirs.

    `records` and `keys` are the rows standardised and their search keys.
    """
    return [(row, child) for row, child in pairs_near(records, keys) if child not in rows[row].apart]


def pairs_near(rows: Records, keys: Sequence[Keys]) -> list[Pair]:
    """Every record, by its place, with every protected child it has a key in common with; `keys` are their search keys."""
    if _is_small():
        keys = [{*own, *coarse_keys(record)} for own, record in zip(keys, rows, strict=True)]
    return guard.near(keys)


def near_ones(rows: Records, pairs: Sequence[Pair]) -> dict[int, tuple[UUID, ...]]:
    """Which rows come near protected children by themselves; `pairs` are those that may."""
    return _those([(row, child, [rows[row]]) for row, child in pairs])


def brought_near(
    rows: Sequence[Incoming], pairs: Sequence[Pair], owners: Mapping[int, UUID]
) -> dict[int, tuple[UUID, ...]]:
    """Which rows bring the open entry they belong to, or are to belong to, near a protected child it was not near before.

    Neither the row nor the entry need be near alone: a name of one and a home of the other may be. `owners` are the entries, by
    the rows' places; `pairs` those that may come near by themselves. In a small index whoever the entry has a key in common with is
    compared, whether or not the row has.
    """
    small = _is_small()
    concerned = sorted(owners) if small else sorted({row for row, _ in pairs if row in owners})
    held: dict[UUID, HeldIdentity] = {one.id: one for one in children.held(sorted({owners[row] for row in concerned}))}
    before = {row: _all(held[owners[row]].identities) for row in concerned}
    after = {row: _all((*held[owners[row]].identities_but(rows[row].id), rows[row].identity)) for row in concerned}
    if small:
        keys = [{key for one in after[row] for key in (*search_keys(one), *coarse_keys(one))} for row in concerned]
        found = [(concerned[place], child) for place, child in guard.near(keys)]
        pairs = [(row, child) for row, child in found if child not in rows[row].apart]
    now = _those([(row, child, after[row]) for row, child in pairs if row in after])
    was = _those([(row, child, before[row]) for row, those in now.items() for child in those])
    new = {row: tuple(child for child in those if child not in was.get(row, ())) for row, those in now.items()}
    return {row: those for row, those in new.items() if those}


def near_entry(identities: Sequence[Identity]) -> frozenset[UUID]:
    """Which protected children an entry made of these identities comes near."""
    records = _all(identities)
    pairs = pairs_near(records, [search_keys(record) for record in records])
    near = _those([(0, child, records) for child in sorted({child for _, child in pairs})])
    return frozenset(near.get(0, ()))


def _those(lines: Sequence[tuple[int, UUID, Records]]) -> dict[int, tuple[UUID, ...]]:
    """Of lines that may come near a protected child, which do: each with its number, the child, and its records."""
    known = {one.child: _all(one.identities) for one in guard.identities(sorted({child for _, child, _ in lines}))}
    lines = [line for line in lines if line[1] in known]
    found: dict[int, tuple[UUID, ...]] = {}
    for (row, child, _), near in zip(lines, _near([(those, known[child]) for _, child, those in lines]), strict=True):
        if near:
            found[row] = (*found.get(row, ()), child)
    return found


def open_near(protected: Mapping[UUID, Sequence[Identity]]) -> dict[UUID, list[UUID]]:
    """Which open children come near which of these protected ones: perhaps second entries of theirs, for somebody to look at.

    `protected` are the identities to look for. Everybody is compared who shares a search key with one of them, however many do;
    in a small index whoever was born in the same year or on the same day of a year too.
    """
    asked = [(child, standardised(identity)) for child, those in protected.items() for identity in those]
    shared = children.open_sharing([search_keys(record) for _, record in asked])
    if asked and _is_small():
        shared += children.open_born_like([(record.year, record.month, record.day) for _, record in asked])
    pairs = sorted({(asked[line][0], entry) for line, entry in shared})
    held: dict[UUID, Records] = {
        one.id: _all(one.identities) for one in children.held(sorted({entry for _, entry in pairs}))
    }
    known = {child: _all(those) for child, those in protected.items()}
    pairs = [(child, entry) for child, entry in pairs if entry in held]
    found: dict[UUID, list[UUID]] = {}
    for (child, entry), near in zip(pairs, _near([(held[entry], known[child]) for child, entry in pairs]), strict=True):
        if near:
            found.setdefault(child, []).append(entry)
    return found


def _all(identities: Iterable[Identity]) -> Records:
    return [standardised(identity) for identity in identities]


def low(model: Model) -> float:
    """The model's threshold for coming near a protected child, in bits."""
    return math.log2(model.thresholds.protect / (1 - model.thresholds.protect))


def _near(pairs: Sequence[tuple[Records, Records]]) -> list[bool]:
    """Whether the two sides of each pair come near one another: any record of one side as a record of the other's child."""
    model = load_model().for_population(children.about_how_many())
    rows: list[Standardised] = []
    records: list[Standardised] = []
    child_of: list[int] = []
    pair_of: list[int] = []
    compared: list[tuple[int, int]] = []
    for number, (one, other) in enumerate(pairs):
        for asked, held in ((one, other), (other, one)):
            places = range(len(records), len(records) + len(held))
            records += held
            child_of += [len(pair_of)] * len(held)
            for record in asked:
                compared += [(len(rows), place) for place in places]
                rows.append(record)
                pair_of.append(number)
    best = np.full(len(pairs), -np.inf)
    if compared:
        scored = score_children(model, rows, records, np.array(child_of), np.array(compared, dtype=np.int64))
        np.maximum.at(best, np.array(pair_of)[scored.rows], scored.scores)
    return [bool(bits >= low(model)) for bits in best.tolist()]


def open_household(protected: Sequence[Identity]) -> list[UUID]:
    """Open children of one home with a child of whom sources said this, by id (R 3.13; T12): for somebody to look at each.

    Looked for among those who share a search key: the sound of a name and the postcode, or a birth date and a carer's telephone
    number. Whoever lives there under quite another name and was born on another day is not found.
    """
    shared = children.open_sharing([search_keys(standardised(identity)) for identity in protected])
    held = children.held(sorted({child for _, child in shared}))
    return [one.id for one in held if any(_one_home(here, there) for here in protected for there in one.identities)]


def _one_home(one: Identity, other: Identity) -> bool:
    """The same property or address, or a carer who is reached by the same number."""
    if one.uprn and one.uprn == other.uprn:
        return True
    if one.postcode and one.postcode == other.postcode and one.address and _letters(one) == _letters(other):
        return True
    return bool({carer.phone for carer in one.carers if carer.phone} & {carer.phone for carer in other.carers})


def _letters(who: Identity) -> str:
    """An address without what is written now so and now so."""
    return "".join(character for character in who.address.casefold() if character.isalnum())
