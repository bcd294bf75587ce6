"""A file of queries against the index, for evaluation: on an index of made-up children only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.children import selectors as children
from childindex.kernel.identity import Identity
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import selectors as matching
from childindex.matching.types import Ranked
from childindex.supply.types import QueriesMatched, Query, QueryMatch

MOST_ANSWERS = 10
_SECONDS_TO_MS = 1_000


def match_queries(
    *, actor: Actor, queries: Sequence[Query], clock: Callable[[], float], at: datetime
) -> QueriesMatched:
    """Look for each query's child the way a search does, at most ten answers each, best first.

    Keys of hidden fields find open children alone. `clock` gives seconds, to time each query by. Recorded: how many
    queries, and every child found. Refused without INDEX_BATCH_MATCH, and (LIVE_INDEX) unless settings say that every child
    here is made up.
    """
    with audit.entry(Event.CHILDREN_MATCHED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_BATCH_MATCH, at=at)
        if not settings.DEMO:
            raise Denied(Refusal.LIVE_INDEX)
        found: list[tuple[Query, list[Ranked], float]] = []
        for query in queries:
            began = clock()
            ranked = matching.ranked(query.identity, open_only=_names_a_hidden_field(query.identity))[:MOST_ANSWERS]
            found.append((query, ranked, (clock() - began) * _SECONDS_TO_MS))
        shown = sorted({one.child for _, ranked, _ in found for one in ranked})
        entry.about(shown)
        entry.note(queries=len(queries), children=len(shown))
        return QueriesMatched(receipt=entry.receipt, matches=_answers(found, shown, entry.receipt))


def _names_a_hidden_field(identity: Identity) -> bool:
    """Whether a query gives anything a shield hides (R 3.06)."""
    who = identity
    return bool(who.postcode or who.address or who.uprn or who.nhs_number or who.upn or who.carers)


def _answers(
    found: Sequence[tuple[Query, list[Ranked], float]], shown: Sequence[UUID], receipt: Receipt
) -> tuple[QueryMatch, ...]:
    """What is found as lines, with the records of each child."""
    numbers, sources = children.index_numbers(shown), children.sources_of(shown, receipt=receipt)
    return tuple(
        QueryMatch(
            query_id=query.query_id,
            rank=rank,
            index_number=numbers[one.child],
            score=one.score,
            records=tuple(f"{feed}:{record_id}" for feed, record_id in sources.get(one.child, [])),
            ms=round(ms, 3),
        )
        for query, ranked, ms in found
        for rank, one in enumerate(ranked, start=1)
    )
