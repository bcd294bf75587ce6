"""What a declared restore excuses: what was lost before the sealer went on, and nothing else (T16)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from childindex.audit import services as audit
from childindex.audit.types import Event, Fault, Finding
from tests.abuse.test_t16_ledger_altered import NOW, OLD, Connect, ledger, template
from tests.factories import attacks
from tests.factories.attacks import Owner
from tests.factories.ledger import AT, SOMEBODY, Ledger

__all__ = ["ledger", "template"]


@pytest.mark.parametrize(
    "said",
    [{"first": OLD, "until": OLD + 1, "incident": "INC-1"}, {"first": 0, "until": 10**12, "incident": "INC-1"}, {}],
)
def test_a_declaration_of_something_else_excuses_nothing(
    said: dict[str, Any], ledger: Ledger, connect: Connect
) -> None:
    """Nor does one that says nothing stop anybody from verifying."""
    with ledger.as_role("audit"), audit.entry(Event.LEDGER_RESTORE_DECLARED, actor=SOMEBODY, at=AT) as entry:
        entry.note(**said)
    ledger.seal()
    assert ledger.verify().size == NOW + 1, "the declaration is sealed"
    # Only now: an owner takes the triggers off, and then nothing is queued any more.
    attacks.delete_row(Owner.of(connect("owner")), ledger, OLD)
    report = ledger.verify()
    assert report.findings == (Finding(fault=Fault.ENTRY_GONE, position=OLD),)
    assert report.losses == ()


def test_no_process_that_serves_declares_a_restore(ledger: Ledger) -> None:
    for process in ("web", "worker"):
        with (
            pytest.raises(DatabaseError, match="through the audit login"),
            ledger.as_role(process),
            audit.entry(Event.LEDGER_RESTORE_DECLARED, actor=SOMEBODY, at=AT),
        ):
            pass
