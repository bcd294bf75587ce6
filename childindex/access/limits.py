"""How much is looked up, counted in the transaction of the ledger entry that says it was (T02, T03, T04; threats 1.4).

One statement a request, on one row for each person: it is locked until the entry is written, so that requests at the same
time cannot pass the limits together, and rolled back with whatever is refused. Nothing is kept in a process, so a restart
forgets nothing. What is counted does not depend on what was found: the limit tells nothing about any child.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from childindex.access import policies
from childindex.access.types import Actor, Looked
from childindex.audit.services import Entry
from childindex.kernel.people import Reason

_SEARCHED: Final = """
INSERT INTO access_use AS u (account_id, used_at, searched_at, listed, listed_at, opened, opened_at, newly_opened,
                             reference, reference_children)
VALUES (%(account)s, %(at)s, ARRAY[%(at)s]::timestamptz[], '{}', '{}', '{}', '{}', false, 0, 0)
ON CONFLICT (account_id) DO UPDATE SET used_at = excluded.used_at,
  searched_at = ARRAY(SELECT t FROM unnest(u.searched_at) t WHERE t > %(at)s - interval '10 minutes' ORDER BY t DESC LIMIT 150)
    || excluded.searched_at
RETURNING searched_at, access_role_times(%(role)s, %(organisation)s, %(day)s)
"""

_LISTED: Final = """
INSERT INTO access_use AS u (account_id, used_at, searched_at, listed, listed_at, opened, opened_at, newly_opened,
                             reference, reference_children)
VALUES (%(account)s, %(at)s, '{}', %(listed)s::smallint[], %(listed_at)s::timestamptz[], '{}', '{}', false, 0, 0)
ON CONFLICT (account_id) DO UPDATE SET used_at = excluded.used_at, (listed, listed_at) = (
  SELECT COALESCE(array_agg(n ORDER BY t), '{}') || excluded.listed, COALESCE(array_agg(t ORDER BY t), '{}') || excluded.listed_at
    FROM (SELECT n, t FROM unnest(u.listed, u.listed_at) AS o (n, t) WHERE t > %(at)s - interval '1 hour'
          ORDER BY t DESC LIMIT 3000) AS kept)
RETURNING listed, listed_at, access_role_times(%(role)s, %(organisation)s, %(day)s)
"""

# A child opened again moves to the end. The organisation counts a child once for each person and day; its row is changed
# after the person's, always in that order.
_OPENED: Final = """
WITH mine AS (
  INSERT INTO access_use AS u (account_id, used_at, searched_at, listed, listed_at, opened, opened_at, newly_opened,
                               reference, reference_children)
  VALUES (%(account)s, %(at)s, '{}', '{}', '{}', ARRAY[%(child)s]::bigint[], ARRAY[%(at)s]::timestamptz[], true,
          %(reference)s, CASE WHEN %(reference)s = 0 THEN 0 ELSE 1 END)
  ON CONFLICT (account_id) DO UPDATE SET used_at = excluded.used_at, (opened, opened_at, newly_opened) = (
      SELECT COALESCE(array_agg(c ORDER BY t) FILTER (WHERE c <> %(child)s), '{}') || excluded.opened,
             COALESCE(array_agg(t ORDER BY t) FILTER (WHERE c <> %(child)s), '{}') || excluded.opened_at,
             count(*) FILTER (WHERE c = %(child)s) = 0
        FROM (SELECT c, t FROM unnest(u.opened, u.opened_at) AS o (c, t) WHERE t > %(at)s - interval '1 day'
              ORDER BY t DESC LIMIT 1000) AS kept),
    reference = CASE WHEN %(reference)s = 0 THEN u.reference ELSE excluded.reference END,
    reference_children = CASE WHEN %(reference)s = 0 THEN u.reference_children
                              WHEN u.reference <> %(reference)s THEN 1
                              WHEN %(child)s = ANY (u.opened) THEN u.reference_children
                              ELSE u.reference_children + 1 END
  RETURNING opened_at, newly_opened, reference_children, access_role_times(%(role)s, %(organisation)s, %(day)s) AS times),
