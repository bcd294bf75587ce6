"""Writing entries, many at a time. One practitioner's edit is a batch of one. Every function demands a receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db import connection

from childindex.audit.types import Receipt
from childindex.children import staging
from childindex.children.models import FIRST_HIDDEN_KIND
from childindex.children.selectors import RECORD_COLUMNS, records_of
from childindex.children.staging import Keys
from childindex.children.types import NewChild, StoredRecord
from childindex.directory import selectors as directory
from childindex.kernel.identity import Tier
from childindex.kernel.numbers import new_index_number
from childindex.kernel.places import district

# An arbitrary number that everybody who decides whose a record is agrees on.
TURNS: Final = 7_310

_COPY_CHILDREN = (
    "COPY children_child (id, index_number, tier, responsible_authority, district, family_name, given_name, birth_date, sex,"
    " created_at, changed_at) FROM STDIN"
)
_STAGE_RECORDS = "CREATE TEMPORARY TABLE staged_record (LIKE children_sourcerecord) ON COMMIT DROP"
_COPY_RECORDS = "COPY staged_record (" + RECORD_COLUMNS + ", tier) FROM STDIN"
_PUT_RECORDS = """
    INSERT INTO children_sourcerecord AS kept SELECT * FROM staged_record
    ON CONFLICT (feed, record_id) DO UPDATE SET
        family_name = EXCLUDED.family_name, given_name = EXCLUDED.given_name, middle_names = EXCLUDED.middle_names,
        known_as = EXCLUDED.known_as, former_family_name = EXCLUDED.former_family_name,
        birth_date = EXCLUDED.birth_date, unborn = EXCLUDED.unborn, sex = EXCLUDED.sex,
        nhs_number = EXCLUDED.nhs_number, upn = EXCLUDED.upn, address = EXCLUDED.address, postcode = EXCLUDED.postcode,
        uprn = EXCLUDED.uprn, authority = EXCLUDED.authority, carers = EXCLUDED.carers,
        deceased_on = EXCLUDED.deceased_on, left_england = EXCLUDED.left_england, updated_on = EXCLUDED.updated_on,
        removed_on = EXCLUDED.removed_on, received_at = EXCLUDED.received_at, delivery_id = EXCLUDED.delivery_id,
        content = EXCLUDED.content
    WHERE kept.child_id = EXCLUDED.child_id
      AND (kept.updated_on IS NULL OR EXCLUDED.updated_on IS NULL OR kept.updated_on <= EXCLUDED.updated_on)
"""
_ADD_KEYS = """
    INSERT INTO children_searchkey (key, kind, child_id, tier) SELECT key, kind, child_id, 'open' FROM staged_key
    ORDER BY key ON CONFLICT (key, child_id) DO NOTHING
"""
_DROP_OTHER_KEYS = """
    DELETE FROM children_searchkey WHERE child_id = ANY(%s) AND (key, child_id) NOT IN (SELECT key, child_id FROM staged_key)
