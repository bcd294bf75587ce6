from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from childindex.kernel.scales import Scale, least_shown, most_shown, ticks
from childindex.trial import compare, outcome
from childindex.trial.intervals import Share
from childindex.trial.page import charts, words
from childindex.trial.page.charts import Row
from childindex.trial.page.page import html
from tests.unit.trial import town

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)


@pytest.fixture
def page(tmp_path: Path) -> str:
    town.write(tmp_path)
    outcome.run(tmp_path, truth=tmp_path / "truth.csv", html=tmp_path / "trial.html")
    return (tmp_path / "trial.html").read_text()


def test_the_page_fetches_and_runs_nothing(page: str) -> None:
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)|url\(|@import|https?://", page) == []


def test_every_chart_has_a_title_a_description_and_a_table_after_it(page: str) -> None:
    drawn = SVG.findall(page)
    # curve, calibration, missed links of five groups, questions by origin and between two suppliers
    assert len(drawn) == 9
    for text in drawn:
        svg = ET.fromstring(text)  # noqa: S314 - our own page
        named = svg.attrib["aria-labelledby"].split()
        assert [svg.find("title").attrib["id"], svg.find("desc").attrib["id"]] == named  # type: ignore[union-attr]
    for section in re.findall(r"<section>.*?</section>", page, re.DOTALL):
        assert section.rindex("<svg") < section.index("<table")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_first_sentence_says_what_happened(page: str) -> None:
    assert (
        "Of every 10,000 links made without asking anybody, 1666.7 joined two different children."
        " Of every 100 links that there should be, 45.5 were made, and 81.8 are once people have answered the questions put to them."
    ) in page


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    town.write(tmp_path)
    for name in ("truth.csv", "links.csv", "review.csv"):
        path = tmp_path / name
        path.write_text(path.read_text().replace("north", "<b>north</b>"))
    found = outcome.run(tmp_path, truth=tmp_path / "truth.csv")
    assert "&lt;b&gt;north" in html(found.trial)
    assert "<b>" not in html(found.trial)


def test_a_trial_without_scores_or_pairs_is_still_a_page(tmp_path: Path) -> None:
    (tmp_path / "truth.csv").write_text("source,record_id,person_id,group_pet\na,1,p,cat\nb,2,q,dog\n")
    (tmp_path / "links.csv").write_text("source,record_id,child\na,1,x\nb,2,y\n")
    (tmp_path / "review.csv").write_text("source_a,record_id_a,source_b,record_id_b\n")
    trial = outcome.run(tmp_path, truth=tmp_path / "truth.csv").trial
    page = html(trial)
    assert "There were no links to count between suppliers." in page
    assert "<svg" not in page
    assert "Wrong links between twins" not in page
    assert "Pet" in page


def test_changes_and_gates_are_shown(tmp_path: Path) -> None:
    town.write(tmp_path)
    found = outcome.run(tmp_path, truth=tmp_path / "truth.csv")
    gate = compare.Gate("pairs.cross.right", "at_least", 6)
    verdict = compare.Verdict(gate=gate, value=5, passed=False)
    many = [compare.Difference(f"figure {n}", 1.0, 2.0 if n else None, 1.0 if n else None) for n in range(41)]
    page = html(found.trial, differences=many, verdicts=[verdict])
    assert "BROKEN: pairs.cross.right has to be at least 6: 5" in page
    assert page.count("+1.00000") == 39
    assert "the JSON lists all of them" in page
    assert "No figure differs from the earlier run." in html(found.trial, differences=[])


def test_bars_begin_at_zero_and_are_as_long_as_their_figure() -> None:
    rows = [
        Row(label="a", value=2.0, low=1.0, high=4.0, pale=False),
        Row(label="b", value=1.0, low=0.0, high=90.0, pale=True),
    ]
    drawn = charts.bars("n", title="t", what="w", rows=rows, whole=1.5)
    axis = Scale(low=0.0, high=4.0, start=drawn.left, end=drawn.right)
    assert [bar.width for bar in drawn.bars] == [
        pytest.approx(axis.at(2) - drawn.left, abs=0.1),
        pytest.approx(axis.at(1) - drawn.left, abs=0.1),
    ]
    # the long interval of a group of few children does not flatten the others; it ends where the axis does
    assert drawn.bars[1].high == drawn.right
    assert drawn.whole == axis.at(1.5)
    assert "Highest is a with 2.0" in drawn.description


def test_a_missed_share_turns_the_interval_of_the_found_share_round() -> None:
    found = charts.missed("a", Share(hits=9, of=10, share=0.9, low=0.6, high=0.98), pale=False)
    assert [found.value, found.low, found.high] == pytest.approx([10, 2, 40])


@pytest.mark.parametrize(
    ("low", "high", "times", "suffix", "texts"),
    [
        (0.0, 1.0, 100, "%", ["0%", "50%", "100%"]),
        (0.999, 1.0, 100, "%", ["99.90%", "99.95%", "100.00%"]),
        (0.0, 6.0, 1, "", ["0", "2", "4", "6"]),
        (0.0, 0.04, 1, "", ["0.00", "0.01", "0.02", "0.03", "0.04"]),
    ],
)
def test_axes_are_marked_at_round_figures(low: float, high: float, times: float, suffix: str, texts: list[str]) -> None:
    marks = ticks(Scale(low=low, high=high, start=0, end=100), suffix=suffix, times=times)
    assert [one.text for one in marks] == texts
    assert (marks[0].at, marks[-1].at) == (0, 100)


def test_places_outside_an_axis_are_drawn_at_its_ends() -> None:
    axis = Scale(low=0.5, high=1.0, start=200, end=0)
    assert [axis.at(value) for value in (0.2, 0.5, 0.75, 1.0, 1.2)] == [200, 200, 100, 0, 0]


def test_ends_of_axes() -> None:
    assert [least_shown(share) for share in (0.99995, 0.9994, 0.97, 0.6, 0.2, 1.0)] == [
        0.999,
        0.99,
        0.9,
        0.0,
        0.0,
        0.999,
    ]
    assert [most_shown(value) for value in (0.0, 4.0, 4.1, 9.0, 0.013)] == [1.0, 4.0, 6.0, 10.0, 0.015]


def test_a_percentage_is_not_rounded_up_to_all() -> None:
    assert words.percent(1.0) == "100.00%"
    assert words.percent(0.99999) == "99.999%"
    assert words.percent(1 - 1e-12) == "under 100%"
    assert words.percent(None) == "no figure"
    assert words.number(None) == "no figure"
    assert words.number(1234.56) == "1,234.6"
    assert (words.value("true"), words.value(""), words.column("twin"), words.column("hair_colour")) == (
        "Yes",
        "Not known",
        "Twins",
        "Hair colour",
    )
