"""What people decide about records: kept for ever, confirmed by a second person where need be, honoured by every delivery."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from procrastinate.contrib.django import app

from childindex.audit.types import Receipt
from childindex.children import merging
from childindex.matching.types import Answer, Because, Candidate, Judged, Verdict, Waiting

APPLY_DECISION = "childindex.apply_decision"

_INSERT = (
    "INSERT INTO matching_judgement (id, record, child_id, verdict, score, levels, model_version, decided_by, decided_at,"
    " review_id, reason, second_needed, confirmed_by, counts)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_PUT_BACK = (
    "UPDATE matching_review SET queued_at = %s, put_back_by = %s, verdict = '', chosen = NULL, reason = '',"
    " second_needed = false, answered_by = NULL, answered_at = NULL WHERE id = %s"
)
_ANSWER = (
    "UPDATE matching_review SET verdict = %s, chosen = %s, reason = %s, second_needed = %s, answered_by = %s, answered_at = %s"
    " WHERE id = %s"
)
# The newest judgement of each record and child that counts; a model's never stands against a person's.
_JUDGED = """
    SELECT DISTINCT ON (record, child_id) record, child_id, verdict FROM matching_judgement
    WHERE record = ANY(%s) AND decided_by IS NOT NULL AND counts AND verdict IN ('linked', 'not_linked')
    ORDER BY record, child_id, decided_at DESC
"""


def judged(records: Sequence[UUID]) -> dict[UUID, Judged]:
    """What people have decided of these records, by record; those nobody has decided about are absent. The worker's alone."""
    linked: dict[UUID, UUID] = {}
    apart: dict[UUID, set[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, [list(records)])
        for record, child, verdict in cursor.fetchall():
            if verdict == Verdict.LINKED:
                linked[record] = child
            else:
                apart.setdefault(record, set()).add(child)
    # Of an entry that has been merged since, what was decided holds of the one it was merged into.
    leads = merging.now_leads_to([*linked.values(), *(child for ruled_out in apart.values() for child in ruled_out)])
    linked = {record: leads.get(child, child) for record, child in linked.items()}
    apart = {record: {leads.get(child, child) for child in ruled_out} for record, ruled_out in apart.items()}
    return {
        record: Judged(linked=linked.get(record), apart=frozenset(apart.get(record, ())))
        for record in linked.keys() | apart.keys()
    }


def answer(
    review: Waiting,
    what: Answer,
    weighed: Sequence[Candidate],
    *,
    second_needed: bool,
    by: UUID,
    receipt: Receipt,
) -> None:
    """Keep a person's decision: unsure goes to the back of the queue, the others are decided, or wait for a second person."""
    _keep(review, what, weighed, by=by, confirmed_by=None, second_needed=second_needed, receipt=receipt)
    if what.verdict is Verdict.UNSURE:
        _put_back(review, by=by, receipt=receipt)
        return
    with connection.cursor() as cursor:
        because = what.because.value
        cursor.execute(_ANSWER, [what.verdict.value, what.chosen, because, second_needed, by, receipt.at, review.id])
    if not second_needed:
        _decide(review, by=by, receipt=receipt)


def confirm(review: Waiting, weighed: Sequence[Candidate], *, by: UUID, receipt: Receipt) -> None:
    """Keep that a second person decides the same, and ask the worker to apply it. The database refuses the first person."""
    if review.answered_by is None:
        raise ValueError("nothing to confirm")
    what = Answer(verdict=Verdict(review.verdict), chosen=review.chosen, because=Because(review.reason))
    _decide(review, by=by, receipt=receipt)
    _keep(review, what, weighed, by=review.answered_by, confirmed_by=by, second_needed=True, receipt=receipt)


def reject(review: Waiting, weighed: Sequence[Candidate], *, by: UUID, receipt: Receipt) -> None:
    """Keep that a second person does not decide the same: nothing is applied, and the pair is decided afresh."""
    what = Answer(verdict=Verdict.UNSURE, chosen=None, because=Because.AS_SHOWN)
    _keep(review, what, weighed, by=by, confirmed_by=None, second_needed=False, receipt=receipt)
    _put_back(review, by=by, receipt=receipt)


def _put_back(review: Waiting, *, by: UUID, receipt: Receipt) -> None:
    """To the end of the queue, without an answer."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, [receipt.at, by, review.id])


def _decide(review: Waiting, *, by: UUID, receipt: Receipt) -> None:
    """Decided: the worker is asked, in the same transaction, to apply it; the job carries only the review's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE matching_review SET decided_by = %s, decided_at = %s WHERE id = %s", [by, receipt.at, review.id]
        )
    ask_to_apply(review.id, receipt=receipt)


def ask_to_apply(review_id: UUID, *, receipt: Receipt) -> None:
    """Ask the worker, with this transaction or not at all, to apply a decision."""
    del receipt
    app.configure_task(APPLY_DECISION, allow_unknown=True).defer(review_id=str(review_id))


def _keep(
    review: Waiting,
    what: Answer,
    weighed: Sequence[Candidate],
    *,
    by: UUID,
    confirmed_by: UUID | None,
    second_needed: bool,
    receipt: Receipt,
) -> None:
    """One judgement for each child that was shown: whoever is linked to one is not linked to the others (R 4.15)."""
    with connection.cursor() as cursor:
        for one in weighed:
            linked = what.verdict is Verdict.LINKED and one.child == what.chosen
            verdict = Verdict.NOT_LINKED if what.verdict is Verdict.LINKED and not linked else what.verdict
            cursor.execute(
                _INSERT,
                [
                    uuid.uuid4(),
                    review.record,
                    one.child,
                    verdict.value,
                    one.score,
                    json.dumps(dict(one.levels)),
                    review.model_version,
                    by,
                    receipt.at,
                    review.id,
                    what.because.value,
                    second_needed,
                    confirmed_by,
                    confirmed_by is not None or not second_needed,
                ],
            )
