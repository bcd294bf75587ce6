"""Drawing a sample of what was decided and keeping it, and taking protected children out of every sample. The worker's alone."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import selectors as children
from childindex.children.staging import Keys
from childindex.children.types import StoredRecord
from childindex.kernel.identity import ChildId, Identity, Tier
from childindex.matching.nearness import near_protected
from childindex.matching.quality.drawing import band_of, drawn_records, groups_of
from childindex.matching.quality.types import Decided, Drawn, Groups, Kind, NewPair, Stratum
from childindex.matching.selectors import ranked
from childindex.matching.types import Incoming, Verdict

_AT_ONCE: Final = 5_000
_KINDS: Final = {Verdict.LINKED.value: Kind.LINK, Verdict.NEW.value: Kind.NEAR_MISS}
# A record made new has a score only where somebody was near.
_DECIDED: Final = """
    SELECT record, child_id, verdict, score FROM matching_judgement
    WHERE decided_at <= %(until)s AND (%(since)s::timestamptz IS NULL OR decided_at > %(since)s)
        AND decided_by IS NULL AND score IS NOT NULL AND verdict IN ('linked', 'new')
"""
_NAMED: Final = (
    "SELECT id FROM matching_sampledpair"
    " WHERE own = ANY(%(those)s::uuid[]) OR child = ANY(%(those)s::uuid[]) OR record = ANY(%(records)s::uuid[])"
)
# All of them, however many: what comes near a protected child shares a search key with them, as the child whose it is does.
_BESIDE: Final = """
    SELECT p.id, p.record, r.child_id FROM matching_sampledpair p JOIN children_sourcerecord r ON r.id = p.record
    WHERE EXISTS (SELECT FROM children_searchkey k WHERE k.child_id = r.child_id AND k.key = ANY(%s::bigint[]))
"""


def newest() -> datetime | None:
    """Up to when decisions have been sampled; None before the first sample."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(until) FROM matching_sample")
        found: datetime | None = cursor.fetchone()[0]
        return found


def decisions(since: datetime | None, until: datetime, *, feeds: Collection[str]) -> Iterator[Decided]:
    """Every automatic decision of a time that still stands: the child is open, and the supplier holds the record.

    Only records of these feeds are sampled.
    """
    with connection.chunked_cursor() as cursor:
        cursor.execute(_DECIDED, {"since": since, "until": until})
        while lines := cursor.fetchmany(_AT_ONCE):
            now = children.standing([record for record, *_ in lines])
            for record, child, verdict, score in lines:
                stands = now.get(record)
                if stands is not None and stands.child == child and stands.feed in feeds:
                    kind = _KINDS[verdict]
                    stratum = Stratum(
                        kind=kind, authority=stands.authority, feed=stands.feed, band=band_of(kind, score)
                    )
                    yield Decided(record=record, child=child, stratum=stratum)


def pairs(drawn: Sequence[Drawn], *, on: date, receipt: Receipt) -> dict[Stratum, list[NewPair]]:
    """What people can be asked of the decisions drawn; nothing of a record that comes near a protected child (R 3.19).

    A linked record is set beside the other records of its child, one made new beside the nearest other open child as of now. Where
    there is nothing to set it beside, it is left out.
    """
    held = {one.id: one for one in children.records_of(_children(drawn), receipt=receipt)}
    of_child: dict[UUID, int] = {}
    for record in held.values():
        of_child[record.child] = of_child.get(record.child, 0) + 1
    wanted = [held[record] for record in drawn_records(drawn)]
    near = near_protected([Incoming(id=one.id, identity=one.identity) for one in wanted])
    others = {
        one.record: one.child if each.stratum.kind is Kind.LINK else _nearest(held[one.record].identity, one.child)
        for each in drawn
        for one in each.decisions
        if one.record not in near and (each.stratum.kind is Kind.NEAR_MISS or of_child[one.child] > 1)
    }
    authorities = _authorities([child for child in others.values() if child is not None], receipt=receipt)
    return {
        each.stratum: [
            _pair(held[one.record], child, authorities[child], on=on)
            for one in each.decisions
            if (child := others.get(one.record)) in authorities and child is not None
        ]
        for each in drawn
    }


def _children(drawn: Sequence[Drawn]) -> list[UUID]:
    return sorted({one.child for each in drawn for one in each.decisions})


def _nearest(who: Identity, own: UUID) -> UUID | None:
    return next((one.child for one in ranked(who, open_only=True) if one.child != own), None)


def _authorities(those: Sequence[UUID], *, receipt: Receipt) -> dict[UUID, str]:
    """Of the children that are open, whose stewards decide about them."""
    found = children.summaries(those, receipt=receipt)
    return {
        child: found[ChildId(child)].responsible_authority for child in those if found[ChildId(child)].tier is Tier.OPEN
    }


def _pair(record: StoredRecord, child: UUID, authority: str, *, on: date) -> NewPair:
    groups = groups_of(record.identity, on=on)
    return NewPair(record=record.id, own=record.child, child=child, authority=authority, groups=groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What a sample is of, and the seed that drew it."""

    since: datetime | None
    until: datetime
    seed: int


def keep(
    period: Period, drawn: Sequence[Drawn], asked: Mapping[Stratum, Sequence[NewPair]], *, receipt: Receipt
) -> UUID:
    """Keep a sample with how many decisions each stratum holds, of which every weight is made."""
    del receipt
    sample = uuid.uuid4()
    strata = {each.stratum: uuid.uuid4() for each in drawn}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matching_sample (id, since, until, seed) VALUES (%s, %s, %s, %s)",
            [sample, period.since, period.until, period.seed],
        )
        cursor.executemany(
            "INSERT INTO matching_samplestratum (id, sample_id, kind, authority, feed, band, population)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (strata[s], sample, s.kind.value, s.authority, s.feed, s.band, each.population)
                for each in drawn
                for s in (each.stratum,)
            ],
        )
        cursor.executemany(
            "INSERT INTO matching_sampledpair (id, stratum_id, authority, record, own, child, age, name, number)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (uuid.uuid4(), strata[stratum], one.authority, one.record, one.own, one.child, *_codes(one.groups))
                for stratum, those in asked.items()
                for one in those
            ],
        )
    return sample


def _codes(groups: Groups) -> tuple[str, str, str]:
    return groups.age, groups.name, groups.number


def withdraw(about: Sequence[UUID], *, records: Sequence[UUID], keys: Mapping[UUID, Keys], receipt: Receipt) -> None:
    """Take children who have been protected out of every sample, and records that come near them, as out of the queue (R 3.19).

    `records` are theirs, `keys` those they could be found by; the guard has them already. What was judged stays as a number:
    nothing says of whom.
    """
    values = sorted({key[1] for those in keys.values() for key in those})
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"those": list(about), "records": list(records)})
        leaving = {pair for (pair,) in cursor.fetchall()}
        cursor.execute(_BESIDE, [values])
        beside = [line for line in cursor.fetchall() if line[0] not in leaving]
        held = children.records_of(sorted({child for *_, child in beside}), receipt=receipt)
        asked = {record for _, record, _ in beside}
        near = near_protected([Incoming(id=one.id, identity=one.identity) for one in held if one.id in asked])
        leaving |= {pair for pair, record, _ in beside if record in near}
        cursor.execute("DELETE FROM matching_sampledpair WHERE id = ANY(%s) AND said = ''", [list(leaving)])
        cursor.execute(
            "UPDATE matching_sampledpair SET record = NULL, own = NULL, child = NULL WHERE id = ANY(%s)",
            [list(leaving)],
        )
