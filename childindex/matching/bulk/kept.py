"""What was compared, kept beside the result until it is written, so that an interrupted run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from childindex.matching.bulk.read import Source
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Bits, Levels
from childindex.matching.engine.model import Model

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


def fingerprint(sources: Sequence[Source], model: Model) -> str:
    """Says which files, as they are now, and which model a comparison was made of."""
    parts = [model.version, str(model.population), model.weights.tobytes().hex()]
    for source in sources:
        state = source.file.stat()
        parts += [source.name, str(source.several), str(state.st_size), str(state.st_mtime_ns)]
    return sha256("|".join(parts).encode()).hexdigest()


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
    except (FileNotFoundError, BadZipFile, KeyError, ValueError):
        return None
