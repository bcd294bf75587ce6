"""Somebody at a browser. Counts the screens they see and the keys they press, and looks at every page as axe does."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Locator, Page, Response, Route

from childindex.project.sign_in_sheet import CODE_SECONDS, one_time_code
from tests.journeys.demo import Account

WIDE = {"width": 1100, "height": 900}
NARROW = {"width": 320, "height": 640}
FIRST_LOAD_BYTES = 100_000
# What a screen reader would call the thing that has the focus.
FOCUSED = """() => {
    const it = document.activeElement
    return (it.labels?.[0] ?? it).innerText?.trim() ?? ''
}"""
# What differs between two copies of one page: tokens of forms, scripts and addresses.
TOKENS = re.compile(
    r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<=nonce=")[^"]*|(?<=/child/)[\w-]{22}|(?<=/results/)[\w-]{22}'
)
_looked_at: set[str] = set()


class OneTimeCodes:
    """Authenticators. A code works once, so the second one for the same person within half a minute is waited for."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def next(self, account: Account) -> str:
        """The code to type now."""
        while True:
            now = time.time()
            step = int(now // CODE_SECONDS)
            if self._used.get(account.username) != step and now % CODE_SECONDS < CODE_SECONDS - 2:
                self._used[account.username] = step
                return one_time_code(account.totp_secret, now=now)
            time.sleep(0.5)


@dataclass(kw_only=True)  # Playwright keeps something of its own on it, so it has no slots
class Visitor:
    """One window. `glass` is a window with scripts in which axe looks at pages of a browser without them."""

    page: Page
    site: str
    glass: Page | None = None
    screens: int = 0
    keys: int = 0
    clicks: int = 0
    addresses: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("framenavigated", self._navigated)
        self.page.on("response", self._answered)
        self.page.on("console", self._complained)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)

    def _complained(self, line: ConsoleMessage) -> None:
        # That a page came with 403, 404 or 422 is our way of answering, and for each test to expect.
        answered = line.text.startswith("Failed to load resource") and line.location["url"] == self.page.url
        if line.type == "error" and not answered:
            self.complaints.append(line.text)

    def _navigated(self, frame: Frame) -> None:
        if frame == self.page.main_frame and frame.url.startswith(self.site):
            self.screens += 1
            self.addresses.append(frame.url.removeprefix(self.site))

    # --- what somebody does

    def go(self, path: str) -> None:
        """Types an address; not counted, because nobody does that on the way to a child."""
        self.page.goto(self.site + path)
        self.look()

    def type(self, label: str, text: str) -> None:
        """Types into the box of this label, one key for each character."""
        box = self.page.get_by_label(label, exact=True)
        box.fill("")
        box.press_sequentially(text)
        self.keys += len(text)

    def choose(self, label: str) -> None:
        """Clicks on the radio button or box of this label."""
        self.page.get_by_label(label, exact=True).check()
        self.clicks += 1

    def press(self, name: str | re.Pattern[str]) -> None:
        """Presses a button and waits for the page that it leads to."""
        self._leave(self.page.get_by_role("button", name=name, exact=isinstance(name, str)).first)

    def follow(self, name: str | re.Pattern[str]) -> None:
        """Follows a link."""
        self._leave(self.page.get_by_role("link", name=name, exact=isinstance(name, str)).first)

    def _leave(self, control: Locator) -> None:
        before = self.screens
        with self.page.expect_navigation():
            control.click()
        self.clicks += 1
        assert self.screens > before
        self.look()

    def key(self, *keys: str) -> None:
        """Presses keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1

    def access_key(self, digit: str) -> None:
        """Presses Alt and a digit, as a keyboard sends it: Playwright's own press leaves out what the digit would be alone."""
        session = self.page.context.new_cdp_session(self.page)
        what = {"key": digit, "code": f"Digit{digit}", "modifiers": 1, "windowsVirtualKeyCode": ord(digit)}
        session.send("Input.dispatchKeyEvent", {"type": "keyDown", "unmodifiedText": digit, **what})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **what})
        session.detach()
        self.keys += 1

    def key_in(self, text: str) -> None:
        """Types into whatever has the focus."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def tab_to(self, name: str) -> None:
        """Presses Tab until something whose name begins like this has the focus."""
        for _ in range(40):
            if self.page.evaluate(FOCUSED).startswith(name):
                return
            self.key("Tab")
        raise AssertionError(f"no way to {name} by keyboard on {self.page.url}")

    def enter(self) -> None:
        """Presses Enter and waits for the page that it leads to."""
        with self.page.expect_navigation():
            self.key("Enter")
        self.look()

    # --- what somebody sees

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.page.locator("h1").first.inner_text()

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return self.page.locator("main").inner_text()

    @property
    def problems(self) -> list[str]:
        """The sentences of the error summary."""
        return self.page.locator(".govuk-error-summary__list li").all_inner_texts()

    @property
    def status(self) -> int:
        """The status of the newest page."""
        pages = [one for one in self.answers if one.request.is_navigation_request() and one.status not in {302, 303}]
        return pages[-1].status

    def look(self) -> None:
        """Looks at the page as a person with another way of reading may: axe, wide and narrow, and nothing cut off."""
        self.page.wait_for_load_state()
        assert self.complaints == [], self.page.url
        seen = TOKENS.sub("", self.page.content())
        if seen in _looked_at:
            return
        _looked_at.add(seen)
        pane = self._through_glass() if self.glass is not None else self.page
        for viewport in (NARROW, WIDE):
            pane.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert violations(pane) == [], (self.page.url, viewport)
            too_wide = pane.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not too_wide, (self.page.url, viewport)

    def _through_glass(self) -> Page:
        """The same page in a browser with scripts, of which it is given none."""
        assert self.glass is not None
        html, url = self.page.content(), self.page.url

        def fulfil(route: Route) -> None:
            if route.request.url == url:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            elif route.request.resource_type == "script":
                route.abort()
            else:
                route.continue_()

        self.glass.unroute_all()
        self.glass.route("**/*", fulfil)
        self.glass.goto(url)
        return self.glass


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds, best practice included: rules and the pieces of the page that break them."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def fill_search(visitor: Visitor, fields: Mapping[str, str]) -> None:
    """Fills the search form by the names of its fields, as the sign-in sheet gives them; `reason` is chosen."""
    for name, text in fields.items():
        if name == "reason":
            visitor.page.locator(f"[name=reason][value={text}]").check()
            visitor.clicks += 1
        else:
            typed = text.lstrip("0") if name.startswith("born-") else text
            visitor.page.locator(f"[name='{name}']").press_sequentially(typed)
            visitor.keys += len(typed)


def search_for(visitor: Visitor, fields: Mapping[str, str]) -> None:
    """Fills the search form and sends it."""
    fill_search(visitor, fields)
    visitor.press("Search")


def open_first(visitor: Visitor) -> None:
    """Opens the page of the child who is first among the results."""
    visitor.press(re.compile("^Open "))


def sign_in_with_code(visitor: Visitor, account: Account, codes: OneTimeCodes) -> None:
    """User name, password, one-time code."""
    visitor.go("/sign-in")
    visitor.type("User name", account.username)
    visitor.type("Password", account.password)
    visitor.press("Continue")
    visitor.type("One-time code", codes.next(account))
    visitor.press("Continue")


def add_authenticator(context: BrowserContext, page: Page) -> Any:
    """A fingerprint reader built into this browser, which always says yes."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session
