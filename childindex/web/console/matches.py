"""Same child? Records that wait for a data steward: the queue, and one decision a page (R 4.20)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.types import (
    Answer,
    Because,
    NamedChild,
    PairDecided,
    PairShown,
    Verdict,
)
from childindex.upkeep.usecases import judge
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.pairs import Head, PairPage, row
from childindex.web.design.fields import Option, RadiosField, SelectField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link, Notice

_UNPROCESSABLE: Final = 422
_NEW, _UNSURE, _AGREE = "new", "unsure", "agree"
_BECAUSE: Final[Mapping[Because, str | Promise]] = {
    Because.AS_SHOWN: gettext_lazy("What is shown here"),
    Because.TWIN_OR_SIBLING: gettext_lazy("A twin, brother or sister"),
    Because.CHECKED_WITH_SUPPLIER: gettext_lazy("Checked with who sent it"),
    Because.CHECKED_WITH_FAMILY: gettext_lazy("Checked with the family"),
    Because.TOO_LITTLE_KNOWN: gettext_lazy("Too little is known"),
}
# What was done just before, by the code in the page's address; any other code says nothing.
_DONE: Final[Mapping[str, str | Promise]] = {
    "kept": gettext_lazy("Your decision is kept."),
    "second": gettext_lazy("Your decision is kept. A second steward must confirm it before anything changes."),
    "elsewhere": gettext_lazy("That pair is no longer waiting."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(Page):
    """What waits; `start` is the address of the next pair, empty where none is left."""

    lines: tuple[Line, ...]
    left: int
    start: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One pair that waits; `state` says what is needed."""

    href: str
    label: str
    since: datetime
    state: str


class DecideForm(forms.Form):
    """Which child, if any; and why, which is said already unless somebody says otherwise."""

    decision = RadiosField(
        label=gettext_lazy("What do you decide?"),
        error_messages={
            "required": gettext_lazy("Select what you decide"),
            "invalid_choice": gettext_lazy("Select what you decide"),
        },
    )
    because = SelectField(
        label=gettext_lazy("Because of"),
        options=[Option(value=code.value, label=words) for code, words in _BECAUSE.items()],
        initial=Because.AS_SHOWN.value,
    )

    def __init__(self, *args: Any, shown: PairShown, **kwargs: Any) -> None:
        """Offer the children that were shown."""
        super().__init__(*args, **kwargs)
        field = self.fields["decision"]
        if isinstance(field, RadiosField):
            field.set_options([*map(_same, shown.candidates), *_others(len(shown.candidates))])


class ConfirmForm(forms.Form):
    """Whether a second steward decides the same."""

    decision = RadiosField(
        label=gettext_lazy("Do you decide the same?"),
        options=[
            Option(value=_AGREE, label=gettext_lazy("Yes, I decide the same")),
            Option(value=_UNSURE, label=gettext_lazy("No, put it back in the queue")),
        ],
        error_messages={"required": gettext_lazy("Select whether you decide the same")},
    )


