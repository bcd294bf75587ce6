"""The columns of the supply file (docs: the supply file contract), in three groups, with the longest text each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REQUIRED = ("record_id", "family_name", "birth_date")

# Read whatever a feed is licensed to give: without them a row would be misread, a removal missed or a shield not set.
ALWAYS_READ = frozenset({*REQUIRED, "unborn", "updated_on", "removed", "confidential"})

# What a row says about who the child is: the same in every row of one record. Lengths are those of the tables.
IDENTITY: Mapping[str, int] = MappingProxyType(
    {
        "family_name": 200,
        "given_name": 200,
        "middle_names": 200,
        "known_as": 200,
        "former_family_name": 200,
        "birth_date": 10,
        "sex": 10,
        "nhs_number": 20,
        "upn": 20,
        "address": 300,
        "postcode": 20,
        "uprn": 20,
    }
)
STANDING: Mapping[str, int] = MappingProxyType(
    {"unborn": 5, "updated_on": 40, "removed": 5, "confidential": 5, "deceased_on": 10, "left_england": 20}
)
CARER: Mapping[str, int] = MappingProxyType({"carer_name": 200, "carer_relationship": 60, "carer_phone": 40})
INVOLVEMENT: Mapping[str, int] = MappingProxyType(
    {
        "involvement_id": 100,
        "service_type": 40,
        "organisation_id": 60,
        "team": 100,
        "practitioner_name": 100,
        "practitioner_role": 100,
        "phone": 40,
        "email": 254,
        "out_of_hours_phone": 40,
        "started_on": 10,
        "ended_on": 10,
        "lead_professional": 5,
        "assessment": 20,
        "assessment_on": 10,
    }
)
CONSENT: Mapping[str, int] = MappingProxyType({"consent_basis": 20, "consent_by": 100, "consent_on": 10})

LENGTHS: Mapping[str, int] = MappingProxyType(
    {"record_id": 100, **IDENTITY, **STANDING, **CARER, **INVOLVEMENT, **CONSENT}
)
COLUMNS: tuple[str, ...] = tuple(LENGTHS)
# Two rows of one record may differ in these alone. `removed` and `updated_on` speak of the row.
OF_THE_ROW = frozenset({*CARER, *INVOLVEMENT, *CONSENT, "removed", "updated_on"})
