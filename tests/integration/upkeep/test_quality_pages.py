"""The panel and the page of a sampled pair as a browser gets them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from childindex.matching.quality.estimating import Estimate, Figure
from childindex.upkeep.panel import By, Kind, Panel, PutRight
from childindex.upkeep.usecases import quality
from tests.factories.index import a_receipt, rows
from tests.factories.people import Browser, People, sign_in_as
from tests.integration.lookup.conftest import AsRole
from tests.integration.upkeep.test_quality import decided, draw, number_of, pairs

__all__ = ["decided"]


@pytest.mark.usefixtures("decided")
def test_a_pair_after_another(people: People, as_role: AsRole) -> None:
    """Unanswered the page comes again; answered, the next one is there; what was found waits on the panel, with a way on."""
    draw(as_role)
    browser = Browser()
    sign_in_as(browser, people.somebody("data_steward"))
    assert "3 sampled pairs wait for an answer." in browser.get("/quality").content.decode()
    found = pairs()
    place = f"/quality/{found['jan']}"
    page = browser.get(place).content.decode()
    assert "Sampled pair 1 of 3" in page
    assert "score" not in page
    assert re.search(r"\bCare\b", page) is None  # who supplied it
    again = browser.post(place, {"step": "judge"})
    assert (again.status_code, "Select whether it is the same child" in again.content.decode()) == (422, True)
    answer = browser.post(place, {"step": "judge", "decision": "different"})
    following = str(answer["Location"])
    assert (answer.status_code, following.endswith("?done=otherwise")) == (303, True)
    assert "Your answer is kept. The index has it otherwise" in browser.get(following).content.decode()
    assert browser.post(place, {"decision": "same"})["Location"] == "/quality?done=elsewhere"
    browser.post(f"/quality/{found['helena']}", {"step": "judge", "decision": "same"})
    panel = browser.get("/quality?done=elsewhere").content.decode()
    assert "There are more" not in panel
    assert "That pair is no longer in the sample." in panel
    assert panel.count("holds a record that was judged another child’s") == 1
    assert panel.count("were judged the same child on") == panel.count("Compare ") == 1
    [(child,)] = rows("SELECT child FROM matching_sampledpair WHERE id = %s", found["jan"])
    number = number_of(UUID(str(child)))
    prepared = browser.post("/splits/prepare", {"number": number}).content.decode()
    assert "Take an entry apart" in prepared
    social = Browser()
    sign_in_as(social, people.somebody("social_worker"))
    assert social.get("/quality").status_code == social.get(place).status_code == 403


def a_figure(rate: float, judged: int = 100) -> Figure:
    of = Estimate(
        rate=rate, low=rate / 2, high=rate * 2, judged=judged, wrong=round(rate * judged), unsure=1, covered=1.0
    )
    return Figure(links=1000, false=of, missed=of)


def test_figures_and_what_is_not_one(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate with its interval where enough was judged, and words where not, in chart and table alike."""
    shown = Panel(
        receipt=a_receipt(),
        whole=a_figure(0.0042),
        by={
            By.SUPPLIER: {"Births": a_figure(0.02), "School": a_figure(0.5, judged=29)},
            By.AGE: {"5-10": a_figure(0.01)},
            By.NAME: {},
            By.NUMBER: {"without": a_figure(0.03)},
        },
        weeks={datetime(2026, 11, day, tzinfo=UTC).date(): a_figure(day / 1000) for day in (8, 15, 22)},
        left=0,
        next=None,
        put_right=(PutRight(kind=Kind.LINK, judged_on=date(2026, 11, 21), number="222 222 2222", other=""),),
        more=True,
    )
    monkeypatch.setattr(quality, "panel", lambda **_: shown)
    browser = Browser()
    sign_in_as(browser, people.somebody("data_steward"))
    page = browser.get("/quality").content.decode()
    assert "No sampled pair waits for an answer." in page
    assert "0.42% of links were wrong (0.21% to 0.84%)" in page
    assert "2.0%" in page
    assert "The 1 judged last are listed. There are more: they come up once these are put right." in page
    assert page.count("Not enough judged") == 2
    assert "50.0%" not in page
    assert page.count("<svg") == page.count("</table>") == 6
    assert "<script" not in page
    assert "style=" not in page
    assert browser.get(f"/quality/{uuid4()}").status_code == 303
