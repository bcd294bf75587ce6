"""What a steward is shown of entries, merges and splits. Only open entries: every other is as if it were not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from childindex.access import selectors as access
from childindex.access.roles import name_of
from childindex.access.types import Actor
from childindex.audit.types import Receipt
from childindex.children import merging as entries
from childindex.children import selectors as children
from childindex.children.types import NameKind, StoredRecord, WhereaboutsKind
from childindex.directory import selectors as directory
from childindex.directory.types import Feed, ServiceType
from childindex.involvement import selectors as involvement
from childindex.involvement.types import InvolvementLine
from childindex.kernel.identity import Tier
from childindex.kernel.numbers import read_index_number, spaced_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.upkeep.joining import kept, rules
from childindex.upkeep.joins import (
    EntryShown,
    Line,
    LineShown,
    Merge,
    NoticeLine,
    Pair,
    RecordShown,
    Saw,
    Split,
    State,
)

_DECLARED = "practitioner"


class Words:
    """What codes stand for; read once for a page."""

    @cached_property
    def services(self) -> Mapping[str, ServiceType]:
        """Kinds of service."""
        return directory.service_types()

    @cached_property
    def feeds(self) -> Mapping[str, Feed]:
        """Suppliers."""
        return directory.feeds()

    @cached_property
    def organisations(self) -> Mapping[str, str]:
        """Names of organisations by code."""
        return {code: one.name for code, one in directory.organisations().items()}

    @cached_property
    def authorities(self) -> Mapping[str, str]:
        """Names of authorities by code."""
        return directory.known_authorities()

    def is_sensitive(self, feed: str) -> bool:
        """Whether a supplier is known for a sensitive kind of service, so that its name would tell."""
        kinds = {one.kind for one in self.services.values() if one.sensitive}
        found = self.feeds.get(feed)
        return found is not None and bool(kinds & set(found.kinds))


def open_child(index_number: str) -> UUID:
    """The open child of an index number; raises Denied(NOT_FOUND) alike for none, for a shielded and for a sealed one."""
    number = read_index_number(index_number)
    found = children.by_index_number(number) if number is not None else []
    if not found or found[0].tier is not Tier.OPEN:
        raise Denied(Refusal.NOT_FOUND)
    return found[0].id


def entry(child: UUID, *, words: Words, receipt: Receipt) -> EntryShown:
    """One open entry; raises Denied(NOT_FOUND) for every other."""
    whole = children.entry_of(child, receipt=receipt)
    if whole is None:
        raise Denied(Refusal.NOT_FOUND)
    lines = involvement.of_child(child, receipt=receipt)
    names = [f"{one.given_name} {one.family_name}".strip() for one in whole.names]
    current = next(place for place, one in enumerate(whole.names) if one.kind is NameKind.CURRENT)
    records = children.records_of([child], receipt=receipt)
    summary = whole.summary
    return EntryShown(
        receipt=receipt,
        index_number=spaced_index_number(summary.index_number),
        name=names[current],
        other_names=tuple(name for place, name in enumerate(names) if place != current),
        birth_date=summary.birth_date,
        sex=summary.sex,
        addresses=tuple(
            ", ".join(part for part in (one.address, one.postcode) if part)
            for one in whole.whereabouts
            if one.kind in {WhereaboutsKind.CURRENT, WhereaboutsKind.LAST_KNOWN}
        ),
        carers=tuple(one.name for one in whole.carers),
        authority=words.authorities.get(summary.responsible_authority, summary.responsible_authority),
        records=tuple(_record(one, hide=words.is_sensitive(one.feed)) for one in records),
        lines=tuple(_line(one, words) for one in lines if not one.sensitive),
    )


def _record(record: StoredRecord, *, hide: bool) -> RecordShown:
    """One record; which supplier it is from is left out where the name alone would tell of a sensitive service."""
    who = record.identity
    return RecordShown(
        id=record.id,
        feed="" if hide else record.feed,
        record_id="" if hide else record.record_id,
        name=f"{who.given_name} {who.family_name}".strip(),
        birth_date=who.birth_date,
        postcode=who.postcode,
    )


def _line(line: InvolvementLine, words: Words) -> LineShown:
    service = words.services.get(line.service_type)
    return LineShown(
        id=line.id,
        service=service.name if service is not None else line.service_type,
        organisation=words.organisations.get(line.organisation, line.organisation),
        declared=line.source == _DECLARED,
        started_on=line.started_on,
        ended_on=line.ended_on,
    )


def authority_of(child: UUID, *, receipt: Receipt) -> str:
    """The responsible authority of an open child; raises Denied(NOT_FOUND) for every other."""
    for summary in children.summaries([child], receipt=receipt).values():
        if summary.tier is Tier.OPEN:
            return summary.responsible_authority
    raise Denied(Refusal.NOT_FOUND)


def pair(one: UUID, other: UUID, *, receipt: Receipt) -> Pair:
    """Two open entries side by side; raises Denied(NOT_FOUND) unless both are, (NOT_ACCEPTED, "same") for one and the same."""
    if one == other:
        raise Denied(Refusal.NOT_ACCEPTED, "same")
    words = Words()
    shown = [entry(child, words=words, receipt=receipt) for child in (one, other)]
    return Pair(receipt=receipt, kept=shown[0], other=shown[1], marks=rules.marks(*shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Index numbers of open and merged entries, and people, for a list."""

    numbers: Mapping[UUID, str]
    people: Mapping[UUID, str]

    def person(self, account: UUID | None) -> str:
        """A name, or nothing."""
        return self.people.get(account, "") if account is not None else ""


