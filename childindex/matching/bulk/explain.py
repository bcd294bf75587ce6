"""Why two records of supply files are, or are not, one child: every step of the sum, in bits and in words. No value of a record is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from childindex.matching.bulk.certain import certain
from childindex.matching.bulk.read import NotReadable, Source, connect, read_sources
from childindex.matching.bulk.records import load
from childindex.matching.engine.columns import Bits, Comparer, Levels
from childindex.matching.engine.decide import Outcome
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVELS, Field, Level
from childindex.matching.engine.model import Model
from childindex.matching.engine.scorer import holding, totals
from childindex.matching.engine.sentences import WORDS

_MEMORY = "2GB"
_DONE = {
    Outcome.LINK: "Would be linked",
    Outcome.ASK: "A person would be asked",
    Outcome.NEW: "Would be kept apart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One record: its file and its identifier there."""

    file: Path
    record_id: str

    def __str__(self) -> str:
        """As a person gives it on the command line, without folders."""
        return f"{self.file.name}:{self.record_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one fact says: how far it agrees, the bits of that level, and those that a rare or common name adds."""

    field: Field
    title: str
    level: Level
    bits: float
    rarity: float
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The sum of two records. `prior` + all bits of `said` + `household` + `patterns` = `total`, all in bits (log2 of odds).

    `household` takes back what family name, address and carers say together beyond the model's most. `probability` is that of the
    two alone, against nobody: in a run of `link` rivals take their share. `exact_keys` says that `link` joins the two without weighing, as long
    as no other record has the same key.
    """

    left: str
    right: str
    model_version: str
    children: int
    prior: float
    said: tuple[Said, ...]
    household: float
    patterns: tuple[tuple[str, float], ...]
    total: float
    probability: float
    outcome: Outcome
    ask_first: tuple[str, ...]
    exact_keys: bool
    one_source: bool


def explain(left: Place, right: Place, model: Model) -> Explanation:
    """Weigh two records by the model.

    Raises NotReadable where a file is none, a record is not in it, both are one record, or the model is tolerant.
    """
    if left == right:
        raise NotReadable("The two records are the same one")
    if model.tolerant:
        raise NotReadable(
            "A tolerant model counts names in whole files: `link --pairs` says what it makes of two records"
        )
    for place in (left, right):
        if not place.file.is_file():
            raise NotReadable(f"There is no file {place.file}")
    sources = [Source(name=str(number), file=place.file) for number, place in enumerate((left, right))]
    with TemporaryDirectory() as folder, connect(Path(folder), memory=_MEMORY, threads=1) as connection:
        read_sources(connection, sources)
        _keep_two(connection, (left, right))
        records = load(connection)
        both = np.array([[0, 1]])
        records.ready(both[0])
        cluster = certain(records, np.zeros(2, dtype=np.bool_))
        levels, weights = Comparer(model, records.values, records.coded, records.coded).compare(both)
    return _explained(model, (left, right), (levels, weights), exact_keys=bool(cluster[0] == cluster[1]))


def _keep_two(connection: duckdb.DuckDBPyConnection, places: Sequence[Place]) -> None:
    """Leave only the two records in the table, the left one first."""
    connection.execute(
        "CREATE TABLE two AS FROM records WHERE (source = 0 AND record_id = ?) OR (source = 1 AND record_id = ?) ORDER BY source",
        [place.record_id for place in places],
    )
    found = {row[0] for row in connection.execute("SELECT source FROM two").fetchall()}
    for number, place in enumerate(places):
        if number not in found:
            raise NotReadable(f"{place.file.name} has no record {place.record_id}")
    connection.execute("DROP TABLE records; ALTER TABLE two RENAME TO records")


def _explained(
    model: Model, places: tuple[Place, Place], compared: tuple[Levels, Bits], *, exact_keys: bool
) -> Explanation:
    """Everything said about one pair (levels and weights have one line)."""
    levels, weights = compared
    total = float(totals(model, levels, weights)[0])
    patterns = tuple((pattern.title, pattern.bits) for pattern in model.patterns if holding(levels, pattern.when).all())
    ask = tuple(
        rule.title
        for rule in model.ask_first
        if holding(levels, rule.when).all() and not holding(levels, rule.unless).any()
    )
    probability = float(1.0 / (1.0 + 2.0**-total))
    # What the total lacks of its parts is what a household may not say twice.
    household = round(total - model.prior - float(weights.sum()) - sum(bits for _, bits in patterns), 9)
    return Explanation(
        left=str(places[0]),
        right=str(places[1]),
        model_version=model.version,
        children=model.population,
        prior=model.prior,
        said=tuple(
            _said(model, of, int(levels[0, FIELD_NUMBER[of]]), float(weights[0, FIELD_NUMBER[of]])) for of in FIELDS
        ),
        household=household,
        patterns=patterns,
        total=total,
        probability=probability,
        outcome=_outcome(model, probability, allowed=not ask),
        ask_first=ask,
        exact_keys=exact_keys,
        one_source=places[0].file == places[1].file,
    )


def _said(model: Model, of: Field, number: int, weight: float) -> Said:
    """One fact in words."""
    bits = float(model.weights[FIELD_NUMBER[of], number])
    level = LEVELS[number]
    return Said(
        field=of, title=model.titles[of], level=level, bits=bits, rarity=weight - bits, sentence=WORDS[of, level]
    )


def _outcome(model: Model, probability: float, *, allowed: bool) -> Outcome:
    """What is done with the two, if no rival is better."""
    if probability < model.thresholds.ask:
        return Outcome.NEW
    return Outcome.LINK if allowed and probability >= model.thresholds.link else Outcome.ASK


def lines(found: Explanation) -> list[str]:
    """The sum for a person to read, one line a step."""
    told = [f"{found.left} and {found.right}, by model {found.model_version}"]
    told.append(_line(found.prior, f"one of {found.children:,} children, before anything is compared"))
    for said in found.said:
        rarity = f", {said.rarity:+.1f} of it for how common the name is" if said.rarity else ""
        told.append(_line(said.bits + said.rarity, f"{said.title}: {said.sentence} ({said.level}{rarity})"))
    if found.household:
        told.append(_line(found.household, "more than family name, address and carers may say together"))
    told += [_line(bits, title) for title, bits in found.patterns]
    told.append(_line(found.total, f"together: {_likely(found.probability)} to be one child, no rivals considered"))
    told.append(_DONE[found.outcome])
    told += [f"Never linked without a person: {title}" for title in found.ask_first]
    if found.exact_keys:
        told.append("Exact keys join the two without weighing, unless another record has the same key")
    if found.one_source:
        told.append("Both are in one file: `link` weighs them only where --several names it")
    return told


def _line(bits: float, words: str) -> str:
    """One step."""
    return f"{bits:+7.1f}  {words}"


def _likely(probability: float) -> str:
    """A probability that is never written as certain."""
    if not 0.0001 <= probability <= 0.9999:
        return "less than 0.01% likely" if probability < 0.5 else "more than 99.99% likely"
    return f"{probability:.2%} likely"
