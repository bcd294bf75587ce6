"""The matching model: a file a person can read aloud, checked when it is read and turned into tables of weights."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, LEVELS, TOLERANT_LEVELS, Field, Level
from childindex.matching.engine.names import read_rates

SHIPPED: Final = Path(__file__).resolve().parent.parent / "model.toml"
_SMALLEST_POPULATION: Final = 20_000
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_RATE_OF: Final = {Field.GIVEN: "given", Field.FAMILY: "family"}


class NotAModel(ValueError):
    """The model file is incomplete or contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Probabilities at which a record is linked, a person is asked, or a row near a protected child stops (R 3.19).

    `clear_bits` and `clear_home_bits`: what a link must be worth beyond that with its rivals; 0 hears only their share.
    """

    link: float
    ask: float
    protect: float
    same_feed_bits: float
    clear_bits: float = 0.0
    clear_home_bits: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A family pattern: bits added when every named field has one of the named levels."""

    name: str
    title: str
    bits: float
    when: Mapping[Field, frozenset[Level]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFirst:
    """What is never linked without a person: every field of `when` holds, and none of `unless`."""

    title: str
    when: Mapping[Field, frozenset[Level]]
    unless: Mapping[Field, frozenset[Level]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerant:
    """For small files with many errors in them: whatever shares one fact is compared, and kept from `floor` bits (`bulk/tolerant.py`)."""

    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a model's m and u were estimated from: a sha256 of the files, how many records and pairs, and which model it began with."""

    fingerprint: str
    records: int
    pairs: int
    random_pairs: int
    seed: int
    rounds: int
    started_from: str

    def __post_init__(self) -> None:
        """Refuse what no training writes."""
        if not _FINGERPRINT.fullmatch(self.fingerprint):
            raise NotAModel("training: the fingerprint is not 64 hexadecimal digits")
        counts = (self.records, self.pairs, self.random_pairs, self.seed, self.rounds)
        if not all(type(count) is int and count >= 0 for count in counts):
            raise NotAModel("training: records, pairs, random_pairs, seed and rounds are whole numbers from 0")
        if not self.started_from:
            raise NotAModel("training: started_from is the version of the model it began with")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A read model. `weights[field, level]` is log2(m / u) in bits; levels a field cannot have are nan."""

    version: str
    population: int
    present: float
    thresholds: Thresholds
    titles: Mapping[Field, str]
    weights: npt.NDArray[np.float64]
    by_frequency: Mapping[tuple[Field, Level], float]
    rates: Mapping[Field, Mapping[str, float]] = field(repr=False)
    default_rates: Mapping[Field, float]
    most_frequency_bits: float
    most_household_bits: float
    patterns: tuple[Pattern, ...]
    ask_first: tuple[AskFirst, ...]
    training: Training | None = None
    tolerant: Tolerant | None = None

    @property
    def prior(self) -> float:
        """Odds, in bits, that one given child of the index is the child of the record before anything is compared."""
        return math.log2(self.present / self.population)

    def for_population(self, children: int) -> Model:
        """The same model for an index of so many children; a smaller one than 20,000 is still part of a town."""
        return replace(self, population=max(_SMALLEST_POPULATION, children))

    def frequency_bits(self, of: Field, level: Level, name: str) -> float:
        """Bits that the rarity of an agreed name adds to its level's weight (negative for common names)."""
        usual = self.by_frequency.get((of, level))
        if usual is None or not name:
            return 0.0
        rate = self.rates[of].get(name, self.default_rates[of]) / 100_000
        return max(-self.most_frequency_bits, min(self.most_frequency_bits, math.log2(usual / rate)))


def _weights(comparisons: Mapping[str, Any]) -> tuple[npt.NDArray[np.float64], dict[tuple[Field, Level], float]]:
    """Weights in bits of every level of every field, and which of them depend on how common the name is."""
    weights = np.full((len(FIELDS), len(LEVELS)), np.nan)
    weights[:, LEVEL_NUMBER[Level.MISSING]] = 0.0
    by_frequency: dict[tuple[Field, Level], float] = {}
    for of in FIELDS:
        for entry in comparisons[of]["levels"]:
            level, m, u = Level(entry["level"]), float(entry["m"]), float(entry["u"])
            if not (0 < m <= 1 and 0 < u <= 1):
                raise NotAModel(f"{of}: {level} has m or u outside 0 to 1")
            weights[FIELD_NUMBER[of], LEVEL_NUMBER[level]] = math.log2(m / u)
            if entry.get("by_frequency"):
                by_frequency[of, level] = u
    return weights, by_frequency


def _condition(written: Mapping[str, list[str]]) -> dict[Field, frozenset[Level]]:
    """Levels by field, as a pattern names them."""
    return {Field(of): frozenset(map(Level, levels)) for of, levels in written.items()}


def _patterns(entries: list[Mapping[str, Any]]) -> tuple[Pattern, ...]:
    """The family patterns of the file."""
    return tuple(
        Pattern(name=entry["name"], title=entry["title"], bits=float(entry["bits"]), when=_condition(entry["when"]))
        for entry in entries
    )


def _tolerant(written: Mapping[str, Any], weights: npt.NDArray[np.float64]) -> Tolerant:
    """The table `[tolerant]`; refused where a level that it makes possible has no weight."""
    for of, levels in TOLERANT_LEVELS.items():
        for level in levels:
            if math.isnan(weights[FIELD_NUMBER[of], LEVEL_NUMBER[level]]):
                raise NotAModel(f"a tolerant model gives {of} a level {level}")
    return Tolerant(floor=float(written["floor"]))


def _read(written: Mapping[str, Any]) -> Model:
    weights, by_frequency = _weights(written["comparisons"])
    rates = read_rates()
    thresholds = Thresholds(**written["thresholds"])
    if not 0 < thresholds.protect < thresholds.ask < thresholds.link < 1:
        raise NotAModel("the thresholds must rise from protect to ask to link")
    return Model(
        version=written["version"],
        population=int(written["population"]),
        present=float(written["present"]),
        thresholds=thresholds,
        titles={of: written["comparisons"][of]["title"] for of in FIELDS},
        weights=weights,
        by_frequency=by_frequency,
        rates={of: rates[kind] for of, kind in _RATE_OF.items()},
        default_rates={of: float(written["frequency"][kind]) for of, kind in _RATE_OF.items()},
        most_frequency_bits=float(written["frequency"]["most_bits"]),
        most_household_bits=float(written["household"]["most_bits"]),
        patterns=_patterns(written["patterns"]),
        ask_first=tuple(
            AskFirst(title=entry["title"], when=_condition(entry["when"]), unless=_condition(entry.get("unless", {})))
            for entry in written["ask_first"]
        ),
        training=Training(**written["training"]) if "training" in written else None,
        tolerant=_tolerant(written["tolerant"], weights) if "tolerant" in written else None,
    )


@lru_cache(maxsize=8)
def load_model(path: Path | None = None) -> Model:
    """Read a model file, or the one shipped; raises NotAModel when it is not one. The same path is read once."""
    written = (path or SHIPPED).read_text(encoding="utf-8")
    try:
        return _read(tomllib.loads(written))
    except NotAModel:
        raise
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise NotAModel(f"{path or SHIPPED.name}: {fault!r}") from fault
