"""Pages for when something goes wrong: one sentence on what to do, and nothing about why.

Names for a site's URL map: `handler400 = bad_request`, `handler403 = permission_denied`, `handler404 = not_found`,
`handler500 = server_error`, and `CSRF_FAILURE_VIEW = "childindex.web.design.errors.csrf_failure"`. None of them reads
the database, the session or the request's data.
"""

from __future__ import annotations

import logging
import sys

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from childindex.web.design.pages import Chrome, Page, render

_RETRY_AFTER_SECONDS = "60"
_LAST_RESORT = "Sorry, there is a problem with the service. Try again later."

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: what was sent could not be read."""
    del exception
    return _error(request, "400", _("Something in that request could not be read"), status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing here for you."""
    del exception
    return _error(request, "404", _("Page not found"), status=404)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answers exactly as `not_found`, status and all: what may not be seen looks like what is not there (T07)."""
    del exception
    return not_found(request)


def refused(request: HttpRequest) -> HttpResponse:
    """403: this person may not use this part of the service at all. Only where no record is in question."""
    return _error(request, "403", _("You cannot use this page"), status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, or came from another site; `reason` is not shown."""
    del reason
    return _error(request, "csrf", _("That page had been open too long"), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: something broke. If even this page cannot be drawn, one plain sentence.

    503 where it was the database, under a session or in another place that no page has a hand in: then nothing was shown (T15).
    """
    try:
        if isinstance(sys.exc_info()[1], Error):
            return unavailable(request)
        return _error(request, "500", _("Sorry, there is a problem with the service"), status=500)
    except Exception:  # the last resort may not fail, whatever broke
        log.exception("error page could not be drawn")
        return HttpResponse(_LAST_RESORT, status=500, content_type="text/plain; charset=utf-8")


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: not now (the ledger cannot be written, or the service is being looked after)."""
    response = _error(request, "503", _("Sorry, the service is not available"), status=503)
    response["Retry-After"] = _RETRY_AFTER_SECONDS
    return response


def _error(request: HttpRequest, name: str, title: str, *, status: int) -> HttpResponse:
    return render(request, f"design/errors/{name}.html", Page(title=title, chrome=Chrome()), status=status)
