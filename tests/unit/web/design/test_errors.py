"""Pages for when something goes wrong say what to do, and nothing else."""

from __future__ import annotations

import re

import pytest
from django.test import Client, RequestFactory

from childindex.web.design import errors


def text(content: bytes) -> str:
    """What a reader sees of the main part."""
    main = re.search(r"<main.*?>(.*)</main>", content.decode(), re.DOTALL)
    assert main is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main.group(1))).strip()


def test_not_allowed_looks_exactly_like_not_there() -> None:
    """Status, headers and body, to the byte (T07)."""
    denied, absent = Client().get("/denied"), Client().get("/nowhere")
    assert (denied.status_code, denied.content) == (404, absent.content)
    assert absent.status_code == 404
    assert sorted(denied.headers.items()) == sorted(absent.headers.items())


def test_a_broken_page_leaks_nothing() -> None:
    """The number in the exception stays inside."""
    answer = Client(raise_request_exception=False).get("/broken")
    assert answer.status_code == 500
    assert b"9990000018" not in answer.content
    assert b"RuntimeError" not in answer.content
    assert text(answer.content).startswith("Sorry, there is a problem with the service Try again in a few minutes.")


def test_a_form_without_its_token_is_refused_without_the_reason() -> None:
    """Django's reason names the check that failed."""
    answer = Client(enforce_csrf_checks=True).post("/")
    assert answer.status_code == 403
    assert text(answer.content) == (
        "That page had been open too long Go back, reload the page and send the form again. Nothing was saved. Go to the home page"
    )


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (errors.bad_request, 400, "check what you typed"),
        (errors.refused, 403, "ask the person who manages access in your organisation"),
        (errors.unavailable, 503, "If a child is in danger now, ring 999"),
    ],
)
def test_each_says_what_to_do(http: RequestFactory, view: object, status: int, words: str) -> None:
    """One sentence under the heading."""
    answer = view(http.get("/"))  # type: ignore[operator]
    assert answer.status_code == status
    assert words in text(answer.content)


def test_not_now_says_when_to_come_back(http: RequestFactory) -> None:
    """For machines."""
    assert errors.unavailable(http.get("/"))["Retry-After"] == "60"


def test_when_even_the_error_page_cannot_be_drawn(http: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One plain sentence, and still 500."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(errors, "render", fail)
    answer = errors.server_error(http.get("/"))
    assert (answer.status_code, answer.content) == (
        500,
        b"Sorry, there is a problem with the service. Try again later.",
    )
