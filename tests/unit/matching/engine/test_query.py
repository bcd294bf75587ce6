"""One record against an index in memory: who is found, in what order, why, and when nobody may be taken for the one."""

from __future__ import annotations

import random
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from childindex.matching.engine import index as packing
from childindex.matching.engine.decide import Outcome
from childindex.matching.engine.index import Index, pack
from childindex.matching.engine.levels import LEVELS, Field, Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.query import Searcher
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Candidate, score
from tests.unit.matching.engine.made import bare, child, record

MODEL = load_model().for_population(100_000)
TWIN = {"given_name": "Zara", "middle_names": "Jane", "nhs_number": "9990000026"}
FAR = {"address": "1 Far St", "postcode": "ZB8 1AA", "carers": ()}
AMY = child("amy", record())
ZARA = child("zara", record(**TWIN))
STRANGER = child("stranger", bare(given_name="Omar", family_name="Orr", birth_date="2009-11-21"))


def searcher(*children: Candidate) -> Searcher:
    return Searcher(pack(children), MODEL)


def found(query: Standardised, *children: Candidate, **limit: int) -> list[Hashable]:
    return [match.key for match in searcher(*children).ask(query, **limit).matches]


def test_a_record_with_errors_finds_its_child_first_and_the_twin_behind() -> None:
    dirty = record(given_name="Amie", family_name="Hargreve", birth_date="2014-09-03", nhs_number="")
    assert found(dirty, STRANGER, ZARA, AMY)[0] == "amy"


def test_whoever_shares_no_key_is_not_looked_at() -> None:
    answer = searcher(STRANGER).ask(record())
    assert (answer.matches, answer.words, answer.decision.outcome) == ((), (), Outcome.NEW)


def test_an_empty_index_and_an_empty_record_find_nobody() -> None:
    assert found(record()) == []
    assert found(Standardised(), AMY) == []


def test_rivals_decide_whether_they_are_shown_or_not() -> None:
    same = [child(name, record(nhs_number="")) for name in ("one", "other")]
    for limit in (1, 10):
        answer = searcher(*same).ask(record(nhs_number=""), limit=limit)
        assert len(answer.matches) == len(answer.words) == min(limit, 2)
        assert (answer.decision.outcome, answer.decision.ambiguous) == (Outcome.ASK, True)


def test_a_child_without_a_record_is_refused() -> None:
    with pytest.raises(ValueError, match="without a record"):
        pack([AMY, child("empty")])


def test_whoever_is_a_thousand_times_less_likely_is_not_shown() -> None:
    assert found(record(), ZARA, AMY) == ["amy"]
    like = bare(given_name="Amy", family_name="Hargreave")
    rivals = [child(n, record(nhs_number="", **FAR)) for n in range(3)]
    assert len(found(like, *rivals)) == 3
    assert len(found(like, *rivals, limit=2)) == 2


def test_each_match_says_what_every_fact_said_and_why_in_words() -> None:
    answer = searcher(AMY).ask(record(given_name="Amie", nhs_number="", middle_names="", postcode="ZB1 2CE"))
    [match] = answer.matches
    assert [one.field for one in match.fields] == list(Field)
    assert match.level(Field.NHS_NUMBER) is Level.MISSING
    assert match.level(Field.BIRTH_DATE) is Level.EXACT
    weights = {one.field: one.weight for one in match.fields}
    assert weights[Field.BIRTH_DATE] > weights[Field.SEX] > 0.0 == weights[Field.NHS_NUMBER]
    assert answer.words == (
        "Same date of birth, given name sounds alike, same family name, same house number and street, same carer",
    )
    assert (answer.decision.outcome, answer.decision.key) == (Outcome.LINK, "amy")


def test_two_children_who_are_each_likely_enough_are_ambiguous() -> None:
    answer = searcher(AMY, child("other", record(nhs_number="9990000026"))).ask(record(nhs_number=""))
    assert answer.decision.outcome is Outcome.ASK
    assert answer.decision.ambiguous
    assert set(answer.decision.asks) == {"amy", "other"}


NOT_AMBIGUOUS: list[tuple[str, Standardised, tuple[Candidate, ...], Outcome]] = [
    ("a number settles it", record(), (AMY, child("other", record(nhs_number="9990000026"))), Outcome.LINK),
    ("one child entered twice", record(), (AMY, child("again", record())), Outcome.ASK),
    ("only one, and too little", record(given_name="A", nhs_number=""), (AMY,), Outcome.ASK),
    ("a twin is no rival", record(nhs_number=""), (AMY, ZARA), Outcome.LINK),
]


@pytest.mark.parametrize(("why", "query", "children", "outcome"), NOT_AMBIGUOUS, ids=[row[0] for row in NOT_AMBIGUOUS])
def test_what_is_not_ambiguous(
    why: str, query: Standardised, children: tuple[Candidate, ...], outcome: Outcome
) -> None:
    decision = searcher(*children).ask(query).decision
    assert (decision.outcome, decision.ambiguous) == (outcome, False), why


