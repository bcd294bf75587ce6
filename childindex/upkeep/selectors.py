"""Reading proposals: the worker alone may."""

from __future__ import annotations

from uuid import UUID

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.upkeep import models
from childindex.upkeep.types import ProposedChild


def waiting(proposal_id: UUID) -> ProposedChild | None:
    """A proposal that has not been compared yet; None when there is none of that id or it has been."""
    row = models.Proposal.objects.filter(id=proposal_id, matched_at__isnull=True).first()
    if row is None:
        return None
    return ProposedChild(
        family_name=row.family_name,
        given_name=row.given_name,
        birth_date=PartialDate.parse(row.birth_date),
        sex=Sex(row.sex),
        postcode=row.postcode,
        nhs_number=row.nhs_number,
    )
