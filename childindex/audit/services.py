"""Writing the ledger. `entry` owns the transaction: what is done and what is written commit together or not at all."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import Error, connection, transaction
from nacl.public import PublicKey, SealedBox

from childindex.audit.alarm import Alarm, Watch
from childindex.audit.spool import Spool
from childindex.audit.types import Event, Outcome, Receipt, issue_receipt
from childindex.kernel.people import ActorRef, Reason
from childindex.kernel.refusals import Denied

Detail = str | int | bool | list[str]

_TABLE: Final = Alarm("table")
_WATCH: Final = Watch(_TABLE)
# Where somebody waits for a page. A worker's batch may take as long as it takes to commit.
_SITES: Final = frozenset({"web", "family"})


@dataclass(slots=True, kw_only=True)
class Entry:
    """An open line of the ledger. It is written when the block that opened it ends, however it ends."""

    id: uuid.UUID
    event: Event
    actor: ActorRef
    reason: Reason | None
    at: datetime
    children: list[uuid.UUID] = field(default_factory=list)
    detail: dict[str, Detail] = field(default_factory=dict)
    terms: bytes | None = None
    leaf: bytes | None = None  # what is written, once writing it has begun
    counted: list[Callable[[], object]] = field(default_factory=list)

    @property
    def receipt(self) -> Receipt:
        """What lets a record out: good only while this entry is being written."""
        return issue_receipt(entry_id=self.id, at=self.at)

    def about(self, children: Iterable[uuid.UUID]) -> None:
        """Say which children this shows or touches, by opaque id."""
        self.children.extend(child for child in children if child not in self.children)

    def note(self, **detail: Detail) -> None:
        """Add codes and counts. Never a name, a date of birth, an address or a number of a child."""
        self.detail.update(detail)

    def count_even_if_refused(self, count: Callable[[], object]) -> None:
        """Do this once more in the transaction of the refused entry, should the work be rolled back: a try counts too (T03).

        Call it after the count has been made and checked; `count` itself must refuse nothing.
        """
        self.counted.append(count)

    def searched_for(self, terms: Mapping[str, str]) -> None:
        """Keep what was typed, encrypted for the auditors' key; this process cannot read it back (R 7.03)."""
        typed = json.dumps(dict(terms), sort_keys=True, ensure_ascii=False).encode()
        self.terms = _terms_box().encrypt(typed)


@lru_cache(maxsize=1)
def _terms_box() -> SealedBox[PublicKey]:
    """The box only auditors can open; its key is public, so it may stand in the web process's settings."""
    return SealedBox(PublicKey(b64decode(settings.LEDGER_TERMS_PUBLIC_KEY)))


@contextmanager
def entry(event: Event, *, actor: ActorRef, at: datetime, reason: Reason | None = None) -> Iterator[Entry]:
    """Open one ledger entry and the transaction it shares with the work inside the block.

    Ends done: work and entry commit together, and only then does the caller get its answer. Ends `Denied`: the work
    is rolled back, a refused entry is written, and `Denied` goes on. Ends in any other error: the same with a failed
    entry. If the entry itself cannot be written the alarm goes off, the error goes on and nothing is shown (R 7.01; T15).
    """
    line = Entry(id=uuid.uuid4(), event=event, actor=actor, reason=reason, at=at)
    try:
        with _written(line, Outcome.DONE):
            yield line
    except Denied as denied:
        line.note(refusal=denied.refusal.value)
        if denied.detail:
            line.note(because=list(denied.detail))
        _write_alone(line, Outcome.REFUSED)
        raise
    except Exception as error:
        # A ledger that has just refused to be written is not asked a second time: whoever waits has waited long enough.
        if line.leaf is None:
            line.note(error=type(error).__name__)
            _write_alone(line, Outcome.FAILED)
        raise


def refused(event: Event, *, actor: ActorRef, at: datetime, denied: Denied) -> None:
    """Write one refused entry for something that never began, such as a failed sign-in (R 7.02)."""
    line = Entry(id=uuid.uuid4(), event=event, actor=actor, reason=None, at=at)
    line.note(refusal=denied.refusal.value)
    if denied.detail:
        line.note(because=list(denied.detail))
    _write_alone(line, Outcome.REFUSED)


