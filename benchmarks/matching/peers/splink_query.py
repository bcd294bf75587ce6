"""One query at a time against an index held by Splink: python -m benchmarks.matching.peers.environment splink_query FOLDER --model FILE.

FOLDER and model as of splink_pair. alpha.csv is the index; `--queries` records of beta.csv that have a partner there are asked one by one: with Splink
5's `predict_between`, which took the place of `find_matches_to_new_records`, or with `--way blocked`, where the blocking rules are one plain SQL condition and only
`score_pairs` is Splink's. A query's time runs from handing over one record to holding its scored candidates as Python values. The term frequencies of
the index are computed before. Splink 5.0.0 joins them to the whole index anew for each `predict_between`, even where the index has its own columns `tf_*` (it
then fails: the tables it joins are left out); that is what a query spends seconds on. `blocked` is given those columns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

from splink import DuckDBAPI, Linker
from splink.internals.splink_dataframe import SplinkDataFrame

from benchmarks.matching.peers.report import Stages
from benchmarks.matching.peers.splink_pair import connect
from benchmarks.matching.peers.standard import load

_WARM_UP = 3

_QUERIES = """
select beta.*, a.record_id as partner from beta
join (select person_id, record_id from truth where source = 'beta') b on b.record_id = beta.unique_id
join (select person_id, record_id from truth where source = 'alpha') a on a.person_id = b.person_id
order by hash(beta.unique_id || ?) limit ?
"""


def _frequency_columns(model: Path) -> list[str]:
    settings = json.loads(model.read_text(encoding="utf-8"))
    levels = [level for comparison in settings["comparisons"] for level in comparison["comparison_levels"]]
    return sorted({level["tf_adjustment_column"] for level in levels if level.get("tf_adjustment_column")})


def _with_frequencies(linker: Linker, columns: list[str], table: str) -> str:
    """A select of a table with the term frequencies of the index beside its values; null where the index has no such value."""
    joins = [
        f"left join {linker.table_management.compute_tf_table(column).physical_name} t_{column} on t_{column}.{column} = s.{column}"
        for column in columns
    ]
    wanted = ", ".join(f"t_{column}.tf_{column}" for column in columns)
    return f"select s.*, {wanted} from {table} s {' '.join(joins)}"  # noqa: S608


def _between(linker: Linker, index: SplinkDataFrame, asked: SplinkDataFrame) -> SplinkDataFrame:
    """Splink's own way: blocking and scoring by predict_between."""
    return linker.inference.predict_between(
        index, asked, link_type="dedupe_only", threshold_match_probability=0.0001, warning_mode="never"
    )


def _blocked(linker: Linker, index: SplinkDataFrame, asked: SplinkDataFrame) -> SplinkDataFrame:
    """The model's blocking rules as one plain condition over the index, then Splink's score_pairs on what it finds."""
    rules = linker._settings_obj._blocking_rules_to_generate_predictions  # noqa: SLF001
    either = " or ".join(f"({rule.blocking_rule_sql})" for rule in rules)
    table = f"found_for_{asked.physical_name}"
    linker._db_api.duckdb_con.execute(  # noqa: SLF001
        f"create temp table {table} as select l.* from {index.physical_name} l, {asked.physical_name} r where {either}"  # noqa: S608
    )
    found = linker._db_api.register(table, table_name=f"registered_{table}", dataset_display_name="alpha")  # noqa: SLF001
    return linker.inference.score_pairs(found, asked)


_WAYS = {"between": _between, "blocked": _blocked}


def _ask(linker: Linker, index: SplinkDataFrame, frequencies: str, number: int, way: str) -> tuple[float, bool]:
    """Milliseconds, and whether the right child came first; `frequencies` is a select of the query from `query_given`."""
    api = linker._db_api  # noqa: SLF001
    chosen = f"from queries where rowid = {number}"
    query = api.duckdb_con.execute(f"select * exclude (partner) {chosen}").to_arrow_table()
    partner = api.duckdb_con.execute(f"select partner {chosen}").fetchall()[0][0]
    began = time.perf_counter()
    api.duckdb_con.register("query_given", query)
    query = api.duckdb_con.execute(frequencies).to_arrow_table()
    asked = api.register(query, table_name=f"query_{number}", dataset_display_name=f"query_{number}")
    scored = _WAYS[way](linker, index, asked)
    found = scored.as_record_list()
    took = (time.perf_counter() - began) * 1000
    scored.drop_table_from_database_and_remove_from_cache()
    best = max(found, key=lambda pair: pair["match_weight"], default=None)
    return took, best is not None and partner in (best["unique_id_l"], best["unique_id_r"])


def main() -> None:
    """Load, ask, report."""
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("--model", type=Path, required=True)
    parse.add_argument("--way", choices=sorted(_WAYS), default="between")
    parse.add_argument("--queries", type=int, default=50)
    parse.add_argument("--threads", type=int, default=2)
    parse.add_argument("--memory", default="8GB")
    parse.add_argument("--seed", default="20261125")
    given = parse.parse_args()
    stages = Stages()
    connection = connect(threads=given.threads, memory=given.memory)
    size = load(connection, given.folder / "alpha.csv", "alpha")
    load(connection, given.folder / "beta.csv", "beta")
    truth = given.folder / "truth.csv"
    connection.execute(f"create temp view truth as select * from read_csv('{truth}', all_varchar = true)")  # noqa: S608
    connection.execute(f"create temp table queries as {_QUERIES}", [given.seed, given.queries + _WARM_UP])
    connection.execute("drop table beta")
    stages.done("load")
    api = DuckDBAPI(connection=connection)
    index = api.register("alpha", table_name="records_alpha", dataset_display_name="alpha")
    # a second, empty source: a model of two files asks for two
    connection.execute("create table nobody as select * from alpha limit 0")
    nobody = api.register("nobody", table_name="records_nobody", dataset_display_name="nobody")
    linker = Linker([index, nobody], str(given.model), log_level="ERROR")
    columns = _frequency_columns(given.model)
    for column in columns:
        linker.table_management.compute_tf_table(column)
    frequencies = "select * from query_given"
    if given.way == "blocked":
        connection.execute(f"create table alpha_known as {_with_frequencies(linker, columns, 'alpha')}")
        index = api.register("alpha_known", table_name="known_alpha", dataset_display_name="alpha")
        frequencies = _with_frequencies(linker, columns, "query_given")
    stages.done("index")
    answers = [_ask(linker, index, frequencies, number, given.way) for number in range(given.queries + _WARM_UP)][
        _WARM_UP:
    ]
    stages.done("queries")
    times = sorted(took for took, _ in answers)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    stages.report(
        peer="splink",
        way=given.way,
        index=size,
        queries=len(times),
        p50_ms=round(cuts[49], 1),
        p95_ms=round(cuts[94], 1),
        p99_ms=round(cuts[98], 1),
        right_first=sum(first for _, first in answers),
    )


if __name__ == "__main__":
    main()
