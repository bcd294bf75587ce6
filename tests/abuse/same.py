"""Whether two answers are the same, byte for byte, once what is drawn by lot for each is taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.factories.people import Browser

# What differs between any two answers to one and the same question.
_BY_LOT: Final = (
    (re.compile(r'name="csrfmiddlewaretoken" value="[A-Za-z0-9]{64}"'), 'name="csrfmiddlewaretoken" value="*"'),
    (re.compile(r"nonce-[A-Za-z0-9+/=_-]+"), "nonce-*"),
    (re.compile(r'nonce="[^"]+"'), 'nonce="*"'),
    (re.compile(r"/(results|child)/[A-Za-z0-9_-]{22}"), r"/\1/*"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "uuid"),
    (re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4} at \d{1,2}:\d{2}[ap]m"), "time"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer: its status, its headers and cookies in order, its body; and how long the body was before anything was taken out."""

    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[str, ...]
    body: str
    length: int


def without_lots(text: str, typed: Sequence[str] = ()) -> str:
    """A text in which what is drawn by lot, and what the asker typed, is replaced by a word for it."""
    for pattern, word in _BY_LOT:
        text = pattern.sub(word, text)
    for value in sorted((one for one in typed if len(one) > 2), key=len, reverse=True):
        text = text.replace(value, "typed")
    return text


def answer(reply: Any, typed: Sequence[str] = ()) -> Answer:
    """What somebody outside sees of a reply (Django's test client gives it a type of its own)."""
    body = reply.content.decode()
    cookies = tuple(f"{name} {sorted(one.items())}" for name, one in sorted(reply.cookies.items()))
    return Answer(
        status=reply.status_code,
        headers=tuple((name, without_lots(value, typed)) for name, value in reply.items()),
        cookies=tuple(re.sub(r"'expires', '[^']*'", "'expires', '*'", one) for one in cookies),
        body=without_lots(body, typed),
        length=len(body) - sum(len(one) for one in typed if len(one) > 2 and one in body),
    )


def searched(browser: Browser, typed: Mapping[str, str], *, refresh: Callable[[], object]) -> tuple[Answer, ...]:
    """The answers to one search: to sending it, and at the address it leads to. `refresh` is called before it."""
    refresh()
    sent = {"reason": "contact", "case_reference": "", **typed}
    posted: Any = browser.post("/search", sent)
    answers = [answer(posted, tuple(typed.values()))]
    if posted.status_code == 303:
        answers.append(answer(browser.get(posted["Location"])))
    return tuple(answers)
