"""The frame round every page, and what goes with it to the browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client, RequestFactory, override_settings

from childindex.web.design import pages, parts
from childindex.web.design.headers import SECURITY_HEADERS
from tests.unit.web.design.kitchen_sink import KitchenSink, kitchen_sink, with_errors


def body(http: RequestFactory, page: KitchenSink) -> str:
    """The page as markup, on one line."""
    content = pages.render(http.get("/"), "kitchen_sink.html", page).content.decode()
    return re.sub(r"\s+", " ", content)


def test_title_and_service_name(http: RequestFactory) -> None:
    """The window is named after the page and the service."""
    assert "<title>Every component - Children’s Index</title>" in body(http, kitchen_sink())


def test_an_error_comes_first_everywhere(http: RequestFactory) -> None:
    """In the title, above the heading, and instead of any good news."""
    drawn = body(http, with_errors())
    assert "<title>Error: Every component - Children’s Index</title>" in drawn
    assert drawn.index("There is a problem") < drawn.index("<h1")
    assert "Your involvement was added" not in drawn
    assert "Your involvement was added" in body(http, kitchen_sink())


def test_every_line_of_the_error_summary_leads_to_an_input(http: RequestFactory) -> None:
    """An address of a part of the page that is not there would be a dead end."""
    drawn = body(http, with_errors())
    summary = drawn[drawn.index("govuk-error-summary") : drawn.index("ci-identity-bar")]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert len(targets) == 12
    for target in targets:
        assert re.search(rf'<(input|select)[^>]* id="{target}"', drawn), target


def test_ids_are_unique(http: RequestFactory) -> None:
    """Two alike and a label points at the wrong input."""
    ids = re.findall(r' id="([^"]+)"', body(http, with_errors()))
    assert sorted(set(ids)) == sorted(ids)


def test_who_is_signed_in_and_how_to_leave(http: RequestFactory) -> None:
    """Signing out is a form with its token, not a link that a browser may follow by itself."""
    drawn = body(http, kitchen_sink())
    assert "Priya Shah, Leeds Community Health" in drawn
    assert re.search(r'<form method="post" action="/sign-out"> ?<input type="hidden" name="csrfmiddlewaretoken"', drawn)


def test_navigation_marks_where_the_reader_is(http: RequestFactory) -> None:
    """For eyes and for screen readers."""
    assert re.findall(r'href="(/\w+)" aria-current="page"', body(http, kitchen_sink())) == ["/search"]


@pytest.mark.parametrize("demo", [True, False])
def test_the_demonstration_says_so_on_every_page(http: RequestFactory, demo: bool) -> None:
    """And the live service does not."""
    with override_settings(DEMO=demo):
        page = replace(kitchen_sink(), chrome=pages.Chrome(phase=pages.Phase(tag="Beta", text="This service is new.")))
    drawn = body(http, page)
    assert ("every child and every person here is made up" in drawn) is demo
    assert ("This service is new." in drawn) is not demo


def test_a_printed_page_says_who_printed_it(http: RequestFactory) -> None:
    """Viewer, time and ledger entry."""
    assert "Printed by Priya Shah, Leeds Community Health, on 3 March 2026 at 4:05pm. Entry 7Q2-K4." in body(
        http, kitchen_sink()
    )


def test_the_honesty_strip_says_each_standing_in_words(http: RequestFactory) -> None:
    """And that nothing here is no proof of nothing there."""
    drawn = body(http, kitchen_sink())
    for words in (
        "Involved",
        "Not involved as of 3 March 2026",
        "Not supplied to the index here",
        "Withheld for every child",
    ):
        assert f"{words} </span>" in drawn
    assert "No entry here does not mean nobody is involved." in drawn
    assert [
        standing for standing in parts.Standing if f"ci-honesty-strip__item--{standing} " not in drawn.replace('"', " ")
    ] == []


def test_nothing_of_gov_uk_is_on_the_page(http: RequestFactory) -> None:
    """Its name, crown, crest and copyright are its own."""
    drawn = body(http, kitchen_sink())
    assert (
        re.search(r"GOV\.UK|Crown copyright|crest|logo-crown|gov\.uk/(?!search)", drawn.replace("example.gov.uk", ""))
        is None
    )


def test_no_page_needs_a_script_or_an_inline_style(http: RequestFactory) -> None:
    """The policy would refuse an inline style, and a script that is not there cannot fail."""
    assert re.search(r"<script|<style| style=| on\w+=", body(http, kitchen_sink())) is None


@pytest.mark.parametrize("path", ["/", "/cacheable", "/denied", "/nowhere"])
def test_every_answer_carries_the_security_headers(path: str) -> None:
    """Also an error, and also where a view asked for caching."""
    answer = Client().get(path)
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["Cache-Control"] == "no-store"


def test_render_alone_is_already_no_store(http: RequestFactory) -> None:
    """The middleware is the second lock."""
    assert pages.render(http.get("/"), "kitchen_sink.html", kitchen_sink())["Cache-Control"] == "no-store"


def test_the_policy_admits_only_ourselves() -> None:
    """No inline script, no inline style, no frame, no other site; a nonce only where a page prints one."""
    policy = dict(
        part.strip().split(" ", 1) for part in Client().get("/").headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_a_nonce_is_fresh_for_each_answer_and_in_its_header() -> None:
    """A page that needs a script prints the nonce, which puts it in the policy."""
    answers = [Client().get("/script") for _ in range(2)]
    nonces = [re.findall(r'<script nonce="([^"]+)">', answer.content.decode())[0] for answer in answers]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0]}'" in answers[0].headers["Content-Security-Policy"]


@pytest.mark.parametrize("value", [pages.Chrome(), kitchen_sink(), parts.Phone(number="1")])
def test_values_are_frozen(value: object) -> None:
    """A template or a careless view cannot change one."""
    with pytest.raises((AttributeError, TypeError)):
        value.title = "changed"  # type: ignore[attr-defined]
