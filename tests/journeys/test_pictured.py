"""Every page there is stands in the album, or is said to have no picture; the album itself is `test_screenshots`, which takes minutes."""

from __future__ import annotations

from childindex.project.urls import urlpatterns as every_address
from tests.journeys.test_screenshots import SHOWN, WITHOUT


def test_every_page_has_its_picture() -> None:
    """A new page without a picture fails here."""
    named = {pattern.name for part in every_address for pattern in getattr(part, "url_patterns", [part])}
    assert named - {None} == WITHOUT | SHOWN
