"""People who use a small index at random, and an observer who writes down which children each reply shows them.

The observer reads replies alone. What the ledger says is read later by somebody else, and the two must agree.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import unescape
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from tests.factories.people import Browser

NUMBER: Final = re.compile(r"<dt>Index number</dt><dd>([^<]+)</dd>")
ROW: Final = re.compile(
    r'ci-result-list__name">([^<]+)</h2>\s*<p class="ci-result-list__facts"><span>Born (\d{4})</span>'
)
LINE: Final = re.compile(r"/involvement/([0-9a-f-]{36})/(confirm|end|phone)")
REASONS: Final = ("contact", "new_referral", "urgent_care", "safeguarding", "assessment", "moved", "school_welfare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A child of the small index. No two that can be shown share name and year of birth."""

    id: UUID
    given_name: str
    family_name: str
    born: tuple[int, int, int]
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One request and its reply. `shown` was read off the page; `touched` is whom a successful change was about."""

    kind: str
    account: UUID | None
    began: datetime
    ended: datetime
    status: int
    shown: frozenset[UUID]
    touched: frozenset[UUID] = frozenset()


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody signed in, with the addresses they have been given so far."""

    account: UUID
    browser: Browser
    tokens: list[str] = field(default_factory=list)
    handles: dict[str, UUID] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Town:
    """Everybody, and everything that happened."""

    chance: random.Random
    children: Mapping[str, Known]
    people: list[Person]
    expire: Callable[[str], None]
    replies: list[Reply] = field(default_factory=list)
    named: dict[tuple[str, int], UUID] = field(init=False)

    def __post_init__(self) -> None:
        self.named = {(f"{one.given_name} {one.family_name}", one.born[0]): one.id for one in self.children.values()}

    def shown(self, html: str) -> frozenset[UUID]:
        """The children that a page names: by index number, or as rows of results."""
        numbers = {self.children[number].id for number in NUMBER.findall(html)}
        rows = {self.named[unescape(name), int(year)] for name, year in ROW.findall(html)}
        return frozenset(numbers | rows)

    def ask(
        self, person: Person, kind: str, path: str, data: dict[str, str] | None = None, *, about: UUID | None = None
    ) -> HttpResponse:
        """One request. `about` is the child whom it changes something of, if it succeeds."""
        began = timezone.now()
        send: Any = person.browser.get if data is None else person.browser.post
        reply: HttpResponse = send(path, data)
        succeeded = data is not None and reply.status_code == 303 and about is not None
        self.replies.append(
            Reply(
                kind=kind,
                account=person.account,
                began=began,
                ended=timezone.now(),
                status=reply.status_code,
                shown=self.shown(reply.content.decode()),
                touched=frozenset({about}) if succeeded and about is not None else frozenset(),
            )
        )
        return reply

    # --- what people do; each picks what it needs at random

    def search(self, person: Person) -> None:
        """For a child of the index, a stranger, a crowd, with too little, or with a form that does not hold."""
        child = self.chance.choice(list(self.children.values()))
        year, month, day = child.born
        full = {"family_name": child.family_name, "given_name": child.given_name, "born-year": str(year)}
        kind, typed = self.chance.choice(
            [
                ("found", {**full, "born-day": str(day), "born-month": str(month)}),
                ("found", full),
                ("found by number", {"number": child.number}),
                ("nobody", {"family_name": "Zzyzx", "given_name": "Qorvath", "born-year": "2011"}),
                ("crowd", {"family_name": "Crowder", "given_name": "Sam", "born-year": "2014"}),
                ("too little", {"family_name": child.family_name}),
                ("wildcard", {**full, "family_name": "Ok*"}),
                ("no date", {**full, "born-day": "31", "born-month": "2"}),
            ]
        )
        reason = {"reason": self.chance.choice(REASONS)} if self.chance.random() < 0.95 else {}
        reply = self.ask(person, f"search: {kind}", "/search", {**typed, **reason})
        if reply.status_code == 303:
            person.tokens.append(reply["Location"].rsplit("/", 1)[1])
            self.ask(person, "results", reply["Location"])

    def read_results(self, person: Person) -> None:
        """Again, another's, at an address that is over, or at one that never was."""
        kind, token = self._address("results", person, person.tokens, [one.tokens for one in self.people])
        self.ask(person, kind, f"/results/{token}")

    def open_child(self, person: Person) -> None:
        """A row of one's results, sometimes one that is not there, sometimes with a reason."""
        token = self.chance.choice(person.tokens or ["never"])
        position = self.chance.choice(["1", "1", "1", "2", "3", "11"])
        sent = {"position": position}
        if self.chance.random() < 0.4:
            sent |= {"reason": self.chance.choice([*REASONS, "curiosity"])}
        reply = self.ask(person, "open", f"/results/{token}/open", sent)
        if reply.status_code == 303:
            opened = len(self.replies) - 1
            shown = self.view(person, reply["Location"].rsplit("/", 1)[1])
            # Which child it was is only seen on the page that it led to.
            self.replies[opened] = replace(self.replies[opened], touched=shown)

    def view(self, person: Person, handle: str) -> frozenset[UUID]:
        """The page itself; what it offers is remembered."""
        reply = self.ask(person, "child", f"/child/{handle}")
        html = reply.content.decode()
        for child in self.shown(html):
            person.handles[handle] = child
        person.lines[handle] = LINE.findall(html)
        return self.shown(html)

    def view_again(self, person: Person) -> None:
        """A child's address: one's own, another's, one that is over, or an invented one."""
        theirs = [list(one.handles) for one in self.people]
        kind, handle = self._address("child", person, list(person.handles), theirs)
        self.ask(person, kind, f"/child/{handle}")

    def change(self, person: Person) -> None:
        """Declares, confirms, ends, reports, or asks for contact; sometimes with a day to come."""
        if not person.handles:
            return
        handle, child = self.chance.choice(list(person.handles.items()))
        place = f"/child/{handle}"
        day = {"day-day": "3", "day-month": "9", "day-year": self.chance.choice(["2025", "2025", "2099"])}
        what = self.chance.choice(["declare form", "declare", "line", "line", "contact", "another's line"])
        if what == "declare form":
            self.ask(person, what, f"{place}/involvement")
        elif what == "declare":
            code = self.chance.choice(["social_work", "social_work", "counselling", "nonsense"])
            self.ask(person, what, f"{place}/involvement", {"service_type": code, **day}, about=child)
            self.view(person, handle)
        elif what == "contact":
            sent = {"family_knows": self.chance.choice(["yes", "no", "unsafe", "perhaps"])}
            self.ask(person, what, f"{place}/contact", sent, about=child)
        elif person.lines[handle]:
            line, act = self.chance.choice(person.lines[handle])
            if what == "another's line":
                # Of another child, or of another organisation, whose buttons this page does not have.
                everybodys = [line for one in self.people for lines in one.lines.values() for line in lines]
                line = self.chance.choice([self.chance.choice(everybodys)[0], line])
                act = self.chance.choice(["confirm", "end", "phone"])
            sent = day if act == "end" else {}
            self.ask(person, f"{what}: {act}", f"{place}/involvement/{line}/{act}", sent, about=child)

    def propose(self, person: Person) -> None:
        """A child nobody found; the reply names nobody, whoever is in the index."""
        child = self.chance.choice(list(self.children.values()))
        sent = {"family_name": child.family_name, "given_name": "New", "born-year": "2018", "sex": "female"}
        self.ask(person, "propose", "/propose", sent)

    def _address(self, page: str, person: Person, own: list[str], everybodys: list[list[str]]) -> tuple[str, str]:
        """An address of a kind of page, and what is special about it."""
        kind = self.chance.choice(["own", "own", "another's", "over", "never"])
        if kind == "another's":
            others = [address for list_ in everybodys for address in list_ if address not in own]
            return f"{page}: another's", self.chance.choice(others or ["never"])
        if kind == "over" and own:
            address = self.chance.choice(own)
            self.expire(address)
            person.tokens = [token for token in person.tokens if token != address]
            person.handles.pop(address, None)
            return f"{page}: over", address
        if kind == "own" and own:
            return f"{page}: own", self.chance.choice(own)
        return f"{page}: never", "AAAAAAAAAAAAAAAAAAAAAA"

    def live(self, requests: int) -> None:
        """As many requests as that, by everybody in turn, of every kind."""
        doing = [self.search] * 4 + [self.read_results] * 2 + [self.open_child] * 4 + [self.view_again] * 2
        doing += [self.change] * 5 + [self.propose]
        while len(self.replies) < requests:
            self.chance.choice(doing)(self.chance.choice(self.people))

    def counts(self) -> Counter[tuple[str, int]]:
        """How many replies of each kind and status there were."""
        return Counter((reply.kind, reply.status) for reply in self.replies)
