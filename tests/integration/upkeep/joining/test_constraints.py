"""What the database itself refuses about merges, splits and notices, whatever the code does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from tests.database import TestDatabase
from tests.integration.lookup.conftest import Connect

ONE, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))
MERGE: dict[str, Any] = {
    "kept_id": ONE,
    "merged_id": OTHER,
    "authority": "E08000003",
    "other_authority": "E08000003",
    "ground": "reported",
    "state": "proposed",
    "proposed_by": ONE,
    "proposed_at": "2026-01-01",
}
SPLIT: dict[str, Any] = {
    "mixed_id": ONE,
    "restored_id": OTHER,
    "authority": "E08000003",
    "ground": "reported",
    "records": [THIRD],
    "lines": [],
    "state": "proposed",
    "proposed_by": ONE,
    "proposed_at": "2026-01-01",
}
NOTICE: dict[str, Any] = {
    "split_id": ONE,
    "kind": "organisation",
    "organisation": "urn:1",
    "code": "looked",
    "state": "drafted",
    "drafted_at": "2026-01-01",
}
CONFIRMED = {"state": "confirmed", "confirmed_by": OTHER, "confirmed_at": "2026-01-02"}
DONE = {**CONFIRMED, "state": "done", "done_at": "2026-01-03"}


def insert(db: psycopg.Connection[tuple[Any, ...]], table: str, values: dict[str, Any]) -> None:
    """One row, by the owner, whom no grant holds back."""
    row = {"id": uuid4(), **values}
    db.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )


@pytest.mark.parametrize(
    ("table", "good", "changed", "constraint"),
    [
        ("upkeep_merge", MERGE, {**CONFIRMED, "confirmed_by": ONE}, "merge_second_is_not_first"),
        ("upkeep_merge", MERGE, {"state": "confirmed"}, "merge_takes_two_people"),
        ("upkeep_merge", MERGE, {"state": "done", "done_at": "2026-01-03"}, "merge_takes_two_people"),
        ("upkeep_merge", MERGE, {"confirmed_by": OTHER, "confirmed_at": "2026-01-02"}, "merge_takes_two_people"),
        ("upkeep_merge", MERGE, {**CONFIRMED, "state": "done"}, "merge_done_at_some_time"),
        ("upkeep_merge", MERGE, {"state": "over"}, "merge_state_known"),
        ("upkeep_merge", MERGE, {"ground": "because"}, "merge_ground_known"),
        ("upkeep_merge", MERGE, {"merged_id": ONE}, "merge_of_two_entries"),
        ("upkeep_merge", MERGE, {"state": "objected"}, "merge_objected_by_somebody"),
        ("upkeep_merge", MERGE, {**DONE, "undone_at": "2026-01-01"}, "merge_undone_after_it_was_done"),
        ("upkeep_split", SPLIT, {**CONFIRMED, "confirmed_by": ONE}, "split_second_is_not_first"),
        ("upkeep_split", SPLIT, {"state": "confirmed"}, "split_takes_two_people"),
        ("upkeep_split", SPLIT, {"restored_id": ONE}, "split_into_two_entries"),
        ("upkeep_split", SPLIT, {"records": []}, "split_moves_something"),
        ("upkeep_split", SPLIT, DONE, "split_done_has_a_window"),
        ("upkeep_split", SPLIT, {**DONE, "mixed_since": "2026-02-01"}, "split_done_has_a_window"),
        ("upkeep_split", SPLIT, {"state": "over"}, "split_state_known"),
        ("upkeep_notice", NOTICE, {"organisation": ""}, "notice_is_for_one"),
        ("upkeep_notice", NOTICE, {"kind": "family"}, "notice_is_for_one"),
        ("upkeep_notice", NOTICE, {"child_id": ONE}, "notice_is_for_one"),
        ("upkeep_notice", NOTICE, {"code": "prose"}, "notice_code_known"),
        ("upkeep_notice", NOTICE, {"state": "approved"}, "notice_approved_before_sent"),
        (
            "upkeep_notice",
            NOTICE,
            {"state": "sent", "sent_by": ONE, "sent_at": "2026-01-02"},
            "notice_approved_before_sent",
        ),
        ("children_sharedid", {"child_id": ONE, "shared_id": OTHER}, {"shared_id": ONE}, "shared_id_is_another"),
        (
            "children_sharedid",
            {"child_id": ONE, "shared_id": OTHER},
            {"since": "2026-01-02", "until": "2026-01-01"},
            "shared_id_ends_after_it_begins",
        ),
    ],
)
def test_the_database_refuses(
    table: str, good: dict[str, Any], changed: dict[str, Any], constraint: str, database: TestDatabase, connect: Connect
) -> None:
    db = connect("owner")
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        insert(db, table, {**good, **changed})
    assert refused.value.diag.constraint_name == constraint
    insert(db, table, good)


@pytest.mark.parametrize(
    ("table", "row"), [("upkeep_merge", MERGE), ("upkeep_split", SPLIT), ("upkeep_notice", NOTICE)]
)
def test_one_that_waits_at_a_time(table: str, row: dict[str, Any], database: TestDatabase, connect: Connect) -> None:
    db = connect("owner")
    insert(db, table, row)
    with pytest.raises(psycopg.errors.UniqueViolation):
        insert(db, table, row)


def test_a_former_number_leads_to_a_child_that_is_there(database: TestDatabase, connect: Connect) -> None:
    db = connect("owner")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        db.execute("INSERT INTO children_formernumber VALUES ('K7M29XQ4AB', %s, %s)", [ONE, OTHER])


def test_only_lines_are_set_aside(database: TestDatabase, connect: Connect) -> None:
    db = connect("owner")
    for kind, aside in (("record", True), ("other", False)):
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(
                "INSERT INTO upkeep_moved (merge_id, row_id, kind, set_aside) VALUES (%s, %s, %s, %s)",
                [ONE, OTHER, kind, aside],
            )
