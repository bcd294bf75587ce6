"""A shielded and a sealed child with a mark of their own in every hidden field, the life they led before, and how marks are found.

Every text and every day that a supplier can say of a child is a mark here, taken from the types themselves: a field that is added
later has to be given one, or to be named among those that say nothing (`test_t06_hidden_fields.py`).
"""

from __future__ import annotations

import hashlib
import html
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any, Final
from urllib.parse import quote, quote_plus
from uuid import UUID

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import (
    AssessmentState,
    Carer,
    Consent,
    ConsentBasis,
    Identity,
    Sex,
    SourceRecord,
    SuppliedInvolvement,
    Tier,
)
from childindex.kernel.numbers import is_nhs_number, spaced_index_number
from childindex.web.design.words import british_date

AUTHORITY, SCHOOL, CLINIC = "E09000091", "urn:999771", "ods:Z99772"
PLACE: Final = {Tier.SHIELDED: "M4 7QX", Tier.SEALED: "BS9 7ZZ"}
_NHS: Final = [str(n) for n in range(9990000000, 9990002000) if is_nhs_number(str(n))]
NHS: Final = {Tier.SHIELDED: _NHS[90], Tier.SEALED: _NHS[91]}
ABSENT_NHS: Final = _NHS[120:180]
# What a shielded child shows (R 3.03), and codes that are the same for thousands and so are no mark.
VISIBLE: Final = frozenset({"family_name", "given_name", "birth_date", "sex", "index_number"})
SAY_NOTHING: Final = frozenset(
    {
        "row",
        "unborn",
        "removed",
        "confidential",
        "complete",
        "lead_professional",
        "feed",
        "service_type",
        "left_england",
    }
)
# The register is public: which organisations and authorities there are says of no child where it is.
PUBLIC_TABLES: Final = ("directory_",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One hidden value: whose and which field it is, and every way it may be written, in small letters."""

    field: str
    spellings: frozenset[str]


def mark(tier: Tier, field: str) -> str:
    """A word that stands nowhere else: of one field of one child."""
    digest = hashlib.sha256(f"{tier.value}|{field}".encode()).digest()
    return "Zq" + "".join(chr(ord("a") + byte % 26) for byte in digest[:8])


def _day(tier: Tier, field: str) -> date:
    """A day that nothing else here bears."""
    offset = int.from_bytes(hashlib.sha256(f"day|{tier.value}|{field}".encode()).digest()[:2], "big") % 1500
    return date(2014, 6, 3) + timedelta(days=offset)


def _phone(tier: Tier, field: str) -> str:
    return f"01632 {int.from_bytes(hashlib.sha256(f'phone|{tier.value}|{field}'.encode()).digest()[:3], 'big') % 899_999 + 100_000}"


def identity(tier: Tier) -> Identity:
    """Who the child of this tier is, as every supplier holds it."""
    shielded = tier is Tier.SHIELDED
    return Identity(
        family_name="Fairweather" if shielded else mark(tier, "family_name"),
        given_name="Jonah" if shielded else mark(tier, "given_name"),
        middle_names=mark(tier, "middle_names"),
        known_as=mark(tier, "known_as"),
        former_family_name=mark(tier, "former_family_name"),
        birth_date=PartialDate(2013, 5, 6) if shielded else PartialDate(2012, 8, 19),
        sex=Sex.MALE,
        nhs_number=NHS[tier],
        upn=f"H{int(NHS[tier]) * 37 % 10**12:012}",
        address=f"77 {mark(tier, 'address')} Road, {mark(tier, 'town')}",
        postcode=PLACE[tier],
        uprn=str(int(NHS[tier]) * 53 % 10**12),
        carers=(
            Carer(
                name=mark(tier, "carer"), relationship=mark(tier, "relationship"), phone=_phone(tier, "carer")
            ),
        ),
    )  # fmt: skip


def involvement(tier: Tier, service_type: str) -> SuppliedInvolvement:
    """A service that works with the child of this tier; a sensitive one with a decision that it may be listed."""
    organisation = {"school": SCHOOL, "counselling": CLINIC}.get(service_type, "gss:E08000003")

    def own(field: str) -> str:
        return f"{service_type} {field}"

    return SuppliedInvolvement(
        involvement_id=mark(tier, own("involvement_id")),
        service_type=service_type,
        organisation_id=organisation,
        team=mark(tier, own("team")),
        practitioner_name=mark(tier, own("practitioner_name")),
        practitioner_role=mark(tier, own("practitioner_role")),
        phone=_phone(tier, own("phone")),
        email=f"{mark(tier, own('email'))}@example.org",
        out_of_hours_phone=_phone(tier, own("out_of_hours_phone")),
        started_on=_day(tier, own("started_on")),
        ended_on=_day(tier, own("started_on")) + timedelta(days=1501) if service_type == "school" else None,
        lead_professional=service_type == "social_work",
        assessment=AssessmentState.COMPLETE,
        assessment_on=_day(tier, own("assessment_on")) - timedelta(days=1501),
        consent=Consent(
            basis=ConsentBasis.CHILD, by=mark(tier, own("by")), on=_day(tier, own("on")) - timedelta(days=3002)
        ),
    )


def record(tier: Tier, feed: str, service_type: str) -> SourceRecord:
    """What one supplier says of the child of this tier."""
    return SourceRecord(
        feed=feed,
        record_id=mark(tier, f"{feed} record_id"),
        row=1,
        identity=identity(tier),
        updated_on=date(2026, 10, 3) if tier is Tier.SHIELDED else date(2026, 10, 4),
        deceased_on=None,
        involvements=(involvement(tier, service_type),),
    )


SUPPLIED: Final = (("care", "social_work"), ("school", "school"), ("clinic", "counselling"))


def records(tier: Tier) -> dict[str, SourceRecord]:
    """What every supplier says of the child of this tier, by feed."""
    return {feed: record(tier, feed, service_type) for feed, service_type in SUPPLIED}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a value, with the name of its field."""
    if is_dataclass(value) and not isinstance(value, (type, PartialDate)):
        for one in fields(value):
            yield from leaves(getattr(value, one.name), one.name)
    elif isinstance(value, tuple):
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value


def words_of(tier: Tier) -> list[Canary]:
    """The marks in what suppliers say of the child of this tier, and in where it puts them."""
    found = {
        f"{tier.value} {feed}: {name}": spellings(value)
        for feed, one in records(tier).items()
        for name, value in leaves(one)
        if is_mark(tier, name, value)
    }
    found[f"{tier.value}: town"] = spellings(mark(tier, "town"))
    found[f"{tier.value}: authority"] = spellings(AUTHORITY)
    return [Canary(field=field, spellings=those) for field, those in found.items()]


def is_mark(tier: Tier, name: str, value: Any) -> bool:
    """Whether this value of a supplier's record must show up nowhere."""
    shown = name in SAY_NOTHING or (tier is Tier.SHIELDED and name in VISIBLE)
    # The council's own code is that of everybody's council in these tests.
    return (
        not shown
        and isinstance(value, (str, date, PartialDate))
        and not isinstance(value, Enum)
        and value not in {"", "gss:E08000003"}
    )


def spellings(value: str | date | PartialDate | UUID | int) -> frozenset[str]:
    """Every way a value may be written: spaced or not, in an address, in a page, in hexadecimal, in British or ISO form."""
    if isinstance(value, PartialDate):
        value = value.earliest
    if isinstance(value, date):
        texts = {value.isoformat(), british_date(value), value.strftime("%d/%m/%Y"), value.strftime("%Y%m%d")}
    elif isinstance(value, UUID):
        texts = {str(value), value.hex}
    else:
        text = str(value)
        texts = {text, text.replace(" ", "")}
        if text.isdigit() and len(text) == 10:
            texts.add(f"{text[:3]} {text[3:6]} {text[6:]}")
        if len(text) == 10 and not text.isdigit() and text.isupper():
            texts.add(spaced_index_number(text))
    written = {form(text) for text in texts for form in (str, html.escape, quote, quote_plus)}
    coded = {text.encode().hex() for text in texts} | {
        b64encode(text.encode()).decode().rstrip("=")[:-1] for text in texts
    }
    return frozenset(one.casefold() for one in written | coded)


def found_in(text: str, canaries: Iterable[Canary]) -> set[str]:
    """The fields whose values stand in this text in any spelling."""
    small = text.casefold()
    return {canary.field for canary in canaries if any(one in small for one in canary.spellings)}


def ids_of(tier: Tier, named: Mapping[str, UUID | int | str]) -> list[Canary]:
    """Opaque ids and search keys of the child of this tier as marks."""
    return [Canary(field=f"{tier.value}: {name}", spellings=spellings(value)) for name, value in named.items()]
