"""Overriding a shield: asked with a reason, investigated from the first moment, seen for ten minutes by one browser (R 3.08-3.10; T14)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from nacl.exceptions import CryptoError

from childindex.access import services as access
from childindex.access.types import Actor, Permission
from childindex.audit import services as audit
from childindex.audit.types import Event, Receipt
from childindex.brokering import policies, selectors, services
from childindex.brokering.types import HiddenCarer, HiddenService, HiddenView, OverrideAsked, OverrideGround
from childindex.cases import selectors as visits
from childindex.cases import services as cases
from childindex.cases.types import CaseCode, Visit
from childindex.children import selectors as children
from childindex.directory import selectors as directory
from childindex.involvement.services import PRACTITIONER
from childindex.kernel.dates import day_in_england
from childindex.kernel.identity import SourceRecord, SuppliedInvolvement, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding import selectors as guard


def ask_override(
    *,
    actor: Actor,
    handle: str,
    ground: OverrideGround,
    case_reference: str,
    accepted: bool,
    public_key: bytes,
    at: datetime,
) -> OverrideAsked:
    """Override the shield of the child of an open visit, for this sitting alone, until the view is left or ten minutes are over.

    An investigation is opened in the same transaction, before anything is handed over: if it cannot be written, nothing is.
    `public_key` is X25519, 32 bytes; only the browser keeps the other half. Recorded: the child, the ground, the investigation.
    Refused without CHILD_SHIELD_OVERRIDE and a fresh second factor, (NOT_PERMITTED, "right"), (NOT_ACCEPTED, "warning"),
    (REASON_NEEDED), (ADDRESS_EXPIRED) without an open visit, and (NOT_FOUND) for a child that is not shielded.
    """
    with audit.entry(Event.CHILD_OVERRIDE_ASKED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_OVERRIDE, at=at, confirmed=True)
        _check_right(actor, at=at)
        policies.check_asked(accepted=accepted, case_reference=case_reference)
        visit = visits.visit(handle, actor=actor, receipt=entry.receipt, at=at)
        entry.reason = visit.reason
        _check_shielded(visit, receipt=entry.receipt)
        entry.about([visit.child_id])
        investigation = cases.investigate_override(
            visit.child_id, actor=actor, case_reference=case_reference, receipt=entry.receipt
        )
        override, until = services.ask_override(
            visit.child_id,
            actor=actor,
            ground=ground,
            case_reference=case_reference,
            investigation=investigation,
            public_key=public_key,
            receipt=entry.receipt,
        )
        _ask_about_often(actor, receipt=entry.receipt)
        entry.note(override=str(override), ground=ground.value, investigation=str(investigation))
        return OverrideAsked(receipt=entry.receipt, id=override, until=until)


def view_hidden(*, actor: Actor, override_id: UUID, private_key: bytes, at: datetime) -> HiddenView:
    """What the shield hides, for the sitting that overrode it and with the key that its browser has.

    Not ready until the worker has handed it over. Recorded: the child, each time. Refused without CHILD_SHIELD_OVERRIDE or a right
    that still holds, and (ADDRESS_EXPIRED) for an override that is over, left, another sitting's, or opened with another key.
    """
    with audit.entry(Event.CHILD_OVERRIDE_VIEWED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_SHIELD_OVERRIDE, at=at)
        _check_right(actor, at=at)
        found = selectors.override(override_id, actor=actor, at=at)
        if found is None:
            raise Denied(Refusal.ADDRESS_EXPIRED)
        entry.about([found.child_id])
        entry.note(override=str(override_id), ready=found.ciphertext is not None)
        if found.ciphertext is None:
            return HiddenView(receipt=entry.receipt, ready=False, until=found.until)
        try:
            hidden = services.opened(found.ciphertext, private_key=private_key)
        except (CryptoError, ValueError) as wrong:
            raise Denied(Refusal.ADDRESS_EXPIRED) from wrong
        return _view(hidden, until=found.until, receipt=entry.receipt)


def leave(*, actor: Actor, override_id: UUID, at: datetime) -> None:
    """End the view: somebody has gone to another page, or said that they have finished. Again changes nothing."""
    with audit.entry(Event.CHILD_OVERRIDE_LEFT, actor=actor.ref, at=at) as entry:
        found = selectors.override(override_id, actor=actor, at=at)
        if found is not None:
            entry.about([found.child_id])
            services.end_override(override_id, receipt=entry.receipt)


def disclose(*, actor: Actor, override_id: UUID, at: datetime) -> None:
    """Hand over what is hidden, encrypted for the browser that asked; the worker's part, because nobody else can read it.

    Recorded: the child. Refused without CHILD_HIDDEN_DISCLOSE; (NOT_FOUND) for an override that is over or has been served, and for a
    child that is no longer shielded; (NOT_PERMITTED) where whoever the row names may not, has no right, or is not investigated: the
    worker takes nobody's word for that, the site's neither.
    """
    with audit.entry(Event.CHILD_HIDDEN_DISCLOSED, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.CHILD_HIDDEN_DISCLOSE, at=at)
        waiting = selectors.waiting(override_id, at=at)
        if waiting is None or guard.tier_of(waiting.child_id, receipt=entry.receipt) is not Tier.SHIELDED:
            raise Denied(Refusal.NOT_FOUND)
        entry.about([waiting.child_id])
        entry.note(override=str(override_id), account=str(waiting.account_id))
        _check_asker(waiting, at=at)
        hidden = _hidden(waiting.child_id, receipt=entry.receipt)
        services.hand_over(override_id, hidden, public_key=waiting.public_key, receipt=entry.receipt)


def _check_shielded(visit: Visit, *, receipt: Receipt) -> None:
    """Denied(NOT_FOUND) for a child that is not there or hides nothing."""
    summary = children.summaries([visit.child_id], receipt=receipt).get(visit.child_id)
    if summary is None or summary.tier is not Tier.SHIELDED:
        raise Denied(Refusal.NOT_FOUND)


def _ask_about_often(actor: Actor, *, receipt: Receipt) -> None:
    """More than three in seven days open a case of their own (T14)."""
    if selectors.overrides_lately(actor.ref.person, at=receipt.at) > policies.OFTEN:
        cases.review_use(CaseCode.OVERRIDES_OFTEN, actor=actor, receipt=receipt)


def _check_right(actor: Actor, *, at: datetime) -> None:
    """Denied(NOT_PERMITTED, "right") unless an approved right of this person holds today (R 3.08)."""
    if not selectors.has_right(actor.ref.person, organisation=actor.ref.organisation, on=day_in_england(at)):
        raise Denied(Refusal.NOT_PERMITTED, "right")


def _check_asker(waiting: selectors.WaitingOverride, *, at: datetime) -> None:
    """What the site checked, once more from the facts."""
    person, organisation = waiting.account_id, waiting.organisation
    if not access.holds(person, Permission.CHILD_SHIELD_OVERRIDE, organisation=organisation, at=at):
        raise Denied(Refusal.NOT_PERMITTED, "permission")
    if not selectors.has_right(person, organisation=organisation, on=day_in_england(at)):
        raise Denied(Refusal.NOT_PERMITTED, "right")
    if not visits.is_investigated(waiting.investigation, child_id=waiting.child_id, account_id=person):
        raise Denied(Refusal.NOT_PERMITTED, "investigation")


def forget_overridden(*, actor: Actor, at: datetime) -> None:
    """Delete what was handed over once its ten minutes are over. Recorded: that it was done. Refused without INDEX_TRACES_FORGET."""
    with audit.entry(Event.OVERRIDES_FORGOTTEN, actor=actor.ref, at=at) as entry:
        access.require(actor, Permission.INDEX_TRACES_FORGET, at=at)
        services.forget_overridden(receipt=entry.receipt)


def _hidden(child_id: UUID, *, receipt: Receipt) -> dict[str, Any]:
    """Whereabouts, carers and services as the suppliers' records have them, and whose the child is."""
    records = guard.records_of(child_id, receipt=receipt)
    # What is sensitive is withheld from everybody, always; the broker alone may ask its provider (R 1.24, 1.27).
    sensitive = {code for code, kind in directory.service_types().items() if kind.sensitive}
    given = {_service(line) for record in records for line in record.involvements if line.ended_on is None}
    declared = {_declared(columns) for columns in guard.declared_of(child_id, receipt=receipt)} - {None}
    return {
        "addresses": sorted({_address(record) for record in records} - {""}),
        "carers": sorted(
            {
                (carer.name, carer.relationship, carer.phone)
                for record in records
                for carer in record.identity.carers
                if carer.name
            }
        ),
        "services": sorted(line for line in given | declared if line is not None and line[0] not in sensitive),
        "authority": guard.authority_of(child_id, receipt=receipt) or "",
    }


