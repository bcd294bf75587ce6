"""Link, new, or ask: who competes with whom, and what is never done without a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from childindex.kernel.identity import Carer
from childindex.matching.engine.decide import Decision, Outcome, decide, decide_rows, near_protected
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import Standardised
from childindex.matching.engine.scorer import Candidate, score, score_children
from tests.unit.matching.engine.made import child, record

MODEL = load_model().for_population(100_000)
AMY = child("amy", record())


def decided(query: Standardised, *candidates: Candidate, held: tuple[str, ...] = ()) -> Decision:
    return decide(MODEL, score(MODEL, query, candidates), held=held)


def test_no_candidate_means_a_new_child() -> None:
    assert decided(record()) == Decision(outcome=Outcome.NEW)


def test_a_clear_match_is_linked() -> None:
    found = decided(record(nhs_number="", middle_names=""), AMY)
    assert (found.outcome, found.key) == (Outcome.LINK, "amy")
    assert found.posterior > 0.995


def test_somebody_else_is_new() -> None:
    other = record(
        given_name="Zara",
        family_name="Orr",
        birth_date="2009-11-21",
        nhs_number="9990000026",
        postcode="",
        address="",
        carers=(),
    )
    assert decided(other, AMY).outcome is Outcome.NEW


def test_little_evidence_asks_a_person() -> None:
    thin = record(postcode="", address="", carers=(), nhs_number="", middle_names="", birth_date="2014")
    found = decided(thin, AMY)
    assert (found.outcome, found.asks) == (Outcome.ASK, ("amy",))


TWIN = {"given_name": "Zara", "middle_names": "Jane", "nhs_number": "9990000026"}


@pytest.mark.parametrize(("one", "other"), [("Muhammad", "Mohammed"), ("Jack", "Jackie")])
def test_a_link_that_a_twin_of_a_like_name_makes_doubtful_is_for_a_person(one: str, other: str) -> None:
    """As whole files decide (`bulk.rivals`)."""
    row = record(given_name=one, middle_names="", nhs_number="")
    twins = child("one", row), child("other", record(given_name=other, middle_names="", nhs_number=""))
    assert decided(row, twins[0]).outcome is Outcome.LINK
    found = decided(row, *twins)
    assert (found.outcome, set(found.asks)) == (Outcome.ASK, {"one", "other"})
    assert score(MODEL, row, twins)[1].score > 0


def test_a_twin_is_not_linked_to_the_other_twin_whatever_else_agrees() -> None:
    assert decided(record(**TWIN), AMY).outcome is Outcome.NEW
    assert decided(record(**TWIN | {"nhs_number": AMY.records[0].nhs_number}), AMY).outcome is Outcome.ASK


def test_twins_of_like_names_are_not_linked() -> None:
    ella = child("ella", record(given_name="Ella", middle_names="", nhs_number=""))
    assert decided(record(given_name="Ellie", middle_names="", nhs_number=""), ella).outcome is not Outcome.LINK


def test_a_brother_or_sister_is_new() -> None:
    assert (
        decided(record(given_name="Zara", middle_names="", nhs_number="", birth_date="2016-05-21"), AMY).outcome
        is Outcome.NEW
    )


NEVER_ALONE: list[tuple[str, dict[str, Any]]] = [
    (
        "no given name, another home",
        {"given_name": "Baby", "nhs_number": "", "address": "1 Far St", "postcode": "ZB8 1AA"},
    ),
    ("no given name, another day", {"given_name": "Baby", "nhs_number": "", "birth_date": "2014-03-08"}),
    ("no given name, another family name", {"given_name": "Baby", "nhs_number": "", "family_name": "Orr"}),
    ("a twin without a name", {"given_name": "Twin 1", "nhs_number": ""}),
    ("only the year of birth", {"birth_date": "2014", "nhs_number": ""}),
    ("another date of birth", {"birth_date": "2011-10-28", "nhs_number": ""}),
    ("only an initial", {"given_name": "A", "nhs_number": ""}),
    (
        "family name changed, nothing else ties",
        {"family_name": "Orr", "nhs_number": "", "address": "1 Far St", "postcode": "ZB8 1AA", "carers": ()},
    ),
    ("family name and NHS number differ", {"family_name": "Orr", "nhs_number": "9990000026"}),
    ("names only alike, middle names differ", {"given_name": "Amyy", "middle_names": "Jane", "nhs_number": ""}),
    ("names only alike, NHS numbers differ", {"given_name": "Amyy", "nhs_number": "9990000026"}),
    (
        "names only alike, family name differs",
        {"given_name": "Amyy", "family_name": "Orr", "nhs_number": "", "address": "1 Far St", "postcode": "ZB8 1AA"},
    ),
]


@pytest.mark.parametrize(("why", "facts"), NEVER_ALONE, ids=[why for why, _ in NEVER_ALONE])
def test_what_is_never_linked_without_a_person(why: str, facts: dict[str, Any]) -> None:
    assert decided(record(**facts), AMY).outcome is not Outcome.LINK, why


def test_the_same_rows_with_what_ties_them_are_linked() -> None:
    """Shares its set-up with the refusals above: only the contradiction is taken away."""
    assert decided(record(given_name="Baby"), AMY).outcome is Outcome.LINK
    assert decided(record(family_name="Orr", nhs_number=""), AMY).outcome is Outcome.LINK
    assert decided(record(given_name="Amyy", nhs_number=""), AMY).outcome is Outcome.LINK


def test_two_children_who_match_alike_are_put_to_a_person() -> None:
    found = decided(record(nhs_number=""), AMY, child("other", record(nhs_number="9990000026")))
    assert found.outcome is Outcome.ASK
    assert set(found.asks) == {"amy", "other"}
    assert found.posterior < 0.6


def test_a_number_settles_between_two() -> None:
    found = decided(record(), AMY, child("other", record(nhs_number="9990000026")))
    assert (found.outcome, found.key) == (Outcome.LINK, "amy")


def test_a_child_who_already_has_a_record_from_the_feed_is_not_linked_again() -> None:
    found = decided(record(), AMY, held=("amy",))
    assert (found.outcome, found.asks) == (Outcome.ASK, ("amy",))


def test_a_child_of_the_same_feed_gives_way_to_one_who_is_free() -> None:
    found = decided(record(), AMY, child("free", record()), held=("amy",))
    assert (found.outcome, found.key) == (Outcome.ASK, None) or found.key == "free"


def batch(*rows: Standardised, held: tuple[int, ...] = ()) -> list[Decision]:
    """Rows of one feed, decided together against Amy alone."""
    pairs = np.array([(row, 0) for row in range(len(rows))])
    scored = score_children(MODEL, rows, AMY.records, np.array([0]), pairs)
    return decide_rows(MODEL, scored, np.isin(scored.children, held), len(rows))


def test_of_two_rows_that_want_one_child_only_the_clear_best_is_linked() -> None:
    best, other = batch(record(), record(nhs_number="", postcode="", address="", carers=(), middle_names=""))
    assert (best.outcome, best.key) == (Outcome.LINK, 0)
    assert other.outcome is Outcome.ASK


def test_two_rows_that_want_one_child_alike_are_both_put_to_a_person() -> None:
    assert [found.outcome for found in batch(record(), record())] == [Outcome.ASK, Outcome.ASK]


def test_a_row_alone_and_in_a_batch_is_decided_alike() -> None:
    far = record(given_name="Zara", birth_date="2009-11-21", nhs_number="9990000026")
    together = batch(record(), far)
    apart = [decided(row, AMY) for row in (record(), far)]
    assert [found.outcome for found in together] == [found.outcome for found in apart]
    assert [found.posterior for found in together] == pytest.approx([found.posterior for found in apart], abs=1e-5)


@pytest.mark.parametrize(("number", "ambiguous"), [("", True), (AMY.records[0].nhs_number, False)])
def test_what_is_ambiguous_alone_is_so_in_a_batch(number: str, *, ambiguous: bool) -> None:
    """Two children alike, of whom one or neither has the row's own number."""
    row, other = record(nhs_number=number), record(nhs_number="9990000026")
    pairs = np.array([(0, 0), (0, 1)])
    scored = score_children(MODEL, [row], [*AMY.records, other], np.array([0, 1]), pairs)
    [together] = decide_rows(MODEL, scored, np.array([False, False]), 1)
    alone = decided(row, AMY, child("other", other))
    assert (together.ambiguous, alone.ambiguous) == (ambiguous, ambiguous)
    assert together.outcome is alone.outcome is (Outcome.ASK if ambiguous else Outcome.LINK)


