"""Thresholds by a stated rule, on made-up files of which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.link import compare
from childindex.matching.bulk.read import Source, connect, read_sources
from childindex.matching.bulk.records import load
from childindex.matching.bulk.settle import Settled, Settler
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.model import Model
from childindex.trial.intervals import wilson

# Thresholds tried, in hundredths for links and thousandths for questions.
_LINK = range(50, 100)
_ASK = range(15, 500, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The lower end of precision's interval, and pairs for a person per 100 true ones."""

    precision_at_least: float
    questions_at_most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The thresholds, and what they give: wrong pairs of those found, questions, true pairs."""

    link: float
    ask: float
    wrong: int
    found: int
    questions: int
    true: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Records of known persons, compared: the source and person of each."""

    model: Model
    source: Ints
    person: Ints
    scored: Scored

    def settled(self, link: float, ask: float) -> Settled:
        """What linking does with other thresholds."""
        thresholds = replace(self.model.thresholds, link=link, ask=ask)
        settler, scored = (
            Settler(replace(self.model, thresholds=thresholds), self.source, _none(self.source)),
            self.scored,
        )
        return settler.settle(scored.cluster, scored.pairs, scored.bits, scored.levels)

    def counted(self, cluster: Ints) -> tuple[int, int, int]:
        """Pairs found, right and true."""
        both = cluster * (int(self.person.max()) + 1) + self.person
        found, right, true = (_pairs_within(label) for label in (cluster, both, self.person))
        return found, right, true


def _none(source: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """No source repeats itself."""
    return np.zeros(int(source.max()) + 1, dtype=np.bool_)


def _pairs_within(label: Ints) -> int:
    """How many pairs of records have one label."""
    _, sizes = np.unique(label, return_counts=True)
    return int((sizes * (sizes - 1) // 2).sum())


def compared(model: Model, sources: Sequence[Source], truth: Path, *, memory: str) -> Labelled:
    """Read and compare the files as `link` does; every record stands in `truth`."""
    with TemporaryDirectory() as folder, connect(Path(folder), memory=memory, threads=1) as connection:
        read_sources(connection, sources)
        persons = connection.execute(
            "SELECT truth.person_id FROM records JOIN read_csv($truth, all_varchar = true) AS truth"
            " ON truth.source = list_extract($names, records.source + 1) AND truth.record_id = records.record_id"
            " ORDER BY records.rowid",
            {"truth": str(truth), "names": [source.name for source in sources]},
        ).fetchnumpy()["person_id"]
        records = load(connection)
        if len(persons) != len(records):
            raise ValueError("a record has no person in the truth")
        source = records.source.astype(np.int64)
        model = model.for_population(records.children(_none(source)))
        scored = compare(model, records, _none(source))
    _, person = np.unique(np.asarray(persons, dtype=np.str_), return_inverse=True)
    return Labelled(model=model, source=source, person=person, scored=scored)


def choose(labelled: Labelled, rule: Rule) -> Chosen:
    """The lowest `link` that is precise enough, found by halving, then the lowest `ask` that asks little enough.

    Raises ValueError where the highest is not enough.
    """
    low, high = 0, len(_LINK)
    while low < high:
        middle = (low + high) // 2
        found, right, _ = labelled.counted(labelled.settled(_LINK[middle] / 100, _ASK[0] / 1000).cluster)
        precise = wilson(right, found).low or 0.0
        low, high = (low, middle) if precise >= rule.precision_at_least else (middle + 1, high)
    if low == len(_LINK):
        raise ValueError("no threshold for links is precise enough")
    link = _LINK[low] / 100
    settled = labelled.settled(link, _ASK[0] / 1000)
    found, right, true = labelled.counted(settled.cluster)
    for thousandths in _ASK:
        questions = int((settled.review_posterior >= thousandths / 1000).sum())
        if 100 * questions <= rule.questions_at_most * true:
            return Chosen(
                link=link, ask=thousandths / 1000, wrong=found - right, found=found, questions=questions, true=true
            )
    raise ValueError("no threshold for questions asks little enough")
