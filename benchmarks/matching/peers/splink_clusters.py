"""Splink on many supply files: python -m benchmarks.matching.peers.environment splink_clusters FOLDER --out FOLDER.

FOLDER is what `childindex synth` wrote. All files that its feeds.toml names are linked with one another (no supplier's records among themselves), and
clustered in Splink's two ways: single best links, where a cluster holds at most one record of each supplier, and connected components. Writes
links_best.csv and links_components.csv: source, record_id, child.
"""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker, block_on
from splink.internals.splink_dataframe import SplinkDataFrame

from benchmarks.matching.peers import splink_model
from benchmarks.matching.peers.report import Stages
from benchmarks.matching.peers.splink_pair import connect
from benchmarks.matching.peers.standard import load


def arguments() -> argparse.Namespace:
    """What the run was asked."""
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("--out", type=Path, required=True)
    parse.add_argument("--model", type=Path, help="a saved model: inference only")
    parse.add_argument("--threads", type=int, default=2)
    parse.add_argument("--memory", default="8GB")
    parse.add_argument("--compared", default=",".join(splink_model.WITH_NUMBERS))
    parse.add_argument("--at", type=float, default=0.95, help="least match probability that joins two records")
    parse.add_argument(
        "--ties", choices=("drop", "lowest_id"), default="drop", help="of two equally good records of one supplier"
    )
    parse.add_argument("--u-pairs", type=float, default=1e7)
    parse.add_argument("--em-pairs", type=float, default=2e6)
    parse.add_argument("--seed", type=int, default=20261125)
    return parse.parse_args()


def suppliers(folder: Path) -> list[str]:
    """The feeds that have a file in the folder, in the order of feeds.toml."""
    feeds = tomllib.loads((folder / "feeds.toml").read_text(encoding="utf-8"))
    return [name for name in feeds if (folder / f"{name}.csv").exists()]


def _train(linker: Linker, given: argparse.Namespace) -> None:
    splink_model.train_prior_and_u(linker, pairs=given.u_pairs, seed=given.seed)
    splink_model.train_m(linker, most_pairs=given.em_pairs)
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("nhs"), estimate_without_term_frequencies=True, max_pairs=given.em_pairs
    )
    linker.misc.save_model_to_json(str(given.out / "model.json"), overwrite=True)


def write(connection: duckdb.DuckDBPyConnection, clusters: SplinkDataFrame, file: Path) -> int:
    """Writes the links; how many clusters there are."""
    links = (
        f"select source_dataset as source, unique_id as record_id, cluster_id as child from {clusters.physical_name}"  # noqa: S608
    )
    connection.execute(f"copy ({links}) to '{file}' (header, delimiter ',')")
    found = connection.execute(f"select count(distinct cluster_id) from {clusters.physical_name}").fetchall()  # noqa: S608
    return int(found[0][0])


def main() -> None:
    """Load, train or take the model, predict, cluster twice, write, report."""
    given = arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    connection = connect(threads=given.threads, memory=given.memory)
    records = {name: load(connection, given.folder / f"{name}.csv", name) for name in suppliers(given.folder)}
    stages.done("load")
    api = DuckDBAPI(connection=connection)
    tables = [api.register(name, table_name=f"records_{name}", dataset_display_name=name) for name in records]
    compared = tuple(given.compared.split(","))
    model = str(given.model) if given.model else splink_model.settings("link_only", compared, numbers="nhs" in compared)
    linker = Linker(tables, model, log_level="WARNING")
    if not given.model:
        _train(linker, given)
        stages.done("train")
    # Only what may join two records: the rest would fill the disk while it is clustered, and change nothing.
    scored = linker.inference.predict(threshold_match_probability=given.at)
    pairs = connection.execute(f"select count(*) from {scored.physical_name}").fetchall()[0][0]  # noqa: S608
    stages.done("predict")
    best = linker.clustering.cluster_using_single_best_links(
        scored, duplicate_free_datasets=list(records), threshold_match_probability=given.at, ties_method=given.ties
    )
    children = {"best": write(connection, best, given.out / "links_best.csv")}
    stages.done("single_best_links")
    parts = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=given.at)
    children["components"] = write(connection, parts, given.out / "links_components.csv")
    stages.done("connected_components")
    stages.report(
        peer="splink", records=records, compared=compared, trained=not given.model, pairs=pairs, children=children
    )


if __name__ == "__main__":
    main()
