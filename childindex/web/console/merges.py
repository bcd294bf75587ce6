"""Merging entries: what waits, two entries side by side, a second person's answer (R 4.15, 4.20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joins import EntryShown, Ground, Line, Pair, State
from childindex.upkeep.usecases import merging
from childindex.web.console import merge_words as words
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.merge_forms import (
    CompareForm,
    ProposeMergeForm,
    TakeApartForm,
    line_words,
    record_words,
    say,
)
from childindex.web.console.side_by_side import Cell, cell
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link, Notice
from childindex.web.design.words import british_date

ANSWERS = {"confirm": State.CONFIRMED, "decline": State.DECLINED, "object": State.OBJECTED}


class SeeOther(HttpResponseRedirectBase):
    """Look there now, with GET."""

    status_code = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One merge or split in a list; `words` say what it is, in full."""

    words: str
    state: str
    when: datetime
    people: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistPage(Page):
    """What waits and what was done, and where to begin."""

    waiting: tuple[ListLine, ...]
    over: tuple[ListLine, ...]
    apart: TakeApartForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One fact of two entries; the mark stands beside the other's."""

    name: str
    kept: tuple[str, ...]
    other: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage(Page):
    """Two entries side by side, and the form that proposes."""

    rows: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePage(Page):
    """One merge."""

    line: ListLine
    ground: str
    rows: tuple[Compared, ...]
    answer: str
    may_confirm: bool
    may_object: bool
    mine: bool


def list_line(line: Line) -> ListLine:
    """One merge or split as a list shows it."""
    numbers = {"kept": line.index_number, "other": line.other_number or _("a new entry")}
    said = _("Split %(other)s out of %(kept)s") if line.split else _("Merge %(other)s into %(kept)s")
    state = words.STATES[line.state]
    proposed = _("Proposed by %(name)s") % {"name": line.proposed_by}
    confirmed = _("confirmed by %(name)s") % {"name": line.confirmed_by} if line.confirmed_by else ""
    return ListLine(
        words=said % numbers,
        state=f"{state}, {_('taken apart again')}" if line.undone else str(state),
        when=line.at,
        people=", ".join(part for part in (proposed, confirmed) if part),
        href=reverse("split" if line.split else "merge", args=[line.id]),
    )


def compared(pair: Pair) -> tuple[Compared, ...]:
    """The rows of the comparison. Records and services are each supplier's own, so that they are not compared."""
    kept, other = _shown(pair.kept), _shown(pair.other)
    return tuple(
        Compared(
            name=str(name),
            kept=kept[field] or (_("Not given"),),
            # Where the mark says that nothing is given, the cell need not.
            other=cell(other[field] or (() if field in pair.marks else (_("Not given"),)), pair.marks.get(field)),
        )
        for field, name in words.FIELDS.items()
    )


def _shown(entry: EntryShown) -> dict[str, tuple[str, ...]]:
    return {
        "index_number": (entry.index_number,),
        "name": (entry.name,),
        "other_names": entry.other_names,
        "birth_date": (british_date(entry.birth_date),),
        "sex": (str(words.SEXES[entry.sex]),),
        "addresses": entry.addresses,
        "carers": entry.carers,
        "authority": (entry.authority,),
        "records": tuple(record_words(one) for one in entry.records),
        "lines": tuple(line_words(one) for one in entry.lines),
    }


@require_safe
def worklist(request: GatedRequest) -> HttpResponse:
    """What waits for the stewards of my authority."""
    return worklist_page(request, CompareForm(), TakeApartForm())


