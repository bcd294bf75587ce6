"""Makes up children and writes what their suppliers would deliver, with the truth beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What was asked for, checked."""

    children: int
    seed: int
    out: Path
    suppliers: list[Supplier]
    overlap: float | None
    numbers: bool
    authorities: int | tuple[str, ...]
    reference: date


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
    """Makes up `children` children under eighteen on `reference`; writes the suppliers' files, set-up files and truth into `out`.

    overlap: with it, every supplier holds `children` records, that share of them of children whom all suppliers hold, the rest of
    children whom no other holds; the population is as large as that needs. Without it each holds whom such a service would hold.
    numbers: False leaves NHS, pupil and property numbers empty. errors: light, medium or heavy, one a supplier in order, the last
    standing for the rest; none leaves each supplier as it usually is. authorities: GSS codes or names, or a number of neighbours.
    progress is called with what has been done and a share of the whole in [0, 1].

    The same arguments write the same bytes. NHS numbers are of the test range, which holds about 909,000: children beyond have none.
    Refuses (ValueError) no children, an overlap outside (0, 1], an unknown authority or level, a supplier named twice.
    """
    if children < 1:
        raise ValueError(f"children must be at least 1, not {children}")
    if overlap is not None and not 0 < overlap <= 1:
        raise ValueError(f"overlap is a share above 0 and up to 1, not {overlap}")
    order = _Order(
        children=children, seed=seed, out=out, suppliers=_suppliers(suppliers, errors), overlap=overlap, numbers=numbers,
        authorities=authorities, reference=reference,
    )  # fmt: skip
    return _carry_out(order, progress)


def _carry_out(order: _Order, progress: Progress) -> Summary:
    rng = np.random.default_rng(order.seed)
    area = places.chosen(order.authorities, rng)
    order.out.mkdir(parents=True, exist_ok=True)
    today = (order.reference - date(1970, 1, 1)).days
    made = population.build(rng, children=_population_size(order), authorities=area, today=today, progress=progress)
    staff = organisations.build(
        rng, names=made.names, vocabulary=made.vocabulary, places=made.places, children=len(made)
    )
    setup_files.write(order.out, directory=staff, places=made.places, suppliers=order.suppliers)
    held = _held(rng, made, order)
    counts = {}
    for at, (supplier, who) in enumerate(zip(order.suppliers, held, strict=True)):
        stream = np.random.default_rng([order.seed, at, *supplier.name.encode()])
        counts[supplier.name] = _write(stream, made, supplier=supplier, who=who, staff=staff, order=order)
        progress(f"{supplier.name} written", 0.2 + 0.65 * (at + 1) / len(held))
    truth.write(order.out, population=made, suppliers=order.suppliers, held=held)
    forbidden = truth.write_forbidden(order.out, population=made, suppliers=order.suppliers, held=held)
    progress("truth written", 1.0)
    return Summary(
        children=len(made),
        records={supplier.name: len(who) for supplier, who in zip(order.suppliers, held, strict=True)},
        rows=counts,
        forbidden_pairs=forbidden,
        authorities=made.places.codes,
        reference=order.reference,
    )


def _suppliers(names: tuple[str, ...], errors: tuple[str, ...]) -> list[Supplier]:
    if not names or len(set(names)) < len(names):
        raise ValueError("name at least one supplier, and each once")
    if len(errors) > len(names):
        raise ValueError(f"{len(errors)} error levels for {len(names)} suppliers")
    levels = [errors[min(at, len(errors) - 1)] if errors else None for at in range(len(names))]
    return [named(name, level=level) for name, level in zip(names, levels, strict=True)]


def _population_size(order: _Order) -> int:
    if order.overlap is None:
        return order.children
    common = round(order.children * order.overlap)
    wanted = common + len(order.suppliers) * (order.children - common)
    return int(wanted * (1 + 2 * population.UNBORN)) + 25


def _held(rng: np.random.Generator, made: Population, order: _Order) -> list[Ints]:
    """The children each supplier holds, in the random order in which it lists them."""
    if order.overlap is None:
        chances = (supplier.chance(made) for supplier in order.suppliers)
        return [rng.permutation(np.flatnonzero(rng.random(len(made)) < chance)) for chance in chances]
    born = rng.permutation(np.flatnonzero(~made.facts.unborn))
    common = round(order.children * order.overlap)
    own = order.children - common
    parts = [born[common + at * own : common + (at + 1) * own] for at in range(len(order.suppliers))]
    return [rng.permutation(np.r_[born[:common], part]) for part in parts]


def _write(
    rng: np.random.Generator, made: Population, *, supplier: Supplier, who: Ints, staff: Directory, order: _Order
) -> int:
    """Writes one supplier's file part by part and returns the number of its rows."""
    posts = staff.table()
    written = 0
    with (order.out / f"{supplier.name}.csv").open("wb") as file:
        for start in range(0, max(len(who), 1), CHUNK):
            kept = records.write_down(rng, population=made, supplier=supplier, who=who[start : start + CHUNK])
            services = involvements.build(rng, population=made, directory=staff, supplier=supplier, records=kept)
            second = kept.carer_known & made.families.father_known[made.born.family[kept.who]]
            plan = involvements.rows(
                rng, records=kept, involvements=services, second_carers=second, share=supplier.second_carer
            )
            frame = rows.frame(
                population=made, supplier=supplier, written=kept, involvements=services, posts=posts, rows=plan,
                first_id=start + 1, numbers=order.numbers,
            )  # fmt: skip
            frame.write_csv(file, include_header=start == 0)
            written += len(frame)
    return written
