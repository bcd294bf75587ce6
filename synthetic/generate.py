"""Makes up children and writes what their suppliers would deliver, with the truth beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from synthetic import involvements, organisations, places, population, records, rows, setup_files, truth
from synthetic.names import Ints
from synthetic.organisations import Directory
from synthetic.population import Population
from synthetic.suppliers import SUPPLIERS, Supplier, named

REFERENCE = date(2026, 9, 1)
DEFAULT_SUPPLIERS = tuple(SUPPLIERS)
#: Records are written this many at a time, so that memory does not grow with the population.
CHUNK = 400_000

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was written: children made up, records and rows of each supplier, pairs that must never be linked, the authorities."""

    children: int
    records: dict[str, int]
    rows: dict[str, int]
    forbidden_pairs: int
    authorities: tuple[str, ...]
    reference: date


def quiet(stage: str, share: float) -> None:
    """Progress that nobody watches."""


def generate(
    *,
    children: int,
    seed: int,
    out: Path,
    suppliers: tuple[str, ...] = DEFAULT_SUPPLIERS,
    overlap: float | None = None,
    numbers: bool = True,
    errors: tuple[str, ...] = (),
    authorities: int | tuple[str, ...] = 2,
    reference: date = REFERENCE,
    progress: Progress = quiet,
) -> Summary:
    """Makes up `children` children under eighteen on `reference` and writes the suppliers' files, set-up files and truth into `out`.

    overlap: with it, every supplier holds `children` records, that share of them of children whom all suppliers hold and the rest of children
    whom no other supplier holds; the population is as large as that needs. Without it each supplier holds whom such a service would hold.
    numbers: False leaves NHS, pupil and property numbers out. errors: light, medium or heavy, one for each supplier in order, the last one
    standing for the rest; none leaves each supplier as it usually is. authorities: GSS codes or names, or a number of neighbouring ones.
    progress is called with what has been done and a share of the whole in [0, 1].

    The same arguments write the same bytes. NHS numbers are of the test range only, which holds about 909,000: children beyond that have none.
    Refuses (ValueError) fewer than one child, an overlap outside (0, 1], an unknown authority or level, and a supplier named twice.
    """
    chosen = _suppliers(suppliers, errors)
    if children < 1:
        raise ValueError(f"children must be at least 1, not {children}")
    if overlap is not None and not 0 < overlap <= 1:
        raise ValueError(f"overlap is a share above 0 and up to 1, not {overlap}")
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    area = places.chosen(authorities, rng)
    today = (reference - date(1970, 1, 1)).days
    size = children if overlap is None else _population_size(children, len(chosen), overlap)
    made = population.build(rng, children=size, authorities=area, today=today, progress=progress)
    staff = organisations.build(rng, names=made.names, vocabulary=made.vocabulary, places=made.places, children=size)
    setup_files.write(out, directory=staff, places=made.places, suppliers=chosen)
    held = _held(rng, made, chosen, children=children, overlap=overlap)
    counts = {}
    for at, (supplier, who) in enumerate(zip(chosen, held, strict=True)):
        stream = np.random.default_rng([seed, at, *supplier.name.encode()])
        counts[supplier.name] = _write(stream, made, supplier, who, staff=staff, out=out, numbers=numbers)
        progress(f"{supplier.name} written", 0.25 + 0.65 * (at + 1) / len(chosen))
    truth.write(out, population=made, suppliers=chosen, held=held)
    forbidden = truth.write_forbidden(out, population=made, suppliers=chosen, held=held)
    progress("truth written", 1.0)
    return Summary(
        children=size,
        records={supplier.name: len(who) for supplier, who in zip(chosen, held, strict=True)},
        rows=counts,
        forbidden_pairs=forbidden,
        authorities=made.places.codes,
        reference=reference,
    )


def _suppliers(names: tuple[str, ...], errors: tuple[str, ...]) -> list[Supplier]:
    if not names or len(set(names)) < len(names):
        raise ValueError("name at least one supplier, and each once")
    if len(errors) > len(names):
        raise ValueError(f"{len(errors)} error levels for {len(names)} suppliers")
    levels = [errors[min(at, len(errors) - 1)] if errors else None for at in range(len(names))]
    return [named(name, level=level) for name, level in zip(names, levels, strict=True)]


def _population_size(children: int, suppliers: int, overlap: float) -> int:
    own = children - round(children * overlap)
    wanted = round(children * overlap) + suppliers * own
    return int(wanted * (1 + 2 * population.UNBORN)) + 5


def _held(
    rng: np.random.Generator, made: Population, suppliers: list[Supplier], *, children: int, overlap: float | None
) -> list[Ints]:
    """The children each supplier holds, in the random order in which it lists them."""
    if overlap is None:
        return [
            rng.permutation(np.flatnonzero(rng.random(len(made)) < supplier.chance(made))) for supplier in suppliers
        ]
    order = rng.permutation(np.flatnonzero(~made.facts.unborn))
    common = round(children * overlap)
    own = children - common
    parts = [order[common + at * own : common + (at + 1) * own] for at in range(len(suppliers))]
    return [rng.permutation(np.r_[order[:common], part]) for part in parts]


def _write(
    rng: np.random.Generator,
    made: Population,
    supplier: Supplier,
    who: Ints,
    *,
    staff: Directory,
    out: Path,
    numbers: bool,
) -> int:
    posts = staff.table()
    written = 0
    with (out / f"{supplier.name}.csv").open("wb") as file:
        for start in range(0, max(len(who), 1), CHUNK):
            part = who[start : start + CHUNK]
            written += _write_part(
                rng, made, supplier, part, staff=staff, posts=posts, file=file, start=start, numbers=numbers
            )
    return written


def _write_part(
    rng: np.random.Generator, made: Population, supplier: Supplier, who: Ints, *, staff: Directory, posts: pl.DataFrame, file: BinaryIO,
    start: int, numbers: bool,
) -> int:  # fmt: skip
    kept = records.write_down(rng, population=made, supplier=supplier, who=who)
    services = involvements.build(rng, population=made, directory=staff, supplier=supplier, records=kept)
    second = kept.carer_known & made.families.father_known[made.born.family[who]]
    plan = involvements.rows(
        rng, records=kept, involvements=services, second_carers=second, share=supplier.second_carer
    )
    frame = rows.frame(
        population=made,
        supplier=supplier,
        written=kept,
        involvements=services,
        posts=posts,
        rows=plan,
        first_id=start + 1,
        numbers=numbers,
    )
    frame.write_csv(file, include_header=start == 0)
    return len(frame)
