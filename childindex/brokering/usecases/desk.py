"""An officer's list of shields, handed over by the worker to one browser's key: the site knows of no shield whose it is (T12)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from nacl.exceptions import CryptoError

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.brokering import selectors, services
from childindex.brokering.shields import rules, steps
from childindex.brokering.shields import selectors as kept
from childindex.brokering.shields.rules import Shield
from childindex.brokering.types import (
    DecisionState,
    DeskAsked,
    DeskView,
    Heard,
    SentLine,
    ShieldActKind,
    ShieldLine,
    ShieldState,
    Word,
)
from childindex.kernel.dates import PartialDate, day_in_england
from childindex.kernel.identity import Sex
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding import sealing

_SENT_LATELY: Final = timedelta(days=1)


def ask_desk(*, actor: Actor, public_key: bytes, at: datetime) -> DeskAsked:
    """Ask the worker for the shields of one's own authority, encrypted for the browser's key, for ten minutes at most.

    Recorded: that it was asked for. Refused without CHILD_SHIELD_DECIDE.
    """
    with audit.entry(Event.DESK_ASKED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_DECIDE, at=at)
        desk, until = services.ask_desk(
            actor=actor, kind=services.SHIELDS, public_key=public_key, receipt=entry.receipt
        )
        return DeskAsked(receipt=entry.receipt, id=desk, until=until)


def fill_desk(*, actor: Actor, desk_id: UUID, at: datetime) -> None:
    """Put an officer's list together and hand it over; the worker's part.

    Recorded: every child on it. Refused without CHILD_HIDDEN_DISCLOSE; (NOT_FOUND) for one that is over or has been filled.
    """
    with audit.entry(Event.DESK_FILLED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_HIDDEN_DISCLOSE, at=at)
        waiting = selectors.waiting_desk(desk_id, kind=services.SHIELDS, at=at)
        if waiting is None:
            raise Denied(Refusal.NOT_FOUND)
        entry.note(account=str(waiting.account_id))
        if not access.holds(waiting.account_id, Permission.CHILD_SHIELD_DECIDE, authority=waiting.authority, at=at):
            raise Denied(Refusal.NOT_PERMITTED, "named")
        steps.adopt(receipt=entry.receipt)
        shields = kept.of_authority(sealing.hashed_authority(waiting.authority)) if waiting.authority else []
        entry.about([one.child_id for one in shields])
        who = steps.numbers([one.child_id for one in shields], receipt=entry.receipt)
        sent = kept.sent_by(waiting.account_id, since=at - _SENT_LATELY)
        lines = [
            _line(one, who[one.child_id], person=waiting.account_id, at=at) for one in shields if one.child_id in who
        ]
        on_it = {"shields": lines, "sent": [[one.kind.value, one.sent_at.isoformat(), one.outcome] for one in sent]}
        services.fill_desk(desk_id, on_it, public_key=waiting.public_key, receipt=entry.receipt)


def view_desk(*, actor: Actor, desk_id: UUID, private_key: bytes, at: datetime) -> DeskView:
    """The list, for the sitting that asked for it and with the key that its browser has; not ready until the worker filled it.

    Recorded: every child shown, each time. Refused without CHILD_SHIELD_DECIDE, and (ADDRESS_EXPIRED) for a list that is over,
    another sitting's, or opened with another key.
    """
    with audit.entry(Event.DESK_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_DECIDE, at=at)
        found = selectors.desk(desk_id, kind=services.SHIELDS, actor=actor, at=at)
        if found is None:
            raise Denied(Refusal.ADDRESS_EXPIRED)
        if found.ciphertext is None:
            return DeskView(receipt=entry.receipt, ready=False)
        try:
            on_it = services.opened(found.ciphertext, private_key=private_key)
        except (CryptoError, ValueError) as wrong:
            raise Denied(Refusal.ADDRESS_EXPIRED) from wrong
        entry.about([UUID(line["child"]) for line in on_it["shields"]])
        return _view(on_it, receipt=entry.receipt)


def _line(shield: Shield, who: tuple[str, ...], *, person: UUID, at: datetime) -> dict[str, Any]:
    """One line as plain values."""
    decision = shield.decision
    return {
        "child": str(shield.child_id),
        "id": str(shield.id),
        "who": list(who),
        "ground": shield.ground,
        "asker": shield.asker,
        "case_reference": shield.case_reference,
        "state": shield.state.value,
        "asked_at": shield.asked_at.isoformat(),
        "review_on": shield.review_on.isoformat(),
        "due": steps.due(shield, on=day_in_england(at)),
        "word": decision.word.value if decision else "",
        "decision": decision.state.value if decision else "",
        "heard": [one.value for one in decision.heard] if decision else [],
        "appeal_until": decision.appeal_until.isoformat() if decision and decision.appeal_until else "",
        "may": [one.value for one in rules.may(shield, person=person, at=at)],
        "words": [one.value for one in steps.words_of(shield)],
    }


def _view(on_it: dict[str, Any], *, receipt: Receipt) -> DeskView:
    """The list from plain values: what waits for somebody first."""
    lines = sorted(on_it["shields"], key=lambda line: not line["due"])
    return DeskView(
        receipt=receipt,
        ready=True,
        shields=tuple(_read(line) for line in lines),
        sent=tuple(
            SentLine(kind=ShieldActKind(kind), sent_at=datetime.fromisoformat(sent_at), outcome=outcome)
            for kind, sent_at, outcome in on_it["sent"]
        ),
    )


def _read(line: dict[str, Any]) -> ShieldLine:
    index_number, given_name, family_name, birth_date, sex = line["who"]
    return ShieldLine(
        id=UUID(line["id"]),
        index_number=index_number,
        given_name=given_name,
        family_name=family_name,
        birth_date=PartialDate.parse(birth_date),
        sex=Sex(sex),
        ground=line["ground"],
        asker=line["asker"],
        case_reference=line["case_reference"],
        state=ShieldState(line["state"]),
        asked_at=datetime.fromisoformat(line["asked_at"]),
        review_on=datetime.fromisoformat(line["review_on"]).date(),
        due=line["due"],
        word=Word(line["word"]) if line["word"] else None,
        decision=DecisionState(line["decision"]) if line["decision"] else None,
        heard=tuple(Heard(one) for one in line["heard"]),
        appeal_until=datetime.fromisoformat(line["appeal_until"]) if line["appeal_until"] else None,
        may=tuple(ShieldActKind(one) for one in line["may"]),
        words=tuple(Word(one) for one in line["words"]),
    )
