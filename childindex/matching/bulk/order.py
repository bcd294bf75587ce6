"""What is asked of bulk linking, and who is told how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from childindex.matching.bulk.read import Source
from childindex.matching.engine.model import Model

# Told what is done and what share of the whole that makes.
Progress = Callable[[str, float], None]


def quiet(stage: str, share: float) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. `memory` such as "8GB" is what DuckDB may use; `pairs` writes every scored pair as well.

    `train_from` is given where the model is to be trained on these very files first: the text of the model file to begin with.
    """

    sources: tuple[Source, ...]
    out: Path
    model: Model
    memory: str = "8GB"
    threads: int = 2
    pairs: bool = False
    train_from: str | None = None

    @property
    def trained_version(self) -> str:
        """What the model is called that is trained while linking."""
        return f"{self.model.version}-trained"
