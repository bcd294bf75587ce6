"""The same questions through PostgreSQL: the index's own search keys, and names by pg_trgm, in an embedded server of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import psycopg

from benchmarks.matching.timing import Figures
from childindex.children.staging import packed
from childindex.matching.engine.index import Index
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.query import Searcher
from childindex.matching.engine.record import standardise
from childindex.project.folders import ROOT_STATE
from childindex.project.postgres import DURABLE, SUPERUSER, embedded_cluster

if TYPE_CHECKING:
    from benchmarks.matching.query import Question

# The table and the statement of childindex.children: models.SearchKey and selectors.candidates.
_TABLE = "CREATE TABLE children_searchkey (key bigint NOT NULL, kind smallint NOT NULL, child_id uuid NOT NULL, tier varchar(8) NOT NULL)"
_INDEXED = (
    "ALTER TABLE children_searchkey ADD PRIMARY KEY (key, child_id)",
    "VACUUM ANALYZE children_searchkey",
)
_CANDIDATES = (
    "SELECT child_id FROM children_searchkey WHERE key = ANY(%s) AND tier = 'open'"
    " GROUP BY child_id ORDER BY count(*) DESC, child_id LIMIT %s"
)
_MOST_COMPARED = 120
_COPIED = 1_000_000
# Given to pg_trgm: a trigram index on the whole name and a B-tree on the date of birth, either of which may find a child.
_PEOPLE = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE TABLE person (child text NOT NULL, name text NOT NULL, born text NOT NULL)",
)
_PEOPLE_INDEXED = (
    "CREATE INDEX ON person USING gin (name gin_trgm_ops)",
    "CREATE INDEX ON person (born)",
    "VACUUM ANALYZE person",
)
_ALIKE = (
    "SELECT child FROM person WHERE name %% %(name)s OR born = %(born)s"
    " ORDER BY similarity(name, %(name)s) + CASE WHEN born = %(born)s THEN 0.5 ELSE 0 END DESC LIMIT 5"
)
_SHOWN = 5
_WARM_UP = 50


class Postgres:
    """An embedded server with the search keys and names of an index; gone when it is left."""

    def __init__(self, index: Index) -> None:
        """Nothing is started yet."""
        self._index = index
        parent = ROOT_STATE if os.geteuid() == 0 else Path(tempfile.gettempdir())
        self._cluster = embedded_cluster(
            parent / f"bench-query-{os.getpid()}",
            roles=(),
            settings={**DURABLE, "shared_buffers": "1GB", "maintenance_work_mem": "512MB"},
        )

    def __enter__(self) -> Self:
        """Start and load it."""
        self._cluster.start()
        self._connection: psycopg.Connection[Any] = psycopg.connect(
            self._cluster.url(role=SUPERUSER, database="postgres"), autocommit=True
        )
        self._load()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        """Stop and delete it."""
        self._connection.close()
        self._cluster.remove()

    def _load(self) -> None:
        """COPY the keys, then the names; indexes are made after."""
        found = self._index.found
        keys = np.repeat(found.keys, np.diff(found.starts)).astype(">i8")
        children = np.zeros((len(found.children), 2), dtype=">u8")
        children[:, 1] = found.children
        ids = children.view("V16")[:, 0]
        self._connection.execute(_TABLE)
        with self._connection.cursor() as cursor:
            for start in range(0, len(keys), _COPIED):
                part = slice(start, start + _COPIED)
                many = len(keys[part])
                columns = (keys[part], np.ones(many, dtype=">i2"), ids[part], np.full(many, b"open"))
                with cursor.copy("COPY children_searchkey FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(packed(*columns))
        for statement in (*_INDEXED, *_PEOPLE):
            self._connection.execute(statement)
        values, dates = self._index.values, self._index.dates.parts.tolist()
        names = zip(self._index.children, self._index.rows.tolist(), strict=True)
        with self._connection.cursor() as cursor, cursor.copy("COPY person FROM STDIN") as copy:
            for child, row in names:
                given, family = values["given"][row[0]][0], values["family"][row[1]][0]
                copy.write_row((str(child), _name(given, family), _date(*dates[row[-1]])))
        for statement in _PEOPLE_INDEXED:
            self._connection.execute(statement)

    def search_keys(self, searcher: Searcher, asked: Sequence[Question]) -> dict[str, Any]:
        """Key look-up in the database alone; and with the children it names weighed in memory, as an answer."""
        cursor = self._connection.cursor(binary=True)

        def looked_up(question: Question) -> list[int]:
            values = [key.value for key in search_keys(standardise(question.identity))]
            cursor.execute(_CANDIDATES, [values, _MOST_COMPARED])
            return [row[0].int for row in cursor.fetchall()]

        def answered(question: Question) -> list[str]:
            query = standardise(question.identity)
            cursor.execute(_CANDIDATES, [[key.value for key in search_keys(query)], _MOST_COMPARED])
            near = np.array([row[0].int for row in cursor.fetchall()], dtype=np.int64)
            return [str(match.key) for match in searcher.among(query, near, limit=_SHOWN).matches]

        for question in asked:
            looked_up(question)
        alone, whole = Figures(), Figures()
        for question in asked:
            alone.ask(lambda question=question: [str(number) for number in looked_up(question)], question.partner)  # type: ignore[misc]
            whole.ask(lambda question=question: answered(question), question.partner)  # type: ignore[misc]
        spent = alone.told()
        return {
            "server": self._cluster.binaries.source,
            "keys": len(self._index.found.children),
            "look_up_alone": {name: spent[name] for name in ("p50_ms", "p99_ms")},
            "search_keys": whole.told(),
        }

    def trigrams(self, asked: Sequence[Question]) -> dict[str, Any]:
        """The same children by how alike their names are and their date of birth."""
        cursor = self._connection.cursor()

        def answered(question: Question) -> list[str]:
            query = standardise(question.identity)
            facts = {"name": _name(query.given, query.family), "born": _date(query.year, query.month, query.day)}
            cursor.execute(_ALIKE, facts)
            return [row[0] for row in cursor.fetchall()]

        for question in asked[:_WARM_UP]:
            answered(question)
        figures = Figures()
        for question in asked:
            figures.ask(lambda question=question: answered(question), question.partner)  # type: ignore[misc]
        return figures.told()


def _name(given: Sequence[str], family: str) -> str:
    """A whole name as it is compared."""
    return f"{given[0] if given else ''} {family}".strip()


def _date(year: int, month: int, day: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}"
