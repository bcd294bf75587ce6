"""What may be searched for, and how much of the answer is shown (R 2.08, 2.20-2.23, 3.06)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from childindex.audit.types import issue_receipt
from childindex.cases.types import StoredResults
from childindex.directory.types import ServiceType
from childindex.involvement.types import InvolvementLine
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import AssessmentState, ChildId, Tier
from childindex.kernel.people import Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import policies
from childindex.lookup.types import SearchTerms, Weighed

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = PartialDate(2015, 3, 14)
YEAR = PartialDate(2015)
RECEIPT = issue_receipt(entry_id=uuid4(), at=AT)

ENOUGH = {
    "index number": SearchTerms(index_number="K7M29XQ4AB"),
    "NHS number": SearchTerms(nhs_number="9990000018"),
    "family name and date": SearchTerms(family_name="Okonkwo", birth_date=DATE),
    "given name and date": SearchTerms(given_name="Amara", birth_date=DATE),
    "both names and year": SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=YEAR),
    "both names and month": SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=PartialDate(2015, 3)),
    "both names and postcode": SearchTerms(family_name="Okonkwo", given_name="Amara", postcode="M1 1AA"),
    "a name of two letters": SearchTerms(family_name="Ng", birth_date=DATE),
    "a name in another script": SearchTerms(family_name="王伟", birth_date=DATE),
}
TOO_FEW = {
    "nothing": SearchTerms(),
    "family name": SearchTerms(family_name="Okonkwo"),
    "both names": SearchTerms(family_name="Okonkwo", given_name="Amara"),
    "postcode": SearchTerms(postcode="M1 1AA"),
    "date": SearchTerms(birth_date=DATE),
    "date and postcode": SearchTerms(birth_date=DATE, postcode="M1 1AA"),
    "family name and year": SearchTerms(family_name="Okonkwo", birth_date=YEAR),
    "family name and month": SearchTerms(family_name="Okonkwo", birth_date=PartialDate(2015, 3)),
    "family name and postcode": SearchTerms(family_name="Okonkwo", postcode="M1 1AA"),
    "an initial and date": SearchTerms(family_name="O", birth_date=DATE),
    "punctuation and date": SearchTerms(family_name="--", birth_date=DATE),
    "digits and date": SearchTerms(family_name="12", birth_date=DATE),
}


@pytest.mark.parametrize("terms", ENOUGH.values(), ids=ENOUGH)
def test_enough_facts_point_to_one_child(terms: SearchTerms) -> None:
    policies.check_terms(terms)


@pytest.mark.parametrize("terms", TOO_FEW.values(), ids=TOO_FEW)
def test_too_few_facts_point_to_a_crowd(terms: SearchTerms) -> None:
    with pytest.raises(Denied) as denied:
        policies.check_terms(terms)
    assert denied.value.refusal is Refusal.TOO_FEW_FACTS
    assert denied.value.detail == ()


@pytest.mark.parametrize("sign", ["*", "?", "%", "_", "\\"])
@pytest.mark.parametrize("field", ["family_name", "given_name"])
def test_wildcards_are_refused_however_much_else_is_given(sign: str, field: str) -> None:
    full = ENOUGH["both names and postcode"]
    terms = replace(full, birth_date=DATE, **{field: f"Ok{sign}"})
    with pytest.raises(Denied) as denied:
        policies.check_terms(terms)
    assert denied.value.detail == ("wildcard",)


def test_a_hidden_field_confines_a_search_to_open_children() -> None:
    assert policies.open_children_only(SearchTerms(postcode="M1 1AA"))
    assert policies.open_children_only(SearchTerms(nhs_number="9990000018"))
    assert not policies.open_children_only(SearchTerms(family_name="Okonkwo", given_name="Amara", birth_date=DATE))
    assert not policies.open_children_only(SearchTerms(index_number="K7M29XQ4AB"))


@pytest.mark.parametrize(
    ("tier", "terms", "found"),
    [
        (Tier.OPEN, SearchTerms(index_number="K7M29XQ4AB", postcode="M1 1AA"), True),
        (Tier.SHIELDED, SearchTerms(index_number="K7M29XQ4AB"), True),
        (Tier.SHIELDED, SearchTerms(index_number="K7M29XQ4AB", postcode="M1 1AA"), False),
        (Tier.SHIELDED, SearchTerms(index_number="K7M29XQ4AB", nhs_number="9990000018"), False),
        (Tier.SHIELDED, SearchTerms(index_number="9990000018", nhs_number="9990000018"), True),
        (Tier.SEALED, SearchTerms(index_number="K7M29XQ4AB"), False),
    ],
)
def test_who_may_be_found_by_index_number(tier: Tier, terms: SearchTerms, *, found: bool) -> None:
    assert policies.may_be_numbered(tier, terms) is found


def weighed(*bits: float) -> list[Weighed]:
    return [Weighed(id=UUID(int=number), tier=Tier.OPEN, bits=bit, agreements=()) for number, bit in enumerate(bits)]


def test_the_best_come_first_and_the_unlikely_not_at_all() -> None:
    shown, too_many = policies.shortlist(weighed(12.0, 30.0, policies.LEAST_BITS - 0.1, 20.0))
    assert [one.bits for one in shown] == [30.0, 20.0, 12.0]
    assert not too_many


def test_nobody_is_an_answer() -> None:
    assert policies.shortlist([]) == ((), False)


def test_ten_rivals_are_shown_and_eleven_are_not() -> None:
    ten, too_many = policies.shortlist(weighed(*[20.0] * 10))
    assert (len(ten), too_many) == (10, False)
    assert policies.shortlist(weighed(*[20.0] * 11)) == ((), True)


def test_a_clear_best_is_not_crowded_out() -> None:
    shown, too_many = policies.shortlist(weighed(40.0, *[20.0] * 30))
    assert (len(shown), too_many, shown[0].bits) == (10, False, 40.0)


def stored(*, opened: UUID | None = None) -> StoredResults:
    return StoredResults(
        receipt=RECEIPT,
        token="token",
        reason=Reason(code=ReasonCode.CONTACT),
        children=(ChildId(UUID(int=1)), ChildId(UUID(int=2))),
        tiers=(Tier.OPEN, Tier.OPEN),
        agreements=((), ()),
        too_many=False,
        opened=opened,
    )


def test_the_reason_of_a_search_goes_for_the_first_child_opened_and_no_other() -> None:
    assert policies.carries_over(stored(), UUID(int=2))
    assert policies.carries_over(stored(opened=UUID(int=2)), UUID(int=2))
    assert not policies.carries_over(stored(opened=UUID(int=2)), UUID(int=1))


@pytest.mark.parametrize("position", [-1, 0, 3])
def test_a_row_that_is_not_there_is_an_address_not_in_use(position: int) -> None:
    assert policies.child_at(stored(), 2) == UUID(int=2)
    with pytest.raises(Denied) as denied:
        policies.child_at(stored(), position)
    assert denied.value.refusal is Refusal.ADDRESS_EXPIRED


def line(number: int, service: str, **facts: object) -> InvolvementLine:
    given: dict[str, object] = {
        "receipt": RECEIPT,
        "id": UUID(int=number),
        "source": "gp",
        "service_type": service,
        "sensitive": False,
        "organisation": "ods:A00001",
        "team": "",
        "practitioner_name": "Pat Reed",
        "practitioner_role": "",
        "phone": "0161 496 0002",
        "email": "",
        "out_of_hours_phone": "",
        "started_on": None,
        "ended_on": None,
        "lead_professional": False,
        "assessment": AssessmentState.NONE,
        "assessment_on": None,
        "as_of": date(2026, 11, 1),
        "confirmed_on": None,
        "phone_reported_on": None,
        "recorded_by": None,
    }
    return InvolvementLine(**{**given, **facts})  # type: ignore[arg-type]


SERVICES = {
    code: ServiceType(code=code, name=code, kind=code, sector="health", coverage=coverage, sensitive=False)
    for code, coverage in (("gp", "universal"), ("social_work", "additional"))
}


def first(*lines: InvolvementLine, unconfirmed: tuple[int, ...] = ()) -> int:
    found = policies.most_likely_to_know(
        lines, services=SERVICES, unconfirmed=[UUID(int=number) for number in unconfirmed]
    )
    assert found is not None
    return found.id.int


def test_whom_to_ring_where_nobody_leads() -> None:
    """A number nobody has reported, then a service not everybody has, then confirmed, then the newest word."""
    practice, worker = line(1, "gp"), line(2, "social_work")
    assert first(practice, worker) == 2
    assert first(practice, line(2, "social_work", phone_reported_on=date(2026, 11, 2))) == 1
    assert first(line(3, "social_work"), worker, unconfirmed=(2,)) == 3
    assert first(line(4, "gp", as_of=date(2026, 11, 5)), practice) == 4
    assert first(line(5, "gp", confirmed_on=date(2026, 11, 9)), line(4, "gp", as_of=date(2026, 11, 5))) == 5
    assert policies.most_likely_to_know([], services=SERVICES, unconfirmed=()) is None