def _address(record: SourceRecord) -> str:
    return ", ".join(part for part in (record.identity.address, record.identity.postcode) if part)


def _service(line: SuppliedInvolvement) -> tuple[str, str, str, str, str]:
    return (
        line.service_type,
        line.organisation_id,
        line.practitioner_name,
        line.phone,
        line.out_of_hours_phone,
    )


def _declared(columns: dict[str, Any]) -> tuple[str, str, str, str, str] | None:
    """What a practitioner declared before the child was shielded and has not ended."""
    if columns["source"] != PRACTITIONER or columns["ended_on"]:
        return None
    names = ("service_type", "organisation", "practitioner_name", "phone", "out_of_hours_phone")
    kind, organisation, name, phone, out_of_hours = (str(columns[name]) for name in names)
    return kind, organisation, name, phone, out_of_hours


def _view(hidden: dict[str, Any], *, until: datetime, receipt: Receipt) -> HiddenView:
    """The same with the register's names in the place of codes."""
    types = directory.service_types()
    codes = {line[1] for line in hidden["services"]}
    organisations = directory.organisations(sorted(codes))
    authority = directory.authorities().get(hidden["authority"])
    return HiddenView(
        receipt=receipt,
        ready=True,
        until=until,
        addresses=tuple(hidden["addresses"]),
        carers=tuple(
            HiddenCarer(name=name, relationship=relationship, phone=phone)
            for name, relationship, phone in hidden["carers"]
        ),
        services=tuple(
            HiddenService(
                service=types[kind].name if kind in types else kind,
                organisation=organisations[code].name if code in organisations else code,
                practitioner=practitioner,
                phone=phone,
                out_of_hours_phone=out_of_hours,
            )
            for kind, code, practitioner, phone, out_of_hours in hidden["services"]
        ),
        authority=authority.name if authority is not None else "",
    )