"""
# One pass over the records of the children touched: each field from the record believed first for it.
_REFRESH = """
    WITH rank (feed, family, given, born, sex, place) AS (
        SELECT * FROM unnest(%(feed)s::text[], %(family)s::int[], %(given)s::int[], %(born)s::int[], %(sex)s::int[], %(place)s::int[])
    ), line AS (
        SELECT s.*, s.removed_on IS NOT NULL AS gone, coalesce(s.updated_on, s.received_at::date) AS as_of,
            r.family AS family_rank, r.given AS given_rank, r.born AS born_rank, r.sex AS sex_rank, r.place AS place_rank
        FROM children_sourcerecord s LEFT JOIN rank r USING (feed) WHERE s.child_id = ANY(%(children)s)
    ), best AS (
        SELECT child_id,
            (array_agg(family_name ORDER BY gone, family_rank, as_of DESC, feed, record_id))[1] AS family_name,
            (array_agg(given_name ORDER BY given_name = '', gone, given_rank, as_of DESC, feed, record_id))[1] AS given_name,
            array_agg(family_name ORDER BY family_rank, feed, record_id) FILTER (WHERE family_name <> upper(family_name)) AS families,
            array_agg(given_name ORDER BY given_rank, feed, record_id) FILTER (WHERE given_name <> upper(given_name)) AS givens,
            (array_agg(birth_date ORDER BY unborn, length(birth_date) DESC, gone, born_rank, as_of DESC, feed, record_id))[1] AS birth_date,
            (array_agg(sex ORDER BY sex = 'unknown', gone, sex_rank, as_of DESC, feed, record_id))[1] AS sex,
            (array_agg(postcode ORDER BY postcode = '', gone, place_rank, as_of DESC, feed, record_id))[1] AS postcode,
            (array_agg(authority ORDER BY authority = '', gone, place_rank, as_of DESC, feed, record_id))[1] AS authority
        FROM line GROUP BY child_id
    ), fresh AS (
        SELECT child_id, birth_date, sex, split_part(postcode, ' ', 1) AS district, authority,
            -- a source of nothing but capitals says which name it is, not how it is written (as policies.names does)
            CASE WHEN family_name <> upper(family_name) THEN family_name
                ELSE coalesce((SELECT s FROM unnest(families) s WHERE lower(s) = lower(family_name) LIMIT 1), family_name)
            END AS family_name,
            CASE WHEN given_name <> upper(given_name) THEN given_name
                ELSE coalesce((SELECT s FROM unnest(givens) s WHERE lower(s) = lower(given_name) LIMIT 1), given_name)
            END AS given_name
        FROM best
    )
    UPDATE children_child c SET family_name = f.family_name, given_name = f.given_name, birth_date = f.birth_date, sex = f.sex,
        district = f.district, responsible_authority = coalesce(nullif(f.authority, ''), c.responsible_authority), changed_at = %(at)s
    FROM fresh f WHERE c.id = f.child_id AND c.tier = 'open'
      AND (c.family_name, c.given_name, c.birth_date, c.sex, c.district, c.responsible_authority) IS DISTINCT FROM
          (f.family_name, f.given_name, f.birth_date, f.sex, f.district, coalesce(nullif(f.authority, ''), c.responsible_authority))
