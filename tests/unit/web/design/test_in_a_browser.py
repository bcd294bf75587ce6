"""What only a browser can tell: how the pages look to a keyboard, a small screen, high contrast, paper and axe.

Nothing is fetched: the browser is handed the drawn pages and the style sheet directly.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, Route, sync_playwright

import childindex.web.design
from tests.unit.web.design.conftest import DESIGN

CSS = (Path(childindex.web.design.__file__).parent / "static/design/app.css").read_text()
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
WIDE, NARROW = {"width": 1100, "height": 800}, {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """The kitchen sink, the same with every error, and an error page."""
    with override_settings(**DESIGN):
        client = Client(raise_request_exception=False)
        answers = {"plain": client.get("/"), "errors": client.post("/"), "absent": client.get("/nowhere")}
    return {name: answer.content.decode() for name, answer in answers.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


def opened(browser: Browser, html: str, **options: Any) -> Page:
    """The page in a window of its own, without JavaScript being any help."""

    def fulfil(route: Route) -> None:
        sheet = route.request.url.endswith(".css")
        route.fulfill(body=CSS if sheet else html, content_type="text/css" if sheet else "text/html; charset=utf-8")

    page = browser.new_page(**{"viewport": WIDE, **options})
    page.route("**/*", fulfil)
    page.goto("http://design.example/")
    return page


@pytest.mark.parametrize("name", ["plain", "errors", "absent"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(browser: Browser, drawn: dict[str, str], name: str, viewport: dict[str, int]) -> None:
    """Not one violation of any rule, best practice included."""
    with opened(browser, drawn[name], viewport=viewport) as page:
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("name", ["plain", "errors", "absent"])
def test_nothing_is_wider_than_a_small_telephone(browser: Browser, drawn: dict[str, str], name: str) -> None:
    """320 pixels, which is also 400% zoom on a desk."""
    with opened(browser, drawn[name], viewport=NARROW) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_everything_to_press_is_big_enough(browser: Browser, drawn: dict[str, str], viewport: dict[str, int]) -> None:
    """24 pixels each way (WCAG 2.2), and 44 for a telephone number."""
    script = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')]
        .filter(e => !e.matches('.govuk-skip-link')).map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
        .filter(([_, r]) => r.width < 24 || r.height < 24).map(([html, r]) => `${html} ${r.width}x${r.height}`)"""
    with opened(browser, drawn["errors"], viewport=viewport) as page:
        assert page.evaluate(script) == []
        heights = page.evaluate(
            "[...document.querySelectorAll('a.ci-phone__number')].map(e => e.getBoundingClientRect().height)"
        )
        assert len(heights) == 2
        assert min(heights) >= 44


def test_a_keyboard_reaches_everything_and_sees_where_it_is(browser: Browser, drawn: dict[str, str]) -> None:
    """Each stop has a visible mark and is not under the bar with the child's name."""
    script = """() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
        const bar = document.querySelector('.ci-identity-bar').getBoundingClientRect();
        const label = e.id && document.querySelector(`label[for="${e.id}"]`);
        const ring = e.type === 'radio' || e.type === 'checkbox' ? getComputedStyle(label, '::before') : s;
        return {what: e.outerHTML.slice(0, 80), marked: ring.boxShadow !== 'none' || ring.outlineStyle !== 'none',
                hidden: bar.top <= 0 && r.bottom > 0 && r.top < bar.bottom}; }"""
    with opened(browser, drawn["plain"]) as page:
        stops = []
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            stops.append(page.evaluate(script))
        assert len(stops) >= 30
        assert [stop["what"] for stop in stops if not stop["marked"]] == []
        assert [stop["what"] for stop in stops if stop["hidden"]] == []


def test_the_child_stays_in_sight(browser: Browser, drawn: dict[str, str]) -> None:
    """While the page scrolls, unless the window is too low to spare the room."""
    top = "document.querySelector('.ci-identity-bar').getBoundingClientRect().top"
    with opened(browser, drawn["plain"]) as page:
        page.evaluate("window.scrollTo(0, 1500)")
        assert page.evaluate(top) == 0
    with opened(browser, drawn["plain"], viewport={"width": 640, "height": 320}) as page:
        page.evaluate("window.scrollTo(0, 1500)")
        assert page.evaluate(top) < 0


@pytest.mark.parametrize("forced", ["active", "none"])
def test_the_four_standings_differ_without_colour(browser: Browser, drawn: dict[str, str], forced: Any) -> None:
    """By shape, also in forced colours, and never by shape alone: the words are tested elsewhere."""
    script = """() => [...document.querySelectorAll('.ci-honesty-strip__mark')].map(e => { const s = getComputedStyle(e);
        return [s.borderTopStyle, s.borderTopWidth, s.borderTopLeftRadius].join(' '); })"""
    with opened(browser, drawn["plain"], forced_colors=forced) as page:
        assert len(set(page.evaluate(script))) == 4


def test_paper_says_who_printed_it_and_leaves_the_buttons_out(browser: Browser, drawn: dict[str, str]) -> None:
    """The watermark is for paper only; navigation and buttons are not for paper."""
    shown = "s => getComputedStyle(document.querySelector(s)).display !== 'none'"
    with opened(browser, drawn["plain"]) as page:
        assert page.evaluate(shown, ".ci-watermark") is False
        page.emulate_media(media="print")
        # a table's footer that may not be broken is what Chromium and Firefox repeat on every sheet
        style = page.evaluate(
            "(s => [s.display, s.breakInside])(getComputedStyle(document.querySelector('.ci-watermark')))"
        )
        assert style == ["table-footer-group", "avoid"]
        assert [
            one for one in (".govuk-button", ".govuk-service-navigation", ".ci-account") if page.evaluate(shown, one)
        ] == []