def test_two_who_both_have_the_number_are_one_child_entered_twice() -> None:
    found = decided(record(), AMY, child("again", record()))
    assert (found.outcome, found.ambiguous) == (Outcome.ASK, False)
    assert set(found.asks) == {"amy", "again"}


def test_a_child_who_has_a_record_of_the_feed_makes_nothing_ambiguous() -> None:
    found = decided(record(nhs_number=""), AMY, child("other", record(nhs_number="9990000026")), held=("other",))
    assert not found.ambiguous


def test_a_row_without_candidates_in_a_batch_is_new() -> None:
    scored = score_children(MODEL, [record()] * 3, AMY.records, np.array([0]), np.array([(1, 0)]))
    assert [found.outcome for found in decide_rows(MODEL, scored, np.array([False]), 3)] == [
        Outcome.NEW,
        Outcome.LINK,
        Outcome.NEW,
    ]


def test_a_row_near_a_protected_child_is_stopped_by_far_less_than_a_link_needs() -> None:
    """R 3.19: name and date of birth alone, or a moved family, already take a row off the automatic path."""
    moved = record(
        address="1 Far St", postcode="ZB8 1AA", carers=(Carer(name="New Person"),), nhs_number="", family_name="Orr"
    )
    assert [one.key for one in near_protected(MODEL, score(MODEL, moved, [AMY]))] == ["amy"]
    assert decided(moved, AMY).outcome is not Outcome.LINK
    stranger = record(
        given_name="Zara", family_name="Orr", birth_date="2009-11-21", nhs_number="", address="", postcode="", carers=()
    )
    assert near_protected(MODEL, score(MODEL, stranger, [AMY])) == []
