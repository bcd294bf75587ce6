"""Writing who works with a child: many lines of a delivery at a time, or one from a child's page."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.cases import services as cases
from childindex.children import merging
from childindex.children import selectors as entries
from childindex.children.staging import Keys
from childindex.children.types import ChildSummary
from childindex.consent import services as consent
from childindex.directory import selectors as directory
from childindex.involvement.types import Declaration, LinesChanged, MovedLine, SuppliedLine
from childindex.kernel.identity import AssessmentState, Identity, SuppliedInvolvement, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import holding
from childindex.matching import services as matching
from childindex.matching.nearness import guard_keys, open_near
from childindex.matching.quality import drawn as sampled
from childindex.shielding import selectors as guard
from childindex.shielding import services as shielding
from childindex.shielding.types import Protection, RowToHold

PRACTITIONER = "practitioner"

_COLUMNS = (
    "id, child_id, tier, source, record_id, reference, service_type, sensitive, organisation, team, practitioner_name,"
    " practitioner_role, phone, email, out_of_hours_phone, started_on, ended_on, claims_lead, lead_professional, assessment,"
    " assessment_on, consent_id, as_of, recorded_by"
)
_STAGE = "CREATE TEMPORARY TABLE staged_line (LIKE involvement_involvement) ON COMMIT DROP"
_COPY = "COPY staged_line (" + _COLUMNS + ") FROM STDIN"
_DECLARE = (
    "INSERT INTO involvement_involvement (" + _COLUMNS + ") VALUES"
    " (%s, %s, 'open', %s, '', %s, %s, false, %s, %s, %s, %s, %s, %s, %s, %s, NULL, %s, false, %s, NULL, NULL, %s, %s)"
    " ON CONFLICT (child_id, service_type, organisation, recorded_by) WHERE source = 'practitioner' AND ended_on IS NULL"
    " DO NOTHING"
)
_DECLARED = (
    "SELECT id FROM involvement_involvement WHERE child_id = %s AND source = %s AND service_type = %s AND organisation = %s"
    " AND recorded_by = %s AND ended_on IS NULL"
)
# A changed number has been put right, so a report that it was wrong is done with. Who leads is settled afterwards.
_PUT = (
    "INSERT INTO involvement_involvement AS kept (" + _COLUMNS + ") SELECT " + _COLUMNS + " FROM staged_line"  # noqa: S608 - constants
    " ON CONFLICT (source, record_id, reference) DO UPDATE SET"
    " service_type = EXCLUDED.service_type, sensitive = EXCLUDED.sensitive, organisation = EXCLUDED.organisation,"
    " team = EXCLUDED.team, practitioner_name = EXCLUDED.practitioner_name, practitioner_role = EXCLUDED.practitioner_role,"
    " phone = EXCLUDED.phone, email = EXCLUDED.email, out_of_hours_phone = EXCLUDED.out_of_hours_phone,"
    " started_on = EXCLUDED.started_on, ended_on = EXCLUDED.ended_on, claims_lead = EXCLUDED.claims_lead,"
    " lead_professional = kept.lead_professional AND EXCLUDED.claims_lead AND EXCLUDED.ended_on IS NULL,"
    " assessment = EXCLUDED.assessment, assessment_on = EXCLUDED.assessment_on, consent_id = EXCLUDED.consent_id,"
    " as_of = EXCLUDED.as_of,"
    " phone_reported_on = CASE WHEN kept.phone = EXCLUDED.phone THEN kept.phone_reported_on END"
    " WHERE kept.child_id = EXCLUDED.child_id AND kept.as_of <= EXCLUDED.as_of"
)
_CHANGES = """
    SELECT count(*) FILTER (WHERE s.ended_on IS NULL AND (i.id IS NULL OR i.ended_on IS NOT NULL)),
        count(*) FILTER (WHERE s.ended_on IS NOT NULL AND i.id IS NOT NULL AND i.ended_on IS NULL)
    FROM staged_line s LEFT JOIN involvement_involvement i USING (source, record_id, reference)