ours AS (
  INSERT INTO access_organisationuse AS o (organisation_id, day, opened, most)
  SELECT %(organisation)s, %(day)s, 1, GREATEST(%(floor)s, %(organisation_times)s * (
           SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY COALESCE(p.opened, 0))
             FROM generate_series(1, %(days)s) AS ago
             LEFT JOIN access_organisationuse p ON p.organisation_id = %(organisation)s AND p.day = %(day)s::date - ago))
    FROM mine WHERE mine.newly_opened
  ON CONFLICT (organisation_id, day) DO UPDATE SET opened = o.opened + 1
  RETURNING opened, most)
SELECT mine.opened_at, mine.newly_opened, mine.reference_children, mine.times, ours.opened, ours.most
  FROM mine LEFT JOIN ours ON true
"""


def spend_search(entry: Entry, *, actor: Actor, at: datetime) -> None:
    """Count one search; Denied(LIMIT_REACHED) beyond two a second or thirty in ten minutes. A refused one counts as well."""
    count = partial(_count_search, actor, at=at)
    times, searched_at = count()
    for rate in policies.SEARCHES:
        _check(rate, searched_at, times=times, at=at)
    entry.count_even_if_refused(count)


def _count_search(actor: Actor, *, at: datetime) -> tuple[int, list[datetime]]:
    searched_at, times = _row(_SEARCHED, actor, at=at)
    return times, searched_at


def spend_listing(children: int, *, actor: Actor, at: datetime) -> None:
    """Count so many children shown as results; Denied(LIMIT_REACHED) beyond 600 in an hour."""
    shown = children > 0
    listed, listed_at, times = _row(
        _LISTED, actor, at=at, listed=[children] if shown else [], listed_at=[at] if shown else []
    )
    done_at = [when for when, number in zip(listed_at, listed, strict=True) for _ in range(number)]
    _check(policies.LISTED, done_at, times=times, at=at)


def spend_opening(child: UUID, *, reason: Reason, actor: Actor, at: datetime) -> Looked:
    """Count one child opened; the same child again within the span counts once.

    Denied(LIMIT_REACHED) beyond 60 in an hour or 200 in a day; and beyond ten in an hour once the organisation has had its
    day's share, for a child who was not open already. Who opens the last that a day allows is to be suspended: the answer says so.
    """
    opened_at, new, same_reference, times, ours, most = _row(
        _OPENED,
        actor,
        at=at,
        child=_hashed(actor, str(child)),
        reference=_hashed(actor, reason.case_reference) if reason.case_reference else 0,
        floor=policies.ORGANISATION_FLOOR,
        organisation_times=policies.ORGANISATION_TIMES,
        days=policies.ORGANISATION_DAYS,
    )
    for rate in policies.OPENED:
        _check(rate, opened_at, times=times, at=at)
    if new and ours > most:
        _check(policies.OPENED_BEYOND, opened_at, at=at)
    day = policies.OPENED[-1]
    return Looked(
        at_the_end=new and sum(when > at - day.within for when in opened_at) == day.most * times,
        organisation_at_the_end=new and ours == most,
        reference_children=same_reference if new and reason.case_reference else 0,
    )


def _check(rate: policies.Rate, done_at: Sequence[datetime], *, times: int = 1, at: datetime) -> None:
    """Refuse what is beyond the rate; everything is counted also where a demonstration lets its made-up children be read freely."""
    if not settings.LIMITS_LIFTED:
        policies.check_rate(rate, done_at, times=times, at=at)


def forget_uses(*, at: datetime) -> int:
    """Delete what no limit looks back to any more; the worker's part. Returns how many people's it was."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM access_use WHERE used_at < %s - interval '1 day'", [at])
        return int(cursor.rowcount)


def _row(statement: str, actor: Actor, *, at: datetime, **more: Any) -> tuple[Any, ...]:
    """The one row that a statement gives back."""
    values: dict[str, Any] = {
        "account": actor.ref.person,
        "role": actor.ref.role,
        "organisation": actor.ref.organisation,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, **more, "at": at, "day": policies.england_on(at)})
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def _hashed(actor: Actor, text: str) -> int:
    """Eight bytes that stand for a child or a case reference of one person; without the site's key they say nothing."""
    digest = salted_hmac("childindex.access.limits", f"{actor.ref.person}:{text}", algorithm="sha256").digest()
    return int.from_bytes(digest[:8], "big", signed=True) or 1
