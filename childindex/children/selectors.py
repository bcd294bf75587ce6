"""Reading entries: candidates for the matcher, summaries and entries for people, records for deliveries."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import policies, staging
from childindex.children.staging import Keys
from childindex.children.types import ChildEntry, ChildSummary, HeldIdentity, KnownRecord, Standing, StoredRecord
from childindex.directory import selectors as directory
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, ChildId, Identity, Sex, Tier

# The columns of a source record, in the order every statement here reads them and every service writes them.
RECORD_COLUMNS = (
    "id, child_id, feed, record_id, family_name, given_name, middle_names, known_as, former_family_name, birth_date,"
    " unborn, sex, nhs_number, upn, address, postcode, uprn, authority, carers, deceased_on, left_england, updated_on,"
    " removed_on, received_at, delivery_id, content"
)
_RECORDS = "SELECT " + RECORD_COLUMNS + " FROM children_sourcerecord "  # noqa: S608 - constants of this file
_CHILDREN = (
    "SELECT id, tier, index_number, given_name, family_name, birth_date, sex, district, responsible_authority"
    " FROM children_child "
)
_WORTH_COUNTING = 100_000
# Most shared keys first; the id settles ties, so that the same search always has the same candidates.
_CANDIDATES = "SELECT child_id FROM children_searchkey WHERE key = ANY(%s) GROUP BY child_id ORDER BY count(*) DESC, child_id LIMIT %s"
_OPEN_CANDIDATES = (
    "SELECT child_id FROM children_searchkey WHERE key = ANY(%s) AND tier = 'open'"
    " GROUP BY child_id ORDER BY count(*) DESC, child_id LIMIT %s"
)
# A key that very many children share says little and costs much: it finds nobody here, the others do. The inner limit sees to
# it that no key is read further than it takes to know that it is one of those. Two thirds of all candidates share one key with a
# row that shares a dozen with another child: of 14,000 links measured none went to such a one, so that they are not compared.
_BATCH_CANDIDATES = """
    WITH hit AS MATERIALIZED (
        SELECT d.key, k.child_id, count(*) OVER (PARTITION BY d.key) AS shared_by
        FROM (SELECT DISTINCT key FROM batch_key) d
        CROSS JOIN LATERAL (
            SELECT child_id FROM children_searchkey WHERE key = d.key AND tier = 'open' LIMIT %s
        ) k
    ), shared AS (
        SELECT b.line, h.child_id, count(*) AS keys FROM batch_key b JOIN hit h USING (key) WHERE h.shared_by <= %s
        GROUP BY b.line, h.child_id
    ), ranked AS (
        SELECT line, child_id, keys, max(keys) OVER (PARTITION BY line) AS most,
            row_number() OVER (PARTITION BY line ORDER BY keys DESC, child_id) AS place FROM shared
    )
    SELECT line, child_id FROM ranked WHERE place <= %s AND keys * 4 >= most ORDER BY line, place
"""


def candidates(values: Collection[int], *, open_only: bool, limit: int) -> list[HeldIdentity]:
    """Children sharing a search key, those sharing most first, at most `limit`, each with every identity its sources gave.

    Two statements whatever is searched for. `open_only` where a hidden field was named: a shielded child is then not
    looked at, and it has no key of a hidden field in any case (R 3.06). A sealed child has no key at all.
    """
    statement = _OPEN_CANDIDATES if open_only else _CANDIDATES
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values), limit])
        ids = [row[0] for row in cursor.fetchall()]
    return held(ids)


def by_index_number(number: str) -> list[HeldIdentity]:
    """The child with an index number (compact form), or the one whose entry that number's was merged into, or nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM children_child WHERE index_number = %s UNION ALL"
            " SELECT child_id FROM children_formernumber WHERE index_number = %s",
            [number, number],
        )
        return held([row[0] for row in cursor.fetchall()])


def held(ids: Sequence[UUID]) -> list[HeldIdentity]:
    """What the matcher may compare of these children, in the order asked; ids that are not here are absent.

    A record that its supplier no longer holds counts for comparing, but not for which feeds have the child.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.tier, c.family_name, c.given_name, c.birth_date, c.sex, s.id,"
            " CASE WHEN s.removed_on IS NULL THEN s.feed ELSE '' END, s.family_name, s.given_name,"
            " s.middle_names, s.known_as, s.former_family_name, s.birth_date, s.sex, s.nhs_number, s.upn, s.address,"
            " s.postcode, s.uprn, s.carers FROM children_child c LEFT JOIN children_sourcerecord s ON s.child_id = c.id"
            " WHERE c.id = ANY(%s) ORDER BY s.feed, s.record_id",
            [list(ids)],
        )
        found: dict[UUID, list[Any]] = {}
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
    return [_held(found[child]) for child in ids if child in found]


# Eighteen years have fewer days than that.
_birth_date = lru_cache(maxsize=10_000)(PartialDate.parse)


def _held(rows: Sequence[Any]) -> HeldIdentity:
    """One child's lines of the join above: its records, or its visible fields where it has none."""
    child, tier, family, given, born, sex = rows[0][:6]
    records = [row for row in rows if row[6] is not None]
    if not records:
        visible = Identity(
            family_name=family, given_name=given, birth_date=PartialDate.parse(born) if born else None, sex=Sex(sex)
        )
        return HeldIdentity(id=child, tier=Tier(tier), identities=(visible,))
    return HeldIdentity(
        id=child,
        tier=Tier(tier),
        identities=tuple(_identity(*row[8:]) for row in records),
        feeds=tuple(row[7] for row in records),
        record_ids=tuple(row[6] for row in records),
    )


