"""What a record says, as a hash and in comparison with what it said before."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from childindex.kernel.identity import Identity, SourceRecord, SuppliedInvolvement

_SEPARATOR = "\x1f"


def content_of(record: SourceRecord) -> bytes:
    """SHA-256 of everything a record says; where it stood in the file does not count."""
    who = record.identity
    parts = [
        record.feed,
        record.record_id,
        who.family_name,
        who.given_name,
        who.middle_names,
        who.known_as,
        who.former_family_name,
        str(who.birth_date),
        who.sex,
        who.nhs_number,
        who.upn,
        who.address,
        who.postcode,
        who.uprn,
        *(f"{carer.name}\x1e{carer.relationship}\x1e{carer.phone}" for carer in who.carers),
        f"{record.unborn}{record.removed}{record.confidential}",
        str(record.updated_on),
        str(record.deceased_on),
        record.left_england,
        *(_involvement(one) for one in record.involvements),
    ]
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).digest()


def _involvement(one: SuppliedInvolvement) -> str:
    consent = one.consent
    return "\x1e".join(
        (
            one.involvement_id,
            one.service_type,
            one.organisation_id,
            one.team,
            one.practitioner_name,
            one.practitioner_role,
            one.phone,
            one.email,
            one.out_of_hours_phone,
            str(one.started_on),
            str(one.ended_on),
            str(one.lead_professional),
            one.assessment,
            str(one.assessment_on),
            "" if consent is None else f"{consent.basis}\x1d{consent.by}\x1d{consent.on}",
        )
    )


def is_older(record: SourceRecord, *, than: date | None, late: bool) -> bool:
    """Whether its supplier changed a record earlier than the one that is kept: it then changes nothing (contracts.md).

    Where one of the two has no day, a delivery that comes after one for a later day is the older.
    """
    if record.updated_on is None or than is None:
        return late
    return record.updated_on < than


def same_person(one: Identity, other: Identity) -> bool:
    """Whether two identities say the same of who the child is; where, and with whom, may differ."""
    return _who(one) == _who(other)


def _who(identity: Identity) -> Identity:
    return replace(identity, address="", postcode="", uprn="", carers=())


def current(involvements: Sequence[SuppliedInvolvement]) -> set[str]:
    """The ids of involvements that have not ended."""
    return {one.involvement_id for one in involvements if one.ended_on is None}


def succeeded(before: SourceRecord, record: SourceRecord, *, whole: bool, on: date) -> SourceRecord:
    """A record with the involvements it used to give and no longer names: ended `on` that day if it was delivered whole."""
    named = {one.involvement_id for one in record.involvements}
    left = (one for one in before.involvements if one.involvement_id not in named)
    kept = tuple(_ended(one, on) if whole else one for one in left)
    return replace(record, involvements=(*record.involvements, *kept))


def withdrawn(record: SourceRecord, *, on: date) -> SourceRecord:
    """A record that its supplier no longer holds: every involvement has ended."""
    return replace(record, involvements=tuple(_ended(one, on) for one in record.involvements))


def _ended(one: SuppliedInvolvement, on: date) -> SuppliedInvolvement:
    return one if one.ended_on else replace(one, ended_on=max(on, one.started_on or on))
