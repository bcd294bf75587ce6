"""The one plain page for an address that nobody, or not this person now, can use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from childindex.kernel.refusals import Denied, Refusal
from childindex.web.design.pages import Page, render
from childindex.web.practitioner.chrome import chrome_for
from childindex.web.practitioner.gate import GatedRequest

_NOT_IN_USE: Final = frozenset({Refusal.ADDRESS_EXPIRED, Refusal.NOT_FOUND, Refusal.NOT_YOURS})
View = Callable[..., HttpResponse]


def not_in_use(request: GatedRequest) -> HttpResponse:
    """404, the same whether there was never such an address, it has expired, or it belongs to somebody else (T07)."""
    page = Page(title=_("This address is not in use"), chrome=chrome_for(request.actor))
    return render(request, "practitioner/not_in_use.html", page, status=404)


def answers_not_in_use(view: View) -> View:
    """Answer with that page where the use case says that there is nothing at this address; the ledger has it already."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Denied as denied:
            if denied.refusal not in _NOT_IN_USE:
                raise
            return not_in_use(cast("GatedRequest", request))

    return answer
