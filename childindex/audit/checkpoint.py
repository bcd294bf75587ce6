"""What a log says of its tree, and who vouches for it: C2SP signed notes, checkpoints, cosignatures and trust policies.

The texts are those of c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature (Ed25519) and /tlog-policy, so that any
witness or monitor that speaks them can watch this ledger. Everything raises `NotTrusted` where it does not hold.
"""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Self

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from childindex.audit.tree import HASH_BYTES

_PRIVATE = "PRIVATE+KEY+"
_DASH = "— "
_ID_BYTES = 4
_KEY_BYTES = 32
_MOST_SIGNATURES = 64


class NotTrusted(Exception):
    """A key, note, checkpoint or policy that cannot be read, or that those who should have signed have not."""


class Kind(IntEnum):
    """What a key signs: a log its own notes, a witness what it has seen, with the time."""

    LOG = 1
    WITNESS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key with its owner's name, written NAME+ID+KEY."""

    name: str
    kind: Kind
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read from its text. Refused if the id is not that of name and key."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        material = _decode(encoded)
        if not name or any(letter.isspace() for letter in name) or len(material) != 1 + _KEY_BYTES:
            raise NotTrusted("this is not a verifier key: NAME+ID+KEY")
        if material[0] not in set(Kind):
            raise NotTrusted(f"the key of {name} is of kind {material[0]}, which is not known here")
        key = cls(name=name, kind=Kind(material[0]), public=material[1:])
        if key.id.hex() != key_id:
            raise NotTrusted(f"the key of {name} has the id {key.id.hex()}, not {key_id}")
        return key

    @property
    def id(self) -> bytes:
        """Four bytes that tell this key from others in a note."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_encode(bytes([self.kind]) + self.public)}"

    def check(self, note: Note) -> int:
        """The time a witness gave, or 0 for a log. Refused unless this key signed the note's text."""
        signed = [line.signature for line in note.signatures if (line.name, line.key_id) == (self.name, self.id)]
        if len(signed) != 1:
            raise NotTrusted(f"{self.name} has not signed it once")
        moment, message, signature = 0, note.text.encode(), signed[0]
        if self.kind is Kind.WITNESS:
            if len(signature) <= struct.calcsize(">Q"):
                raise NotTrusted(f"the signature of {self.name} is too short")
            moment, signature = struct.unpack(">Q", signature[:8])[0], signature[8:]
            message = _cosigned(note.text, moment)
        try:
            VerifyKey(self.public).verify(message, signature)
        except (BadSignatureError, ValueError, TypeError) as error:
            raise NotTrusted(f"the signature of {self.name} is not right") from error
        return moment


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignerKey:
    """A private key with its owner's name, written PRIVATE+KEY+NAME+ID+KEY; never shown."""

    name: str
    kind: Kind
    secret: SigningKey

    @classmethod
    def generate(cls, name: str, kind: Kind) -> Self:
        """A new key."""
        return cls(name=name, kind=kind, secret=SigningKey.generate())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read from its text. Refused if the id is not that of name and key."""
        name, _, rest = text.strip().removeprefix(_PRIVATE).partition("+")
        key_id, _, encoded = rest.partition("+")
        material = _decode(encoded)
        if not text.startswith(_PRIVATE) or len(material) != 1 + _KEY_BYTES or material[0] not in set(Kind):
            raise NotTrusted("this is not a signing key: PRIVATE+KEY+NAME+ID+KEY")
        key = cls(name=name, kind=Kind(material[0]), secret=SigningKey(material[1:]))
        if key.verifier.id.hex() != key_id:
            raise NotTrusted(f"the signing key of {name} has another id than it says")
        return key

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(name=self.name, kind=self.kind, public=bytes(self.secret.verify_key))

    def text(self) -> str:
        """What is kept in a secret place."""
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{_encode(bytes([self.kind]) + bytes(self.secret))}"

    def sign(self, text: str, *, moment: int = 0) -> Signature:
        """A log signs the text; a witness the text and the moment, in seconds since 1970."""
        if self.kind is Kind.LOG:
            signature = self.secret.sign(text.encode()).signature
        else:
            signature = struct.pack(">Q", moment) + self.secret.sign(_cosigned(text, moment)).signature
        return Signature(name=self.name, key_id=self.verifier.id, signature=signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read from its line, with or without the line's end."""
        name, _, encoded = line.rstrip("\n").removeprefix(_DASH).partition(" ")
        value = _decode(encoded)
        if not line.startswith(_DASH) or not name or len(value) <= _ID_BYTES:
            raise NotTrusted("this is not a signature line")
        return cls(name=name, key_id=value[:_ID_BYTES], signature=value[_ID_BYTES:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_encode(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, written: bytes) -> Self:
        """Read from its bytes; says nothing yet of whether a signature is right."""
        try:
            whole = written.decode()
        except UnicodeDecodeError as error:
            raise NotTrusted("the note is not UTF-8") from error
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not whole.endswith("\n") or any(letter < " " and letter != "\n" for letter in whole):
            raise NotTrusted("this is not a signed note")
        signatures = lines.splitlines()
        if not 0 < len(signatures) <= _MOST_SIGNATURES:
            raise NotTrusted("a note has one to sixty-four signatures")
        return cls(text=text + "\n", signatures=tuple(Signature.parse(line) for line in signatures))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The size and root of a log's tree: three lines."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read from a note's text. Lines after the third say nothing here."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not (lines[1].isascii() and lines[1].isdecimal()):
            raise NotTrusted("this is not a checkpoint: origin, size, root")
        root = _decode(lines[2])
        if len(root) != HASH_BYTES or lines[1] != str(int(lines[1])):
            raise NotTrusted("the size or root of the checkpoint cannot be read")
        return cls(origin=lines[0], size=int(lines[1]), root=root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessAt:
    """A witness of a policy, and where it answers."""

    key: VerifierKey
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Whose checkpoints are believed: the log's key, the witnesses, and how many of them must have cosigned."""

    log: VerifierKey
    witnesses: Mapping[str, WitnessAt]
    quorum: str
    groups: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read from a policy file with one log. Refused if a line is not understood or names what no line before it does."""
        return _Reading().read(text)

    def open(self, written: bytes) -> tuple[Checkpoint, list[int]]:
        """A checkpoint and the times of its cosignatures. Refused unless the log and a quorum of witnesses signed it."""
        note = Note.parse(written)
        self.log.check(note)
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin != self.log.name:
            raise NotTrusted(f"this is a checkpoint of {checkpoint.origin}, not of {self.log.name}")
        times = self.cosigned(note)
        if not self.suffices(times):
            raise NotTrusted(f"{len(times)} witnesses have cosigned, which is no quorum")
        return checkpoint, sorted(times.values())

    def cosigned(self, note: Note) -> dict[str, int]:
        """When each known witness that signed did so. A wrong signature of a known witness is refused, a missing one not."""
        known = {(one.key.name, one.key.id): name for name, one in self.witnesses.items()}
        names = {known[line.name, line.key_id] for line in note.signatures if (line.name, line.key_id) in known}
        return {name: self.witnesses[name].key.check(note) for name in sorted(names)}

    def suffices(self, witnesses: Mapping[str, int], member: str | None = None) -> bool:
        """Whether these witnesses make up the quorum."""
        name = member or self.quorum
        if name == "none" or name in self.witnesses:
            return name == "none" or name in witnesses
        threshold, members = self.groups[name]
        return sum(self.suffices(witnesses, one) for one in members) >= threshold


@dataclass(slots=True)
class _Reading:
    """A policy file, line by line."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, WitnessAt] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorums: list[str] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    def read(self, text: str) -> Policy:
        """The whole of it."""
        lines = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        for line in text.splitlines():
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] not in lines:
                raise NotTrusted(f"a policy has no line that begins with {words[0]}")
            lines[words[0]](words[1:])
        if len(self.logs) != 1 or len(self.quorums) != 1:
            raise NotTrusted("a policy here names one log and one quorum")
        return Policy(log=self.logs[0], witnesses=self.witnesses, quorum=self.quorums[0], groups=self.groups)

    def _log(self, words: Sequence[str]) -> None:
        self.logs.append(_key("".join(words[:1]), Kind.LOG))

    def _witness(self, words: Sequence[str]) -> None:
        if len(words) not in {2, 3}:
            raise NotTrusted("witness NAME KEY [URL]")
        name, key = self._new(words[0]), _key(words[1], Kind.WITNESS)
        if key.public in {one.key.public for one in self.witnesses.values()}:
            raise NotTrusted(f"the key of {name} is another witness's too")
        self.witnesses[name] = WitnessAt(key=key, url="".join(words[2:]))

    def _group(self, words: Sequence[str]) -> None:
        if len(words) < 3:
            raise NotTrusted("group NAME all|any|NUMBER MEMBER...")
        name, members = self._new(words[0]), tuple(map(self._known, words[2:]))
        needed = {"all": str(len(members)), "any": "1"}.get(words[1], words[1])
        if not needed.isdecimal() or not 1 <= int(needed) <= len(members):
            raise NotTrusted(f"the group {name} needs {needed} of {len(members)}")
        # Each may be counted once, or one witness would pass for two.
        if len(set(members)) != len(members) or self.grouped & set(members):
            raise NotTrusted(f"a member of the group {name} is in a group twice")
        self.grouped.update(members)
        self.groups[name] = (int(needed), members)

    def _quorum(self, words: Sequence[str]) -> None:
        name = "".join(words)
        self.quorums.append(name if name == "none" else self._known(name))

    def _new(self, name: str) -> str:
        if name == "none" or name in self.witnesses or name in self.groups:
            raise NotTrusted(f"the policy names {name} twice")
        return name

    def _known(self, name: str) -> str:
        if name not in self.witnesses and name not in self.groups:
            raise NotTrusted(f"no line before says who {name} is")
        return name


def _key(text: str, kind: Kind) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind is not kind:
        raise NotTrusted(f"the key of {key.name} is not a {kind.name.lower()}'s")
    return key


def _cosigned(text: str, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{text}".encode()


def _encode(value: bytes) -> str:
    return b64encode(value).decode()


def _decode(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise NotTrusted("a text that should be base64 is not") from error
