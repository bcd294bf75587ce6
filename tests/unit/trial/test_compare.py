from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from childindex.trial import compare, outcome
from childindex.trial.compare import CannotCompare, Difference, Gate, Verdict
from childindex.trial.counting import pairs_of
from childindex.trial.figures import Gap
from childindex.trial.outcome import Outcome
from tests.unit.trial import town


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return town.write(tmp_path)


def run(folder: Path, **options: Any) -> outcome.Outcome:
    return outcome.run(folder, truth=folder / "truth.csv", **options)


def earlier(folder: Path, **changes: float) -> Path:
    """An earlier run that found more: its JSON with the counts of right pairs changed."""
    told = outcome.as_dict(run(folder))
    told["pairs"]["cross"].update(changes)
    path = folder / "earlier.json"
    path.write_text(json.dumps(told))
    return path


def gates(folder: Path, text: str) -> Path:
    path = folder / "gates.toml"
    path.write_text(text)
    return path


def test_the_same_run_again_differs_in_nothing(folder: Path) -> None:
    assert run(folder, against=earlier(folder)).differences == ()


def test_differences_name_the_figure_and_the_change(folder: Path) -> None:
    found = run(folder, against=earlier(folder, right=7)).differences
    assert found == (Difference(figure="pairs.cross.right", earlier=7, now=5, change=-2),)


def test_a_figure_that_only_one_run_has_is_a_difference(folder: Path) -> None:
    found = compare.differences({"a": 1.0, "b": None}, {"a": 1.0, "b": 2.0, "c": 3.0})
    assert found == [Difference("b", 2.0, None, None), Difference("c", 3.0, None, None)]


@pytest.mark.parametrize(
    ("bound", "limit", "passed"),
    [
        ("at_least", 5, True),
        ("at_least", 6, False),
        ("at_most", 5, True),
        ("at_most", 4, False),
        ("may_fall", 2, True),
        ("may_fall", 1, False),
        ("may_rise", 0, True),
    ],
)
def test_gates(folder: Path, bound: str, limit: float, passed: bool) -> None:
    """5 right pairs now, 7 in the earlier run."""
    asked = gates(folder, f'[[gate]]\nfigure = "pairs.cross.right"\n{bound} = {limit}\n')
    (verdict,) = run(folder, gates=asked, against=earlier(folder, right=7)).verdicts
    assert verdict.passed is passed
    assert verdict.gate == Gate(figure="pairs.cross.right", bound=bound, limit=limit)


def test_a_rise_beyond_what_is_allowed_breaks_a_gate(folder: Path) -> None:
    asked = gates(folder, '[[gate]]\nfigure = "pairs.cross.right"\nmay_rise = 1\nat_least = 1\n')
    rise, least = run(folder, gates=asked, against=earlier(folder, right=3)).verdicts
    assert (rise.passed, rise.value, least.passed) == (False, 2, True)


def test_a_figure_that_is_not_there_breaks_its_gate(folder: Path) -> None:
    asked = gates(folder, '[[gate]]\nfigure = "pairs.cross.rihgt"\nat_most = 1\nmay_rise = 1\n')
    assert [one.passed for one in run(folder, gates=asked, against=earlier(folder)).verdicts] == [False, False]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gate = 1",
        "[[gate]]\nfigure = 'a'",
        "[[gate]]\nat_least = 1",
        "[[gate]]\nfigure = 'a'\nat_least = 'much'",
        "[[gate]]\nfigure = 'a'\nat_least = true",
        "[[gate]]\nfigure = 'a'\nmore_than = 1",
        "[[gate]]\nfigure = 'a'\nat_least = 1\n[other]",
        "gate = [1]",
        "[[",
    ],
)
def test_gates_that_ask_nothing_clear_are_refused(folder: Path, text: str) -> None:
    with pytest.raises(CannotCompare, match=r"gates\.toml"):
        run(folder, gates=gates(folder, text))


def test_a_gate_on_a_change_needs_an_earlier_run(folder: Path) -> None:
    with pytest.raises(CannotCompare, match="needs an earlier run"):
        run(folder, gates=gates(folder, '[[gate]]\nfigure = "pairs.cross.right"\nmay_fall = 1\n'))


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2}', None])
def test_an_earlier_run_that_is_none_is_refused(folder: Path, text: str | None) -> None:
    path = folder / "other.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(CannotCompare, match=r"other\.json"):
        run(folder, against=path)


def test_every_figure_has_a_path(folder: Path) -> None:
    found = compare.figures(run(folder).trial)
    assert found["groups.columns.origin.north.recall.share"] == 2 / 5
    assert found["curves.bits.best_f1"] == pytest.approx(2 / 3)
    assert found["twins.cross"] == 1
    assert "calibration.expected_error" in found
    assert not any(name.startswith("link") for name in found)


def test_lines_say_the_main_figures_and_every_gate(folder: Path) -> None:
    asked = gates(
        folder, '[[gate]]\nfigure = "pairs.cross.right"\nat_least = 6\n[[gate]]\nfigure = "nothing"\nat_most = 1\n'
    )
    told = outcome.lines(run(folder, gates=asked, against=earlier(folder, f1=0.9)))
    assert (
        "17 records of 8 persons in 11 clusters; 1 held because of a shield, 1 missing, 1 unknown to the truth" in told
    )
    assert (
        "Pairs between suppliers: precision 0.83333 (0.43650 to 0.96995), recall 0.45455 (0.21271 to 0.71991), F1 0.5882"
        in told
    )
    assert "  pairs.cross.f1: 0.900000 then, 0.588235 now" in told
    assert told[-2:] == [
        "BROKEN: pairs.cross.right has to be at least 6: 5",
        "BROKEN: nothing may be at most 1: no figure",
    ]
    assert (
        compare.in_words(Verdict(gate=Gate("a", "may_fall", 2), value=1.5, passed=True))
        == "kept: a may fall by at most 2: 1.5"
    )


def test_lines_of_a_trial_with_a_gap_and_of_one_without_links(folder: Path) -> None:
    trial = run(folder).trial
    gap = replace(trial.groups, largest_gap=Gap(column="age", value="0-1", points=2.345))
    told = outcome.lines(Outcome(trial=replace(trial, groups=gap, twins=None), differences=None, verdicts=()))
    assert "Furthest below the whole in recall: age 0-1, 2.35 points" in told
    assert "Wrong links between twins: not known; forbidden pairs linked: 1 of 2" in told
    nothing = replace(trial.pairs, cross=pairs_of(true=0, found=0, right=0))
    told = outcome.lines(Outcome(trial=replace(trial, pairs=nothing), differences=None, verdicts=()))
    assert "Pairs between suppliers: precision not known, recall not known, F1 not known" in told
