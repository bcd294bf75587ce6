"""One form for each step about a shield, and the facts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from childindex.brokering import words
from childindex.brokering.types import Asker, Ground, Heard, ShieldActKind, ShieldLine, Word
from childindex.web.console.merge_words import SEXES
from childindex.web.design.fields import CheckField, ChecksField, Option, RadiosField
from childindex.web.design.words import british_date, british_time


class StepForm(forms.Form):
    """A step; the page says beside it which, so that one page can hold several."""

    def chosen(self) -> dict[str, Any]:
        """What is sent of it."""
        return {}


class ProposeForm(StepForm):
    """What should become of the shield, and who was heard before (R 3.13)."""

    word = RadiosField(label=gettext_lazy("What do you propose?"))
    heard = ChecksField(
        label=gettext_lazy("Whose views have you heard?"),
        options=[Option(value=code.value, label=label) for code, label in words.HEARD.items()],
        required=False,
    )

    def chosen(self) -> dict[str, Any]:
        """The word, and who was heard."""
        return {"word": Word(self.cleaned_data["word"]), "heard": [Heard(one) for one in self.cleaned_data["heard"]]}


class AnswerForm(StepForm):
    """Yes or no."""

    agrees = RadiosField(
        label=gettext_lazy("Do you agree?"),
        options=[Option(value="yes", label=gettext_lazy("Yes")), Option(value="no", label=gettext_lazy("No"))],
    )

    def chosen(self) -> dict[str, Any]:
        """The answer."""
        return {"agrees": self.cleaned_data["agrees"] == "yes"}


class HearForm(AnswerForm):
    """What the third officer says of an appeal."""

    agrees = RadiosField(
        label=gettext_lazy("What do you say of the appeal?"),
        options=[
            Option(value="yes", label=gettext_lazy("It is right: the shield stays on")),
            Option(value="no", label=gettext_lazy("It is not: what two officers agreed stands")),
        ],
    )


class AppealForm(StepForm):
    """Who appeals."""

    asker = RadiosField(
        label=gettext_lazy("Who appeals?"),
        options=[Option(value=code.value, label=label) for code, label in words.ASKERS.items()],
    )

    def chosen(self) -> dict[str, Any]:
        """Who."""
        return {"asker": Asker(self.cleaned_data["asker"])}


class LiftForm(StepForm):
    """That the shield is taken off now."""

    sure = CheckField(label=gettext_lazy("I know that everybody who may search will see where this child is"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step that this officer may take now."""

    kind: str
    heading: str
    button: str
    form: Any


_FORMS: Mapping[ShieldActKind, tuple[type[StepForm], Any, Any]] = {
    ShieldActKind.PROPOSE: (ProposeForm, gettext_lazy("Propose a decision"), gettext_lazy("Propose it")),
    ShieldActKind.SECOND: (AnswerForm, gettext_lazy("Answer as second officer"), gettext_lazy("Send your answer")),
    ShieldActKind.APPEAL: (AppealForm, gettext_lazy("Somebody appeals"), gettext_lazy("Write down the appeal")),
    ShieldActKind.HEAR: (HearForm, gettext_lazy("Hear the appeal"), gettext_lazy("Decide the appeal")),
    ShieldActKind.LIFT: (LiftForm, gettext_lazy("Take the shield off"), gettext_lazy("Take the shield off now")),
}


def steps_of(line: ShieldLine, data: Mapping[str, Any] | None) -> tuple[Step, ...]:
    """The steps that are open to this officer; the one that was sent is bound."""
    steps = []
    for kind in line.may:
        form_type, heading, button = _FORMS[kind]
        sent = data if data is not None and data.get("kind") == kind.value else None
        form = form_type(sent)
        if isinstance(form, ProposeForm):
            field = form.fields["word"]
            if isinstance(field, RadiosField):
                field.set_options([Option(value=word.value, label=words.WORDS[word]) for word in line.words])
        steps.append(Step(kind=kind.value, heading=str(heading), button=str(button), form=form))
    return tuple(steps)


def facts(line: ShieldLine) -> list[dict[str, Any]]:
    """The four fields, the ground and the clocks, as rows."""
    rows = [
        (_("Index number"), line.index_number),
        (_("Name"), f"{line.given_name} {line.family_name}".strip()),
        (_("Date of birth"), british_date(line.birth_date)),
        (_("Gender"), SEXES[line.sex]),
        (_("Ground"), words.GROUNDS[Ground(line.ground)]),
        (_("Asked for by"), words.ASKERS[Asker(line.asker)] if line.asker else _("No request")),
        (_("Case reference"), line.case_reference or _("None")),
        (_("On since"), british_time(line.asked_at)),
        (_("State"), words.STATES[line.state]),
        (_("Looked at again on"), british_date(line.review_on)),
    ]
    if line.word is not None and line.decision is not None:
        rows.append((_("Being decided"), f"{words.WORDS[line.word]}: {words.DECISIONS[line.decision]}"))
        heard = ", ".join(str(words.HEARD[one]) for one in line.heard)
        rows.append((_("Heard before"), heard or _("Nobody")))
    if line.appeal_until is not None:
        rows.append((_("An appeal can come until"), british_time(line.appeal_until)))
    return [{"key": {"text": str(name)}, "value": {"text": str(value)}} for name, value in rows]
