"""Three children of a made-up area worth looking for: one easily misspelt, one shielded, one with a sensitive service."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

#: Spellings that people get wrong, and what they write; tried in this order in family names.
MISSPELT = (
    *(
        ("McDonagh", "McDonough"),
        ("Chowdhury", "Choudhry"),
        ("Mohammed", "Mohamad"),
        ("Hussain", "Husein"),
        ("thwaite", "thwate"),
        ("ough", "uff"),
    ),
    *(
        ("Mac", "Mc"),
        ("Mc", "Mac"),
        ("ph", "f"),
        ("ei", "ie"),
        ("ie", "ei"),
        ("ck", "k"),
        ("ll", "l"),
        ("nn", "n"),
        ("tt", "t"),
        ("ss", "s"),
    ),
    *(("y", "i"), ("er", "or")),
)
IDENTITY = ("family_name", "given_name", "birth_date", "postcode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A child worth looking for. records: (source, record_id) of every record of the child; search: what to type; expect: what should be seen."""

    why: str
    person_id: str
    family_name: str
    given_name: str
    birth_date: str
    postcode: str
    records: tuple[tuple[str, str], ...]
    search: dict[str, str]
    expect: str


def demo_picks(out: Path) -> tuple[Pick, ...]:
    """The three children, found in the files `generate` wrote into `out`; a kind of which there is none is left out.

    Names are those of the registrar or the school, dates and postcodes those most records agree on.
    """
    truth = pl.read_csv(out / "truth.csv", infer_schema=False)
    files = {
        name: pl.read_csv(out / f"{name}.csv", infer_schema=False)
        for name in truth["source"].unique(maintain_order=True)
    }
    held = _held(truth, files)
    plain = held.filter((pl.col("group_identity") == "one") & (pl.col("group_twin") == "false"))
    found = (
        _misspelt(plain.filter(pl.col("group_shielded") == "false"), files),
        _shielded(plain.filter(pl.col("group_shielded") == "true")),
        _sensitive(plain.filter(pl.col("group_shielded") == "false")),
    )
    return tuple(pick for pick in found if pick is not None)


def _held(truth: pl.DataFrame, files: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row a person with three or more records: the sources and ids, and the name, date and postcode most of them agree on."""
    said = pl.concat(
        [
            frame.unique("record_id", maintain_order=True).select(
                pl.lit(source).alias("source"), "record_id", *IDENTITY
            )
            for source, frame in files.items()
        ]
    )
    known = truth.join(said, on=["source", "record_id"], maintain_order="left")
    first = pl.col("family_name").filter(pl.col("source").is_in(["births", "school_census"])).first()
    given = pl.col("given_name").filter(pl.col("source").is_in(["births", "school_census"])).first()
    people = known.group_by("person_id", maintain_order=True).agg(
        pl.col("source"), pl.col("record_id"), first.alias("family_name"), given.alias("given_name"),
        pl.col("birth_date").mode().first(), pl.col("postcode").drop_nulls().mode().first(), pl.col("birth_date").n_unique().alias("dates"),
        *(pl.col(name).first() for name in ("group_identity", "group_twin", "group_shielded")),
    )  # fmt: skip
    agreed = (
        (pl.col("dates") == 1) & (pl.col("source").list.len() >= 3) & pl.all_horizontal(pl.col(IDENTITY).is_not_null())
    )
    return people.filter(agreed).sort("person_id")


def _pick(row: dict[str, Any], *, why: str, search: dict[str, str], expect: str) -> Pick:
    return Pick(
        why=why,
        person_id=str(row["person_id"]),
        family_name=str(row["family_name"]),
        given_name=str(row["given_name"]),
        birth_date=str(row["birth_date"]),
        postcode=str(row["postcode"]),
        records=tuple(zip(row["source"], row["record_id"], strict=True)),
        search=search,
        expect=expect,
    )


def _misspelt(people: pl.DataFrame, files: dict[str, pl.DataFrame]) -> Pick | None:
    """A child with a lead professional and several services, whose family name is easily written otherwise."""
    if "social_care" not in files:
        return None
    leads = files["social_care"].filter(
        (pl.col("lead_professional") == "true") & pl.col("ended_on").is_null() & pl.col("phone").is_not_null()
    )
    led = set(leads["record_id"])
    rows = [
        row
        for row in people.to_dicts()
        if any(s == "social_care" and i in led for s, i in zip(row["source"], row["record_id"], strict=True))
    ]
    rows.sort(key=lambda row: -len(row["source"]))
    for right, wrong in MISSPELT:
        for row in rows:
            name = str(row["family_name"])
            written = name.replace(right, wrong, 1)
            if written != name and len(name) > 5 and " " not in name:
                search = {"family_name": written, "given_name": row["given_name"], "birth_date": row["birth_date"]}
                return _pick(
                    row,
                    why="misspelt",
                    search=search,
                    expect="found in spite of the misspelling, with a lead professional to ring",
                )
    return None


def _shielded(people: pl.DataFrame) -> Pick | None:
    rows = people.sort(pl.col("source").list.len(), descending=True, maintain_order=True).head(1).to_dicts()
    if not rows:
        return None
    search = {name: str(rows[0][name]) for name in ("family_name", "given_name", "birth_date")}
    return _pick(
        rows[0], why="shielded", search=search, expect="found by name and date of birth only, and four fields shown"
    )


def _sensitive(people: pl.DataFrame) -> Pick | None:
    rows = people.filter(pl.col("source").list.contains("sexual_health")).head(1).to_dicts()
    if not rows:
        return None
    search = {name: str(rows[0][name]) for name in IDENTITY}
    return _pick(
        rows[0],
        why="sensitive",
        search=search,
        expect="an unspecified sensitive service, and a way to ask to be put in touch",
    )