def worklist_page(request: GatedRequest, compare: CompareForm, apart: TakeApartForm, status: int = 200) -> HttpResponse:
    """The page to begin from, with whatever is wrong with one of its forms."""
    found = merging.worklist(actor=request.actor, at=timezone.now())
    page = WorklistPage(
        title=_("Merge and split entries"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        form=compare,
        more_forms=(apart,),
        apart=apart,
        watermark=watermark(request.actor, at=found.receipt.at, entry=found.receipt.entry_id),
        waiting=tuple(list_line(one) for one in found.lines if one.state is State.PROPOSED),
        over=tuple(list_line(one) for one in found.lines if one.state is not State.PROPOSED),
    )
    return render(request, "console/merges.html", page, status=status)


@require_POST
def compare(request: GatedRequest) -> HttpResponse:
    """Two entries side by side. The numbers come in the form: no address says which children they are."""
    form = CompareForm(request.POST)
    if not form.is_valid():
        return worklist_page(request, form, TakeApartForm())
    given = form.cleaned_data
    numbers = {"keep": given["keep"], "other": given["other"]}
    return _compare_page(request, form, ProposeMergeForm(initial=numbers), numbers)


def _compare_page(
    request: GatedRequest, form: CompareForm, propose: ProposeMergeForm, numbers: dict[str, str]
) -> HttpResponse:
    try:
        pair = merging.compare(actor=request.actor, keep=numbers["keep"], other=numbers["other"], at=timezone.now())
    except Denied as denied:
        say(form, denied)
        return worklist_page(request, form, TakeApartForm())
    page = ComparePage(
        title=_("Are these the same child?"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        back=back(),
        form=propose,
        watermark=watermark(request.actor, at=pair.receipt.at, entry=pair.receipt.entry_id),
        rows=compared(pair),
    )
    return render(request, "console/compare.html", page)


def back() -> Link:
    """Back to the list."""
    return Link(label=_("Back to merge and split"), href=reverse("merges"))


@require_POST
def propose(request: GatedRequest) -> HttpResponse:
    """Propose that the two are one."""
    form = ProposeMergeForm(request.POST)
    numbers = {name: request.POST.get(name, "")[:20] for name in ("keep", "other")}
    if not form.is_valid():
        return _compare_page(request, CompareForm(numbers), form, numbers)
    try:
        done = merging.propose_merge(
            actor=request.actor, **numbers, ground=Ground(form.cleaned_data["ground"]), at=timezone.now()
        )
    except Denied as denied:
        asked = CompareForm(numbers)
        say(asked, denied)
        return worklist_page(request, asked, TakeApartForm())
    return SeeOther(reverse("merge", args=[done.id]))


@require_safe
def merge(request: GatedRequest, merge_id: UUID) -> HttpResponse:
    """One merge, and what I may do about it."""
    return _merge_page(request, merge_id)


def _merge_page(request: GatedRequest, merge_id: UUID, notice: str = "") -> HttpResponse:
    try:
        shown = merging.view_merge(actor=request.actor, merge_id=merge_id, at=timezone.now())
    except Denied as denied:
        raise as_not_found(denied) from denied
    line = shown.line
    page = MergePage(
        title=_("Merge two entries"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        back=back(),
        notice=Notice(text=notice) if notice else None,
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        line=list_line(line),
        ground=str(words.GROUNDS[line.ground]),
        rows=compared(shown.pair) if shown.pair is not None else (),
        answer=reverse("answer_merge", args=[merge_id]),
        may_confirm=line.may_confirm,
        may_object=line.may_object,
        mine=line.state is State.PROPOSED and not line.may_confirm and not line.may_object,
    )
    return render(request, "console/merge.html", page)


def as_not_found(denied: Denied) -> Denied:
    """Another authority's merge or split is, to a page, not there."""
    return Denied(Refusal.NOT_FOUND) if denied.refusal is Refusal.NOT_YOURS else denied


@require_POST
def answer(request: GatedRequest, merge_id: UUID) -> HttpResponse:
    """Confirm, decline or object."""
    state = ANSWERS.get(request.POST.get("answer", ""))
    try:
        if state is not None:
            merging.answer_merge(actor=request.actor, merge_id=merge_id, answer=state, at=timezone.now())
    except Denied as denied:
        if not denied.detail or denied.detail[0] not in words.PROBLEMS:
            raise as_not_found(denied) from denied
        return _merge_page(request, merge_id, notice=str(words.PROBLEMS[denied.detail[0]]))
    return SeeOther(reverse("merge", args=[merge_id]))
