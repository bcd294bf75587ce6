"""The first screen of the page: one sentence a reader without statistics can use, and the main figures."""

from __future__ import annotations

from dataclasses import dataclass

from childindex.trial.figures import Trial
from childindex.trial.intervals import Share
from childindex.trial.page.words import column, interval, number, percent, value


@dataclass(frozen=True)
class Fact:
    """One main figure: what, how much, its interval, and what it means."""

    name: str
    figure: str
    interval: str
    meaning: str


def in_a_sentence(trial: Trial) -> str:
    """What happened to 10,000 links that were made and 100 that should have been."""
    cross, after = trial.pairs.cross, trial.review.after.cross.recall
    if cross.precision.share is None or cross.recall.share is None:
        return "There were no links to count between suppliers."
    wrong = 10_000 * (1 - cross.precision.share)
    return (
        f"Of every 10,000 links made without asking anybody, {wrong:.1f} joined two different children."
        f" Of every 100 links that there should be, {100 * cross.recall.share:.1f} were made,"
        f" and {100 * (after.share or 0.0):.1f} are once people have answered the questions put to them."
    )


def facts(trial: Trial) -> tuple[Fact, ...]:
    """The main figures in the order of what matters: wrong links, missed links, work, children."""
    return (*_links(trial), *_children(trial), *_never(trial))


def _of(name: str, share: Share, meaning: str, digits: int = 2) -> Fact:
    return Fact(name=name, figure=percent(share.share, digits), interval=interval(share), meaning=meaning)


def _links(trial: Trial) -> tuple[Fact, ...]:
    cross, review = trial.pairs.cross, trial.review
    return (
        _of("Links that are right", cross.precision, "precision: of the links made between suppliers", 3),
        _of("Links found", cross.recall, "recall: of the links there should be between suppliers"),
        _of("Links found after review", review.after.cross.recall, "when every question is answered rightly"),
        Fact("Both in one figure", number(cross.f1, 4), "", "F1: 1 when every link is right and found"),
        Fact(
            "Questions for people",
            number(review.pairs_per_100_true, 2),
            "",
            f"per 100 links there should be; {review.pairs:,} in all",
        ),
        _of("Records with a question", review.records, "of all records"),
    )


def _children(trial: Trial) -> tuple[Fact, ...]:
    before, after = trial.clusters.before, trial.clusters.after
    return (
        _of("Children exactly right", before.recall, "all their records together and nobody else's, before review"),
        Fact(
            "Children mixed with another",
            number(before.mixed_per_100_000),
            "",
            f"per 100,000; {before.mixed:,} children",
        ),
        _of("Children split", before.split, "of those with two records or more, in more than one entry, before review"),
        _of("Children split after review", after.split, "the same, when every question is answered rightly"),
    )


def _never(trial: Trial) -> tuple[Fact, ...]:
    forbidden, gap, twins = trial.forbidden, trial.groups.largest_gap, trial.twins
    how = "two children of one birth" if twins and twins.by_birth_date else "two children who are each a twin"
    found = [Fact("Wrong links between twins", f"{twins.all:,}", "", how)] if twins else []
    found.append(
        Fact(
            "Identities joined that must not be",
            f"{forbidden.linked:,}",
            "",
            f"of {forbidden.pairs:,}; {forbidden.in_review:,} more are put to a person",
        )
    )
    words = (
        f"{column(gap.column)}: {value(gap.value)}"
        if gap.column
        else "no group of 100 links or more is below the whole"
    )
    found.append(Fact("Largest gap of a group", f"{gap.points:.2f} points", "", words))
    return tuple(found)
