"""The compiled style sheet: small, our own, and holding every class that a template names."""

from __future__ import annotations

import re
from pathlib import Path

import childindex.web

WEB = Path(childindex.web.__file__).parent
CSS = (WEB / "design/static/design/app.css").read_text()
MOST_BYTES = 90_000

# Named by macros only as hooks for the design system's own script, which no page here loads, or to be found by.
_NOT_STYLED = re.compile(r"govuk-js-|govuk-frontend-supported|govuk-input__prefix|ci-header__name")


def test_it_is_small() -> None:
    """Most of a first load of 100 kB, uncompressed."""
    assert len(CSS.encode()) <= MOST_BYTES


def test_it_fetches_nothing() -> None:
    """No fonts, no pictures, no other sheet."""
    assert re.findall(r"url\(|@import|@font-face", CSS) == []


def test_its_fonts_are_the_reader_s_own() -> None:
    """GDS Transport is for GOV.UK alone."""
    assert "Transport" not in CSS
    assert "-apple-system" in CSS


def test_every_class_a_template_names_is_there() -> None:
    """A component whose styles were never compiled is drawn naked, and nobody notices until somebody looks."""
    missing = {}
    for template in WEB.rglob("jinja2/**/*.html"):
        named = set(
            re.findall(
                r"(?<![\w./-])(?:govuk|ci)-[a-z][\w!-]*",
                re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL),
            )
        )
        absent = sorted(name for name in named if not _styled(name) and not _NOT_STYLED.match(name))
        if absent:
            missing[str(template.relative_to(WEB))] = absent
    assert missing == {}


def test_focus_and_forced_colours_are_kept() -> None:
    """The yellow of keyboard focus, and the borders that stand in for backgrounds."""
    assert "--govuk-focus-colour" in CSS
    assert "forced-colors" in CSS


def _styled(name: str) -> bool:
    escaped = name.replace("!", r"\!")
    # a name that ends in a dash is completed by the template (an item's standing, for instance)
    return (
        f".{escaped}" in CSS if name.endswith("-") else re.search(rf"\.{re.escape(escaped)}(?![\w-])", CSS) is not None
    )
