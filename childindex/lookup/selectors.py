"""Looking for children who may be the one searched for, and reading back what a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from childindex.access import selectors as access
from childindex.access.types import Actor, Permission
from childindex.access.types import Person as Colleague
from childindex.audit.types import Receipt
from childindex.cases.types import StoredResults, Visit
from childindex.children import selectors as children
from childindex.children.types import (
    CarerEntry,
    ChildEntry,
    ChildSummary,
    HeldIdentity,
    Name,
    NameKind,
    Provenance,
    Whereabouts,
)
from childindex.directory import selectors as directory
from childindex.directory.types import Feed, Organisation, ServiceType
from childindex.involvement import selectors as involvement
from childindex.involvement.types import Area, InvolvementLine, Shown
from childindex.kernel.dates import day_in_england
from childindex.kernel.identity import AssessmentState, ChildId, Tier
from childindex.kernel.numbers import spaced_index_number
from childindex.kernel.refusals import Denied, Refusal
from childindex.lookup import policies
from childindex.lookup.types import (
    AssessmentView,
    Candidate,
    CarerView,
    ChildView,
    InvolvementView,
    KnownOfKind,
    OpenChildView,
    Origin,
    OtherName,
    Person,
    SearchTerms,
    ShieldedChildView,
    Weighed,
    WhereaboutsView,
)
from childindex.matching.engine.keys import search_keys
from childindex.matching.engine.levels import Field, Level
from childindex.matching.engine.model import Model, load_model
from childindex.matching.engine.record import standardise
from childindex.matching.engine.scorer import Candidate as Compared
from childindex.matching.engine.scorer import Match, score
from childindex.matching.engine.sentences import WORDS, worth_saying

# More children than this share no key with a search worth making: the rest are the least alike.
_MOST_COMPARED = 120
_INDEX_NUMBER = "index_number:exact"
SAME_INDEX_NUMBER = "same index number"
# A number with a check character that agrees settles it.
_NUMBER_BITS = 100.0


def weigh(terms: SearchTerms) -> list[Weighed]:
    """Children who may be the one searched for, weighed by the matching model, in no order.

    Only open children are looked among where a hidden field is searched for (R 3.06): the keys of others are not there.
    """
    numbered = children.by_index_number(terms.index_number) if terms.index_number else []
    found = {
        one.id: Weighed(id=one.id, tier=one.tier, bits=_NUMBER_BITS, agreements=(_INDEX_NUMBER,))
        for one in numbered
        if policies.may_be_numbered(one.tier, terms)
    }
    query = standardise(terms.identity())
    values = [key.value for key in search_keys(query)]
    if values:
        held = children.candidates(values, open_only=policies.open_children_only(terms), limit=_MOST_COMPARED)
        model = load_model()
        matches = score(model, query, [_compared(one) for one in held])
        for one, match in zip(held, matches, strict=True):
            found.setdefault(one.id, _weighed(one, match, model))
    return list(found.values())


def _compared(held: HeldIdentity) -> Compared:
    """One held child as the engine compares it."""
    return Compared(key=held.id, records=tuple(standardise(identity) for identity in held.identities))


def _weighed(held: HeldIdentity, match: Match, model: Model) -> Weighed:
    """What speaks for a child, without the odds of meeting any child at all, and the codes of what agrees."""
    codes = tuple(f"{field.value}:{level.value}" for field, level in worth_saying(match))
    return Weighed(id=held.id, tier=held.tier, bits=match.score - model.prior, agreements=codes)


def _in_words(code: str) -> str:
    """What a code `field:level` says; the table of words is the engine's."""
    field, _, level = code.partition(":")
    return SAME_INDEX_NUMBER if code == _INDEX_NUMBER else WORDS[Field(field), Level(level)]


def candidates(stored: StoredResults, *, actor: Actor) -> tuple[Candidate, ...]:
    """The rows of the results, in their order: four visible facts at most of each child (R 2.23).

    A role that does not see where children live is shown no district either. A child who is gone, or was shielded or opened
    since the search, is left out: what agreed then may be hidden now.
    """
    found = children.summaries(stored.children, receipt=stored.receipt)
    places = Permission.CHILD_WHEREABOUTS_VIEW in actor.permissions
    kept = zip(stored.children, stored.tiers, stored.agreements, strict=True)
    return tuple(
        Candidate(
            receipt=stored.receipt,
            position=position,
            name=f"{found[child].given_name} {found[child].family_name}".strip(),
            birth_year=found[child].birth_date.year,
            district=found[child].district if places else "",
            agreements=tuple(_in_words(code) for code in agreements),
        )
        for position, (child, tier, agreements) in enumerate(kept, start=1)
        if child in found and found[child].tier is tier
    )


