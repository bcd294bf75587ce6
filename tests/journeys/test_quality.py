"""A data steward judges sampled pairs with two keys each, without JavaScript, and sees what they come to."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.demo import Demo
from tests.journeys.visitor import Visitor

SignedIn = Callable[..., Visitor]
PROGRESS = re.compile(r"Sampled pair (\d+) of (\d+)")


def test_two_keys_a_sampled_pair(signed_in: SignedIn, demo: Demo) -> None:
    """One screen and two keys, as in the queue; nothing says what was decided, and too little judged is said to be too little."""
    visitor = signed_in(demo.account("sunita"), scripts=False)
    visitor.follow("Match quality")
    assert "sampled pairs wait for an answer" in visitor.text
    assert "Not enough judged" in visitor.text
    visitor.press("Answer the next pair")
    assert "score" not in visitor.text
    before = PROGRESS.search(visitor.text)
    assert before is not None
    visitor.screens = visitor.keys = visitor.clicks = 0
    visitor.access_key("1")
    assert visitor.page.get_by_label("The same child").is_checked()
    visitor.enter()
    assert (visitor.screens, visitor.keys, visitor.clicks) == (1, 2, 0)
    assert "Your answer is kept." in visitor.text
    after = PROGRESS.search(visitor.text)
    assert after is not None
    assert [int(after[1]), after[2]] == [int(before[1]) + 1, before[2]]
