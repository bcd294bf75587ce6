"""The demo's own settings and secrets: made once, kept in a file only its owner can read, never used by a live installation."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from nacl.public import PrivateKey

from childindex.project.database import Process
from childindex.project.folders import cluster_folder
from childindex.project.postgres import socket_url

DATABASE = "childindex"
FILE_NAME = "demo-secrets.json"


def demo_cluster_folder(var: Path) -> Path:
    """Where the demo's own PostgreSQL lives."""
    return cluster_folder("pg", var=var, as_root=os.geteuid() == 0)


def demo_settings(var: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Every setting of the demo by name. DATABASE_URL is ignored, as it may be a live index's; a database marked as a
    demo's is named by CHILDINDEX_DEMO_DATABASE_URL, else it is the demo's own.
    """
    own = socket_url(demo_cluster_folder(var), role=Process.OWNER.role, database=DATABASE)
    return {
        "DATABASE_URL": environ.get("CHILDINDEX_DEMO_DATABASE_URL") or own,
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        **demo_secrets(var),
    }


def demo_secrets(var: Path) -> dict[str, str]:
    """The demo's generated settings by name. Written (mode 0600) on first use, so that a second start keeps the data readable."""
    path = var / FILE_NAME
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        _write_once(path, json.dumps(_generate(), indent=2))
    settings: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return settings


def _generate() -> dict[str, str]:
    ledger = PrivateKey.generate()
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "LEDGER_TERMS_PUBLIC_KEY": base64.b64encode(bytes(ledger.public_key)).decode(),
        "LEDGER_TERMS_PRIVATE_KEY": base64.b64encode(bytes(ledger)).decode(),
        "SECOND_FACTOR_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "GUARD_HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "GUARD_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _write_once(path: Path, text: str) -> None:
    """Two processes may start together: both write a file of their own, the first to link it wins and the other reads that."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
