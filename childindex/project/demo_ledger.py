"""The demo's ledger: the policy and the keys of three witnesses, made once, and how each witness is started."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from childindex.audit.checkpoint import Kind, SignerKey
from childindex.project.cli_ledger import write_key
from childindex.project.demo_secrets import demo_ledger_folder, demo_secrets
from childindex.project.postgres import socket_folder

_NAMES: Final = ("council", "charity", "inspectorate")
_QUORUM: Final = "group two-of-three 2 " + " ".join(_NAMES) + "\nquorum two-of-three\n"


def prepare(var: Path, *, database_url: str, fresh: bool) -> list[tuple[str, ...]]:
    """The commands that start the witnesses, with all that they need; a fresh database begins a fresh ledger."""
    folder = demo_ledger_folder(var, database_url)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    log = SignerKey.parse(demo_secrets(var)["LEDGER_SIGNING_KEY"]).verifier
    sockets = socket_folder(folder)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines, starts = [f"log {log}"], []
    for name in _NAMES:
        key_file = folder / f"{name}.key"
        if not key_file.exists():
            write_key(key_file, SignerKey.generate(f"{name}.example/witness", Kind.WITNESS))
        key = SignerKey.parse(key_file.read_text(encoding="utf-8"))
        listen = f"unix:{sockets / name}.sock"
        lines.append(f"witness {name} {key.verifier} {listen}")
        options = {
            "--key": key_file,
            "--policy": folder / "policy",
            "--state": folder / f"{name}.state",
            "--listen": listen,
        }
        starts.append(("witness", *(str(part) for option in options.items() for part in option)))
    (folder / "policy").write_text("\n".join([*lines, _QUORUM]), encoding="utf-8")
    return starts
