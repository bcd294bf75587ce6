"""What is true of the protected children whatever the product knows, and what follows from it after every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from childindex.kernel.identity import Identity, SourceRecord
from childindex.matching.engine.keys import VISIBLE_KINDS, search_keys
from childindex.matching.engine.record import standardise
from childindex.shielding.sealing import hashed_link
from tests.abuse.t11.oracle import Pair, likely
from tests.abuse.t11.state import Name, State

_TIERS = ("open", "shielded", "sealed")


@dataclass
class Truth:
    """`identities`: everything anybody has said of each protected child; `names`: the records that are theirs.

    `present`: entries that were likely to be a protected child before anybody protected that child, or before anything said so;
    a person has to look at each. `apart`: entries and rows that two people judged different. `said`: what each record has ever been
    delivered as, whether or not it was taken in; `held`: what each row has said since it is held, by its id.
    """

    identities: dict[UUID, set[Identity]] = field(default_factory=dict)
    names: dict[Name, UUID] = field(default_factory=dict)
    present: set[Pair] = field(default_factory=set)
    apart: set[Pair] = field(default_factory=set)
    said: dict[Name, set[Identity]] = field(default_factory=dict)
    held: dict[UUID, set[Identity]] = field(default_factory=dict)
    tiers: dict[UUID, str] = field(default_factory=dict)

    def learn(self, before: State, after: State, delivered: Sequence[SourceRecord] = ()) -> None:
        """Take in one step: who is protected now, what was said of whom."""
        self._take_in(delivered)
        said: dict[Name, set[Identity]] = {}
        for record in (one for one in delivered if not one.removed):
            said.setdefault((record.feed, record.record_id), set()).add(record.identity)
        grown: set[UUID] = set()
        known = {child: set(those) for child, those in self.identities.items()}
        for child in after.protected.keys() - self.identities.keys():
            self.identities[child] = {who for _, whose, who in before.records.values() if whose == child}
            grown.add(child)
        for name in self.said.keys() - self.names.keys():
            link = hashed_link(*name).hex()
            owner = after.guarded.get(link)
            if owner is not None:
                self.names[name] = owner
                rows = [row for row, (its, _) in before.held.items() if its == link]
                self.identities[owner] |= {who for row in rows for who in self.held.get(row, ())}
                grown.add(owner)
        for name, those in said.items():
            owner = self.names.get(name)
            if owner is not None and not those <= self.identities[owner]:
                self.identities[owner] |= those
                grown.add(owner)
        self._hold(before, after, said)
        new = {child: frozenset(self.identities[child] - known.get(child, set())) for child in grown}
        still_open = after.open_entries().keys()
        entries = {child: those for child, those in before.open_entries().items() if child in still_open}
        near = likely({child: frozenset(self.identities[child]) for child in grown}, entries)
        self.present |= near
        # What two people judged before there was anything new has to be judged again.
        self.apart -= likely({child: those for child, those in new.items() if those}, entries)

    def _hold(self, before: State, after: State, said: Mapping[Name, set[Identity]]) -> None:
        """What held rows say, whether they were delivered now or waited for a person until now."""
        by_link = {hashed_link(*name).hex(): those for name, those in said.items()}
        for row, (link, _) in after.held.items():
            those = self.held.setdefault(row, set())
            those |= by_link.get(link, set())
            if row in before.waiting:
                those.add(before.waiting[row])
        self.held = {row: those for row, those in self.held.items() if row in after.held}

    def _take_in(self, delivered: Sequence[SourceRecord]) -> None:
        for record in delivered:
            self.said.setdefault((record.feed, record.record_id), set()).add(record.identity)

    def follow(self, gone: UUID, into: UUID) -> None:
        """An entry was merged into another, or parts of it went to another: what waited about it waits about that one too."""
        asked = {child for child, entry in self.present | self.apart if entry == gone}
        pairs = {(child, entry) for child in asked for entry in (gone, into)}
        self.present |= pairs
        self.apart -= pairs

    def part(self, now: State, parts: Sequence[UUID]) -> None:
        """An entry was taken apart: what a part says was in the open before."""
        entries = now.open_entries()
        self.present |= likely(self._protected(), {part: entries[part] for part in parts if part in entries})

    def violations(self, now: State) -> list[str]:
        """Everything that must never be, in words; nothing if all is well."""
        return [
            *self._visible(now),
            *self._waiting(now),
            *self._joined(now),
            *self._hidden(now),
            *self._lowered(now),
        ]

    def _protected(self) -> dict[UUID, frozenset[Identity]]:
        return {child: frozenset(those) for child, those in self.identities.items()}

    def _visible(self, now: State) -> list[str]:
        """No other open entry is likely a protected child, unless it was there before and waits for, or has had, two people."""
        found = []
        for child, entry in sorted(likely(self._protected(), now.open_entries())):
            if (child, entry) in self.apart:
                continue
            if (child, entry) not in self.present:
                sides = _shown(now.open_entries()[entry], self.identities[child])
                found.append(f"an open entry is likely a protected child: {sides}")
            elif (child, entry) not in now.near:
                sides = _shown(now.open_entries()[entry], self.identities[child])
                found.append(f"nobody is asked about an open entry near a protected child: {sides}")
        return found

    def _waiting(self, now: State) -> list[str]:
        """No record on a steward's list is likely a protected child, and no question names one."""
        rows = likely(self._protected(), {row: frozenset([who]) for row, who in now.waiting.items()})
        found = [
            f"a waiting record is likely a protected child: {_shown([now.waiting[row]], self.identities[child])}"
            for child, row in sorted(rows - self.apart)
        ]
        found += [
            f"an open question names the protected child {child}"
            for question in now.asked
            for child in question.candidates
            if child in now.protected
        ]
        return found

    def _joined(self, now: State) -> list[str]:
        """No record of a protected child is another's or in the open."""
        found = [
            f"the record {name} of the protected child {self.names[name]} is in the open"
            for name in self.names.keys() & now.records.keys()
        ]
        found += [
            f"the record {name} of the protected child {child} is not in the guard as theirs"
            for name, child in self.names.items()
            if now.guarded.get(hashed_link(*name).hex()) != child
        ]
        found += [
            f"a former number leads to or from the sealed child {child}"
            for pair in now.former.items()
            for child in pair
            if now.protected.get(child) == "sealed"
        ]
        return found

    def _hidden(self, now: State) -> list[str]:
        """No search key of a hidden field, no involvement, no whereabouts of a protected child in the open."""
        found = []
        if now.hidden_keys or now.lost_lines:
            found.append(f"{now.hidden_keys} hidden keys and {now.lost_lines} involvements of protected children")
        for child, tier in now.protected.items():
            entry = now.children.get(child)
            keys = now.keys.get(child, set())
            if tier == "sealed":
                if entry is not None or keys:
                    found.append(f"the sealed child {child} has a row or keys")
            elif entry is None or entry.tier != tier or entry.authority or entry.district:
                found.append(f"the shielded child {child} is not shown as one")
            else:
                shown = {key.value for key in search_keys(standardise(entry.visible)) if key.kind in VISIBLE_KINDS}
                if keys != shown:
                    found.append(f"the shielded child {child} has keys of what is not shown")
        return found

    def _lowered(self, now: State) -> list[str]:
        """No tier is lower than it was."""
        found = [
            f"the child {child} was {tier} and is {now.protected.get(child, 'open')}"
            for child, tier in self.tiers.items()
            if _TIERS.index(now.protected.get(child, "open")) < _TIERS.index(tier)
        ]
        self.tiers = dict(now.protected)
        return found


def _shown(*sides: Iterable[Identity]) -> str:
    """What is known of either side, for whoever reads a failure; all of them are made up."""
    return " / ".join(", ".join(sorted(map(_in_short, side))) for side in sides)


def _in_short(who: Identity) -> str:
    facts = (
        who.given_name,
        who.family_name,
        who.former_family_name,
        who.birth_date,
        who.sex[:1],
        who.nhs_number,
        who.postcode,
    )
    return " ".join(str(fact) for fact in facts if fact)