@require_safe
def queue(request: GatedRequest) -> HttpResponse:
    """What waits for me and my colleagues, oldest first."""
    shown = judge.queue(actor=request.actor, at=timezone.now())
    done = request.GET.get("done", "")
    page = QueuePage(
        title=_("Same child?"),
        chrome=chrome_for(request.actor, current=reverse("matches")),
        notice=Notice(text=str(_DONE[done]), success=done != "elsewhere") if done in _DONE else None,
        lines=tuple(
            Line(
                href=reverse("match", args=[line.review]),
                label=_("A record from %(supplier)s") % {"supplier": line.supplier},
                since=line.opened_at,
                state=_state(second=line.second, mine=line.mine),
            )
            for line in shown.lines
        ),
        left=shown.left,
        start=reverse("match", args=[shown.next]) if shown.next else "",
    )
    return render(request, "console/matches.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: GatedRequest, review_id: UUID) -> HttpResponse:
    """One pair; what is decided about it; and the next one straight away."""
    at = timezone.now()
    try:
        if request.method != "POST":
            return _show(request, judge.show(actor=request.actor, review_id=review_id, at=at))
        return _post(request, review_id, at=at)
    except Denied as denied:
        if denied.refusal not in {Refusal.NOT_FOUND, Refusal.NOT_YOURS}:
            raise
        return _see_other(reverse("matches") + "?done=elsewhere")


def _post(request: GatedRequest, review_id: UUID, *, at: datetime) -> HttpResponse:
    """Keep what was sent; what cannot be read is shown again with what is wrong."""
    sent = request.POST
    if sent.get("step") == "confirm":
        second = ConfirmForm(sent)
        if second.is_valid():
            agree = second.cleaned_data["decision"] == _AGREE
            return _next(judge.confirm(actor=request.actor, review_id=review_id, agree=agree, at=at))
        shown = judge.show(actor=request.actor, review_id=review_id, at=at)
        return _show(request, shown, form=second)
    answer = _answer(sent)
    if answer is not None:
        with _shown_again_unless_accepted():
            return _next(judge.decide(actor=request.actor, review_id=review_id, answer=answer, at=at))
    shown = judge.show(actor=request.actor, review_id=review_id, at=at)
    return _show(request, shown, form=DecideForm(sent, shown=shown))


@contextmanager
def _shown_again_unless_accepted() -> Iterator[None]:
    """A child who was not shown cannot be chosen: the page comes again and says so."""
    try:
        yield
    except Denied as denied:
        if denied.refusal is not Refusal.NOT_ACCEPTED:
            raise


def _answer(sent: Mapping[str, Any]) -> Answer | None:
    """What was decided, if it can be read; whether that child was shown is the use case's to say."""
    try:
        because = Because(str(sent.get("because")))
        decision = str(sent.get("decision"))
        if decision in {_NEW, _UNSURE}:
            verdict = Verdict.NOT_LINKED if decision == _NEW else Verdict.UNSURE
            return Answer(verdict=verdict, chosen=None, because=because)
        return Answer(verdict=Verdict.LINKED, chosen=UUID(decision), because=because)
    except ValueError:
        return None


def _next(decided: PairDecided) -> HttpResponse:
    done = "second" if decided.second else "kept"
    place = reverse("match", args=[decided.next]) if decided.next else reverse("matches")
    return _see_other(f"{place}?done={done}")


def _see_other(place: str) -> HttpResponse:
    response = HttpResponseRedirect(place)
    response.status_code = 303
    return response


def _show(request: GatedRequest, shown: PairShown, *, form: forms.Form | None = None) -> HttpResponse:
    status = _UNPROCESSABLE if form is not None else 200
    if form is None and not shown.mine:
        form = ConfirmForm() if shown.answer else DecideForm(shown=shown)
    # In a line above the heading, not a banner: the next pair should stand where the last one stood.
    done = str(_DONE.get(request.GET.get("done", ""), ""))
    place = _("Pair %(place)d of %(all)d") % {"place": shown.done + 1, "all": shown.done + max(shown.left, 1)}
    page = PairPage(
        title=_("Is this the same child?"),
        chrome=chrome_for(request.actor, current=reverse("matches")),
        back=Link(label=_("All pairs that wait"), href=reverse("matches")),
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        form=form,
        progress=f"{done} {place}".strip(),
        record=_("Record from %(supplier)s") % {"supplier": shown.supplier},
        heads=tuple(Head(name=child.name, number=child.index_number) for child in shown.candidates),
        rows=tuple(map(row, shown.facts)),
        reasons=tuple(map(_reason, shown.candidates)),
        neighbours=shown.neighbours,
        said=_said(shown),
        step="confirm" if shown.answer else "decide",
        send_to=reverse("match", args=[shown.review]),
        button=_("Confirm and go on") if shown.answer else _("Decide and go on"),
    )
    return render(request, "console/match.html", page, status=status)


def _same(child: NamedChild) -> Option:
    return Option(
        value=str(child.id),
        label=_("The same child as %(name)s") % {"name": child.name},
        hint=_("Index number %(number)s") % {"number": child.index_number},
    )


def _others(children: int) -> list[Option]:
    nobody = _("None of these: a new child") if children > 1 else _("Somebody else: a new child")
    return [Option(value=_NEW, label=nobody), Option(value=_UNSURE, label=_("Unsure: to the back of the queue"))]


def _state(*, second: bool, mine: bool) -> str:
    if mine:
        return _("You decided; a second steward must confirm")
    return _("A second steward must confirm") if second else _("Waits for a decision")


def _reason(child: NamedChild) -> str:
    """Why the model asks about a child."""
    score = min(int((child.score or 0.0) * 100), 99)
    told = {"name": child.name, "words": child.words, "score": score}
    return _("%(name)s: %(words)s. The model’s score is %(score)d of 100.") % told


def _said(shown: PairShown) -> str:
    """What the first steward decided, and who is asked now; empty where nobody has."""
    if shown.answer is None:
        return ""
    verdict, chosen, because = shown.answer
    why = str(_BECAUSE[Because(because)])
    first = _("A new child. Because of: %(why)s.") % {"why": why}
    if verdict == Verdict.LINKED.value:
        name = next((child.name for child in shown.candidates if child.id == chosen), "")
        first = _("The same child as %(name)s. Because of: %(why)s.") % {"name": name, "why": why}
    said = _("You decided: %(first)s A second steward must confirm.")
    if not shown.mine:
        said = _("Another steward decided: %(first)s This one takes two people.")
    return said % {"first": first}
