"""What somebody has who stole a backup: a logical dump, and the server's own files; and whether a word is in it, however it was written."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from childindex.project.database import MAINTENANCE_DATABASE
from childindex.project.postgres import SUPERUSER
from tests.database import TestDatabase


def logical(database: TestDatabase) -> bytes:
    """All of the database as pg_dump writes it, taken by the owner."""
    folder = database.server.cluster.binaries.folder
    program = shutil.which("pg_dump", path=str(folder)) or shutil.which("pg_dump")
    assert program is not None, "PostgreSQL's pg_dump is needed beside its server"
    taken = subprocess.run([program, database.url("owner")], capture_output=True, check=True)
    return taken.stdout


def files(database: TestDatabase, *, since: float) -> dict[Path, bytes]:
    """The server's files of this database as they lie on the disk, with temporary files and the log of changes since then."""
    with database.server.address(MAINTENANCE_DATABASE, SUPERUSER).connect() as server:
        server.execute("CHECKPOINT")
        [(oid,)] = server.execute("SELECT oid FROM pg_database WHERE datname = %s", [database.name]).fetchall()
    data = database.server.cluster.data
    places = (data / "base" / str(oid), data / "base" / "pgsql_tmp", data / "pg_wal")
    found = [path for place in places if place.exists() for path in place.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in found if path.stat().st_mtime >= since}


def words_in(taken: bytes, words: Iterable[str]) -> list[str]:
    """Those words that can be read out of it: plain in any case, as hexadecimal digits, or in base64 at any place."""
    lowered = taken.lower()
    return [
        word
        for word in words
        if word.encode().lower() in lowered or any(written in taken for written in _written(word.encode()))
    ]


def _written(plain: bytes) -> Iterator[bytes]:
    """A word in hexadecimal digits, and the middle of it in base64: its ends look otherwise beside other letters."""
    yield plain.hex().encode()
    for before in range(3):
        yield base64.b64encode(b"\0" * before + plain)[4 if before else 0 : -4]
