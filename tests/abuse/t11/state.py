"""Everything that is in the tables now, read in one statement as the worker, and compared with nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Identity, Sex
from childindex.shielding import sealing

# A record as its supplier names it: feed and record id.
Name = tuple[str, str]

_READ: Final = """
    SELECT jsonb_build_object(
        'children', (SELECT jsonb_agg(jsonb_build_array(
            id, tier, index_number, family_name, given_name, birth_date, sex, responsible_authority, district)) FROM children_child),
        'records', (SELECT jsonb_agg(jsonb_build_array(id, child_id, feed, record_id, family_name, given_name, middle_names, known_as,
            former_family_name, birth_date, sex, nhs_number, upn, address, postcode, uprn, carers)) FROM children_sourcerecord),
        'keys', (SELECT jsonb_agg(jsonb_build_array(child_id, kind, key::text)) FROM children_searchkey WHERE tier <> 'open'),
        'hidden', (SELECT count(*) FROM children_searchkey WHERE kind >= 50 AND tier <> 'open'),
        'lost', (SELECT count(*) FROM involvement_involvement i WHERE NOT EXISTS (
            SELECT FROM children_child c WHERE c.id = i.child_id AND c.tier = 'open')),
        'protected', (SELECT jsonb_agg(jsonb_build_array(child_id, tier)) FROM guard.protected_child),
        'guarded', (SELECT jsonb_agg(jsonb_build_array(encode(link, 'hex'), child_id)) FROM guard.guarded_row),
        'held', (SELECT jsonb_agg(jsonb_build_array(id, encode(link, 'hex'), near)) FROM guard.guarded_row WHERE child_id IS NULL),
        'near', (SELECT jsonb_agg(jsonb_build_array(n.child_id, n.open_id)) FROM guard.near_entry n WHERE NOT EXISTS (
            SELECT FROM guard.near_answer a WHERE a.child_id = n.child_id AND a.about = n.open_id AND a.confirmed_by IS NOT NULL
                AND a.digest = uuid_send(n.asked))),
        'waiting', (SELECT jsonb_agg(jsonb_build_array(h.id, encode(h.shown, 'hex'))) FROM matching_heldrow h),
        'asked', (SELECT jsonb_agg(jsonb_build_array(r.id, h.id, h.feed || '|' || CASE h.feed WHEN 'a practitioner' THEN '' ELSE h.record_id END, r.candidates))
            FROM matching_review r JOIN matching_heldrow h ON h.id = r.record WHERE r.decided_at IS NULL),
        'former', (SELECT jsonb_agg(jsonb_build_array(former_id, child_id)) FROM children_formernumber)
    )::text
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A row of the table of children."""

    id: UUID
    tier: str
    number: str
    visible: Identity
    authority: str
    district: str


class Question(NamedTuple):
    """An open review: which record it is about, and the children that are named."""

    id: UUID
    record: UUID
    about: str
    candidates: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is in the tables. `records` are those in the open: id, whose, and what each says. `held` rows have the hash of their name
    and the protected children they come near; `near` are the open entries near those that wait for two people.
    """

    children: dict[UUID, Child]
    records: dict[Name, tuple[UUID, UUID, Identity]]
    keys: dict[UUID, set[int]]
    hidden_keys: int
    lost_lines: int
    protected: dict[UUID, str]
    guarded: dict[str, UUID | None]
    held: dict[UUID, tuple[str, tuple[UUID, ...]]]
    near: set[tuple[UUID, UUID]]
    waiting: dict[UUID, Identity]
    asked: list[Question]
    former: dict[UUID, UUID]

    def open_entries(self) -> dict[UUID, frozenset[Identity]]:
        """What may be seen of every open entry: each record, or where it has none its own row."""
        found: dict[UUID, set[Identity]] = {one.id: set() for one in self.children.values() if one.tier == "open"}
        for _, child, who in self.records.values():
            found.setdefault(child, set()).add(who)
        return {child: frozenset(those or {self.children[child].visible}) for child, those in found.items()}


def read() -> State:
    """The tables as they are."""
    with connection.cursor() as cursor:
        cursor.execute(_READ)
        found: dict[str, Any] = {name: value or [] for name, value in json.loads(cursor.fetchone()[0]).items()}
    keys: dict[UUID, set[int]] = {}
    for child, _, key in found["keys"]:
        keys.setdefault(UUID(child), set()).add(int(key))
    return State(
        children={UUID(row[0]): _child(row) for row in found["children"]},
        records={(row[2], row[3]): (UUID(row[0]), UUID(row[1]), _identity(row[4:])) for row in found["records"]},
        keys=keys,
        hidden_keys=found["hidden"] or 0,
        lost_lines=found["lost"] or 0,
        protected={UUID(child): tier for child, tier in found["protected"]},
        guarded={link: UUID(child) if child else None for link, child in found["guarded"]},
        held={UUID(row): (link, tuple(map(UUID, near))) for row, link, near in found["held"]},
        near={(UUID(child), UUID(entry)) for child, entry in found["near"]},
        waiting={UUID(row): _shown(row, shown) for row, shown in found["waiting"]},
        asked=[
            Question(UUID(row), UUID(which), about, tuple(map(UUID, those)))
            for row, which, about, those in found["asked"]
        ],
        former={UUID(former): UUID(child) for former, child in found["former"]},
    )


def _child(row: list[Any]) -> Child:
    child, tier, number, family, given, born, sex, authority, district = row
    visible = Identity(family_name=family, given_name=given, birth_date=_born(born), sex=Sex(sex))
    return Child(id=UUID(child), tier=tier, number=number, visible=visible, authority=authority, district=district)


def _identity(row: list[Any]) -> Identity:
    family, given, middle, known_as, former, born, sex, nhs_number, upn, address, postcode, uprn, carers = row
    return Identity(
        family_name=family,
        given_name=given,
        middle_names=middle,
        known_as=known_as,
        former_family_name=former,
        birth_date=_born(born),
        sex=Sex(sex),
        nhs_number=nhs_number,
        upn=upn,
        address=address,
        postcode=postcode,
        uprn=uprn,
        carers=tuple(Carer(**carer) for carer in carers),
    )


@lru_cache(maxsize=1_000)
def _shown(row: str, shown: str) -> Identity:
    """What a steward is shown of a waiting record, with the key that the site has."""
    return sealing.read_identity(sealing.unseal(UUID(row), bytes.fromhex(shown), key=sealing.REVIEW)["identity"])


def _born(text: str) -> PartialDate | None:
    return PartialDate.parse(text) if text else None
