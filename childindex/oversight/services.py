"""Filling and answering the queue. Every function needs the receipt of the entry that wrote down why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.oversight import policies, selectors
from childindex.oversight.models import QueueItem, Scan
from childindex.oversight.types import Explanation, ItemState, Key, Look, Signal

_CHANGING = ("signals", "rank", "times", "entries", "state", "explanation", "decided_at")


def keep(found: Sequence[tuple[Look, frozenset[Signal]]], *, receipt: Receipt) -> int:
    """Put looks with a signal into the queue, or their new signals to an item that is there; returns how many are new.

    What an officer has answered stays answered. What an involvement had explained waits again when there is a new signal.
    """
    known = selectors.existing(look for look, _ in found)
    authorities = selectors.authorities(look for look, _ in found)
    new: dict[Key, QueueItem] = {}
    changed = []
    for look, signals in found:
        row = known.get(look.key) or new.get(look.key)
        if row is None:
            new[look.key] = _item(look, signals, authority=authorities.get(look.organisation, ""), receipt=receipt)
        elif row.decided_by is None and _add(row, look, signals) and look.key in known:
            changed.append(row)
    QueueItem.objects.bulk_create(new.values(), batch_size=1_000)
    QueueItem.objects.bulk_update(changed, _CHANGING, batch_size=1_000)
    return len(new)


def _item(look: Look, signals: frozenset[Signal], *, authority: str, receipt: Receipt) -> QueueItem:
    return QueueItem(
        account_id=look.account,
        child_id=look.child,
        day=look.day,
        organisation=look.organisation,
        role=look.role,
        authority=authority,
        signals=[signal.value for signal in Signal if signal in signals],
        rank=policies.rank(signals),
        times=list(look.times),
        entries=list(look.entries),
        found_at=receipt.at,
    )


def _add(row: QueueItem, look: Look, signals: frozenset[Signal]) -> bool:
    """Whether the look says anything new of an item, which then waits for an answer."""
    together = {Signal(code) for code in row.signals} | signals
    entries = sorted({*zip(row.times, row.entries, strict=True), *zip(look.times, look.entries, strict=True)})
    if len(together) == len(row.signals) and len(entries) == len(row.entries):
        return False
    if len(together) > len(row.signals):
        row.state, row.explanation, row.decided_at = ItemState.WAITING.value, "", None
    row.signals = [signal.value for signal in Signal if signal in together]
    row.rank = policies.rank(together)
    row.times = [time for time, _ in entries][:20]
    row.entries = [entry for _, entry in entries][:20]
    return True


def explain_by_involvement(explained: Mapping[UUID, Explanation], *, receipt: Receipt) -> None:
    """Take items out of the queue that something explains by now; nobody has to answer them."""
    for row_id, explanation in explained.items():
        QueueItem.objects.filter(id=row_id, state=ItemState.WAITING.value).update(
            state=ItemState.EXPLAINED.value, explanation=explanation.value, decided_at=receipt.at
        )


def note_scan(until: datetime, *, receipt: Receipt) -> None:
    """Keep up to when the ledger has been read."""
    del receipt
    Scan.objects.update_or_create(id=1, defaults={"until": until})


def explain(row_id: UUID, explanation: Explanation, *, by: UUID, receipt: Receipt) -> None:
    """An officer says what explains an item."""
    QueueItem.objects.filter(id=row_id).update(
        state=ItemState.EXPLAINED.value, explanation=explanation.value, decided_at=receipt.at, decided_by=by
    )


def investigate(row_id: UUID, *, case_id: UUID, notice_id: UUID, by: UUID, receipt: Receipt) -> None:
    """An officer has opened an investigation of an item."""
    QueueItem.objects.filter(id=row_id).update(
        state=ItemState.INVESTIGATED.value, decided_at=receipt.at, decided_by=by, case_id=case_id, notice_id=notice_id
    )
