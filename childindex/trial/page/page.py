"""Puts a trial's figures into the order of the page and writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path

import jinja2

from childindex.trial.compare import Difference, Verdict, in_words
from childindex.trial.figures import Bin, Calibration, Curve, Group, Trial
from childindex.trial.page import charts, words
from childindex.trial.page.charts import Bars, Lines
from childindex.trial.page.summary import Fact, facts, in_a_sentence

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STEPS = 12  # rows of the table beside the curve
_ASKED = {"age", "origin", "supplier_pair", "errors"}  # groups whose load of questions is drawn
_TOLD = 40  # differences shown; the JSON has them all


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row is its heading."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading, what it means, and charts with their table."""

    name: str
    heading: str
    text: str
    lines: tuple[Lines, ...]
    bars: tuple[Bars, ...]
    table: Table | None


@dataclass(frozen=True)
class Page:
    """Everything the template shows."""

    sentence: str
    facts: tuple[Fact, ...]
    counts: str
    scores: tuple[Section, ...]
    groups: tuple[Section, ...]
    changes: Table | None
    more_changes: int
    gates: tuple[str, ...]
    compared: bool


def write(path: Path, trial: Trial, *, differences: Sequence[Difference] | None, verdicts: Sequence[Verdict]) -> None:
    """Writes the page in UTF-8; a file that is there is replaced."""
    path.write_text(html(trial, differences=differences, verdicts=verdicts), encoding="utf-8")


def html(trial: Trial, *, differences: Sequence[Difference] | None = None, verdicts: Sequence[Verdict] = ()) -> str:
    """The page as text."""
    counts = trial.counts
    page = Page(
        sentence=in_a_sentence(trial),
        facts=facts(trial),
        counts=f"{counts.records:,} records of {counts.persons:,} children were put into {counts.clusters:,} clusters."
        f" {counts.held:,} records were held because of a shield and are left out; {counts.missing:,} others were missing and count as not found;"
        f" {counts.unknown:,} were linked that the truth does not know.",
        scores=_scores(trial),
        groups=tuple(_group(name, values, trial) for name, values in trial.groups.columns.items()),
        changes=_changes(differences) if differences else None,
        more_changes=max(len(differences or ()) - _TOLD, 0),
        gates=tuple(in_words(one) for one in verdicts),
        compared=differences is not None,
    )
    return ENVIRONMENT.get_template("page.html").render(page=page)


def _scores(trial: Trial) -> tuple[Section, ...]:
    """The curve and the calibration, where scored pairs were written."""
    sections = []
    if trial.curves and trial.curves[0].points:
        curve = next(one for one in trial.curves if one.score == "clusters")
        sections.append(
            Section(
                name="thresholds",
                heading="Right links against found links",
                text="A higher threshold makes fewer wrong links and misses more. The line takes scores as they are, and all records that hang together as one child;"
                " the dot is what was really linked, after rivals and the rules for asking first.",
                lines=(charts.trade_off(curve, trial.pairs.cross),),
                bars=(),
                table=_thresholds(curve),
            )
        )
    if trial.calibration and trial.calibration.bins:
        found = trial.calibration
        sections.append(
            Section(
                name="scores",
                heading="Can a score be read as a probability?",
                text=f"Of pairs with a score of 90%, about 90 of 100 should be the same child. On average the score is off by {words.percent(found.expected_error, 3)},"
                f" and by {words.percent(found.expected_error_between)} among pairs between 1% and 99%, where it matters.",
                lines=(charts.calibration(found.bins),),
                bars=(),
                table=_reliability(found),
            )
        )
    return tuple(sections)


