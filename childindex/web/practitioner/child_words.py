"""A child's entry as the parts of a page: the same facts, in sentences and in reading order."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from childindex.kernel.identity import AssessmentState
from childindex.lookup.types import (
    AssessmentView,
    CarerView,
    InvolvementView,
    KnownOfKind,
    OpenChildView,
    Origin,
    Person,
    WhereaboutsView,
)
from childindex.web.design.parts import Contact, HonestyLine, IdentityBar, Phone, Standing
from childindex.web.design.words import british_date
from childindex.web.practitioner import words

_STANDINGS = {
    "involved": Standing.INVOLVED,
    "not_involved": Standing.NOT_INVOLVED,
    "not_supplied": Standing.NOT_SUPPLIED,
    "withheld": Standing.WITHHELD,
}


def identity_bar(person: Person) -> IdentityBar:
    """The bar that says whose page it is."""
    name = f"{person.given_name} {person.family_name}".strip()
    return IdentityBar(name=name, born=person.birth_date, index_number=person.index_number)


def four_facts(person: Person) -> list[dict[str, Any]]:
    """The fact that the bar leaves out, as a row of a summary list."""
    return [_row(_("Gender"), str(words.SEXES[person.sex]))]


def facts(view: OpenChildView) -> list[dict[str, Any]]:
    """Gender, and other names with where each came from, as rows of a summary list."""
    others = [
        _row(str(words.OTHER_NAMES.get(name.kind, name.kind)), f"{name.name}. {origin(name.origin)}")
        for name in view.other_names
    ]
    return four_facts(view.person) + others


def _row(key: str, value: str) -> dict[str, Any]:
    return {"key": {"text": key}, "value": {"text": value}}


def origin(source: Origin) -> str:
    """Where a value came from and as of when."""
    given = {"source": source.source, "by": source.by, "day": british_date(source.as_of)}
    if source.by:
        return _("Recorded by %(by)s on %(day)s") % given
    return _("From %(source)s, as of %(day)s") % given


def lead_facts(lead: InvolvementView) -> tuple[str, ...]:
    """Who leads, in what role, where."""
    who = ", ".join(part for part in (lead.practitioner, lead.role) if part)
    where = ", ".join(part for part in (lead.service, lead.organisation) if part)
    return tuple(part for part in (who, where) if part)


def ring_first(view: InvolvementView) -> Contact:
    """Whom to ring now: the person or else the service, every number, and when each is answered."""
    title = ", ".join(part for part in (view.practitioner, view.role) if part) or view.service
    return Contact(
        title=title,
        lines=tuple(part for part in (f"{view.service}, {view.organisation}", view.team, *warnings(view)) if part),
        phones=phones(view),
        source=origin(view.origin),
        first=True,
    )


def phones(view: InvolvementView) -> tuple[Phone, ...]:
    """The direct number, the organisation's with its hours, and the one for out of hours; each once."""
    hours = _("%(organisation)s, %(hours)s") % {"organisation": view.organisation, "hours": view.hours}
    numbers = [
        Phone(number=view.phone, note=_("Direct")),
        Phone(number=view.team_phone, note=hours if view.hours else view.organisation),
        Phone(number=view.out_of_hours_phone, note=_("Out of hours")),
    ]
    seen: dict[str, Phone] = {}
    for phone in numbers:
        if phone.number:
            seen.setdefault(phone.number, phone)
    return tuple(seen.values())


def warnings(view: InvolvementView) -> tuple[str, ...]:
    """What makes this less than sure: nobody has confirmed it for long, or its number was said to be wrong."""
    said = []
    if view.unconfirmed_since is not None:
        said.append(_("Unconfirmed since %(day)s") % {"day": british_date(view.unconfirmed_since)})
    if view.phone_reported_on is not None:
        day = british_date(view.phone_reported_on)
        said.append(_("Number reported wrong on %(day)s, not yet checked") % {"day": day})
    return tuple(said)


def involvement(view: InvolvementView) -> Contact:
    """One service that is or was involved."""
    who = ", ".join(part for part in (view.practitioner, view.role) if part)
    where = ", ".join(part for part in (view.organisation, view.team) if part)
    ended = view.ended_on is not None
    return Contact(
        title=view.service,
        tags=(_("Lead professional"),) if view.lead and not ended else (),
        lines=tuple(part for part in (where, who, _since(view), _confirmed(view), *warnings(view)) if part),
        phones=phones(view),
        email=view.email,
        source=origin(view.origin),
        ended=ended,
    )


def _since(view: InvolvementView) -> str:
    """Since when, and until when."""
    given = {"start": british_date(view.started_on), "end": british_date(view.ended_on)}
    if view.ended_on is not None:
        return _("From %(start)s until %(end)s") % given if view.started_on else _("Until %(end)s") % given
    return _("Since %(start)s") % given if view.started_on else _("Since when is not known")


def _confirmed(view: InvolvementView) -> str:
    """That somebody there has said it still holds."""
    if view.confirmed_on is None or view.unconfirmed_since is not None:
        return ""
    return _("Confirmed on %(day)s") % {"day": british_date(view.confirmed_on)}


def assessment(view: AssessmentView) -> str:
    """That an assessment exists, who holds it, and when."""
    state = str(words.ASSESSMENTS[AssessmentState(view.state)])
    given = {"state": state, "holder": view.holder, "day": british_date(view.on)}
    return _("%(state)s. Held by %(holder)s. Date: %(day)s.") % given


def carer(view: CarerView) -> Contact:
    """One parent or carer."""
    relationship = words.RELATIONSHIPS.get(view.relationship.lower(), view.relationship)
    return Contact(
        title=view.name,
        lines=(str(relationship),) if view.relationship else (),
        phones=(Phone(number=view.phone),) if view.phone else (),
        source=origin(view.origin),
    )


def whereabouts(view: WhereaboutsView) -> Contact:
    """One address, or that there is none."""
    lines = (view.address, view.postcode, str(words.RETURNING.get(view.returning, "")))
    return Contact(
        title=str(words.WHEREABOUTS.get(view.kind, view.kind)),
        lines=tuple(part for part in lines if part),
        source=origin(view.origin) if view.origin is not None else "",
    )


def honesty(view: KnownOfKind) -> HonestyLine:
    """What the index can say of one kind of service."""
    return HonestyLine(kind=view.kind, standing=_STANDINGS[view.standing], as_of=view.as_of)
