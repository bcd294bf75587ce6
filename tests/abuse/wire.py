"""The site as it is really served, and browsers that speak HTTP to it over a socket and may hang up at any moment."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse

from childindex.project.folders import CHECKOUT
from tests.database import TestDatabase
from tests.factories.people import Browser

START_SECONDS = 120
HUNG_UP = 499  # what nginx writes down for a client that did not wait for its answer


@contextmanager
def served(database: TestDatabase, *, log: Path) -> Iterator[int]:
    """`childindex serve` on this database, behind what it takes for a proxy, with limits lifted; gives the port.

    Ended as an operator ends it, requests first.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {**os.environ, "DATABASE_URL_WEB": database.url("web"), "BEHIND_PROXY": "1"}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.abuse.unlimited", "CHILDINDEX_STOP_WITH_PARENT": "1"}
    environment.pop("DATABASE_URL")
    command = [sys.executable, "-m", "childindex.project.cli", "serve", "--port", str(port), "--workers", "1"]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output
        )
    try:
        _wait_until_it_answers(server, port, log)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=START_SECONDS)


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", "/healthy", headers={"Host": "testserver", "X-Forwarded-Proto": "https"})
                if connection.getresponse().status == HTTPStatus.OK:
                    return
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise AssertionError(f"the site does not answer: {log.read_text(errors='replace')[-2000:]}")


@dataclass(slots=True, kw_only=True)
class Wire:
    """A browser that was signed in elsewhere, with its cookies, on a socket of its own."""

    port: int
    signed_in: Browser
    chance: Random
    rude: float  # the share of requests whose answer it does not wait for
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, data: None = None) -> HttpResponse:
        """The page, or 499 if it hung up."""
        del data
        return self._send("GET", path, None)

    def post(self, path: str, data: dict[str, str]) -> HttpResponse:
        """The answer, or 499."""
        return self._send("POST", path, data)

    def close(self) -> None:
        """Let go of the socket."""
        self.connection.close()

    def _send(self, method: str, path: str, data: dict[str, str] | None) -> HttpResponse:
        body = urlencode({**data, "csrfmiddlewaretoken": self.token}) if data is not None else None
        session = self.signed_in.cookies[settings.SESSION_COOKIE_NAME].value
        headers = {
            "Host": "testserver",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={self.token}",
            "Origin": "https://testserver",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if self.chance.random() < self.rude:
            return self._hang_up(method, path, body, headers)
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        found = HttpResponse(answer.read(), status=answer.status)
        found.headers["Location"] = answer.headers.get("Location", "")
        return found

    def _hang_up(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> HttpResponse:
        """At once, in the middle of the request, a moment later, or after the first bytes of the answer."""
        after = self.chance.choice(["the request", "half the request", "a moment", "the first bytes"])
        if after == "half the request" and body:
            headers = {**headers, "Content-Length": str(len(body))}
            body = body[: len(body) // 2]
        self.connection.request(method, path, body=body, headers=headers)
        if after == "a moment":
            time.sleep(self.chance.random() * 0.05)
        if after == "the first bytes" and self.connection.sock is not None:
            self.connection.sock.recv(self.chance.choice([1, 200, 4000]))
        self.connection.close()
        return HttpResponse(status=HUNG_UP)


@dataclass(slots=True, kw_only=True)
class Asking:
    """Somebody who asks for one page four times a second, and what they were answered when."""

    wire: Wire
    page: str
    statuses: list[tuple[float, int]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        """Until stopped."""
        while not self.stopped.wait(0.25):
            self.statuses.append((time.monotonic(), self.wire.get(self.page).status_code))

    def first(self, status: int, *, since: float, within: float) -> float:
        """How long after that moment it was first answered so."""
        while time.monotonic() - since < within:
            found = [when for when, seen in list(self.statuses) if seen == status and when >= since]
            if found:
                return found[0] - since
            time.sleep(0.05)
        raise AssertionError(f"never {status} within {within} s")
