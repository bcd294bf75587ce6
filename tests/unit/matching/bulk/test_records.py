"""Records standardised by the million are those standardised one by one, whatever was written in them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from childindex.kernel.dates import NotADate, PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.kernel.places import read_postcode
from childindex.matching.bulk.records import Records
from childindex.matching.engine.columns import Comparer
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import Standardised, standardise
from childindex.matching.engine.scorer import score_pairs
from tests.unit.matching.bulk.made import AMY, loaded

Line = Mapping[str, str]
NAMED = ("given", "middle", "family", "carers", "postcode", "sector", "house", "street")


def line(*, carers: Sequence[tuple[str, str]] = (), **facts: str) -> list[Line]:
    """A record in as many rows as it has carers."""
    each = [{"carer_name": name, "carer_phone": phone} for name, phone in carers] or [{}]
    return [{**facts, **carer} for carer in each]


def alone(lines: Sequence[Line]) -> Standardised:
    """The record as the engine reads it."""
    first = {key: value.strip() for key, value in lines[0].items()}
    try:
        born = PartialDate.parse(first.get("birth_date", ""))
    except NotADate:
        born = None
    texts = ("family_name", "given_name", "middle_names", "known_as", "former_family_name", "address", "uprn")
    carers = dict.fromkeys((one.get("carer_name", ""), one.get("carer_phone", "")) for one in lines)
    return standardise(
        Identity(
            **{key: first.get(key, "") for key in texts},
            birth_date=born,
            sex=Sex(first["sex"]) if first.get("sex") in list(Sex) else Sex.UNKNOWN,
            nhs_number=first.get("nhs_number", ""),
            upn=first.get("upn", ""),
            postcode=read_postcode(first.get("postcode", "")) or "",
            carers=tuple(Carer(name=name, phone=phone) for name, phone in sorted(carers) if name or phone),
        )
    )


def in_bulk(records: Records, row: int) -> dict[str, object]:
    """What bulk linking knows of a row, in the engine's words."""
    return {
        column: records.values[column].values[records.coded.codes[column][row]]
        for column in ("given", "middle", "family", "carers", "sector", "house", "street")
    }


def expected(record: Standardised) -> dict[str, object]:
    return {
        "given": (record.given, record.given_parts),
        "middle": record.middle,
        "family": (record.family, record.former, record.family_parts),
        "carers": (record.carers, record.phones),
        "house": record.house,
        "street": record.street,
    }


def check(folder: Path, people: Sequence[list[Line]]) -> None:
    """Every record has the values and, with every other, the levels and bits that the engine gives it."""
    rows = [{"record_id": str(number), **one} for number, lines in enumerate(people) for one in lines]
    with loaded(folder, rows) as records:
        assert len(records) == len(people)
        records.ready(np.arange(len(people)))
        known = [alone(lines) for lines in people]
        for row, record in enumerate(known):
            found = in_bulk(records, row)
            assert {key: found[key] for key in expected(record)} == expected(record), people[row]
            assert records.coded.dates[row].tolist() == [record.year, record.month, record.day]
            assert records.dates[row] == record.year * 10_000 + record.month * 100 + record.day
        pairs = np.array(list(combinations(range(len(people)), 2)), dtype=np.int64)
        model = load_model()
        levels, _ = Comparer(model, records.values, records.coded, records.coded).compare(pairs)
        engine = score_pairs(model, known, known, pairs)
        assert levels.tolist() == engine.levels.tolist()


NAME = st.sampled_from(
    ["", "Amy", "AMY  JO", "Mary-Jane", "Twin 1", "baby of Hargreave", "Not known", "n/k", "Zoë", "O'Neill", "Иван", "Smith Jones", "van der Berg",
     "Jo", "X", "St. John", "123", "-", "Ann Marie Lou", "محمد"]
)  # fmt: skip
RECORD = st.builds(
    line,
    family_name=NAME, given_name=NAME, middle_names=NAME, known_as=NAME, former_family_name=NAME,
    birth_date=st.sampled_from(["", "2014-03-09", "2014-09-03", "2014-03", "2014", "2014-02-30", "09/03/2014", "2014-3-9", "2014-13"]),
    sex=st.sampled_from(["", "male", "female", "other", "unknown", "F"]),
    nhs_number=st.sampled_from(["", "9990000018", "999 000 0018", "9990000026", "9990000019", "9999999999", "99900000"]),
    upn=st.sampled_from(["", "Q823456789012", "q823456789012", "L301200000001", "B12345678901X", "Q823456789021", "A8012"]),
    uprn=st.sampled_from(["", "100", "000100", "200"]),
    address=st.sampled_from(["", "14 Mill Road, Saltwick", "14 mill rd", "Flat 2, 14 Mill Road", "Mill House", "-", "14",
        "The Old Mill, Mill Road, Saltwick, 9 Far End", "12a High St"]),
    postcode=st.sampled_from(["", "ZB1 2CD", "zb12cd", "ZB1 2CE", "ZZ99 3VZ", "unknown", "ZB1"]),
    carers=st.lists(st.tuples(st.sampled_from(["", "Mrs Joan Hargreave", "Joan Hargreave", "Sam"]),
        st.sampled_from(["", "0113 496 0001", "+44 113 496 0001", "1"])), max_size=3),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(RECORD, min_size=8, max_size=25))
def test_any_records_are_standardised_as_one_by_one(people: list[list[Line]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), people)


def spared_and_read(folder: Path, one: Line, other: Line) -> tuple[list[int], list[int]]:
    """Levels of a pair when its address is read only if it must be, and when it is read."""
    pairs = np.array([[0, 1]])
    found = []
    for ready in ("ready_together", "ready"):
        with loaded(folder, [one], [other]) as records:
            getattr(records, ready)(pairs if ready == "ready_together" else np.unique(pairs))
            levels, _ = Comparer(load_model(), records.values, records.coded, records.coded).compare(pairs)
            found.append(levels[0].tolist())
    return found[0], found[1]


@pytest.mark.parametrize(
    "address",
    [
        "14 Mill Road, Saltwick",
        "Mill House, Saltwick",
        "\uff11\uff14 Mill Road, Town",
        "Flat \u2163, Mill \u00b2",
        f"{'The Old Mill by the River ' * 6} 14 Mill Road",
        "",
        "-",
        "a, b, c, d, 5",
        "Flat 2, Mill House",
        "12a",
        "The Mill, Mill Rd, 7 Far",
    ],
)
@pytest.mark.parametrize("postcode", ["ZB1 2CD", ""])
def test_an_address_that_need_not_be_read_gives_the_same_levels(tmp_path: Path, address: str, postcode: str) -> None:
    here = {**AMY, "address": address, "postcode": postcode}
    for other in (here, {**here, "address": "14 Mill Rd"}, {**here, "postcode": "ZB1 2CE"}):
        spared, read = spared_and_read(tmp_path, here, other)
        assert spared == read


def test_an_address_that_need_not_be_read_is_not_read(tmp_path: Path) -> None:
    with loaded(tmp_path, [AMY], [AMY]) as records:
        records.ready_together(np.array([[0, 1]]))
        assert not records.put_off[0].done[1:].any()


@pytest.mark.parametrize(
    ("column", "number"),
    [("nhs_number", "9990000019"), ("nhs_number", "9999999999"), ("upn", "A801200000002"), ("upn", "8012000000021")],
)
def test_a_number_that_fails_its_check_is_as_good_as_none(tmp_path: Path, column: str, number: str) -> None:
    people = [{**AMY, column: number}, {**AMY, column: number}]
    with loaded(tmp_path, people) as records:
        assert records.coded.codes[column].tolist() == [0, 0]
