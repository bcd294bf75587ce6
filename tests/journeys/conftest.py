"""One demo and one browser for all journeys, or for each of two workers. Nothing is skipped: without Chromium they fail and say which command brings it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from tests.journeys import demo as demos
from tests.journeys.demo import Account, Demo
from tests.journeys.visitor import WIDE, OneTimeCodes, Visitor, sign_in_with_code

HERE = Path(__file__).parent
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-lcd-text",  # pictures of grey letters are a third of the size of coloured ones
]

NewVisitor = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys may reach this machine and no other."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The real demo, started as its users start it, stopped as they stop it."""
    data = tmp_path_factory.mktemp("journeys") / "demo"
    try:
        process, running = demos.start(data)
        yield running
        assert demos.stop(process) == 0, "the demo did not stop cleanly"
    finally:
        demos.forget(data)


@pytest.fixture(scope="session")
def crowd(demo: Demo) -> dict[str, str]:
    """More children of one name than a page may show; what to type."""
    return demos.deliver_crowd(demo)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("Journeys need Chromium. On Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def codes() -> OneTimeCodes:
    """Everybody's authenticators."""
    return OneTimeCodes()


@pytest.fixture
def new_visitor(browser: Browser, demo: Demo) -> Iterator[NewVisitor]:
    """`new_visitor(scripts=False)` opens a fresh browser; `state` is that of somebody signed in earlier."""
    opened = []

    def open_window(*, scripts: bool = True, state: StorageState | None = None) -> Visitor:
        context = browser.new_context(
            java_script_enabled=scripts,
            viewport=WIDE,  # type: ignore[arg-type]
            locale="en-GB",
            storage_state=state,
        )
        opened.append(context)
        glass = None
        if not scripts:
            beside = browser.new_context(locale="en-GB")
            opened.append(beside)
            glass = beside.new_page()
        return Visitor(page=context.new_page(), site=demo.url, glass=glass)

    yield open_window
    for context in opened:
        context.close()


# A second factor counts for five minutes for what is dangerous; after less than that it is shown again, so that a test has the rest.
CONFIRMED_SECONDS = 150


@dataclass
class SignedIn:
    """Somebody's cookies, and when they last showed their second factor."""

    state: StorageState
    confirmed: float


@pytest.fixture(scope="session")
def _signed_in() -> dict[str, SignedIn]:
    """People who have signed in before; a one-time code works once, so they do it once."""
    return {}


@pytest.fixture
def signed_in(new_visitor: NewVisitor, codes: OneTimeCodes, _signed_in: dict[str, SignedIn]) -> Callable[..., Visitor]:
    """`signed_in(account)` is a browser in which somebody has signed in, with nothing counted yet."""

    def enter(account: Account, *, scripts: bool = True) -> Visitor:
        if account.username not in _signed_in:
            first = new_visitor()
            sign_in_with_code(first, account, codes)
            state = first.page.context.storage_state()
            _signed_in[account.username] = SignedIn(state=state, confirmed=time.monotonic())
        before = _signed_in[account.username]
        visitor = new_visitor(scripts=scripts, state=before.state)
        if time.monotonic() - before.confirmed > CONFIRMED_SECONDS:
            visitor.go("/confirm")
            visitor.type("One-time code", codes.next(account))
            visitor.press("Continue")
            before.confirmed = time.monotonic()
        visitor.go("/")
        visitor.screens = 0
        return visitor

    return enter
