"""The complete state of every table that holds a child, as the owner sees it: what a merge and a split must leave alone."""

from __future__ import annotations

from typing import Any

from django.db import connection

from tests.integration.lookup.conftest import AsRole

# Judgements, the ledger and what the split itself says are added to and never put back: everything else that names a child.
HOLDS_A_CHILD = (
    "children_child",
    "children_searchkey",
    "children_sourcerecord",
    "children_formernumber",
    "involvement_involvement",
    "consent_decision",
    "matching_review",
    "matching_heldrow",
    "matching_sampledpair",
    "cases_case",
    "upkeep_proposal",
    "supply_heldrecord",
    "guard.protected_child",
    "guard.protected_key",
    "guard.guarded_row",
    "guard.near_entry",
)


def everything(as_role: AsRole) -> dict[str, list[str]]:
    """Every row of those tables, whole, in order."""
    found: dict[str, list[str]] = {}
    with as_role("owner"), connection.cursor() as cursor:
        for table in HOLDS_A_CHILD:
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t ORDER BY 1")  # noqa: S608
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def tables(as_role: AsRole) -> list[tuple[Any, ...]]:
    """Every table with a column that is or may be a child's id, for the test that none was forgotten."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE column_name IN ('child_id', 'children', 'candidates', 'nearest', 'open_id', 'near', 'kept_id', 'merged_id',"
            " 'mixed_id', 'restored_id', 'former_id', 'shared_id', 'own', 'child') AND table_schema IN ('public', 'guard') ORDER BY 1, 2, 3"
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
