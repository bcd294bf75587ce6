"""A witness: cosigns what the log signs only if it goes on from what this witness saw last. Knows no database and no other witness.

It keeps one file, to which a line is added before each cosignature leaves: when, size, root. From then on it never signs a
smaller tree or another past, whatever becomes of the log, its key, its folder or its database. The protocol is that of
c2sp.org/tlog-witness.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from childindex.audit import tree
from childindex.audit.checkpoint import Checkpoint, Kind, Note, NotTrusted, SignerKey, VerifierKey
from childindex.audit.tiles import Sealed, append_line, read_history

log = logging.getLogger(__name__)

_MOST_PROOF_LINES = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered over HTTP."""

    status: HTTPStatus
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What a log asks for: a checkpoint, and the proof that it goes on from a size that this witness has seen."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, body: bytes) -> _Request:
        head, blank, note = body.partition(b"\n\n")
        first, *lines = head.decode("ascii", errors="replace").split("\n")
        word, _, size = first.partition(" ")
        if not blank or word != "old" or not size.isdecimal() or len(lines) > _MOST_PROOF_LINES:
            raise NotTrusted("this is not a request to cosign")
        try:
            proof = tuple(b64decode(line, validate=True) for line in lines)
        except NotBase64 as error:
            raise NotTrusted("a line of the proof is not base64") from error
        return cls(old=int(size), proof=proof, note=Note.parse(note))


class Witness:
    """One witness of one log."""

    def __init__(self, *, key: SignerKey, watched: VerifierKey, state: Path) -> None:
        """`state` is made if it is missing: then whatever comes first is believed. Refused where another process uses it."""
        if key.kind is not Kind.WITNESS:
            raise NotTrusted(f"the key of {key.name} is not a witness's")
        self._key, self._log, self._state = key, watched, state
        state.parent.mkdir(parents=True, exist_ok=True)
        self._in_use = state.with_name(state.name + ".lock").open("w")
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._in_use.close()
            raise NotTrusted(f"another witness uses {state}") from error
        self._turn = threading.Lock()
        self._seen = Checkpoint(origin=watched.name, size=0, root=tree.EMPTY_ROOT)
        for line in read_history(state):
            self._seen = Checkpoint(origin=watched.name, size=line.size, root=line.root)

    def close(self) -> None:
        """Lets another process have the state."""
        self._in_use.close()

    def add_checkpoint(self, body: bytes, *, moment: int) -> Answer:
        """Cosigns, or says why not: 404 another log, 403 not signed by it, 409 not from where this witness is, 422 not consistent."""
        try:
            request = _Request.parse(body)
            asked = Checkpoint.parse(request.note.text)
        except NotTrusted:
            return Answer(status=HTTPStatus.BAD_REQUEST)
        if asked.origin != self._log.name:
            return Answer(status=HTTPStatus.NOT_FOUND)
        try:
            self._log.check(request.note)
        except NotTrusted:
            return Answer(status=HTTPStatus.FORBIDDEN)
        if request.old > asked.size:
            return Answer(status=HTTPStatus.BAD_REQUEST)
        with self._turn:
            return self._refusal(request, asked) or self._cosign(asked, request.note.text, moment)

    def _refusal(self, request: _Request, asked: Checkpoint) -> Answer | None:
        """Why a checkpoint that the log did sign is not cosigned; nothing if it goes on from what was seen last."""
        seen = self._seen
        if request.old != seen.size:
            if asked.size <= seen.size and asked != seen:
                self._keep(request.note, "smaller than what it signed before")
            return Answer(status=HTTPStatus.CONFLICT, body=f"{seen.size}\n".encode())
        if tree.is_consistent(seen.size, asked.size, seen.root, asked.root, request.proof):
            return None
        self._keep(request.note, "not consistent with what it signed before")
        same = asked.size == seen.size
        return Answer(status=HTTPStatus.CONFLICT if same else HTTPStatus.UNPROCESSABLE_ENTITY)

    def _cosign(self, asked: Checkpoint, text: str, moment: int) -> Answer:
        if asked != self._seen:
            append_line(self._state, str(Sealed(moment=moment, size=asked.size, root=asked.root)))
            self._seen = asked
        return Answer(status=HTTPStatus.OK, body=str(self._key.sign(text, moment=moment)).encode())

    def _keep(self, note: Note, why: str) -> None:
        """The log's own signature under something it should never have signed is evidence; kept once, beside the state."""
        log.critical("ledger witness=%s refuses: the log signed a tree that is %s", self._key.name, why)
        kept = self._state.with_name(self._state.name + ".refused")
        text = str(note)
        if not kept.exists() or text not in kept.read_text(encoding="utf-8"):
            append_line(kept, text + "\n")

    def latest(self, *, moment: int) -> Answer:
        """What this witness saw last, signed anew with the time, so that nobody can show an old answer for a new one."""
        text = str(self._seen)
        note = Note(text=text, signatures=(self._key.sign(text, moment=moment),))
        return Answer(status=HTTPStatus.OK, body=str(note).encode())

    def history(self) -> Answer:
        """Every size and root it cosigned, oldest first: tells from where on a rewritten tree differs."""
        lines: Sequence[Sealed] = list(read_history(self._state))
        return Answer(status=HTTPStatus.OK, body="".join(map(str, lines)).encode())
