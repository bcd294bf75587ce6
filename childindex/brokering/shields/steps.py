"""One step in a shield's life, taken by the worker: whether it holds is decided here, where the guard can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from childindex.audit.types import Receipt
from childindex.brokering import models
from childindex.brokering.shields import rules
from childindex.brokering.shields import selectors as kept
from childindex.brokering.shields import services as writing
from childindex.brokering.shields.rules import Decision, Shield
from childindex.brokering.shields.selectors import Act
from childindex.brokering.types import DecisionState, ShieldActKind, ShieldState, Word
from childindex.children import selectors as children
from childindex.involvement import lifting
from childindex.involvement import services as involvement
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied
from childindex.shielding import lifting as guarding
from childindex.shielding import sealing
from childindex.shielding import selectors as guard
from childindex.shielding.types import Protection

TAKEN: Final = "taken"
# Why an act came to nothing, alike for a shield of another authority and one that is not there.
NOT_THERE: Final = "not_there"
NOT_NOW: Final = "not_now"
NEAR: Final = "near"
ALREADY: Final = "already"


def take_request(act: Act, *, receipt: Receipt) -> str:
    """Put a provisional shield on at once (R 3.12, 3.13): who asks is checked afterwards, never before."""
    child = act.child_id
    if child is None or act.ground is None or act.asker is None:
        return NOT_THERE
    summary = children.summaries([child], receipt=receipt).get(child)  # type: ignore[call-overload]
    if summary is None:
        return NOT_THERE
    there = kept.of_child(child)
    if there is not None:
        return _asked_again(there, act, receipt=receipt)
    review_on = receipt.at.date() + rules.REVIEW_AFTER
    if summary.tier is Tier.OPEN:
        protection = Protection(
            child=child,
            tier=Tier.SHIELDED,
            ground=act.ground,
            provisional=True,
            decided_at=receipt.at,
            review_on=review_on,
        )
        involvement.move_to_guard([protection], receipt=receipt)
    row = models.Shield(
        id=uuid4(),
        child_id=child,
        authority=sealing.hashed_authority(guard.authority_of(child, receipt=receipt) or ""),
        ground=act.ground.value,
        asker=act.asker.value,
        case_reference=act.case_reference,
        asked_by=act.account_id,
        asked_at=act.sent_at,
        state=ShieldState.PROVISIONAL.value,
        review_on=review_on,
    )
    writing.begin([row], receipt=receipt)
    return TAKEN


def _asked_again(shield: Shield, act: Act, *, receipt: Receipt) -> str:
    """A danger that is told of while the shield is about to go: an appeal, so that it stays on until a third person has heard it."""
    decision = shield.decision
    goes = decision is not None and decision.state is DecisionState.AGREED and rules.ends(decision.word)
    if decision is None or not goes or decision.appealed_at is not None:
        return ALREADY
    return _appeal(shield, decision, act, receipt)


def take_step(shield: Shield, act: Act, *, receipt: Receipt) -> str:
    """Take a step of a decision, or say why not."""
    if act.kind not in rules.may(shield, person=act.account_id, at=receipt.at):
        return NOT_NOW
    if act.kind is ShieldActKind.PROPOSE:
        if act.word not in rules.words(shield) or act.word is None:
            return NOT_NOW
        writing.propose(shield.id, act=act, word=act.word, receipt=receipt)
        return TAKEN
    if shield.decision is None:
        return NOT_NOW
    return _STEPS[act.kind](shield, shield.decision, act, receipt)


def _second(shield: Shield, decision: Decision, act: Act, receipt: Receipt) -> str:
    """The second person's yes or no; a yes that a shield stays is carried out, one that it goes waits for an appeal."""
    by = {"second_by": act.account_id, "second_at": receipt.at}
    if act.agrees is None:
        return NOT_NOW
    if not act.agrees:
        writing.decide(decision.id, receipt=receipt, state=DecisionState.DECLINED.value, **by)
    elif rules.ends(decision.word):
        until = receipt.at + timedelta(days=rules.APPEAL_DAYS)
        writing.decide(decision.id, receipt=receipt, state=DecisionState.AGREED.value, appeal_until=until, **by)
    else:
        writing.decide(decision.id, receipt=receipt, state=DecisionState.DONE.value, done_at=receipt.at, **by)
        review_on = receipt.at.date() + rules.REVIEW_AFTER
        writing.move(shield.id, receipt=receipt, state=ShieldState.CONFIRMED.value, review_on=review_on)
        guarding.settled(shield.child_id, review_on=review_on, receipt=receipt)
    return TAKEN


