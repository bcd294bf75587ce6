"""The processes that keep the ledger honest, each for ever: the sealer, a witness, the monitor. Their loops, and what they say when something is wrong."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from childindex.audit.asking import Cosigners, serving
from childindex.audit.checkpoint import NotTrusted, Policy, SignerKey
from childindex.audit.tiles import Tiles, TilesAltered
from childindex.audit.types import Loss
from childindex.audit.witness import Witness
from childindex.project.console import CommandError
from childindex.project.database import Process
from childindex.project.processes import enter_alone, stop_with_parent

log = logging.getLogger(__name__)

_SEAL_SECONDS: Final = 0.25  # how often the queue is looked at
_AGAIN_SECONDS: Final = 5.0  # after something was wrong


def policy_in(path: str | Path) -> Policy:
    """A policy file. Refused with `CommandError` if it is not there or not one."""
    try:
        return Policy.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, NotTrusted) as error:
        raise CommandError(f"The policy {path} cannot be used: {error}") from error


def ledger_of_settings() -> tuple[Tiles, Policy]:
    """The sealed tree and whose word counts, as the settings of the process that we have become name them."""
    from django.conf import settings  # noqa: PLC0415 - settings are read only once the kind of process is known

    return Tiles(Path(settings.LEDGER_FOLDER)), policy_in(settings.LEDGER_POLICY)


def seal() -> None:
    """Seals entries until told to stop. What is wrong is said at CRITICAL every five seconds until it is right again."""
    enter_alone(Process.SEALER)
    from django.conf import settings  # noqa: PLC0415
    from django.db import Error, connection  # noqa: PLC0415

    from childindex.audit.sealing import LedgerShortened, sealer  # noqa: PLC0415

    tiles, policy = ledger_of_settings()
    try:
        key = SignerKey.parse(settings.LEDGER_SIGNING_KEY)
    except NotTrusted as error:
        raise CommandError(f"LEDGER_SIGNING_KEY: {error}") from error
    cosigners = Cosigners(policy)
    with _stoppable():
        while True:
            try:
                with sealer(folder=tiles.folder, key=key, policy=policy, cosign=cosigners.cosign) as sealing:
                    while True:
                        sealing.step(moment=int(time.time()))
                        time.sleep(_SEAL_SECONDS)
            except (NotTrusted, TilesAltered, LedgerShortened) as error:
                log.critical("ledger sealing=stopped cause=%s: %s", type(error).__name__, error)
            except (Error, OSError) as error:
                log.critical("ledger sealing=stopped cause=%s", type(error).__name__)
                connection.close()
            time.sleep(_AGAIN_SECONDS)


def witness(*, key_file: Path, policy_file: Path, state: Path, listen: str) -> None:
    """Serves one witness until told to stop. It needs its own key and state and the policy's key of the log; no setting, no database."""
    stop_with_parent()
    logging.basicConfig(format="{asctime} {levelname} {name} {message}", style="{")
    try:
        key = SignerKey.parse(key_file.read_text(encoding="utf-8"))
        serves = Witness(key=key, watched=policy_in(policy_file).log, state=state)
    except (OSError, NotTrusted) as error:
        raise CommandError(f"The witness cannot start: {error}") from error
    with _stoppable(), closing(serves), serving(serves, listen=listen, clock=time.time) as server:
        server.serve_forever()


def watch(*, every: int, entries_a_round: int) -> None:
    """Verifies the ledger until told to stop; what is wrong is said at CRITICAL in every round while it stands, and the process then ends with 1."""
    enter_alone(Process.MONITOR)
    from django.db import connection  # noqa: PLC0415

    from childindex.audit.watching import Watcher  # noqa: PLC0415

    tiles, policy = ledger_of_settings()
    watcher = Watcher(
        tiles=lambda: Tiles(tiles.folder), policy=policy, pause=time.sleep, entries_a_round=entries_a_round
    )
    wrong = False
    with _stoppable(lambda: wrong):
        while True:
            began = time.monotonic()
            try:
                report = watcher.round(moment=int(time.time()))
            except Exception as error:  # noqa: BLE001 - a watcher that could be stopped by what it reads would watch nothing
                wrong = True
                log.critical("ledger watching=stopped cause=%s", type(error).__name__)
                connection.close()
            else:
                log.debug(
                    "ledger round size=%d checked=%d faults=%d", report.size, report.checked, len(report.findings)
                )
                for finding in report.findings:
                    wrong = True
                    log.critical(
                        "ledger fault=%s position=%s entries=%d", finding.fault.value, finding.position, finding.count
                    )
                for loss in report.losses:  # in every round, so that a declaration is nobody's quiet excuse
                    log.critical("ledger %s", sentence_of(loss))
            time.sleep(max(0.0, every - (time.monotonic() - began)))


def sentence_of(loss: Loss) -> str:
    """What a declared restore lost, in words."""
    minutes = (
        f"{loss.minutes[0]:%d %B %Y %H:%M} to {loss.minutes[-1]:%d %B %Y %H:%M} UTC" if loss.minutes else "unknown"
    )
    return (
        f"declared restore {loss.incident}: {loss.until - loss.first:,} entries lost, positions {loss.first} to {loss.until - 1};"
        f" sealed in {len(loss.minutes)} minutes, {minutes}"
    )


@contextmanager
def _stoppable(wrong: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Ctrl-C and a polite kill end the process in order: with 1 if anything was wrong, else with 0."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise SystemExit(int(wrong()))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    yield