def seen_at_opening(child_id: UUID, *, actor: Actor, receipt: Receipt) -> tuple[str, ...]:
    """What oversight wants to know of an opening and the ledger cannot tell, as codes: a name in common, another area (T05).

    Of a shielded child only the visible name is compared: nothing here depends on what is hidden, and nobody finds out by being
    stopped. Raises Denied(OWN_HOUSEHOLD) for an open child of the looker's own household.
    """
    summary = children.summaries([child_id], receipt=receipt).get(ChildId(child_id))
    if summary is None:
        return ()
    records = children.records_of([child_id], receipt=receipt) if summary.tier is Tier.OPEN else []
    carers = [carer for record in records for carer in record.identity.carers]
    names = {summary.family_name, *(carer.name for carer in carers)}
    names.update(
        name for record in records for name in (record.identity.family_name, record.identity.former_family_name)
    )
    me = access.people([actor.ref.person])[actor.ref.person]
    namesake = policies.check_household(
        own_name=me.name, own_phone=me.phone, names=names, phones=[carer.phone for carer in carers]
    )
    elsewhere = actor.authority and summary.responsible_authority not in {"", actor.authority}
    return (*(("own_surname",) if namesake else ()), *(("out_of_area",) if elsewhere else ()))


def child_view(visit: Visit, *, actor: Actor, at: datetime) -> ChildView:
    """What may be shown of the child of a visit; raises Denied(NOT_FOUND) when there is no such child any more."""
    entry = children.entry_of(visit.child_id, receipt=visit.receipt)
    if entry is None:
        summary = children.summaries([visit.child_id], receipt=visit.receipt).get(visit.child_id)
        if summary is None or summary.tier is Tier.OPEN:
            raise Denied(Refusal.NOT_FOUND)
        person = _person(summary)
        return ShieldedChildView(receipt=visit.receipt, handle=visit.handle, reason=visit.reason, person=person)
    on = day_in_england(at)
    register = _register()
    shown = involvement.shown(
        visit.child_id,
        area=_area(register, entry.summary.responsible_authority),
        sector=actor.sector,
        on=on,
        receipt=visit.receipt,
    )
    return _open_view(entry, visit, shown, _words_for(register, shown, actor=actor))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Register:
    """The kinds of service and the suppliers there are."""

    services: Mapping[str, ServiceType]
    feeds: Mapping[str, Feed]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What the codes in an entry stand for, whose page it is, and what they may see."""

    register: _Register
    organisations: Mapping[str, Organisation]
    people: Mapping[UUID, Colleague]
    reader: str
    may: frozenset[Permission]

    def origin(self, source: str, as_of: date, by: UUID | None = None) -> Origin:
        """Where a value came from, by the supplier's name; a feed that left the register keeps its own."""
        feed = self.register.feeds.get(source)
        person = self.people.get(by) if by is not None else None
        return Origin(
            source=feed.supplier if feed is not None else source,
            as_of=as_of,
            by=f"{person.name}, {person.organisation}" if person is not None else "",
        )

    def kind(self, code: str) -> str:
        """What a kind of service is called: the names of the service types in it."""
        return ", ".join(one.name for one in self.register.services.values() if one.kind == code)


def _register() -> _Register:
    return _Register(services=directory.service_types(), feeds=directory.feeds())


def _area(register: _Register, authority: str) -> Area:
    """What the register says of one authority: which suppliers answer for it, and for which kinds of service."""
    services = register.services.values()
    return Area(
        kind_of={one.code: one.kind for one in services},
        sensitive_kinds=frozenset(one.kind for one in services if one.sensitive),
        answers=tuple((one.kinds, one.answered_on) for one in register.feeds.values() if authority in one.authorities),
    )


def _words_for(register: _Register, shown: Shown, *, actor: Actor) -> _Words:
    """The names of everything that involvements mention by code."""
    lines = (*shown.current, *shown.ended)
    recorders = {line.recorded_by for line in lines if line.recorded_by is not None}
    return _Words(
        register=register,
        organisations=directory.organisations({line.organisation for line in lines}),
        people=access.people(recorders) if recorders else {},
        reader=actor.ref.organisation,
        may=actor.permissions,
    )


