"""Turns one field of a Django form into the design-system component that draws it.

Works for the fields of `fields` and for plain Django fields alike (the sign-in forms are somebody else's).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.widgets import ChoiceWidget, Input
from django.utils.translation import gettext as _

from childindex.web.design.widgets import DatePartsWidget


class NotDrawable(TypeError):
    """The design has no component for this widget: a text area, for instance, because there is no free text here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Which macro draws a field ("input", "radios", "hidden", ...), and its parameters."""

    component: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One line of the error summary; `href` is the input that puts it right, or empty."""

    text: str
    href: str = ""


def drawing(bound: BoundField, *, heading: bool = False) -> Drawing:
    """What draws this field; with `heading`, its label is also the heading of the page. Raises NotDrawable."""
    widget = bound.field.widget
    if bound.is_hidden:
        return Drawing(component="hidden", params={"name": bound.html_name, "value": _text(bound.value())})
    if isinstance(widget, DatePartsWidget):
        return _date(bound, widget, heading=heading)
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return _choices(bound, widget, heading=heading)
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        return _select(bound, widget, heading=heading)
    if isinstance(widget, forms.CheckboxInput):
        return _single_checkbox(bound, widget)
    if isinstance(widget, Input) and not isinstance(widget, forms.FileInput):
        return _input(bound, widget, heading=heading)
    raise NotDrawable(type(widget).__name__)


def problems(form_list: Iterable[forms.BaseForm | None]) -> list[Problem]:
    """Every error of these forms in the order of their fields, each leading to the input that puts it right."""
    return [problem for form in form_list if form is not None and form.is_bound for problem in _of_form(form)]


def _of_form(form: forms.BaseForm) -> Iterable[Problem]:
    visible = form.visible_fields()
    first = f"#{_focus(visible[0])}" if visible else ""
    for error in form.non_field_errors():
        yield Problem(text=str(error), href=first)
    for bound in visible:
        for error in bound.errors:
            yield Problem(text=str(error), href=f"#{_focus(bound)}")
    for bound in form.hidden_fields():
        for error in bound.errors:
            yield Problem(text=str(error))


def _focus(bound: BoundField) -> str:
    widget = bound.field.widget
    if isinstance(widget, DatePartsWidget):
        return f"{bound.auto_id}-{_faulty_part(bound)}"
    return str(bound.auto_id)


def _faulty_part(bound: BoundField) -> str:
    """The part of a date that the first error names as its code; else the day."""
    for error in bound.errors.as_data():
        if error.code in DatePartsWidget.PARTS:
            return str(error.code)
    return DatePartsWidget.PARTS[0]


def _common(bound: BoundField) -> dict[str, Any]:
    params: dict[str, Any] = {"name": bound.html_name}
    if bound.help_text:
        params["hint"] = {"text": str(bound.help_text)}
    if bound.errors:
        params["errorMessage"] = {
            "text": " ".join(str(error) for error in bound.errors),
            "visuallyHiddenText": _("Error"),
        }
    return params


def _label(bound: BoundField, *, heading: bool) -> dict[str, Any]:
    return {"text": str(bound.label), "isPageHeading": heading, "classes": f"govuk-label--{'l' if heading else 's'}"}


def _legend(bound: BoundField, *, heading: bool) -> dict[str, Any]:
    size = "govuk-fieldset__legend--l" if heading else "govuk-fieldset__legend--s"
    return {"legend": {"text": str(bound.label), "isPageHeading": heading, "classes": size}}


def _attributes(widget: forms.Widget) -> Mapping[str, str]:
    # a placeholder is no label, and `required` would let the browser speak before our own plain message can
    left_out = {"class", "placeholder", "required", "id"}
    return {
        name: "" if value is True else str(value)
        for name, value in widget.attrs.items()
        if name not in left_out and value is not False and value is not None
    }


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _input(bound: BoundField, widget: Input, *, heading: bool) -> Drawing:
    secret = isinstance(widget, forms.PasswordInput)
    attributes = dict(_attributes(widget))
    attributes.pop("maxlength", None)  # would cut off what somebody pastes, without a word
    attributes.pop("minlength", None)
    params = _common(bound) | {
        "id": bound.auto_id,
        "label": _label(bound, heading=heading),
        "type": widget.input_type,
        "value": "" if secret else _text(bound.value()),
        "classes": str(widget.attrs.get("class", "")),
        "attributes": attributes,
    }
    return Drawing(component="input", params=params)


def _date(bound: BoundField, widget: DatePartsWidget, *, heading: bool) -> Drawing:
    names = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    faulty = _faulty_part(bound) if bound.errors else ""
    whole = bool(bound.errors) and all(error.code not in widget.PARTS for error in bound.errors.as_data())
    items = [
        {
            "name": part,
            "id": f"{bound.auto_id}-{part}",
            "label": names[part],
            "value": value,
            "classes": f"govuk-input--width-{4 if part == 'year' else 2}"
            + (" govuk-input--error" if bound.errors and (whole or part == faulty) else ""),
            "autocomplete": "off",
        }
        for part, value in zip(widget.PARTS, widget.split(bound.value()), strict=True)
    ]
    params = _common(bound) | {
        "id": bound.auto_id,
        "namePrefix": bound.html_name,
        "fieldset": _legend(bound, heading=heading),
        "items": items,
    }
    return Drawing(component="date", params=params)


def _options(bound: BoundField, widget: ChoiceWidget) -> list[dict[str, Any]]:
    hints: Mapping[str, str] = getattr(widget, "hints", {})
    chosen = set(widget.format_value(bound.value()))
    options = []
    for value, label in widget.choices:
        if isinstance(label, list | tuple):
            raise NotDrawable("grouped choices")
        item: dict[str, Any] = {"value": _text(value), "text": str(label), "checked": _text(value) in chosen}
        if hint := hints.get(_text(value)):
            item["hint"] = {"text": str(hint)}
        options.append(item)
    return options


def _choices(bound: BoundField, widget: ChoiceWidget, *, heading: bool) -> Drawing:
    several = isinstance(widget, forms.CheckboxSelectMultiple)
    params = _common(bound) | {
        "idPrefix": bound.auto_id,
        "fieldset": _legend(bound, heading=heading),
        "items": _options(bound, widget),
        "classes": str(widget.attrs.get("class", "")),
    }
    return Drawing(component="checkboxes" if several else "radios", params=params)


def _select(bound: BoundField, widget: forms.Select, *, heading: bool) -> Drawing:
    items = [
        {"value": item["value"], "text": item["text"], "selected": item["checked"]} for item in _options(bound, widget)
    ]
    params = _common(bound) | {
        "id": bound.auto_id,
        "label": _label(bound, heading=heading),
        "items": items,
        "classes": str(widget.attrs.get("class", "")),
        "attributes": _attributes(widget),
    }
    return Drawing(component="select", params=params)


def _single_checkbox(bound: BoundField, widget: forms.CheckboxInput) -> Drawing:
    params = _common(bound)
    hint = params.pop("hint", None)
    item: dict[str, Any] = {"value": "on", "text": str(bound.label), "checked": widget.check_test(bound.value())}
    if hint is not None:
        item["hint"] = hint
    params |= {"idPrefix": bound.auto_id, "items": [item]}
    return Drawing(component="checkboxes", params=params)
