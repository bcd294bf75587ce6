"""Splitting an entry that holds two children, who saw it, and the notices about it (R 4.19; N 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from childindex.kernel.refusals import Denied
from childindex.upkeep.joins import Ground, History, NoticeKind, NoticeState, SplitShown, State
from childindex.upkeep.usecases import splitting
from childindex.web.console import merge_words as words
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.merge_forms import (
    CompareForm,
    ProposeSplitForm,
    TakeApartForm,
    line_words,
    record_words,
    say,
)
from childindex.web.console.merges import ANSWERS, ListLine, SeeOther, as_not_found, back, list_line, worklist_page
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link, Notice

NOTICE_ANSWERS = {"approve": NoticeState.APPROVED, "sent": NoticeState.SENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparePage(Page):
    """One entry, its past, and what can be moved out of it."""

    number: str
    name: str
    past: tuple[ListLine, ...]
    fixed: tuple[str, ...]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SawLine:
    """One time somebody saw the mixed entry."""

    name: str
    role: str
    organisation: str
    at: datetime
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice in the list."""

    to: str
    state: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPage(Page):
    """One split: what it moves, and afterwards who saw the mixed entry and the notices."""

    line: ListLine
    ground: str
    done: bool
    mixed_since: datetime | None
    done_at: datetime | None
    records: tuple[str, ...]
    saw: tuple[SawLine, ...]
    notices: tuple[NoticeRow, ...]
    answer: str
    may_confirm: bool
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage(Page):
    """One notice, as it is printed and sent."""

    to: str
    family: bool
    numbers: tuple[str, ...]
    mixed_since: datetime
    done_at: datetime
    sentences: tuple[str, ...]
    people: tuple[tuple[str, datetime], ...]
    state: str
    move: str
    next: str


@require_POST
def prepare(request: GatedRequest) -> HttpResponse:
    """What an entry's split could move. The number comes in the form: no address says which child it is."""
    form = TakeApartForm(request.POST)
    if not form.is_valid():
        return worklist_page(request, CompareForm(), form)
    number = form.cleaned_data["number"]
    try:
        history = splitting.prepare_split(actor=request.actor, index_number=number, at=timezone.now())
    except Denied as denied:
        say(form, denied)
        return worklist_page(request, CompareForm(), form)
    propose_form = ProposeSplitForm(history=history, initial={"number": number})
    return render(request, "console/split_prepare.html", _prepared(request, propose_form, history))