def lines(merges: Sequence[Merge], splits: Sequence[Split], *, actor: Actor) -> tuple[Line, ...]:
    """Merges and splits as a list, those that wait first, then newest first.

    One that names an entry which is neither open nor merged into an open one is left out, whatever became of it: absent,
    shielded and sealed look the same.
    """
    ids = {one for merge in merges for one in (merge.kept, merge.merged)}
    ids |= {one for split in splits for one in (split.mixed, split.restored)}
    decided: list[Merge | Split] = [*merges, *splits]
    accounts = {one for what in decided for one in (what.proposed_by, what.confirmed_by) if one is not None}
    known = _Known(
        numbers=entries.number_of(sorted(ids)),
        people={account: person.name for account, person in access.people(accounts).items()} if accounts else {},
    )
    found = [_merge_line(one, known, actor) for one in merges if {one.kept, one.merged} <= known.numbers.keys()]
    found += [_split_line(one, known, actor) for one in splits if one.mixed in known.numbers and _to_show(one, known)]
    found.sort(key=lambda line: (line.state is not State.PROPOSED, -line.at.timestamp(), line.id))
    return tuple(found)


def _to_show(split: Split, known: _Known) -> bool:
    """A new entry has no number before the split is done, and afterwards it must be open."""
    return split.state is not State.DONE or split.restored in known.numbers


def _merge_line(merge: Merge, known: _Known, actor: Actor) -> Line:
    waits = merge.state is State.PROPOSED
    return Line(
        id=merge.id,
        split=False,
        index_number=spaced_index_number(known.numbers[merge.kept]),
        other_number=spaced_index_number(known.numbers[merge.merged]),
        ground=merge.ground,
        state=merge.state,
        proposed_by=known.person(merge.proposed_by),
        confirmed_by=known.person(merge.confirmed_by),
        at=merge.done_at or merge.proposed_at,
        may_confirm=waits and actor.authority == merge.authority and actor.ref.account_id != merge.proposed_by,
        may_object=waits and actor.authority == merge.other_authority and actor.authority != merge.authority,
        undone=merge.undone_at is not None,
    )


def _split_line(split: Split, known: _Known, actor: Actor) -> Line:
    number = known.numbers.get(split.restored, "")
    return Line(
        id=split.id,
        split=True,
        index_number=spaced_index_number(known.numbers[split.mixed]),
        other_number=spaced_index_number(number) if number else "",
        ground=split.ground,
        state=split.state,
        proposed_by=known.person(split.proposed_by),
        confirmed_by=known.person(split.confirmed_by),
        at=split.done_at or split.proposed_at,
        may_confirm=split.state is State.PROPOSED
        and actor.authority == split.authority
        and actor.ref.account_id != split.proposed_by,
        may_object=False,
        undone=False,
    )


def saw(sightings: Iterable[kept.KeptSighting], words: Words) -> tuple[Saw, ...]:
    """Who saw a mixed entry, by name."""
    those = list(sightings)
    people = access.people({one.account for one in those}) if those else {}
    return tuple(
        Saw(
            name=people[one.account].name if one.account in people else "",
            organisation=words.organisations.get(one.organisation, one.organisation),
            role=name_of(one.role),
            at=one.at,
            event=one.event,
        )
        for one in those
    )


def notice_lines(split_id: UUID, words: Words) -> tuple[NoticeLine, ...]:
    """The notices of a split; one for the family of a child who is not open any more is left out."""
    notices = kept.notices(split_id)
    numbers = entries.number_of([one.child for one in notices if one.child is not None])
    return tuple(
        NoticeLine(
            id=one.id,
            kind=one.kind,
            to=spaced_index_number(numbers[one.child])
            if one.child is not None
            else words.organisations.get(one.organisation, one.organisation),
            state=one.state,
        )
        for one in notices
        if one.child is None or one.child in numbers
    )


def people_who_looked(split_id: UUID, organisation: str) -> tuple[tuple[str, datetime], ...]:
    """An organisation's own people who saw a mixed entry, and when, each time once."""
    own = [one for one in kept.sightings(split_id) if one.organisation == organisation]
    people = access.people({one.account for one in own}) if own else {}
    return tuple((people[one.account].name, one.at) for one in own if one.account in people)
