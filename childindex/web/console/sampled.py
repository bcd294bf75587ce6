"""One sampled pair a page, judged with two keys, on the page that pairs of the queue have; what was decided is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.panel import Said, SampledShown
from childindex.upkeep.usecases import quality
from childindex.web.console.frame import GatedRequest, chrome_for, watermark
from childindex.web.console.pairs import Head, PairPage, row
from childindex.web.design.fields import Option, RadiosField
from childindex.web.design.pages import render
from childindex.web.design.parts import Link

_UNPROCESSABLE: Final = 422
# What was done just before, by the code in the page's address; any other code says nothing.
DONE: Final[Mapping[str, str | Promise]] = {
    "kept": gettext_lazy("Your answer is kept."),
    "otherwise": gettext_lazy(
        "Your answer is kept. The index has it otherwise: see what to put right, on Match quality."
    ),
    "elsewhere": gettext_lazy("That pair is no longer in the sample."),
}


class JudgeForm(forms.Form):
    """Whether it is the same child."""

    decision = RadiosField(
        label=gettext_lazy("Is it the same child?"),
        options=[
            Option(value=Said.SAME.value, label=gettext_lazy("The same child")),
            Option(value=Said.DIFFERENT.value, label=gettext_lazy("Two children")),
            Option(value=Said.UNSURE.value, label=gettext_lazy("Nobody could tell from this")),
        ],
        error_messages={
            "required": gettext_lazy("Select whether it is the same child"),
            "invalid_choice": gettext_lazy("Select whether it is the same child"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def pair(request: GatedRequest, pair_id: UUID) -> HttpResponse:
    """One sampled pair; what is said of it; and the next one straight away."""
    at = timezone.now()
    form = JudgeForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and form.is_valid():
            said = Said(form.cleaned_data["decision"])
            judged = quality.judge(actor=request.actor, pair_id=pair_id, said=said, at=at)
            return _next(judged.next, done="otherwise" if judged.otherwise else "kept")
        shown = quality.show(actor=request.actor, pair_id=pair_id, at=at)
    except Denied as denied:
        if denied.refusal is not Refusal.NOT_FOUND:
            raise
        return _next(None, done="elsewhere")
    status = _UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "console/match.html", _page(request, shown, form), status=status)


def _page(request: GatedRequest, shown: SampledShown, form: JudgeForm) -> PairPage:
    # In a line above the heading, not a banner: the next pair should stand where the last one stood.
    done = str(DONE.get(request.GET.get("done", ""), ""))
    place = _("Sampled pair %(place)d of %(all)d") % {"place": shown.done + 1, "all": shown.done + shown.left}
    return PairPage(
        title=_("Is this the same child?"),
        chrome=chrome_for(request.actor, current=reverse("quality")),
        back=Link(label=_("Match quality"), href=reverse("quality")),
        watermark=watermark(request.actor, at=shown.receipt.at, entry=shown.receipt.entry_id),
        form=form,
        progress=f"{done} {place}".strip(),
        record=_("A record"),
        heads=(Head(name=_("What is held of a child")),),
        rows=tuple(map(row, shown.facts)),
        reasons=(
            _(
                "This pair checks what was decided without a person. What was decided is not told, so that you judge for yourself."
            ),
        ),
        neighbours=shown.neighbours,
        said="",
        step="judge",
        send_to=reverse("sampled_pair", args=[shown.pair]),
        button=_("Answer and go on"),
    )


def _next(following: UUID | None, *, done: str) -> HttpResponse:
    place = reverse("sampled_pair", args=[following]) if following else reverse("quality")
    response = HttpResponseRedirect(f"{place}?done={done}")
    response.status_code = 303
    return response