def _identity(*columns: Any) -> Identity:
    """An identity from its columns, in the order of `held` above."""
    family, given, middle, known_as, former, born, sex, nhs, upn, address, postcode, uprn, carers = columns
    return Identity(
        family_name=family,
        given_name=given,
        middle_names=middle,
        known_as=known_as,
        former_family_name=former,
        birth_date=_birth_date(born) if born else None,
        sex=Sex(sex),
        nhs_number=nhs,
        upn=upn,
        address=address,
        postcode=postcode,
        uprn=uprn,
        carers=tuple(Carer(**carer) for carer in json.loads(carers)) if carers != "[]" else (),
    )


def about_how_many() -> int:
    """How many children have an entry that can be found: counted up to a hundred thousand, beyond that as the database last knew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT FROM children_child LIMIT %s) AS counted", [_WORTH_COUNTING])
        counted = int(cursor.fetchone()[0])
        if counted == _WORTH_COUNTING:
            # The planner's estimate: the statistics themselves are closed, for they tell of every table (docs/adr/0017).
            cursor.execute("EXPLAIN (FORMAT JSON) SELECT FROM children_child")
            [[[plan]]] = cursor.fetchall()
            counted = max(counted, int(plan["Plan"]["Plan Rows"]))
        return counted


def batch_candidates(keys: Sequence[Keys], *, per_key: int, per_line: int) -> list[tuple[int, UUID]]:
    """Open children for a whole batch: the keys of each line in, (line number, child) out, best first within a line.

    Shielded children are the guard's to compare. A key shared by more than `per_key` children finds nobody; a line has at
    most `per_line` candidates.
    """
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE batch_key (line integer, key bigint) ON COMMIT DROP")
        with cursor.copy("COPY batch_key FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(staging.packed(staging.lines(keys), staging.values(keys)))
        cursor.execute("ANALYZE batch_key")
        cursor.execute(_BATCH_CANDIDATES, [per_key + 1, per_key, per_line])
        pairs: list[tuple[int, UUID]] = cursor.fetchall()
        cursor.execute("DROP TABLE batch_key")
    return pairs


def open_sharing(keys: Sequence[Keys]) -> list[tuple[int, UUID]]:
    """Every open child that shares a key with a line, the keys of each line in: however many share it, and however few they share.

    For the few lines of a protected child, of whom nobody may be missed; `batch_candidates` is for deliveries.
    """
    lines = [(line, key[1]) for line, those in enumerate(keys) for key in those]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT l.line, k.child_id FROM unnest(%s::int[], %s::bigint[]) AS l (line, key)"
            " JOIN children_searchkey k ON k.key = l.key WHERE k.tier = 'open' ORDER BY 1, 2",
            [[line for line, _ in lines], [key for _, key in lines]],
        )
        pairs: list[tuple[int, UUID]] = cursor.fetchall()
        return pairs


def open_born_like(dates: Sequence[tuple[int, int, int]]) -> list[tuple[int, UUID]]:
    """Every open child of whom some source says the same year of birth as a line's (year, month, day), or the same day and month,
    either way about.

    Nought is not known. Reads every record: for a small index.
    """
    years = [f"{year:04d}" for year, _, _ in dates]
    days = [f"-{month:02d}-{day:02d}" if day else "" for _, month, day in dates]
    swapped = [f"-{day:02d}-{month:02d}" if day else "" for _, month, day in dates]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT l.line - 1, s.child_id"
            " FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS l (year, day, swapped, line)"
            " JOIN children_sourcerecord s ON left(s.birth_date, 4) = l.year"
            " OR substr(s.birth_date, 5) IN (nullif(l.day, ''), nullif(l.swapped, '')) ORDER BY 1, 2",
            [years, days, swapped],
        )
        pairs: list[tuple[int, UUID]] = cursor.fetchall()
        return pairs


def known(feed: str, record_ids: Sequence[str]) -> dict[str, KnownRecord]:
    """Which of a feed's records are already kept, by the supplier's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT record_id, id, child_id, content, updated_on, removed_on IS NOT NULL FROM children_sourcerecord"
            " WHERE feed = %s AND record_id = ANY(%s)",
            [feed, list(record_ids)],
        )
        return {
            row[0]: KnownRecord(id=row[1], child=row[2], content=bytes(row[3]), updated_on=row[4], removed=row[5])
            for row in cursor.fetchall()
        }


