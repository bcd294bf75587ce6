"""What a file is checked against: the feed it comes from, the services there are, and the day it speaks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from childindex.directory.types import Feed, ServiceType


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a reader must know of a kind of service."""

    kind: str
    sensitive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything outside the file that decides whether a row is good.

    `fields` are the columns the feed is licensed to give (R 4.01), None where that is not asked; `kinds` the kinds of
    service it supplies, empty where that is not asked; `services` the list of services, None where there is none to
    hold a file against, as in a trial. `organisation` stands in where a row names none.
    """

    feed: str
    as_at: date
    services: Mapping[str, Service] | None = None
    kinds: frozenset[str] = frozenset()
    fields: frozenset[str] | None = None
    organisation: str = ""


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
