"""Where the population lives: authorities, made-up postcodes, streets and house numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from synthetic.names import DATA, listed

Ints = NDArray[np.int64]

#: Outward codes end in a district no town has; inward letters are those the Royal Mail uses.
DISTRICTS = (82, 83, 84, 85, 86, 87, 88, 89)
INWARD = "ABDEFGHJLNPQRSTUWXYZ"
PER_AREA = len(DISTRICTS) * 10 * len(INWARD) ** 2
FAMILIES_PER_POSTCODE = 6
#: Coprime with PER_AREA, so that stepping by it visits every postcode of an area once.
STRIDE = 12_347

ROOTS = listed("""Larch, Chestnut, Willow, Rowan, Hawthorn, Victoria, Albert, Station, Church, Mill, Park, Queens, Kings, York, Windsor, Manor, Grange, Highfield, Meadow,
Orchard, Springfield, Westfield, Northgate, Southgate, Eastfield, Brook, River, Bridge, School, Chapel, Vicarage, St Mary's, St John's, Alexandra, Clarence, Derwent,
Severn, Trent, Tyne, Avon, Elm, Oak, Ash, Beech, Birch, Cedar, Maple, Poplar, Sycamore, Lime, Holly, Laurel, Primrose, Bluebell, Foxglove, Heather, Kingfisher, Swallow,
Skylark, Lapwing, Nelson, Wellington, Gladstone, Disraeli, Attlee, Bevan, Coronation, Jubilee, Green, Long, Back, Front, Moor, Hill, Dale, Cliff, Priory, Abbey, Castle,
Tower, Market, Quarry, Forge, Weaver, Cooper, Tanner, Mason, Sadler, Quaker, Wesley, Fountain, Wood, Copse, Farm, Barn, Stable, Harvest, Thistle, Clover, Bramble""")
KINDS = listed(
    "Road, Street, Avenue, Close, Lane, Drive, Crescent, Way, Grove, Court, Terrace, Gardens, Place, Walk, Mews, Rise"
)
LOCAL = listed(
    "Netherfield, Overbrook, Millbeck, Ashgate, Thornley End, Harrow Green, Eastmoor, Saltwick, Long Barton, Copley Vale, Fenwick Side, Marsh End"
)


@dataclass(frozen=True, slots=True)
class Places:
    """Authorities by position, and postcodes: those of authority a are numbers first[a] to first[a + 1]."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    regions: tuple[str, ...]
    weights: NDArray[np.float64]
    la_numbers: Ints
    first: Ints
    authority: Ints
    postcodes: pl.Series

    def pick(self, rng: np.random.Generator, authority: Ints) -> Ints:
        """A postcode in each of these authorities."""
        spread = np.diff(self.first)[authority]
        return self.first[authority] + (rng.random(len(authority)) * spread).astype(np.int64)

    def lines(self) -> pl.Series:
        """For each postcode, the end of an address there: street, locality, authority."""
        number = np.arange(len(self.postcodes), dtype=np.int64)
        streets = pl.Series([f"{root} {kind}" for root in ROOTS for kind in KINDS])
        local = pl.Series(LOCAL)
        frame = pl.DataFrame(
            {
                "street": streets.gather(pl.Series(number // 2 * 7_919 % len(streets))),
                "local": local.gather(pl.Series(number // 9 % len(local))),
                "town": pl.Series(self.names).gather(pl.Series(self.authority)),
            }
        )
        return frame.select(pl.concat_str("street", "local", "town", separator=", ")).to_series()


def authorities() -> pl.DataFrame:
    """The 153 English authorities with children's services, with a postcode area and a pupil-number prefix for each."""
    areas = pl.read_csv(DATA / "postcode_areas.csv")
    return pl.read_csv(DATA / "local_authorities.csv").join(areas, on="gss_code", how="left", maintain_order="left")


def chosen(wanted: int | tuple[str, ...], rng: np.random.Generator) -> pl.DataFrame:
    """The authorities asked for: by GSS code or name, or a number of neighbours.

    Refuses a name that is no authority, and a number outside 1 to 153.
    """
    known = authorities()
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(known):
            raise ValueError(f"authorities must be between 1 and {len(known)}, not {wanted}")
        weights = known["population_2020"].to_numpy().astype(np.float64)
        anchor = int(rng.choice(len(known), p=weights / weights.sum()))
        lat, long = known["lat"].to_numpy(), known["long"].to_numpy()
        away = (lat - lat[anchor]) ** 2 + ((long - long[anchor]) * 0.6) ** 2
        return known[np.sort(np.argsort(away, kind="stable")[:wanted])]
    found = {
        str(row[key]).casefold(): at
        for at, row in enumerate(known.iter_rows(named=True))
        for key in ("gss_code", "name", "official_name")
    }
    unknown = [name for name in wanted if name.casefold() not in found]
    if unknown or not wanted:
        raise ValueError(f"not an authority with children's services: {', '.join(unknown) or 'none named'}")
    return known[sorted({found[name.casefold()] for name in wanted})]


def build(rows: pl.DataFrame, *, families: int) -> Places:
    """Postcodes for the authorities, about six families to each; authorities that share a postcode area share its districts."""
    weights = rows["population_2020"].to_numpy().astype(np.float64)
    weights /= weights.sum()
    areas = rows["area"].to_list()
    sharing = np.array([areas.count(area) for area in areas])
    counts = np.maximum(40, (families * weights / FAMILIES_PER_POSTCODE)).astype(np.int64)
    counts = np.minimum(counts, PER_AREA // sharing)
    first = np.r_[0, np.cumsum(counts)]
    authority = np.repeat(np.arange(len(rows)), counts)
    used: dict[str, int] = {}
    texts: list[str] = []
    for area, count in zip(areas, counts.tolist(), strict=True):
        start = used.get(area, 0)
        texts += [_postcode(area, (start + at) * STRIDE % PER_AREA) for at in range(count)]
        used[area] = start + count
    return Places(
        codes=tuple(rows["gss_code"]),
        names=tuple(rows["name"]),
        regions=tuple(rows["region"]),
        weights=weights,
        la_numbers=rows["upn_number"].to_numpy().astype(np.int64),
        first=first,
        authority=authority,
        postcodes=pl.Series(texts, dtype=pl.String),
    )


def _postcode(area: str, number: int) -> str:
    rest, letter = divmod(number, len(INWARD))
    rest, other = divmod(rest, len(INWARD))
    district, sector = divmod(rest, 10)
    return f"{area}{DISTRICTS[district]} {sector}{INWARD[other]}{INWARD[letter]}"
