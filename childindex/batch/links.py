"""`childindex links --out FILE`: which record belongs to which child, on a demo index."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from childindex.access.sign_in import operator
from childindex.supply.types import LinksExported
from childindex.supply.usecases.links import export_links


def run(out: Path, *, at: datetime) -> LinksExported:
    """Write the links as the operator."""
    return export_links(actor=operator(at=at), out=out, at=at)


def as_dict(done: LinksExported) -> dict[str, object]:
    """The counts for `--json`."""
    return {"links": done.links, "children": done.children}


def lines(done: LinksExported) -> list[str]:
    """The counts for a person."""
    return [f"{done.links:,} links to {done.children:,} children"]
