"""Keeping proposals, and asking the worker to compare them."""

from __future__ import annotations

from uuid import UUID, uuid4

from procrastinate.contrib.django import app

from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.upkeep import models
from childindex.upkeep.types import ProposedChild

MATCH_PROPOSAL = "childindex.match_proposal"


def keep_proposal(child: ProposedChild, *, authority: str, actor: Actor, receipt: Receipt) -> UUID:
    """Keep a proposal and, in the same transaction, ask the worker to compare it; the job carries only its id."""
    proposal_id = uuid4()
    row = models.Proposal(
        id=proposal_id,
        family_name=child.family_name,
        given_name=child.given_name,
        birth_date=str(child.birth_date),
        sex=child.sex.value,
        postcode=child.postcode,
        nhs_number=child.nhs_number,
        authority=authority,
        proposed_by=actor.ref.person,
        organisation=actor.ref.organisation,
        proposed_at=receipt.at,
    )
    row.save(force_insert=True)
    app.configure_task(MATCH_PROPOSAL, allow_unknown=True).defer(proposal_id=str(proposal_id))
    return proposal_id


def settle_proposal(proposal_id: UUID, *, nearest: UUID | None, receipt: Receipt) -> None:
    """Note that a proposal has been compared, and with whom it agrees best."""
    models.Proposal.objects.filter(id=proposal_id).update(matched_at=receipt.at, nearest=nearest)
