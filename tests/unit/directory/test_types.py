"""A feed's rank for a field, and the list of authorities."""

from __future__ import annotations

import csv
from pathlib import Path

from childindex.directory.selectors import known_authorities
from childindex.directory.types import Feed


def test_a_feed_is_believed_for_a_field_by_its_own_rank_or_its_general_one() -> None:
    feed = Feed(
        name="births",
        supplier="Registration",
        organisation="gss:K04000001",
        legal_basis="Act",
        duty="must",
        cadence_days=30,
        kinds=(),
        authorities=(),
        fields=frozenset(),
        rank=40,
        precedence={"birth_date": 1},
    )
    assert (feed.rank_of("birth_date"), feed.rank_of("sex")) == (1, 40)


def test_the_153_authorities_are_the_generators() -> None:
    generated = Path(__file__).parents[3] / "synthetic" / "data" / "local_authorities.csv"
    with generated.open(encoding="utf-8") as file:
        made = {row["gss_code"]: row["name"] for row in csv.DictReader(file)}
    assert known_authorities() == made
    assert len(made) == 153
