"""The four set-up files of the made-up area: organisations, services, feeds, postcodes."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from synthetic.organisations import Directory, without_blanks
from synthetic.places import Places
from synthetic.suppliers import Supplier

#: code, name, kind, sector, coverage, sensitive. Mental health, drugs and alcohol, and probation have no feed in the made-up area.
SERVICES = (
    ("school", "School", "school", "education", "universal", "false"),
    ("early_years", "Nursery or childminder", "early_years", "education", "universal", "false"),
    ("general_practice", "GP practice", "gp", "health", "universal", "false"),
    ("health_visiting", "Health visiting", "health_visiting", "health", "universal", "false"),
    ("school_nursing", "School nursing", "school_nursing", "health", "universal", "false"),
    ("childrens_social_care", "Children's social care", "social_care", "social_care", "additional", "false"),
    ("early_help", "Early help", "early_help", "social_care", "additional", "false"),
    ("youth_justice", "Youth justice", "youth_justice", "youth_justice", "additional", "false"),
    ("probation", "Probation", "probation", "youth_justice", "additional", "false"),
    ("young_carers", "Young carers support", "voluntary", "voluntary", "additional", "false"),
    ("sexual_health", "Sexual health", "sexual_health", "health", "additional", "true"),
    ("child_mental_health", "Child and adolescent mental health", "mental_health", "health", "additional", "true"),
    (
        "drugs_and_alcohol",
        "Young people's drug and alcohol service",
        "substance_misuse",
        "health",
        "additional",
        "true",
    ),
)


def write(out: Path, *, directory: Directory, places: Places, suppliers: Sequence[Supplier]) -> None:
    """Writes organisations.csv, services.csv, feeds.toml and postcodes.csv into the folder."""
    without_blanks(pl.DataFrame(directory.organisations)).write_csv(out / "organisations.csv")
    columns = ("service_type", "name", "kind", "sector", "coverage", "sensitive")
    pl.DataFrame(SERVICES, schema=columns, orient="row").write_csv(out / "services.csv")
    postcodes = pl.DataFrame(
        {"postcode": places.postcodes, "authority": pl.Series(places.codes).gather(pl.Series(places.authority))}
    )
    postcodes.write_csv(out / "postcodes.csv")
    (out / "feeds.toml").write_text("\n".join(_feed(supplier, places) for supplier in suppliers), encoding="utf-8")


def _feed(supplier: Supplier, places: Places) -> str:
    organisation = {"council": f"gss:{places.codes[0]}"}.get(supplier.organisation, supplier.organisation)
    lines = [
        f"[{supplier.name}]",
        f"supplier = {_text(supplier.title)}",
        f"organisation_id = {_text(organisation)}",
        f"legal_basis = {_text(supplier.legal_basis)}",
        f"duty = {_text(supplier.duty)}",
        f"cadence_days = {supplier.cadence_days}",
        f"rank = {supplier.rank}",
        f"kinds = {_list(supplier.kinds)}",
        "authorities = [",
        *(f"    {_text(code)}, # {name}" for code, name in zip(places.codes, places.names, strict=True)),
        "]",
        f"fields = {_list(supplier.columns)}",
    ]
    if supplier.precedence:
        lines += [
            "",
            f"[{supplier.name}.precedence]",
            *(f"{name} = {rank}" for name, rank in supplier.precedence.items()),
        ]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
