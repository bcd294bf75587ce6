"""links.csv, review.csv and pairs.parquet, written by DuckDB from rows and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np

from childindex.matching.bulk.groups import Flags
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.order import Order
from childindex.matching.bulk.settle import Settled
from childindex.matching.engine.coded import Ints
from childindex.matching.engine.columns import Levels
from childindex.matching.engine.levels import FIELDS, LEVELS
from childindex.matching.engine.scorer import probability
from childindex.matching.engine.sentences import levels_in_words

ALONE: Final = "The only record of this child"
NOBODY_ELSE: Final = "another child of the home would have records with the other suppliers, and none has"
_PAIRS: Final = (
    "WITH names AS ({names}) SELECT a_name.name AS source_a, a.record_id AS record_id_a,"
    " b_name.name AS source_b, b.record_id AS record_id_b, {chosen}"
    " FROM paired JOIN records a ON a.rowid = paired.one JOIN records b ON b.rowid = paired.other"
    " JOIN names a_name ON a_name.source = a.source JOIN names b_name ON b_name.source = b.source"
    " JOIN said USING (sentence) ORDER BY {ordered}"
)
_CSV: Final = "(FORMAT csv, HEADER true)"


def write_links(connection: duckdb.DuckDBPyConnection, order: Order, scored: Scored, settled: Settled) -> None:
    """links.csv: every record, its child, and of the pair that ties it to the child most surely the score and why."""
    rows = len(settled.cluster)
    linked = scored.pairs[settled.linked]
    pairs = np.concatenate([scored.sure, linked])
    scores = np.concatenate([probability(scored.sure_bits), settled.linked_posterior])
    levels = np.concatenate([scored.sure_levels, scored.levels[settled.linked]])
    sentence, sentences = _explained(levels, np.concatenate([np.zeros(len(scored.sure), np.bool_), settled.alone]))
    best = np.full(rows, -1, dtype=np.int64)
    ascending = np.argsort(scores, kind="stable")  # the last written wins: the surest
    best[pairs[ascending].ravel()] = np.repeat(ascending, 2)
    there = best >= 0
    first = np.zeros(rows, dtype=np.bool_)
    first[settled.cluster] = True
    columns = {
        "child": np.cumsum(first)[settled.cluster],
        "score": np.where(there, scores[np.maximum(best, 0)], np.nan) if len(scores) else np.full(rows, np.nan),
        "sentence": np.where(there, sentence[np.maximum(best, 0)], -1) if len(scores) else np.full(rows, -1),
    }
    # Side by side and looked up in lists: joins would lose the order, and sorting takes longer than writing.
    _copy(
        connection,
        order.out / "links.csv",
        {"placed": columns, "said": {"sentence": np.arange(-1, len(sentences)), "text": np.array([ALONE, *sentences])}},
        f"SELECT (SELECT list(name ORDER BY source) FROM ({_names(order)}))[records.source + 1] AS source, record_id,"  # noqa: S608 - names are quoted
        " 'C' || lpad(CAST(child AS VARCHAR), 9, '0') AS child,"
        " CASE WHEN isnan(score) THEN NULL ELSE round(score, 6) END AS score,"
        " (SELECT list(text ORDER BY sentence) FROM said)[sentence + 2] AS explanation"
        " FROM records POSITIONAL JOIN placed",
    )


def write_review(connection: duckdb.DuckDBPyConnection, order: Order, scored: Scored, settled: Settled) -> None:
    """review.csv: pairs for a person, the likeliest first."""
    tables = _paired(scored.pairs[settled.review], scored.levels[settled.review])
    tables["paired"]["score"] = np.round(settled.review_posterior, 6)
    query = _PAIRS.format(names=_names(order), chosen="score, text AS explanation", ordered="score DESC, place")
    _copy(connection, order.out / "review.csv", tables, query)


def write_pairs(connection: duckdb.DuckDBPyConnection, order: Order, scored: Scored, settled: Settled) -> None:
    """pairs.parquet: every pair that was scored, certain ones too, with its bits, its posterior and what became of it."""
    decision = np.where(
        settled.cluster[scored.pairs[:, 0]] == settled.cluster[scored.pairs[:, 1]], "link", "none"
    ).astype(object)
    decision[settled.review] = "review"
    posterior = settled.posterior.copy()
    posterior[settled.linked] = np.maximum(posterior[settled.linked], settled.linked_posterior)
    tables = _paired(np.concatenate([scored.pairs, scored.sure]), np.concatenate([scored.levels, scored.sure_levels]))
    tables["paired"]["bits"] = np.concatenate([scored.bits, scored.sure_bits])
    tables["paired"]["posterior"] = np.concatenate([posterior, probability(scored.sure_bits)])
    tables["paired"]["decision"] = np.concatenate([decision, np.full(len(scored.sure), "link", dtype=object)])
    query = _PAIRS.format(names=_names(order), chosen="bits, posterior, decision", ordered="place")
    _copy(connection, order.out / "pairs.parquet", tables, query)


def _paired(pairs: Ints, levels: Levels) -> dict[str, dict[str, Any]]:
    """Pairs of rows and the sentences that explain them, as tables."""
    sentence, sentences = _explained(levels, np.zeros(len(levels), np.bool_))
    return {
        "paired": {
            "place": np.arange(len(pairs)),
            "one": pairs[:, 0].copy(),
            "other": pairs[:, 1].copy(),
            "sentence": sentence,
        },
        "said": {"sentence": np.arange(-1, len(sentences)), "text": np.array(["", *sentences])},
    }


def write_whole(file: Path, text: str) -> None:
    """Write a text whole or not at all."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _copy(
    connection: duckdb.DuckDBPyConnection, file: Path, tables: Mapping[str, Mapping[str, Any]], query: str
) -> None:
    """Write what a query finds, whole or not at all."""
    for name, columns in tables.items():
        connection.register(name, dict(columns))
    part = file.with_name(f"{file.name}.part")
    form = "(FORMAT parquet)" if file.suffix == ".parquet" else _CSV
    connection.execute(f"COPY ({query}) TO '{_quoted(part)}' {form}")
    for name in tables:
        connection.unregister(name)
    part.replace(file)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _names(order: Order) -> str:
    """The names of the sources, as a query."""
    lines = [
        f"SELECT {number}::SMALLINT AS source, '{source.name.replace(chr(39), chr(39) * 2)}' AS name"
        for number, source in enumerate(order.sources)
    ]
    return " UNION ALL ".join(lines)


def _explained(levels: Levels, alone: Flags) -> tuple[Ints, list[str]]:
    """For each line of level numbers, the number of its sentence; and the sentences. Each pattern is put into words once."""
    packed = levels.astype(np.int64) @ (len(LEVELS) ** np.arange(len(FIELDS), dtype=np.int64))
    _, first, back = np.unique(packed * 2 + alone, return_index=True, return_inverse=True)
    words = [levels_in_words([LEVELS[level] for level in line]) for line in levels[first].tolist()]
    return back, [f"{text}; {NOBODY_ELSE}" if lone else text for text, lone in zip(words, alone[first], strict=True)]
