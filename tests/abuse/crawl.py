"""A visitor who opens every address there is: those of the URL conf, by every method, and whatever pages lead to."""

from __future__ import annotations

import io
import logging.config
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from childindex.project.logs import logging_settings
from tests.abuse.canaries import Canary, found_in
from tests.factories.people import Browser

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Ways to ask for the same in another form.
FORMATS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("", {}),
    ("?format=json", {"Accept": "application/json"}),
    ("?format=csv", {"Accept": "text/csv"}),
    ("?print=1&done=added", {"Accept": "application/pdf"}),
    ("", {"X-Requested-With": "XMLHttpRequest", "Accept": "application/fhir+json"}),
    ("", {"Accept-Language": "cy", "If-None-Match": "*", "Range": "bytes=0-10"}),
)
# An answer for every question that any form asks; what a form offers is taken first.
ANSWERS: Final = {
    "reason": "contact", "family_knows": "no", "sex": "male", "service_type": "social_work", "position": "1",
    "day-day": "1", "day-month": "2", "day-year": "2024", "case_reference": "CIN/1", "password": "", "code": "000000",
}  # fmt: skip
_LEAVES: Final = ("sign-out", "sign_out")
_PARAMETER: Final = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the URL conf as it is written there, with the name of its page."""
    for one in (resolver or get_resolver()).url_patterns:
        where = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, where)
        elif isinstance(one, URLPattern):
            yield f"/{where}", one.name or ""


def filled(route: str, pools: Mapping[str, Sequence[str]], *, most: int) -> list[str]:
    """Addresses of one route: its parameters filled from the pool of their name, else of their kind; at most so many."""
    wanted = [
        (found.group(0), found.group("name"), found.group("kind") or "str") for found in _PARAMETER.finditer(route)
    ]
    if not wanted:
        return [route]
    choices = [[*pools.get(name, pools[kind])][:most] for _, name, kind in wanted]
    addresses = []
    for values in list(product(*choices))[: most**2]:
        address = route
        for (written, _, _), value in zip(wanted, values, strict=True):
            address = address.replace(written, str(value), 1)
        addresses.append(address)
    return addresses


class _Reader(HTMLParser):
    """The links and forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects addresses, and of each form what it would send."""
        facts = {name: value or "" for name, value in attrs}
        if tag == "a" and facts.get("href", "").startswith("/"):
            self.links.append(facts["href"])
        elif tag == "form":
            self.forms.append((facts.get("method", "get").upper(), facts.get("action", ""), {}))
        elif self.forms and facts.get("name"):
            _, _, sent = self.forms[-1]
            name, kind = facts["name"], facts.get("type", "text")
            if kind in {"radio", "checkbox"}:
                sent.setdefault(name, facts.get("value", "on"))
            elif tag in {"input", "button", "textarea"}:
                sent[name] = facts.get("value") or ANSWERS.get(name, "")


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Somebody signed in who opens what they can, and reads every reply for marks. `refresh` is called before every request."""

    browser: Browser
    role: str
    canaries: Sequence[Canary]
    refresh: Callable[[], object] = field(default=lambda: None)
    found: dict[str, set[str]] = field(default_factory=dict)
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)

    def send(
        self, method: str, address: str, data: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """One request; its reply is read whole: status line, headers, cookies, body. What was typed may be given back by a form."""
        typed = {value.casefold() for value in (data or {}).values() if value}
        self.refresh()
        asked_for = f"{address} {self.browser.cookies}".casefold()
        reply: HttpResponse = self.browser.generic(
            method,
            address,
            data=urlencode(data or {}),
            content_type="application/x-www-form-urlencoded",
            headers=dict(headers or {}),
        )
        text = f"{reply.reason_phrase}\n{reply.headers}\n{self.browser.cookies}\n{_body(reply)}"
        # A form that was not accepted shows what was typed, to whoever typed it; and an address asked for is known already.
        echo = found_in(asked_for, self.canaries) | {one.field for one in self.canaries if one.spellings & typed}
        for hidden in found_in(text, self.canaries) - echo:
            self.found.setdefault(hidden, set()).add(f"{self.role}: {method} {address} {reply.status_code}")
        self.asked[address.partition("?")[0], reply.status_code] += 1
        return reply

    def search(self, typed: Mapping[str, str]) -> str:
        """Search; gives the token of the results, or nothing where it was refused."""
        reply = self.send("POST", "/search", {"reason": "contact", "case_reference": "", **typed})
        where = str(reply.headers.get("Location", ""))
        if not where.startswith("/results/"):
            return ""
        self.send("GET", where)
        return where.rsplit("/", 1)[1]

    def open_child(self, token: str, position: int = 1) -> str:
        """Open a child found; gives the handle of the visit, or nothing."""
        reply = self.send("POST", f"/results/{token}/open", {"position": str(position), "reason": "contact"})
        where = str(reply.headers.get("Location", ""))
        return where.rsplit("/", 1)[1] if where.startswith("/child/") else ""

    def wander(self, begin: Iterable[str], *, most: int) -> None:
        """Open pages, follow every link and send every form once, breadth first."""
        waiting: list[tuple[str, str, dict[str, str]]] = [("GET", address, {}) for address in begin]
        seen: set[tuple[str, str, tuple[str, ...]]] = set()
        while waiting and len(seen) < most:
            method, address, sent = waiting.pop(0)
            key = (method, re.sub(r"[A-Za-z0-9_-]{22}", "*", address), tuple(sorted(sent)))
            if key in seen or any(one in address for one in _LEAVES):
                continue
            seen.add(key)
            reply = self.send(method, address, sent)
            if 300 <= reply.status_code < 400:
                waiting.append(("GET", str(reply.headers["Location"]), {}))
                continue
            page = _Reader()
            page.feed(_body(reply))
            waiting += [("GET", link, {}) for link in page.links]
            waiting += [(how, action or address, fields) for how, action, fields in page.forms]


def _body(reply: HttpResponse) -> str:
    content = b"".join(reply.streaming_content) if reply.streaming else reply.content  # type: ignore[attr-defined]
    return bytes(content).decode(errors="replace")


@contextmanager
def written_logs() -> Iterator[io.StringIO]:
    """The product's own logging at its most talkative, into a text instead of standard error."""
    told: dict[str, Any] = logging_settings("DEBUG")
    text = io.StringIO()
    for handler in told["handlers"].values():
        handler["stream"] = text
    logging.config.dictConfig(told)
    try:
        yield text
    finally:
        logging.config.dictConfig(settings.LOGGING)
