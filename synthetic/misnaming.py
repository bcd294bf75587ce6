"""What a supplier writes where a child's names belong: preferred and former names, variants, slips, placeholders."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic import slips
from synthetic.levels import LEVELS, Level
from synthetic.names import Ints
from synthetic.population import Population
from synthetic.slips import Changer
from synthetic.suppliers import Supplier
from synthetic.vocabulary import NONE, Codes, Flags, Vocabulary

#: Groups whose own order puts the family name first, and in which clerks more often mistake which is which.
FAMILY_FIRST = ("chinese", "vietnamese", "slavic_baltic")
OFTEN_SWAPPED = (
    "chinese",
    "vietnamese",
    "tamil",
    "somali",
    "african_other",
    "nigerian",
    "ghanaian",
    "afghan_iranian",
    "arab",
    "pakistani",
)
SWAPPED_MORE = 3.0
#: Babies are often entered before they are named: share without a name when the record was made in the first weeks.
NAMELESS, FIRST_WEEKS = 0.25, 35
KNOWN_AS_KEPT, FORMER_KEPT = 0.7, 0.5
FOLDED = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "đ": "d", "Đ": "D", "ß": "ss"})


@dataclass(slots=True)
class Written:
    """Names as one supplier holds them, one row a record; codes into the vocabulary."""

    given: Codes
    middle: Codes
    second_middle: Codes
    known_as: Codes
    family: Codes
    former: Codes


class _Clerk:
    """Draws and applies slips for one supplier's rows."""

    def __init__(self, rng: np.random.Generator, vocabulary: Vocabulary, count: int) -> None:
        self.rng, self.vocabulary, self.count = rng, vocabulary, count

    def some(self, rate: float | Codes | Ints | np.ndarray[tuple[int], np.dtype[np.float64]]) -> Flags:
        """Each row on its own with this chance."""
        flags: Flags = self.rng.random(self.count) < rate
        return flags

    def change(self, column: Codes, rows: Flags, changer: Changer) -> None:
        """Rewrites the marked rows of a column that have a text; an empty result leaves the text as it was."""
        chosen = np.flatnonzero(rows & (column != NONE))
        words = self.vocabulary.words(column[chosen])
        spins = self.rng.random(len(chosen)).tolist()
        column[chosen] = self.vocabulary.add(
            [changer(word, spin) or word for word, spin in zip(words, spins, strict=True)]
        )

    def change_where(self, column: Codes, rows: Flags, changer: Changer, *, fits: Callable[[str], bool]) -> None:
        """As `change`, in rows whose text fits."""
        distinct = np.unique(column[column != NONE])
        right = np.zeros(len(self.vocabulary.texts) + 1, dtype=np.bool_)
        right[distinct] = [fits(word) for word in self.vocabulary.words(distinct)]
        self.change(column, rows & right[column], changer)


def write(rng: np.random.Generator, *, population: Population, supplier: Supplier, who: Ints, as_of: Ints) -> Written:
    """The names of these children as the supplier holds them, true to the day `as_of` but for its slips."""
    level = LEVELS[supplier.level]
    clerk = _Clerk(rng, population.vocabulary, len(who))
    called = population.called
    written = Written(
        given=called.given[who].copy(),
        middle=called.middle[who].copy(),
        second_middle=called.second_middle[who].copy(),
        known_as=called.known_as[who].copy(),
        family=called.family_name[who].copy(),
        former=called.former[who].copy(),
    )
    _family_then(clerk, written, population, who, as_of, level=level)
    _preferred(clerk, written, level=level, calls=supplier.calls)
    _slipped(clerk, written, population, level=level)
    _swapped(clerk, written, population, who, level=level)
    _nameless(clerk, written, population=population, who=who, as_of=as_of, supplier=supplier)
    if supplier.plain:
        for column in (
            written.given,
            written.middle,
            written.second_middle,
            written.known_as,
            written.family,
            written.former,
        ):
            clerk.change_where(column, np.ones(len(who), dtype=np.bool_), plain, fits=lambda word: not word.isascii())
    return written


def _family_then(
    clerk: _Clerk, written: Written, population: Population, who: Ints, as_of: Ints, *, level: Level
) -> None:
    """The family name of the day, which some never update; and the other parent's name now and then."""
    changed = written.former != NONE
    still = changed & ((as_of < population.called.changed_on[who]) | clerk.some(level.family_still_former))
    written.family[still] = written.former[still]
    written.former[still | ~clerk.some(FORMER_KEPT)] = NONE
    other = clerk.some(level.family_other_parent)
    written.family[other] = population.called.mothers[who[other]]


