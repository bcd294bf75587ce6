"""A passkey in software: makes a key pair, and answers challenges as a browser would."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftPasskey:
    """One passkey for one site, at `origin`."""

    origin: str = "https://testserver"
    verifies: bool = True
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    _id: bytes = field(default_factory=lambda: token_bytes(16))
    _user: str = ""

    def create(self, options: dict[str, Any]) -> str:
        """What a browser posts for creation options: a registration without attestation, as JSON."""
        public = options["publicKey"]
        self._user = public["user"]["id"]
        cose = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))  # type: ignore[no-untyped-call]
        attested = bytes(16) + len(self._id).to_bytes(2, "big") + self._id + cose
        data = self._data(public["rp"]["id"], ATTESTED) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", public["challenge"])
        return self._answer(
            {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(attestation)},
            results={"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> str:
        """What a browser posts for request options: a signed assertion, as JSON."""
        public = options["publicKey"]
        data = self._data(public["rpId"], 0)
        client = self._client("webauthn.get", public["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self._user,
            },
            results={},
        )

    def _data(self, site: str, more: int) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, Any], *, results: dict[str, Any]) -> str:
        name = websafe_encode(self._id)
        assert websafe_decode(name) == self._id
        return json.dumps(
            {"type": "public-key", "id": name, "rawId": name, "response": response, "clientExtensionResults": results}
        )