def _prepared(request: GatedRequest, form: ProposeSplitForm, history: History) -> PreparePage:
    return PreparePage(
        title=_("Take an entry apart"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        back=back(),
        form=form,
        watermark=watermark(request.actor, at=history.receipt.at, entry=history.receipt.entry_id),
        number=history.entry.index_number,
        name=history.entry.name,
        past=tuple(list_line(one) for one in history.past),
        fixed=tuple(record_words(one) for one in history.fixed),
        services=tuple(line_words(one) for one in history.entry.lines),
    )


@require_POST
def propose(request: GatedRequest) -> HttpResponse:
    """Propose the split."""
    number = request.POST.get("number", "")[:20]
    asked = TakeApartForm({"number": number})
    at = timezone.now()
    try:
        history = splitting.prepare_split(actor=request.actor, index_number=number, at=at)
    except Denied as denied:
        say(asked, denied)
        return worklist_page(request, CompareForm(), asked)
    form = ProposeSplitForm(request.POST, history=history)
    if not form.is_valid():
        return render(request, "console/split_prepare.html", _prepared(request, form, history))
    try:
        done = splitting.propose_split(
            actor=request.actor,
            index_number=number,
            undo=form.cleaned_data["how"] == form.UNDO,
            records=form.chosen("records"),
            lines=form.chosen("lines"),
            ground=Ground(form.cleaned_data["ground"]),
            at=at,
        )
    except Denied as denied:
        say(form, denied)
        return render(request, "console/split_prepare.html", _prepared(request, form, history))
    return SeeOther(reverse("split", args=[done.id]))


@require_safe
def split(request: GatedRequest, split_id: UUID) -> HttpResponse:
    """One split, and what I may do about it."""
    return _split_page(request, split_id)


def _split_page(request: GatedRequest, split_id: UUID, notice: str = "") -> HttpResponse:
    try:
        shown = splitting.view_split(actor=request.actor, split_id=split_id, at=timezone.now())
    except Denied as denied:
        raise as_not_found(denied) from denied
    line = shown.line
    page = SplitPage(
        title=_("Take an entry apart"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        back=back(),
        notice=Notice(text=notice) if notice else None,
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        line=list_line(line),
        ground=str(words.GROUNDS[line.ground]),
        done=line.state is State.DONE,
        mixed_since=shown.mixed_since,
        done_at=shown.done_at,
        records=tuple(record_words(one) for one in shown.records),
        saw=_saw(shown),
        notices=_notices(shown),
        answer=reverse("answer_split", args=[split_id]),
        may_confirm=line.may_confirm,
        mine=line.state is State.PROPOSED and not line.may_confirm,
    )
    return render(request, "console/split.html", page)


def _saw(shown: SplitShown) -> tuple[SawLine, ...]:
    return tuple(
        SawLine(
            name=one.name or _("An account that is gone"),
            role=_(one.role) if one.role else "",
            organisation=one.organisation,
            at=one.at,
            what=str(words.EVENTS.get(one.event, words.SAW)),
        )
        for one in shown.saw
    )


def _notices(shown: SplitShown) -> tuple[NoticeRow, ...]:
    return tuple(
        NoticeRow(
            to=one.to
            if one.kind is NoticeKind.ORGANISATION
            else _("The family of the child with index number %s") % one.to,
            state=str(words.NOTICE_STATES[one.state]),
            href=reverse("notice", args=[one.id]),
        )
        for one in shown.notices
    )


@require_POST
def answer(request: GatedRequest, split_id: UUID) -> HttpResponse:
    """Confirm or decline."""
    state = ANSWERS.get(request.POST.get("answer", ""))
    try:
        if state is not None:
            splitting.answer_split(actor=request.actor, split_id=split_id, answer=state, at=timezone.now())
    except Denied as denied:
        if not denied.detail or denied.detail[0] not in words.PROBLEMS:
            raise as_not_found(denied) from denied
        return _split_page(request, split_id, notice=str(words.PROBLEMS[denied.detail[0]]))
    return SeeOther(reverse("split", args=[split_id]))


@require_safe
def notice(request: GatedRequest, notice_id: UUID) -> HttpResponse:
    """One notice, to read, approve and print."""
    try:
        shown = splitting.view_notice(actor=request.actor, notice_id=notice_id, at=timezone.now())
    except Denied as denied:
        raise as_not_found(denied) from denied
    family = shown.kind is NoticeKind.FAMILY
    page = NoticePage(
        title=_("Notice about a mixed entry"),
        chrome=chrome_for(request.actor, current=reverse("merges")),
        back=Link(label=_("Back to the split"), href=reverse("split", args=[shown.split])),
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        to=_("The family of the child with index number %s") % shown.to if family else shown.to,
        family=family,
        numbers=shown.numbers,
        mixed_since=shown.mixed_since,
        done_at=shown.done_at,
        sentences=tuple(str(sentence) for sentence in words.NOTICES[shown.code]),
        people=shown.people,
        state=str(words.NOTICE_STATES[shown.state]),
        move=reverse("move_notice", args=[notice_id]),
        next={NoticeState.DRAFTED: "approve", NoticeState.APPROVED: "sent"}.get(shown.state, ""),
    )
    return render(request, "console/notice.html", page)


@require_POST
def move_notice(request: GatedRequest, notice_id: UUID) -> HttpResponse:
    """Approve it, or say that it was sent; one that somebody has moved meanwhile stays as it is."""
    state = NOTICE_ANSWERS.get(request.POST.get("answer", ""))
    try:
        if state is not None:
            splitting.move_notice(actor=request.actor, notice_id=notice_id, to=state, at=timezone.now())
    except Denied as denied:
        if "state" not in denied.detail:
            raise as_not_found(denied) from denied
    return SeeOther(reverse("notice", args=[notice_id]))
