"""Asking to be put in touch: the same answer always, a case each time, written down (R 1.27, 3.07, 6.14)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from childindex.access.types import Actor
from childindex.brokering.types import ContactAsked, FamilyKnows
from childindex.brokering.usecases import contact as brokering
from childindex.kernel.refusals import Denied, Refusal
from tests.integration.lookup.conftest import AMARA, Index, Ledger, opened
from tests.integration.lookup.test_search import JONAH

Make = Callable[..., Actor]


def test_a_case_for_the_broker_and_the_same_answer(
    actor: Make, index: Index, ledger: Ledger, connect: Callable[..., object], at: datetime
) -> None:
    someone = actor()
    costs = set()
    for terms in (AMARA, JONAH):
        handle = opened(someone, terms, at=at)
        with CaptureQueriesContext(connection) as made:
            asked = brokering.ask(
                actor=someone, handle=handle, family_knows=FamilyKnows.UNSAFE, case_reference="CIN/2041", at=at
            )
        costs.add(len(made))
        assert asked.handle == handle
    assert {field.name for field in fields(ContactAsked)} == {"receipt", "handle"}
    assert len(costs) == 1
    found = connect("owner").execute(  # type: ignore[attr-defined]
        "SELECT kind, child_id, owner, code, family_knows, case_reference, opened_by, due_at > opened_at FROM cases_case"
        " ORDER BY code"
    )
    person = someone.ref.account_id
    assert found.fetchall() == [
        ("contact_request", index.ids["Amara"], "E08000003", "sensitive_service", "unsafe", "CIN/2041", person, True),
        # The authority of a shielded child is nothing the web may know.
        ("contact_request", index.ids["Jonah"], "", "shielded_child", "unsafe", "CIN/2041", person, True),
    ]
    asked_for = [line for line in ledger() if line["event"] == "contact:request:made"]
    assert [line["children"] for line in asked_for] == [[index.ids["Amara"]], [index.ids["Jonah"]]]


def test_who_may_not_ask(actor: Make, ledger: Ledger, at: datetime) -> None:
    """Without an open visit nobody; with one, not a data steward."""
    someone = actor()
    with pytest.raises(Denied) as denied:
        brokering.ask(actor=someone, handle="made-up", family_knows=FamilyKnows.YES, at=at)
    assert denied.value.refusal is Refusal.ADDRESS_EXPIRED
    steward = actor(role="data_steward")
    handle = opened(steward, AMARA, at=at)
    with pytest.raises(Denied) as denied:
        brokering.ask(actor=steward, handle=handle, family_knows=FamilyKnows.YES, at=at)
    assert denied.value.refusal is Refusal.NOT_PERMITTED
    refused = [line for line in ledger() if line["event"] == "contact:request:made"]
    assert [(line["outcome"], line["children"]) for line in refused] == [("refused", [])] * 2


def test_the_web_cannot_read_cases(actor: Make, at: datetime) -> None:
    with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM cases_case")
