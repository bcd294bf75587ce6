"""The map of addresses of the practitioner and console site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe

from childindex.web.design import errors


@require_safe
def healthy(request: HttpRequest) -> HttpResponse:
    """For whatever watches the process: it answers. Says nothing about the database or any person."""
    del request
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthy", healthy, name="healthy"),
    path("", include("childindex.web.practitioner.urls")),
    path("", include("childindex.web.practitioner.sign_in_urls")),
    path("", include("childindex.web.console.urls")),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
