"""A shielded child's entry is opened again, exactly as it was: the inverse of `services.move_to_guard`. The worker's alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import merging
from childindex.children import selectors as entries
from childindex.children import services as children
from childindex.children.types import StoredRecord
from childindex.consent import services as consent
from childindex.consent.types import DecisionLine
from childindex.directory import selectors as directory
from childindex.involvement import services as involvement
from childindex.kernel.identity import ConsentBasis, SourceRecord
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import holding, nearness
from childindex.matching import services as matching
from childindex.matching.types import Candidate, Incoming, RowForReview
from childindex.shielding import lifting
from childindex.shielding import services as shielding

_PUT_BACK: Final = "INSERT INTO involvement_involvement SELECT * FROM jsonb_populate_recordset(NULL::involvement_involvement, %s::jsonb)"


def open_again(child: UUID, *, receipt: Receipt) -> None:
    """Give a shielded child's entry back to everybody who may look: fields, records, keys, involvements, decisions (R 3.14).

    What a supplier said while the child was shielded is taken in, but for involvements, which its next row brings. Records that
    were held because they came near this child alone go to a steward; where the child comes near another protected one, somebody
    is asked to look (R 3.19). Denied(NOT_ACCEPTED, "near") while a record that its supplier marked waits beside this child. The
    database refuses without a decision of two people.
    """
    kept = lifting.kept_of(child, receipt=receipt)
    waiting = lifting.let_go(child, receipt=receipt)
    if any(record.confidential for _, record in waiting):
        raise Denied(Refusal.NOT_ACCEPTED, "near")
    (entry,) = kept.attached["entry"]
    merging.open_again(entry, receipt=receipt)
    children.put_records([*kept.records, *_placed(kept.changed)], receipt=receipt)
    consent.record([_decision(one) for one in kept.attached.get("decisions", ())], receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [json.dumps(kept.attached.get("involvements", []))])
    _take_in([*kept.records, *kept.changed], anew=bool(kept.changed), child=child, receipt=receipt)
    _look(child, waiting, receipt=receipt)


def _placed(changed: Sequence[StoredRecord]) -> list[StoredRecord]:
    """Records that were given anew, with the authority their postcode lies in."""
    areas = directory.authority_of({one.identity.postcode for one in changed})
    return [replace(one, authority=areas.get(one.identity.postcode, "")) for one in changed]


def _decision(columns: Mapping[str, Any]) -> DecisionLine:
    withdrawn = columns["withdrawn_at"]
    return DecisionLine(
        id=UUID(columns["id"]),
        child=UUID(columns["child"]),
        service_type=columns["service_type"],
        organisation=columns["organisation"],
        basis=ConsentBasis(columns["basis"]),
        decided_by=columns["decided_by"],
        decided_on=date.fromisoformat(columns["decided_on"]),
        recorded_at=datetime.fromisoformat(columns["recorded_at"]),
        withdrawn_at=datetime.fromisoformat(withdrawn) if withdrawn else None,
    )


def _take_in(records: Sequence[StoredRecord], *, anew: bool, child: UUID, receipt: Receipt) -> None:
    """What follows from the records: involvements of those withdrawn have ended; fields anew if any changed; search keys."""
    for one in records:
        if one.removed_on is not None:
            involvement.end_all(one.feed, [one.record_id], on=one.removed_on, receipt=receipt)
    if anew:
        children.refresh([child], receipt=receipt)
    held = entries.held([child])
    children.replace_keys({one.id: matching.keys_of(one.identities) for one in held}, receipt=receipt)


def _look(child: UUID, waiting: Sequence[tuple[UUID, SourceRecord]], *, receipt: Receipt) -> None:
    """Have people look at what came near this child, and whom this child comes near."""
    summary = next(iter(entries.summaries([child], receipt=receipt).values()))
    sensitive = {code for code, kind in directory.service_types().items() if kind.sensitive}
    holding.ask(
        [
            RowForReview(
                id=row,
                record=record,
                content=b"",  # not known any more: its supplier's next row is compared anew
                asked=(Candidate(child=child, score=0.0, levels={}),),
                authority=summary.responsible_authority,
                keys=nearness.waiting_keys(record.identity),
                sensitive=any(one.service_type in sensitive for one in record.involvements),
            )
            for row, record in waiting
        ],
        delivery=receipt.entry_id,
        receipt=receipt,
    )
    said = [Incoming(id=child, identity=identity) for one in entries.held([child]) for identity in one.identities]
    near = {other: [child] for one in said for other in nearness.near_protected([one]).get(child, ())}
    shielding.note_near(near, again=True, receipt=receipt)
