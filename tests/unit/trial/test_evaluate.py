"""The town of `town.py`, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from childindex.trial.evaluate import evaluate
from childindex.trial.figures import Counts, Forbidden, Pairs, Trial, Twins
from childindex.trial.inputs import TrialUnreadable
from tests.unit.trial import town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return town.write(tmp_path)


def run(folder: Path) -> Trial:
    return evaluate(folder, truth=folder / "truth.csv", files={"a": folder / "a.csv", "b": folder / "b.csv"})


@pytest.fixture
def trial(folder: Path) -> Trial:
    return run(folder)


def counts(pairs: Pairs) -> tuple[int, int, int]:
    return pairs.true, pairs.found, pairs.right


def test_a_shielded_record_is_held_and_any_other_that_is_absent_stands_alone(trial: Trial) -> None:
    # a7 is held; a8 is missing, and fay's pair is lost with it; c77 is nobody the truth knows
    assert trial.counts == Counts(records=17, persons=8, clusters=11, held=1, missing=1, unknown=1)


def test_without_a_word_about_shields_every_absent_record_counts_as_held(folder: Path) -> None:
    pl.read_csv(folder / "truth.csv", infer_schema=False).drop("group_shielded").write_csv(folder / "truth.csv")
    trial = run(folder)
    assert (trial.counts.held, trial.counts.missing) == (2, 0)
    assert trial.pairs.cross.true == 10


def test_pairs(trial: Trial) -> None:
    assert counts(trial.pairs.cross) == (11, 6, 5)
    assert counts(trial.pairs.all) == (12, 8, 6)
    assert trial.pairs.cross.precision.share == 5 / 6
    assert trial.pairs.cross.recall.share == 5 / 11
    assert trial.pairs.cross.f1 == pytest.approx(2 * 5 / (6 + 11))


def test_clusters(trial: Trial) -> None:
    before, after = trial.clusters.before, trial.clusters.after
    # cal, eve and gus are exactly right; review makes ann and dan so
    assert (before.exact, before.precision.of, before.recall.of) == (3, 11, 8)
    assert (after.exact, after.precision.of, after.recall.of) == (5, 9, 8)
    assert before.f1 == pytest.approx(2 * 3 / (11 + 8))
    # bea and bet are together; a rightly answered review cannot part them
    assert (before.mixed, after.mixed, before.mixed_per_100_000) == (2, 2, 25_000)
    # of ann, bea, bet, cal, dan and fay: ann, bet, dan and fay; afterwards bet and fay
    assert (before.split.hits, before.split.of, after.split.hits) == (4, 6, 2)


def test_review(trial: Trial) -> None:
    review = trial.review
    assert (review.pairs, review.right, review.unknown) == (4, 2, 1)
    assert review.pairs_per_100_true == pytest.approx(400 / 11)
    assert (review.records.hits, review.records.of) == (6, 17)
    # joining ann's two clusters also brings b1 and c1 together, dan's a6 and c6
    assert counts(review.after.cross) == (11, 10, 9)
    assert counts(review.after.all) == (12, 12, 10)


def test_a_chain_of_answers_joins_all_it_touches(folder: Path) -> None:
    """Four clusters of one child, joined by answers in an order that no single pass would settle."""
    names = [f"{source}{number}" for number, source in enumerate("dcbadcba")]
    rows = [{"source": name[0], "record_id": name, "person_id": "hal", "child": name} for name in names]
    table = pl.DataFrame(rows)
    table.drop("child").write_csv(folder / "truth.csv")
    table.drop("person_id").write_csv(folder / "links.csv")
    ends = [(0, 7), (7, 1), (1, 6), (6, 2), (2, 5), (5, 3), (3, 4)]
    pairs = [
        {"source_a": names[a][0], "record_id_a": names[a], "source_b": names[b][0], "record_id_b": names[b]}
        for a, b in ends
    ]
    pl.DataFrame(pairs).write_csv(folder / "review.csv")
    trial = run(folder)
    assert (trial.counts.clusters, trial.clusters.after.exact, trial.clusters.after.precision.of) == (8, 1, 1)


def test_twins_are_wrong_together_only_on_one_birth_date(folder: Path, trial: Trial) -> None:
    assert trial.twins == Twins(cross=1, all=2, by_birth_date=True)
    dates = pl.read_csv(folder / "a.csv", infer_schema=False)
    other = pl.when(pl.col("record_id") == "a3").then(pl.lit("2015-05-09")).otherwise("birth_date")
    dates.with_columns(birth_date=other).write_csv(folder / "a.csv")
    assert run(folder).twins == Twins(cross=0, all=0, by_birth_date=True)
    assert evaluate(folder, truth=folder / "truth.csv").twins == Twins(cross=1, all=2, by_birth_date=False)


def test_birth_dates_are_read_from_json_lines_too(folder: Path) -> None:
    files = {}
    for source in "ab":
        pl.read_csv(folder / f"{source}.csv", infer_schema=False).write_ndjson(folder / f"{source}.jsonl")
        files[source] = folder / f"{source}.jsonl"
    assert evaluate(folder, truth=folder / "truth.csv", files=files).twins == Twins(cross=1, all=2, by_birth_date=True)


def test_a_truth_without_twins_says_nothing_about_them(folder: Path) -> None:
    pl.read_csv(folder / "truth.csv", infer_schema=False).drop("group_twin").write_csv(folder / "truth.csv")
    assert run(folder).twins is None


def test_forbidden_pairs(folder: Path, trial: Trial) -> None:
    assert trial.forbidden == Forbidden(pairs=2, linked=1, in_review=0)
    review = pl.read_csv(folder / "review.csv", infer_schema=False)
    asked = review.head(1).with_columns(
        source_a=pl.lit("c"), record_id_a=pl.lit("c9"), source_b=pl.lit("a"), record_id_b=pl.lit("a4")
    )
    pl.concat([review, asked]).write_csv(folder / "review.csv")
    assert run(folder).forbidden.in_review == 1
    (folder / "forbidden_pairs.csv").unlink()
    assert run(folder).forbidden == Forbidden(pairs=0, linked=0, in_review=0)


def test_groups(trial: Trial) -> None:
    columns = trial.groups.columns
    assert list(columns) == ["origin", "twin", "supplier", "supplier_pair", "shielded"]
    north, south = columns["origin"]["north"], columns["origin"]["south"]
    assert (north.records, north.true, north.found, north.right) == (7, 5, 3, 2)
    assert (south.records, south.true, south.found, south.right) == (10, 6, 3, 3)
    assert (north.recall_after_review.hits, south.recall_after_review.hits) == (4, 5)
    assert (north.review_pairs, south.review_pairs) == (3, 1)
    assert (north.records_in_review.hits, south.records_in_review.hits) == (4, 2)
    assert [north.persons, north.mixed_per_100_000, north.split_percent] == pytest.approx([3, 200_000 / 3, 200 / 3])
    assert north.below_whole == pytest.approx(100 * (5 / 11 - 2 / 5))


def test_suppliers_and_pairs_of_suppliers(trial: Trial) -> None:
    suppliers, between = trial.groups.columns["supplier"], trial.groups.columns["supplier_pair"]
    assert {name: (one.true, one.found, one.right) for name, one in suppliers.items()} == {
        "a": (9, 5, 4),
        "b": (9, 6, 5),
        "c": (4, 1, 1),
    }
    assert {name: (one.true, one.found, one.right) for name, one in between.items()} == {
        "a and b": (7, 5, 4),
        "a and c": (2, 0, 0),
        "b and c": (2, 1, 1),
    }
    # the question about a record nobody knows is no question between two suppliers, and the one within a is none between a and another
    assert {name: one.review_pairs for name, one in between.items()} == {"a and b": 1, "a and c": 1, "b and c": 0}
    assert suppliers["a"].persons == 6
    assert suppliers["a"].mixed_per_100_000 == pytest.approx(200_000 / 6)


def test_small_groups_are_marked_and_make_no_gap(trial: Trial) -> None:
    assert all(group.small for values in trial.groups.columns.values() for group in values.values())
    assert trial.groups.largest_gap.points == 0


def test_the_largest_gap_is_that_of_a_group_of_a_hundred_pairs(tmp_path: Path) -> None:
    """100 pairs of which 90 are found, and 300 all found: the first lie 7.5 points below the whole."""
    persons = [("slow", n, n < 90) for n in range(100)] + [("fast", n, True) for n in range(100, 400)]
    rows = [
        {
            "source": source,
            "record_id": f"{n}",
            "person_id": f"{n}",
            "group_age": group,
            "child": f"{n}" if found else f"{source}{n}",
        }
        for group, n, found in persons
        for source in "ab"
    ]
    table = pl.DataFrame(rows)
    table.drop("child").write_csv(tmp_path / "truth.csv")
    table.select("source", "record_id", "child").write_csv(tmp_path / "links.csv")
    (tmp_path / "review.csv").write_text("source_a,record_id_a,source_b,record_id_b\n")
    gap = evaluate(tmp_path, truth=tmp_path / "truth.csv").groups.largest_gap
    assert (gap.column, gap.value) == ("age", "slow")
    assert gap.points == pytest.approx(7.5)


def test_ages_come_in_the_order_of_life(tmp_path: Path) -> None:
    ages = ["11-15", "0-1", "5-10", "2-4", ""]
    rows = [
        {"source": "a", "record_id": age, "person_id": age or "none", "group_age": age, "child": age} for age in ages
    ]
    table = pl.DataFrame(rows).with_columns(pl.col("record_id", "child").replace("", "x"))
    table.drop("child").write_csv(tmp_path / "truth.csv")
    table.select("source", "record_id", "child").write_csv(tmp_path / "links.csv")
    (tmp_path / "review.csv").write_text("source_a,record_id_a,source_b,record_id_b\n")
    trial = evaluate(tmp_path, truth=tmp_path / "truth.csv")
    assert list(trial.groups.columns["age"]) == ["", "0-1", "2-4", "5-10", "11-15"]
    assert trial.pairs.cross.recall.share is None
    assert trial.groups.columns["age"]["0-1"].below_whole is None


def test_without_scored_pairs_there_is_no_curve(tmp_path: Path) -> None:
    trial = run(town.write(tmp_path, pairs=False))
    assert (trial.curves, trial.calibration) == ((), None)


def test_the_report_of_the_run_is_kept(folder: Path, trial: Trial) -> None:
    assert trial.link == {"seconds": 1.5}
    (folder / "report.json").unlink()
    assert run(folder) == replace(trial, link=None)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("links.csv", None, "is not there"),
        ("links.csv", "source,record_id,child\na,a1,1\na,a1,2\n", "has 1 records more than once"),
        ("links.csv", "source,record_id,child\na,a1,\n", "has a record without a child"),
        ("links.csv", "source,record_id\na,a1\n", "lacks the columns child"),
        ("links.csv", "", "cannot be read"),
        ("truth.csv", "source,record_id,person_id\na,a1,x\na,a1,y\n", "has 1 records more than once"),
        ("truth.csv", "source,record_id\na,a1\n", "lacks the columns person_id"),
        ("review.csv", "source_a,record_id_a\n", "lacks the columns source_b, record_id_b"),
        ("forbidden_pairs.csv", "a,b\n", "lacks the columns"),
        ("report.json", "{", "is not JSON"),
        ("report.json", "[]", "is not one JSON object"),
        ("pairs.parquet", "nonsense", "cannot be read"),
        ("a.csv", "record_id\na1\n", "cannot be read"),
    ],
)
def test_what_cannot_be_counted_rightly_is_refused(folder: Path, name: str, text: str | None, why: str) -> None:
    (folder / name).unlink()
    if text is not None:
        (folder / name).write_text(text)
    with pytest.raises(TrialUnreadable, match=why) as refused:
        run(folder)
    assert name in str(refused.value)
