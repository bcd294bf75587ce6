"""A supplier's records as the rows and columns of a supply file."""

from collections.abc import Callable

import numpy as np
import polars as pl

from synthetic import records
from synthetic.involvements import ASSESSMENTS, CONSENTS, SERVICE_TYPES, Involvements, Rows
from synthetic.names import Ints
from synthetic.numbers import mobile_phones
from synthetic.population import LEFT_STATES, Population
from synthetic.records import FULL, MONTH, SEXES, Records
from synthetic.suppliers import Supplier
from synthetic.vocabulary import NONE, gather

FIRST_DAY, LAST_DAY = "1990-01-01", "2050-01-01"
ORIGIN = int(np.datetime64(FIRST_DAY, "D").astype(np.int64))
DAYS = pl.Series(np.arange(FIRST_DAY, LAST_DAY, dtype="datetime64[D]").astype(str))
HARM = CONSENTS.index("significant_harm")
PARENT = CONSENTS.index("parent")


def dates(days: Ints) -> pl.Series:
    """Days since 1970 as YYYY-MM-DD, null where 0."""
    return gather(DAYS, np.where(days == 0, NONE, days - ORIGIN))


def frame(
    *, population: Population, supplier: Supplier, written: Records, involvements: Involvements | None,
    posts: pl.DataFrame, rows: Rows, first_id: int, numbers: bool,
) -> pl.DataFrame:  # fmt: skip
    """The file's rows, in its columns. Record ids are numbered from first_id. Without `numbers`, no NHS number, pupil or property number."""
    child = _child(population, supplier, written, first_id=first_id).with_columns(
        updated_on=dates(_updated(written, involvements))
    )
    if not numbers:
        child = child.with_columns(
            pl.lit(None, dtype=pl.String).alias(name) for name in ("nhs_number", "upn", "uprn") if name in child.columns
        )
    made = child[rows.record]
    if "carer_name" in supplier.columns:
        made = made.hstack(_carers(population, written, rows))
    if involvements is not None:
        made = made.hstack(
            _services(made, population=population, written=written, involvements=involvements, posts=posts, rows=rows)
        )
    return made.select(supplier.columns)


def _child(population: Population, supplier: Supplier, written: Records, *, first_id: int) -> pl.DataFrame:
    words, names, facts, who = population.vocabulary.series, written.names, population.facts, written.who
    ids = pl.Series(np.arange(first_id, first_id + len(who))).cast(pl.String).str.zfill(7)
    available: dict[str, Callable[[], pl.Series]] = {
        "record_id": lambda: supplier.prefix + ids,
        "family_name": lambda: _case(words(names.family), supplier),
        "given_name": lambda: words(names.given),
        "middle_names": lambda: _joined(words(names.middle), words(names.second_middle)),
        "known_as": lambda: words(names.known_as),
        "former_family_name": lambda: _case(words(names.former), supplier),
        "birth_date": lambda: _birth_dates(written),
        "unborn": lambda: gather(pl.Series(["true"]), np.where(facts.unborn[who], 0, NONE)),
        "sex": lambda: SEXES.gather(pl.Series(written.sex)),
        "nhs_number": lambda: _numbers(written.nhs),
        "upn": lambda: written.upn,
        "postcode": lambda: written.postcode,
        "confidential": lambda: gather(pl.Series(["true"]), np.where(facts.shielded[who], 0, NONE)),
        "deceased_on": lambda: dates(
            np.where(facts.deceased_on[who] > 0, np.maximum(facts.deceased_on[who], written.day), 0)
        ),
        "left_england": lambda: gather(
            pl.Series(LEFT_STATES), np.where(facts.left_england[who] > 0, facts.left_england[who], NONE)
        ),
    }
    made = {name: available[name]() for name in supplier.columns if name in available}
    if "address" in supplier.columns:
        made["address"], made["uprn"] = records.homes(population, written)
    return pl.DataFrame(made)


def _updated(written: Records, involvements: Involvements | None) -> Ints:
    """When each record last changed: a new or ended involvement is a change, even where the address has stood for years."""
    updated = written.updated_on.copy()
    if involvements is not None:
        np.maximum.at(updated, involvements.record, np.maximum(involvements.started, involvements.ended))
    return updated


def _case(texts: pl.Series, supplier: Supplier) -> pl.Series:
    return texts.str.to_uppercase() if supplier.capitals else texts


def _joined(first: pl.Series, second: pl.Series) -> pl.Series:
    both = pl.DataFrame({"first": first, "second": second})
    return both.select(
        pl.when(pl.col("first").is_not_null()).then(pl.concat_str("first", "second", separator=" ", ignore_nulls=True))
    ).to_series()


def _numbers(values: Ints) -> pl.Series:
    return (
        pl.DataFrame({"number": values})
        .select(pl.when(pl.col("number") > 0).then(pl.col("number").cast(pl.String)))
        .to_series()
    )


