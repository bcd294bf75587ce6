"""What whoever owns the database can do to the ledger (T16): each attack with the triggers taken off first, as an owner may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from childindex.audit.checkpoint import Checkpoint, Note
from childindex.audit.tiles import Sealed, TileWriter
from tests.factories.ledger import Ledger

Connection = psycopg.Connection[tuple[Any, ...]]
TABLES = ("audit_ledgerentry", "audit_sealedentry", "audit_waitingentry", "audit_sealedterms")


@dataclass(frozen=True)
class Owner:
    """The database's owner, with the ledger's protections off."""

    connection: Connection

    @classmethod
    def of(cls, connection: Connection) -> Owner:
        for table in TABLES:
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table)))
        return cls(connection)

    def run(self, statement: LiteralString, *values: object) -> None:
        self.connection.execute(statement, values)


def delete_row(owner: Owner, ledger: Ledger, position: int) -> None:
    """One entry is gone, as if it had never been written."""
    owner.run(
        "DELETE FROM audit_ledgerentry WHERE id = (SELECT entry_id FROM audit_sealedentry WHERE position = %s)",
        position,
    )


def edit_leaf(owner: Owner, ledger: Ledger, position: int) -> None:
    """One entry names somebody else, in column and leaf; the hashes beside it stay what they were."""
    owner.run(
        "UPDATE audit_ledgerentry SET account_id = '00000000-0000-4000-8000-000000000000', leaf = convert_to(replace("
        " convert_from(leaf, 'UTF8'), account_id::text, '00000000-0000-4000-8000-000000000000'), 'UTF8')"
        " WHERE id = (SELECT entry_id FROM audit_sealedentry WHERE position = %s)",
        position,
    )


def edit_row(owner: Owner, ledger: Ledger, position: int) -> None:
    """The same, and both hashes are computed anew: all that the database holds agrees."""
    edit_leaf(owner, ledger, position)
    hash_anew(owner, position)


def hash_anew(owner: Owner, position: int) -> None:
    """Everything that the product computes from leaves, from a position on."""
    owner.run(
        "UPDATE audit_ledgerentry SET leaf_hash = sha256('\\x00'::bytea || leaf)"
        " WHERE id IN (SELECT entry_id FROM audit_sealedentry WHERE position >= %s)",
        position,
    )
    owner.run(
        "UPDATE audit_sealedentry s SET leaf_hash = e.leaf_hash FROM audit_ledgerentry e WHERE e.id = entry_id AND position >= %s",
        position,
    )


def truncate_tail(owner: Owner, ledger: Ledger, position: int) -> None:
    """The newest entries are gone and so are their positions."""
    owner.run(
        "DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM audit_sealedentry WHERE position >= %s)",
        position,
    )
    owner.run("DELETE FROM audit_sealedentry WHERE position >= %s", position)


def rewrite_all(owner: Owner, ledger: Ledger, position: int) -> None:
    """Every entry from a position on says another organisation; all that the database holds is computed anew and fits together."""
    owner.run(
        "UPDATE audit_ledgerentry SET organisation = 'gss:E08000001', leaf = convert_to(replace(convert_from(leaf, 'UTF8'),"
        " 'gss:E08000003', 'gss:E08000001'), 'UTF8')"
        " WHERE id IN (SELECT entry_id FROM audit_sealedentry WHERE position >= %s)",
        position,
    )
    hash_anew(owner, position)


def rewrite_folder_too(owner: Owner, ledger: Ledger, position: int) -> None:
    """The same, by somebody who also has the sealer's folder and key: new tiles, a new checkpoint, signed. Old cosignatures do not fit."""
    rewrite_all(owner, ledger, position)
    hashes = [
        bytes(row[0])
        for row in owner.connection.execute("SELECT leaf_hash FROM audit_sealedentry ORDER BY position").fetchall()
    ]
    for path in (ledger.log / "tile").rglob("*"):
        if path.is_file():
            path.unlink()
    writer = TileWriter.at(ledger.log, 0)
    writer.append(hashes)
    root = writer.tiles.root(len(hashes))
    text = str(Checkpoint(origin=ledger.key.name, size=len(hashes), root=root))
    forged = Note(text=text, signatures=(ledger.key.sign(text), *_two_witnesses(ledger, text)))
    writer.publish(str(forged).encode(), Sealed(moment=ledger.moment, size=len(hashes), root=root))


def _two_witnesses(ledger: Ledger, text: str) -> list[Any]:
    """Two of the witnesses lend their keys: the third still remembers."""
    return [ledger.keys[name].sign(text, moment=ledger.moment) for name in ("council", "charity")]


def swap_checkpoint(owner: Owner, ledger: Ledger, position: int) -> None:
    """Tail and checkpoint go back together to an earlier time; that checkpoint was once signed by everybody."""
    truncate_tail(owner, ledger, position)
    (ledger.log / "checkpoint").write_bytes(ledger.kept[position])


def roll_back(owner: Owner, ledger: Ledger, position: int) -> None:
    """Last night's backup: the ledger is as it was then, and new entries are written since."""
    truncate_tail(owner, ledger, position)
    owner.run("DELETE FROM audit_ledgerentry WHERE id IN (SELECT entry_id FROM audit_waitingentry)")
    owner.run("DELETE FROM audit_waitingentry")
    owner.run("ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing")
    ledger.write(3)


Attack = Callable[[Owner, Ledger, int], None]
SIX: dict[str, Attack] = {
    "delete": delete_row,
    "edit": edit_row,
    "truncate": truncate_tail,
    "rewrite": rewrite_all,
    "swap": swap_checkpoint,
    "rollback": roll_back,
}
