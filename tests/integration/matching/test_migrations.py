"""What migrations do to rows that are there already."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import uuid4

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.factories.index import rows


def migrate(*to: tuple[str, str]) -> None:
    """To these migrations, or to the newest of all."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(to) or executor.loader.graph.leaf_nodes())


@pytest.mark.usefixtures("database")
def test_what_waited_before_stewards_could_be_shown_it_is_asked_afresh(
    as_role: Callable[[str], AbstractContextManager[None]],
) -> None:
    """0002 closes open reviews, decided by nobody, and forgets what the row was, so that its next delivery opens a new one."""
    held, child, delivery = uuid4(), uuid4(), uuid4()
    with as_role("owner"):
        migrate(("matching", "0001_initial"))
        rows(
            "INSERT INTO matching_heldrow (id, feed, record_id, content, payload, held_at, delivery_id)"
            " VALUES (%s, 'gp', '1', '\\x01', '\\x02', now(), %s) RETURNING id",
            held,
            delivery,
        )
        for decided in (None, "2026-01-02"):
            rows(
                "INSERT INTO matching_review (id, record, candidates, scores, authority, model_version, opened_at, decided_at)"
                " VALUES (%s, %s, ARRAY[%s::uuid], ARRAY[0.5], 'E08000003', '1', '2026-01-01', %s) RETURNING id",
                uuid4(),
                held,
                child,
                decided,
            )
        migrate()
        reviews = rows("SELECT decided_at::date = current_date, decided_by, verdict FROM matching_review ORDER BY 1")
        assert reviews == [(False, None, ""), (True, None, "")]
        assert rows("SELECT octet_length(content), octet_length(payload) FROM matching_heldrow") == [(0, 1)]
