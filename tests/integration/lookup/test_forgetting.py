"""What a search or a visit leaves behind is gone when it is over, and at once when the child is protected (R 3.20, 3.21)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError

from childindex.access.types import Actor
from childindex.batch import tasks
from childindex.cases import selectors as visits
from childindex.kernel.identity import ChildId, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import usecases as lookup
from childindex.shielding.types import Ground
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import SCHOOL, a_receipt, rows, worker

from .conftest import AMARA, REASON, Connect, Index, Ledger, opened

# Whatever column the web's login may read in the public schema that could hold an opaque id, lists of them too.
READABLE = (
    "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = 'public'"
    " AND (data_type IN ('uuid', 'text', 'character varying', 'json', 'jsonb') OR data_type = 'ARRAY')"
    " AND has_column_privilege('childindex_web', table_name::regclass, column_name, 'SELECT')"
)


def places_of(child: UUID, connect: Connect) -> set[tuple[str, str]]:
    """Where the web's login can read a child's id."""
    owner = connect("owner")
    readable = owner.execute(READABLE).fetchall()
    assert {("children_child", "id"), ("cases_searchresult", "children")} <= set(readable)
    return {
        (table, column)
        for table, column in readable
        if owner.execute(
            f'SELECT 1 FROM "{table}" WHERE "{column}"::text LIKE %s LIMIT 1',  # noqa: S608 - names of the catalogue
            [f"%{child}%"],
        ).fetchone()
    }


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_of_a_protected_child_no_search_and_no_visit_is_left(
    index: Index, actor: Callable[..., Actor], connect: Connect, at: datetime, tier: Tier
) -> None:
    """Before, the web reads the id where a search and a visit put it; afterwards nowhere, or as a shielded child's alone."""
    me = actor()
    child = index.ids["Amara"]
    token = lookup.search(actor=me, terms=AMARA, reason=REASON, at=at).token
    handle = lookup.open_child(actor=me, token=token, position=1, at=at).handle
    traces = {("cases_searchresult", "children"), ("cases_searchresult", "opened"), ("cases_visit", "child_id")}
    assert traces <= places_of(child, connect)
    [(number,)] = rows("SELECT index_number FROM children_child WHERE id = %s", child)
    with index.as_role("worker"):
        protect_child(actor=worker(), index_number=number, tier=tier, ground=Ground.ADOPTED, at=at)
    visible = {("children_child", "id"), ("children_searchkey", "child_id")}
    assert places_of(child, connect) == (visible if tier is Tier.SHIELDED else set())
    for look in (
        lambda: lookup.results(actor=me, token=token, at=at),
        lambda: lookup.view_child(actor=me, handle=handle, at=at),
    ):
        with pytest.raises(Denied) as denied:
            look()
        assert denied.value.refusal is Refusal.ADDRESS_EXPIRED


def test_what_is_over_is_deleted_and_what_is_not_stays(
    index: Index, actor: Callable[..., Actor], ledger: Ledger, at: datetime
) -> None:
    """Results after a quarter of an hour, visits after eight hours, the moment of a search with the results."""
    me = actor()
    opened(me, AMARA, at=at - timedelta(hours=9))
    opened(me, AMARA, at=at - timedelta(hours=1))
    still = opened(me, AMARA, at=at)
    with index.as_role("worker"):
        tasks.forget_expired(0)
        assert [line["detail"] for line in ledger() if line["event"] == "lookup:expired:forgotten"] == [
            {"forgotten": 3}
        ]
    assert rows("SELECT count(*) FROM cases_searchresult") == [(1,)]
    assert rows("SELECT count(*), count(*) FILTER (WHERE handle = %s) FROM cases_visit", still) == [(2, 1)]
    assert rows("SELECT count(*) FROM cases_enquiry") == [(1,)]
    with index.as_role("worker"):
        lookup.forget_expired(actor=worker(), at=at + timedelta(hours=1))
    assert rows("SELECT count(*) FROM cases_enquiry") == [(0,)]


def test_a_page_forgets_nothing(index: Index, actor: Callable[..., Actor], at: datetime) -> None:
    """Neither by its permissions nor by its login; and the worker finds visits without reading whose they are."""
    with pytest.raises(Denied):
        lookup.forget_expired(actor=actor(), at=at)
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows("DELETE FROM cases_visit RETURNING 1")
    with index.as_role("worker"), pytest.raises(ProgrammingError, match="permission denied"):
        rows("SELECT account_id FROM cases_visit")


def test_a_reason_is_kept_within_one_role_at_one_organisation(
    index: Index, actor: Callable[..., Actor], at: datetime
) -> None:
    """Somebody with two roles says in each why they look (R 2.20, 2.27)."""
    me = actor()
    child = ChildId(index.ids["Amara"])
    opened(me, AMARA, at=at)

    def kept(**ref: Any) -> bool:
        elsewhere = replace(me, sitting="another", ref=replace(me.ref, **ref))
        return visits.kept_visit(child, actor=elsewhere, receipt=a_receipt(), at=at) is not None

    assert kept()
    assert not kept(role="data_steward")
    assert not kept(organisation=SCHOOL)
