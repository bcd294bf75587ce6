"""A witness by itself: what it cosigns, what it refuses with which status, and what it remembers over a restart; over a real socket too."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import pytest

from childindex.audit import asking, tree
from childindex.audit.checkpoint import Checkpoint, Kind, Note, NotTrusted, Policy, SignerKey, WitnessAt
from childindex.audit.tiles import Tiles, TileWriter
from childindex.audit.witness import Witness

LOG = SignerKey.generate("index.example.org/ledger", Kind.LOG)
KEY = SignerKey.generate("charity.example.org", Kind.WITNESS)
LEAVES = [tree.leaf_hash(bytes([number])) for number in range(50)]


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    made = Witness(key=KEY, watched=LOG.verifier, state=tmp_path / "state")
    yield made
    made.close()


@pytest.fixture
def tiles(tmp_path: Path) -> Tiles:
    writer = TileWriter.at(tmp_path / "log", 0)
    writer.append(LEAVES)
    return writer.tiles


def note(size: int, *, signer: SignerKey = LOG, origin: str = LOG.name) -> Note:
    text = str(Checkpoint(origin=origin, size=size, root=tree.root_of(LEAVES[:size])))
    return Note(text=text, signatures=(signer.sign(text),))


def request(old: int, signed: Note, tiles: Tiles) -> bytes:
    """As a sealer asks."""
    size = Checkpoint.parse(signed.text).size
    proof = tree.consistency(old, size, tiles.node(size)) if old <= size else []
    return f"old {old}\n{''.join(b64encode(line).decode() + chr(10) for line in proof)}\n{signed}".encode()


def test_it_cosigns_what_goes_on_from_what_it_saw(witness: Witness, tiles: Tiles, tmp_path: Path) -> None:
    for old, size in [(0, 3), (3, 3), (3, 40), (40, 50)]:
        answer = witness.add_checkpoint(request(old, note(size), tiles), moment=1000 + size)
        assert answer.status == HTTPStatus.OK
        signed = Note.parse(f"{note(size)}{answer.body.decode()}".encode())
        assert KEY.verifier.check(signed) == 1000 + size
    witness.close()
    again = Witness(key=KEY, watched=LOG.verifier, state=tmp_path / "state")
    assert Checkpoint.parse(Note.parse(again.latest(moment=1).body).text).size == 50
    assert [line.split(b" ")[1] for line in again.history().body.splitlines()] == [b"3", b"40", b"50"]
    again.close()


def test_what_it_refuses_and_how(witness: Witness, tiles: Tiles) -> None:
    stranger = SignerKey.generate(LOG.name, Kind.LOG)
    assert witness.add_checkpoint(request(0, note(20), tiles), moment=1).status == HTTPStatus.OK
    refused = {
        HTTPStatus.NOT_FOUND: request(20, note(30, origin="another.example"), tiles),
        HTTPStatus.FORBIDDEN: request(20, note(30, signer=stranger), tiles),
        HTTPStatus.BAD_REQUEST: request(30, note(20), tiles),
        HTTPStatus.UNPROCESSABLE_ENTITY: request(20, note(30), tiles).replace(
            b"old 20\n", b"old 20\n" + b64encode(bytes(32)) + b"\n"
        ),
    }
    for status, body in refused.items():
        assert witness.add_checkpoint(body, moment=2).status == status
    behind = witness.add_checkpoint(request(10, note(30), tiles), moment=2)
    assert (behind.status, behind.body) == (HTTPStatus.CONFLICT, b"20\n")
    assert Checkpoint.parse(Note.parse(witness.latest(moment=1).body).text).size == 20


@pytest.mark.parametrize(
    "body", [b"", b"old 1\n", b"old x\n\n", b"new 1\n\nnote", b"old 1\n!\n\n" + str(note(2)).encode()]
)
def test_what_is_no_request_is_refused(body: bytes, witness: Witness) -> None:
    assert witness.add_checkpoint(body, moment=1).status == HTTPStatus.BAD_REQUEST


def test_one_process_a_state(witness: Witness, tmp_path: Path) -> None:
    del witness
    with pytest.raises(NotTrusted, match="another witness"):
        Witness(key=KEY, watched=LOG.verifier, state=tmp_path / "state")


def test_a_log_s_key_makes_no_witness(tmp_path: Path) -> None:
    with pytest.raises(NotTrusted, match="not a witness"):
        Witness(key=LOG, watched=LOG.verifier, state=tmp_path / "state")


def proofs_of(tiles: Tiles, size: int) -> asking.Proof:
    return lambda old: tree.consistency(old, size, tiles.node(size))


@contextmanager
def served(witness: Witness, listen: str) -> Iterator[str]:
    """The witness answering in a thread of its own, and its address."""
    with asking.serving(witness, listen=listen, clock=lambda: 1234.5) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        place = server.socket.getsockname()
        yield listen if isinstance(place, str) else f"http://{place[0]}:{place[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("listen", ["unix:socket", pytest.param("127.0.0.1:0", marks=pytest.mark.enable_socket)])
def test_it_is_asked_over_a_socket(
    listen: str, witness: Witness, tiles: Tiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE_SECONDS", 60)
    with served(witness, listen.replace("unix:", f"unix:{tmp_path}/")) as url:
        policy = Policy.parse(f"log {LOG.verifier}\nwitness w {KEY.verifier} {url}\nquorum w\n")
        cosigners = asking.Cosigners(policy)
        for size in (7, 50):
            signed = cosigners.cosign(note(size), proofs_of(tiles, size))
            assert policy.open(str(signed).encode())[1] == [1234]
        assert asking.latest(policy.witnesses["w"])[0].size == 50
        assert [line.size for line in asking.history(policy.witnesses["w"])] == [7, 50]
        assert asking.ask(url, "/nothing")[0] == HTTPStatus.NOT_FOUND
        assert asking.ask(url, "/nothing", b"x")[0] == HTTPStatus.BAD_REQUEST
        with suppress(asking.Unreachable):  # answered before all of it has been sent, or hung up on
            assert asking.ask(url, "/add-checkpoint", b"x" * 70_000)[0] == HTTPStatus.BAD_REQUEST
        # Somebody has rewritten the log: it is not cosigned, and the evidence is kept.
        text = note(50).text.replace("\n50\n", "\n51\n")
        forged = Note(text=text, signatures=(LOG.sign(text),))
        assert len(cosigners.cosign(forged, lambda _: []).signatures) == 1
        assert text in (tmp_path / "state.refused").read_text()
        cosigners.close()
    with pytest.raises(asking.Unreachable):
        asking.latest(policy.witnesses["w"])
    with pytest.raises(asking.Unreachable):
        asking.history(WitnessAt(key=KEY.verifier, url="unix:/nonexistent"))
