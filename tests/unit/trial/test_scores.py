from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from childindex.trial.evaluate import evaluate
from childindex.trial.figures import Curve
from childindex.trial.scores import calibration, curve
from tests.unit.trial import town


def table(rows: list[tuple[float, float, bool]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["posterior", "bits", "right"], orient="row")


def test_the_curve_counts_pairs_between_suppliers_against_all_true_pairs(tmp_path: Path) -> None:
    """In order: 0.99 right; 0.95 twice right; 0.90 wrong; 0.85 right; 0.40 twice right; 0 wrong. The pair within a is left out. 11 are true."""
    trial = evaluate(town.write(tmp_path), truth=tmp_path / "truth.csv")
    by_posterior, by_bits, _ = trial.curves
    assert (by_posterior.score, by_bits.score) == ("posterior", "bits")
    assert [(point.posterior, point.precision, point.recall) for point in by_posterior.points] == [
        (0.99, 1.0, 1 / 11),
        (0.95, 1.0, 3 / 11),
        (0.90, 3 / 4, 3 / 11),
        (0.85, 4 / 5, 4 / 11),
        (0.40, 6 / 7, 6 / 11),
        (0.00, 6 / 8, 6 / 11),
    ]
    assert by_posterior.best_f1 == pytest.approx(2 * 6 / (7 + 11))
    assert by_posterior.best_f1_at is not None
    assert by_posterior.best_f1_at.bits == 2
    assert by_posterior.recall_at_precision_0_999 == 3 / 11
    assert by_bits.points[0].posterior is None


def test_the_curve_of_clusters_counts_what_hangs_together(tmp_path: Path) -> None:
    """At 0.40 ann and dan are whole through pairs that nobody scored; at 0 a chain of three links has made bea and bet one."""
    by_clusters = evaluate(town.write(tmp_path), truth=tmp_path / "truth.csv").curves[2]
    assert by_clusters.score == "clusters"
    assert [(point.posterior, point.precision, point.recall) for point in by_clusters.points] == [
        (0.99, 1 / 1, 1 / 11),
        (0.95, 3 / 3, 3 / 11),
        (0.90, 3 / 4, 3 / 11),
        (0.85, 4 / 5, 4 / 11),
        (0.40, 8 / 9, 8 / 11),
        (0.00, 9 / 11, 9 / 11),
    ]
    assert by_clusters.best_f1 == pytest.approx(9 / 11)
    assert by_clusters.recall_at_precision_0_999 == 3 / 11
    assert by_clusters.recall_at_precision_0_9999 == 3 / 11


def test_clusters_that_are_all_wrong_have_no_f1(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("source,record_id,person_id\na,1,p\nb,2,q\nb,3,p\n")
    (tmp_path / "links.csv").write_text("source,record_id,child\na,1,x\nb,2,y\nb,3,z\n")
    (tmp_path / "review.csv").write_text("source_a,record_id_a,source_b,record_id_b\n")
    wrong = {
        "source_a": ["a"],
        "record_id_a": ["1"],
        "source_b": ["b"],
        "record_id_b": ["2"],
        "bits": [9.0],
        "posterior": [0.9],
    }
    pl.DataFrame(wrong).write_parquet(tmp_path / "pairs.parquet")
    found = evaluate(tmp_path, truth=tmp_path / "truth.csv").curves[2]
    assert (found.best_f1, found.recall_at_precision_0_999) == (0.0, None)


def test_pairs_of_equal_score_are_taken_together() -> None:
    found = curve(table([(0.9, 5, True), (0.9, 5, False)]), score="posterior", true=1)
    assert [(point.precision, point.recall) for point in found.points] == [(0.5, 1.0)]


def test_bits_order_pairs_of_equal_posterior() -> None:
    found = curve(table([(1.0, 60, False), (1.0, 70, True)]), score="posterior", true=1)
    assert [(point.bits, point.precision) for point in found.points] == [(70, 1.0), (60, 0.5)]


def test_recall_at_a_precision_no_threshold_has_is_no_figure() -> None:
    found = curve(table([(0.9, 5, False), (0.8, 4, True)]), score="posterior", true=1)
    assert found.recall_at_precision_0_999 is None
    assert found.recall_at_precision_0_9999 is None


def test_recall_at_two_precisions() -> None:
    """2,000 right pairs, one wrong, 8,000 right, one wrong: at 0.9999 only the first 2,000, at 0.999 all 10,000."""
    rows = [(0.9, 9.0, True)] * 2000 + [(0.8, 8.0, False)] + [(0.7, 7.0, True)] * 8000 + [(0.6, 6.0, False)]
    found = curve(table(rows), score="bits", true=20_000)
    assert found.recall_at_precision_0_9999 == 0.5  # one wrong of 10,001 is 0.99990001
    assert found.recall_at_precision_0_999 == 0.5
    rows[2000] = (0.95, 9.5, False)
    found = curve(table(rows[:5000]), score="bits", true=20_000)
    assert found.recall_at_precision_0_9999 is None
    assert found.recall_at_precision_0_999 == 4999 / 20_000


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    rows = [(n / 10_000, n / 100, n % 7 != 0) for n in range(10_000)]
    found = curve(table(rows), score="posterior", true=9_000)
    assert 50 < len(found.points) <= 200
    assert found.points[-1].recall == pytest.approx(sum(n % 7 != 0 for n in range(10_000)) / 9_000)


@pytest.mark.parametrize("rows", [[], [(0.5, 1.0, True)]])
def test_nothing_to_draw(rows: list[tuple[float, float, bool]]) -> None:
    empty = pl.DataFrame(rows, schema={"posterior": pl.Float64, "bits": pl.Float64, "right": pl.Boolean}, orient="row")
    nothing = Curve(
        score="bits",
        best_f1=None,
        best_f1_at=None,
        recall_at_precision_0_999=None,
        recall_at_precision_0_9999=None,
        points=(),
    )
    assert curve(empty, score="bits", true=0) == nothing


def test_calibration_says_how_far_scores_are_off() -> None:
    """Ten pairs said to be 0.75 of which 5 are right, ten said to be 0.05 of which none, and two that are certain."""
    rows = [(0.75, 1.6, n < 5) for n in range(10)] + [(0.05, -4.2, False)] * 10 + [(1.0, 60.0, True)] * 2
    found = calibration(table(rows))
    assert [(one.seen.of, one.seen.hits) for one in found.bins] == [(10, 0), (10, 5), (2, 2)]
    assert [one.low for one in found.bins] == pytest.approx([0.0, 0.7, 0.9])
    assert [one.said for one in found.bins] == pytest.approx([0.05, 0.75, 1.0])
    assert found.expected_error == pytest.approx((10 * 0.25 + 10 * 0.05 + 0) / 22)
    assert found.expected_error_between == pytest.approx((10 * 0.25 + 10 * 0.05) / 20)
    # two bits wide: -6 to -4, 0 to 2, and above 20
    assert [one.seen.of for one in found.log_odds_bins] == [10, 10, 2]
    assert [one.low for one in found.log_odds_bins] == pytest.approx([1 / 65, 1 / 2, 1 / (1 + 2**-20)])
    assert [one.high for one in found.log_odds_bins] == pytest.approx([1 / 17, 4 / 5, 1.0])


def test_calibration_of_nothing() -> None:
    found = calibration(table([(1.0, 60.0, True)]))
    assert (found.expected_error, found.expected_error_between) == (0.0, None)
