"""Made-up children changed in pairs, so that the second of each pair looks like the first: names, home, date of birth and sex."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.matching.hard_negatives.alike import Alike
from synthetic.births import years
from synthetic.calling import KNOWN_AS
from synthetic.identities import Identities
from synthetic.names import Ints
from synthetic.population import Population
from synthetic.slips import one_digit, swapped_day_and_month
from synthetic.vocabulary import NONE, Codes

MOST_OFFERS = 60
YEAR = 365


@dataclass(slots=True)
class Pairs:
    """The pairs of one kind: rows of the population. What is done to them changes the population itself."""

    rng: np.random.Generator
    made: Population
    alike: Alike
    one: Ints
    other: Ints

    def some(self, share: float) -> Pairs:
        """About this share of the pairs, by chance."""
        kept = self.rng.random(len(self.one)) < share
        return replace(self, one=self.one[kept], other=self.other[kept])

    def at_one_home(self) -> None:
        """The two live together: one family, its homes, moves and carers."""
        self.made.born.family[self.other] = self.made.born.family[self.one]

    def of_one_sex(self) -> None:
        """Both boys or both girls."""
        self.made.born.sex[self.other] = self.made.born.sex[self.one]

    def born_on_one_day(self) -> None:
        """The same day of birth."""
        self.made.born.day[self.other] = self.made.born.day[self.one]

    def born_together(self) -> None:
        """Twins: one day of birth, the first and the second of it."""
        self.born_on_one_day()
        born = self.made.born
        born.plural[np.r_[self.one, self.other]] = 2
        born.place[self.one], born.place[self.other] = 0, 1

    def of_one_family_name(self) -> None:
        """The same family name, neither ever had another."""
        called = self.made.called
        called.family_name[self.other] = called.family_name[self.one]
        called.mothers[self.other] = called.mothers[self.one]
        called.former[self.other] = called.former[self.one]
        called.changed_on[self.other] = called.changed_on[self.one]

    def of_one_given_name(self) -> None:
        """The same first name; the name each goes by follows from it."""
        self._name(self.other, self.made.called.given[self.one])

    def of_another_given_name(self, *, same_initial: bool = False) -> None:
        """Another first name than the other child's, as children of that group, sex and year are called."""
        made, rows = self.made, self.other
        taken = made.called.given[self.one]
        group, year = made.families.group[made.born.family[rows]], years(made.born.day[rows])
        found, fits = np.full(len(rows), NONE, dtype=np.int32), np.zeros(len(rows), dtype=np.bool_)
        first = self._initials()
        for _ in range(MOST_OFFERS):
            offer = made.names.given(self.rng, group=group, sex=made.born.sex[rows], year=year)
            good = (offer != taken) & (taken != NONE)
            if same_initial:
                good &= first[offer] == first[taken]
            found = np.where(good & ~fits, offer, found).astype(np.int32)
            fits |= good
        self._name(rows, np.where(fits, found, offer).astype(np.int32))

    def of_names_alike(self, how: str) -> None:
        """Two first names that are alike in this way, as the lists have them: both are given."""
        sex = self.made.born.sex[self.one]
        one, other = self.alike.draw(self.rng, how, sex)
        self._name(self.one, self.made.vocabulary.add(one))
        self._name(self.other, self.made.vocabulary.add(other))

    def of_joined_family_names(self) -> None:
        """Half-brothers and half-sisters: the first bears two names, the second one of them, or one of them and a third."""
        called, words = self.made.called, self.made.vocabulary
        mothers = [text.split(" ")[-1].split("-")[-1] for text in words.words(called.mothers[self.one])]
        fathers = [text.split(" ")[-1].split("-")[-1] for text in words.words(called.family_name[self.other])]
        own = [text.split(" ")[-1].split("-")[-1] for text in words.words(called.family_name[self.one])]
        joined = [f"{name}-{mother}" for name, mother in zip(own, mothers, strict=True)]
        luck = self.rng.random(len(self.one)).tolist()
        half = [
            mother if spin < 0.5 else f"{father}-{mother}"
            for mother, father, spin in zip(mothers, fathers, luck, strict=True)
        ]
        both = np.r_[self.one, self.other]
        called.family_name[both] = words.add([*joined, *half])
        called.former[both], called.changed_on[both] = NONE, 0

    def born(self, change: Callable[[Ints], Ints]) -> None:
        """The second child's day of birth, made from the first one's. Impossible or future days stay a year before."""
        born, today = self.made.born, self.made.today
        day = born.day[self.one]
        then = change(day)
        born.day[self.other] = np.where((then == day) | (then > today), day - YEAR, then)

    def slipped(self) -> None:
        """Days of birth that a slip of the pen tells apart: a digit, a day and month exchanged, or some weeks."""
        kind = self.rng.integers(0, 3, len(self.one))

        def change(day: Ints) -> Ints:
            digit = one_digit(day, self.rng.random(len(day)))
            weeks = day - self.rng.integers(1, 200, len(day))
            return np.choose(kind, [digit, swapped_day_and_month(day), weeks])

        self.born(change)

    def with_old_and_new_identity(self) -> None:
        """The first is the identity of birth, which no supplier has heard of since; the second the new one."""
        made = self.made
        day = made.born.day[self.one]
        since = day + ((made.today - day) * self.rng.uniform(0.2, 0.9, len(day))).astype(np.int64)
        self.made = replace(
            made, identities=Identities(earlier=self.one, later=self.other, since=since, adopted=day > 0)
        )

    def _name(self, rows: Ints, given: Codes) -> None:
        """Give these children a first name, and some of them a short form that they go by."""
        called, made = self.made.called, self.made
        called.given[rows] = given
        called.known_as[rows] = NONE
        for place in np.flatnonzero((self.rng.random(len(rows)) < KNOWN_AS) & (given != NONE)).tolist():
            short = made.names.nicknames.get(made.vocabulary.texts[given[place]], ())
            if short:
                called.known_as[rows[place]] = made.vocabulary.code(short[int(self.rng.integers(len(short)))])

    def _initials(self) -> Ints:
        """First letter of every text of the vocabulary; the last entry stands for none."""
        return np.array([*(ord(text[0]) for text in self.made.vocabulary.texts), 0], dtype=np.int64)