def _write_alone(line: Entry, outcome: Outcome) -> None:
    """A new transaction, since the first was rolled back. A new id: receipts of the first are good for nothing."""
    line.id = uuid.uuid4()
    with _written(line, outcome):
        if outcome is Outcome.REFUSED:
            for count in line.counted:
                count()


@contextmanager
def _written(line: Entry, outcome: Outcome) -> Iterator[None]:
    """One transaction that ends with the entry, which is then spooled. Where there is no connection, or the entry cannot be written or committed,
    the alarm goes off.
    """
    began = False
    with ExitStack() as until_committed:
        try:
            with transaction.atomic(durable=True):
                began = True
                yield
                if str(settings.PROCESS) in _SITES:
                    until_committed.enter_context(_WATCH.over(give_up=_break_off()))
                _write(line, outcome)
        except Error as error:
            if line.leaf is not None or not began:
                _TABLE.sound(error)
            raise
    _TABLE.clear()
    if settings.LEDGER_SPOOL is not None and line.leaf is not None:
        _spool(settings.LEDGER_SPOOL).keep(line.leaf, hour=f"{line.at.astimezone(UTC):%Y%m%dT%H}")


@lru_cache(maxsize=8)
def _spool(folder: Path) -> Spool:
    """This process's part of the second sink."""
    return Spool(folder, Alarm("spool"))


def _break_off() -> Callable[[], None]:
    """What takes the statement or commit that this thread waits for away from it, for another thread to call."""
    waited_for: psycopg.Connection[Any] = connection.connection

    def now() -> None:
        with suppress(psycopg.Error):
            waited_for.cancel_safe(timeout=1)

    return now


def _write(line: Entry, outcome: Outcome) -> None:
    """One INSERT for the entry and, for a search, one for its encrypted terms."""
    salt = secrets.token_bytes(16)
    line.leaf = _canonical(line, outcome, salt)
    with connection.cursor() as cursor:
        if line.terms is not None:
            cursor.execute(_INSERT_TERMS, [line.id, salt, line.terms])
        cursor.execute(_INSERT_ENTRY, _row(line, outcome, line.leaf))


# The two tables' names stand here and in their migration: the ledger is written without going through a model.
_INSERT_TERMS = "INSERT INTO audit_sealedterms (entry_id, salt, ciphertext) VALUES (%s, %s, %s)"
_INSERT_ENTRY = (
    "INSERT INTO audit_ledgerentry (id, event, outcome, at, account_id, role, organisation, channel, reason,"
    " case_reference, children, detail, leaf, leaf_hash)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def _row(line: Entry, outcome: Outcome, leaf: bytes) -> list[Any]:
    """The columns of one entry, in the order of the INSERT."""
    return [
        line.id,
        line.event.value,
        outcome.value,
        line.at,
        line.actor.account_id,
        line.actor.role,
        line.actor.organisation,
        line.actor.channel.value,
        line.reason.code.value if line.reason else "",
        line.reason.case_reference if line.reason else "",
        line.children,
        json.dumps(line.detail, sort_keys=True),
        leaf,
        # RFC 6962: a leaf is hashed with a zero byte in front, so that it can never pass for an inner node.
        hashlib.sha256(b"\x00" + leaf).digest(),
    ]


def _canonical(line: Entry, outcome: Outcome, salt: bytes) -> bytes:
    """The bytes that will be sealed: sorted keys, no spaces, UTC, opaque ids, codes and salted hashes only."""
    terms = hashlib.sha256(salt + line.terms).hexdigest() if line.terms is not None else ""
    return json.dumps(
        {
            "account": str(line.actor.account_id or ""),
            "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "case": hashlib.sha256(salt + line.reason.case_reference.encode()).hexdigest() if line.reason else "",
            "channel": line.actor.channel.value,
            "children": [str(child) for child in line.children],
            "detail": line.detail,
            "event": line.event.value,
            "id": str(line.id),
            "organisation": line.actor.organisation,
            "outcome": outcome.value,
            "reason": line.reason.code.value if line.reason else "",
            "role": line.actor.role,
            "salt": salt.hex(),
            "terms": terms,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    ).encode()
