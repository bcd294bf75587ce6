"""Puts the security headers on every answer, whoever made it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from childindex.web.design.headers import SECURITY_HEADERS


class SecurityHeadersMiddleware:
    """Every answer is no-store, same-origin and deaf to device features (ASVS 14.3.2, T19).

    Stands first after whitenoise, so that static files keep their own caching and nothing else does. It overwrites what
    a view set: no view may make an answer cacheable.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next step of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the headers set."""
        response = self.get_response(request)
        for name, value in SECURITY_HEADERS.items():
            response[name] = value
        return response
