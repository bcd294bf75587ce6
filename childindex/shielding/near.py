"""Whether an open entry, or a row that is held, is a protected child's: what two people say of it (R 3.19). The worker's alone.

An answer holds as long as nothing new is known of the pair: of an entry until it is asked about again, of a row as long as it says
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection
from procrastinate.contrib.django import app

from childindex.audit.types import Receipt
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.shielding import sealing, selectors
from childindex.shielding.types import Evidence, FourFields, NearKind, NearQuestion, RowApart, Said, TakenOut

RELEASE_ROW: Final = "childindex.release_row"
MOST_LISTED: Final = 100
# Every pair that waits for two people, or for the second; `valid` are the answers that nothing new has come after.
_QUESTIONS: Final = """
    WITH pair (kind, child_id, about, noticed_at, digest) AS (
        SELECT 'entry', n.child_id, n.open_id, n.noticed_at, uuid_send(n.asked) FROM guard.near_entry n
        JOIN public.children_child c ON c.id = n.open_id AND c.tier = 'open'
        UNION ALL
        SELECT 'row', near.child_id, r.id, r.held_at, r.digest FROM guard.guarded_row r CROSS JOIN unnest(r.near) AS near (child_id)
        WHERE r.child_id IS NULL
    ), valid AS (
        SELECT p.*, a.id, a.said, a.answered_by, a.confirmed_by IS NOT NULL AS done
        FROM pair p JOIN guard.protected_child USING (child_id) LEFT JOIN guard.near_answer a
            ON a.child_id = p.child_id AND a.about = p.about AND a.digest = p.digest
                AND (p.kind = 'entry' OR a.answered_at >= p.noticed_at)
    )
    SELECT kind, child_id, about, noticed_at, digest, max(id::text)::uuid, coalesce(max(said), ''), max(answered_by::text)::uuid FROM valid
    GROUP BY kind, child_id, about, noticed_at, digest HAVING NOT bool_or(done)
"""
_QUESTION: Final = "SELECT * FROM (" + _QUESTIONS + ") q WHERE child_id = %s AND about = %s"  # noqa: S608 - of constants
_APART: Final = """
    SELECT DISTINCT ON (child_id) child_id, evidence, answered_by, answered_at, confirmed_by, confirmed_at
    FROM guard.near_answer WHERE about = %(about)s AND (digest = %(digest)s OR %(digest)s::bytea IS NULL)
        AND said = 'different' AND confirmed_by IS NOT NULL ORDER BY child_id, confirmed_at DESC
"""


def questions() -> list[NearQuestion]:
    """What waits for people, the longest noticed first; at most a hundred. It names nobody."""
    with connection.cursor() as cursor:
        cursor.execute(_QUESTIONS + " ORDER BY noticed_at, child_id, about LIMIT %s", [MOST_LISTED])
        return [_question(row) for row in cursor.fetchall()]


def question(child: UUID, about: UUID) -> NearQuestion | None:
    """One of these, or None where nothing is asked of the pair."""
    with connection.cursor() as cursor:
        cursor.execute(_QUESTION, [child, about])
        row = cursor.fetchone()
        return None if row is None else _question(row)


def _question(row: Sequence[Any]) -> NearQuestion:
    return NearQuestion(
        kind=NearKind(row[0]),
        child=row[1],
        about=row[2],
        noticed_at=row[3],
        digest=bytes(row[4]),
        answer=row[5],
        said=Said(row[6]) if row[6] else None,
        answered_by=row[7],
    )


def answer(asked: NearQuestion, said: Said, *, evidence: Evidence, by: UUID, receipt: Receipt) -> None:
    """Keep what the first person says; nothing follows from it until a second says the same."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO guard.near_answer (id, child_id, about, digest, said, evidence, answered_by, answered_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [uuid4(), asked.child, asked.about, asked.digest, said.value, evidence.value, by, receipt.at],
        )