VARIANTS: dict[str, tuple[Any, ...]] = {
    "given_name": ("Amy", "Aimee", "Amelia", "Louise", "Hargreave", "Zara", "Twin 1", "", "A", "Anna-Amy"),
    "middle_names": ("Louise", "Amy", "L", "Jane", ""),
    "family_name": ("Hargreave", "Hargrave", "Amy", "Orr", "Orr-Hargreave", ""),
    "former_family_name": ("", "", "Orr", "Hargreave"),
    "known_as": ("", "", "Amy", "Molly"),
    "birth_date": ("2014-03-09", "2014-09-03", "2014-03-19", "2014-03", "2014", "2011-01-01"),
    "nhs_number": ("9990000018", "9990000026", "9990000028", ""),
    "upn": ("", "", "A123456789012"),
    "address": ("14 Mill Road, Saltwick", "15 Mill Road, Saltwick", "1 Far St", ""),
    "postcode": ("ZB1 2CD", "ZB1 2CE", "ZB8 1AA", ""),
    "uprn": ("", "100", "200"),
}


def varied(chance: random.Random) -> Standardised:
    """Amy, one of her family, or somebody else, written down in some way; her carers in half of them."""
    facts = {name: chance.choice(values) for name, values in VARIANTS.items()}
    return record(**facts, **({} if chance.random() < 0.5 else {"carers": ()}))


def family(records_each: int) -> tuple[list[Candidate], list[Standardised]]:
    """Children of one or several records, and records to ask with; as many as show every level."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    children = [child(n, *(varied(chance) for _ in range(chance.randint(1, records_each)))) for n in range(120)]
    return children, [varied(chance) for _ in range(60)]


def numbers_of(match_levels: Sequence[int]) -> list[Level]:
    return [LEVELS[number] for number in match_levels]


@pytest.mark.parametrize("records_each", [1, 3])
def test_every_child_has_the_levels_and_the_score_that_the_comparer_gives(records_each: int) -> None:
    children, queries = family(records_each)
    asked = searcher(*children)
    seen = set()
    for query in queries:
        expected = score(MODEL, query, children)
        levels, weights, scores = asked.weigh(query, np.arange(len(children)))
        assert [[one.level for one in match.fields] for match in expected] == [
            numbers_of(row) for row in levels.tolist()
        ]
        assert np.abs(scores - [match.score for match in expected]).max() < 1e-6
        assert np.abs(weights - [[one.weight for one in match.fields] for match in expected]).max() < 1e-6
        seen |= {(one.field, one.level) for match in expected for one in match.fields}
    assert {(Field.NHS_NUMBER, Level.ONE_DIGIT), (Field.GIVEN, Level.SWAPPED), (Field.GIVEN, Level.MIDDLE)} <= seen
    assert {level for of, level in seen if of is Field.ADDRESS} == {
        Level.MISSING, Level.PROPERTY, Level.EXACT, Level.POSTCODE, Level.STREET, Level.SECTOR, Level.DIFFERS,
    }  # fmt: skip


@pytest.mark.parametrize("records_each", [1, 3])
def test_whoever_is_left_out_before_names_are_compared_could_not_have_been_shown(records_each: int) -> None:
    children, queries = family(records_each)
    asked = searcher(*children)
    for query in queries:
        near = asked.index.found.near(query)
        if not len(near):
            continue
        scores = asked.weigh(query, near)[2]
        best = sorted(scores[scores >= scores.max() - 10.0].tolist(), reverse=True)
        assert [match.score for match in asked.ask(query, limit=200).matches] == pytest.approx(best, abs=1e-9)


def test_dates_are_compared_alike_with_a_table_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    children, queries = family(1)
    everybody = np.arange(len(children))
    without = searcher(*children)
    assert without.index.dates.levels.size == 0
    monkeypatch.setattr(packing, "_TABLED_FROM", 0)
    tabled = searcher(*children)
    assert tabled.index.dates.levels.shape == (len(tabled.index.dates.parts),) * 2
    for query in (*queries, record(birth_date="2014-03-10")):
        expected, found = (one.weigh(query, everybody)[0] for one in (without, tabled))
        assert (found == expected).all()
    monkeypatch.setattr(packing, "_MOST_DATES", 3)
    assert pack(children).dates.levels.size == 0


def test_records_are_numbered_alike_whatever_they_are_read_with(monkeypatch: pytest.MonkeyPatch) -> None:
    children, _ = family(2)
    whole = pack(children)
    monkeypatch.setattr(packing, "_CHUNK", 7)
    parts = pack(iter(children))

    def told(index: Index) -> list[tuple[Any, ...]]:
        values = list(index.values.values())
        return [tuple(of[number] for of, number in zip(values, row, strict=False)) for row in index.rows.tolist()]

    assert told(parts) == told(whole)
    assert (parts.found.keys == whole.found.keys).all()
    assert len(parts) == len(children)


def test_the_same_number_alone_finds_a_child() -> None:
    assert found(replace(Standardised(), nhs_number="9990000018"), AMY, ZARA) == ["amy"]
