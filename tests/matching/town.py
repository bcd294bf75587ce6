"""A made-up town in memory: its suppliers' files linked one after another, as deliveries are, and the result measured."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from childindex.kernel.dates import NotADate, PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.kernel.numbers import is_nhs_number, is_upn
from childindex.kernel.places import read_postcode
from childindex.matching.engine.decide import Decision, Outcome, decide_rows
from childindex.matching.engine.keys import SearchKey, search_keys
from childindex.matching.engine.model import Model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import ScoredChildren, score_children

# A key that more children than this share tells nobody apart.
_MOST_SHARED = 500
Source = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One supplier's record of one child."""

    feed: str
    record_id: str
    identity: Identity
    record: Standardised


@dataclass
class Index:
    """Children as they are known so far: their records, by feed, and which keys find them."""

    records: list[list[Standardised]] = field(default_factory=list)
    feeds: list[set[str]] = field(default_factory=list)
    found_by: dict[SearchKey, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, child: int | None, row: Row) -> int:
        """Keep a record of a child (a new one when None); the child's number."""
        if child is None:
            child = len(self.records)
            self.records.append([])
            self.feeds.append(set())
        self.records[child].append(row.record)
        self.feeds[child].add(row.feed)
        for key in search_keys(row.record):
            held = self.found_by[key]
            if not held or child not in held:
                held.append(child)
        return child

    def near(self, record: Standardised) -> set[int]:
        """Children that share a key with a record."""
        found: set[int] = set()
        for key in search_keys(record):
            held = self.found_by.get(key, ())
            if len(held) <= _MOST_SHARED:
                found.update(held)
        return found


def _date(text: str) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except NotADate:
        return None


def identity_of(lines: list[dict[str, str]]) -> Identity:
    """The identity in the lines of one record, as the supply formats would read it."""
    first = lines[0]
    nhs, upn = first.get("nhs_number", "").replace(" ", ""), first.get("upn", "")
    carers = {(line.get("carer_name", ""), line.get("carer_phone", "")): None for line in lines}
    return Identity(
        family_name=first.get("family_name", ""),
        given_name=first.get("given_name", ""),
        middle_names=first.get("middle_names", ""),
        known_as=first.get("known_as", ""),
        former_family_name=first.get("former_family_name", ""),
        birth_date=_date(first.get("birth_date", "")),
        sex=Sex(first["sex"]) if first.get("sex") in list(Sex) else Sex.UNKNOWN,
        nhs_number=nhs if is_nhs_number(nhs) else "",
        upn=upn if is_upn(upn) else "",
        address=first.get("address", ""),
        postcode=read_postcode(first.get("postcode", "")) or "",
        uprn=first.get("uprn", ""),
        carers=tuple(Carer(name=name, phone=phone) for name, phone in carers if name or phone),
    )


def read_feed(path: Path) -> list[Row]:
    """The records of one supply file, in its order; lines of one record are joined."""
    lines: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as table:
        for line in csv.DictReader(table):
            lines[line["record_id"]].append(line)
    rows = []
    for record_id, of in lines.items():
        identity = identity_of(of)
        rows.append(Row(path.stem, record_id, identity, standardise(identity)))
    return rows


def read_truth(path: Path) -> dict[Source, str]:
    """Which person each record is of."""
    with path.open(encoding="utf-8", newline="") as table:
        return {(line["source"], line["record_id"]): line["person_id"] for line in csv.DictReader(table)}


def scored_batch(model: Model, index: Index, rows: list[Row]) -> ScoredChildren:
    """A batch of rows against every child that shares a key with one of them."""
    near = [sorted(index.near(row.record)) for row in rows]
    children = sorted({child for found in near for child in found})
    records = [record for child in children for record in index.records[child]]
    child_of = np.array([child for child in children for _ in index.records[child]], dtype=np.int64)
    first = dict(zip(children, np.searchsorted(child_of, children).tolist(), strict=True))
    pairs = [
        (place, first[child] + offset)
        for place, found in enumerate(near)
        for child in found
        for offset in range(len(index.records[child]))
    ]
    return score_children(
        model, [row.record for row in rows], records, child_of, np.array(pairs or np.empty((0, 2)), dtype=np.int64)
    )


@dataclass
class Linked:
    """What became of every record: its child, and which records a person is asked about."""

    index: Index = field(default_factory=Index)
    child_of: dict[Source, int] = field(default_factory=dict)
    decisions: dict[Source, Decision] = field(default_factory=dict)


def _batches(rows: list[Row], size: int) -> Iterator[list[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def link(model: Model, feeds: Iterable[list[Row]], *, batch: int = 2_000) -> Linked:
    """Link feeds one after another, in batches, as deliveries do: a row that a person is asked about waits outside the index."""
    linked = Linked()
    for rows in feeds:
        for some in _batches(rows, batch):
            model = model.for_population(len(linked.index.records))
            scored = scored_batch(model, linked.index, some)
            feed = some[0].feed
            held = np.array([feed in linked.index.feeds[child] for child in scored.children.tolist()], dtype=bool)
            for row, decision in zip(some, decide_rows(model, scored, held, len(some)), strict=True):
                source = (row.feed, row.record_id)
                linked.decisions[source] = decision
                if decision.outcome is Outcome.ASK:
                    linked.child_of[source] = -len(linked.decisions)
                else:
                    child = None if decision.key is None else int(str(decision.key))
                    linked.child_of[source] = linked.index.add(child, row)
    return linked


@dataclass(frozen=True, slots=True)
class Figures:
    """Pairwise precision and recall, and the share of records a person is asked about."""

    precision: float
    recall: float
    asked: float
    wrong_pairs: int
    right_pairs: int


def measure(linked: Linked, truth: dict[Source, str]) -> Figures:
    """Compare children with the truth, over pairs of records."""
    joined = Counter[tuple[int, str]]()
    children, people = Counter[int](), Counter[str]()
    for source, child in linked.child_of.items():
        joined[child, truth[source]] += 1
        children[child] += 1
        people[truth[source]] += 1

    def pairs(counts: Iterable[int]) -> int:
        return sum(count * (count - 1) // 2 for count in counts)

    right, made, true = pairs(joined.values()), pairs(children.values()), pairs(people.values())
    asked = sum(decision.outcome is Outcome.ASK for decision in linked.decisions.values())
    return Figures(
        right / max(1, made), right / max(1, true), asked / max(1, len(linked.decisions)), made - right, right
    )


def mixed_records(linked: Linked, truth: dict[Source, str]) -> list[tuple[Source, Source]]:
    """Pairs of records of different people that were put in one child."""
    members: dict[int, list[Source]] = defaultdict(list)
    for source, child in linked.child_of.items():
        members[child].append(source)
    return [(a, b) for of in members.values() for a, b in combinations(of, 2) if truth[a] != truth[b]]
