"""How a field of a form is drawn."""

from __future__ import annotations

import re

import pytest
from django import forms

from childindex.web.design import components, fields
from childindex.web.design.environment import environment
from tests.unit.web.design.kitchen_sink import EverythingForm

ENV = environment()


def html(form: forms.Form, name: str) -> str:
    """One field as markup, on one line."""
    drawn = ENV.from_string("{{ form_field(bound) }}").render(bound=form[name])
    return re.sub(r"\s+", " ", drawn)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "family_name",
            [
                'spellcheck="false"',
                'autocomplete="off"',
                "govuk-input--width-20",
                'aria-describedby="id_family_name-hint"',
            ],
        ),
        ("user_name", ['autocomplete="username"', 'autocapitalize="none"', 'spellcheck="false"']),
        ("password", ['type="password"', 'autocomplete="current-password"']),
        ("code", ['autocomplete="one-time-code"', 'inputmode="numeric"']),
        ("phone", ['type="tel"', 'inputmode="tel"']),
        (
            "birth_date",
            [
                'name="birth_date-day"',
                'name="birth_date-month"',
                'id="id_birth_date-year"',
                'inputmode="numeric"',
                'role="group"',
            ],
        ),
        (
            "reason",
            [
                'type="radio"',
                'id="id_reason"',
                'id="id_reason-2"',
                'value="urgent_care"',
                "You already work with this child",
            ],
        ),
        ("service", ['<select class="govuk-select" id="id_service"', '<option value="hv"', ">Choose one<"]),
        ("days", ['type="checkbox"', 'id="id_days"', 'name="days"', "<fieldset"]),
        ("agreed", ['type="checkbox"', 'name="agreed"', "I have read the agreement", "Version 3"]),
        ("hidden", ['<input type="hidden" name="hidden" value="opaque">']),
    ],
)
def test_every_field_tells_the_browser_what_it_is(name: str, parts: list[str]) -> None:
    """Names, types, hints and what may fill it in."""
    drawn = html(EverythingForm(), name)
    assert [part for part in parts if part not in drawn] == []


def test_a_field_may_go_without_a_suggested_width_and_a_hint() -> None:
    """It then takes the whole line, and nothing is announced but its label."""

    class Form(forms.Form):
        name = fields.LineField(label="Name", width=None)
        agreed = fields.CheckField(label="I agree")

    assert "govuk-input--width" not in html(Form(), "name")
    assert "aria-describedby" not in html(Form(), "name") + html(Form(), "agreed")


def test_no_attribute_speaks_before_our_own_messages_or_cuts_text_off() -> None:
    """`required` and `maxlength` would; a placeholder is no label."""

    class Form(forms.Form):
        name = forms.CharField(max_length=10, widget=forms.TextInput(attrs={"placeholder": "Name", "autofocus": True}))

    drawn = html(Form(), "name")
    assert re.search(r" (required|maxlength|placeholder)", drawn) is None
    assert 'autofocus=""' in drawn


def test_what_was_typed_comes_back_escaped_but_never_a_password() -> None:
    """After an error a form shows what was sent."""
    form = EverythingForm(
        {"family_name": '"><script>', "password": "correct horse", "birth_date-year": "14", "reason": "contact"}
    )
    assert 'value="&#34;&gt;&lt;script&gt;"' in html(form, "family_name")
    assert "correct horse" not in html(form, "password")
    assert 'value="14"' in html(form, "birth_date")
    assert re.search(r'value="contact" checked', html(form, "reason"))


def test_an_error_is_tied_to_its_input() -> None:
    """So that a screen reader says it there too."""
    drawn = html(EverythingForm({}), "family_name")
    assert 'aria-describedby="id_family_name-hint id_family_name-error"' in drawn
    assert 'id="id_family_name-error"' in drawn
    assert "govuk-input--error" in drawn


@pytest.mark.parametrize(
    ("date", "red", "href"),
    [
        ({"birth_date-year": "14"}, ["year"], "#id_birth_date-year"),
        ({"birth_date-year": "2014", "birth_date-month": "13"}, ["month"], "#id_birth_date-month"),
        (
            {"birth_date-year": "2014", "birth_date-month": "2", "birth_date-day": "31"},
            ["day", "month", "year"],
            "#id_birth_date-day",
        ),
        ({}, ["day", "month", "year"], "#id_birth_date-day"),
    ],
)
def test_the_box_at_fault_is_red_and_the_summary_leads_there(date: dict[str, str], red: list[str], href: str) -> None:
    """A date has three boxes, and usually one mistake."""
    form = EverythingForm(date)
    assert re.findall(r'govuk-input--error" id="id_birth_date-(\w+)"', html(form, "birth_date")) == red
    assert href in [problem.href for problem in components.problems([form])]


def test_a_date_given_beforehand_is_shown() -> None:
    """Carried over from a search, for instance."""
    form = EverythingForm(
        initial={
            "birth_date": EverythingForm({"birth_date-year": "2014"}).fields["birth_date"].clean(("", "3", "2014"))
        }
    )
    assert re.findall(r'value="(\w+)"', html(form, "birth_date")) == ["3", "2014"]


def test_the_heading_of_the_page_can_be_the_label() -> None:
    """One question on a page."""
    drawn = ENV.from_string("{{ form_field(bound, heading=true) }}").render(bound=EverythingForm()["family_name"])
    assert re.search(r'<h1 class="govuk-label-wrapper">\s*<label class="govuk-label govuk-label--l"', drawn)


def test_errors_of_the_whole_form_lead_to_its_first_field_and_hidden_ones_nowhere() -> None:
    """Every line of the summary leads somewhere that exists, or is plain text."""

    class Form(forms.Form):
        name = forms.CharField()
        token = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("Give one more fact")

    found = components.problems([None, Form(), Form({"name": "Ann"})])
    assert [(problem.text, problem.href) for problem in found] == [
        ("Give one more fact", "#id_name"),
        ("This field is required.", ""),
    ]


@pytest.mark.parametrize("field", [forms.CharField(widget=forms.Textarea), forms.FileField()])
def test_free_text_and_files_cannot_be_drawn(field: forms.Field) -> None:
    """There is nowhere to write about a child (R 1.28)."""
    form = forms.Form()
    form.fields["notes"] = field
    with pytest.raises(components.NotDrawable):
        components.drawing(form["notes"])


def test_grouped_choices_cannot_be_drawn() -> None:
    """The design has no component for them."""
    form = forms.Form()
    form.fields["service"] = forms.ChoiceField(choices=[("Health", [("hv", "Health visiting")])])
    with pytest.raises(components.NotDrawable, match="grouped choices"):
        components.drawing(form["service"])
