"""What is handed out about decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from childindex.kernel.identity import ConsentBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A child's or parent's decision, or a provider's ground, that one service may be listed."""

    id: UUID
    child: UUID
    service_type: str
    organisation: str
    basis: ConsentBasis
    decided_by: str
    decided_on: date
    recorded_at: datetime
    withdrawn_at: datetime | None
