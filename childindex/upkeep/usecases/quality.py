"""How often the automatic decisions are wrong: a weekly sample, judged without knowing what was decided (R 4.16-4.18; N 9-11)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.services import Entry
from childindex.audit.types import Event
from childindex.children import merging as entries
from childindex.children import selectors as children
from childindex.children import services as writing
from childindex.directory import selectors as directory
from childindex.directory.types import Feed
from childindex.kernel.dates import day_in_england, start_of_day_in_england
from childindex.kernel.identity import ChildId, Identity
from childindex.kernel.numbers import spaced_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import reviews
from childindex.matching.quality import drawn, judged
from childindex.matching.quality.drawing import draw
from childindex.matching.quality.estimating import Figure, figure, figures_by
from childindex.matching.quality.types import Kind, Line, Said, SampledPair, Sizes
from childindex.matching.types import PROPOSED, Progress
from childindex.upkeep import selectors
from childindex.upkeep.panel import By, Panel, PutRight, SampledJudged, SampleDrawn, SampledShown

# A week, less what one night's job may begin earlier than another's.
_EVERY: Final = timedelta(days=6, hours=12)
_SHOWN_FOR: Final = timedelta(weeks=12)
_ASKED_FOR: Final = timedelta(weeks=4)
# What is to be put right is listed so far; the rest comes up as these are put right.
_LISTED: Final = 50
_GROUPS: Final[dict[By, Callable[[Line], str | None]]] = {
    By.AGE: lambda line: line.groups.age if line.groups else None,
    By.NAME: lambda line: line.groups.name if line.groups else None,
    By.NUMBER: lambda line: line.groups.number if line.groups else None,
}


def draw_sample(*, actor: Actor, until: datetime, sizes: Sizes, seed: int, at: datetime) -> SampleDrawn:
    """Sample what was decided without a person since the last sample, up to a moment; the worker's part, once a week.

    Links and near misses alike, stratified by authority, supplier and score. Nothing of a shielded or sealed child or near one
    (R 3.19), and nothing of a supplier that may bring a sensitive service, or of which the register does not say that it does
    not: who has judged a pair could tell from the figures whose it was (R 1.24). Less than a week after the last one nothing is
    drawn. Recorded: counts and the seed; every child when they are shown. Refused without MATCHING_SAMPLE_DRAW.
    """
    with audit.entry(Event.MATCH_SAMPLE_DRAWN, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_SAMPLE_DRAW, at=at)
        # Nobody is shielded between asking the guard and keeping the sample.
        writing.take_turns(receipt=entry.receipt)
        since = drawn.newest()
        if since is not None and until - since < _EVERY:
            entry.note(decisions=0, pairs=0)
            return SampleDrawn(receipt=entry.receipt, decisions=0, pairs=0)
        strata = draw(drawn.decisions(since, until, feeds=_without_sensitive_services()), seed=seed, sizes=sizes)
        asked = drawn.pairs(strata, on=day_in_england(at), receipt=entry.receipt)
        drawn.keep(drawn.Period(since=since, until=until, seed=seed), strata, asked, receipt=entry.receipt)
        decisions, pairs = sum(one.population for one in strata), sum(map(len, asked.values()))
        entry.note(decisions=decisions, pairs=pairs, seed=seed)
        return SampleDrawn(receipt=entry.receipt, decisions=decisions, pairs=pairs)


def _without_sensitive_services() -> frozenset[str]:
    """The feeds of which it is known that they bring no sensitive service; a feed that has left the register is not one."""
    services = directory.service_types().values()
    plain = {service.kind for service in services} - {service.kind for service in services if service.sensitive}
    return frozenset(name for name, feed in directory.feeds().items() if _brings_only(feed, plain)) | {PROPOSED}


def _brings_only(feed: Feed, kinds: Collection[str]) -> bool:
    """Whether every kind of service a feed may bring is one of these; one that names no kinds may bring all, if it brings any."""
    return set(feed.kinds) <= set(kinds) and (bool(feed.kinds) or "service_type" not in feed.fields)


def panel(*, actor: Actor, at: datetime) -> Panel:
    """What the samples of the last twelve weeks tell of one's own authority, and what they found that is not put right yet.

    Of the latter the newest are listed, and whether there is more. Recorded: the children of what is listed. Refused without MATCHING_QUALITY_VIEW.
    """
    with audit.entry(Event.MATCH_QUALITY_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_QUALITY_VIEW, at=at)
        lines = judged.lines(actor.authority, since=at - _SHOWN_FOR, receipt=entry.receipt)
        so_far = _progress(entry, actor, at=at)
        wrong = judged.wrong(actor.authority, most=_LISTED + 1, receipt=entry.receipt)
        return Panel(
            receipt=entry.receipt,
            whole=figure(lines),
            by={By.SUPPLIER: _by_supplier(lines), **{what: figures_by(lines, key) for what, key in _GROUPS.items()}},
            weeks=_by_week(lines),
            left=so_far.left,
            next=so_far.next,
            put_right=_to_put_right(entry, wrong[:_LISTED]),
            more=len(wrong) > _LISTED,
        )


def _by_supplier(lines: Sequence[Line]) -> dict[str, Figure]:
    """One figure for all feeds of a supplier's name; a feed that has left the register goes by its own."""
    suppliers = {name: feed.supplier for name, feed in directory.feeds().items()}
    return figures_by(lines, lambda line: suppliers.get(line.feed, line.feed))


