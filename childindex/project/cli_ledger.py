"""The commands of the ledger: its sealer, witnesses and monitor, verifying it, and what is handed out of it."""

from __future__ import annotations

import json as json_text
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any
from uuid import UUID

import typer

from childindex.audit.checkpoint import Kind, NotTrusted, SignerKey
from childindex.audit.types import Fault
from childindex.kernel.people import CASE_REFERENCE
from childindex.project import ledger, processes
from childindex.project.console import CommandError, Json, answer, command, say
from childindex.project.database import Process

commands = typer.Typer()

SENTENCES = {
    Fault.CHECKPOINT_NOT_TRUSTED: "The checkpoint is not signed by the ledger's key and a quorum of witnesses.",
    Fault.CHECKPOINT_OLD: "The checkpoint is older than what a witness has cosigned: it was put back.",
    Fault.FORKED: "The sealed tree is not the one that a witness saw grow: it was rewritten and signed anew.",
    Fault.WITNESSES_SILENT: "Too few witnesses answer to say whether the checkpoint is the newest.",
    Fault.TILES_CHANGED: "The sealed hashes do not lead to the cosigned root, or are missing.",
    Fault.ENTRIES_GONE: "The newest entries are gone: cut off, or the database was set back.",
    Fault.ENTRY_GONE: "Entries are gone.",
    Fault.ENTRY_CHANGED: "Entries are not what was sealed.",
    Fault.COLUMNS_CHANGED: "Columns say something else than the entry that was sealed.",
    Fault.TERMS_CHANGED: "Search terms are not those that were sealed.",
    Fault.HASH_CHANGED: "A hash that stands beside an entry was changed.",
    Fault.NOT_SEALED: "Entries have been waiting for the sealer for more than a minute.",
    Fault.NEVER_QUEUED: "Entries stand in no tree and in no queue.",
    Fault.GONE_BEFORE_SEALING: "Entries were deleted before they were sealed.",
    Fault.TABLES_REPLACED: "The ledger's tables have been replaced by something that may show each reader something else.",
}


@commands.command("sealer")
@command
def sealer_command() -> None:
    """Seal entries into the tree until stopped: at a hundred or after ten seconds, cosigned by the witnesses."""
    ledger.seal()


@commands.command("witness")
@command
def witness_command(
    *,
    key: Annotated[Path, typer.Option(help="The witness's own key, as ledger-key wrote it.", exists=True)],
    policy: Annotated[Path, typer.Option(help="The policy that names the ledger's key.", exists=True)],
    state: Annotated[Path, typer.Option(help="The witness's own file; made if missing.")],
    listen: Annotated[str, typer.Option(help="unix:/path or host:port.")],
) -> None:
    """Cosign what the ledger signs, only ever forwards, until stopped. Needs no database."""
    ledger.witness(key_file=key, policy_file=policy, state=state, listen=listen)


@commands.command("ledger-key")
@command
def ledger_key_command(
    name: Annotated[str, typer.Argument(help="Whose key: index.example.org/ledger, witness.example.org.")],
    out: Annotated[Path, typer.Argument(help="The file for the private key; refused if it is there.")],
    *,
    witness: Annotated[bool, typer.Option("--witness", help="A witness's key instead of the ledger's.")] = False,
    json: Json = False,
) -> None:
    """Make a signing key, and print its public half for the policy."""
    if not re.fullmatch(r"[^\s+]+", name):
        raise typer.BadParameter("a name has no spaces and no plus")
    made = SignerKey.generate(name, Kind.WITNESS if witness else Kind.LOG)
    write_key(out, made)
    if json:
        answer({"key": str(made.verifier)})
    else:
        say(f"The private key is in {out}. For the policy:")
        typer.echo(str(made.verifier))


