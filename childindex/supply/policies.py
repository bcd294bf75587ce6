"""What may be done with a delivery, and what its file is held against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from childindex.directory.types import Feed, ServiceType
from childindex.supply.formats.problems import FileHeld
from childindex.supply.formats.rules import Rules, Service


def rules_for(feed: Feed, services: Mapping[str, ServiceType], *, as_at: date) -> Rules:
    """The rules for one delivery of a feed."""
    return Rules(
        feed=feed.name,
        as_at=as_at,
        services={code: Service(kind=one.kind, sensitive=one.sensitive) for code, one in services.items()},
        kinds=frozenset(feed.kinds),
        fields=feed.fields,
        organisation=feed.organisation,
    )


def check_removals(*, held: int, absent: int, percent: int) -> None:
    """Hold a snapshot that leaves out more of the feed's records than was agreed: it may be half a file (T23)."""
    if absent * 100 > held * percent:
        raise FileHeld("removals", f"{absent} of {held} are missing; {percent} % are agreed.")


def check_not_older(as_at: date, *, newest: date | None) -> None:
    """Hold a snapshot that speaks for an earlier day than one already applied: it would undo what is newer."""
    if newest is not None and as_at < newest:
        raise FileHeld("older")