def _preferred(clerk: _Clerk, written: Written, *, level: Level, calls: float) -> None:
    named = written.known_as != NONE
    instead = named & clerk.some(level.known_as_for_given * calls)
    written.given[instead] = written.known_as[instead]
    written.known_as[instead | ~clerk.some(KNOWN_AS_KEPT)] = NONE
    middle = clerk.some(level.middle_for_given) & (written.middle != NONE)
    written.given[middle] = written.middle[middle]
    lost = clerk.some(level.middle_missing)
    written.middle[lost] = written.second_middle[lost] = NONE
    short = clerk.some(level.middle_initial)
    clerk.change(written.middle, short, slips.initial)
    clerk.change(written.second_middle, short, slips.initial)


def _slipped(clerk: _Clerk, written: Written, population: Population, *, level: Level) -> None:
    names = population.names
    clerk.change(written.given, clerk.some(level.given_short), slips.another_of(names.nicknames))
    clerk.change(written.given, clerk.some(level.given_spelling), slips.another_of(names.variants))
    clerk.change(written.given, clerk.some(level.given_sound), slips.sound_alike)
    clerk.change(written.given, clerk.some(level.given_typo), slips.typo)
    clerk.change_where(written.given, clerk.some(level.family_unjoined), slips.unjoined, fits=_marked)
    clerk.change_where(written.given, clerk.some(level.family_half), slips.half, fits=_joined)
    clerk.change(written.family, clerk.some(level.family_spelling), slips.another_of(names.variants))
    clerk.change_where(written.family, clerk.some(level.family_half), slips.half, fits=_joined)
    clerk.change_where(written.family, clerk.some(level.family_unjoined), slips.unjoined, fits=_marked)
    clerk.change(written.family, clerk.some(level.family_sound), slips.sound_alike)
    clerk.change(written.family, clerk.some(level.family_typo), slips.typo)


def _swapped(clerk: _Clerk, written: Written, population: Population, who: Ints, *, level: Level) -> None:
    group, groups = population.families.group[population.born.family[who]], population.names.groups
    often = np.isin(group, [groups.index(name) for name in OFTEN_SWAPPED])
    first = np.isin(group, [groups.index(name) for name in FAMILY_FIRST])
    rate = np.where(first, level.family_first, level.names_swapped * np.where(often, SWAPPED_MORE, 1.0))
    rows = clerk.some(rate) & (written.given != NONE)
    written.given[rows], written.family[rows] = written.family[rows], written.given[rows]


def _nameless(
    clerk: _Clerk, written: Written, *, population: Population, who: Ints, as_of: Ints, supplier: Supplier
) -> None:
    """Placeholders: for the unborn, for babies entered in their first weeks, and here and there for anybody."""
    facts, born = population.facts, population.born
    unborn = facts.unborn[who]
    written.family[unborn] = population.families.mother_family[born.family[who[unborn]]]
    baby = unborn | ((as_of - born.day[who] < FIRST_WEEKS) & clerk.some(NAMELESS * (not supplier.at_birth)))
    nobody = clerk.some(LEVELS[supplier.level].given_missing) & ~baby
    single = written.given == NONE
    codes = clerk.vocabulary.add(["Baby", "Infant", "Unknown", "Twin 1", "Twin 2", "Triplet 3"])
    twin = (born.plural[who] > 1) & baby
    luck = clerk.rng.random(len(who))
    for rows, code in (
        (baby & (luck < 0.6), codes[0]),
        (baby & (luck > 0.9), codes[1]),
        (nobody & (luck < 0.4), codes[2]),
    ):
        written.given[rows] = code
    empty = (baby & (luck >= 0.6) & (luck <= 0.9)) | (nobody & (luck >= 0.4))
    written.given[empty | single & ~baby] = NONE
    written.given[twin] = codes[3 + np.minimum(born.place[who[twin]], 2)]
    for column in (written.middle, written.second_middle, written.known_as):
        column[baby | nobody] = NONE


def plain(text: str, _spin: float) -> str:
    """The letters without their accents."""
    folded = unicodedata.normalize("NFKD", text.translate(FOLDED))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _joined(word: str) -> bool:
    return "-" in word or " " in word


def _marked(word: str) -> bool:
    return "-" in word or "'" in word
