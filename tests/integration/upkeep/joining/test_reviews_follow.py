"""What is asked about an entry follows it: into the one it was merged into, and, split again, about both."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from childindex.access.types import Actor
from childindex.kernel.identity import Sex, Tier
from childindex.matching.types import Answer, Because, Verdict
from childindex.shielding.types import Ground
from childindex.upkeep.usecases import judge
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import AT, a_record, deliver, rows, worker
from tests.integration.lookup.conftest import AsRole
from tests.integration.upkeep.joining.conftest import OTHER, Two

# Nobody can tell whether it is Xaveria: no given name, and another home.
UNNAMED = replace(OTHER, given_name="", sex=Sex.UNKNOWN, address="40 Station Road, Northby")


def asked_about(as_role: AsRole) -> list[UUID]:
    """The children that the one open review names."""
    with as_role("worker"):
        [(candidates,)] = rows("SELECT candidates FROM matching_review WHERE decided_at IS NULL")
    return [UUID(str(child)) for child in candidates]


def test_a_review_follows_the_entry_it_names(
    two: Two, first: Actor, second: Actor, as_role: AsRole, at: datetime
) -> None:
    """Shown, answered and applied as one of the entry that stayed; after the split both are named, each once."""
    with as_role("worker"):
        assert deliver(a_record("gp", "z", identity=UNNAMED)).for_review == 1
    kept, merged = two.id["Okonkwo"], two.id["Zwilling"]
    assert asked_about(as_role) == [merged]
    two.merge(first, second)
    assert asked_about(as_role) == [kept]
    [line] = judge.queue(actor=first, at=at).lines
    shown = judge.show(actor=first, review_id=line.review, at=at)
    assert [one.id for one in shown.candidates] == [kept]
    assert "Xaveria" in next(row.cells[0].values for row in shown.facts if row.fact == "given_name")
    two.split(first, second)
    assert asked_about(as_role) == [kept, merged]
    again = judge.show(actor=first, review_id=line.review, at=at)
    assert {one.id for one in again.candidates} == {kept, merged}
    two.merge(first, second)
    assert asked_about(as_role) == [kept]
    same = Answer(verdict=Verdict.LINKED, chosen=kept, because=Because.AS_SHOWN)
    assert judge.decide(actor=first, review_id=line.review, answer=same, at=at).next is None


def test_who_is_protected_after_a_merge_is_in_no_review_that_named_the_merged_entry(
    two: Two, first: Actor, second: Actor, as_role: AsRole
) -> None:
    """Found by the id of the one that stayed, whatever its search keys are."""
    with as_role("worker"):
        assert deliver(a_record("gp", "z", identity=UNNAMED)).for_review == 1
    two.merge(first, second)
    with as_role("worker"):
        rows("UPDATE matching_heldrow SET keys = '{}' RETURNING id")
        protect_child(
            actor=worker(),
            index_number=two.number["Okonkwo"],
            tier=Tier.SHIELDED,
            ground=Ground.SIGNIFICANT_HARM,
            at=AT,
        )
        assert rows("SELECT count(*) FROM matching_review WHERE decided_at IS NULL") == [(0,)]
        assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
