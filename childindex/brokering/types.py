"""What somebody who asks to be put in touch is told."""

from __future__ import annotations

from dataclasses import dataclass

from childindex.audit.types import Receipt
from childindex.cases.types import FamilyKnows

__all__ = ["ContactAsked", "FamilyKnows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAsked:
    """The request is written down and somebody will answer it: the same for every child, service and shield."""

    receipt: Receipt
    handle: str
