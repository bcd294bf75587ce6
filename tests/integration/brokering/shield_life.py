"""A shield's people and steps, for tests: what the site sends and the worker takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nacl.public import PrivateKey

from childindex.access.sign_in import actor_for, operator
from childindex.access.types import Actor, SignInFacts
from childindex.brokering.types import Asker, DeskView, Heard, ShieldActKind, ShieldLine, Word
from childindex.brokering.usecases import desk, shields
from childindex.kernel.people import Channel
from childindex.lookup.types import SearchTerms
from childindex.shielding.types import Ground
from tests.database import AsRole
from tests.factories.people import MadeUp
from tests.integration.lookup.conftest import opened


def officer(person: MadeUp, *, at: datetime, fresh: bool = True) -> Actor:
    """Somebody signed in at a time."""
    session = SignInFacts(
        sitting="one",
        second_factor=True,
        role=person.role,
        organisation=person.organisation,
        confirmed_at=at if fresh else None,
    )
    found = actor_for(person.account_id, session=session, at=at)
    assert found is not None
    return found


@dataclass
class Life:
    """What is done to shields, at a time that the test moves."""

    as_role: AsRole
    make: Callable[..., Actor]
    at: datetime

    def take(self, act: UUID) -> str:
        """The worker's part of one act."""
        with self.as_role("worker"):
            return shields.take(actor=operator(channel=Channel.WORKER, at=self.at), act_id=act, at=self.at)

    def ask(self, who: Actor, terms: SearchTerms, **facts: Any) -> str:
        """Ask for a shield for the child that a search finds."""
        self.at += timedelta(seconds=1)  # nobody searches three times in one
        given = {"ground": Ground.SIGNIFICANT_HARM, "asker": Asker.PARENT, "case_reference": "CP/7"}
        handle = opened(who, terms, at=self.at)
        asked = shields.ask_shield(actor=who, handle=handle, at=self.at, **(given | facts))
        return self.take(asked.reference)

    def send(self, who: MadeUp, shield: UUID, kind: ShieldActKind, **facts: Any) -> str:
        """One step, sent and taken."""
        actor = officer(who, at=self.at)
        return self.take(shields.send(actor=actor, shield_id=shield, kind=kind, at=self.at, **facts).id)

    def agree(self, one: MadeUp, other: MadeUp, shield: UUID, word: Word) -> None:
        """Two people say the same."""
        assert self.send(one, shield, ShieldActKind.PROPOSE, word=word, heard=[Heard.CHILD]) == "taken"
        assert self.send(other, shield, ShieldActKind.SECOND, agrees=True) == "taken"

    def desk(self, who: MadeUp) -> DeskView:
        """An officer's list."""
        key, actor = PrivateKey.generate(), officer(who, at=self.at)
        asked = desk.ask_desk(actor=actor, public_key=bytes(key.public_key), at=self.at)
        assert not desk.view_desk(actor=actor, desk_id=asked.id, private_key=bytes(key), at=self.at).ready
        with self.as_role("worker"):
            desk.fill_desk(actor=operator(channel=Channel.WORKER, at=self.at), desk_id=asked.id, at=self.at)
        return desk.view_desk(actor=actor, desk_id=asked.id, private_key=bytes(key), at=self.at)

    def line(self, who: MadeUp, name: str) -> ShieldLine:
        """One child's line on it."""
        (line,) = (one for one in self.desk(who).shields if one.given_name == name)
        return line
