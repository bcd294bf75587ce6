"""Involvements and the decisions that allow them change hands when entries are merged or split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.consent import services as consent
from childindex.involvement import services

# Of two current lines that one practitioner declared of one service, on either entry, the merged entry's is ended meanwhile:
# a child has one such line, and the database says so.
_SET_ASIDE: Final = """
    UPDATE involvement_involvement m SET ended_on = greatest(%(on)s::date, m.started_on), lead_professional = false
    FROM involvement_involvement k
    WHERE m.child_id = %(merged)s AND k.child_id = %(into)s AND m.source = 'practitioner' AND k.source = 'practitioner'
        AND m.ended_on IS NULL AND k.ended_on IS NULL AND m.service_type = k.service_type
        AND m.organisation = k.organisation AND m.recorded_by = k.recorded_by
    RETURNING m.id
"""
_LEADS: Final = "SELECT id FROM involvement_involvement WHERE child_id = ANY(%s) AND lead_professional ORDER BY id"
_NO_LEADS: Final = (
    "UPDATE involvement_involvement SET lead_professional = false WHERE child_id = ANY(%s) AND lead_professional"
)
_LEAD_AGAIN: Final = "UPDATE involvement_involvement SET lead_professional = true WHERE id = ANY(%s) AND claims_lead AND ended_on IS NULL"
# Who leads has to be settled anew where a claim came since, or a lead that stood then stands no more.
_CHANGED: Final = """
    SELECT DISTINCT child_id FROM involvement_involvement
    WHERE child_id = ANY(%(children)s) AND (
        (claims_lead AND ended_on IS NULL AND NOT id = ANY(%(claims)s))
        OR (id = ANY(%(leads)s) AND NOT lead_professional)
    )
"""
_CLAIMS: Final = (
    "SELECT id FROM involvement_involvement WHERE child_id = ANY(%s) AND claims_lead AND ended_on IS NULL ORDER BY id"
)
# A supplied line goes with its record, whichever way that goes.
_WITH_RECORDS: Final = """
    UPDATE involvement_involvement i SET child_id = s.child_id FROM children_sourcerecord s
    WHERE i.child_id = %(mixed)s AND s.child_id = %(restored)s AND i.source = s.feed AND i.record_id = s.record_id
    RETURNING i.id
"""
# A decision goes with the lines it allows, where all of them go.
_DECISIONS: Final = """
    UPDATE consent_decision d SET child_id = %(restored)s
    WHERE d.child_id = %(mixed)s AND (d.id = ANY(%(decisions)s) OR (
        EXISTS (SELECT FROM involvement_involvement i WHERE i.consent_id = d.id AND i.child_id = %(restored)s)
        AND NOT EXISTS (SELECT FROM involvement_involvement i WHERE i.consent_id = d.id AND i.child_id = %(mixed)s)))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """Who led and who claimed to before a merge, by the ids of the lines of both entries."""

    leads: tuple[UUID, ...]
    claims: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What moved: lines, decisions, the lines that were set aside, and who led before."""

    lines: tuple[UUID, ...]
    decisions: tuple[UUID, ...]
    set_aside: tuple[UUID, ...]
    before: Leads


def fold(merged: UUID, *, into: UUID, receipt: Receipt) -> Folded:
    """Give every involvement and decision of one entry to another; who leads is settled for the two as one."""
    both = [merged, into]
    before = Leads(leads=_ids(_LEADS, both), claims=_ids(_CLAIMS, both))
    with connection.cursor() as cursor:
        cursor.execute(_SET_ASIDE, {"on": receipt.at.date(), "merged": merged, "into": into})
        set_aside = tuple(sorted({row[0] for row in cursor.fetchall()}))
        cursor.execute(_NO_LEADS, [both])
        decisions = consent.move(merged, into=into, receipt=receipt)
        cursor.execute(
            "UPDATE involvement_involvement SET child_id = %s WHERE child_id = %s RETURNING id", [into, merged]
        )
        lines = tuple(sorted(row[0] for row in cursor.fetchall()))
    services.settle_leads([into], receipt=receipt)
    return Folded(lines=lines, decisions=tuple(decisions), set_aside=set_aside, before=before)


def unfold(
    mixed: UUID,
    *,
    restored: UUID,
    lines: Sequence[UUID],
    decisions: Sequence[UUID],
    set_aside: Sequence[UUID],
    before: Leads | None,
    receipt: Receipt,
) -> None:
    """Give an entry back its involvements: those named, and those of its records, which must have moved before.

    A line that was set aside goes on: nobody can end or confirm it meanwhile. Who led before leads again; without `before`, or
    where claims have changed since, it is settled anew.
    """
    both = [mixed, restored]
    with connection.cursor() as cursor:
        cursor.execute(_NO_LEADS, [both])
        cursor.execute(
            "UPDATE involvement_involvement SET child_id = %s WHERE child_id = %s AND id = ANY(%s)",
            [restored, mixed, list(lines)],
        )
        cursor.execute(_WITH_RECORDS, {"mixed": mixed, "restored": restored})
        cursor.execute("UPDATE involvement_involvement SET ended_on = NULL WHERE id = ANY(%s)", [list(set_aside)])
        cursor.execute(_DECISIONS, {"mixed": mixed, "restored": restored, "decisions": list(decisions)})
        if before is not None:
            cursor.execute(_LEAD_AGAIN, [list(before.leads)])
    services.settle_leads(_to_settle(both, before), receipt=receipt)


def _to_settle(children: Sequence[UUID], before: Leads | None) -> list[UUID]:
    """The children whose lead is not what it was."""
    if before is None:
        return list(children)
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGED, {"children": list(children), "claims": list(before.claims), "leads": list(before.leads)}
        )
        return sorted(row[0] for row in cursor.fetchall())


def _ids(statement: str, children: Sequence[UUID]) -> tuple[UUID, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(children)])
        return tuple(row[0] for row in cursor.fetchall())
