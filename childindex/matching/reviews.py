"""Records that wait for a person: the queue of an authority, and what may be shown of each. The site reads these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.types import HeldIdentity
from childindex.kernel.identity import Identity, Tier
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.levels import Level
from childindex.matching.engine.model import load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate as Compared
from childindex.matching.engine.scorer import Match, probability, score
from childindex.matching.engine.sentences import in_words
from childindex.matching.types import Candidate, Progress, ShownRecord, Waiting, Weighed
from childindex.shielding import sealing

MOST_LISTED: Final = 100
_MOST_NEIGHBOURS: Final = 6
_MOST_LOOKED_AT: Final = 60
_WAITING: Final = (
    "SELECT r.id, r.record, r.candidates, r.model_version, h.feed, r.opened_at, r.verdict, r.chosen, r.reason, r.answered_by"
    " FROM matching_review r JOIN matching_heldrow h ON h.id = r.record WHERE r.decided_at IS NULL AND r.authority = %s"
)
_PROGRESS: Final = """
    WITH line AS (
        SELECT id, queued_at, decided_at,
            coalesce(answered_by = %(me)s, false) AS answered, answered_at,
            coalesce(decided_by = %(me)s, false) AS decided,
            coalesce(put_back_by = %(me)s AND queued_at >= %(since)s, false) AS put_back
        FROM matching_review WHERE authority = %(authority)s AND (decided_at IS NULL OR decided_at >= %(since)s)
    )
    SELECT count(*) FILTER (
            WHERE answered AND answered_at >= %(since)s OR decided AND decided_at >= %(since)s OR put_back AND decided_at IS NULL
        ),
        count(*) FILTER (WHERE decided_at IS NULL AND NOT answered AND NOT put_back),
        (array_agg(id ORDER BY queued_at, id) FILTER (WHERE decided_at IS NULL AND NOT answered AND NOT put_back))[1]
    FROM line
"""


def queue(authority: str, *, receipt: Receipt) -> list[Waiting]:
    """What waits for the stewards of an authority, in the order of the queue; at most the first hundred."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_WAITING + " ORDER BY r.queued_at, r.id LIMIT %s", [authority, MOST_LISTED])
        return [_waiting(row) for row in cursor.fetchall()]


def progress(authority: str, *, by: UUID, since: datetime) -> Progress:
    """How many somebody has answered since a moment, how many are left for them, and which is next.

    What they put back since then, or wait for a second person to confirm, is not left for them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS, {"me": by, "since": since, "authority": authority})
        done, left, following = cursor.fetchone()
        return Progress(done=done, left=left, next=following)


def open_review(review_id: UUID, *, authority: str, receipt: Receipt, lock: bool = False) -> Waiting | None:
    """One review of an authority that is still open; None for every other. `lock` where it is about to be answered."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_WAITING + " AND r.id = %s" + (" FOR UPDATE OF r" if lock else ""), [authority, review_id])
        row = cursor.fetchone()
        return None if row is None else _waiting(row)


def _waiting(row: Sequence[Any]) -> Waiting:
    return Waiting(
        id=row[0],
        record=row[1],
        candidates=tuple(row[2]),
        model_version=row[3],
        feed=row[4],
        opened_at=row[5],
        verdict=row[6],
        chosen=row[7],
        reason=row[8],
        answered_by=row[9],
    )


def shown(record: UUID, *, receipt: Receipt) -> ShownRecord:
    """Who the child of a waiting record is, as its supplier says."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT shown FROM matching_heldrow WHERE id = %s", [record])
        (sealed,) = cursor.fetchone()
    plain = sealing.unseal(record, sealed, key=sealing.REVIEW)
    return ShownRecord(identity=sealing.read_identity(plain["identity"]), sensitive=bool(plain["sensitive"]))


def weigh(query: Identity, those: Sequence[UUID], *, without: UUID | None = None) -> list[Weighed]:
    """Open children as candidates for a record, weighed by the model in force, in the order given; others are left out.

    `without` is a record that is not looked at: the record itself, where it is one of the child's.
    """
    held = [one for one in children.held(those) if one.tier is Tier.OPEN]
    model = load_model().for_population(children.about_how_many())
    compared = [Compared(key=one.id, records=tuple(map(standardise, one.identities_but(without)))) for one in held]
    return [
        _weighed(one.id, match) for one, match in zip(held, score(model, standardise(query), compared), strict=True)
    ]


def _weighed(child: UUID, match: Match) -> Weighed:
    levels = {result.field.value: result.level.value for result in match.fields if result.level is not Level.MISSING}
    score_alone = round(float(probability(match.score)), 6)
    return Weighed(candidate=Candidate(child=child, score=score_alone, levels=levels), words=in_words(match))


def neighbours(query: Identity, those: Sequence[UUID]) -> Sequence[UUID]:
    """Other open children who share a birth date and a home, a family name or a carer's telephone with the record or with one
    of these children: twins, most likely.
    """
    known = [identity for one in children.held(those) for identity in one.identities]
    around = [query, *known]
    keys = {key.value for identity in around for key in search_keys(standardise(identity))}
    found = children.candidates(sorted(keys), open_only=True, limit=_MOST_LOOKED_AT)
    return [one.id for one in found if one.id not in those and _beside(one, around)][:_MOST_NEIGHBOURS]


def _beside(one: HeldIdentity, around: Sequence[Identity]) -> bool:
    return any(_of_one_birth(identity, other) for identity in one.identities for other in around)


def _of_one_birth(one: Identity, other: Identity) -> bool:
    """Born on one day, to one family as far as can be seen."""
    if one.birth_date is None or one.birth_date != other.birth_date:
        return False
    phones = {carer.phone for carer in one.carers if carer.phone} & {carer.phone for carer in other.carers}
    same_home = bool(one.postcode) and one.postcode == other.postcode
    return same_home or bool(phones) or one.family_name.casefold() == other.family_name.casefold()