def write_key(path: Path, key: SignerKey) -> None:
    """A private key in a file that only its owner can read. Refused if the file is there."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise CommandError(f"{path} is there already; a key is never overwritten.") from error
    path.write_text(key.text() + "\n", encoding="utf-8")


@commands.command("verify-ledger")
@command
def verify_ledger_command(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped, recent entries first.")] = False,
    every: Annotated[int, typer.Option(min=1, help="With --watch: a round every so many seconds.")] = 10,
    entries_a_round: Annotated[
        int, typer.Option(min=1, help="With --watch: how many older entries each round reads again.")
    ] = 200_000,
    json: Json = False,
) -> None:
    """Check the ledger against its checkpoints and witnesses. Exits 1 and names the first position that is not right."""
    if watch:
        ledger.watch(every=every, entries_a_round=entries_a_round)
    processes.become(Process.MONITOR)
    from childindex.audit.verifying import Report, Verifier  # noqa: PLC0415 - needs Django set up

    tiles, policy = ledger.ledger_of_settings()
    began = perf_counter()
    report: Report = Verifier(tiles=tiles, policy=policy, pause=time.sleep).whole()
    seconds = perf_counter() - began
    if json:
        answer(_as_dict(report, seconds))
    else:
        for loss in report.losses:
            say(ledger.sentence_of(loss))
        for finding in report.findings:
            place = (
                "" if finding.position is None else f" From position {finding.position}; {finding.count:,} affected."
            )
            say(f"{finding.fault.value}: {SENTENCES[finding.fault]}{place}")
        say(f"{report.checked:,} of {report.size:,} sealed entries checked in {seconds:.1f} s")
    if not report.sound:
        first = next((one.position for one in report.findings if one.position is not None), None)
        raise CommandError(
            f"The ledger is not sound: {'first at position ' + str(first) if first is not None else report.findings[0].fault.value}."
        )


def _as_dict(report: Any, seconds: float) -> dict[str, Any]:
    return {
        "sound": report.sound,
        "size": report.size,
        "checked": report.checked,
        "seconds": round(seconds, 2),
        "findings": [
            {"fault": one.fault.value, "position": one.position, "entries": one.count} for one in report.findings
        ],
        "restores": [
            {
                "incident": loss.incident,
                "first": loss.first,
                "entries": loss.until - loss.first,
                "minutes": [minute.isoformat() for minute in loss.minutes],
            }
            for loss in report.losses
        ],
    }


@commands.command("ledger-receipt")
@command
def ledger_receipt_command(
    entry: Annotated[UUID, typer.Argument(help="The entry's id.")],
    *,
    out: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
) -> None:
    """Write an entry's receipt, which anybody can check offline with tools/verify_receipt.py. Itself written down."""
    processes.become(Process.AUDIT)
    from childindex.access.sign_in import operator  # noqa: PLC0415 - needs Django set up
    from childindex.audit import proving  # noqa: PLC0415

    tiles, policy = ledger.ledger_of_settings()
    at = datetime.now(UTC)
    try:
        receipt = proving.receipt(actor=operator(at=at).ref, entry_id=entry, tiles=tiles, policy=policy, at=at)
    except (proving.NotSealed, NotTrusted) as error:
        raise CommandError("There is no such entry, it is not sealed yet, or it is not what was sealed.") from error
    out.write_text(json_text.dumps(receipt, indent=1) + "\n", encoding="utf-8")
    say(f"The receipt is in {out}.")


@commands.command("declare-restore")
@command
def declare_restore_command(
    *,
    incident: Annotated[str, typer.Option(help="The incident's reference: capitals, digits, / and -.")],
    json: Json = False,
) -> None:
    """Say in the ledger that the database was set back, and which sealed entries that lost; then the sealer goes on."""
    if not CASE_REFERENCE.fullmatch(incident):
        raise typer.BadParameter("a reference is 3 to 30 capitals, digits, / and -")
    processes.become(Process.AUDIT)
    from childindex.access.sign_in import operator  # noqa: PLC0415 - needs Django set up
    from childindex.audit import restoring  # noqa: PLC0415

    tiles, policy = ledger.ledger_of_settings()
    at = datetime.now(UTC)
    try:
        sealed = policy.open(tiles.checkpoint())[0].size
        first, until = restoring.declare(actor=operator(at=at).ref, incident=incident, sealed=sealed, at=at)
    except (restoring.NothingLost, NotTrusted) as error:
        raise CommandError(
            "No sealed entry is missing, or the checkpoint is not trusted: nothing to declare."
        ) from error
    if json:
        answer({"first": first, "entries": until - first})
    else:
        say(f"{until - first:,} entries are declared lost, positions {first} to {until - 1}.")
