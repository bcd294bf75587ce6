"""What a declared restore excuses: what was lost before the sealer went on, and nothing else (T16)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from childindex.audit import services as audit
from childindex.audit.types import Event, Fault, Finding
from tests.abuse.test_t16_ledger_altered import OLD, ledger, owner, template
from tests.factories import attacks
from tests.factories.attacks import Owner
from tests.factories.ledger import AT, SOMEBODY, Ledger

__all__ = ["ledger", "owner", "template"]


@pytest.mark.parametrize(
    "said",
    [{"first": OLD, "until": OLD + 1, "incident": "INC-1"}, {"first": 0, "until": 10**12, "incident": "INC-1"}, {}],
)
def test_a_declaration_of_something_else_excuses_nothing(said: dict[str, Any], ledger: Ledger, owner: Owner) -> None:
    """Nor does one that says nothing stop anybody from verifying."""
    with ledger.as_role("audit"), audit.entry(Event.LEDGER_RESTORE_DECLARED, actor=SOMEBODY, at=AT) as entry:
        entry.note(**said)
    ledger.seal()
    attacks.delete_row(owner, ledger, OLD)
    report = ledger.verify()
    assert Finding(fault=Fault.ENTRY_GONE, position=OLD) in report.findings
    assert report.losses == ()


def test_no_process_that_serves_declares_a_restore(ledger: Ledger) -> None:
    for process in ("web", "worker"):
        with (
            pytest.raises(DatabaseError, match="through the audit login"),
            ledger.as_role(process),
            audit.entry(Event.LEDGER_RESTORE_DECLARED, actor=SOMEBODY, at=AT),
        ):
            pass
