"""Which record belongs to which child, written out for evaluation: on an index of made-up children only."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.children import selectors as children
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import selectors as matching
from childindex.supply.types import LinksExported

COLUMNS = ("source", "record_id", "child", "score", "explanation")
_AT_ONCE = 5_000


def export_links(*, actor: Actor, out: Path, at: datetime) -> LinksExported:
    """Write every automatic link of the index: source, record_id, child (index number), score and explanation.

    The record that made an entry has no score. Children behind a shield are not in it. Recorded: how many. Refused without
    INDEX_LINKS_EXPORT, and (LIVE_INDEX) unless settings say that every child here is made up.
    """
    with audit.entry(Event.LINKS_EXPORTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_LINKS_EXPORT, at=at)
        if not settings.DEMO:
            raise Denied(Refusal.LIVE_INDEX)
        found = 0
        numbers: set[str] = set()
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for line in _lines(children.links(receipt=entry.receipt)):
                writer.writerow(line)
                found += 1
                numbers.add(line[2])
        entry.note(links=found, children=len(numbers))
        return LinksExported(receipt=entry.receipt, links=found, children=len(numbers))


def _lines(links: Iterable[tuple[str, str, str, UUID]]) -> Iterator[tuple[str, str, str, str, str]]:
    """The lines of the file, some thousands of judgements looked up at a time."""
    waiting = iter(links)
    while some := list(islice(waiting, _AT_ONCE)):
        reasons = matching.reasons([record for *_, record in some])
        for feed, record_id, number, record in some:
            score, words = reasons.get(record, (None, ""))
            yield feed, record_id, number, "" if score is None else f"{score:.6f}", words
