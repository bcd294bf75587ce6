"""Keyed hashes and encryption of the guard, with keys that only the worker's process has; and of what a steward is shown."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from nacl.secret import SecretBox

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import (
    AssessmentState,
    Carer,
    Consent,
    ConsentBasis,
    Identity,
    Sex,
    SourceRecord,
    SuppliedInvolvement,
)

# 128 bits of a keyed hash: no two of a nation's search keys meet by chance, and half the size of the whole.
HASH_BYTES = 16
# Names of settings. The guard's key is the worker's alone; the site has the other too, for records a person must decide.
GUARD = "GUARD_ENCRYPTION_KEY"
REVIEW = "REVIEW_KEY"


class SealBroken(ValueError):
    """A sealed value belongs to another row, or was changed."""


@lru_cache(maxsize=4)
def _decoded(key: str) -> bytes:
    return b64decode(key)


def hashed_keys(values: Iterable[int]) -> list[bytes]:
    """The keyed hashes of search keys' numbers, in order."""
    secret = _decoded(settings.GUARD_HASH_KEY)
    return [
        hmac.digest(secret, b"key|" + value.to_bytes(8, "big", signed=True), "sha256")[:HASH_BYTES] for value in values
    ]


def hashed_link(feed: str, record_id: str) -> bytes:
    """The keyed hash that stands for a supplier's record."""
    return _hash(f"link|{feed}|{record_id}".encode())


def hashed_feed(feed: str) -> bytes:
    """The keyed hash that stands for a feed: which suppliers know a protected child says where the child is."""
    return _hash(f"feed|{feed}".encode())


def hashed_authority(gss: str) -> bytes:
    """The keyed hash that stands for an authority: whose list a protected child is on says where the child is (T12)."""
    return _hash(f"authority|{gss}".encode())


def hashed_content(content: bytes) -> bytes:
    """The keyed hash of a row's content: an unkeyed one could be guessed from a birth date and a name."""
    return _hash(b"content|" + content)


def _hash(message: bytes) -> bytes:
    return hmac.digest(_decoded(settings.GUARD_HASH_KEY), message, "sha256")[:HASH_BYTES]


def seal(about: UUID, value: Mapping[str, Any], *, key: str = GUARD) -> bytes:
    """Encrypt a value together with the id it belongs to, so that it cannot be moved to another row unnoticed.

    `key` names the setting that holds the key.
    """
    plain = json.dumps({"about": str(about), **value}, ensure_ascii=False, separators=(",", ":"), default=str)
    return bytes(SecretBox(_decoded(getattr(settings, key))).encrypt(plain.encode()))


def unseal(about: UUID, sealed: bytes, *, key: str = GUARD) -> dict[str, Any]:
    """Decrypt a value; raises SealBroken if it was sealed for another id (and nacl's CryptoError if it was changed)."""
    value: dict[str, Any] = json.loads(SecretBox(_decoded(getattr(settings, key))).decrypt(bytes(sealed)))
    if value.pop("about") != str(about):
        raise SealBroken("a sealed value stands in a row it was not sealed for")
    return value


def written_identity(identity: Identity) -> dict[str, Any]:
    """Who a child is, as plain values that JSON can hold; `read_identity` gives it back."""
    return {**asdict(identity), "birth_date": str(identity.birth_date or "")}


def written(record: SourceRecord) -> dict[str, Any]:
    """A supplier's record as plain values that JSON can hold; `read` gives it back."""
    value = asdict(record)
    value["identity"]["birth_date"] = str(record.identity.birth_date or "")
    return value


def read(value: Mapping[str, Any]) -> SourceRecord:
    """A supplier's record from what `written` made of it."""
    plain = dict(value)
    plain["identity"] = read_identity(plain["identity"])
    plain["involvements"] = tuple(_read_involvement(one) for one in plain["involvements"])
    for name in ("updated_on", "deceased_on"):
        plain[name] = _day(plain[name])
    return SourceRecord(**plain)


def read_identity(value: Mapping[str, Any]) -> Identity:
    """An identity from what `written` made of it."""
    plain = dict(value)
    plain["birth_date"] = PartialDate.parse(plain["birth_date"]) if plain["birth_date"] else None
    plain["sex"] = Sex(plain["sex"])
    plain["carers"] = tuple(Carer(**carer) for carer in plain["carers"])
    return Identity(**plain)


def _read_involvement(value: Mapping[str, Any]) -> SuppliedInvolvement:
    plain = dict(value)
    for name in ("started_on", "ended_on", "assessment_on"):
        plain[name] = _day(plain[name])
    plain["assessment"] = AssessmentState(plain["assessment"])
    if plain["consent"] is not None:
        given = plain["consent"]
        plain["consent"] = Consent(basis=ConsentBasis(given["basis"]), by=given["by"], on=_day(given["on"]))
    return SuppliedInvolvement(**plain)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
