"""What is asked of bulk linking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from childindex.matching.bulk.read import Source
from childindex.matching.engine.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. `memory` such as "8GB" is what DuckDB may use; `pairs` writes every scored pair as well.

    `text` is given where the model is to be trained on these very files first: the file of the model to begin with.
    """

    sources: tuple[Source, ...]
    out: Path
    model: Model
    memory: str = "8GB"
    threads: int = 2
    pairs: bool = False
    text: str | None = None

    @property
    def trained_version(self) -> str:
        """What the model is called that is trained while linking."""
        return f"{self.model.version}-trained"
