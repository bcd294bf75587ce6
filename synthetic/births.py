"""Who is born to whom, and when: families of different sizes, twins, and birthdays spread as the country's births are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.names import FIRST_YEAR, YEARS, Floats, Ints

#: Share of families with one, two, ... maternities among children under eighteen.
SIZES = (0.45, 0.37, 0.125, 0.038, 0.017)
#: Share of maternities with more than one child (England and Wales, about 1.5%).
TWIN_RATE = 0.015
TRIPLET_RATE = 0.0002
IDENTICAL_SHARE = 0.33
SHORTEST_GAP = 300
AGES = 18
YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Births:
    """One row a child: the family (numbered from 0), the maternity within it, how many were born, place among them, birthday and sex."""

    families: int
    family: Ints
    order: Ints
    plural: Ints
    place: Ints
    day: Ints
    sex: Ints


def build(rng: np.random.Generator, *, children: int, today: int, births: Floats) -> Births:
    """`children` children under eighteen on day `today` (days since 1970), in families.

    births: births in each year from FIRST_YEAR, so that older and younger years are as large as they were.
    """
    sizes = rng.choice(len(SIZES), size=children, p=SIZES).astype(np.int64) + 1
    maternity_family = np.repeat(np.arange(children), sizes)
    order = np.arange(len(maternity_family)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    luck = rng.random(len(order))
    plural = 1 + (luck < TWIN_RATE).astype(np.int64) + (luck < TRIPLET_RATE)
    days = _birthdays(rng, family=maternity_family, order=order, today=today, births=births)
    maternity = np.repeat(np.arange(len(plural)), plural)
    place = np.arange(len(maternity)) - np.repeat(np.cumsum(plural) - plural, plural)
    maternity, place = maternity[:children], place[:children]
    family = maternity_family[maternity]
    return Births(
        families=int(family[-1]) + 1,
        family=family,
        order=order[maternity],
        plural=plural[maternity],
        place=place,
        day=days[maternity],
        sex=_sexes(rng, place),
    )


def _sexes(rng: np.random.Generator, place: Ints) -> Ints:
    """0 boy, 1 girl; a third of twins are identical and so of one sex."""
    sex = (rng.random(len(place)) >= 0.512).astype(np.int64)
    same = np.flatnonzero((place > 0) & (rng.random(len(place)) < IDENTICAL_SHARE))
    sex[same] = sex[same - 1]
    return sex


def _birthdays(rng: np.random.Generator, *, family: Ints, order: Ints, today: int, births: Floats) -> Ints:
    """A birthday for each maternity: brothers and sisters at least ten months apart, everybody spread evenly over the years.

    A family's births lie on a circle of eighteen years, turned at random: that keeps every age equally likely whatever the family's size.
    """
    span = AGES * YEAR
    gaps = np.where(order == 0, 0.0, SHORTEST_GAP + rng.gamma(2.0, 380.0, len(order)))
    through = np.cumsum(gaps)
    starts = np.maximum.accumulate(np.where(order == 0, through, 0.0))
    since = through - starts
    longest = np.zeros(int(family[-1]) + 1)
    np.maximum.at(longest, family, since)
    room = span - SHORTEST_GAP
    least = SHORTEST_GAP * order
    squeeze = np.clip((room - 6 * SHORTEST_GAP) / np.maximum(longest[family] - 5 * SHORTEST_GAP, 1.0), 0.0, 1.0)
    since = least + (since - least) * np.where(longest[family] > room, squeeze, 1.0)
    turn = rng.random(len(longest))[family] * span
    when = np.floor((turn + since) % span)
    return _spread(when / span, today=today, births=births)


def _spread(share: Floats, *, today: int, births: Floats) -> Ints:
    """Turns an even share of eighteen years into a day, busier years getting more."""
    start = today - int(AGES * YEAR) + 1
    days = np.arange(start, today + 1)
    year = (days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970) - FIRST_YEAR
    weight = births[np.clip(year, 0, YEARS - 1)]
    cumulative = np.r_[0.0, np.cumsum(weight)] / weight.sum()
    return start + np.floor(np.interp(share, cumulative, np.arange(len(cumulative)))).astype(np.int64).clip(
        0, len(days) - 1
    )


def ages(day: Ints, today: int) -> Ints:
    """Age in whole years on day `today`."""
    return ((today - day) / YEAR).astype(np.int64)


def years(day: NDArray[np.int64]) -> Ints:
    """Calendar year of each day."""
    found: Ints = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return found
