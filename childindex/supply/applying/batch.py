"""A batch on its way: what it is part of, what the register says, and its records told apart."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.types import KnownRecord
from childindex.directory import selectors as directory
from childindex.directory.types import Feed, Organisation, ServiceType
from childindex.kernel.identity import Identity, SourceRecord
from childindex.matching import selectors as matching
from childindex.matching.types import HeldForReview
from childindex.shielding import sealing
from childindex.shielding import selectors as guard
from childindex.shielding.types import GuardedRow
from childindex.supply.applying.content import content_of, is_older
from childindex.supply.types import BatchReport, Delivery, Kind


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Let Python's search for reference cycles rest: a batch makes a million small values and no cycle (a quarter of the time)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every step needs: the delivery, the receipt of its entry, and the register."""

    delivery: Delivery
    feed: Feed
    receipt: Receipt
    areas: Mapping[str, str]
    services: Mapping[str, ServiceType]
    organisations: Mapping[str, Organisation]
    late: bool  # a snapshot for a later day has been applied
    # Of a row that two people have decided about: the protected children it is not.
    apart: frozenset[UUID] = frozenset()

    def authority_for(self, record: SourceRecord) -> str:
        """The one responsible authority: of the residence, else of the school, else of whoever supplies (R 4.26, 1.02)."""
        at_home = self.areas.get(record.identity.postcode, "")
        if at_home:
            return at_home
        where = [one.organisation_id for one in record.involvements if self._is_school(one.service_type)]
        found = [self.organisations[code].authority for code in where if code in self.organisations]
        own = self.organisations.get(self.feed.organisation)
        return next((one for one in found if one), (own.authority if own else "") or self.feed.authorities[0])

    def _is_school(self, service_type: str) -> bool:
        service = self.services.get(service_type)
        return service is not None and service.sector == "education"

    def is_sensitive(self, service_type: str) -> bool:
        """Whether a kind of service is sensitive; one that nobody knows is."""
        service = self.services.get(service_type)
        return service is None or service.sensitive

    def whole(self, record: SourceRecord) -> bool:
        """Whether a record says everything about its involvements: what it does not name has then ended."""
        return self.delivery.kind is Kind.SNAPSHOT and record.complete


def context(
    delivery: Delivery, feed: Feed, records: Sequence[SourceRecord], *, late: bool, receipt: Receipt
) -> Context:
    """Look up what the register says of everything the batch names."""
    codes = {one.organisation_id for record in records for one in record.involvements} | {feed.organisation}
    return Context(
        delivery=delivery,
        feed=feed,
        receipt=receipt,
        areas=directory.authority_of({record.identity.postcode for record in records if record.identity.postcode}),
        services=directory.service_types(),
        organisations=directory.organisations(codes),
        late=late,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record of the batch with its content hash and the id it is kept under."""

    id: UUID
    record: SourceRecord
    content: bytes


@dataclass(slots=True)
class Tally:
    """The counts of a report while they grow. What a shield holds is counted as the supplier would expect it."""

    unchanged: int = 0
    linked: int = 0
    new: int = 0
    for_review: int = 0
    updated: int = 0
    removed: int = 0
    started: int = 0
    ended: int = 0
    # For the ledger alone, never for the supplier: whom marks have shielded, and how many open entries come near those.
    shielded: list[UUID] = field(default_factory=list)
    near: int = 0

    def report(self) -> BatchReport:
        """The finished counts."""
        return BatchReport(
            unchanged=self.unchanged,
            linked=self.linked,
            new=self.new,
            for_review=self.for_review,
            updated=self.updated,
            removed=self.removed,
            started=self.started,
            ended=self.ended,
        )


@dataclass(slots=True)
class Sorted:
    """The records of a batch told apart by what is known of them."""

    same: list[str] = field(default_factory=list)  # ids of the supplier
    same_in_guard: list[UUID] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[tuple[Line, KnownRecord]] = field(default_factory=list)
    changed_in_guard: list[tuple[Line, GuardedRow]] = field(default_factory=list)
    older_in_guard: list[tuple[Identity, GuardedRow]] = field(default_factory=list)
    to_place: list[Line] = field(default_factory=list)
    to_release: list[str] = field(default_factory=list)
    unchanged: int = 0


def sort(feed: str, records: Sequence[SourceRecord], fresh: Sequence[UUID], *, late: bool) -> Sorted:
    """Tell a batch apart. The guard is asked first: what it holds is never looked for anywhere else.

    `fresh` are new ids, one for each record, for those that have none yet. What is older than what is kept counts as
    unchanged and does nothing: it does not speak for the delivery's day, nor does it end anything. Who it says a protected child
    was the guard still has to know.
    """
    ids = [record.record_id for record in records]
    guarded, known, waiting = guard.known(feed, ids), children.known(feed, ids), matching.held_for_review(feed, ids)
    found = Sorted()
    for record, new_id in zip(records, fresh, strict=True):
        kept = guarded.get(record.record_id) or known.get(record.record_id) or waiting.get(record.record_id)
        marked = isinstance(kept, HeldForReview) and record.confidential
        older = kept is not None and is_older(record, than=kept.updated_on, late=late)
        if older and not marked:
            found.unchanged += 1
            if record.record_id in guarded and not record.removed:
                found.older_in_guard.append((record.identity, guarded[record.record_id]))
        elif record.removed:
            found.removed.append(record.record_id)
        elif record.record_id in guarded:
            _sort_guarded(found, record, guarded[record.record_id])
        elif record.record_id in known:
            _sort_known(found, record, known[record.record_id])
        else:
            _sort_strange(found, record, waiting.get(record.record_id), new_id)
    return found


def _sort_guarded(found: Sorted, record: SourceRecord, row: GuardedRow) -> None:
    content = content_of(record)
    if sealing.hashed_content(content) == row.digest and not row.removed:
        found.same_in_guard.append(row.id)
        found.unchanged += 1
    else:
        found.changed_in_guard.append((Line(id=row.id, record=record, content=content), row))


def _sort_known(found: Sorted, record: SourceRecord, known: KnownRecord) -> None:
    content = content_of(record)
    if content == known.content and not known.removed:
        found.same.append(record.record_id)
        found.unchanged += 1
    else:
        found.changed.append((Line(id=known.id, record=record, content=content), known))


def _sort_strange(found: Sorted, record: SourceRecord, waiting: HeldForReview | None, new_id: UUID) -> None:
    content = content_of(record)
    if waiting is None:
        found.to_place.append(Line(id=new_id, record=record, content=content))
    elif content == waiting.content:
        found.unchanged += 1
    else:
        found.to_release.append(record.record_id)
        found.to_place.append(Line(id=waiting.id, record=record, content=content))
