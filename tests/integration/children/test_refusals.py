"""What the database itself refuses, whatever the code does: the shield's structure, and who may touch what."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.database import type_connection
from tests.factories.index import a_record, an_involvement, deliver, rows, set_up_register

pytestmark = pytest.mark.process("worker")
Connect = Callable[[str], type_connection]


@pytest.fixture
def child(database: object, as_role: Callable[[str], AbstractContextManager[None]]) -> Any:
    """One open child with a record, an involvement and every kind of key."""
    with as_role("owner"):
        set_up_register()
    deliver(a_record(involvements=(an_involvement(),)))
    return rows("SELECT id FROM children_child")[0][0]


def shield(connection: type_connection, child: Any) -> None:
    """As much of a shield as is left to do."""
    connection.execute(
        "UPDATE children_child SET tier = 'shielded', responsible_authority = '', district = '' WHERE id = %s", [child]
    )


def shield_without(connection: type_connection, child: Any, deletion: Any) -> None:
    """A shield after something has been taken out, in one transaction."""
    with connection.transaction():
        connection.execute(deletion)
        shield(connection, child)


def test_a_child_with_a_key_of_a_hidden_field_cannot_be_shielded(child: Any, connect: Connect) -> None:
    """The key follows the tier, and the check on it refuses; without the hidden keys the same statement goes on."""
    worker = connect("worker")
    with pytest.raises(errors.CheckViolation, match="search_key_hidden_field_has_none"):
        shield(worker, child)
    worker.execute("DELETE FROM children_searchkey WHERE kind >= 50")
    with pytest.raises(errors.ForeignKeyViolation):
        shield(worker, child)


def test_a_child_with_an_open_record_or_involvement_cannot_be_shielded(child: Any, connect: Connect) -> None:
    """Each on its own holds the tier; with both gone it goes on, and the visible keys have followed."""
    worker = connect("worker")
    worker.execute("DELETE FROM children_searchkey WHERE kind >= 50")
    with pytest.raises(errors.ForeignKeyViolation, match="source_record_keeps_child_open"):
        shield_without(worker, child, "DELETE FROM involvement_involvement")
    with pytest.raises(errors.ForeignKeyViolation, match="involvement_keeps_child_open"):
        shield_without(worker, child, "DELETE FROM children_sourcerecord")
    shield_without(worker, child, "DELETE FROM children_sourcerecord; DELETE FROM involvement_involvement")
    assert worker.execute("SELECT DISTINCT tier FROM children_searchkey").fetchall() == [("shielded",)]


@pytest.fixture
def shielded(child: Any, connect: Connect) -> Any:
    """The same child, shielded."""
    with connect("worker") as worker, worker.transaction():
        worker.execute("DELETE FROM children_searchkey WHERE kind >= 50")
        worker.execute("DELETE FROM children_sourcerecord")
        worker.execute("DELETE FROM involvement_involvement")
        shield(worker, child)
    return child


def test_a_hidden_key_cannot_come_back(shielded: Any, connect: Connect) -> None:
    """Neither as what it is, nor by calling it open."""
    insert = "INSERT INTO children_searchkey (key, kind, child_id, tier) VALUES (1, 50, %s, %s)"
    with pytest.raises(errors.CheckViolation):
        connect("worker").execute(insert, [shielded, "shielded"])
    with pytest.raises(errors.ForeignKeyViolation):
        connect("worker").execute(insert, [shielded, "open"])
    connect("worker").execute(insert.replace("50", "1"), [shielded, "shielded"])


def test_an_open_line_cannot_come_back(shielded: Any, connect: Connect) -> None:
    """Not even from a page that was opened before the shield."""
    insert = (
        "INSERT INTO involvement_involvement (id, child_id, tier, source, record_id, reference, service_type, sensitive,"
        " organisation, team, practitioner_name, practitioner_role, phone, email, out_of_hours_phone, claims_lead,"
        " lead_professional, assessment, as_of, recorded_by) VALUES (gen_random_uuid(), %s, 'open', 'practitioner', '', 'x', 'gp', false,"
        " 'ods:A00001', '', '', '', '', '', '', false, false, 'none', '2026-11-01', gen_random_uuid())"
    )
    with pytest.raises(errors.ForeignKeyViolation):
        connect("web").execute(insert, [shielded])


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE children_child SET responsible_authority = 'E08000003'", "child_open_has_one_authority"),
        ("UPDATE children_child SET district = 'M1'", "child_shielded_is_nowhere"),
        ("UPDATE children_child SET tier = 'sealed'", "child_"),
    ],
)
def test_a_shielded_childs_row_says_nothing_of_where_they_are(
    shielded: Any, connect: Connect, statement: Any, constraint: str
) -> None:
    """Neither authority nor district; and a sealed child has no row."""
    with pytest.raises(errors.CheckViolation, match=constraint):
        connect("worker").execute(statement)


def test_an_open_child_has_exactly_one_authority(child: Any, connect: Connect) -> None:
    """Orphans cannot be (R 4.26)."""
    with pytest.raises(errors.CheckViolation, match="child_open_has_one_authority"):
        connect("worker").execute("UPDATE children_child SET responsible_authority = ''")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM guard.protected_child",
        "SELECT * FROM guard.protected_key",
        "SELECT * FROM guard.guarded_row",
        "SELECT * FROM matching_judgement",
        "SELECT payload FROM matching_heldrow",
        "UPDATE children_child SET tier = 'open'",
        "INSERT INTO children_searchkey (key, kind, child_id, tier) VALUES (1, 1, gen_random_uuid(), 'open')",
        "DELETE FROM children_sourcerecord",
        "UPDATE involvement_involvement SET child_id = gen_random_uuid()",
        "UPDATE involvement_involvement SET organisation = 'x'",
        "DELETE FROM involvement_involvement",
        "INSERT INTO consent_decision (id) VALUES (gen_random_uuid())",
    ],
)
@pytest.mark.parametrize("login", ["web", "family", "audit"])
def test_no_other_login_reads_the_guard_or_writes_an_entry(
    database: object, connect: Connect, login: str, statement: Any
) -> None:
    """Only the worker does."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(login).execute(statement)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("sensitive = true", "involvement_sensitive_needs_consent"),
        ("lead_professional = true", "involvement_lead_is_claimed"),
        ("ended_on = '2019-01-01'", "involvement_ends_after_it_starts"),
        ("assessment = 'bad'", "involvement_assessment_known"),
        ("tier = 'shielded'", "involvement_of_an_open_child"),
    ],
)
def test_an_involvement_that_cannot_be_is_refused(child: Any, connect: Connect, change: str, constraint: str) -> None:
    """Sensitive without a decision, lead without a claim, ended before it began, unknown, or of a hidden child."""
    statement: Any = "UPDATE involvement_involvement SET " + change  # noqa: S608 - from the table above
    with pytest.raises(errors.CheckViolation, match=constraint):
        connect("worker").execute(statement)
