"""The pages of merging and splitting, as two stewards use them; what is refused says the same whoever it is about."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from childindex.kernel.identity import Tier
from tests.factories.people import Browser, MadeUp, People, sign_in_as
from tests.integration.upkeep.joining.conftest import Two
from tests.integration.upkeep.joining.test_refusals import NOBODYS, protect


@pytest.fixture
def stewards(people: People) -> tuple[MadeUp, MadeUp]:
    """Two data stewards of the north."""
    return people.somebody(role="data_steward"), people.somebody(role="data_steward")


def enter(person: MadeUp) -> Browser:
    browser = Browser()
    sign_in_as(browser, person)
    return browser


def text(reply: Any) -> str:
    """What a reader reads."""
    body = re.sub(r"(?s)<(script|style).*?</\1>", " ", reply.content.decode())
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def addresses(reply: Any, kind: str) -> list[str]:
    return list(dict.fromkeys(re.findall(rf'href="(/{kind}/[0-9a-f-]{{36}})"', reply.content.decode())))


def test_from_two_numbers_to_the_notices(two: Two, stewards: tuple[MadeUp, MadeUp]) -> None:
    """Compared, proposed, confirmed, carried out, taken apart, and a notice approved and said to be sent."""
    one, other = enter(stewards[0]), enter(stewards[1])
    numbers = {"keep": two.number["Okonkwo"], "other": two.number["Zwilling"]}
    shown = one.post("/merges/compare", numbers)
    assert "Amara Okonkwo" in text(shown)
    assert "Xaveria Zwilling" in text(shown)
    assert text(shown).count("Differs") == 3
    assert "linic" not in text(shown)
    asked = one.post("/merges/propose", numbers)
    assert "Select how do you know?" in text(asked)
    proposed = one.post("/merges/propose", {**numbers, "ground": "checked_with_family"})
    assert proposed.status_code == 303
    merge = proposed["Location"]
    assert "Take my proposal back" in text(one.get(merge))
    assert "confirm what you proposed" in text(one.post(f"{merge}/answer", {"answer": "confirm"}))
    assert addresses(other.get("/merges"), "merges") == [merge]
    assert "Confirm: same child" in text(other.get(merge))
    assert other.post(f"{merge}/answer", {"answer": "confirm"}).status_code == 303
    two.carry_out(merge=_id(merge))
    assert "Done" in text(one.get(merge))
    _taken_apart(two, one, other)


def _id(address: str) -> UUID:
    return UUID(address.rsplit("/", 1)[1])


def _taken_apart(two: Two, one: Browser, other: Browser) -> None:
    """The second half: the split, who saw it, the notices."""
    prepared = one.post("/splits/prepare", {"number": two.number["Zwilling"]})
    assert "Records that go back if the last merge is undone" in text(prepared)
    assert "school: s1, Xaveria Zwilling" in text(prepared)
    number = {"number": two.number["Okonkwo"]}
    assert "There is a problem" in text(one.post("/splits/propose", number))
    nothing = one.post("/splits/propose", {**number, "how": "new", "ground": "reported"})
    assert "Select at least one record to move" in text(nothing)
    proposed = one.post("/splits/propose", {**number, "how": "undo", "ground": "reported"})
    assert proposed.status_code == 303
    split = proposed["Location"]
    assert "school: s1" in text(one.get(split))
    assert "confirm what you proposed" in text(one.post(f"{split}/answer", {"answer": "confirm"}))
    assert "Confirm: take it apart" in text(other.get(split))
    assert other.post(f"{split}/answer", {"answer": "confirm"}).status_code == 303
    two.carry_out(split=_id(split))
    done = one.get(split)
    assert "Looked at the entry to put it right" in text(done)
    assert "to be sent by post or e-mail by your team" in text(done)
    notices = addresses(done, "notices")
    assert len(notices) == 5
    for notice in notices:
        read = one.get(notice)
        assert "They have been put right" in text(read) or "It has been put right" in text(read)
        assert "Okonkwo" not in text(read)
    assert "Approve" in text(one.get(notices[0]))
    one.post(f"{notices[0]}/move", {"answer": "sent"})
    assert "Drafted" in text(one.get(notices[0]))
    one.post(f"{notices[0]}/move", {"answer": "approve"})
    other.post(f"{notices[0]}/move", {"answer": "sent"})
    assert "Sent by your team" in text(one.get(notices[0]))
    listed = text(one.get("/merges"))
    assert "taken apart again" in listed
    assert "Split" in listed


def test_absent_shielded_sealed_and_misspelt_read_the_same(two: Two, stewards: tuple[MadeUp, MadeUp]) -> None:
    """Whatever is behind a number, the page says that there is no open entry; the number itself is all that differs."""
    one = enter(stewards[0])
    hidden = two.number["Zwilling"]
    protect(two, "Zwilling", Tier.SHIELDED)

    def page(number: str, path: str, field: str) -> str:
        sent = {"keep": two.number["Okonkwo"]} if field == "other" else {}
        reply = one.post(path, {**sent, field: number})
        body = re.sub(
            r'nonce="[^"]+"|name="csrfmiddlewaretoken" value="[^"]+"|Entry [0-9a-f-]{36}', "", reply.content.decode()
        )
        return f"{reply.status_code}{body}".replace(number, "NUMBER")

    for path, field in (("/merges/compare", "other"), ("/splits/prepare", "number")):
        pages = {page(number, path, field) for number in (hidden, NOBODYS, "nonsense")}
        assert len(pages) == 1
        assert "There is no open entry with this index number" in pages.pop()


def test_nobody_else_gets_in(two: Two, people: People, stewards: tuple[MadeUp, MadeUp]) -> None:
    social = enter(people.somebody())
    assert social.get("/merges").status_code == 403
    assert social.post("/merges/compare", {"keep": "A", "other": "B"}).status_code == 403
    never = "/merges/00000000-0000-4000-8000-000000000000"
    one = enter(stewards[0])
    for address in (never, never.replace("merges", "splits"), never.replace("merges", "notices")):
        assert one.get(address).status_code == 404
    for address in (f"{never}/answer", f"{never.replace('merges', 'splits')}/answer"):
        assert one.post(address, {"answer": "confirm"}).status_code == 404
    assert one.post(f"{never.replace('merges', 'notices')}/move", {"answer": "approve"}).status_code == 404
    assert "Enter index number to keep" in text(one.post("/merges/compare", {}))
    assert "Enter index number of the entry" in text(one.post("/splits/prepare", {}))
