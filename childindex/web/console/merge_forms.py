"""The forms of merging and splitting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joins import Ground, History, LineShown, RecordShown
from childindex.web.console import merge_words as words
from childindex.web.design.fields import ChecksField, LineField, Option, RadiosField
from childindex.web.design.words import british_date


class CompareForm(forms.Form):
    """Two index numbers."""

    keep = LineField(
        label=gettext_lazy("Index number to keep"),
        help_text=gettext_lazy("The other number will lead to it"),
        max_length=20,
        width=20,
    )
    other = LineField(label=gettext_lazy("Index number to merge into it"), max_length=20, width=20)


class TakeApartForm(forms.Form):
    """One index number."""

    number = LineField(label=gettext_lazy("Index number of the entry"), max_length=20, width=20)


def _grounds(offered: Mapping[Ground, str | Promise]) -> RadiosField:
    return RadiosField(
        label=gettext_lazy("How do you know?"),
        options=[Option(value=ground.value, label=label) for ground, label in offered.items()],
    )


class ProposeMergeForm(forms.Form):
    """The same two numbers, out of sight, and how somebody knows."""

    keep = forms.CharField(max_length=20, widget=forms.HiddenInput)
    other = forms.CharField(max_length=20, widget=forms.HiddenInput)
    ground = _grounds(words.GROUNDS_TO_MERGE)


class ProposeSplitForm(forms.Form):
    """What goes: the last merge undone or chosen records, what came since, and how somebody knows."""

    number = forms.CharField(max_length=20, widget=forms.HiddenInput)
    how = RadiosField(label=gettext_lazy("What was joined wrongly?"))
    records = ChecksField(label=gettext_lazy("Which of these records go to the other entry?"), required=False)
    lines = ChecksField(
        label=gettext_lazy("Which of these involvements, added by practitioners, go too?"), required=False
    )
    ground = _grounds(words.GROUNDS_TO_SPLIT)

    UNDO = "undo"
    NEW = "new"

    def __init__(self, *args: Any, history: History, **kwargs: Any) -> None:
        """`history` says what can be chosen."""
        super().__init__(*args, **kwargs)
        how = [Option(value=self.NEW, label=_("Records that were linked by mistake: they go to a new entry"))]
        if history.back is not None:
            undo = _("The last merge: its records go back to the entry they came from")
            how.insert(0, Option(value=self.UNDO, label=undo))
        self.fields["how"].set_options(how)  # type: ignore[attr-defined]
        self.fields["records"].set_options([*map(record_option, history.open)])  # type: ignore[attr-defined]
        self.fields["lines"].set_options([*map(line_option, history.lines)])  # type: ignore[attr-defined]
        for name, offered in (("records", history.open), ("lines", history.lines)):
            if not offered:
                del self.fields[name]

    def chosen(self, name: str) -> tuple[UUID, ...]:
        """The ids that were ticked."""
        return tuple(UUID(one) for one in self.cleaned_data.get(name, ()))


def record_option(record: RecordShown) -> Option:
    """One record as a choice."""
    return Option(value=str(record.id), label=record_words(record))


def record_words(record: RecordShown) -> str:
    """One record in a line; a supplier whose name would tell of a sensitive service is not named."""
    source = f"{record.feed}: {record.record_id}" if record.feed else _("A supplier that is not named")
    parts = [source, record.name, _("born %(day)s") % {"day": british_date(record.birth_date)}, record.postcode]
    return ", ".join(part for part in parts if part)


def line_option(line: LineShown) -> Option:
    """One involvement as a choice."""
    return Option(value=str(line.id), label=line_words(line))


def line_words(line: LineShown) -> str:
    """One involvement in a line."""
    since = _("since %(day)s") % {"day": british_date(line.started_on)} if line.started_on else ""
    until = _("ended %(day)s") % {"day": british_date(line.ended_on)} if line.ended_on else ""
    return ", ".join(part for part in (line.service, line.organisation, since, until) if part)


def say(form: forms.Form, denied: Denied, *, field: str | None = None) -> None:
    """Put a refusal on a form in words: absent and protected entries alike. Raises what a page has no words for."""
    if denied.refusal is Refusal.NOT_FOUND:
        form.add_error(field, words.NOT_THERE)
    elif denied.refusal is Refusal.NOT_YOURS:
        form.add_error(field, words.NOT_YOURS)
    elif denied.detail and denied.detail[0] in words.PROBLEMS:
        form.add_error(field, str(words.PROBLEMS[denied.detail[0]]))
    else:
        raise denied
