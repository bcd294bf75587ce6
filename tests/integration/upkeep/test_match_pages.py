"""The pages of the queue as a browser gets them: what they show, and what is answered to those they are not for."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.factories.index import SCHOOL, deliver, rows
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.lookup.conftest import AsRole, Ledger
from tests.integration.upkeep.test_judge import AMARA_UNNAMED, ROW, jan

__all__ = ["jan"]


@pytest.fixture
def steward(people: People) -> Browser:
    """A browser in which a steward of Northby has signed in."""
    browser = Browser()
    sign_in_as(browser, people.somebody("data_steward"))
    return browser


def review() -> UUID:
    [(found,)] = rows("SELECT id FROM matching_review WHERE decided_at IS NULL")
    return UUID(str(found))


def test_the_next_pair_comes_straight_away(jan: UUID, steward: Browser) -> None:
    """And when there is none left, the queue says so."""
    page = steward.get(f"/matches/{review()}").content.decode()
    assert "Pair 1 of 1" in page
    assert "The same child as Jan Nowak" in page
    answer = steward.post(f"/matches/{review()}", {"step": "decide", "decision": str(jan), "because": "as_shown"})
    assert (answer.status_code, answer["Location"]) == (303, "/matches?done=kept")
    after = steward.get(answer["Location"]).content.decode()
    assert "Your decision is kept." in after
    assert "Nothing is left for you today." in after


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"decision": "new"},
        {"decision": "new", "because": "because"},
        {"decision": "maybe", "because": "as_shown"},
        {"decision": str(UUID(int=7)), "because": "as_shown"},
    ],
)
def test_what_cannot_be_read_is_shown_again(sent: dict[str, str], jan: UUID, steward: Browser) -> None:
    """A child who was not shown, a decision or reason that is not on the list: nothing is kept."""
    del jan
    answer = steward.post(f"/matches/{review()}", {"step": "decide", **sent})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert rows("SELECT verdict FROM matching_review") == [("",)]
    assert (
        steward.post(f"/matches/{review()}", {"step": "decide", "decision": "new", "because": "as_shown"}).status_code
        == 303
    )


def test_the_second_persons_page(index: object, people: People, steward: Browser, as_role: AsRole) -> None:
    """Asked whether they decide the same; unanswered, the page comes again; no, and the pair is back in the queue."""
    del index
    with as_role("worker"):
        deliver(AMARA_UNNAMED)
    place = f"/matches/{review()}"
    answer = steward.post(place, {"step": "decide", "decision": "new", "because": "twin_or_sibling"})
    assert answer["Location"] == "/matches?done=second"
    assert "You decided; a second steward must confirm" in steward.get("/matches").content.decode()
    mine = steward.get(place).content.decode()
    assert "You decided: A new child. Because of: A twin, brother or sister." in mine
    assert "Confirm and go on" not in mine
    own = steward.post(place, {"step": "confirm", "decision": "agree"})
    assert own["Location"] == "/matches?done=elsewhere"
    second = Browser()
    sign_in_as(second, people.somebody("data_steward"))
    assert "Another steward decided: A new child." in second.get(place).content.decode()
    assert second.post(place, {"step": "confirm"}).status_code == 422
    assert second.post(place, {"step": "confirm", "decision": "unsure"}).status_code == 303
    assert "Waits for a decision" in steward.get("/matches").content.decode()


def test_to_everybody_else_it_is_not_there(jan: UUID, people: People, ledger: Ledger) -> None:
    """Another authority's steward is sent to their own queue; a social worker is refused; a stranger must sign in."""
    del jan
    people.organisation(SCHOOL)
    elsewhere, social = Browser(), Browser()
    sign_in_as(elsewhere, people.somebody("data_steward", organisation=SCHOOL))
    sign_in_as(social, people.somebody("social_worker"))
    for which in (review(), uuid4()):
        answer = elsewhere.get(f"/matches/{which}")
        assert (answer.status_code, answer["Location"]) == (303, "/matches?done=elsewhere")
        assert ledger()[-1]["outcome"] == "refused"
        assert social.get(f"/matches/{which}").status_code == 403
    assert social.get("/matches").status_code == 403
    assert b"That pair is no longer waiting." in elsewhere.get("/matches?done=elsewhere").content
    assert Browser().get("/matches").status_code == 302
    assert ROW.record_id == "j"
