"""Writing rights and overrides; and handing what is hidden to the one browser that may read it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from nacl.public import PrivateKey, PublicKey, SealedBox
from procrastinate.contrib.django import app

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.brokering import models, policies
from childindex.brokering.types import Answer, Asker, Heard, OverrideGround, ShieldActKind, Word
from childindex.shielding.types import Ground

DISCLOSE: Final = "childindex.disclose"
FILL_DESK: Final = "childindex.fill_desk"
FILL_REQUESTS: Final = "childindex.fill_requests"
TAKE_ANSWER: Final = "childindex.take_answer"
SHIELDS, REQUESTS = "shields", "requests"
TAKE_SHIELD_ACT: Final = "childindex.take_shield_act"


def propose_right(
    account_id: UUID, *, organisation: str, valid_from: date, valid_to: date, by: UUID, receipt: Receipt
) -> UUID:
    """Put in a right that is good for nothing until somebody else approves it."""
    row = models.OverrideRight(
        account_id=account_id,
        organisation=organisation,
        valid_from=valid_from,
        valid_to=valid_to,
        proposed_by=by,
        proposed_at=receipt.at,
    )
    row.save(force_insert=True)
    return row.id


def approve_right(right_id: UUID, *, by: UUID, receipt: Receipt) -> None:
    """Approve it; the database refuses the proposer and the holder."""
    models.OverrideRight.objects.filter(id=right_id, approved_by=None).update(approved_by=by, approved_at=receipt.at)


def ask_override(
    child_id: UUID,
    *,
    actor: Actor,
    ground: OverrideGround,
    case_reference: str,
    investigation: UUID,
    public_key: bytes,
    receipt: Receipt,
) -> tuple[UUID, datetime]:
    """Keep one override and ask the worker for what is hidden; its id, and when the view ends at the latest."""
    row = models.Override(
        child_id=child_id,
        account_id=actor.ref.person,
        sitting=actor.sitting,
        role=actor.ref.role,
        organisation=actor.ref.organisation,
        ground=ground.value,
        case_reference=case_reference,
        investigation=investigation,
        public_key=public_key,
        asked_at=receipt.at,
        until=policies.view_until(receipt.at),
    )
    row.save(force_insert=True)
    app.configure_task(DISCLOSE, allow_unknown=True).defer(override_id=str(row.id))
    return row.id, row.until


def end_override(override_id: UUID, *, receipt: Receipt) -> None:
    """End the view; there is no way back to it."""
    models.Override.objects.filter(id=override_id, ended_at=None).update(ended_at=receipt.at)


def hand_over(override_id: UUID, hidden: dict[str, Any], *, public_key: bytes, receipt: Receipt) -> None:
    """Encrypt what is hidden for the key of the browser that asked. The worker's part, once."""
    sealed = _sealed(hidden, public_key=public_key)
    models.Override.objects.filter(id=override_id, disclosed_at=None).update(ciphertext=sealed, disclosed_at=receipt.at)


def forget_overridden(*, receipt: Receipt) -> None:
    """Delete what was handed over and may be seen no more; that it was, by whom and why, stays."""
    models.Override.objects.filter(until__lte=receipt.at, ciphertext__isnull=False).update(ciphertext=None)
    models.Desk.objects.filter(until__lte=receipt.at, ciphertext__isnull=False).update(ciphertext=None)


def opened(ciphertext: bytes, *, private_key: bytes) -> dict[str, Any]:
    """What was handed over; raises nacl's CryptoError for any other key."""
    value: dict[str, Any] = json.loads(SealedBox(PrivateKey(private_key)).decrypt(bytes(ciphertext)))
    return value


def send_act(
    kind: ShieldActKind,
    *,
    actor: Actor,
    receipt: Receipt,
    child_id: UUID | None = None,
    shield_id: UUID | None = None,
    ground: Ground | None = None,
    asker: Asker | None = None,
    case_reference: str = "",
    word: Word | None = None,
    heard: tuple[Heard, ...] = (),
    agrees: bool | None = None,
) -> UUID:
    """Keep what somebody does about a shield and, in the same transaction, ask the worker to take it; gives its id."""
    row = models.ShieldAct(
        kind=kind.value,
        account_id=actor.ref.person,
        organisation=actor.ref.organisation,
        authority=actor.authority,
        child_id=child_id,
        shield_id=shield_id,
        ground=ground.value if ground else "",
        asker=asker.value if asker else "",
        case_reference=case_reference,
        word=word.value if word else "",
        heard=[one.value for one in heard],
        agrees=agrees,
        sent_at=receipt.at,
    )
    row.save(force_insert=True)
    app.configure_task(TAKE_SHIELD_ACT, allow_unknown=True).defer(act_id=str(row.id))
    return row.id


def ask_desk(*, actor: Actor, kind: str, public_key: bytes, receipt: Receipt) -> tuple[UUID, datetime]:
    """Ask the worker for a list, an officer's `shields` or a broker's `requests`; its id, and when it ends."""
    row = models.Desk(
        kind=kind,
        account_id=actor.ref.person,
        sitting=actor.sitting,
        organisation=actor.ref.organisation,
        authority=actor.authority,
        public_key=public_key,
        asked_at=receipt.at,
        until=policies.view_until(receipt.at),
    )
    row.save(force_insert=True)
    task = FILL_DESK if kind == SHIELDS else FILL_REQUESTS
    app.configure_task(task, allow_unknown=True).defer(desk_id=str(row.id))
    return row.id, row.until


def fill_desk(desk_id: UUID, on_it: dict[str, Any], *, public_key: bytes, receipt: Receipt) -> None:
    """Encrypt an officer's list for the key of the browser that asked. The worker's part, once."""
    sealed = _sealed(on_it, public_key=public_key)
    models.Desk.objects.filter(id=desk_id, disclosed_at=None).update(ciphertext=sealed, disclosed_at=receipt.at)


def _sealed(value: dict[str, Any], *, public_key: bytes) -> bytes:
    return bytes(SealedBox(PublicKey(public_key)).encrypt(json.dumps(value, ensure_ascii=False).encode()))


def send_answer(case_id: UUID, answer: Answer, *, actor: Actor, receipt: Receipt) -> UUID:
    """Keep a broker's answer and ask the worker to take it; gives its id."""
    row = models.ContactAnswer(
        case_id=case_id,
        account_id=actor.ref.person,
        authority=actor.authority,
        answer=answer.value,
        sent_at=receipt.at,
    )
    row.save(force_insert=True)
    app.configure_task(TAKE_ANSWER, allow_unknown=True).defer(answer_id=str(row.id))
    return row.id


def answer_taken(answer_id: UUID, *, receipt: Receipt) -> None:
    """Note that the worker has taken an answer."""
    models.ContactAnswer.objects.filter(id=answer_id).update(taken_at=receipt.at)
