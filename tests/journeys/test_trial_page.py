"""The page that `childindex evaluate --html` writes, on a screen, on a telephone and to axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from childindex.trial import outcome
from tests.journeys.visitor import violations
from tests.unit.trial import town

# texts of a chart that reach beyond it
CUT_OFF = """svg => {
    const frame = svg.getBoundingClientRect();
    const outside = box => box.right > frame.right + 1 || box.left < frame.left - 1;
    return [...svg.querySelectorAll("text")].filter(text => outside(text.getBoundingClientRect())).map(text => text.textContent);
}"""


@pytest.mark.parametrize("width", [1280, 375])
def test_anyone_can_read_the_trial(browser: Browser, tmp_path: Path, width: int) -> None:
    town.write(tmp_path)
    written = tmp_path / "trial.html"
    outcome.run(tmp_path, truth=tmp_path / "truth.csv", html=written)
    page = browser.new_page(viewport={"width": width, "height": 900})
    try:
        page.goto(written.as_uri())
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for chart in page.locator("svg").all():
            box = chart.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width
            assert chart.evaluate(CUT_OFF) == []
    finally:
        page.close()
