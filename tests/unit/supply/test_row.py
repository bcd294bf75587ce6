"""One row: good values come through in their canonical form, bad ones are rejected with column and code."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import AssessmentState, Consent, ConsentBasis, Sex, SourceRecord
from childindex.supply.formats import row
from childindex.supply.formats.problems import Rejection
from tests.unit.supply.files import CHILD, CONSENT, RULES, SCHOOL, one, read, record, rejection, write

SENSITIVE = {**SCHOOL, "service_type": "sexual_health"}


@pytest.mark.parametrize(
    ("column", "written", "read"),
    [
        ("family_name", "  O'Neill   Khan ", "O'Neill Khan"),
        ("family_name", "Nguye\u0302\u0303n", "Nguy\u1ec5n"),
        ("family_name", "Okafor\u202e", "Okafor"),
        ("family_name", "Baby", "Baby"),
        ("family_name", "\u0645\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"),
        ("given_name", "Baby", ""),
        ("given_name", "baby boy", ""),
        ("given_name", "Twin 2", ""),
        ("given_name", "Na", "Na"),
        ("given_name", "\u06af\u0644\u200c\u0646\u0627\u0632", "\u06af\u0644\u200c\u0646\u0627\u0632"),
        ("birth_date", "2015-03", PartialDate(2015, 3)),
        ("birth_date", "2015", PartialDate(2015)),
        ("birth_date", "2016-02-29", PartialDate(2016, 2, 29)),
        ("sex", "Female", Sex.FEMALE),
        ("postcode", "ab12cd", "AB1 2CD"),
        ("postcode", "ZZ99 3VZ", ""),
        ("postcode", "ZZ993WZ", ""),
        ("uprn", "100023336956", "100023336956"),
        ("address", "1 High Street,  Town", "1 High Street, Town"),
    ],
)
def test_what_is_read(tmp_path: Path, column: str, written: str, read: object) -> None:
    assert getattr(record(tmp_path, **{column: written}).identity, column) == read


def test_an_nhs_number_in_its_three_groups(tmp_path: Path) -> None:
    number = _test_nhs_number()
    assert record(tmp_path, nhs_number=f"{number[:3]} {number[3:6]}-{number[6:]}").identity.nhs_number == number
    in_other_digits = "".join(chr(0x0660 + int(digit)) for digit in number)
    assert rejection(tmp_path, nhs_number=in_other_digits) == ("nhs_number", "nhs_number")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert rejection(tmp_path, nhs_number=wrong) == ("nhs_number", "nhs_number")


def test_a_pupil_number_in_any_case(tmp_path: Path) -> None:
    assert record(tmp_path, upn="a123456789012").identity.upn == "A123456789012"


def _test_nhs_number() -> str:
    """A number of the range kept for tests, with its check digit worked out here."""
    for body in map(str, range(999_123_000, 999_123_020)):
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
        if check < 10:
            return f"{body}{check}"
    raise AssertionError


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("record_id", "", "missing"),
        ("record_id", "=1+1", "formula"),
        ("record_id", "A\u200b1", "control_character"),
        ("record_id", "A\x071", "control_character"),
        ("record_id", "A" * 101, "too_long"),
        ("family_name", " ", "missing"),
        ("family_name", "Unknown", "missing"),
        ("family_name", "A" * 10_000, "too_long"),
        ("family_name", "12345", "no_letter"),
        ("family_name", "=HYPERLINK(1)", "formula"),
        ("family_name", "Oka\x07for", "control_character"),
        ("family_name", "Oka\nfor", "control_character"),
        ("family_name", "\ue000\u00e9", "control_character"),
        ("family_name", "Z" + "\u0335\u0336\u0337\u0338\u0347" * 3, "combining_marks"),
        ("given_name", "4", "no_letter"),
        ("birth_date", "", "missing"),
        ("birth_date", "04/03/2015", "birth_date_form"),
        ("birth_date", "2015-02-30", "date_impossible"),
        ("birth_date", "0000-00-00", "date_impossible"),
        ("birth_date", "2026-06-02", "birth_in_future"),
        ("birth_date", "2099", "birth_in_future"),
        ("birth_date", "2001-05-31", "birth_too_long_ago"),
        ("birth_date", "2000", "birth_too_long_ago"),
        ("unborn", "yes", "not_true_or_false"),
        ("sex", "F", "not_in_list"),
        ("nhs_number", "999123456", "nhs_number"),
        ("nhs_number", "4444444444", "nhs_number"),
        ("upn", "B123456789012", "upn"),
        ("upn", "12345", "upn"),
        ("address", "1 High Street\nTown", "control_character"),
        ("address", "A" * 301, "too_long"),
        ("postcode", "nowhere", "postcode"),
        ("uprn", "12A", "uprn"),
        ("uprn", "\u0661\u0662", "uprn"),
        ("updated_on", "2026-06-02", "date_in_future"),
        ("updated_on", "yesterday", "date_form"),
        ("deceased_on", "2027-01-01", "date_in_future"),
        ("deceased_on", "2014-01-01", "before_birth"),
        ("deceased_on", "1899-12-31", "date_impossible"),
        ("left_england", "abroad", "not_in_list"),
        ("carer_phone", "07700 900123", "carer_name"),
    ],
)
def test_what_is_rejected(tmp_path: Path, column: str, written: str, code: str) -> None:
    expected = ("carer_name", "carer_without_name") if column == "carer_phone" else (column, code)
    assert rejection(tmp_path, **{column: written}) == expected


def test_an_unborn_child_has_an_expected_date_ahead_or_just_past(tmp_path: Path) -> None:
    found = record(tmp_path, unborn="true", birth_date="2026-09-20")
    assert (found.unborn, found.identity.birth_date) == (True, PartialDate(2026, 9, 20))
    assert record(tmp_path, unborn="TRUE", birth_date="2026-05-20").unborn
    for impossible in ("2027-06-01", "2026-03-01"):
        assert rejection(tmp_path, unborn="true", birth_date=impossible) == ("birth_date", "expected_date")


def test_the_day_updated_may_carry_a_time(tmp_path: Path) -> None:
    assert record(tmp_path, updated_on="2026-05-30T23:59:01Z").updated_on == date(2026, 5, 30)


def test_standing_of_the_record(tmp_path: Path) -> None:
    found = record(tmp_path, confidential="true", deceased_on="2020-01-01", left_england="Returning")
    assert (found.confidential, found.deceased_on, found.left_england) == (True, date(2020, 1, 1), "returning")
    assert record(tmp_path, removed="true").removed


def test_an_involvement_with_everything(tmp_path: Path) -> None:
    found = record(
        tmp_path,
        **SCHOOL,
        team="Safeguarding",
        practitioner_name="Ann Jones",
        practitioner_role="Head",
        phone="020 7946 0000",
        email="office@school.example.org",
        out_of_hours_phone="+44 (0)1632 960001",
        started_on="2020-09-01",
        lead_professional="true",
        assessment="in_progress",
        assessment_on="2026-01-01",
    )
    (line,) = found.involvements
    assert (line.involvement_id, line.organisation_id, line.phone) == ("I1", "urn:900002", "02079460000")
    assert (line.out_of_hours_phone, line.started_on) == ("01632960001", date(2020, 9, 1))
    assert (line.lead_professional, line.assessment) == (True, AssessmentState.IN_PROGRESS)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("+44 20 7946 0000", "02079460000"),
        ("0044 7700 900123", "07700900123"),
        ("020 7946 0000 ext. 12", "02079460000x12"),
        ("+353 1 677 0500", "+35316770500"),
        ("\u0660\u0662\u0660 7946 0000", "02079460000"),
    ],
)
def test_telephone_numbers_become_what_can_be_rung(tmp_path: Path, written: str, read: str) -> None:
    assert record(tmp_path, **SCHOOL, phone=written).involvements[0].phone == read


def test_how_to_reach_a_service_is_remembered_only_for_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row, "_MOST_REACHES", 1)
    rows = [{**CHILD, **SCHOOL, "record_id": f"A{n}", "team": f"Team {n}"} for n in range(4)]
    found = read(write(tmp_path / "f.csv", rows))
    assert [one.involvements[0].team for one in found if isinstance(one, SourceRecord)] == [
        f"Team {n}" for n in range(4)
    ]


def test_an_involvement_without_ids_gets_the_feeds_organisation_and_a_stable_id(tmp_path: Path) -> None:
    (line,) = record(tmp_path, service_type="school").involvements
    assert (line.organisation_id, line.involvement_id) == ("urn:900001", "school@urn:900001")


@pytest.mark.parametrize(
    ("column", "written", "expected"),
    [
        ("service_type", "chess_club", ("service_type", "service_unknown")),
        ("service_type", "", ("service_type", "service_missing")),
        ("organisation_id", "St Mary's", ("organisation_id", "organisation_form")),
        ("phone", "ring the office", ("phone", "phone")),
        ("phone", "12", ("phone", "phone")),
        ("email", "office at school", ("email", "email")),
        ("started_on", "2020-13-01", ("started_on", "date_impossible")),
        ("started_on", "2010-01-01", ("started_on", "before_birth")),
        ("started_on", "2027-07-01", ("started_on", "date_in_future")),
        ("ended_on", "2019-01-01", ("ended_on", "ended_before_started")),
        ("lead_professional", "1", ("lead_professional", "not_true_or_false")),
        ("assessment", "done", ("assessment", "not_in_list")),
        ("assessment_on", "2026-06-02", ("assessment_on", "date_in_future")),
        ("consent_basis", "verbal", ("consent_basis", "not_in_list")),
        ("consent_basis", "child", ("consent_by", "consent_incomplete")),
    ],
)
def test_an_involvement_that_is_rejected(tmp_path: Path, column: str, written: str, expected: tuple[str, str]) -> None:
    good = {**SCHOOL, "started_on": "2020-09-01"}
    assert rejection(tmp_path, **{**good, column: written}) == expected


@pytest.mark.parametrize("missing", sorted(CONSENT))
def test_a_sensitive_service_without_the_whole_decision_is_rejected(tmp_path: Path, missing: str) -> None:
    (line,) = record(tmp_path, **SENSITIVE, **CONSENT).involvements
    assert line.consent == Consent(basis=ConsentBasis.CHILD, by="Nurse Adams", on=date(2026, 1, 2))
    assert rejection(tmp_path, **SENSITIVE, **{**CONSENT, missing: ""}) == (missing, "consent_missing")


def test_a_service_of_another_feed_is_rejected_where_others_are_its_own(tmp_path: Path) -> None:
    path = write(
        tmp_path / "two.csv", [{**CHILD, **SCHOOL}, {**CHILD, "record_id": "A2", **SCHOOL, "service_type": "gp"}]
    )
    assert read(path)[1] == Rejection(row=3, column="service_type", code="service_of_another_feed")


def test_without_a_register_services_are_not_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", [{**CHILD, **SCHOOL, "service_type": "anything"}])
    (found,) = read(path, rules=dataclasses.replace(RULES, services=None))
    assert isinstance(found, SourceRecord)
    assert found.involvements


def test_a_removed_row_with_an_involvement_ends_it_and_keeps_the_record(tmp_path: Path) -> None:
    found = record(tmp_path, **SCHOOL, removed="true", updated_on="2026-05-01")
    assert not found.removed
    assert found.involvements[0].ended_on == date(2026, 5, 1)


def test_a_rejection_never_repeats_the_value(tmp_path: Path) -> None:
    found = one(tmp_path, family_name="Zx9" * 200)
    assert "Zx9" not in repr(found)
