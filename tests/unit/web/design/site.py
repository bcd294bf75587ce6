"""A small site, only for tests: one form, one page that prints the nonce, and the error pages."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from childindex.web.design.pages import render
from tests.unit.web.design.kitchen_sink import kitchen_sink, with_errors


def _plain(request: HttpRequest) -> HttpResponse:
    return render(request, "kitchen_sink.html", with_errors() if request.method == "POST" else kitchen_sink())


def _script(request: HttpRequest) -> HttpResponse:
    return render(request, "script.html", kitchen_sink())


def _cacheable(request: HttpRequest) -> HttpResponse:
    return HttpResponse("", headers={"Cache-Control": "public, max-age=600"})


def _denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("not this child")


def _broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("9990000018")


urlpatterns = [
    path("", _plain, name="kitchen-sink"),
    path("script", _script),
    path("cacheable", _cacheable),
    path("denied", _denied),
    path("broken", _broken),
]
handler400 = "childindex.web.design.errors.bad_request"
handler403 = "childindex.web.design.errors.permission_denied"
handler404 = "childindex.web.design.errors.not_found"
handler500 = "childindex.web.design.errors.server_error"
