"""Setting up the register of an index from its four files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from childindex.access.services import require
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event
from childindex.directory import selectors as directory
from childindex.directory import services as directory_services
from childindex.kernel.refusals import Refusal
from childindex.supply.formats.register import RegisterWrong, read_register
from childindex.supply.types import DeliveryRefused, SetUp


def set_up(*, actor: Actor, folder: Path, at: datetime) -> SetUp:
    """Read organisations.csv, services.csv, feeds.toml and postcodes.csv of a folder into the register.

    The same again changes nothing. Checked: every name a file uses exists in another. Recorded: one entry with the
    counts. Refused without DIRECTORY_REGISTER_CHANGE, and at the first fault in a file, with its place (R 4.01).
    """
    with audit.entry(Event.DIRECTORY_SET_UP, actor=actor.ref, at=at) as entry:
        require(actor, Permission.DIRECTORY_REGISTER_CHANGE, at=at)
        try:
            register = read_register(folder, authorities=directory.known_authorities())
        except RegisterWrong as wrong:
            raise DeliveryRefused(Refusal.FILE_UNREADABLE, wrong.file, wrong.sentence) from None
        parts = directory_services.set_up(register, receipt=entry.receipt)
        for name, changes in parts.items():
            entry.note(**{f"{name}_new": changes.new, f"{name}_changed": changes.changed})
        return SetUp(parts=parts)
