"""What exact keys settle, and everything that keeps them from settling it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from childindex.matching.bulk.certain import certain
from tests.unit.matching.bulk.made import AMY, Line, loaded

BARE: Line = {key: AMY[key] for key in ("family_name", "given_name", "birth_date", "postcode")}
OTHER_NUMBER = "9990000026"


def settled(folder: Path, *feeds: Sequence[Line], several: Sequence[int] = ()) -> list[int]:
    """The cluster of each record, feed by feed."""
    with loaded(folder, *feeds) as records:
        flags = np.isin(np.arange(len(feeds)), several)
        found: list[int] = certain(records, flags).tolist()
        return found


@pytest.mark.parametrize(
    ("change", "together"),
    [
        ({}, True),
        ({"sex": "female"}, True),  # the other says nothing of it
        ({"postcode": "zb12cd", "given_name": "AMY", "family_name": "hargreave"}, True),
        ({"given_name": "Amie"}, False),
        ({"family_name": "Hargreaves"}, False),
        ({"birth_date": "2014-03-10"}, False),
        ({"birth_date": "2014-03"}, False),
        ({"postcode": "ZB1 2CE"}, False),
        ({"postcode": ""}, False),
        ({"given_name": ""}, False),
    ],
)
def test_name_birth_and_home_settle_it_only_when_all_are_the_same(tmp_path: Path, change: Line, together: bool) -> None:
    assert settled(tmp_path, [BARE], [{**BARE, **change}]) == ([0, 0] if together else [0, 1])


@pytest.mark.parametrize("day", ["2014-03", "2014", "", "2014-02-30"])
def test_a_date_without_a_day_settles_nothing(tmp_path: Path, day: str) -> None:
    line = {**AMY, "birth_date": day}
    assert settled(tmp_path, [line], [line]) == [0, 1]


@pytest.mark.parametrize("number", [{"nhs_number": "9990000018"}, {"upn": "Q823456789012"}])
def test_a_number_settles_it_with_given_name_and_birth(tmp_path: Path, number: Line) -> None:
    here = {**BARE, **number}
    moved = {**here, "family_name": "Okafor", "postcode": "ZC3 4EF"}
    assert settled(tmp_path, [here], [moved]) == [0, 0]
    assert settled(tmp_path, [here], [{**moved, "given_name": "Jo"}]) == [0, 1]
    assert settled(tmp_path, [here], [{**moved, "birth_date": "2013-03-09"}]) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"sex": "female"}, {"sex": "male"}),
        ({"nhs_number": "9990000018"}, {"nhs_number": OTHER_NUMBER}),
        ({"upn": "Q823456789012"}, {"upn": "L301200000001"}),
    ],
)
def test_what_contradicts_is_not_certain(tmp_path: Path, one: Line, other: Line) -> None:
    assert settled(tmp_path, [{**BARE, **one}], [{**BARE, **other}]) == [0, 1]


def test_a_contradiction_through_a_third_record_is_seen(tmp_path: Path) -> None:
    """Two that say different sexes are not joined by one that says none."""
    assert settled(tmp_path, [{**BARE, "sex": "male"}], [BARE], [{**BARE, "sex": "female"}]) == [0, 1, 2]


def test_a_contradiction_through_two_keys_is_seen(tmp_path: Path) -> None:
    """One key joins the first two and another key the last two; the first and the last contradict each other."""
    first = {**BARE, "upn": "Q823456789012"}
    middle = {**BARE, "nhs_number": "9990000018"}
    last = {**BARE, "postcode": "ZC3 4EF", "nhs_number": "9990000018", "upn": "L301200000001"}
    assert settled(tmp_path, [first], [middle], [{**last, "upn": ""}]) == [0, 0, 0]
    assert settled(tmp_path, [first], [middle], [last]) == [0, 1, 2]


def test_two_records_of_one_supplier_are_never_certain(tmp_path: Path) -> None:
    """Nor is either of them with a record of another: which one would it be?"""
    assert settled(tmp_path, [AMY, AMY]) == [0, 1]
    assert settled(tmp_path, [AMY, AMY], [AMY]) == [0, 1, 2]


def test_two_records_of_one_supplier_are_not_joined_through_different_keys(tmp_path: Path) -> None:
    by_home = {**BARE, "upn": ""}
    by_number = {**BARE, "family_name": "Other", "postcode": "ZC3 4EF", "upn": "Q823456789012"}
    assert settled(tmp_path, [by_home, by_number], [{**BARE, "upn": "Q823456789012"}]) == [0, 1, 2]


def test_nothing_is_certain_beside_a_twin_at_home_or_a_namesake(tmp_path: Path) -> None:
    """One of their own supplier: either may be called by the other's name by mistake."""
    twin = {**BARE, "given_name": "Ben"}
    namesake = {**BARE, "postcode": "ZC3 4EF"}
    assert settled(tmp_path, [BARE, twin], [BARE]) == [0, 1, 2]
    assert settled(tmp_path, [BARE], [BARE, namesake]) == [0, 1, 2]
    assert settled(tmp_path, [BARE], [BARE], [twin]) == [0, 0, 2]


def test_a_supplier_that_may_repeat_itself_has_no_certain_records(tmp_path: Path) -> None:
    assert settled(tmp_path, [AMY], [AMY], [AMY], several=[1]) == [0, 1, 0]


@pytest.mark.parametrize("name", ["Twin 1", "TWIN", "Triplet B", "Baby", "Not known"])
def test_children_without_a_name_of_their_own_are_never_certain(tmp_path: Path, name: str) -> None:
    line = {**AMY, "given_name": name}
    assert settled(tmp_path, [line], [line]) == [0, 1]


@pytest.mark.parametrize("postcode", ["ZZ99 3VZ", "unknown", "ZB1"])
def test_what_is_no_postcode_settles_nothing(tmp_path: Path, postcode: str) -> None:
    line = {**BARE, "postcode": postcode}
    assert settled(tmp_path, [line], [line]) == [0, 1]


def test_a_cluster_is_named_after_its_smallest_row(tmp_path: Path) -> None:
    ben = {**BARE, "given_name": "Ben", "birth_date": "2011-08-02"}
    assert settled(tmp_path, [ben, BARE], [BARE], [BARE, ben]) == [0, 1, 1, 1, 0]
