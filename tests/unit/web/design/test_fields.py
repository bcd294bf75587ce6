"""What people type and paste, good and bad."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from childindex.kernel.dates import PartialDate
from childindex.web.design import fields


def clean(field: forms.Field, value: Any) -> Any:
    """The cleaned value, or the sentences of what is wrong."""
    try:
        return field.clean(value)
    except ValidationError as error:
        return error.messages


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Zoë   Brönte ", "Zoë Brönte"),
        ("Zoe\u0308", "Zoë"),
        ("\u202eAnn\u202c", "Ann"),
        ("An\u200bn\ufeff", "Ann"),
        ("\u200fمحمد", "محمد"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("O’Brien-Smith", "O’Brien-Smith"),
        ("李小龙", "李小龙"),
        ("Nguyễn Thị", "Nguyễn Thị"),
    ],
)
def test_names_are_composed_and_lose_what_cannot_be_seen(typed: str, kept: str) -> None:
    """Names of every script come through whole."""
    assert clean(fields.NameField(label="Name"), typed) == kept


@pytest.mark.parametrize("typed", ["Ann\x00", "An\x1bn", "An\nn", "An\u2028n", "\ud800", "\ue000", "A" + "\u0300" * 6])
def test_what_cannot_be_printed_is_refused(typed: str) -> None:
    """NUL, escape, line breaks, half characters, private ones, towers of marks."""
    assert clean(fields.NameField(label="Name"), typed) == ["Remove characters that cannot be printed"]


@pytest.mark.parametrize("length", [101, 399, 401, 10_000])
def test_a_long_name_gets_one_clear_message(length: int) -> None:
    """Whether it is a little too long or absurdly so."""
    assert clean(fields.NameField(label="Family name"), "a" * length) == ["Family name must be 100 characters or fewer"]


def test_a_name_of_just_the_length_allowed_is_kept() -> None:
    """The bound is not one less."""
    assert clean(fields.NameField(label="Family name"), "a" * 100) == "a" * 100


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (fields.NameField(label="Family name"), "Enter family name"),
        (fields.LineField(label="NHS number"), "Enter NHS number"),
        (fields.PasswordField(label="Password"), "Enter password"),
        (fields.RadiosField(label="Reason for looking"), "Select reason for looking"),
        (fields.SelectField(label="Service"), "Select service"),
        (fields.ChecksField(label="Days"), "Select days"),
        (fields.CheckField(label="I agree"), "Tick the box: I agree"),
        (fields.PartialDateField(label="Date of birth"), "Enter date of birth"),
        (fields.NameField(label="X", error_messages={"required": "Better"}), "Better"),
        (fields.LineField(), "This field is required."),
    ],
)
def test_an_empty_answer_is_named(field: forms.Field, said: str) -> None:
    """In the words of its own label unless the form has better ones."""
    assert clean(field, None) == [said]


def test_a_choice_that_was_not_offered_is_refused_without_repeating_it() -> None:
    """What an attacker sent is not shown back."""
    field = fields.RadiosField(label="Reason", options=[fields.Option(value="contact", label="Contact")])
    assert clean(field, "contact") == "contact"
    assert clean(field, "<script>") == ["Select reason"]


def test_choices_can_depend_on_who_asks_without_changing_anybody_elses() -> None:
    """Options set on one form stay on that form."""

    class Form(forms.Form):
        service = fields.RadiosField(label="Service")

    mine, yours = Form(), Form()
    field = mine.fields["service"]
    assert isinstance(field, fields.RadiosField)
    field.set_options([fields.Option(value="hv", label="Health visiting", hint="Under five")])
    assert "Health visiting" in str(mine["service"])
    assert "Health visiting" not in str(yours["service"])


def test_codes_are_kept_in_capitals_without_spaces() -> None:
    """And a wrong one gets the sentence of its own field."""
    field = fields.CodeField(
        label="Case", pattern=re.compile(r"[A-Z0-9/-]{3,30}"), mistake="Like AB/12", required=False
    )
    assert clean(field, " ab/1 2 ") == "AB/12"
    assert clean(field, "") == ""
    assert clean(field, "child is at risk!") == ["Like AB/12"]


def test_one_time_codes() -> None:
    """Six digits, with or without a space."""
    assert clean(fields.OneTimeCodeField(label="Code"), "123 456") == "123456"
    assert clean(fields.OneTimeCodeField(label="Code"), "12345") == ["Enter the 6 digits your authenticator shows now"]
    assert clean(fields.OneTimeCodeField(label="Code"), "١٢٣٤٥٦") == ["Enter the 6 digits your authenticator shows now"]


def test_telephone_numbers() -> None:
    """Kept in the international form."""
    field = fields.PhoneField(label="Telephone number", required=False)
    assert clean(field, "01632 960001") == "+441632960001"
    assert clean(field, "") == ""
    for bad in ("ring the office", "123", "+44 1"):
        assert clean(field, bad) == ["Enter a telephone number, like 01632 960 001 or 07700 900 982"]


def test_passwords_are_taken_as_typed_and_bounded() -> None:
    """Spaces and odd characters belong to a password."""
    assert clean(fields.PasswordField(label="Password"), " a\u202eb ") == " a\u202eb "
    assert clean(fields.PasswordField(label="Password"), "a" * 201) == ["Password must be 200 characters or fewer"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (("7", "3", "2014"), PartialDate(2014, 3, 7)),
        (("07", "03", "2014"), PartialDate(2014, 3, 7)),
        (("7", "March", "2014"), PartialDate(2014, 3, 7)),
        (("7", "mar.", " 2014 "), PartialDate(2014, 3, 7)),
        (("", "3", "2014"), PartialDate(2014, 3)),
        (("", "", "2014"), PartialDate(2014)),
        (("29", "2", "2016"), PartialDate(2016, 2, 29)),
    ],
)
def test_dates_that_can_be_read(typed: tuple[str, str, str], read: PartialDate) -> None:
    """To the day, the month or the year."""
    assert clean(fields.PartialDateField(label="Date of birth"), typed) == read


@pytest.mark.parametrize(
    ("typed", "part", "said"),
    [
        (("7", "3", ""), "year", "Enter the year"),
        (("7", "3", "14"), "year", "The year must be 4 numbers, like 2014"),
        (("7", "3", "20145"), "year", "The year must be 4 numbers, like 2014"),
        (("7", "3", "٢٠١٤"), "year", "The year must be 4 numbers, like 2014"),
        (("7", "", "2014"), "month", "Enter the month"),
        (("7", "13", "2014"), "month", "The month must be a number from 1 to 12, or its name"),
        (("7", "0", "2014"), "month", "The month must be a number from 1 to 12, or its name"),
        (("7", "Smarch", "2014"), "month", "The month must be a number from 1 to 12, or its name"),
        (("x", "3", "2014"), "day", "The day must be a number from 1 to 31"),
        (("31", "2", "2014"), "invalid", "Date of birth must be a real date"),
        (("29", "2", "2015"), "invalid", "Date of birth must be a real date"),
        (("1", "1", "1066"), "invalid", "Date of birth must be a real date"),
    ],
)
def test_dates_that_cannot(typed: tuple[str, str, str], part: str, said: str) -> None:
    """Each says which box is wrong."""
    with pytest.raises(ValidationError) as caught:
        fields.PartialDateField(label="Date of birth").clean(typed)
    assert (caught.value.messages, caught.value.code) == ([said], part)


@pytest.mark.parametrize(
    ("typed", "said"), [(("", "3", "2014"), "Enter the day"), (("", "", "2014"), "Enter the month")]
)
def test_a_complete_date_needs_all_three(typed: tuple[str, str, str], said: str) -> None:
    """The start of an involvement, for instance."""
    assert clean(fields.PartialDateField(label="Start date", complete=True), typed) == [said]


def test_a_date_that_may_be_empty() -> None:
    """Is None, not an error."""
    assert clean(fields.PartialDateField(label="Date of birth", required=False), ("", " ", "")) is None
