"""How names, dates and postcodes go wrong when somebody writes them down. Every slip is one that clerks and systems really make."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from synthetic.names import Floats, Ints

Changer = Callable[[str, float], str]

#: Keys beside each other on a British keyboard.
NEIGHBOURS = {
    "a": "qsz", "b": "vnh", "c": "xvd", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok", "j": "hku", "k": "jli", "l": "kop", "m": "nj",
    "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip
#: Sounds written another way; the first that fits, from a random start, is used.
SOUNDS = (
    ("ph", "f"), ("f", "ph"), ("ck", "k"), ("c", "k"), ("k", "c"), ("ie", "y"), ("y", "ie"), ("ey", "y"), ("ee", "ea"), ("ea", "ee"), ("ai", "ay"), ("ay", "ai"),
    ("ou", "u"), ("oo", "u"), ("ll", "l"), ("l", "ll"), ("nn", "n"), ("n", "nn"), ("tt", "t"), ("t", "tt"), ("ss", "s"), ("s", "z"), ("z", "s"), ("mm", "m"), ("gh", "g"),
    ("th", "t"), ("sh", "sch"), ("ch", "sh"), ("j", "g"), ("w", "wh"), ("wh", "w"), ("er", "ar"), ("ar", "er"), ("or", "er"), ("en", "an"), ("an", "en"), ("on", "en"),
    ("i", "y"), ("e", "i"), ("a", "e"), ("v", "w"), ("q", "k"), ("x", "ks"), ("dd", "d"), ("rr", "r"), ("r", "rr"), ("leigh", "ley"), ("ley", "leigh"), ("son", "sen"),
)  # fmt: skip
EARLIEST_CHANGE = 1
#: El, Al, De and St are no name by themselves.
SHORTEST_HALF = 2


def typo(text: str, spin: float) -> str:
    """One key wrong: a letter left out, doubled, replaced by its neighbour, put in, or two changed round. The first letter mostly survives."""
    if len(text) < EARLIEST_CHANGE + 2:
        return text
    kind, spin = _take(spin, 5)
    first, spin = _take(spin, 12)
    start = 0 if first == 0 else EARLIEST_CHANGE
    offset, spin = _take(spin, len(text) - start)
    at = start + offset
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[: at + 1] + text[at].lower() + text[at + 1 :]
    if kind == 2 and at + 1 < len(text) and at > 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    near = NEIGHBOURS.get(text[at].lower(), "e")
    key = near[_take(spin, len(near))[0]]
    key = key.upper() if text[at].isupper() else key
    return text[:at] + key + text[at + 1 :] if kind == 3 else text[: at + 1] + key.lower() + text[at + 1 :]


def sound_alike(text: str, spin: float) -> str:
    """Written as heard: the first sound that fits, from a random place in the list, written its other way."""
    start, spin = _take(spin, len(SOUNDS))
    lowered = text.lower()
    for step in range(len(SOUNDS)):
        heard, written = SOUNDS[(start + step) % len(SOUNDS)]
        at = lowered.find(heard, EARLIEST_CHANGE)
        if at > 0:
            return text[:at] + written + text[at + len(heard) :]
    return text


def another_of(classes: Mapping[str, tuple[str, ...]]) -> Changer:
    """Another way of writing a name, or of calling somebody, from lists of those that belong together."""

    def change(text: str, spin: float) -> str:
        others = classes.get(text, ())
        return others[int(spin * len(others))] if others else text

    return change


def half(text: str, spin: float) -> str:
    """One half of a double-barrelled name or of two family names."""
    for joint in ("-", " "):
        first, _, second = text.partition(joint)
        halves = [part for part in (first, second) if len(part) > SHORTEST_HALF]
        if second and halves:
            return halves[int(spin * len(halves))]
    return text


def unjoined(text: str, spin: float) -> str:
    """Hyphens and apostrophes the way a system that has none keeps them."""
    return text.replace("-", " " if spin < 0.6 else "").replace("'", "")


def initial(text: str, _spin: float) -> str:
    """The first letter alone."""
    return text[:1]


def postcode_slip(text: str, spin: float) -> str:
    """A postcode with one character of the inward half misread; still in the form of a postcode."""
    at, spin = _take(spin, 3)
    place = len(text) - 3 + at
    choices = "0123456789" if at == 0 else "ABDEFGHJLNPQRSTUWXYZ"
    other = choices[_take(spin, len(choices))[0]]
    return text[:place] + other + text[place + 1 :]


def _take(spin: float, among: int) -> tuple[int, float]:
    """A whole number below `among` from a number in [0, 1), and what is left of it as a new number in [0, 1)."""
    scaled = spin * among
    whole = min(int(scaled), among - 1)
    return whole, scaled - whole


def swapped_day_and_month(day: Ints) -> Ints:
    """Day and month exchanged where both are possible months; unchanged elsewhere."""
    year, month, date = _parts(day)
    possible = (date <= 12) & (date != month)
    return np.where(possible, _day(year, date, month), day)


def first_of_january(day: Ints) -> Ints:
    """1 January of the same year, as systems put where only the year is known."""
    year, month, date = _parts(day)
    return _day(year, np.ones_like(month), np.ones_like(date))


def one_digit(day: Ints, spin: Floats) -> Ints:
    """One digit of the date wrong: a day or month next to it or ten days off, a year one off. Impossible dates stay as they were."""
    year, month, date = _parts(day)
    kind = (spin * 8).astype(np.int64)
    step = np.where((spin * 8) % 1 < 0.5, -1, 1)
    date = date + np.select([kind <= 2, kind == 3], [step, 10 * step], 0)
    month = month + np.where((kind == 4) | (kind == 5), step, 0)
    year = year + np.where(kind >= 6, step, 0)
    fits = (month >= 1) & (month <= 12) & (date >= 1)
    made = _day(year, np.where(fits, month, 1), np.where(fits, date, 1))
    _, got_month, got_date = _parts(made)
    return np.where(fits & (got_month == month) & (got_date == date), made, day)


def _parts(day: Ints) -> tuple[Ints, Ints, Ints]:
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, months.astype(np.int64) % 12 + 1, (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _day(year: Ints, month: Ints, date: Ints) -> Ints:
    months: NDArray[np.datetime64] = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days: Ints = months.astype("datetime64[D]").astype(np.int64) + date - 1
    return days
