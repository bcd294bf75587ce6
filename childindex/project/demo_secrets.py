"""The demo's own settings and secrets: made once, kept in a file only its owner can read, never used by a live installation."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from nacl.public import PrivateKey

from childindex.audit.checkpoint import Kind, SignerKey
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
    named = environ.get("CHILDINDEX_DEMO_DATABASE_URL", "")
    ledger = demo_ledger_folder(var, named)
    return {
        "DATABASE_URL": named or own,
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "LEDGER_FOLDER": str(ledger / "log"),
        "LEDGER_POLICY": str(ledger / "policy"),
        **demo_secrets(var),
    }


def demo_ledger_folder(var: Path, database_url: str) -> Path:
    """Where the demo's ledger is sealed and its witnesses keep what they saw: one for each database."""
    digest = hashlib.sha256(database_url.encode()).hexdigest()[:12] if database_url else "own"
    return var / f"demo-ledger-{digest}"


def demo_secrets(var: Path) -> dict[str, str]:
    """The demo's generated settings by name. Written (mode 0600) on first use, so that a second start keeps the data readable."""
    path = var / FILE_NAME
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    made = _generate()
    if not made.keys() <= kept.keys():  # none yet, or a newer version of the product has one more
        var.mkdir(parents=True, exist_ok=True)
        _add(path, made)
        return demo_secrets(var)
    return kept


def _generate() -> dict[str, str]:
    ledger = PrivateKey.generate()
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "LEDGER_TERMS_PUBLIC_KEY": base64.b64encode(bytes(ledger.public_key)).decode(),
        "LEDGER_TERMS_PRIVATE_KEY": base64.b64encode(bytes(ledger)).decode(),
        "LEDGER_SIGNING_KEY": SignerKey.generate("localhost/demo-ledger", Kind.LOG).text(),
        "SECOND_FACTOR_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "REVIEW_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "GUARD_HASH_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "GUARD_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _add(path: Path, made: Mapping[str, str]) -> None:
    """Written whole or not at all. The first of two processes that start together wins; the other reads what it wrote."""
    with (path.parent / "demo-secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({**made, **before}, file, indent=2)
        fresh.replace(path)
