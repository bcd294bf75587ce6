"""A ledger with its folder, keys and witnesses, for tests: entries are written as the site writes them and sealed as the sealer does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from childindex.audit import asking, sealing
from childindex.audit import services as audit
from childindex.audit.checkpoint import Kind, Policy, SignerKey
from childindex.audit.sealing import Sealer
from childindex.audit.tiles import Tiles
from childindex.audit.types import Event
from childindex.audit.verifying import Report, Verifier
from childindex.audit.watching import Watcher
from childindex.audit.witness import Witness
from childindex.kernel.people import ActorRef, Channel, Reason, ReasonCode

AT = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
NOON = int(AT.timestamp())
SOMEBODY = ActorRef(account_id=uuid4(), role="social_worker", organisation="gss:E08000003", channel=Channel.WEB)
ORIGIN = "index.example.org/ledger"
NAMES = ("council", "charity", "inspectorate")
AsRole = Callable[[str], AbstractContextManager[None]]


@dataclass
class Ledger:
    """One ledger under test. `down` are the witnesses that do not answer."""

    folder: Path
    as_role: AsRole
    key: SignerKey = field(default_factory=lambda: SignerKey.generate(ORIGIN, Kind.LOG))
    keys: dict[str, SignerKey] = field(
        default_factory=lambda: {name: SignerKey.generate(f"{name}.example.org", Kind.WITNESS) for name in NAMES}
    )
    witnesses: dict[str, Witness] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    moment: int = NOON
    kept: dict[int, bytes] = field(default_factory=dict)  # every checkpoint there was, by size

    @property
    def policy_text(self) -> str:
        """Two of three witnesses."""
        lines = [f"witness {name} {key.verifier} unix:/{name}" for name, key in self.keys.items()]
        return "\n".join(
            [f"log {self.key.verifier}", *lines, f"group two-of-three 2 {' '.join(NAMES)}", "quorum two-of-three\n"]
        )

    @property
    def policy(self) -> Policy:
        return Policy.parse(self.policy_text)

    @property
    def log(self) -> Path:
        """The sealer's folder."""
        return self.folder / "log"

    @property
    def tiles(self) -> Tiles:
        return Tiles(self.log)

    def state(self, name: str) -> Path:
        """A witness's own file."""
        return self.folder / f"{name}.state"

    def start_witnesses(self) -> None:
        """Each from its own file, as after a restart."""
        self.stop()
        for name, key in self.keys.items():
            self.witnesses[name] = Witness(key=key, watched=self.key.verifier, state=self.state(name))

    def stop(self) -> None:
        for witness in self.witnesses.values():
            witness.close()
        self.witnesses.clear()

    def ask(self, url: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """What `asking.ask` does, without a socket."""
        name = url.rpartition("/")[2]
        if name in self.down or name not in self.witnesses:
            raise asking.Unreachable(f"{name} is down")
        witness = self.witnesses[name]
        if body is not None:
            answer = witness.add_checkpoint(body, moment=self.moment)
        else:
            answer = witness.latest(moment=self.moment) if path == "/checkpoint" else witness.history()
        return answer.status, answer.body

    def write(self, count: int, *, shown: int = 1) -> list[UUID]:
        """So many entries, as the site."""
        reason = Reason(code=ReasonCode.CONTACT, case_reference="MA/123")
        written = []
        with self.as_role("web"):
            for number in range(count):
                at = AT + timedelta(seconds=number)
                with audit.entry(Event.CHILD_VIEWED, actor=SOMEBODY, reason=reason, at=at) as entry:
                    entry.about([uuid4() for _ in range(shown)])
                    entry.note(shown=shown)
                    written.append(entry.id)
        return written

    @contextmanager
    def sealer(self) -> Iterator[Sealer]:
        """A sealer that has just been started, in the sealer's login."""
        cosigners = asking.Cosigners(self.policy)
        with (
            self.as_role("sealer"),
            sealing.sealer(folder=self.log, key=self.key, policy=self.policy, cosign=cosigners.cosign) as made,
        ):
            yield made
        cosigners.close()

    def seal(self, sizes: Sequence[int] = (0,)) -> None:
        """Write and seal, once for each number of entries."""
        for count in sizes:
            self.write(count)
            with self.sealer() as sealer:
                sealer.step(moment=self.moment, at_once=True)
                self.kept[sealer.published] = self.tiles.checkpoint()
            self.moment += 10

    def verify(self) -> Report:
        """The whole ledger, in the monitor's login."""
        with self.as_role("monitor"):
            return Verifier(tiles=self.tiles, policy=self.policy, pause=_no_pause).whole()

    def watcher(self, *, entries_a_round: int = 1000) -> Watcher:
        """A monitor that has just been started; its rounds are made in the monitor's login by `look`."""
        return Watcher(tiles=lambda: self.tiles, policy=self.policy, pause=_no_pause, entries_a_round=entries_a_round)

    def look(self, watcher: Watcher) -> Report:
        """One round of a monitor."""
        with self.as_role("monitor"):
            return watcher.round(moment=self.moment)


def _no_pause(seconds: float) -> None:
    """Nobody waits in a test."""
    del seconds


@contextmanager
def made_ledger(folder: Path, as_role: AsRole, patch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    """A ledger with three witnesses and nothing in it; their sockets are left out."""
    ledger = Ledger(folder=folder, as_role=as_role)
    ledger.start_witnesses()
    patch.setattr(asking, "ask", ledger.ask)
    patch.setattr(asking, "PATIENCE_SECONDS", 60)  # a busy machine is no silent witness
    yield ledger
    ledger.stop()
