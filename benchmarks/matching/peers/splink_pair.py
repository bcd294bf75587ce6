"""Splink on two supply files: python -m benchmarks.matching.peers.environment splink_pair FOLDER --out FOLDER.

FOLDER holds alpha.csv and beta.csv as `childindex synth --suppliers 2 --no-numbers` writes them. Trains and saves the model, or with `--model FILE`
only applies it. Writes pairs.parquet (every scored pair above the threshold) and one_to_one.parquet (of those, pairs that are the best of both their
records; a record with two best pairs gets none): record_id_a, record_id_b, match_weight, match_probability.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker

from benchmarks.matching.peers import splink_model
from benchmarks.matching.peers.report import Stages
from benchmarks.matching.peers.standard import load

# Mutual best: a pair is kept where both its records have no better and no equal pair.
_ONE_TO_ONE = """
with best as (
    select *,
        max(match_weight) over (partition by record_id_a) as best_a,
        max(match_weight) over (partition by record_id_b) as best_b
    from pairs
), top as (
    select *, count(*) over (partition by record_id_a) as ties_a, count(*) over (partition by record_id_b) as ties_b
    from best where match_weight = best_a and match_weight = best_b
)
select record_id_a, record_id_b, match_weight, match_probability from top where ties_a = 1 and ties_b = 1
"""


def arguments() -> argparse.Namespace:
    """What the run was asked."""
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("--out", type=Path, required=True)
    parse.add_argument("--model", type=Path, help="a saved model: inference only")
    parse.add_argument("--threads", type=int, default=2)
    parse.add_argument("--memory", default="8GB")
    parse.add_argument("--compared", default=",".join(splink_model.SIX))
    parse.add_argument("--least", type=float, default=0.01, help="least match probability of a pair that is kept")
    parse.add_argument("--u-pairs", type=float, default=1e7)
    parse.add_argument("--em-pairs", type=float, default=2e6)
    parse.add_argument("--seed", type=int, default=20261125)
    return parse.parse_args()


def connect(*, threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """An empty database in memory with the limits given; what does not fit spills beside other temporary files."""
    connection = duckdb.connect()
    connection.execute(f"set temp_directory = '{tempfile.mkdtemp(prefix='splink-')}'")
    connection.execute(f"set threads = {threads}")
    connection.execute(f"set memory_limit = '{memory}'")
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set enable_progress_bar = false")
    return connection


def main() -> None:
    """Load, train or take the model, predict, settle, write, report."""
    given = arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    connection = connect(threads=given.threads, memory=given.memory)
    records = {side: load(connection, given.folder / f"{side}.csv", side) for side in ("alpha", "beta")}
    stages.done("load")
    api = DuckDBAPI(connection=connection)
    tables = [api.register(side, table_name=f"records_{side}", dataset_display_name=side) for side in records]
    compared = tuple(given.compared.split(","))
    model = str(given.model) if given.model else splink_model.settings("link_only", compared)
    linker = Linker(tables, model, log_level="WARNING")
    if not given.model:
        splink_model.train_prior_and_u(linker, pairs=given.u_pairs, seed=given.seed)
        stages.done("u")
        splink_model.train_m(linker, most_pairs=given.em_pairs)
        stages.done("em")
        linker.misc.save_model_to_json(str(given.out / "model.json"), overwrite=True)
    scored = linker.inference.predict(threshold_match_probability=given.least)
    stages.done("predict")
    connection.execute(
        "create temp view pairs as select unique_id_l as record_id_a, unique_id_r as record_id_b, match_weight, match_probability"  # noqa: S608
        f" from {scored.physical_name}"
    )
    connection.execute(f"create temp table one_to_one as {_ONE_TO_ONE}")
    stages.done("one_to_one")
    counts = {}
    for name in ("pairs", "one_to_one"):
        connection.execute(f"copy {name} to '{given.out / name}.parquet' (format parquet)")
        counts[name] = connection.execute(f"select count(*) from {name}").fetchall()[0][0]  # noqa: S608
    stages.done("write")
    stages.report(peer="splink", records=records, compared=compared, trained=not given.model, **counts)


if __name__ == "__main__":
    main()
