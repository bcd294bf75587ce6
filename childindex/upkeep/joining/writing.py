"""Keeping merges, splits and notices: the site's part. It proposes and answers; only the worker's login carries out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app

from childindex.audit.types import Receipt
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joins import Ground, Merge, NoticeState, Split, State

CARRY_OUT_MERGE: Final = "childindex.carry_out_merge"
CARRY_OUT_SPLIT: Final = "childindex.carry_out_split"


def propose_merge(
    kept: UUID, merged: UUID, *, authorities: tuple[str, str], ground: Ground, by: UUID, receipt: Receipt
) -> UUID:
    """Keep a proposal; Denied(NOT_ACCEPTED, "waiting") where one for the entry that is to go waits already."""
    merge = uuid4()
    _insert(
        "INSERT INTO upkeep_merge (id, kept_id, merged_id, authority, other_authority, ground, state, proposed_by, proposed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, 'proposed', %s, %s)",
        [merge, kept, merged, *authorities, ground.value, by, receipt.at],
    )
    return merge


def propose_split(
    mixed: UUID,
    *,
    merge: Merge | None,
    authority: str,
    ground: Ground,
    records: Sequence[UUID],
    lines: Sequence[UUID],
    by: UUID,
    receipt: Receipt,
) -> UUID:
    """Keep a proposal to split; Denied(NOT_ACCEPTED, "waiting") where one for the same entry waits already."""
    split = uuid4()
    restored = merge.merged if merge is not None else uuid4()
    chosen = [list(records), list(lines)]
    _insert(
        "INSERT INTO upkeep_split (id, mixed_id, restored_id, merge_id, authority, ground, records, lines, state, proposed_by,"
        " proposed_at) VALUES (%s, %s, %s, %s, %s, %s, %s::uuid[], %s::uuid[], 'proposed', %s, %s)",
        [
            split,
            mixed,
            restored,
            merge.id if merge is not None else None,
            authority,
            ground.value,
            *chosen,
            by,
            receipt.at,
        ],
    )
    return split


def _insert(statement: str, values: Sequence[Any]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as error:
        raise Denied(Refusal.NOT_ACCEPTED, "waiting") from error


def answer_merge(merge: Merge, state: State, *, by: UUID, receipt: Receipt) -> None:
    """Keep a second person's answer, or the other authority's objection; the worker is asked to do what is confirmed."""
    confirmed = state is State.CONFIRMED
    objected = state is State.OBJECTED
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upkeep_merge SET state = %s, confirmed_by = %s, confirmed_at = %s, objected_by = %s, objected_at = %s"
            " WHERE id = %s AND state = 'proposed'",
            [
                state.value,
                by if confirmed else None,
                receipt.at if confirmed else None,
                by if objected else None,
                receipt.at if objected else None,
                merge.id,
            ],
        )
        _once(cursor.rowcount)
    if confirmed:
        app.configure_task(CARRY_OUT_MERGE, allow_unknown=True).defer(merge_id=str(merge.id))


def answer_split(split: Split, state: State, *, by: UUID, receipt: Receipt) -> None:
    """Keep a second person's answer; the worker is asked to do what is confirmed."""
    confirmed = state is State.CONFIRMED
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE upkeep_split SET state = %s, confirmed_by = %s, confirmed_at = %s WHERE id = %s AND state = 'proposed'",
            [state.value, by if confirmed else None, receipt.at if confirmed else None, split.id],
        )
        _once(cursor.rowcount)
    if confirmed:
        app.configure_task(CARRY_OUT_SPLIT, allow_unknown=True).defer(split_id=str(split.id))


def move_notice(notice: UUID, state: NoticeState, *, by: UUID, receipt: Receipt) -> None:
    """Keep that somebody approved a notice, or says that it was sent."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTICE_MOVE[state], [by, receipt.at, notice])
        _once(cursor.rowcount)


_NOTICE_MOVE: Final = {
    NoticeState.APPROVED: "UPDATE upkeep_notice SET state = 'approved', approved_by = %s, approved_at = %s"
    " WHERE id = %s AND state = 'drafted'",
    NoticeState.SENT: "UPDATE upkeep_notice SET state = 'sent', sent_by = %s, sent_at = %s WHERE id = %s AND state = 'approved'",
}


def _once(changed: int) -> None:
    """Two people who answer at the same moment: the second finds it answered."""
    if changed != 1:
        raise Denied(Refusal.NOT_ACCEPTED, "state")
