"""Hands out an entry's receipt: its leaf, where it stands, and what the log and its witnesses signed. Checked offline by `tools/verify_receipt.py`.

A receipt of this kind is for an authority, a court or a family; `audit.types.Receipt` is another thing.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.audit import services as audit
from childindex.audit import tree
from childindex.audit.checkpoint import Policy
from childindex.audit.tiles import Tiles
from childindex.audit.types import Event
from childindex.kernel.people import ActorRef

FORMAT: Final = "childindex ledger receipt v1"


class NotSealed(Exception):
    """There is no such entry, or it is not in the tree yet, which takes ten seconds."""


def receipt(*, actor: ActorRef, entry_id: UUID, tiles: Tiles, policy: Policy, at: datetime) -> dict[str, Any]:
    """The receipt of one entry as a JSON object: `format`, `leaf`, `position`, `proof`, `checkpoint`; bytes are base64.

    Written: one entry `ledger:receipt:given` with the id of the entry. Refused with `NotSealed` where there is nothing to prove, or
    where entry and tree do not agree.
    """
    with audit.entry(Event.LEDGER_RECEIPT_GIVEN, actor=actor, at=at) as entry:
        entry.note(entry=str(entry_id))
        note = tiles.checkpoint()
        checkpoint, _ = policy.open(note)
        position, leaf = _place_of(entry_id)
        if position >= checkpoint.size:
            raise NotSealed
        proof = tree.inclusion(position, checkpoint.size, tiles.node(checkpoint.size))
        if not tree.is_included(position, checkpoint.size, tree.leaf_hash(leaf), proof, checkpoint.root):
            raise NotSealed
        return {
            "format": FORMAT,
            "leaf": b64encode(leaf).decode(),
            "position": position,
            "proof": [b64encode(hashed).decode() for hashed in proof],
            "checkpoint": note.decode(),
        }


def _place_of(entry_id: UUID) -> tuple[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, leaf FROM audit_sealedentry JOIN audit_ledgerentry ON id = entry_id WHERE id = %s",
            [entry_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotSealed
    return row[0], bytes(row[1])
