"""What is asked of bulk linking."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from childindex.matching.bulk.read import Source
from childindex.matching.engine.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for. `memory` such as "8GB" is what DuckDB may use; `pairs` writes every scored pair as well."""

    sources: tuple[Source, ...]
    out: Path
    model: Model
    memory: str = "8GB"
    threads: int = 2
    pairs: bool = False
