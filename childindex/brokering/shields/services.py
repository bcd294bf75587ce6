"""Writing shields, decisions and acts. Only the worker's login may enter the guard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from childindex.audit.types import Receipt
from childindex.brokering import models
from childindex.brokering.shields.selectors import Act
from childindex.brokering.types import DecisionState, Word


def taken(act_id: UUID, *, outcome: str, receipt: Receipt) -> None:
    """Note what came of an act."""
    models.ShieldAct.objects.filter(id=act_id).update(taken_at=receipt.at, outcome=outcome)


def begin(shields: Sequence[models.Shield], *, receipt: Receipt) -> None:
    """Keep new shields."""
    del receipt
    models.Shield.objects.bulk_create(shields)


def move(shield_id: UUID, *, receipt: Receipt, **to: Any) -> None:
    """Change how a shield stands, or when it is looked at again."""
    del receipt
    models.Shield.objects.filter(id=shield_id).update(**to)


def propose(shield_id: UUID, *, act: Act, word: Word, receipt: Receipt) -> None:
    """Keep what one person says; it is worth nothing until a second has agreed."""
    row = models.ShieldDecision(
        shield_id=shield_id,
        word=word.value,
        heard=[one.value for one in act.heard],
        state=DecisionState.PROPOSED.value,
        proposed_by=act.account_id,
        proposed_at=receipt.at,
    )
    row.save(force_insert=True)


def decide(decision_id: UUID, *, receipt: Receipt, **to: Any) -> None:
    """Change how far a decision has come; the database holds that two people made it and a third heard its appeal."""
    del receipt
    models.ShieldDecision.objects.filter(id=decision_id).update(**to)
