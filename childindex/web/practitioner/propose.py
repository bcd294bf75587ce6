"""Create a record for a child who could not be found."""

from __future__ import annotations

from typing import Final

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from childindex.kernel.identity import Sex
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.types import ProposedChild
from childindex.upkeep.usecases import proposals as upkeep
from childindex.web.design.fields import NameField, Option, PartialDateField, RadiosField
from childindex.web.design.pages import Page, render
from childindex.web.design.parts import Link
from childindex.web.practitioner import words
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.contact import ReceivedPage
from childindex.web.practitioner.gate import GatedRequest
from childindex.web.practitioner.involvement import SendPage
from childindex.web.practitioner.search import see_other
from childindex.web.practitioner.terms import NhsNumberField, PostcodeField

_UNPROCESSABLE: Final = 422


class ProposeForm(forms.Form):
    """What is known of the child: the same facts as any source gives, and no others."""

    family_name = NameField(label=gettext_lazy("Family name"), max_length=100)
    given_name = NameField(label=gettext_lazy("Given name"), max_length=100)
    born = PartialDateField(
        label=gettext_lazy("Date of birth"),
        help_text=gettext_lazy("If you only know the year, leave day and month empty"),
    )
    sex = RadiosField(
        label=gettext_lazy("Gender"),
        options=[Option(value=code.value, label=label) for code, label in words.SEXES.items()],
        error_messages={"required": gettext_lazy("Select a gender"), "invalid_choice": gettext_lazy("Select a gender")},
    )
    postcode = PostcodeField(label=gettext_lazy("Postcode, if you know it"), required=False)
    nhs_number = NhsNumberField(label=gettext_lazy("NHS number, if you know it"), required=False)

    def child(self) -> ProposedChild:
        """Who is proposed, of a valid form."""
        typed = self.cleaned_data
        return ProposedChild(
            family_name=typed["family_name"],
            given_name=typed["given_name"],
            birth_date=typed["born"],
            sex=Sex(typed["sex"]),
            postcode=typed["postcode"],
            nhs_number=typed["nhs_number"],
        )


@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: GatedRequest) -> HttpResponse:
    """Propose an entry, soon after a search; the answer is the same whatever the index holds (R 1.33, T09)."""
    form = ProposeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            upkeep.propose_child(actor=request.actor, child=form.child(), at=timezone.now())
        except Denied as denied:
            if denied.refusal is Refusal.SEARCH_FIRST:
                return _search_first(request)
            if denied.refusal is not Refusal.NOT_ACCEPTED:
                raise
            form.add_error("born", _("Date of birth must be today or in the past"))
        else:
            return see_other(reverse("proposed"))
    page = SendPage(
        title=_("Create a record"),
        chrome=chrome_for(request.actor, current="/"),
        back=Link(label=_("Search again"), href=reverse("search")),
        form=form,
        paragraphs=(
            _("Only for a child you have searched for and not found. A data steward confirms every new record."),
        ),
        send_to=reverse("propose"),
        button=_("Create a record"),
    )
    return render(request, "practitioner/send.html", page, status=_UNPROCESSABLE if form.is_bound else 200)


def _search_first(request: GatedRequest) -> HttpResponse:
    page = Page(title=_("Search first"), chrome=chrome_for(request.actor, current="/"))
    return render(request, "practitioner/search_first.html", page, status=_UNPROCESSABLE)


@require_safe
def proposed(request: GatedRequest) -> HttpResponse:
    """That the record has been received. Says nothing about any child."""
    page = ReceivedPage(
        title=_("Received"),
        chrome=chrome_for(request.actor, current="/"),
        paragraphs=(
            _("A data steward will confirm the record. Until then it is found by nobody."),
            _("If a child is in danger now, do not wait for the index: ring 999."),
        ),
        next=Link(label=_("Search again"), href=reverse("search")),
    )
    return render(request, "practitioner/received.html", page)
