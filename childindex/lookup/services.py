"""Keeping the results of a search."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.kernel.people import Reason
from childindex.lookup import models, policies
from childindex.lookup.types import Weighed


def keep_results(found: Sequence[Weighed], *, too_many: bool, reason: Reason, actor: Actor, receipt: Receipt) -> str:
    """Keep what was found, for this sitting and a quarter of an hour; gives the token of its address."""
    token = secrets.token_urlsafe(16)
    row = models.SearchResult(
        token=token,
        sitting=actor.sitting,
        account_id=actor.ref.person,
        reason=reason.code.value,
        case_reference=reason.case_reference,
        children=[one.id for one in found],
        tiers=[one.tier.value for one in found],
        agreements=[",".join(one.agreements) for one in found],
        too_many=too_many,
        opened=None,
        created_at=receipt.at,
        expires_at=policies.results_end(receipt.at),
    )
    row.save(force_insert=True)
    return token


def use_reason(token: str, child_id: UUID, *, receipt: Receipt) -> None:
    """Remember that the reason of the search has been used for this child; the first one stays."""
    del receipt
    models.SearchResult.objects.filter(token=token, opened__isnull=True).update(opened=child_id)
