"""Putting a child behind a shield or a seal."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.children import selectors as children
from childindex.children import services as writing
from childindex.involvement import services as involvement
from childindex.kernel.identity import Tier
from childindex.kernel.numbers import read_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching.nearness import open_household
from childindex.shielding import selectors as guard
from childindex.shielding.types import Ground, Protection
from childindex.upkeep.types import Protected

# Looked at again after six months; a missed review lifts nothing (R 3.15).
_REVIEW_AFTER: Final = timedelta(days=182)


def protect_child(
    *, actor: Actor, index_number: str, tier: Tier, ground: Ground, at: datetime, provisional: bool = False
) -> Protected:
    """Shield or seal a child, at once; say which open entries come near them and who lives with them (R 3.01-3.06, 3.13, 3.19-3.21).

    Everything hidden moves to the guard in one transaction with its ledger entry; from then on no delivery opens it again.
    An open entry that comes near a protected child may be a second entry of theirs, and that of a brother or sister says
    where they live: somebody has to look at each. Recorded: all of them, the tier and the ground. Refused without
    CHILD_PROTECTION_SET, (NOT_FOUND) for an index number that is not there, and (NOT_ACCEPTED) for a tier that would show
    more than now.
    """
    with audit.entry(Event.CHILD_PROTECTED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_PROTECTION_SET, at=at)
        writing.take_turns(receipt=entry.receipt)
        number = read_index_number(index_number)
        found = children.by_index_number(number) if number is not None else []
        if not found:
            raise Denied(Refusal.NOT_FOUND)
        (child,) = found
        if tier is Tier.OPEN:
            raise Denied(Refusal.NOT_ACCEPTED, "tier")
        entry.about([child.id])
        protection = _protection(child.id, tier, ground, provisional=provisional, at=at)
        near = involvement.move_to_guard([protection], receipt=entry.receipt).get(child.id, [])
        told = [identity for one in guard.identities([child.id]) for identity in one.identities]
        household = [one for one in open_household(told) if one not in near]
        entry.about([*near, *household])
        entry.note(
            tier=tier.value, ground=ground.value, provisional=provisional, near=len(near), household=len(household)
        )
        return Protected(
            receipt=entry.receipt,
            tier=tier,
            near=tuple(sorted(children.index_numbers(near).values())),
            household=tuple(sorted(children.index_numbers(household).values())),
        )


def _protection(child: UUID, tier: Tier, ground: Ground, *, provisional: bool, at: datetime) -> Protection:
    """From now on, looked at again after half a year."""
    return Protection(
        child=child,
        tier=tier,
        ground=ground,
        provisional=provisional,
        decided_at=at,
        review_on=at.date() + _REVIEW_AFTER,
    )