def _open_view(entry: ChildEntry, visit: Visit, shown: Shown, words: _Words) -> OpenChildView:
    """The page of an open child, in the order it is read."""
    current = {line.id: _involvement(line, shown, words) for line in shown.current}
    lead = next((view for view in current.values() if view.lead), None)
    return OpenChildView(
        receipt=visit.receipt,
        handle=visit.handle,
        reason=visit.reason,
        person=_person(entry.summary),
        deceased_on=entry.deceased_on,
        other_names=tuple(_other_name(name, words) for name in entry.names if name.kind is not NameKind.CURRENT),
        lead=lead,
        ring_first=lead if lead is not None and lead.can_be_rung else _ring_first(shown, current, words),
        involvements=tuple(current.values()),
        ended=tuple(_involvement(line, shown, words) for line in shown.ended)
        if Permission.CHILD_HISTORY_VIEW in words.may
        else (),
        sensitive_service=shown.sensitive_service,
        assessments=tuple(
            _assessment(line, words) for line in shown.current if line.assessment is not AssessmentState.NONE
        ),
        carers=tuple(_carer(carer, words) for carer in entry.carers),
        whereabouts=tuple(_whereabouts(place, visit.receipt, words) for place in entry.whereabouts)
        if Permission.CHILD_WHEREABOUTS_VIEW in words.may
        else None,
        honesty=tuple(
            KnownOfKind(kind=words.kind(one.kind), standing=one.standing.value, as_of=one.as_of)
            for one in shown.honesty
        ),
    )


def _ring_first(shown: Shown, views: Mapping[UUID, InvolvementView], words: _Words) -> InvolvementView | None:
    """Whom to ring where no lead professional can be rung; None where nobody has a number."""
    lines = [line for line in shown.current if views[line.id].can_be_rung]
    best = policies.most_likely_to_know(lines, services=words.register.services, unconfirmed=shown.unconfirmed)
    return views[best.id] if best is not None else None


def _person(summary: ChildSummary) -> Person:
    """The four fields."""
    return Person(
        receipt=summary.receipt,
        given_name=summary.given_name,
        family_name=summary.family_name,
        birth_date=summary.birth_date,
        sex=summary.sex,
        index_number=spaced_index_number(summary.index_number),
    )


def _involvement(line: InvolvementLine, shown: Shown, words: _Words) -> InvolvementView:
    """One involvement with the names of its service and organisation, and the organisation's own numbers beside it."""
    service = words.register.services.get(line.service_type)
    organisation = words.organisations.get(line.organisation)
    return InvolvementView(
        receipt=line.receipt,
        id=line.id,
        service=service.name if service is not None else line.service_type,
        organisation=organisation.name if organisation is not None else line.organisation,
        team=line.team,
        practitioner=line.practitioner_name,
        role=line.practitioner_role,
        phone=line.phone,
        team_phone=organisation.phone if organisation is not None else "",
        hours=organisation.hours if organisation is not None else "",
        out_of_hours_phone=line.out_of_hours_phone or (organisation.out_of_hours_phone if organisation else ""),
        email=line.email,
        started_on=line.started_on,
        ended_on=line.ended_on,
        lead=line.lead_professional,
        origin=words.origin(line.source, line.as_of, line.recorded_by),
        confirmed_on=line.confirmed_on,
        unconfirmed_since=shown.unconfirmed.get(line.id),
        phone_reported_on=line.phone_reported_on,
        own=line.organisation == words.reader,
    )


def _assessment(line: InvolvementLine, words: _Words) -> AssessmentView:
    """That an assessment exists, and who holds it."""
    organisation = words.organisations.get(line.organisation)
    name = organisation.name if organisation is not None else line.organisation
    holder = ", ".join(part for part in (line.practitioner_name, name) if part)
    return AssessmentView(receipt=line.receipt, state=line.assessment, holder=holder, on=line.assessment_on)


def _other_name(name: Name, words: _Words) -> OtherName:
    return OtherName(
        kind=name.kind.value,
        name=f"{name.given_name} {name.family_name}".strip(),
        origin=_origin(name.provenance, words),
    )


def _carer(carer: CarerEntry, words: _Words) -> CarerView:
    return CarerView(
        name=carer.name,
        relationship=carer.relationship,
        phone=carer.phone,
        origin=_origin(carer.provenance, words),
    )


def _whereabouts(place: Whereabouts, receipt: Receipt, words: _Words) -> WhereaboutsView:
    return WhereaboutsView(
        receipt=receipt,
        kind=place.kind.value,
        address=place.address,
        postcode=place.postcode,
        returning=place.returning,
        origin=_origin(place.provenance, words) if place.provenance is not None else None,
    )


def _origin(provenance: Provenance, words: _Words) -> Origin:
    return words.origin(provenance.source, provenance.as_of)
