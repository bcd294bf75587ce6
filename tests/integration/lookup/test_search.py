"""Searching and reading the results: who is found by what, what is shown, what is refused, what is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from childindex.access.types import Actor
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import Results, SearchTerms
from childindex.shielding.types import Ground
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import a_child, a_record, deliver, rows, worker

from .conftest import AMARA, REASON, SEALED, SHIELDED, Index, Ledger

pytestmark = pytest.mark.usefixtures("no_hurry")

Make = Callable[..., Actor]


def find(actor: Actor, terms: SearchTerms, *, at: datetime) -> Results:
    """Search and read the results."""
    token = lookup.search(actor=actor, terms=terms, reason=REASON, at=at).token
    return lookup.results(actor=actor, token=token, at=at)


def names(found: Results) -> list[str]:
    return [candidate.name for candidate in found.candidates]


def index_number(family_name: str, index: Index) -> str:
    with index.as_role("worker"):
        [(number,)] = rows("SELECT index_number FROM children_child WHERE family_name = %s", family_name)
    return str(number)


DIRTY = {
    "as it is": AMARA,
    "misspelt": replace(AMARA, family_name="Okonkow"),
    "sounds alike": replace(AMARA, family_name="Okonquo", given_name="Ammara"),
    "names swapped": replace(AMARA, family_name="Amara", given_name="Okonkwo"),
    "a digit of the date wrong": replace(AMARA, birth_date=PartialDate(2015, 3, 15)),
    "year alone": replace(AMARA, birth_date=PartialDate(2015)),
    "family name and date": replace(AMARA, given_name=""),
    "given name and date": replace(AMARA, family_name=""),
    "names and postcode": replace(AMARA, birth_date=None, postcode="M1 1AA"),
}


def test_a_child_is_found_through_what_people_get_wrong(actor: Make, at: datetime) -> None:
    someone = actor()
    found = {wrong: names(find(someone, terms, at=at)) for wrong, terms in DIRTY.items()}
    assert found == {wrong: ["Amara Okonkwo"] for wrong in DIRTY}


def test_a_child_is_found_by_index_number(index: Index, actor: Make, at: datetime) -> None:
    [found] = find(actor(), SearchTerms(index_number=index_number("Okonkwo", index)), at=at).candidates
    assert (found.name, found.birth_year, found.district) == ("Amara Okonkwo", 2015, "M1")
    assert found.agreements == ("same index number",)


def test_what_a_candidate_shows(actor: Make, at: datetime) -> None:
    """Name, year of birth, postcode district, and the match in words: never a score (R 2.23)."""
    [found] = find(actor(), replace(AMARA, family_name="Okonkow"), at=at).candidates
    assert (found.name, found.birth_year, found.district, found.position) == ("Amara Okonkwo", 2015, "M1", 1)
    assert "same date of birth" in found.agreements
    assert "same given name" in found.agreements
    assert not any(character.isdigit() for words in found.agreements for character in words)


def test_nobody_found_is_written_down_too(actor: Make, ledger: Ledger, at: datetime) -> None:
    nobody = SearchTerms(family_name="Zwillingsbruder", given_name="Xaver", birth_date=PartialDate(2011, 1, 2))
    someone = actor()
    start = len(ledger())
    found = find(someone, nobody, at=at)
    assert (found.candidates, found.too_many) == ((), False)
    searched, listed = ledger()[start:]
    assert (searched["event"], searched["outcome"]) == ("children:search:made", "done")
    assert (listed["event"], listed["outcome"], listed["children"]) == ("children:search:shown", "done", [])


def test_a_search_is_written_down_with_its_reason_and_those_shown(
    actor: Make, index: Index, ledger: Ledger, at: datetime
) -> None:
    someone = actor()
    start = len(ledger())
    find(someone, AMARA, at=at)
    searched, listed = ledger()[start:]
    assert (searched["reason"], searched["case_reference"], searched["children"]) == ("contact", "CIN/2041", [])
    assert (listed["reason"], listed["case_reference"]) == ("contact", "CIN/2041")
    assert listed["children"] == [index.ids["Amara"]]
    assert searched["account_id"] == someone.ref.account_id
    assert "Okonkwo" not in str(searched)


def test_terms_are_sealed_and_the_web_cannot_read_them(actor: Make, at: datetime) -> None:
    find(actor(), AMARA, at=at)
    with pytest.raises(Exception, match="permission denied"):
        rows("SELECT * FROM audit_sealedterms")


def test_too_few_facts_are_refused_and_written_down(actor: Make, ledger: Ledger, at: datetime) -> None:
    someone = actor()
    start = len(ledger())
    with pytest.raises(Denied) as denied:
        lookup.search(actor=someone, terms=replace(AMARA, birth_date=None), reason=REASON, at=at)
    assert denied.value.refusal is Refusal.TOO_FEW_FACTS
    [line] = ledger()[start:]
    assert (line["event"], line["outcome"], line["detail"]["refusal"]) == (
        "children:search:made",
        "refused",
        "too_few_facts",
    )
    assert rows("SELECT count(*) FROM cases_searchresult") == [(0,)]
    assert lookup.search(actor=someone, terms=AMARA, reason=REASON, at=at).token


def test_a_manager_cannot_search_and_it_is_written_down(
    people: object, actor: Make, ledger: Ledger, at: datetime
) -> None:
    manager = actor(role="access_manager")
    start = len(ledger())
    with pytest.raises(Denied) as denied:
        lookup.search(actor=manager, terms=AMARA, reason=REASON, at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED
    assert [line["outcome"] for line in ledger()[start:]] == ["refused"]


def test_more_than_ten_are_not_shown_and_not_counted(index: Index, actor: Make, ledger: Ledger, at: datetime) -> None:
    with index.as_role("worker"):
        deliver(
            *[
                a_record(
                    "school",
                    f"m{number}",
                    identity=a_child(
                        family_name="Khan",
                        given_name="Mohammed",
                        birth_date=PartialDate(2014, 1 + number % 12, 1 + number),
                        postcode="",
                        address="",
                        carers=(),
                    ),
                )
                for number in range(14)
            ]
        )
    crowd = SearchTerms(family_name="Khan", given_name="Mohammed", birth_date=PartialDate(2014))
    someone = actor()
    start = len(ledger())
    found = find(someone, crowd, at=at)
    assert (found.candidates, found.too_many) == ((), True)
    assert [line["children"] for line in ledger()[start:]] == [[], []]
    one = find(someone, replace(crowd, birth_date=PartialDate(2014, 5, 5)), at=at)
    assert not one.too_many
    assert 1 <= len(one.candidates) <= 10
    assert one.candidates[0].birth_year == 2014


def test_results_are_for_one_sitting_one_person_and_a_quarter_of_an_hour(
    actor: Make, people: object, ledger: Ledger, at: datetime
) -> None:
    """Another sitting, another person, a made-up token and an expired one are refused alike, each written down."""
    mine = actor()
    token = lookup.search(actor=mine, terms=AMARA, reason=REASON, at=at).token
    assert names(lookup.results(actor=mine, token=token, at=at + timedelta(minutes=14))) == ["Amara Okonkwo"]
    other = actor(sitting=mine.sitting)
    tries = [
        (replace(mine, sitting="another"), token, at),
        (other, token, at),
        (mine, "A" * 22, at),
        (mine, token, at + timedelta(minutes=15)),
    ]
    start = len(ledger())
    for who, address, when in tries:
        with pytest.raises(Denied) as denied:
            lookup.results(actor=who, token=address, at=when)
        assert (denied.value.refusal, denied.value.detail) == (Refusal.ADDRESS_EXPIRED, ())
        with pytest.raises(Denied) as denied:
            lookup.open_child(actor=who, token=address, position=1, at=when)
        assert denied.value.refusal is Refusal.ADDRESS_EXPIRED
    lines = ledger()[start:]
    assert [(line["outcome"], line["children"]) for line in lines] == [("refused", [])] * 8


# --- Shielded and sealed ------------------------------------------------------------------------------------------------

JONAH = SearchTerms(family_name="Fairweather", given_name="Jonah", birth_date=PartialDate(2013, 5, 6))


def test_a_shielded_child_is_found_by_visible_fields_with_nothing_of_where(
    actor: Make, index: Index, at: datetime
) -> None:
    someone = actor()
    [found] = find(someone, JONAH, at=at).candidates
    assert (found.name, found.birth_year, found.district) == ("Jonah Fairweather", 2013, "")
    [found] = find(someone, replace(JONAH, family_name="Fairwether", given_name="Jona"), at=at).candidates
    assert found.name == "Jonah Fairweather"
    [found] = find(someone, SearchTerms(index_number=index_number("Fairweather", index)), at=at).candidates
    assert found.name == "Jonah Fairweather"


HIDDEN = {
    "postcode": replace(JONAH, postcode="M1 1AA"),
    "NHS number": SearchTerms(nhs_number=SHIELDED.nhs_number),
    "name and NHS number": replace(JONAH, nhs_number=SHIELDED.nhs_number),
    "former name": replace(JONAH, family_name="Canaryformer", given_name="Canaryknown"),
}


def test_a_hidden_field_finds_nobody_true_or_false(actor: Make, at: datetime) -> None:
    """The true value and a false one give the same answer: nobody (R 3.06)."""
    someone = actor()
    for hidden, true in HIDDEN.items():
        false = replace(
            true, postcode="BS1 4DJ" if true.postcode else "", nhs_number="9990000042" if true.nhs_number else ""
        )
        assert find(someone, true, at=at).candidates == find(someone, false, at=at).candidates == (), hidden


def test_a_sealed_child_is_as_if_not_there(actor: Make, at: datetime) -> None:
    """By name, number, misspelt: the same answer, in as many statements, as for a child who never was."""
    someone = actor()
    absent = SearchTerms(family_name="Nightjar", given_name="Ruth", birth_date=PartialDate(2012, 9, 8))
    sealed = SearchTerms(family_name="Nightingale", given_name="Rosa", birth_date=PartialDate(2012, 8, 9))
    for there, not_there in (
        (sealed, absent),
        (SearchTerms(nhs_number=SEALED.nhs_number), SearchTerms(nhs_number="9990000042")),
    ):
        with CaptureQueriesContext(connection) as first:
            assert find(someone, there, at=at).candidates == ()
        with CaptureQueriesContext(connection) as second:
            assert find(someone, not_there, at=at).candidates == ()
        assert len(first) == len(second)


def test_what_was_found_before_a_child_was_shielded_is_gone(actor: Make, index: Index, at: datetime) -> None:
    """What agreed then, such as the postcode, may be hidden now: the address is over, as after a quarter of an hour."""
    someone = actor()
    terms = replace(AMARA, postcode="M1 1AA")
    token = lookup.search(actor=someone, terms=terms, reason=REASON, at=at).token
    assert names(lookup.results(actor=someone, token=token, at=at)) == ["Amara Okonkwo"]
    number = index_number("Okonkwo", index)
    with index.as_role("worker"):
        protect_child(actor=worker(), index_number=number, tier=Tier.SHIELDED, ground=next(iter(Ground)), at=at)
    with pytest.raises(Denied) as denied:
        lookup.results(actor=someone, token=token, at=at)
    assert denied.value.refusal is Refusal.ADDRESS_EXPIRED


def test_a_search_costs_few_statements(actor: Make, at: datetime) -> None:
    """However many children are compared, the number of statements stays the same."""
    someone = actor()
    with CaptureQueriesContext(connection) as made:
        token = lookup.search(actor=someone, terms=AMARA, reason=REASON, at=at).token
    assert len(made) <= 10, [query["sql"][:80] for query in made]
    with CaptureQueriesContext(connection) as read:
        lookup.results(actor=someone, token=token, at=at)
    assert len(read) <= 7, [query["sql"][:80] for query in read]