"""
_RANKED = {"family": "family_name", "given": "given_name", "born": "birth_date", "sex": "sex", "place": "address"}


def take_turns(*, receipt: Receipt) -> None:
    """Wait until no other transaction is deciding whose a record is, or hiding a child; then be the only one until the end.

    Two feeds that both bring a new child would otherwise enter it twice, and a row that was compared with the guard a moment
    before a child was hidden would make the open record that must never be (R 3.19).
    """
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [TURNS])


def enter(children: Sequence[NewChild], *, receipt: Receipt) -> None:
    """Make entries for new children, open, each with a random index number and exactly one authority (R 1.10, 4.26)."""
    with connection.cursor() as cursor, cursor.copy(_COPY_CHILDREN) as copy:
        for child in children:
            who = child.identity
            copy.write_row(
                (
                    child.id,
                    new_index_number(),
                    Tier.OPEN.value,
                    child.authority,
                    district(who.postcode),
                    who.family_name,
                    who.given_name,
                    str(who.birth_date),
                    who.sex.value,
                    receipt.at,
                    receipt.at,
                )
            )


def put_records(records: Sequence[StoredRecord], *, receipt: Receipt) -> None:
    """Keep suppliers' records of open children: new ones, and newer values of known ones.

    An older row never overwrites a newer one, and a known record never changes its child: both are held in the statement.
    """
    del receipt
    if not records:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STAGE_RECORDS)
        with cursor.copy(_COPY_RECORDS) as copy:
            for record in records:
                copy.write_row(_row(record))
        cursor.execute(_PUT_RECORDS)
        cursor.execute("DROP TABLE staged_record")


def _row(record: StoredRecord) -> tuple[Any, ...]:
    """The columns of `RECORD_COLUMNS` and the tier."""
    who = record.identity
    return (
        record.id,
        record.child,
        record.feed,
        record.record_id,
        who.family_name,
        who.given_name,
        who.middle_names,
        who.known_as,
        who.former_family_name,
        str(who.birth_date or ""),
        record.unborn,
        who.sex.value,
        who.nhs_number,
        who.upn,
        who.address,
        who.postcode,
        who.uprn,
        record.authority,
        json.dumps([asdict(carer) for carer in who.carers]) if who.carers else "[]",
        record.deceased_on,
        record.left_england,
        record.updated_on,
        record.removed_on,
        record.received_at,
        record.delivery_id,
        record.content,
        Tier.OPEN.value,
    )


def add_keys(keys: Mapping[UUID, Keys], *, receipt: Receipt) -> None:
    """Add search keys of open children, kind and number of each; those already there stay as they are."""
    del receipt
    if keys:
        with connection.cursor() as cursor:
            _stage_keys(cursor, keys)
            cursor.execute(_ADD_KEYS)
            cursor.execute("DROP TABLE staged_key")


def replace_keys(keys: Mapping[UUID, Keys], *, receipt: Receipt) -> None:
    """Give open children exactly these keys, computed by the caller from every identity their sources gave.

    Nearly all are there already when a supplier repeats itself: only what differs is touched.
    """
    del receipt
    if keys:
        with connection.cursor() as cursor:
            _stage_keys(cursor, keys)
            cursor.execute(_DROP_OTHER_KEYS, [list(keys)])
            cursor.execute(_ADD_KEYS)
            cursor.execute("DROP TABLE staged_key")


def _stage_keys(cursor: Any, keys: Mapping[UUID, Keys]) -> None:
    cursor.execute("CREATE TEMPORARY TABLE staged_key (key bigint, kind smallint, child_id uuid) ON COMMIT DROP")
    with cursor.copy("COPY staged_key FROM STDIN (FORMAT BINARY)") as copy:
        those = keys.values()
        copy.write(staging.packed(staging.values(those), staging.kinds(those), staging.owners(keys)))


def refresh(children: Sequence[UUID], *, receipt: Receipt) -> None:
    """Compute the visible fields, district and authority of these open children anew from their records (R 4.22).

    The authority follows the residence the sources are believed for; where none gives a postcode it stays (R 4.26).
    """
    if not children:
        return
    feeds = directory.feeds()
    ranks: dict[str, list[Any]] = {"feed": list(feeds)}
    for name, field in _RANKED.items():
        ranks[name] = [feed.rank_of(field) for feed in feeds.values()]
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {**ranks, "children": list(children), "at": receipt.at})


def withdraw(feed: str, record_ids: Sequence[str], *, on: date, receipt: Receipt) -> list[UUID]:
    """Note that a supplier no longer holds these records; they stay as last known. Returns the children touched."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE children_sourcerecord SET removed_on = %s WHERE feed = %s AND record_id = ANY(%s) AND removed_on IS NULL"
            " RETURNING child_id",
            [on, feed, list(record_ids)],
        )
        return sorted({row[0] for row in cursor.fetchall()})


def take_out(children: Sequence[UUID], *, receipt: Receipt) -> list[StoredRecord]:
    """Remove every source record of these children and hand them over, for the guard to keep."""
    records = records_of(children, receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM children_sourcerecord WHERE child_id = ANY(%s)", [list(children)])
    return records


def hide(visible: Mapping[UUID, Keys], *, receipt: Receipt) -> None:
    """Make children shielded: keys of their visible fields alone stay, authority and district go (R 3.03, 3.06).

    `visible` are the keys of the visible fields of each child, computed by the caller. The database refuses while an open
    record, an open involvement or a hidden key is still here.
    """
    children = list(visible)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM children_searchkey WHERE child_id = ANY(%s)", [children])
    kept = {child: [key for key in those if key[0] < FIRST_HIDDEN_KIND] for child, those in visible.items()}
    add_keys(kept, receipt=receipt)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE children_child SET tier = 'shielded', responsible_authority = '', district = '', changed_at = %s"
            " WHERE id = ANY(%s)",
            [receipt.at, children],
        )


def remove(children: Sequence[UUID], *, receipt: Receipt) -> None:
    """Take sealed children out of every table that anybody but the worker can read; their keys go with them (R 3.20, 3.21)."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM children_child WHERE id = ANY(%s)", [list(children)])
