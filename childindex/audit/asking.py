"""How a witness is reached: over HTTP, or through a socket in the file system on the same machine. Both ends, standard library only.

Addresses are `http://host:port`, `https://host/prefix`, or `unix:/path/of/the/socket`.
"""

from __future__ import annotations

import http.client
import logging
import os
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn, UnixStreamServer
from urllib.parse import urlsplit

from childindex.audit.checkpoint import Checkpoint, Note, NotTrusted, Policy, Signature, WitnessAt
from childindex.audit.tiles import Sealed
from childindex.audit.witness import Answer, Witness

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 2.0  # a witness that is slower is left out of this checkpoint
_MOST_BYTES = 65_536
Proof = Callable[[int], Sequence[bytes]]


class Unreachable(Exception):
    """A witness does not answer, or not with what was asked for."""


class _SocketConnection(http.client.HTTPConnection):
    """HTTP through a socket in the file system."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        if code := self.sock.connect_ex(self._path):
            raise OSError(code, os.strerror(code))


def ask(url: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """One request to a witness: its status and body. `Unreachable` if it is silent for too long."""
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "unix":
        connection = _SocketConnection(parts.path, PATIENCE_SECONDS)
    else:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.netloc, timeout=PATIENCE_SECONDS)
    prefix = "" if parts.scheme == "unix" else parts.path.rstrip("/")
    try:
        connection.request("POST" if body is not None else "GET", prefix + path, body)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{url} does not answer: {type(error).__name__}") from error
    finally:
        connection.close()


def latest(witness: WitnessAt) -> tuple[Checkpoint, int]:
    """What a witness cosigned last and the time by its clock, under its signature. `Unreachable` or `NotTrusted` otherwise."""
    status, body = ask(witness.url, "/checkpoint")
    if status != HTTPStatus.OK:
        raise Unreachable(f"{witness.key.name} answered {status}")
    note = Note.parse(body)
    return Checkpoint.parse(note.text), witness.key.check(note)


def history(witness: WitnessAt) -> list[Sealed]:
    """Every size and root a witness says it cosigned."""
    status, body = ask(witness.url, "/history")
    if status != HTTPStatus.OK:
        raise Unreachable(f"{witness.key.name} answered {status}")
    return [Sealed.parse(line) for line in body.decode("ascii", errors="replace").splitlines()]


class Cosigners:
    """The witnesses of a policy, asked all at once; one that hangs holds nobody up twice."""

    def __init__(self, policy: Policy) -> None:
        """Nothing is asked yet."""
        self._policy = policy
        self._sizes = dict.fromkeys(policy.witnesses, 0)  # what each saw last, as far as we know
        self._asked: dict[str, Future[Signature]] = {}
        self._pool = ThreadPoolExecutor(max_workers=max(1, len(policy.witnesses)), thread_name_prefix="witness")

    def cosign(self, note: Note, proof: Proof) -> Note:
        """The note with whatever cosignatures came in time. `proof(old)` proves that its tree goes on from that size."""
        for name in self._policy.witnesses:
            if name not in self._asked or self._asked[name].done():
                self._asked[name] = self._pool.submit(self._one, name, note, proof)
        wait(self._asked.values(), timeout=PATIENCE_SECONDS)
        signatures = []
        for name, future in self._asked.items():
            if not future.done():
                continue
            try:
                signature = future.result()
                self._policy.witnesses[name].key.check(Note(text=note.text, signatures=(signature,)))
            except (Unreachable, NotTrusted) as error:
                log.error("ledger witness=%s has not cosigned: %s", name, error)  # noqa: TRY400 - the line says it all
            else:
                signatures.append(signature)
        return Note(text=note.text, signatures=(*note.signatures, *signatures))

    def _one(self, name: str, note: Note, proof: Proof) -> Signature:
        """One witness's cosignature; where it is somewhere else than thought, it says so and is asked once more."""
        url, asked = self._policy.witnesses[name].url, Checkpoint.parse(note.text)
        for _ in range(2):
            old = self._sizes[name]
            lines = "".join(f"{b64encode(hashed).decode()}\n" for hashed in proof(old))
            status, body = ask(url, "/add-checkpoint", f"old {old}\n{lines}\n{note}".encode())
            if status == HTTPStatus.OK:
                self._sizes[name] = asked.size
                return Signature.parse(body.decode(errors="replace"))
            if status != HTTPStatus.CONFLICT or not body.strip().isdigit() or int(body) > asked.size:
                break
            self._sizes[name] = int(body)
        log.critical("ledger witness=%s refuses the checkpoint of size %d with %d", name, asked.size, status)
        raise Unreachable(f"refused with {status}")

    def close(self) -> None:
        """Waits for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class _UnixServer(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True


@contextmanager
def serving(witness: Witness, *, listen: str, clock: Callable[[], float]) -> Iterator[TCPServer]:
    """A server at `unix:/path` or `host:port`, ready for `serve_forever`."""
    handler = _handler(witness, clock)
    if listen.startswith("unix:"):
        path = Path(listen.removeprefix("unix:"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with _UnixServer(str(path), handler) as server:
            path.chmod(0o600)
            yield server
        path.unlink(missing_ok=True)
    else:
        host, _, port = listen.rpartition(":")
        with ThreadingHTTPServer((host.strip("[]"), int(port)), handler) as server:
            yield server


def _handler(witness: Witness, clock: Callable[[], float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        wbufsize = -1  # head and body leave together

        def do_GET(self) -> None:
            answers = {"/checkpoint": lambda: witness.latest(moment=int(clock())), "/history": witness.history}
            answer = answers.get(self.path)
            self._send(answer() if answer else Answer(status=HTTPStatus.NOT_FOUND))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint" or not length.isdecimal() or int(length) > _MOST_BYTES:
                self._send(Answer(status=HTTPStatus.BAD_REQUEST))
                return
            self._send(witness.add_checkpoint(self.rfile.read(int(length)), moment=int(clock())))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the standard library's
            del format, args

    return Handler