def _by_week(lines: Sequence[Line]) -> dict[date, Figure]:
    """One figure for all samples that end on a day, the oldest first."""
    by_day = figures_by(lines, lambda line: day_in_england(line.until).isoformat())
    return {date.fromisoformat(day): those for day, those in by_day.items()}


def _to_put_right(entry: Entry, found: Sequence[SampledPair]) -> tuple[PutRight, ...]:
    those = [child for pair in found for child in (pair.child, pair.own)]
    entry.about(those)
    numbers = entries.number_of(those)
    return tuple(
        PutRight(
            kind=pair.kind,
            judged_on=day_in_england(pair.judged_at),
            number=spaced_index_number(numbers[pair.child]),
            other=spaced_index_number(numbers[pair.own]) if pair.kind is Kind.NEAR_MISS else "",
        )
        for pair in found
        if pair.judged_at is not None
    )


def show(*, actor: Actor, pair_id: UUID, at: datetime) -> SampledShown:
    """One record beside one child, and beside those who may be their twins; never what was decided about it.

    A linked record is compared with the child's other records, so that a link and a near miss look alike; neither supplier nor
    names apart from the facts are shown. Recorded: every child shown, and the pair. Refused without MATCHING_REVIEW_VIEW, and
    (NOT_FOUND) alike for another authority's, for one that is judged or does not stand any more, and for one that never was.
    """
    with audit.entry(Event.MATCH_SAMPLE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_VIEW, at=at)
        pair, who = _pair(entry, actor, pair_id, at=at)
        [weighed] = reviews.weigh(who, [pair.child], without=pair.record)
        beside = reviews.neighbours(who, [pair.child, pair.own])
        entry.about(beside)
        named = children.summaries(beside, receipt=entry.receipt)
        others = [
            one.identity for one in children.records_of([pair.child], receipt=entry.receipt) if one.id != pair.record
        ]
        so_far = _progress(entry, actor, at=at)
        return SampledShown(
            receipt=entry.receipt,
            pair=pair.id,
            facts=selectors.side_by_side(who, [(weighed.candidate.levels, others)]),
            neighbours=tuple(selectors.named_child(named[ChildId(child)]) for child in beside),
            done=so_far.done,
            left=so_far.left,
        )


def judge(*, actor: Actor, pair_id: UUID, said: Said, at: datetime) -> SampledJudged:
    """Keep what one says of a sampled pair. It changes nothing: what is wrong is put right by the ordinary merge or split.

    Recorded: the children, and what was said. Refused without MATCHING_REVIEW_DECIDE, and (NOT_FOUND) as `show`.
    """
    with audit.entry(Event.MATCH_SAMPLE_JUDGED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.MATCHING_REVIEW_DECIDE, at=at)
        pair, who = _pair(entry, actor, pair_id, lock=True, at=at)
        [weighed] = reviews.weigh(who, [pair.child], without=pair.record)
        otherwise = judged.answer(pair, said, weighed.candidate, by=actor.ref.person, receipt=entry.receipt)
        entry.note(said=said.value, otherwise=otherwise)
        return SampledJudged(receipt=entry.receipt, otherwise=otherwise, next=_progress(entry, actor, at=at).next)


def _pair(
    entry: Entry, actor: Actor, pair_id: UUID, *, at: datetime, lock: bool = False
) -> tuple[SampledPair, Identity]:
    """A pair that waits for the actor's authority, and who its record says the child is; the ledger's entry takes on both children."""
    entry.note(pair=str(pair_id))
    pair = judged.waiting_pair(
        pair_id, authority=actor.authority, since=at - _ASKED_FOR, lock=lock, receipt=entry.receipt
    )
    if pair is None:
        raise Denied(Refusal.NOT_FOUND, "pair")
    entry.about([pair.child, pair.own])
    records = children.records_of([pair.own], receipt=entry.receipt)
    return pair, next(one.identity for one in records if one.id == pair.record)


def _progress(entry: Entry, actor: Actor, *, at: datetime) -> Progress:
    return judged.progress(
        actor.authority,
        by=actor.ref.person,
        today=start_of_day_in_england(at),
        since=at - _ASKED_FOR,
        receipt=entry.receipt,
    )
