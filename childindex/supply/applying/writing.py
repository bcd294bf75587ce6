"""Writing what a batch says of open children: records, keys, decisions, involvements, then what is computed from them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.children import selectors as entries
from childindex.children import services as children
from childindex.children.types import StoredRecord
from childindex.consent import services as consent
from childindex.consent.types import DecisionLine
from childindex.involvement import services as involvement
from childindex.involvement.types import SuppliedLine
from childindex.kernel.identity import SuppliedInvolvement, Tier
from childindex.matching import services as matching
from childindex.shielding.types import Ground, Protection
from childindex.supply.applying.batch import Context, Line, Tally

# A decision repeated in a later delivery is the same decision.
_DECISIONS = uuid.UUID("b2f6f0a4-6a7c-4a52-9c3e-0d7f2c1d9a10")
_REVIEW_AFTER: Final = timedelta(days=182)


def stored(line: Line, child: UUID, context: Context) -> StoredRecord:
    """A record as it is kept with its child."""
    record = line.record
    return StoredRecord(
        id=line.id,
        child=child,
        feed=record.feed,
        record_id=record.record_id,
        identity=record.identity,
        unborn=record.unborn,
        deceased_on=record.deceased_on,
        left_england=record.left_england,
        updated_on=record.updated_on,
        removed_on=None,
        authority=context.areas.get(record.identity.postcode, ""),
        received_at=context.receipt.at,
        delivery_id=context.delivery.id,
        content=line.content,
    )


def write_involvements(lines: Sequence[tuple[Line, UUID]], context: Context, tally: Tally, *, known: bool) -> None:
    """Keep the involvements of records and the decisions that allow them; each record with the child it belongs to.

    Of records `known` before, what they were delivered whole and no longer name has ended.
    """
    decisions: list[DecisionLine] = []
    supplied: list[SuppliedLine] = []
    for line, child in lines:
        for one in line.record.involvements:
            sensitive = context.is_sensitive(one.service_type)
            decision = _decision(child, one, context.receipt)
            if decision is not None:
                decisions.append(decision)
            elif sensitive:
                continue  # a row without a decision is rejected before it comes here; were it not, nothing is listed
            supplied.append(
                SuppliedLine(
                    id=uuid.uuid4(),
                    child=child,
                    source=line.record.feed,
                    record_id=line.record.record_id,
                    supplied=one,
                    sensitive=sensitive,
                    consent_id=decision.id if decision is not None else None,
                    as_of=context.delivery.as_at,
                )
            )
    if decisions:
        consent.record(decisions, receipt=context.receipt)
    changes = involvement.apply_supplied(
        supplied,
        feed=context.feed.name,
        whole=[line.record.record_id for line, _ in lines if known and context.whole(line.record)],
        on=context.delivery.as_at,
        receipt=context.receipt,
    )
    tally.started += changes.started
    tally.ended += changes.ended


def _decision(child: UUID, one: SuppliedInvolvement, receipt: Receipt) -> DecisionLine | None:
    """The decision a row gives for its service, with the same id whenever it comes again; None without a named decider."""
    given = one.consent
    if given is None or not given.by or given.on is None:
        return None
    name = f"{child}|{one.service_type}|{one.organisation_id}|{given.basis}|{given.by}|{given.on}"
    return DecisionLine(
        id=uuid.uuid5(_DECISIONS, name),
        child=child,
        service_type=one.service_type,
        organisation=one.organisation_id,
        basis=given.basis,
        decided_by=given.by,
        decided_on=given.on,
        recorded_at=receipt.at,
        withdrawn_at=None,
    )


def rekey(those: Sequence[UUID], *, receipt: Receipt) -> None:
    """Compute the search keys of open children anew, from every identity their sources gave."""
    held = [one for one in entries.held(those) if one.tier is Tier.OPEN]
    children.replace_keys({one.id: matching.keys_of(one.identities) for one in held}, receipt=receipt)


def shield_marked(those: Sequence[UUID], tally: Tally, *, receipt: Receipt) -> None:
    """Shield children at once, provisionally, because a supplier marked a record confidential (R 3.13, 3.23).

    Open entries that come near them are kept for somebody to look at (R 3.19).
    """
    ids = sorted(set(those))
    if not ids:
        return
    near = involvement.move_to_guard(
        [
            Protection(
                child=child,
                tier=Tier.SHIELDED,
                ground=Ground.SUPPLIER_MARKED,
                provisional=True,
                decided_at=receipt.at,
                review_on=receipt.at.date() + _REVIEW_AFTER,
            )
            for child in ids
        ],
        receipt=receipt,
    )
    tally.shielded += ids
    tally.near += len({one for those in near.values() for one in those})
