"""The schema itself: every field classified, and nowhere to write prose about a child (R 1.28)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

CLASSES = {"open", "personal", "special", "sealed"}
# The longest line anything may hold: an address. Everything that could hold a sentence must be justified here.
LONGEST = 300
# Fields that hold structured values, and what they hold.
STRUCTURED = {
    ("audit", "LedgerEntry", "detail"),  # codes and counts
    ("children", "SourceRecord", "carers"),  # name, relationship, phone of each carer, each bounded
    ("directory", "Feed", "precedence"),  # ranks by field name
    ("matching", "Judgement", "levels"),  # level codes by field name
    ("lookup", "Result", "hits"),  # child ids and level codes
    ("supply", "Delivery", "rejected"),  # counts by code
    ("supply", "Delivery", "outcome"),  # counts by outcome
}
# Long text that is not about a child.
LONG_TEXT: set[tuple[str, str, str]] = {
    ("access", "Agreement", "text"),  # the agreement practitioners accept
}


def our_models() -> list[type[models.Model]]:
    """Every table of ours."""
    return [m for m in apps.get_models() if m.__module__.startswith("childindex.")]


def place(model: type[models.Model], field: str) -> tuple[str, str, str]:
    """A field's full name."""
    return (model._meta.app_label, model.__name__, field)


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_field_says_what_it_is(model: type[models.Model]) -> None:
    """An unlabelled field fails, and so does a label of a field that is gone."""
    classification: dict[str, str] = getattr(model, "classification", {})
    named = {field.name for field in model._meta.fields}
    named |= {"pk"} if "pk" in classification else set()
    assert set(classification) == named
    assert set(classification.values()) <= CLASSES


def test_there_is_nowhere_to_write_prose() -> None:
    """No text field, no line longer than an address, no structure that is not listed with what it holds."""
    found = []
    for model in our_models():
        for field in model._meta.fields:
            if isinstance(field, models.TextField) and place(model, field.name) not in LONG_TEXT:
                found.append(f"{model._meta.label}.{field.name} is a text without bounds")
            if isinstance(field, models.CharField) and (field.max_length or 10_000) > LONGEST:
                found.append(f"{model._meta.label}.{field.name} is longer than an address")
            if isinstance(field, models.JSONField) and place(model, field.name) not in STRUCTURED:
                found.append(f"{model._meta.label}.{field.name} is a structure nobody described")
    assert found == []


def test_no_field_is_named_like_a_concern() -> None:
    """No notes, flags, risks, alerts or counts of services on anything (R 1.21, 1.22)."""
    forbidden = ("note", "comment", "flag", "risk", "alert", "concern", "remark", "description", "severity")
    found = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.fields
        if any(word in field.name for word in forbidden)
    ]
    assert found == []
