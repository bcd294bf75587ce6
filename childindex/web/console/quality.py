"""Match quality: how often the automatic decisions were wrong, by supplier, group and week, and what was found and is not put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from childindex.upkeep.panel import ENOUGH_JUDGED, By, Estimate, Figure, Kind, Panel, PutRight
from childindex.upkeep.usecases import quality
from childindex.web.console import sampled
from childindex.web.console.charts import Chart, Rate, by_week, under_each_other
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Notice
from childindex.web.design.words import british_date

_GROUPS: Final[Mapping[By, Mapping[str, str | Promise]]] = {
    By.AGE: {
        "0-4": gettext_lazy("Under 5"),
        "5-10": gettext_lazy("5 to 10 years"),
        "11-15": gettext_lazy("11 to 15 years"),
        "16-17": gettext_lazy("16 and 17 years"),
        "not_known": gettext_lazy("Age not known"),
    },
    By.NAME: {
        "plain": gettext_lazy("Plain name"),
        "short": gettext_lazy("Name of three letters or fewer"),
        "several_parts": gettext_lazy("Name of several parts"),
        "one_part": gettext_lazy("Only one name given"),
        "beyond_az": gettext_lazy("Letters beyond A to Z"),
    },
    By.NUMBER: {
        "with": gettext_lazy("NHS or pupil number given"),
        "without": gettext_lazy("No number given"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a table: who, the rate with its interval or that too little was judged, and how many that rests on."""

    label: str
    rate: str
    interval: str
    judged: int
    wrong: int
    unsure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A chart and its table."""

    heading: str
    first: str
    chart: Chart
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one kind of error came to: in a sentence, and part by part."""

    heading: str
    meaning: str
    sentence: str
    wrong: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is to be put right: in words, the page it is done on, what that page is sent, and its button."""

    words: str
    send_to: str
    sent: tuple[tuple[str, str], ...]
    button: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPage(Page):
    """The panel; `start` is the address of the next sampled pair, empty where none waits."""

    left: int
    start: str
    put_right: tuple[Wrong, ...]
    more: bool
    sections: tuple[Section, ...]
    enough: int


@require_safe
def panel(request: GatedRequest) -> HttpResponse:
    """The figures of my authority, over the last twelve weeks."""
    shown = quality.panel(actor=request.actor, at=timezone.now())
    done = request.GET.get("done", "")
    page = QualityPage(
        title=_("Match quality"),
        chrome=chrome_for(request.actor, current=reverse("quality")),
        notice=Notice(text=str(sampled.DONE[done]), success=done != "elsewhere") if done in sampled.DONE else None,
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        left=shown.left,
        start=reverse("sampled_pair", args=[shown.next]) if shown.next else "",
        put_right=tuple(map(_wrong, shown.put_right)),
        more=shown.more,
        sections=(_false(shown), _missed(shown)) if shown.weeks else (),
        enough=ENOUGH_JUDGED,
    )
    return render(request, "console/quality.html", page)


def _wrong(one: PutRight) -> Wrong:
    told = {"number": one.number, "other": one.other, "day": british_date(one.judged_on)}
    if one.kind is Kind.LINK:
        return Wrong(
            words=_("Entry %(number)s holds a record that was judged another child’s on %(day)s.") % told,
            send_to=reverse("prepare_split"),
            sent=(("number", one.number),),
            button=_("Take %(number)s apart") % told,
        )
    return Wrong(
        words=_("Entries %(number)s and %(other)s were judged the same child on %(day)s.") % told,
        send_to=reverse("compare_entries"),
        sent=(("keep", one.number), ("other", one.other)),
        button=_("Compare %(number)s and %(other)s") % told,
    )


def _false(shown: Panel) -> Section:
    return Section(
        heading=_("Links that were wrong"),
        meaning=_("Of the records that were linked to a child without a person, how many are another child’s."),
        sentence=_sentence(shown.whole.false, _("%(rate)s of links were wrong (%(interval)s)")),
        wrong=_("Wrong"),
        parts=_parts(shown, "false"),
    )


def _missed(shown: Panel) -> Section:
    return Section(
        heading=_("Links that were missed"),
        meaning=_(
            "Of the links there were to make, how many were not made: the record became a new child although the child had an"
            " entry. Children of whom no search key agrees are not among those that are sampled, so that this is a lower bound."
        ),
        sentence=_sentence(shown.whole.missed, _("%(rate)s of links were missed (%(interval)s)")),
        wrong=_("Missed"),
        parts=_parts(shown, "missed"),
    )


def _sentence(estimate: Estimate, said: str) -> str:
    if not estimate.enough:
        return _line("", estimate).rate
    return said % {"rate": _percent(estimate.rate), "interval": _interval(estimate)}


def _parts(shown: Panel, which: str) -> tuple[Part, ...]:
    """By supplier, by group and by week."""

    def of(one: Figure) -> Estimate:
        return one.false if which == "false" else one.missed

    suppliers = [(name, of(one)) for name, one in shown.by[By.SUPPLIER].items()]
    groups = [
        (str(words), of(shown.by[by][code]))
        for by, codes in _GROUPS.items()
        for code, words in codes.items()
        if code in shown.by[by]
    ]
    whole = of(shown.whole)
    rate = whole.rate if whole.enough else None
    parts = [
        _part(_("By supplier"), _("Supplier"), f"{which}-supplier", suppliers, rate),
        _part(_("By group of children"), _("Group"), f"{which}-group", groups, rate),
    ]
    weeks = [(day, of(one)) for day, one in shown.weeks.items()]
    return (*(part for part in parts if part is not None), _week_part(f"{which}-week", weeks))


def _part(
    heading: str, first: str, name: str, figures: Sequence[tuple[str, Estimate]], whole: float | None
) -> Part | None:
    if not figures:
        return None
    said = _("Each dot is a rate, the line through it its 95% interval. The table below has the figures.")
    chart = under_each_other(
        name,
        title=heading,
        description=said if whole is None else f"{said} {_('The dashed line is the whole.')}",
        rates=[_rate(label, one) for label, one in figures],
        whole=whole,
    )
    return Part(heading=heading, first=first, chart=chart, lines=tuple(_line(label, one) for label, one in figures))


def _week_part(name: str, weeks: Sequence[tuple[date, Estimate]]) -> Part:
    heading = _("By week")
    chart = by_week(
        name,
        title=heading,
        description=_(
            "Each dot is the rate of one week’s sample, the line through it its 95% interval, the newest on the right."
            " The table below has the figures."
        ),
        rates=[_rate(_("%(day)d/%(month)d") % {"day": day.day, "month": day.month}, one) for day, one in weeks],
    )
    lines = tuple(_line(british_date(day), one) for day, one in reversed(weeks))
    return Part(heading=heading, first=_("Sample up to"), chart=chart, lines=lines)


def _rate(label: str, estimate: Estimate) -> Rate:
    if not estimate.enough:
        return Rate(label=label, rate=None, low=None, high=None, text=_("not enough judged"))
    return Rate(label=label, rate=estimate.rate, low=estimate.low, high=estimate.high, text="")


def _line(label: str, estimate: Estimate) -> Line:
    return Line(
        label=label,
        rate=_percent(estimate.rate) if estimate.enough else _("Not enough judged"),
        interval=_interval(estimate) if estimate.enough else "",
        judged=estimate.judged,
        wrong=estimate.wrong,
        unsure=estimate.unsure,
    )


def _interval(estimate: Estimate) -> str:
    return _("%(low)s to %(high)s") % {"low": _percent(estimate.low), "high": _percent(estimate.high)}


def _percent(share: float | None) -> str:
    """A share as people read it: two decimals below one per cent, one above."""
    value = 100 * (share or 0.0)
    return f"{value:.2f}%" if value < 1 else f"{value:.1f}%"
