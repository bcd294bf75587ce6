"""What was compared, kept beside the result until it is written, so that an interrupted run goes on."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from childindex.matching.bulk.read import Source
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.model import Model, Pattern

_FILE = "compared.npz"


@dataclass(frozen=True, slots=True)
class Scored:
    """Clusters by exact keys, and pairs of rows with score and levels: those that might be one child, and those that are for certain."""

    cluster: Ints
    pairs: Ints
    bits: Bits
    levels: Levels
    sure: Ints
    sure_bits: Bits
    sure_levels: Levels


def fingerprint(sources: Sequence[Source], model: Model, *, trained: bool = False) -> str:
    """Says which files, as they are now, and which model a comparison was made of; `trained` where it was trained on them first."""
    rules = (
        model.population,
        model.most_household_bits,
        model.most_frequency_bits,
        model.default_rates,
        model.rates,
        model.by_frequency,
        model.present,
        model.patterns,
        model.tolerant,
    )
    parts = [model.version, str(trained), model.weights.tobytes().hex(), *map(_written, rules)]
    for source in sources:
        state = source.file.stat()
        parts += [source.name, str(source.several), str(state.st_size), str(state.st_mtime_ns)]
    return sha256("|".join(parts).encode()).hexdigest()


def _written(part: object) -> str:
    """A part of the model as text that is the same in every process: sets of levels have no order of their own."""
    if isinstance(part, frozenset):
        return str(sorted(part))
    if isinstance(part, Mapping):
        return str(sorted((str(key), _written(value)) for key, value in part.items()))
    if isinstance(part, Pattern):
        return f"{part.name} {part.bits} {_written(part.when)}"
    return "; ".join(map(_written, part)) if isinstance(part, tuple) else str(part)


def keep(folder: Path, mark: str, scored: Scored) -> None:
    """Write the comparison whole or not at all."""
    part = folder / f"{_FILE}.part"
    with part.open("wb") as file:
        np.savez(
            file,
            mark=np.array(mark),
            cluster=scored.cluster,
            pairs=scored.pairs,
            bits=scored.bits,
            levels=scored.levels,
            sure=scored.sure,
            sure_bits=scored.sure_bits,
            sure_levels=scored.sure_levels,
        )
    part.replace(folder / _FILE)


def kept(folder: Path, mark: str) -> Scored | None:
    """An earlier comparison of the same files by the same model, if there is one."""
    try:
        # Opened here, since numpy leaves a file it cannot read open.
        with (folder / _FILE).open("rb") as raw, np.load(raw) as file:
            if str(file["mark"]) != mark:
                return None
            names = ("cluster", "pairs", "bits", "levels", "sure", "sure_bits", "sure_levels")
            return Scored(*(file[name] for name in names))
    except (OSError, EOFError, BadZipFile, KeyError, ValueError, zlib.error):
        return None