"""
_END_MISSING = """
    UPDATE involvement_involvement i SET ended_on = greatest(%(on)s::date, i.started_on), lead_professional = false, as_of = %(on)s
    WHERE i.source = %(feed)s AND i.record_id = ANY(%(records)s) AND i.ended_on IS NULL
      AND (i.record_id, i.reference) NOT IN (SELECT record_id, reference FROM staged_line)
"""
# Of a child's current claims the one that started last leads; the others stay and are not lead (R 1.19).
_LEADS = """
    WITH lead AS (
        SELECT DISTINCT ON (child_id) id FROM involvement_involvement
        WHERE child_id = ANY(%(children)s) AND claims_lead AND ended_on IS NULL
        ORDER BY child_id, started_on DESC NULLS LAST, as_of DESC, id
    )
"""
_NO_LONGER_LEAD = (
    _LEADS  # noqa: S608 - a constant of this file
    + "UPDATE involvement_involvement SET lead_professional = false WHERE child_id = ANY(%(children)s)"
    + " AND lead_professional AND id NOT IN (SELECT id FROM lead)"
)
_NOW_LEAD = (
    _LEADS  # noqa: S608 - a constant of this file
    + "UPDATE involvement_involvement SET lead_professional = true WHERE child_id = ANY(%(children)s)"
    + " AND NOT lead_professional AND id IN (SELECT id FROM lead)"
)


def apply_supplied(
    lines: Sequence[SuppliedLine], *, feed: str, whole: Sequence[str], on: date, receipt: Receipt
) -> LinesChanged:
    """Start, change and end involvements of one feed.

    `whole` are the supplier's ids of records that were delivered whole: what they no longer name has ended `on` that day.
    """
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy(_COPY) as copy:
            for line in lines:
                copy.write_row(_row(line))
        cursor.execute(_CHANGES)
        started, ended = cursor.fetchone()
        cursor.execute(_PUT)
        if whole:
            cursor.execute(_END_MISSING, {"on": on, "feed": feed, "records": list(whole)})
            ended += cursor.rowcount
        cursor.execute("DROP TABLE staged_line")
    return LinesChanged(started=started, ended=ended)


def _row(line: SuppliedLine) -> tuple[Any, ...]:
    """The columns of `_COLUMNS`; who leads is settled afterwards."""
    given = line.supplied
    return (
        line.id,
        line.child,
        "open",
        line.source,
        line.record_id,
        given.involvement_id,
        given.service_type,
        line.sensitive,
        given.organisation_id,
        given.team,
        given.practitioner_name,
        given.practitioner_role,
        given.phone,
        given.email,
        given.out_of_hours_phone,
        given.started_on,
        given.ended_on,
        given.lead_professional,
        False,
        given.assessment.value,
        given.assessment_on,
        line.consent_id,
        line.as_of,
        None,
    )


def settle_leads(children: Sequence[UUID], *, receipt: Receipt) -> None:
    """See to it that each of these children has at most one lead professional: the current claim that started last."""
    del receipt
    if not children:
        return
    with connection.cursor() as cursor:
        cursor.execute(_NO_LONGER_LEAD, {"children": list(children)})
        cursor.execute(_NOW_LEAD, {"children": list(children)})


def still_given(feed: str, record_ids: Sequence[str], *, on: date, receipt: Receipt) -> None:
    """Note that a source gave these records again unchanged: their current involvements now speak for that day."""
    del receipt
    if not record_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE involvement_involvement SET as_of = %s WHERE source = %s AND record_id = ANY(%s) AND ended_on IS NULL"
            " AND as_of < %s",
            [on, feed, list(record_ids), on],
        )


def end_all(feed: str, record_ids: Sequence[str], *, on: date, receipt: Receipt) -> int:
    """End every current involvement of records that their supplier no longer holds; returns how many."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE involvement_involvement SET ended_on = greatest(%s::date, started_on), lead_professional = false, as_of = %s"
            " WHERE source = %s AND record_id = ANY(%s) AND ended_on IS NULL",
            [on, on, feed, list(record_ids)],
        )
        return int(cursor.rowcount)


