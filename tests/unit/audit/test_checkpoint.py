"""Signed notes, checkpoints and policies: what others have published reads here, and what is wrong in them is refused."""

from __future__ import annotations

import pytest

from childindex.audit import checkpoint
from childindex.audit.checkpoint import Checkpoint, Kind, Note, NotTrusted, Policy, SignerKey, VerifierKey

# The example of golang.org/x/mod/sumdb/note, which the C2SP specification describes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SIGNS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = TEXT + (
    "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of c2sp.org/tlog-checkpoint and /tlog-cosignature.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

LOG = SignerKey.generate("index.example.org/ledger", Kind.LOG)
WITNESSES = [SignerKey.generate(f"witness-{number}.example.org", Kind.WITNESS) for number in (1, 2, 3)]
BODY = str(Checkpoint(origin=LOG.name, size=7, root=bytes(32)))


def policy(quorum: str = "group both 2 one two three\nquorum both") -> Policy:
    lines = [f"log {LOG.verifier}  # not part of a line: a key has no spaces".partition("  #")[0]]
    names = ("one", "two", "three")
    lines += [f"witness {name} {key.verifier} unix:/{name}" for name, key in zip(names, WITNESSES, strict=True)]
    return Policy.parse("# whom we trust\n\n" + "\n".join(lines) + f"\n{quorum}\n")


def note(*signers: SignerKey, text: str = BODY, moment: int = 1_700_000_000) -> bytes:
    return str(Note(text=text, signatures=tuple(key.sign(text, moment=moment) for key in signers))).encode()


def test_a_published_note_is_right() -> None:
    VerifierKey.parse(PETER).check(Note.parse(NOTE.encode()))
    assert str(Note.parse(NOTE.encode())) == NOTE
    assert str(VerifierKey.parse(PETER)) == PETER


def test_a_published_key_signs_as_it_was_published() -> None:
    key = SignerKey.parse(PETER_SIGNS)
    assert str(Note(text=TEXT, signatures=(key.sign(TEXT),))) == NOTE
    assert key.text() == PETER_SIGNS
    assert PETER_SIGNS[-10:] not in repr(key)


def test_a_published_checkpoint_reads() -> None:
    read = Note.parse(SOFA.encode())
    found = Checkpoint.parse(read.text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(found) == read.text
    assert [len(line.signature) for line in read.signatures] == [64, 8 + 64]


@pytest.mark.parametrize("turned", [NOTE.replace("problem is", "problem was"), NOTE.replace("ZJkuBS", "ZJkuBT")])
def test_a_changed_note_is_refused(turned: str) -> None:
    with pytest.raises(NotTrusted):
        VerifierKey.parse(PETER).check(Note.parse(turned.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        PETER.replace("c74f20a3", "c74f20a4"),
        PETER.replace("PeterNeumann", "Peter Neumann"),
        PETER[:-4],
        PETER.replace("+AR", "+BR"),
        PETER.replace("ARpc", "!Rpc"),
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NotTrusted):
        VerifierKey.parse(text)


@pytest.mark.parametrize("text", ["", PETER, PETER_SIGNS.replace("c74f20a3", "c74f20a4"), PETER_SIGNS[:-4]])
def test_what_is_no_signing_key_is_refused(text: str) -> None:
    with pytest.raises(NotTrusted):
        SignerKey.parse(text)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"text\n",
        b"text\n\n",
        NOTE.encode()[:-1],
        b"\xff" + NOTE.encode(),
        NOTE.replace("If you", "If\tyou").encode(),
        NOTE.replace("— P", "- P").encode(),
        (NOTE + NOTE.splitlines(keepends=True)[-1] * 64).encode(),
    ],
)
def test_what_is_no_note_is_refused(written: bytes) -> None:
    with pytest.raises(NotTrusted):
        Note.parse(written)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n7\n",
        "\n7\nAAAA\n",
        "origin\n07\n" + "A" * 43 + "=\n",
        "origin\n-7\n" + "A" * 43 + "=\n",
        "o\n7\nAAAA\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotTrusted):
        Checkpoint.parse(text)


def test_log_and_a_quorum_are_believed() -> None:
    found, times = policy().open(note(LOG, *WITNESSES[:2]))
    assert found.size == 7
    assert times == [1_700_000_000] * 2


@pytest.mark.parametrize(
    "signers", [[LOG], [LOG, WITNESSES[0]], WITNESSES, [LOG, WITNESSES[0], WITNESSES[0]], [*WITNESSES, LOG, LOG]]
)
def test_less_is_not_believed(signers: list[SignerKey]) -> None:
    """No log, no quorum, and nobody twice."""
    with pytest.raises(NotTrusted):
        policy().open(note(*signers))


def test_a_stranger_under_a_witness_name_does_not_count() -> None:
    stranger = SignerKey.generate(WITNESSES[1].name, Kind.WITNESS)
    with pytest.raises(NotTrusted, match="no quorum"):
        policy().open(note(LOG, WITNESSES[0], stranger))


def test_a_wrong_signature_of_a_known_witness_spoils_the_note() -> None:
    written = note(LOG, *WITNESSES).decode()
    other = str(WITNESSES[2].sign(BODY, moment=1))
    last = written.splitlines(keepends=True)[-1]
    forged = last[:-30] + other[-30:]
    with pytest.raises(NotTrusted, match="not right"):
        policy().open(written.replace(last, forged).encode())


def test_a_short_cosignature_is_refused() -> None:
    short = checkpoint.Signature(name=WITNESSES[0].name, key_id=WITNESSES[0].verifier.id, signature=bytes(8))
    with pytest.raises(NotTrusted, match="too short"):
        policy().open(note(LOG, WITNESSES[1]) + str(short).encode())


def test_another_log_is_refused() -> None:
    with pytest.raises(NotTrusted, match="not of"):
        policy().open(note(LOG, *WITNESSES, text=BODY.replace("index", "other")))


@pytest.mark.parametrize(
    ("quorum", "needed"),
    [
        ("quorum none", 0),
        ("quorum one", 1),
        ("group some any one two\nquorum some", 1),
        ("group every all one two three\nquorum every", 3),
        ("group two-of 1 two three\ngroup nested all one two-of\nquorum nested", 2),
    ],
)
def test_quorums(quorum: str, needed: int) -> None:
    for count in range(4):
        cosigned = dict.fromkeys(("one", "two", "three")[:count], 0)
        assert policy(quorum).suffices(cosigned) == (count >= needed)


@pytest.mark.parametrize(
    "quorum",
    [
        "",
        "quorum four",
        "quorum one\nquorum two",
        "group g 2 one one\nquorum g",
        "group g 0 one two\nquorum g",
        "group g 3 one two\nquorum g",
        "group g all one\ngroup h any one two\nquorum h",
        "group one any two three\nquorum one",
        "group g any\nquorum g",
        f"log {LOG.verifier}\nquorum one",
        f"witness four {LOG.verifier}\nquorum one",
        f"witness four {WITNESSES[0].verifier}\nquorum one",
        "witness four\nquorum one",
        "trust everybody\nquorum one",
    ],
    # Keys are made anew in each process, and every process must know a test by one name.
    ids=lambda lines: (lines.split() or ["nothing"])[0],
)
def test_what_is_no_policy_is_refused(quorum: str) -> None:
    with pytest.raises(NotTrusted):
        policy(quorum)