def records_of(children: Sequence[UUID], *, receipt: Receipt) -> list[StoredRecord]:
    """Every record of these open children, as kept; needs the receipt of the entry that asks."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS + "WHERE child_id = ANY(%s) ORDER BY feed, record_id", [list(children)])
        return [_stored(row) for row in cursor.fetchall()]


def standing(records: Sequence[UUID]) -> dict[UUID, Standing]:
    """Whose these records are, as far as their suppliers still hold them and the child is open; others are absent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.child_id, s.feed, c.responsible_authority FROM children_sourcerecord s"
            " JOIN children_child c ON c.id = s.child_id WHERE s.id = ANY(%s) AND s.removed_on IS NULL AND c.tier = 'open'",
            [list(records)],
        )
        return {row[0]: Standing(child=row[1], feed=row[2], authority=row[3]) for row in cursor.fetchall()}


def links(*, receipt: Receipt) -> Iterator[tuple[str, str, str, UUID]]:
    """Every (feed, the supplier's id, index number, our id of the record) of open children, in order; for the links export."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.feed, s.record_id, c.index_number, s.id FROM children_sourcerecord s JOIN children_child c"
            " ON c.id = s.child_id ORDER BY s.feed, s.record_id"
        )
        while lines := cursor.fetchmany(5_000):
            yield from lines


def sources_of(children: Sequence[UUID], *, receipt: Receipt) -> dict[UUID, list[tuple[str, str]]]:
    """Each open child's records as (feed, the supplier's id), in order."""
    del receipt
    found: dict[UUID, list[tuple[str, str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child_id, feed, record_id FROM children_sourcerecord WHERE child_id = ANY(%s) ORDER BY feed, record_id",
            [list(children)],
        )
        for child, feed, record_id in cursor.fetchall():
            found.setdefault(child, []).append((feed, record_id))
    return found


def index_numbers(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Index numbers of children that have an entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, index_number FROM children_child WHERE id = ANY(%s)", [list(ids)])
        return dict(cursor.fetchall())


def summaries(ids: Sequence[UUID], *, receipt: Receipt) -> dict[ChildId, ChildSummary]:
    """What a list of candidates may show of each child; ids that are not here are simply absent (R 2.23, 3.03)."""
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN + "WHERE id = ANY(%s)", [list(ids)])
        return {row[0]: _summary(row, receipt) for row in cursor.fetchall()}


def entry_of(child_id: UUID, *, receipt: Receipt) -> ChildEntry | None:
    """The whole entry of one open child, each value with its source; None when absent, sealed or shielded.

    Conflicts between sources are settled by `Feed.rank_of(field)`, then by the newest day a record speaks for (R 4.22).
    """
    summary = summaries([child_id], receipt=receipt).get(ChildId(child_id))
    if summary is None or summary.tier is not Tier.OPEN:
        return None
    records = records_of([child_id], receipt=receipt)
    if not records:
        return None
    feeds = directory.feeds()

    def rank(feed: str, field: str) -> int:
        return feeds[feed].rank_of(field) if feed in feeds else _UNKNOWN_FEED

    return ChildEntry(
        receipt=receipt,
        summary=summary,
        names=policies.names(records, rank),
        birth_date_provenance=policies.provenance(policies.birth_date_source(records, rank)),
        whereabouts=policies.whereabouts(records, rank),
        carers=policies.carers(records, rank),
        deceased_on=policies.deceased_on(records, rank),
    )


# A feed that left the register is believed last.
_UNKNOWN_FEED = 1_000_000


def _summary(row: Any, receipt: Receipt) -> ChildSummary:
    child, tier, number, given, family, born, sex, district, authority = row
    return ChildSummary(
        receipt=receipt,
        id=child,
        tier=Tier(tier),
        index_number=number,
        given_name=given,
        family_name=family,
        birth_date=PartialDate.parse(born),
        sex=Sex(sex),
        district=district,
        responsible_authority=authority,
    )


def _stored(row: Any) -> StoredRecord:
    """One source record from `RECORD_COLUMNS`."""
    who = _identity(*row[4:10], row[11], *row[12:17], row[18])
    return StoredRecord(
        id=row[0],
        child=row[1],
        feed=row[2],
        record_id=row[3],
        identity=who,
        unborn=row[10],
        authority=row[17],
        deceased_on=row[19],
        left_england=row[20],
        updated_on=row[21],
        removed_on=row[22],
        received_at=row[23],
        delivery_id=row[24],
        content=bytes(row[25]),
    )