def _check_declarable(service_type: str) -> None:
    """Raise Denied where a kind of service is not on the list, or is sensitive and so needs a decision first."""
    kind = directory.service_types().get(service_type)
    if kind is None:
        raise Denied(Refusal.NOT_FOUND, "service_type")
    if kind.sensitive:
        raise Denied(Refusal.NOT_ACCEPTED, "consent")


def declare(child_id: UUID, what: Declaration, *, by: UUID, receipt: Receipt, at: datetime) -> UUID:
    """Record that a practitioner works with an open child; returns the line's id (R 1.16, 1.33).

    `by` is whose account it is. Somebody who says the same again, or sends a form twice, keeps the line they have: of one
    account, child, service and organisation there is one current line. Refused NOT_FOUND for a kind of service that is not
    on the list (R 1.17), NOT_ACCEPTED for a sensitive one, which a page never declares (R 1.24). The caller has made sure
    that the child's entry is open.
    """
    _check_declarable(what.service_type)
    line = uuid.uuid4()
    which: list[Any] = [child_id, PRACTITIONER, what.service_type, what.organisation, by]
    place: list[Any] = [line, child_id, PRACTITIONER, str(line), what.service_type, what.organisation, what.team]
    whom: list[Any] = [what.practitioner_name, what.role, what.phone, what.email, what.out_of_hours_phone]
    since: list[Any] = [what.started_on, what.lead, AssessmentState.NONE.value, at.date(), by]
    with connection.cursor() as cursor:
        cursor.execute(_DECLARE, [*place, *whom, *since])
        if cursor.rowcount == 0:
            cursor.execute(_DECLARED, which)
            (line,) = cursor.fetchone()
    if what.lead:
        settle_leads([child_id], receipt=receipt)
    return line


def end(involvement_id: UUID, *, on: date, receipt: Receipt) -> None:
    """End one involvement on a day; the line stays with its end date (R 1.33). A day before its start counts as its start."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE involvement_involvement SET ended_on = greatest(%s::date, started_on), lead_professional = false"
            " WHERE id = %s AND ended_on IS NULL",
            [on, involvement_id],
        )


def confirm(involvement_id: UUID, *, on: date, receipt: Receipt) -> None:
    """Note that somebody said on a day that an involvement still holds (R 1.34)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("UPDATE involvement_involvement SET confirmed_on = %s WHERE id = %s", [on, involvement_id])


def report_phone(involvement_id: UUID, *, on: date, receipt: Receipt) -> None:
    """Note that a caller said on a day that the number is wrong (N 2); the source's next number clears it."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("UPDATE involvement_involvement SET phone_reported_on = %s WHERE id = %s", [on, involvement_id])


def take_out(children: Sequence[UUID], *, receipt: Receipt) -> list[MovedLine]:
    """Remove every involvement of these children and hand them over whole, for the guard to keep."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM involvement_involvement i WHERE child_id = ANY(%s) RETURNING child_id, source, record_id, to_json(i)",
            [list(children)],
        )
        return [_moved(*row) for row in cursor.fetchall()]


def _moved(child: UUID, source: str, record_id: str, written: str | dict[str, Any]) -> MovedLine:
    """One removed row, from PostgreSQL's JSON, and what its supplier said of it."""
    columns: dict[str, Any] = json.loads(written) if isinstance(written, str) else written

    def day(name: str) -> date | None:
        return date.fromisoformat(columns[name]) if columns[name] else None

    supplied = SuppliedInvolvement(
        involvement_id=columns["reference"],
        service_type=columns["service_type"],
        organisation_id=columns["organisation"],
        team=columns["team"],
        practitioner_name=columns["practitioner_name"],
        practitioner_role=columns["practitioner_role"],
        phone=columns["phone"],
        email=columns["email"],
        out_of_hours_phone=columns["out_of_hours_phone"],
        started_on=day("started_on"),
        ended_on=day("ended_on"),
        lead_professional=columns["claims_lead"],
        assessment=AssessmentState(columns["assessment"]),
        assessment_on=day("assessment_on"),
    )
    return MovedLine(child=child, source=source, record_id=record_id, supplied=supplied, columns=columns)


