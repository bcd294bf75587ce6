"""Work that pages ask for and the worker does. A job carries opaque ids and nothing else."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from childindex.access.sign_in import operator
from childindex.kernel.people import Channel
from childindex.upkeep.usecases import proposals


@app.task(name="childindex.match_proposal")
def match_proposal(*, proposal_id: str) -> None:
    """Compare one proposed child with the index; one that has been compared already is refused and stays as it is."""
    at = timezone.now()
    proposals.match_proposal(actor=operator(channel=Channel.WORKER, at=at), proposal_id=UUID(proposal_id), at=at)
