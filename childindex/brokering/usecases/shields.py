"""Asking for a shield, and every step of deciding about one: the site sends, the worker takes (R 3.01, 3.11-3.16; T11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.brokering import policies, services
from childindex.brokering.shields import selectors as kept
from childindex.brokering.shields import services as shielding
from childindex.brokering.shields import steps
from childindex.brokering.types import Asker, Heard, ShieldActKind, ShieldActSent, ShieldAsked, Word
from childindex.cases import selectors as visits
from childindex.children import services as writing
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching.nearness import open_household
from childindex.shielding import selectors as guard
from childindex.shielding.types import Ground

# A job is taken within seconds; what is older than this was lost.
_PATIENCE: Final = timedelta(minutes=5)


def ask_shield(
    *, actor: Actor, handle: str, ground: Ground, asker: Asker, case_reference: str, at: datetime
) -> ShieldAsked:
    """Ask for a shield for the child of an open visit, for oneself or for whoever rang; it is put on at once (R 3.11-3.13, 3.16).

    Always the same answer, whether the child is shielded already or not; `reference` is for whoever asked. Recorded: the child and
    the ground. Refused without CHILD_SHIELD_ASK, (NOT_ACCEPTED, "ground") for a ground nobody asks on, (REASON_NEEDED) without a case
    reference, and (ADDRESS_EXPIRED) without an open visit of this sitting.
    """
    with audit.entry(Event.SHIELD_ASKED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_ASK, at=at)
        policies.check_shield_asked(ground=ground, case_reference=case_reference)
        visit = visits.visit(handle, actor=actor, receipt=entry.receipt, at=at)
        entry.reason = visit.reason
        entry.about([visit.child_id])
        act = services.send_act(
            ShieldActKind.ASK,
            actor=actor,
            child_id=visit.child_id,
            ground=ground,
            asker=asker,
            case_reference=case_reference,
            receipt=entry.receipt,
        )
        entry.note(act=str(act), ground=ground.value, asker=asker.value)
        return ShieldAsked(receipt=entry.receipt, handle=handle, reference=act)


def send(
    *,
    actor: Actor,
    shield_id: UUID,
    kind: ShieldActKind,
    at: datetime,
    word: Word | None = None,
    heard: Sequence[Heard] = (),
    agrees: bool | None = None,
    asker: Asker | None = None,
) -> ShieldActSent:
    """Send one step of a decision about a shield: a proposal, the second word, an appeal, its hearing, the lifting.

    What the site may not know the worker checks: whose shield it is, and who has had a part in it. Recorded: the shield and the
    step, by whom; the child by the worker. Refused without CHILD_SHIELD_DECIDE and a second factor of the last five minutes, and
    (NOT_ACCEPTED, "kind") for a request, which begins at the child's page.
    """
    with audit.entry(Event.SHIELD_ACT_SENT, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_DECIDE, at=at, confirmed=True)
        if kind is ShieldActKind.ASK:
            raise Denied(Refusal.NOT_ACCEPTED, "kind")
        act = services.send_act(
            kind,
            actor=actor,
            shield_id=shield_id,
            word=word,
            heard=tuple(heard),
            agrees=agrees,
            asker=asker,
            receipt=entry.receipt,
        )
        entry.note(act=str(act), shield=str(shield_id), kind=kind.value)
        return ShieldActSent(receipt=entry.receipt, id=act)


def take(*, actor: Actor, act_id: UUID, at: datetime) -> str:
    """Take one act: put a provisional shield on, or a step of a decision; says what came of it. The worker's part.

    Recorded: the child, the act, its sender and what came of it: `taken`; `not_there` for a child or shield that is not there or
    another authority's, alike; `not_now` for a step that does not follow or is not this person's; `already`; `near`. Refused
    without CHILD_PROTECTION_SET, and (NOT_FOUND) for an act that has been taken: a job that runs twice changes nothing.
    """
    with audit.entry(Event.SHIELD_ACT_TAKEN, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_SET, at=at)
        writing.take_turns(receipt=entry.receipt)
        act = kept.act(act_id)
        if act is None:
            raise Denied(Refusal.NOT_FOUND)
        outcome = steps.NOT_THERE
        if act.child_id is not None:
            entry.about([act.child_id])
            outcome = steps.take_request(act, receipt=entry.receipt)
            # Whoever lives with the child and has an open entry says where the child is: somebody has to look at each (T12).
            told = [identity for one in guard.identities([act.child_id]) for identity in one.identities]
            household = open_household(told) if outcome == steps.TAKEN else []
            entry.about(household)
            entry.note(household=len(household))
        elif act.shield_id is not None:
            shield = kept.shield(act.shield_id)
            may = access.holds(act.account_id, Permission.CHILD_SHIELD_DECIDE, authority=act.authority, at=at)
            if may and shield is not None and steps.concerns(shield, authority=act.authority):
                entry.about([shield.child_id])
                outcome = steps.take_step(shield, act, receipt=entry.receipt)
        shielding.taken(act_id, outcome=outcome, receipt=entry.receipt)
        entry.note(act=str(act_id), kind=act.kind.value, by=str(act.account_id), outcome=outcome)
        return outcome


def left_behind(*, actor: Actor, at: datetime) -> list[UUID]:
    """Acts whose job was lost, the oldest first, for the worker to take. Recorded: how many. Refused without CHILD_PROTECTION_SET."""
    with audit.entry(Event.SHIELD_ACTS_RESUMED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_SET, at=at)
        waiting = kept.left_behind(before=at - _PATIENCE)
        entry.note(acts=len(waiting))
        return waiting
