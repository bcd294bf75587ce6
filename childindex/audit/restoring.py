"""What was lost in a restore, said in the ledger itself. A database that was set back is never used further in silence.

The declaration is an entry like any other: who, when, case reference, and which positions are gone. The sealer goes on only
after one, and every verification afterwards says so for ever (threats.md 1.6).
"""

from __future__ import annotations

import json
from datetime import datetime

from django.db import connection

from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.kernel.people import ActorRef


def declaration_of(*, first: int, until: int) -> int | None:
    """The place in the queue of an entry that says the positions from `first` to `until` were lost in a restore; nothing if none does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT arrival, leaf FROM audit_waitingentry JOIN audit_ledgerentry ON id = entry_id ORDER BY arrival"
        )
        return next((arrival for arrival, leaf in cursor if lost_of(bytes(leaf)) == (first, until)), None)


def lost_of(leaf: bytes) -> tuple[int, int] | None:
    """Which positions a leaf declares lost; nothing if it is no declaration that was done."""
    if Event.LEDGER_RESTORE_DECLARED.value.encode() not in leaf:
        return None
    try:
        said = json.loads(leaf)
        if (said["event"], said["outcome"]) != (Event.LEDGER_RESTORE_DECLARED.value, "done"):
            return None
        return int(said["detail"]["first"]), int(said["detail"]["until"])
    except (
        ValueError,
        KeyError,
        TypeError,
    ):  # whoever writes nonsense declares nothing, and stops nobody from verifying
        return None


def incident_of(leaf: bytes) -> str:
    """The reference that a declaration gives; empty where it gives none."""
    return str(json.loads(leaf)["detail"].get("incident", ""))


def given_positions() -> int:
    """How many positions the database knows of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position) + 1, 0) FROM audit_sealedentry")
        return int(cursor.fetchone()[0])


class NothingLost(Exception):
    """The database holds every position that was sealed; there is nothing to declare."""


def declare(*, actor: ActorRef, incident: str, sealed: int, at: datetime) -> tuple[int, int]:
    """Declare that the database was set back and has lost what was sealed since; the positions from and to.

    Written: one entry `ledger:restore:declared` with the positions and the reference of the incident. Refused with `NothingLost`
    if no position is missing.
    """
    with audit.entry(Event.LEDGER_RESTORE_DECLARED, actor=actor, at=at) as entry:
        first = given_positions()
        if first >= sealed:
            raise NothingLost
        entry.note(first=first, until=sealed, incident=incident)
        return first, sealed
