"""Checks a receipt of the ledger offline: one file, Python 3.11 with PyNaCl and nothing of the index itself.

    python verify_receipt.py RECEIPT.json POLICY

RECEIPT.json is what the index handed out, POLICY the text file that says whose signatures count (c2sp.org/tlog-policy); get that
from the witnesses, not from whoever gave you the receipt. It shows that the entry stands in the ledger as it was sealed at the time the
witnesses say, and prints the entry. Exit code 0: it does. 1: it does not, with the reason. 2: a file cannot be read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

LOG, WITNESS = 1, 4  # kinds of key


class NotProven(Exception):
    """The receipt does not show what it says."""


def unpack(text: str) -> bytes:
    """Base64, strictly."""
    return base64.b64decode(text, validate=True)


def key_of(text: str, kind: int) -> tuple[str, bytes, bytes]:
    """Name, id and public key of NAME+ID+KEY."""
    name, _, encoded = text.split("+", 2)
    material = unpack(encoded)
    if len(material) != 33 or material[0] != kind:
        raise NotProven(f"the policy's key of {name} is of the wrong kind")
    return name, hashlib.sha256(name.encode() + b"\n" + material).digest()[:4], material[1:]


def read_policy(text: str) -> dict[str, Any]:
    """The log's key, the witnesses' keys by name, the groups, and the quorum."""
    found: dict[str, Any] = {"log": None, "witness": {}, "group": {}, "quorum": None}
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        match words:
            case ["log", key, *_] if found["log"] is None:
                found["log"] = key_of(key, LOG)
            case ["witness", name, key, *_]:
                found["witness"][name] = key_of(key, WITNESS)
            case ["group", name, needed, *members] if members:
                count = {"any": 1, "all": len(members)}.get(needed) or int(needed)
                found["group"][name] = (count, set(members))
            case ["quorum", name] if found["quorum"] is None:
                found["quorum"] = name
            case _:
                raise NotProven(f"a line of the policy is not understood: {words[0]}")
    if found["log"] is None or found["quorum"] is None:
        raise NotProven("the policy names no log or no quorum")
    return found


def signatures_of(note: str) -> tuple[str, dict[tuple[str, bytes], bytes]]:
    """The text of a signed note, and who signed it."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank:
        raise NotProven("the checkpoint is not a signed note")
    signed = {}
    for line in lines.splitlines():
        dash, name, encoded = line.split(" ")
        value = unpack(encoded)
        if dash != "—":
            raise NotProven("a line under the checkpoint is no signature")
        signed[name, value[:4]] = value[4:]
    return text + "\n", signed


def check_signature(name: str, public: bytes, message: bytes, signature: bytes) -> None:
    """Refuses a wrong one, whoever else has signed."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, ValueError) as error:
        raise NotProven(f"the signature of {name} is wrong") from error


def check_checkpoint(note: str, policy: dict[str, Any]) -> tuple[int, bytes, dict[str, datetime]]:
    """Size and root that the log and a quorum signed, and when each witness did."""
    text, signed = signatures_of(note)
    name, key_id, public = policy["log"]
    if (name, key_id) not in signed:
        raise NotProven("the log has not signed the checkpoint")
    check_signature(name, public, text.encode(), signed[name, key_id])
    origin, size, root, *_ = text.split("\n")
    if origin != name:
        raise NotProven("the checkpoint is another log's")
    times = {}
    for witness, (name, key_id, public) in policy["witness"].items():
        if (name, key_id) in signed:
            value = signed[name, key_id]
            moment = int.from_bytes(value[:8])
            check_signature(name, public, f"cosignature/v1\ntime {moment}\n{text}".encode(), value[8:])
            times[witness] = datetime.fromtimestamp(moment, UTC)
    if not suffices(policy, policy["quorum"], times):
        raise NotProven(f"only {len(times)} witnesses have signed the checkpoint")
    return int(size), unpack(root), times


def suffices(policy: dict[str, Any], name: str, signed: dict[str, datetime]) -> bool:
    """Whether these witnesses are a quorum."""
    if name not in policy["group"]:
        return name == "none" or name in signed
    needed, members = policy["group"][name]
    return bool(sum(suffices(policy, member, signed) for member in members) >= max(1, needed))


def root_of(position: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= position < size:
        raise NotProven("the entry's place is outside the tree")
    hashed, last = hashlib.sha256(b"\x00" + leaf).digest(), size - 1
    for sibling in proof:
        if last == 0 or len(sibling) != 32:
            raise NotProven("the proof is too long")
        if position & 1 or position == last:
            hashed = hashlib.sha256(b"\x01" + sibling + hashed).digest()
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + sibling).digest()
        position, last = position >> 1, last >> 1
    if last != 0:
        raise NotProven("the proof is too short")
    return hashed


def verify(receipt: dict[str, Any], policy_text: str) -> tuple[dict[str, Any], dict[str, datetime]]:
    """The entry and when each witness vouched for it. Refused with `NotProven`."""
    if receipt.get("format") != "childindex ledger receipt v1":
        raise NotProven("this is not a receipt of the ledger, or of another version")
    size, root, times = check_checkpoint(receipt["checkpoint"], read_policy(policy_text))
    leaf = unpack(receipt["leaf"])
    if root_of(receipt["position"], size, leaf, [unpack(line) for line in receipt["proof"]]) != root:
        raise NotProven("the entry is not in the ledger that was signed, or not as it stands here")
    entry: dict[str, Any] = json.loads(leaf)
    return entry, times


def main(arguments: list[str]) -> int:
    """The command."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        receipt, policy = json.loads(Path(arguments[0]).read_text("utf-8")), Path(arguments[1]).read_text("utf-8")
    except (OSError, ValueError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    try:
        entry, times = verify(receipt, policy)
    except (NotProven, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"NOT PROVEN: {error}", file=sys.stderr)
        return 1
    for name, value in entry.items():
        print(f"{name:>14}  {json.dumps(value, ensure_ascii=False)}")
    for witness, moment in times.items():
        print(f"{witness:>14}  vouched for it on {moment:%d %B %Y at %H:%M:%S} UTC")
    print(f"PROVEN: entry {receipt['position']} of the ledger stands as it was sealed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
