"""What is done and what is written commit together or not at all (R 7.01-7.03)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from childindex.audit import services as audit
from childindex.audit.selectors import disclosures_about
from childindex.audit.types import Event
from childindex.kernel.people import ActorRef, Channel, Reason, ReasonCode
from childindex.kernel.refusals import Denied, Refusal

AT = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
SOMEBODY = ActorRef(account_id=uuid4(), role="social_worker", organisation="gss:E08000003", channel=Channel.WEB)
Connect = Callable[[str], psycopg.Connection[tuple[Any, ...]]]

pytestmark = pytest.mark.usefixtures("database")


def ledger(connect: Connect) -> list[dict[str, Any]]:
    """The whole ledger, as the audit reader sees it."""
    cursor = connect("audit").execute(
        "SELECT id, event, outcome, account_id, reason, case_reference, children, detail, leaf, leaf_hash FROM audit_ledgerentry"
    )
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def remember(key: str) -> None:
    """Some work for the entry to share a transaction with: a session is a table the web process may write."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_session VALUES (%s, '', now())", [key])


def remembered() -> set[str]:
    """The keys of the sessions that are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key FROM django_session")
        return {row[0] for row in cursor.fetchall()}


def test_work_and_entry_commit_together(connect: Connect) -> None:
    """One entry, with who, why and which children."""
    child = uuid4()
    reason = Reason(code=ReasonCode.CONTACT, case_reference="MA/123")
    with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, reason=reason, at=AT) as entry:
        entry.about([child, child])
        remember("kept")
    [line] = ledger(connect)
    assert remembered() == {"kept"}
    assert (line["event"], line["outcome"], line["reason"]) == ("child:entry:viewed", "done", "contact")
    assert line["account_id"] == SOMEBODY.account_id
    assert line["children"] == [child]


def test_a_refusal_undoes_the_work_and_is_written(connect: Connect) -> None:
    """The refusal's code and details are kept, the work is not."""

    def look() -> None:
        with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT) as entry:
            remember("undone")
            entry.about([uuid4()])
            raise Denied(Refusal.CONDITION_LAPSED, "training_in_date")

    with pytest.raises(Denied):
        look()
    [line] = ledger(connect)
    assert remembered() == set()
    assert line["outcome"] == "refused"
    assert line["detail"] == {"refusal": "condition_lapsed", "because": ["training_in_date"]}


def test_a_failure_undoes_the_work_and_is_written(connect: Connect) -> None:
    """Any other error leaves a failed entry and goes on to the caller."""

    def look() -> None:
        with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT):
            remember("undone")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look()
    [line] = ledger(connect)
    assert remembered() == set()
    assert (line["outcome"], line["detail"]) == ("failed", {"error": "ZeroDivisionError"})


def test_when_the_entry_cannot_be_written_nothing_is_shown(connect: Connect) -> None:
    """Fail closed: the caller gets an error instead of its value, and the work is undone (T15)."""
    connect("owner").execute("REVOKE INSERT ON audit_ledgerentry FROM childindex_web")

    def look() -> str:
        with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT):
            remember("undone")
            return "a child"

    with pytest.raises(ProgrammingError):
        look()
    assert remembered() == set()
    assert ledger(connect) == []


def test_an_entry_inside_a_transaction_is_an_error() -> None:
    """Only the entry owns the transaction: anything wrapped round it could roll the entry back."""
    with pytest.raises(RuntimeError), transaction.atomic(), audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT):
        pass


def test_search_terms_are_written_and_cannot_be_read_back(connect: Connect) -> None:
    """Ciphertext in a table of its own; the leaf holds a salted hash of it (R 7.03)."""
    with audit.entry(Event.CHILDREN_SEARCHED, actor=SOMEBODY, at=AT) as entry:
        entry.searched_for({"family_name": "Okonkwo-Canary"})
    [line] = ledger(connect)
    [(entry_id, salt, ciphertext)] = connect("audit").execute("SELECT * FROM audit_sealedterms").fetchall()
    assert entry_id == line["id"]
    assert b"Canary" not in ciphertext
    assert b"Canary" not in line["leaf"]
    assert json.loads(line["leaf"])["terms"] == hashlib.sha256(salt + ciphertext).hexdigest()
    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute("SELECT * FROM audit_sealedterms")


def test_the_leaf_says_what_the_columns_say(connect: Connect) -> None:
    """The canonical bytes repeat the columns, and the hash is RFC 6962's hash of a leaf."""
    with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT) as entry:
        entry.about([uuid4()])
        entry.note(shown=1)
    [line] = ledger(connect)
    leaf = json.loads(line["leaf"])
    assert leaf["children"] == [str(child) for child in line["children"]]
    assert (leaf["event"], leaf["outcome"], leaf["detail"]) == (line["event"], line["outcome"], line["detail"])
    assert leaf["at"] == "2026-09-01T09:30:00.000000+00:00"
    assert line["leaf_hash"] == hashlib.sha256(b"\0" + line["leaf"]).digest()


@pytest.mark.parametrize("process", ["web", "worker"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM audit_ledgerentry",
        "UPDATE audit_ledgerentry SET outcome = 'refused'",
        "DELETE FROM audit_ledgerentry",
        "TRUNCATE audit_ledgerentry",
    ],
)
def test_the_processes_that_write_can_only_insert(process: str, statement: str, connect: Connect) -> None:
    """Neither read, change nor delete."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(process).execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_ledgerentry SET outcome = 'done'", "DELETE FROM audit_ledgerentry"]
)
def test_the_audit_reader_cannot_change_it(statement: str, connect: Connect) -> None:
    """Reading is not writing."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect("audit").execute(statement)


@pytest.mark.process("audit")
def test_disclosures_are_what_was_shown_newest_first_and_never_what_was_refused() -> None:
    """Who was shown this child, by any id the child ever had: the family's question and a split's."""
    now, before, somebody_else = uuid4(), uuid4(), uuid4()
    for minutes, child in enumerate((before, somebody_else, now)):
        with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT + timedelta(minutes=minutes)) as entry:
            entry.about([child])

    def refused() -> None:
        with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, at=AT) as entry:
            entry.about([now])
            raise Denied(Refusal.NOT_PERMITTED)

    with pytest.raises(Denied):
        refused()
    assert [line.children for line in disclosures_about([now, before])] == [(now,), (before,)]
    assert [line.children for line in disclosures_about([now, before], since=AT + timedelta(minutes=1))] == [(now,)]
