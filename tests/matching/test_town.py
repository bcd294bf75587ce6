"""The quality gate: a small made-up town linked as deliveries are, and searched as people search."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from childindex.matching.engine.model import load_model
from synthetic.generate import generate
from tests.matching.searches import DIRT, FORMS, NOT_ASKED, dirty, place_of
from tests.matching.town import Index, Linked, Row, Source, link, measure, mixed_records, read_feed, read_truth

FEEDS = ("births", "gp_list", "school_census", "health_visiting", "social_care", "youth_justice", "sexual_health")


@dataclass(frozen=True, slots=True)
class Town:
    """A made-up town's files, its truth, and what linking made of it."""

    folder: Path
    feeds: list[list[Row]]
    truth: dict[Source, str]
    linked: Linked


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    folder = tmp_path_factory.mktemp("town")
    generate(children=2_000, seed=5, out=folder)
    feeds = [read_feed(folder / f"{feed}.csv") for feed in FEEDS]
    return Town(folder, feeds, read_truth(folder / "truth.csv"), link(load_model(), feeds, batch=500))


def test_records_are_linked_rightly_and_a_person_is_seldom_asked(town: Town) -> None:
    figures = measure(town.linked, town.truth)
    assert figures.right_pairs > 4_000
    assert figures.precision >= 0.999
    assert figures.recall >= 0.95
    assert figures.asked <= 0.02


def test_twins_are_never_one_child(town: Town) -> None:
    rows = {(row.feed, row.record_id): row.record for feed in town.feeds for row in feed}
    dates = {source: (record.year, record.month, record.day) for source, record in rows.items()}
    twins = [(one, other) for one, other in mixed_records(town.linked, town.truth) if dates[one] == dates[other]]
    assert twins == []


def test_two_identities_that_must_stay_apart_stay_apart(town: Town) -> None:
    with (town.folder / "forbidden_pairs.csv").open(encoding="utf-8", newline="") as table:
        pairs = [
            ((row["source_a"], row["record_id_a"]), (row["source_b"], row["record_id_b"]))
            for row in csv.DictReader(table)
        ]
    assert pairs
    assert not [pair for pair in pairs if town.linked.child_of[pair[0]] == town.linked.child_of[pair[1]]]


def test_the_same_rows_are_always_decided_alike(town: Town) -> None:
    again = link(load_model(), [town.feeds[0][:300], town.feeds[1][:300]], batch=500)
    twice = link(load_model(), [town.feeds[0][:300], town.feeds[1][:300]], batch=500)
    assert again.decisions == twice.decisions


def test_a_dirty_search_shows_the_right_child(town: Town) -> None:
    """Each search is made from the clean half of a child's records, dirtied by hand; the index holds every record."""
    index, child_of = Index(), dict[str, int]()
    for row in (row for feed in town.feeds for row in feed):
        person = town.truth[row.feed, row.record_id]
        child_of[person] = index.add(child_of.get(person), row)
    chance = random.Random(3)  # noqa: S311 - the same searches every time
    asked = [row for row in town.feeds[1] if row.record.given and row.identity.postcode and row.record.day]
    kinds = [(form, dirt) for form in FORMS for dirt in DIRT if (form, dirt) not in NOT_ASKED]
    places = []
    for number, row in enumerate(chance.sample(asked, 500)):
        query = dirty(chance, row.identity, *kinds[number % len(kinds)])
        places.append(place_of(load_model(), index, query, child_of[town.truth[row.feed, row.record_id]]))
    assert sum(map(bool, places)) / len(places) >= 0.97