def move_to_guard(protections: Sequence[Protection], *, receipt: Receipt) -> dict[UUID, list[UUID]]:
    """Take children out of every open table and put them behind a shield or seal, in one transaction (R 3.01-3.06, 3.20).

    Gives the open entries that come near each: perhaps second entries of theirs. They are kept for somebody to look at (R 3.19).

    Here, because this is the highest of the records packages: the only one that may see everything that has to move.
    """
    ids = [protection.child for protection in protections]
    summaries = entries.summaries(ids, receipt=receipt)
    opened = [one for one in entries.held(ids) if one.tier is Tier.OPEN]
    visible: dict[UUID, Keys] = {one.id: matching.keys_of([_visible(summaries[one.id])]) for one in opened}
    attached: dict[UUID, dict[str, list[Any]]] = {}
    involvements: dict[tuple[str, str], list[SuppliedInvolvement]] = {}
    for line in take_out(ids, receipt=receipt):
        attached.setdefault(line.child, {}).setdefault("involvements", []).append(line.columns)
        involvements.setdefault((line.source, line.record_id), []).append(line.supplied)
    for decision in consent.take_out(ids, receipt=receipt):
        attached.setdefault(decision.child, {}).setdefault("decisions", []).append(asdict(decision))
    guarded: dict[UUID, Keys] = {one.id: guard_keys(one.identities) for one in opened}
    for child, row in merging.open_rows(ids, receipt=receipt).items():
        attached.setdefault(child, {})["entry"] = [row]
    shielding.protect(
        protections, involvements=involvements, keys=guarded, visible=visible, attached=attached, receipt=receipt
    )
    cases.forget(ids, receipt=receipt)
    records = [record for one in opened for record in one.record_ids]
    _withdraw_around(ids, records=records, keys=guarded, receipt=receipt)
    near = open_near({one.child: one.identities for one in guard.identities(ids)})
    shielding.note_near(near, again=False, receipt=receipt)
    return near


def guard_learns(said: Mapping[UUID, Sequence[Identity]], *, receipt: Receipt) -> None:
    """Take in what suppliers say anew of who protected children are, as if each were protected now (R 3.19, 3.20).

    A record that waits and comes near leaves for the guard; an open entry that comes near is kept for somebody to look at, again
    if it comes near by what is new. The guard holds what was said already.
    """
    if not said:
        return
    known = {one.child: one.identities for one in guard.identities(list(said))}
    keys: dict[UUID, Keys] = {child: guard_keys(those) for child, those in known.items()}
    shielding.add_keys(keys, receipt=receipt)
    _withdraw_around(list(said), records=(), keys=keys, receipt=receipt)
    shielding.note_near(open_near(known), again=False, receipt=receipt)
    shielding.note_near(open_near(said), again=True, receipt=receipt)


def _withdraw_around(
    ids: Sequence[UUID], *, records: Sequence[UUID], keys: Mapping[UUID, Keys], receipt: Receipt
) -> None:
    """Take out of samples and worklists whatever is about protected children or comes near them; the guard keeps what waited."""
    sampled.withdraw(ids, records=records, keys=keys, receipt=receipt)
    waiting = holding.take_out(ids, records=records, keys=keys, receipt=receipt)
    rows = [
        RowToHold(
            id=row.id,
            record=row.record,
            digest=shielding.digest(row.content),
            near=tuple(one.child for one in row.asked),
        )
        for row in waiting
    ]
    shielding.hold(rows, as_of=receipt.at.date(), receipt=receipt)


def _visible(summary: ChildSummary) -> Identity:
    """What a shielded child can still be found by."""
    return Identity(
        family_name=summary.family_name,
        given_name=summary.given_name,
        birth_date=summary.birth_date,
        sex=summary.sex,
    )
