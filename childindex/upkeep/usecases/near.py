"""Open entries and held rows that come near a protected child: two people say whether they are theirs (R 3.19).

Whoever decides sees four fields of either side and nothing else. These run in the worker alone: no page may read the guard.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event, Receipt
from childindex.children import selectors as children
from childindex.children import services as writing
from childindex.involvement import services as involvement
from childindex.kernel.identity import ChildId
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding import near as guard
from childindex.shielding import selectors as guarded
from childindex.shielding.types import Evidence, FourFields, NearKind, NearQuestion, Said
from childindex.upkeep import policies
from childindex.upkeep.types import NearAnswered, NearLine, NearList


def near_list(*, actor: Actor, at: datetime) -> NearList:
    """What waits for the officers of one's own authority, the longest noticed first: four fields of either side of each pair.

    Recorded: every child shown. Refused without CHILD_PROTECTION_JUDGE.
    """
    with audit.entry(Event.NEAR_LISTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_JUDGE, at=at)
        own = [one for one in guard.questions() if _is_of(one.child, actor, receipt=entry.receipt)]
        entry.about([one.child for one in own])
        entry.about([one.about for one in own if one.kind is NearKind.ENTRY])
        lines = tuple(
            NearLine(
                receipt=entry.receipt,
                child=one.child,
                about=one.about,
                kind=one.kind,
                protected=guard.four_fields(one.child, receipt=entry.receipt),
                other=_other(one, receipt=entry.receipt),
                said=one.said,
                mine=one.answered_by == actor.ref.account_id,
            )
            for one in own
        )
        return NearList(receipt=entry.receipt, lines=lines)


def _is_of(child: UUID, actor: Actor, *, receipt: Receipt) -> bool:
    """Whether a protected child is of the actor's authority, which alone decides about them (R 3.01)."""
    return bool(actor.authority) and guarded.authority_of(child, receipt=receipt) == actor.authority


def _other(asked: NearQuestion, *, receipt: Receipt) -> FourFields:
    """The four fields of whoever comes near."""
    if asked.kind is NearKind.ROW:
        return guard.fields_of_row(asked.about, receipt=receipt)
    summary = children.summaries([asked.about], receipt=receipt)[ChildId(asked.about)]
    return FourFields(
        name=f"{summary.given_name} {summary.family_name}".strip(),
        birth_date=summary.birth_date,
        sex=summary.sex,
        index_number=summary.index_number,
    )


def answer_near(
    *, actor: Actor, child: UUID, about: UUID, said: Said, evidence: Evidence, at: datetime
) -> NearAnswered:
    """Say whether an entry or a row is the protected child's. Nothing follows before a second person says the same.

    Recorded: the children, what was said and how it is known. Refused without CHILD_PROTECTION_JUDGE and a fresh second factor;
    (NOT_FOUND) where nothing is asked of the pair, or it is another authority's; (NOT_YOURS) where somebody has answered.
    """
    with audit.entry(Event.NEAR_ANSWERED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_JUDGE, at=at, confirmed=True)
        asked = _asked(entry, actor, child, about)
        if asked.answered_by is not None:
            raise Denied(Refusal.NOT_YOURS, "answered")
        entry.note(said=said.value, evidence=evidence.value)
        guard.answer(asked, said, evidence=evidence, by=actor.ref.person, receipt=entry.receipt)
        return NearAnswered(receipt=entry.receipt, done=False)


def confirm_near(*, actor: Actor, child: UUID, about: UUID, agree: bool, at: datetime) -> NearAnswered:
    """A second person's word on what the first said: agreed, it is done; not agreed, the pair is asked about afresh.

    The same: the entry is protected as far as the child is, or the row becomes one of the child's records. Different: the pair is
    never asked about again unless something new is known; of a row that is nobody's any more the worker is asked to find the place.
    Recorded: the children and the answer. Refused as `answer_near`; (NOT_YOURS) to whoever answered first.
    """
    with audit.entry(Event.NEAR_ANSWERED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_JUDGE, at=at, confirmed=True)
        writing.take_turns(receipt=entry.receipt)
        asked = _asked(entry, actor, child, about)
        policies.check_second(asked.answered_by, by=actor.ref.account_id)
        entry.note(agreed=agree)
        if not agree:
            guard.reject(asked, receipt=entry.receipt)
            return NearAnswered(receipt=entry.receipt, done=False)
        guard.confirm(asked, by=actor.ref.person, receipt=entry.receipt)
        if asked.said is Said.SAME:
            _join(asked, receipt=entry.receipt)
        elif asked.kind is NearKind.ROW and guard.is_free(asked.about):
            guard.ask_to_release(asked.about, receipt=entry.receipt)
        return NearAnswered(receipt=entry.receipt, done=True)


def _asked(entry: Entry, actor: Actor, child: UUID, about: UUID) -> NearQuestion:
    """The pair, if something is asked of it and it is of the actor's authority; the entry takes on the children."""
    asked = guard.question(child, about)
    if asked is None or not _is_of(child, actor, receipt=entry.receipt):
        raise Denied(Refusal.NOT_FOUND)
    entry.about([child, about] if asked.kind is NearKind.ENTRY else [child])
    return asked


def _join(asked: NearQuestion, *, receipt: Receipt) -> None:
    """What is the child's goes behind the child's protection: the whole entry a row belongs to, where there is one."""
    said = guarded.delivered([asked.about])
    owner = asked.about
    if asked.kind is NearKind.ROW:
        record = said[asked.about].record
        known = children.known(record.feed, [record.record_id])
        if record.record_id not in known:
            guard.give_to_child(asked.about, asked.child, receipt=receipt)
            identities = (record.identity, *said[asked.about].earlier)
            involvement.guard_learns({asked.child: identities}, receipt=receipt)
            return
        owner = known[record.record_id].child
    protection = guarded.protection_of(asked.child, receipt=receipt)
    involvement.move_to_guard([protection.of(owner)], receipt=receipt)
