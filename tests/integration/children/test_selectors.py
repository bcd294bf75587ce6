"""Candidates for a search, entries for a page: found by the web's own login."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from childindex.children import selectors, services
from childindex.children.types import WhereaboutsKind
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Tier
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.record import standardise
from childindex.shielding.types import Ground
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import AT, NORTH, a_child, a_receipt, a_record, an_involvement, deliver, rows, worker

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]
AsRole = Callable[[str], AbstractContextManager[None]]


def values(**facts: Any) -> list[int]:
    """The numbers of the keys of what is searched for."""
    return [key.value for key in search_keys(standardise(a_child(**facts)))]


def test_a_child_is_found_by_any_identity_its_sources_gave_in_two_statements(as_role: AsRole) -> None:
    """As the web's login; with the identities for the matcher, and the child who shares most first."""
    deliver(a_record("gp"))
    deliver(a_record("school", identity=a_child(family_name="Okonkwo-Hughes", postcode="BS1 4DJ")))
    deliver(a_record("births", identity=a_child(family_name="Okonkwo", given_name="Zainab", carers=())))
    with (
        as_role("web"),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        found = selectors.candidates(values(family_name="Hughes"), open_only=False, limit=20)
    assert len(asked) == 2
    assert [len(one.identities) for one in found][:1] == [2]
    assert found[0].feeds == ("gp", "school")
    assert selectors.candidates(values(), open_only=False, limit=1)[0].id == found[0].id


def test_a_search_by_a_hidden_field_looks_among_open_children_alone() -> None:
    """A shielded child is found by the visible fields, with no more than those (R 3.06)."""
    deliver(a_record("gp", identity=a_child(nhs_number="9990000018")))
    ((number,),) = rows("SELECT index_number FROM children_child")
    protect_child(actor=worker(), index_number=number, tier=Tier.SHIELDED, ground=Ground.SIGNIFICANT_HARM, at=AT)
    (found,) = selectors.candidates(values(postcode="", carers=()), open_only=False, limit=20)
    assert (found.tier, found.identities) == (Tier.SHIELDED, (a_child(postcode="", address="", carers=()),))
    assert selectors.candidates(values(), open_only=True, limit=20) == []
    hidden_alone = set(values(nhs_number="9990000018")) - set(values(postcode="", carers=()))
    assert selectors.candidates(hidden_alone, open_only=False, limit=20) == []


def test_the_index_number_finds_one_child() -> None:
    """Or nobody."""
    deliver(a_record("gp"))
    ((number,),) = rows("SELECT index_number FROM children_child")
    assert [one.tier for one in selectors.by_index_number(number)] == [Tier.OPEN]
    assert selectors.by_index_number("2222222222") == []


def test_summaries_leave_out_whoever_is_not_there() -> None:
    """With district and authority for an open child."""
    deliver(a_record("gp"))
    ((child,),) = rows("SELECT id FROM children_child")
    found = selectors.summaries([child, uuid4()], receipt=a_receipt())
    assert list(found) == [child]
    assert (found[child].district, found[child].responsible_authority) == ("M1", NORTH)


def test_an_entry_says_where_each_value_came_from(as_role: AsRole) -> None:
    """Precedence by field: names of the school, birth date of the births, two homes, as the web's login."""
    deliver(
        a_record(
            "births", identity=a_child(birth_date=PartialDate.parse("2015-03-14"), postcode="", address="", carers=())
        )
    )
    deliver(a_record("gp", identity=a_child(birth_date=PartialDate.parse("2015-03-15"))))
    deliver(a_record("school", identity=a_child(given_name="Amara Grace", postcode="BS1 4DJ", address="9 Elm Row")))
    ((child,),) = rows("SELECT id FROM children_child")
    with as_role("web"):
        entry = selectors.entry_of(child, receipt=a_receipt())
    assert entry is not None
    assert (entry.names[0].given_name, entry.names[0].provenance.source) == ("Amara Grace", "school")
    assert str(entry.summary.birth_date) == "2015-03-14"
    assert entry.birth_date_provenance.source == "births"
    assert [(one.kind, one.postcode) for one in entry.whereabouts] == [
        (WhereaboutsKind.CURRENT, "M1 1AA"),
        (WhereaboutsKind.CURRENT, "BS1 4DJ"),
    ]
    assert selectors.entry_of(uuid4(), receipt=a_receipt()) is None


def test_a_key_that_many_share_finds_nobody_and_a_line_has_its_limit() -> None:
    """A common key cannot explode a batch."""
    deliver(
        *(
            a_record("gp", str(n), identity=a_child(given_name=name, postcode="", carers=()))
            for n, name in enumerate(["Ada", "Bea", "Cleo"])
        )
    )
    assert len(rows("SELECT 1 FROM children_child")) == 3
    shared = rows("SELECT key, kind FROM children_searchkey GROUP BY key, kind HAVING count(*) = 3")
    keys = [(kind, key) for key, kind in shared]
    with transaction.atomic():
        assert len(selectors.batch_candidates([keys], per_key=3, per_line=9)) == 3
        assert len(selectors.batch_candidates([keys], per_key=3, per_line=2)) == 2
        assert selectors.batch_candidates([keys], per_key=2, per_line=9) == []


def test_one_transaction_at_a_time_decides_whose_a_record_is(connect: Callable[[str], Any]) -> None:
    """While another holds the turn, a batch waits; it does not go ahead."""
    other = connect("worker")
    with other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [services.TURNS])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(Exception, match="lock timeout"):
            deliver(a_record("gp"))
    assert deliver(a_record("gp"), as_at=date(2026, 11, 2)).new == 1
    assert an_involvement().service_type == "gp"


def test_a_name_in_capitals_stands_in_the_summary_as_another_source_writes_it() -> None:
    """In results, the identity bar and a shielded child's four fields alike; another name in capitals is left alone."""
    deliver(a_record("gp", identity=a_child(family_name="Okonkwo", given_name="Amara")))
    deliver(a_record("school", identity=a_child(family_name="OKONKWO", given_name="AMARA")))
    assert rows("SELECT family_name, given_name FROM children_child") == [("Okonkwo", "Amara")]
    deliver(a_record("school", identity=a_child(family_name="OKONKWO-HUGHES", given_name="AMARA")))
    assert rows("SELECT family_name FROM children_child") == [("OKONKWO-HUGHES",)]
