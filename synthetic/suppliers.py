"""The suppliers: whom each holds, which columns it has, and how well it keeps them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from synthetic.births import ages
from synthetic.identities import EARLIER, LATER
from synthetic.levels import LEVELS
from synthetic.names import Floats
from synthetic.population import Population
from synthetic.vocabulary import Flags

NAME = ("record_id", "family_name", "given_name", "middle_names")
HOME = ("address", "postcode")
CARERS = ("carer_name", "carer_relationship", "carer_phone")
SERVICE = (
    "involvement_id", "service_type", "organisation_id", "team", "practitioner_name", "practitioner_role", "phone", "email", "out_of_hours_phone", "started_on",
    "ended_on",
)  # fmt: skip

NAMED = re.compile(r"[a-z][a-z0-9_-]{0,59}")

#: Chance that a supplier holds a child, by row of the population.
Chance = Callable[[Population], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """One feed's habits.

    columns: what it has, in order. level: light, medium or heavy. plain: keeps no accents; capitals: family names in capitals.
    at_birth: holds what was true at birth. calls: how often a preferred name stands in for the given name, as a multiple of its level's rate.
    """

    name: str
    prefix: str
    columns: tuple[str, ...]
    level: str
    chance: Chance
    plain: bool = False
    capitals: bool = False
    at_birth: bool = False
    calls: float = 1.0
    second_carer: float = 0.0
    kinds: tuple[str, ...] = ()
    organisation: str = ""
    title: str = ""
    legal_basis: str = "Children Act 2004, section 12"
    duty: str = "must"
    cadence_days: int = 7
    rank: int = 50
    precedence: dict[str, int] = field(default_factory=dict)


def _ages(population: Population) -> Floats:
    return ages(population.born.day, population.today).astype(np.float64)


def _here(population: Population) -> Flags:
    facts = population.facts
    here: Flags = ~facts.unborn & (facts.deceased_on == 0)
    return here


def _identity(population: Population, *, earlier: float, later: float) -> Floats:
    """One, but for children of two identities: how likely the supplier is to hold the old and the new."""
    kind = population.identities.kind(len(population))
    share: Floats = np.select([kind == EARLIER, kind == LATER], [earlier, later], 1.0)
    return share


def _births(population: Population) -> Floats:
    held = ~population.facts.unborn & ~population.facts.abroad
    return held * 0.985 * _identity(population, earlier=1.0, later=0.5)


def _school(population: Population) -> Floats:
    age = _ages(population)
    share = np.select([age < 4, age == 4, age < 16], [0.0, 0.8, 0.94], 0.62)
    return share * _here(population) * _identity(population, earlier=0.25, later=1.0)


def _gp(population: Population) -> Floats:
    return 0.97 * ~population.facts.unborn * _identity(population, earlier=0.4, later=1.0)


def _health_visiting(population: Population) -> Floats:
    share = np.select([population.facts.unborn, _ages(population) < 5], [0.75, 0.93], 0.0)
    living: Flags = population.facts.deceased_on == 0
    return share * living * _identity(population, earlier=0.5, later=1.0)


def _social_care(population: Population) -> Floats:
    usual = np.where(population.facts.unborn, 0.05, 0.05 + 0.02 * (_ages(population) > 9))
    usual = np.where(population.facts.shielded, 1.0, usual * _here(population))
    return usual * _identity(population, earlier=14.0, later=4.0)


def _youth_justice(population: Population) -> Floats:
    age = _ages(population)
    share: Floats = np.select([age < 10, age < 14], [0.0, 0.004], 0.016) * _here(population)
    return share


def _sexual_health(population: Population) -> Floats:
    return np.where(_ages(population) < 13, 0.0, 0.025) * _here(population)


def _anyone(population: Population) -> Floats:
    return np.where(population.facts.unborn, 0.0, 0.9)


SUPPLIERS = {
    supplier.name: supplier
    for supplier in (
        Supplier(
            name="births", prefix="BR", level="light", chance=_births, at_birth=True, calls=0.0, second_carer=0.35, organisation="gss:K04000001",
            title="General registration service (made up)", cadence_days=30, rank=40, precedence={"birth_date": 1, "sex": 2, "former_family_name": 2},
            columns=(*NAME, "birth_date", "sex", "nhs_number", *HOME, *CARERS, "updated_on"),
        ),
        Supplier(
            name="school_census", prefix="SC", level="light", chance=_school, calls=1.5, second_carer=0.25, kinds=("school",), organisation="gss:E92000001",
            title="School census (made up)", cadence_days=14, rank=20, precedence={"known_as": 1, "upn": 1, "carer_name": 20},
            columns=(*NAME, "known_as", "former_family_name", "birth_date", "sex", "upn", *HOME, "uprn", *CARERS, "updated_on", *SERVICE),
        ),
        Supplier(
            name="gp_list", prefix="GP", level="light", chance=_gp, plain=True, capitals=True, kinds=("gp",), organisation="ods:X90001",
            title="National patient list (made up)", cadence_days=7, rank=10, precedence={"nhs_number": 1, "birth_date": 2},
            columns=(*NAME, "former_family_name", "birth_date", "sex", "nhs_number", *HOME, "updated_on", "deceased_on", "left_england", *SERVICE),
        ),
        Supplier(
            name="health_visiting", prefix="HV", level="medium", chance=_health_visiting, plain=True, kinds=("health_visiting",), organisation="ods:R9000",
            title="Community health trust (made up)", cadence_days=7, rank=30, precedence={"unborn": 1},
            columns=(*NAME, "known_as", "birth_date", "unborn", "sex", "nhs_number", *HOME, *CARERS, "updated_on", *SERVICE),
        ),
        Supplier(
            name="social_care", prefix="CS", level="medium", chance=_social_care, second_carer=0.3, kinds=("social_care", "early_help"), organisation="council",
            title="Children's social care", cadence_days=1, rank=15, precedence={"address": 5, "postcode": 5, "carer_name": 5},
            columns=(
                *NAME, "known_as", "former_family_name", "birth_date", "unborn", "sex", "nhs_number", "upn", *HOME, "uprn", *CARERS, "updated_on", "confidential",
                *SERVICE, "lead_professional", "assessment", "assessment_on",
            ),
        ),
        Supplier(
            name="youth_justice", prefix="YJ", level="heavy", chance=_youth_justice, kinds=("youth_justice",), organisation="council",
            title="Youth justice service", cadence_days=7, rank=35, columns=(*NAME, "known_as", "birth_date", "sex", "upn", *HOME, *CARERS, "updated_on", *SERVICE),
        ),
        Supplier(
            name="sexual_health", prefix="SH", level="medium", chance=_sexual_health, calls=1.5, kinds=("sexual_health",), organisation="ods:C9000",
            title="Young people's clinic", legal_basis="Children Act 2004, section 12; consent or significant harm for each entry", duty="may", cadence_days=7, rank=60,
            columns=(
                "record_id", "family_name", "given_name", "known_as", "birth_date", "sex", "nhs_number", "postcode", "updated_on", *SERVICE,
                "consent_basis", "consent_by", "consent_on",
            ),
        ),
    )
}  # fmt: skip
#: Columns of a supplier that is none of the above: who the child is, and no service.
PLAIN_COLUMNS = (*NAME, "former_family_name", "birth_date", "sex", "nhs_number", *HOME, "uprn", "updated_on")
NUMBER_COLUMNS = frozenset({"nhs_number", "upn", "uprn"})


def named(name: str, *, level: str | None = None) -> Supplier:
    """The supplier of this name; any other name that could be a file's is a supplier of plain records about children of every age.

    Refuses a level that is none of light, medium and heavy, and a name with other signs than small letters, digits, hyphen and underscore.
    """
    if not NAMED.fullmatch(name):
        raise ValueError(f"a supplier's name has small letters, digits, hyphens and underscores only: {name!r}")
    if level is not None and level not in LEVELS:
        raise ValueError(f"errors must be one of {', '.join(LEVELS)}, not {level!r}")
    known = SUPPLIERS.get(name)
    if known is None:
        return Supplier(
            name=name, prefix=name[:8].upper(), columns=PLAIN_COLUMNS, level=level or "light", chance=_anyone, organisation="council", title=f"{name} (made up)"
        )  # fmt: skip
    return known if level is None else replace(known, level=level)
