"""Children with two identities that must never be joined: adopted, or given a new name for their protection."""

from dataclasses import dataclass

import numpy as np

from synthetic.births import Births
from synthetic.names import Ints
from synthetic.vocabulary import Flags

#: Share of children with an earlier identity; at least two pairs in any population of 200 or more.
SHARE = 0.0015
SMALLEST = 200
ADOPTED = 0.7
PLAIN, EARLIER, LATER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Identities:
    """Pairs of children (rows) who are one person to nobody: `earlier` holds the birth identity, `later` the new one, from day `since`."""

    earlier: Ints
    later: Ints
    since: Ints
    adopted: Flags

    def kind(self, children: int) -> Ints:
        """PLAIN, EARLIER or LATER for each child."""
        found = np.zeros(children, dtype=np.int64)
        found[self.earlier], found[self.later] = EARLIER, LATER
        return found


def plant(rng: np.random.Generator, born: Births, *, today: int) -> Identities:
    """Chooses the pairs and gives the new identity the birthday and sex of the old one. The new identity is an only child elsewhere."""
    children = len(born.day)
    wanted = max(2, round(children * SHARE)) if children >= SMALLEST else 0
    alone = np.bincount(born.family)[born.family] == 1
    old_enough = (born.day < today - 400) & (born.day > today - 17 * 365) & (born.plural == 1)
    later = rng.permutation(np.flatnonzero(alone))[:wanted]
    free = old_enough.copy()
    free[later] = False
    earlier = rng.permutation(np.flatnonzero(free))[: len(later)]
    later = later[: len(earlier)]
    born.day[later], born.sex[later] = born.day[earlier], born.sex[earlier]
    since = born.day[earlier] + ((today - born.day[earlier]) * rng.uniform(0.2, 0.9, len(earlier))).astype(np.int64)
    return Identities(earlier=earlier, later=later, since=since, adopted=rng.random(len(later)) < ADOPTED)
