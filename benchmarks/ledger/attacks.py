"""The six attacks of T16 on a large ledger, each with what undoes it."""

# ruff: noqa: S608 - the owner writes any statement that comes to mind; the only values are positions

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

TABLES = ("audit_ledgerentry", "audit_sealedentry", "audit_waitingentry")
NIGHT = 20_000  # entries since last night
Undo = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The database's owner, the sealer's folder, and how many entries are sealed."""

    owner: psycopg.Connection[Any]
    log: Path
    size: int

    def run(self, *statements: str) -> None:
        """Statements in one transaction, with the ledger's triggers off."""
        with self.owner.transaction():
            for table in TABLES:
                self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
            for statement in statements:
                self.owner.execute(statement.encode())
            self.owner.execute(b"ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing")

    def anywhere(self) -> int:
        """A position in the whole of the history."""
        return random.randrange(self.size)  # noqa: S311 - not a secret


def _keep(scene: Scene, first: int, *, end: int | None = None) -> Undo:
    """Remembers the entries at these positions, to put them back."""
    until = scene.size if end is None else end
    where = f"position >= {first} AND position < {until}"
    scene.run(
        "DROP TABLE IF EXISTS kept_entries, kept_positions",
        f"CREATE TABLE kept_positions AS SELECT * FROM audit_sealedentry WHERE {where}",
        "CREATE TABLE kept_entries AS SELECT e.* FROM audit_ledgerentry e JOIN kept_positions ON id = entry_id",
    )

    def undo() -> None:
        scene.run(
            "DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM kept_positions)",
            f"DELETE FROM audit_sealedentry WHERE {where}",
            "INSERT INTO audit_sealedentry SELECT * FROM kept_positions",
            "ALTER TABLE audit_ledgerentry DISABLE TRIGGER ALL",
            "INSERT INTO audit_ledgerentry SELECT * FROM kept_entries",
        )

    return undo


def delete(scene: Scene) -> tuple[Undo, int]:
    """One entry, somewhere in the whole of the history."""
    place = scene.anywhere()
    undo = _keep(scene, place, end=place + 1)
    scene.run("DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM kept_positions)")
    return undo, place


def edit(scene: Scene) -> tuple[Undo, int]:
    """One entry says another account; leaf and hashes fit."""
    place = scene.anywhere()
    undo = _keep(scene, place, end=place + 1)
    chosen = "(SELECT entry_id FROM kept_positions)"
    nobody = "00000000-0000-4000-8000-000000000000"
    scene.run(
        f"UPDATE audit_ledgerentry SET account_id = '{nobody}',"
        f" leaf = convert_to(replace(convert_from(leaf, 'UTF8'), account_id::text, '{nobody}'), 'UTF8') WHERE id IN {chosen}",
        f"UPDATE audit_ledgerentry SET leaf_hash = sha256('\\x00'::bytea || leaf) WHERE id IN {chosen}",
        "UPDATE audit_sealedentry s SET leaf_hash = e.leaf_hash FROM audit_ledgerentry e"
        f" WHERE e.id = entry_id AND position = {place}",
    )
    return undo, place


def truncate(scene: Scene) -> tuple[Undo, int]:
    """The newest hundred entries are gone, with their positions."""
    place = scene.size - 100
    undo = _keep(scene, place)
    _cut(scene, place)
    return undo, place


def _cut(scene: Scene, place: int) -> None:
    scene.run(
        f"DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM audit_sealedentry WHERE position >= {place})",
        f"DELETE FROM audit_sealedentry WHERE position >= {place}",
    )


def swap(scene: Scene) -> tuple[Undo, int]:
    """The tail goes, and an older checkpoint that everybody once signed stands in the place of the newest."""
    checkpoint = scene.log / "checkpoint"
    now, before = checkpoint.read_bytes(), scene.log.parent / "checkpoint.before"
    place = int(before.read_text(encoding="utf-8").split("\n")[1])
    put_back = _keep(scene, place)
    _cut(scene, place)
    checkpoint.write_bytes(before.read_bytes())

    def undo() -> None:
        checkpoint.write_bytes(now)
        put_back()

    return undo, place


def rollback(scene: Scene) -> tuple[Undo, int]:
    """Everything since last night is gone, as after a restore."""
    place = scene.size - NIGHT
    undo = _keep(scene, place)
    _cut(scene, place)
    return undo, place


def rewrite(scene: Scene) -> tuple[Undo, int]:
    """From some position on every entry says another organisation; every hash in the database is computed anew. Not undone: the last."""
    place = scene.anywhere()
    later = f"(SELECT entry_id FROM audit_sealedentry WHERE position >= {place})"
    scene.run(
        "UPDATE audit_ledgerentry SET organisation = 'gss:E08000001',"
        " leaf = convert_to(replace(convert_from(leaf, 'UTF8'), 'gss:E08000003', 'gss:E08000001'), 'UTF8'),"
        " leaf_hash = sha256('\\x00'::bytea || convert_to(replace(convert_from(leaf, 'UTF8'), 'gss:E08000003', 'gss:E08000001'), 'UTF8'))"
        f" WHERE id IN {later}",
        f"UPDATE audit_sealedentry s SET leaf_hash = e.leaf_hash FROM audit_ledgerentry e WHERE e.id = entry_id AND position >= {place}",
    )
    return lambda: None, place


ATTACKS: dict[str, Callable[[Scene], tuple[Undo, int]]] = {
    "delete": delete,
    "edit": edit,
    "truncate": truncate,
    "swap": swap,
    "rollback": rollback,
    "rewrite": rewrite,
}