def _thresholds(curve: Curve) -> Table:
    stride = max(len(curve.points) // _STEPS, 1)
    chosen = curve.points[::stride]
    rows = [
        (f"{point.bits:.1f} bits", words.percent(point.precision, 3), words.percent(point.recall)) for point in chosen
    ]
    return Table(
        caption=f"Thresholds. Best F1 {words.number(curve.best_f1, 4)}; found at 99.9% right: {words.percent(curve.recall_at_precision_0_999)};"
        f" at 99.99% right: {words.percent(curve.recall_at_precision_0_9999)}",
        heads=("Threshold", "Right", "Found"),
        rows=tuple(rows),
    )


def _reliability(found: Calibration) -> Table:
    rows = [
        (
            _in_bits(one),
            f"{one.seen.of:,}",
            words.percent(one.said, 3),
            words.percent(one.seen.share, 3),
            words.interval(one.seen),
        )
        for one in found.log_odds_bins
    ]
    return Table(
        caption=f"{found.pairs:,} pairs of different suppliers, by the logarithm of their odds: 0 bits is 50%, 10 bits are 99.9%",
        heads=("Score in bits", "Pairs", "Said on average", "Were the same child", "95% interval"),
        rows=tuple(rows),
    )


def _in_bits(one: Bin) -> str:
    """The ends of a bin as odds in bits; the two outermost are open."""
    if one.low <= 0 or one.high >= 1:
        return "above 20" if one.high >= 1 else "below -20"
    low, high = (round(log2(share / (1 - share))) for share in (one.low, one.high))
    return f"{low} to {high}"


def _group(name: str, values: dict[str, Group], trial: Trial) -> Section:
    heading, shown = words.column(name), [group for group in values.values() if group.true]
    if name == "supplier_pair":
        shown = sorted(shown, key=lambda group: group.recall.share or 0.0)
    drawn = [_missed(name, heading, shown, trial)] if shown else []
    if shown and name in _ASKED:
        drawn.append(_asked(name, heading, shown, trial))
    return Section(
        name=f"group-{_dashed(name)}",
        heading=heading,
        text="",
        lines=(),
        bars=tuple(drawn),
        table=_group_table(heading, values),
    )


def _missed(name: str, heading: str, shown: Sequence[Group], trial: Trial) -> Bars:
    whole = trial.pairs.cross.recall.share
    return charts.bars(
        f"missed-{_dashed(name)}",
        title=f"Missed links: {heading.lower()}",
        what="missed links per 100 there should be",
        rows=[charts.missed(words.value(one.value), one.recall, pale=one.small) for one in shown],
        whole=None if whole is None else 100 * (1 - whole),
    )


def _asked(name: str, heading: str, shown: Sequence[Group], trial: Trial) -> Bars:
    rows = [
        charts.Row(
            label=words.value(one.value),
            value=one.review_pairs_per_100_true or 0.0,
            low=None,
            high=None,
            pale=one.small,
        )
        for one in shown
    ]
    return charts.bars(
        f"asked-{_dashed(name)}",
        title=f"Questions for people: {heading.lower()}",
        what="questions for people per 100 links there should be",
        rows=rows,
        whole=trial.review.pairs_per_100_true,
    )


def _dashed(name: str) -> str:
    """A column as part of an id."""
    return name.replace("_", "-")


def _group_table(heading: str, values: dict[str, Group]) -> Table:
    rows = [
        (
            words.value(one.value) + (" (few)" if one.small else ""),
            f"{one.true:,}",
            words.percent(one.precision.share, 3),
            words.percent(one.recall.share),
            words.interval(one.recall),
            words.percent(one.recall_after_review.share),
            words.number(one.review_pairs_per_100_true),
            words.percent(one.records_in_review.share) if one.records else "",
            words.number(one.mixed_per_100_000) if one.persons else "",
            words.number(one.split_percent) if one.persons else "",
            words.number(one.below_whole, 2),
        )
        for one in values.values()
    ]
    return Table(
        caption=heading,
        heads=(
            "Group",
            "Links there should be",
            "Right",
            "Found",
            "95% interval",
            "Found after review",
            "Questions per 100",
            "Records with a question",
            "Mixed per 100,000",
            "Split %",
            "Points below the whole",
        ),
        rows=tuple(rows),
    )


def _changes(differences: Sequence[Difference]) -> Table:
    """Main figures first, then those of groups, in the order of the trial; intervals are left to the JSON."""
    main = [one for one in differences if not one.figure.endswith((".low", ".high", ".hits", ".of"))]
    rows = [
        (
            one.figure,
            words.number(one.earlier, 5),
            words.number(one.now, 5),
            "" if one.change is None else f"{one.change:+,.5f}",
        )
        for one in main[:_TOLD]
    ]
    return Table(caption="Figures that differ", heads=("Figure", "Earlier", "Now", "Change"), rows=tuple(rows))
