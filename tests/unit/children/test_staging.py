"""Keys as columns: what PostgreSQL's binary COPY is given."""

from __future__ import annotations

from uuid import UUID

from childindex.children import staging
from childindex.children.models import FIRST_HIDDEN_KIND
from childindex.matching.engine.keys import VISIBLE_KINDS, KeyKind


def test_columns_stand_in_the_database_s_own_form() -> None:
    """A head, for each row its fields with their lengths, and a tail."""
    keys = {UUID(int=1): [(1, -2)], UUID(int=2): []}
    made = staging.packed(staging.values(keys.values()), staging.kinds(keys.values()), staging.owners(keys))
    row = b"\x00\x03" + b"\x00\x00\x00\x08" + b"\xff" * 7 + b"\xfe" + b"\x00\x00\x00\x02\x00\x01" + b"\x00\x00\x00\x10"
    assert made == b"PGCOPY\n\xff\r\n\x00" + bytes(8) + row + UUID(int=1).bytes + b"\xff\xff"


def test_lines_and_hashes_of_nothing_are_nothing() -> None:
    """An empty batch is an empty COPY."""
    assert (
        staging.packed(staging.lines([]), staging.hashes([], size=16))
        == b"PGCOPY\n\xff\r\n\x00" + bytes(8) + b"\xff\xff"
    )


def test_the_engine_numbers_its_kinds_to_fit_the_shield() -> None:
    """Kinds of visible fields below the line that the database checks, all others above: this is what the shield stands on."""
    assert {kind for kind in KeyKind if kind < FIRST_HIDDEN_KIND} == VISIBLE_KINDS