def _appeal(shield: Shield, decision: Decision, act: Act, receipt: Receipt) -> str:
    """Somebody appeals; the shield stays on until a third person has heard it (R 3.14)."""
    del shield
    if act.asker is None:
        return NOT_NOW
    state = DecisionState.APPEALED.value
    writing.decide(decision.id, receipt=receipt, state=state, appealed_for=act.asker.value, appealed_at=receipt.at)
    return TAKEN


def _hear(shield: Shield, decision: Decision, act: Act, receipt: Receipt) -> str:
    """The third person's word: the appeal holds and the shield stays, or it does not."""
    del shield
    if act.agrees is None:
        return NOT_NOW
    state = DecisionState.OVERTURNED if act.agrees else DecisionState.AGREED
    writing.decide(decision.id, receipt=receipt, state=state.value, heard_by=act.account_id, upheld=act.agrees)
    return TAKEN


def _lift(shield: Shield, decision: Decision, act: Act, receipt: Receipt) -> str:
    """Take the shield off: never by itself, and only what two people agreed to (R 3.15; T11)."""
    del act
    try:
        with transaction.atomic():
            lifting.open_again(shield.child_id, receipt=receipt)
            writing.decide(decision.id, receipt=receipt, state=DecisionState.DONE.value, done_at=receipt.at)
            writing.move(shield.id, receipt=receipt, state=ShieldState.ENDED.value, ended_at=receipt.at)
    except Denied:
        return NEAR
    return TAKEN


_STEPS: Final[Mapping[ShieldActKind, Callable[[Shield, Decision, Act, Receipt], str]]] = {
    ShieldActKind.SECOND: _second,
    ShieldActKind.APPEAL: _appeal,
    ShieldActKind.HEAR: _hear,
    ShieldActKind.LIFT: _lift,
}


def adopt(*, receipt: Receipt) -> None:
    """Put shields that no request asked for on their authority's list: of a supplier's mark, or of an operator (R 3.23)."""
    known = kept.with_shield()
    rows = [
        models.Shield(
            id=uuid4(),
            child_id=one.child,
            authority=sealing.hashed_authority(guard.authority_of(one.child, receipt=receipt) or ""),
            ground=one.ground.value,
            asked_at=one.decided_at,
            state=(ShieldState.PROVISIONAL if one.provisional else ShieldState.CONFIRMED).value,
            review_on=one.review_on,
        )
        for one in guarding.shields(receipt=receipt)
        if one.child not in known
    ]
    writing.begin(rows, receipt=receipt)


def due(shield: Shield, *, on: date) -> bool:
    """Whether it waits for somebody: it is provisional, being decided, or its review is due."""
    return shield.state is ShieldState.PROVISIONAL or shield.decision is not None or shield.review_on <= on


def words_of(shield: Shield) -> tuple[Word, ...]:
    """What may be proposed, where nothing is."""
    return rules.words(shield) if shield.decision is None else ()


def concerns(shield: Shield, *, authority: str) -> bool:
    """Whether a shield is this authority's to decide (R 3.01)."""
    return authority != "" and shield.authority == sealing.hashed_authority(authority)


def numbers(those: list[UUID], *, receipt: Receipt) -> dict[UUID, tuple[str, ...]]:
    """The index number and the four fields of shielded children, and no more (R 3.03)."""
    found = children.summaries(those, receipt=receipt)
    return {
        child: (one.index_number, one.given_name, one.family_name, str(one.birth_date), one.sex.value)
        for child, one in found.items()
    }
