"""Search, and what a search found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from childindex.access.types import Actor, Permission
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.lookup.types import Candidate
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.practitioner.chrome import chrome_for, home_of
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.not_in_use import answers_not_in_use, not_in_use
from childindex.web.practitioner.terms import ReasonForm, SearchForm

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate, in words. `position` is what its button sends."""

    position: int
    name: str
    facts: tuple[str, ...]
    match: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage(Page):
    """What a search found. `open_at` is where the buttons post to; `propose` is empty where that may not be done."""

    rows: tuple[Row, ...]
    too_many: bool
    open_at: str
    propose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonPage(Page):
    """Asks why again, for another child than the one the reason was given for."""

    open_at: str
    position: int


def see_other(address: str) -> HttpResponse:
    """303: read the answer there; going back or reloading sends nothing again."""
    response = redirect(address)
    response.status_code = _SEE_OTHER
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: GatedRequest) -> HttpResponse:
    """The search form; what is posted goes to an answer at an address of its own that says nothing about a child."""
    if request.method != "POST" and Permission.CHILD_SEARCH_MAKE not in request.actor.permissions:
        return redirect(home_of(request.actor))
    form = SearchForm(request.POST) if request.method == "POST" else SearchForm()
    if form.is_bound and form.is_valid():
        try:
            answer = lookup.search(
                actor=request.actor, terms=form.terms(), reason=form.given_reason(), at=timezone.now()
            )
        except Denied as denied:
            if denied.refusal is Refusal.REASON_UNINFORMATIVE:
                form.refuse_reference()
            elif denied.refusal is Refusal.TOO_FEW_FACTS:
                form.add_error(None, _too_few(denied))
            else:
                raise
        else:
            return see_other(reverse("results", args=[answer.token]))
    if form.has_error("reason"):
        lookup.turn_back(actor=request.actor, opening=False, at=timezone.now())
    return _search_page(request, form)


def _search_page(request: GatedRequest, form: SearchForm) -> HttpResponse:
    if not form.is_bound:
        form.fields["family_name"].widget.attrs["autofocus"] = True
    page = Page(title=_("Find a child"), chrome=chrome_for(request.actor, current="/"), form=form)
    return render(request, "practitioner/search.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


def _too_few(denied: Denied) -> str:
    """The one sentence for a search that says too little."""
    if "wildcard" in denied.detail:
        return _("Write names in full. Signs that stand for any letters, like * and ?, cannot be used")
    return _(
        "Enter more about the child: a name and the whole date of birth, both names and the year of birth,"
        " both names and a postcode, or an index or NHS number"
    )


@require_safe
@answers_not_in_use
def results(request: GatedRequest, token: str) -> HttpResponse:
    """What a search found, for a quarter of an hour."""
    found = lookup.results(actor=request.actor, token=token, at=timezone.now())
    page = ResultsPage(
        title=_results_title(len(found.candidates), too_many=found.too_many),
        chrome=chrome_for(request.actor, current="/"),
        back=Link(label=_("Search again"), href=reverse("search")),
        rows=tuple(_row(candidate) for candidate in found.candidates),
        too_many=found.too_many,
        open_at=reverse("open_result", args=[token]),
        propose=_propose_at(request.actor) if not found.too_many else "",
    )
    return render(request, "practitioner/results.html", page)


def _results_title(count: int, *, too_many: bool) -> str:
    if too_many:
        return _("Too many children match")
    return _("Children who may be the one you are looking for") if count else _("Nobody found")


def _row(candidate: Candidate) -> Row:
    born = _("Born %(year)s") % {"year": candidate.birth_year}
    facts = (born, candidate.district) if candidate.district else (born,)
    match = ", ".join(_(words) for words in candidate.agreements)
    return Row(position=candidate.position, name=candidate.name, facts=facts, match=match[:1].upper() + match[1:])


def _propose_at(actor: Actor) -> str:
    return reverse("propose") if Permission.CHILD_ENTRY_PROPOSE in actor.permissions else ""


@require_POST
@answers_not_in_use
def open_result(request: GatedRequest, token: str) -> HttpResponse:
    """Open the page of one of the children found; asks why first where the reason of the search does not go for them."""
    position = _position(request)
    if position is None:
        return not_in_use(request)
    form = ReasonForm(request.POST) if "reason" in request.POST else None
    if form is not None and not form.is_valid():
        lookup.turn_back(actor=request.actor, opening=True, at=timezone.now())
        return _reason_page(request, form, token=token, position=position)
    try:
        opening = lookup.open_child(
            actor=request.actor,
            token=token,
            position=position,
            reason=form.given_reason() if form is not None else None,
            at=timezone.now(),
        )
    except Denied as denied:
        if form is not None and denied.refusal is Refusal.REASON_UNINFORMATIVE:
            form.refuse_reference()
            return _reason_page(request, form, token=token, position=position)
        if denied.refusal is not Refusal.REASON_NEEDED:
            raise
        earlier = ReasonForm(initial={"reason": denied.detail[0]})
        return _reason_page(request, earlier, token=token, position=position)
    return see_other(reverse("child", args=[opening.handle]))


def _position(request: GatedRequest) -> int | None:
    """Which row was chosen: one or two digits."""
    text = request.POST.get("position", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 2 else None


def _reason_page(request: GatedRequest, form: ReasonForm, *, token: str, position: int) -> HttpResponse:
    page = ReasonPage(
        title=_("Why are you looking at this child?"),
        chrome=chrome_for(request.actor, current="/"),
        back=Link(label=_("Back to the results"), href=reverse("results", args=[token])),
        form=form,
        open_at=reverse("open_result", args=[token]),
        position=position,
    )
    return render(request, "practitioner/reason.html", page, status=_UNPROCESSABLE if form.is_bound else 200)
