"""Reading merges, splits, sightings and notices as they are kept: ids and codes alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.upkeep.joins import Ground, Merge, NoticeCode, NoticeKind, NoticeState, Split, State

MOST_LISTED: Final = 100
_MERGE: Final = (
    "SELECT id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at, confirmed_by,"
    " objected_by, done_at, undone_at FROM upkeep_merge "
)
_SPLIT: Final = (
    "SELECT id, mixed_id, restored_id, merge_id, authority, ground, records, lines, state, proposed_by, proposed_at,"
    " confirmed_by, mixed_since, done_at FROM upkeep_split "
)
_NOTICE: Final = "SELECT id, split_id, kind, organisation, child_id, code, state FROM upkeep_notice "
_WAITING_FIRST: Final = " ORDER BY state <> 'proposed', proposed_at DESC, id LIMIT %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """A notice as it is kept."""

    id: UUID
    split: UUID
    kind: NoticeKind
    organisation: str
    child: UUID | None
    code: NoticeCode
    state: NoticeState


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSighting:
    """One time somebody saw the mixed entry, as it was copied from the ledger."""

    at: datetime
    event: str
    account: UUID
    role: str
    organisation: str


def merge(merge_id: UUID) -> Merge | None:
    """One merge, or None."""
    return next(iter(_merges("WHERE id = %s", [merge_id])), None)


def merges_of(authority: str) -> list[Merge]:
    """Merges an authority decides or may object to, those that wait first."""
    where = "WHERE authority = %s OR other_authority = %s" + _WAITING_FIRST
    return _merges(where, [authority, authority, MOST_LISTED])


def merges_about(children: Sequence[UUID]) -> list[Merge]:
    """Every merge that names one of these children, newest first."""
    ids = list(children)
    return _merges("WHERE kept_id = ANY(%s) OR merged_id = ANY(%s) ORDER BY proposed_at DESC, id", [ids, ids])


def standing(child: UUID) -> Merge | None:
    """The last merge into a child that stands: the one a split can undo."""
    where = "WHERE kept_id = %s AND state = 'done' AND undone_at IS NULL ORDER BY done_at DESC, id LIMIT 1"
    return next(iter(_merges(where, [child])), None)


def _merges(where: str, values: Sequence[Any]) -> list[Merge]:
    with connection.cursor() as cursor:
        cursor.execute(_MERGE + where, values)
        return [
            Merge(
                id=row[0],
                kept=row[1],
                merged=row[2],
                authority=row[3],
                other_authority=row[4],
                ground=Ground(row[5]),
                state=State(row[6]),
                proposed_by=row[7],
                proposed_at=row[8],
                confirmed_by=row[9],
                objected_by=row[10],
                done_at=row[11],
                undone_at=row[12],
            )
            for row in cursor.fetchall()
        ]


def split(split_id: UUID) -> Split | None:
    """One split, or None."""
    return next(iter(_splits("WHERE id = %s", [split_id])), None)


def splits_of(authority: str) -> list[Split]:
    """Splits an authority decides, those that wait first."""
    return _splits("WHERE authority = %s" + _WAITING_FIRST, [authority, MOST_LISTED])


def splits_about(children: Sequence[UUID]) -> list[Split]:
    """Every split that names one of these children, newest first."""
    ids = list(children)
    return _splits("WHERE mixed_id = ANY(%s) OR restored_id = ANY(%s) ORDER BY proposed_at DESC, id", [ids, ids])


def _splits(where: str, values: Sequence[Any]) -> list[Split]:
    with connection.cursor() as cursor:
        cursor.execute(_SPLIT + where, values)
        return [
            Split(
                id=row[0],
                mixed=row[1],
                restored=row[2],
                merge=row[3],
                authority=row[4],
                ground=Ground(row[5]),
                records=tuple(row[6]),
                lines=tuple(row[7]),
                state=State(row[8]),
                proposed_by=row[9],
                proposed_at=row[10],
                confirmed_by=row[11],
                mixed_since=row[12],
                done_at=row[13],
            )
            for row in cursor.fetchall()
        ]


def moved(merge_id: UUID) -> dict[str, list[UUID]]:
    """The rows a merge moved, by kind; under "set_aside" the lines that were ended meanwhile."""
    found: dict[str, list[UUID]] = {"record": [], "line": [], "decision": [], "set_aside": []}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, row_id, set_aside FROM upkeep_moved WHERE merge_id = %s ORDER BY row_id", [merge_id]
        )
        for kind, row, aside in cursor.fetchall():
            found[kind].append(row)
            if aside:
                found["set_aside"].append(row)
    return found


def sightings(split_id: UUID) -> list[KeptSighting]:
    """Who saw a mixed entry, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, event, account_id, role, organisation FROM upkeep_sighting WHERE split_id = %s"
            " ORDER BY at DESC, entry_id",
            [split_id],
        )
        return [
            KeptSighting(at=row[0], event=row[1], account=row[2], role=row[3], organisation=row[4])
            for row in cursor.fetchall()
        ]


def notices(split_id: UUID) -> list[KeptNotice]:
    """The notices drafted about a split: families first, then organisations in order."""
    return _notices("WHERE split_id = %s ORDER BY kind, organisation, id", split_id)


def notice(notice_id: UUID) -> KeptNotice | None:
    """One notice, or None."""
    return next(iter(_notices("WHERE id = %s", notice_id)), None)


def _notices(where: str, value: UUID) -> list[KeptNotice]:
    with connection.cursor() as cursor:
        cursor.execute(_NOTICE + where, [value])
        return [
            KeptNotice(
                id=row[0],
                split=row[1],
                kind=NoticeKind(row[2]),
                organisation=row[3],
                child=row[4],
                code=NoticeCode(row[5]),
                state=NoticeState(row[6]),
            )
            for row in cursor.fetchall()
        ]
