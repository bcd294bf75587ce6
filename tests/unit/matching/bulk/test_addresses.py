"""Many addresses are read as one is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from childindex.matching.bulk.addresses import houses_and_streets
from childindex.matching.engine.record import address_forms
from tests.unit.matching.bulk.made import AMY, loaded

PART = st.one_of(
    st.sampled_from(
        ["Flat 2", "flat 12a", "Unit 3b", "APT 9", "14 Mill Road", "14a Mill Rd", "9 St John's Place", "7 '", "1 Flat Road", "Mill House", "12", "",
         " 3 High St", "5  Two Spaces", "6 A B C D E", "2nd Floor", "\uff11\uff14 Mill Road", "\u2163 Old Way", "Caf\u00e9 Row 8", "123456 Long Lane"]
    ),
    st.text(alphabet="Aab 019',./-", max_size=12),
)  # fmt: skip
ADDRESS = st.lists(PART, min_size=1, max_size=6).map(", ".join) | st.just(
    "Very Long House Name " * 12 + ", 4 Mill Road"
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(st.lists(ADDRESS, min_size=4, max_size=40))
def test_any_addresses_are_read_as_one_by_one(tmp_path: Path, addresses: list[str]) -> None:
    with loaded(tmp_path, [{**AMY, "address": address} for address in addresses]) as records:
        rows = np.arange(len(addresses))[::-1]
        houses, streets = houses_and_streets(records.connection, rows)
    # What a supply file holds has no blanks at its ends.
    assert list(zip(houses, streets, strict=True)) == [address_forms(addresses[row].strip(" ")) for row in rows]