def confirm(asked: NearQuestion, *, by: UUID, receipt: Receipt) -> None:
    """Keep that a second person says the same. The database refuses the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE guard.near_answer SET confirmed_by = %s, confirmed_at = %s WHERE id = %s AND confirmed_by IS NULL",
            [by, receipt.at, asked.answer],
        )


def reject(asked: NearQuestion, *, receipt: Receipt) -> None:
    """A second person does not say the same: the pair is asked about afresh, and the ledger has both."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM guard.near_answer WHERE id = %s AND confirmed_by IS NULL", [asked.answer])


def apart(row: UUID, digest: bytes | None = None) -> dict[UUID, RowApart]:
    """The protected children that two people said a row is not, by child; with `digest` when it said just that."""
    with connection.cursor() as cursor:
        cursor.execute(_APART, {"about": row, "digest": digest})
        return {
            found[0]: RowApart(
                evidence=found[1],
                answered_by=found[2],
                answered_at=found[3],
                confirmed_by=found[4],
                confirmed_at=found[5],
            )
            for found in cursor.fetchall()
        }


def keep_apart(open_id: UUID, those: Mapping[UUID, RowApart], *, receipt: Receipt) -> None:
    """What two people said of a row they said of the open entry it is in now."""
    with connection.cursor() as cursor:
        for child, said in those.items():
            cursor.execute(
                "INSERT INTO guard.near_entry (child_id, open_id, noticed_at, asked) VALUES (%s, %s, %s, gen_random_uuid())"
                " ON CONFLICT DO NOTHING",
                [child, open_id, said.answered_at],
            )
            cursor.execute(
                "INSERT INTO guard.near_answer (id, child_id, about, digest, said, evidence, answered_by, answered_at, confirmed_by,"
                " confirmed_at) SELECT %s, child_id, open_id, uuid_send(asked), 'different', %s, %s, %s, %s, %s"
                " FROM guard.near_entry WHERE child_id = %s AND open_id = %s",
                [
                    uuid4(),
                    said.evidence,
                    said.answered_by,
                    said.answered_at,
                    said.confirmed_by,
                    said.confirmed_at,
                    child,
                    open_id,
                ],
            )
    del receipt


def give_to_child(row: UUID, child: UUID, *, receipt: Receipt) -> None:
    """A held row is a record of a protected child."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("UPDATE guard.guarded_row SET child_id = %s, near = '{}' WHERE id = %s", [child, row])


def ask_to_release(row: UUID, *, receipt: Receipt) -> None:
    """Ask the worker, with this transaction or not at all, to find a place for a held row that is nobody's who is protected."""
    del receipt
    app.configure_task(RELEASE_ROW, allow_unknown=True).defer(row_id=str(row))


def is_free(row: UUID) -> bool:
    """Whether two people have said of every protected child a held row comes near that it is not theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT near, digest, child_id FROM guard.guarded_row WHERE id = %s", [row])
        found = cursor.fetchone()
    return found is not None and found[2] is None and set(found[0]) <= apart(row, bytes(found[1])).keys()


def take_out_row(row: UUID, *, receipt: Receipt) -> TakenOut:
    """A held row leaves the guard, for the worker to place."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM guard.guarded_row WHERE id = %s AND child_id IS NULL RETURNING as_of, removed_on IS NOT NULL",
            [row],
        )
        as_of, removed = cursor.fetchone()
    return TakenOut(id=row, as_of=as_of, removed=removed)


def four_fields(child: UUID, *, receipt: Receipt) -> FourFields:
    """The four fields of a protected child, sealed ones too."""
    del receipt
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM guard.protected_child WHERE child_id = %s", [child])
        plain = sealing.unseal(child, cursor.fetchone()[0])
    return FourFields(
        name=f"{plain['given_name']} {plain['family_name']}".strip(),
        birth_date=PartialDate.parse(plain["birth_date"]),
        sex=Sex(plain["sex"]),
        index_number=plain["index_number"],
    )


def fields_of_row(row: UUID, *, receipt: Receipt) -> FourFields:
    """The same of a held row, which has no index number."""
    del receipt
    who = selectors.delivered([row])[row].record.identity
    name = f"{who.given_name} {who.family_name}".strip()
    return FourFields(name=name, birth_date=who.birth_date, sex=who.sex, index_number="")