def _birth_dates(written: Records) -> pl.Series:
    whole = pl.DataFrame({"day": dates(written.day), "precision": written.precision})
    if (written.precision == FULL).all():
        return whole["day"]
    day, precision = pl.col("day"), pl.col("precision")
    cut = (
        pl.when(precision == FULL)
        .then(day)
        .when(precision == MONTH)
        .then(day.str.slice(0, 7))
        .otherwise(day.str.slice(0, 4))
    )
    return whole.select(cut).to_series()


def _carers(population: Population, written: Records, rows: Rows) -> pl.DataFrame:
    """One carer a row: mostly the mother first, the other parent in a second row. A carer without a name has no telephone either."""
    families, vocabulary = population.families, population.vocabulary
    family, second = population.born.family[written.who][rows.record], rows.second_carer == 1
    father = (written.father_first[rows.record] != second) & families.father_known[family]
    absent = ~written.carer_known[rows.record] | (second & ~families.father_known[family])
    given = np.where(father, families.father_given[family], families.mother_given[family])
    surname = np.where(father, families.father_family[family], families.mother_family[family])
    phone = np.where(father, families.father_phone[family], families.mother_phone[family])
    name = pl.DataFrame({"given": vocabulary.series(given), "family": vocabulary.series(surname), "absent": absent})
    return pl.DataFrame(
        {
            "carer_name": name.select(
                pl.when(~pl.col("absent")).then(pl.concat_str("given", "family", separator=" "))
            ).to_series(),
            "carer_relationship": gather(
                pl.Series(["mother", "father"]), np.where(absent, NONE, father.astype(np.int64))
            ),
            "carer_phone": gather(pl.Series(mobile_phones()), np.where(absent, NONE, phone)),
        }
    )


def _references(made: pl.DataFrame, numbers: Ints) -> pl.Series:
    """The supplier's own id of each involvement, from 1 within a record; none where the number is 0."""
    numbered = pl.DataFrame({"record": made["record_id"], "number": numbers})
    return numbered.select(pl.when(pl.col("number") > 0).then(pl.format("{}-{}", "record", "number"))).to_series()


def _services(
    made: pl.DataFrame,
    *,
    population: Population,
    written: Records,
    involvements: Involvements,
    posts: pl.DataFrame,
    rows: Rows,
) -> pl.DataFrame:
    at, none = rows.involvement, rows.involvement == NONE
    where = np.maximum(at, 0)

    def days(column: Ints) -> pl.Series:
        return dates(np.where(none, 0, column[where]))

    def words(values: tuple[str, ...], column: Ints) -> pl.Series:
        return gather(pl.Series(values), np.where(none, NONE, column[where]))

    post = np.where(none, NONE, involvements.post[where])
    columns = {name: gather(posts[name], post) for name in posts.columns}
    columns["involvement_id"] = _references(made, np.where(none, 0, involvements.number[where]))
    columns["service_type"] = words(SERVICE_TYPES, involvements.service)
    columns["started_on"], columns["ended_on"] = days(involvements.started), days(involvements.ended)
    if involvements.lead is not None and involvements.assessment is not None and involvements.assessed is not None:
        columns["lead_professional"] = words(("false", "true"), involvements.lead)
        columns["assessment"] = words(ASSESSMENTS, involvements.assessment)
        columns["assessment_on"] = days(involvements.assessed)
    if involvements.consent is not None:
        columns |= _consents(
            made,
            population=population,
            written=written,
            basis=involvements.consent[where],
            started=involvements.started[where],
            practitioner=columns["practitioner_name"],
            rows=rows,
        )
    return pl.DataFrame(columns)


def _consents(
    made: pl.DataFrame,
    *,
    population: Population,
    written: Records,
    basis: Ints,
    started: Ints,
    practitioner: pl.Series,
    rows: Rows,
) -> dict[str, pl.Series]:
    """Who decided that the clinic may be listed: the young person, a parent, or a named professional who fears significant harm."""
    families, family = population.families, population.born.family[written.who][rows.record]
    words = population.vocabulary.series
    named = pl.DataFrame(
        {
            "basis": basis,
            "given": made["given_name"],
            "family": made["family_name"],
            "mother": words(families.mother_given[family]) + " " + words(families.mother_family[family]),
            "practitioner": practitioner,
        }
    )
    child = pl.concat_str("given", "family", separator=" ", ignore_nulls=True)
    by = (
        pl.when(pl.col("basis") == PARENT)
        .then(pl.col("mother"))
        .when(pl.col("basis") == HARM)
        .then(pl.col("practitioner"))
        .otherwise(child)
    )
    return {
        "consent_basis": pl.Series(CONSENTS).gather(pl.Series(basis)),
        "consent_by": named.select(by).to_series(),
        "consent_on": dates(started),
    }
