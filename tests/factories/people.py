"""Made-up people with accounts, made by the same use cases as real ones, and what they type to sign in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pyotp
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from childindex.access import sign_in
from childindex.access.types import Credentials, Evidence, NewPerson, StandingState
from childindex.access.usecases import accounts
from childindex.directory.models import Authority, Organisation

AsRole = Callable[[str], AbstractContextManager[None]]

PASSWORD = "wet cobble lantern"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
COUNCIL = "gss:E08000003"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """Somebody who can sign in."""

    account_id: UUID
    username: str
    role: str
    organisation: str


@dataclass
class People:
    """Makes organisations and people. Use within one test: numbers go up, and the first two are the founding managers."""

    as_role: AsRole
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _founders: list[UUID] = field(default_factory=list)

    def organisation(
        self, code: str = COUNCIL, *, name: str = "Manchester City Council", to: str = "accredited"
    ) -> str:
        """An organisation in Manchester, moved as far as `to`; "" leaves it without a standing."""
        with self.as_role("owner"):
            Authority.objects.get_or_create(gss="E08000003", defaults={"name": "Manchester"})
            Organisation.objects.get_or_create(
                code=code,
                defaults={
                    "name": name,
                    "kind": "council",
                    "sector": "social_care",
                    "authority_id": "E08000003",
                    "phone": "01632 960100",
                },
            )
        for state in list(StandingState)[: list(StandingState).index(StandingState(to)) + 1] if to else []:
            self.move(code, state)
        return code

    def move(self, code: str, state: StandingState, *, opened_on: date = date(2026, 1, 1)) -> None:
        """One step in the table of standings."""
        with self.as_role("worker"):
            accounts.change_standing(
                actor=sign_in.operator(at=timezone.now()),
                organisations=[code],
                to=state,
                opened_on=opened_on if state is StandingState.ACCREDITED else None,
                at=timezone.now(),
            )

    def somebody(
        self,
        role: str = "social_worker",
        *,
        organisation: str = COUNCIL,
        check_issued_on: date | None = None,
        trained_on: date | None = None,
        agreement_accepted: bool = True,
        username: str = "",
    ) -> MadeUp:
        """Somebody whose every condition is met, unless said otherwise."""
        if len(self._founders) < 2 and role != "access_manager":
            while len(self._founders) < 2:
                self.somebody("access_manager", organisation=organisation)
        number = next(self._numbers)
        at = timezone.now()
        person = NewPerson(
            username=username or f"person{number}",
            full_name=f"Person {number}",
            email=f"person{number}@example.org",
            phone=f"01632 96{number:04d}",
            role=role,
            organisation=organisation,
        )
        evidence = Evidence(
            check_issued_on=check_issued_on or at.date() - timedelta(days=90),
            barred_list_checked=True,
            trained_on=trained_on or at.date() - timedelta(days=30),
            agreement_accepted=agreement_accepted,
        )
        with self.as_role("worker"), override_settings(DEMO=True):
            account_id = accounts.establish_account(
                actor=sign_in.operator(at=at),
                person=person,
                evidence=evidence,
                credentials=Credentials(password=PASSWORD, totp_secret=SECRET),
                by=(self._founders[0], self._founders[1]) if len(self._founders) == 2 else None,
                at=at,
            )
        if len(self._founders) < 2:
            self._founders.append(account_id)
        return MadeUp(account_id=account_id, username=person.username, role=role, organisation=organisation)

    @property
    def founders(self) -> tuple[UUID, UUID]:
        """The two managers who nominate and approve everybody else."""
        return self._founders[0], self._founders[1]


class Browser(Client):
    """A browser that comes over https, as everybody does."""

    def __init__(self, **kwargs: Any) -> None:
        """Static files need not have been collected. Keywords are those of Django's Client."""
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        super().__init__(**kwargs)

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        """Every request, whatever its method."""
        return super().generic(*args, **(kwargs | {"secure": True}))


CODE_SECONDS, NEARLY_OVER_SECONDS = 30, 3


def code_now(secret: str = SECRET, *, at: datetime | None = None) -> str:
    """What an authenticator shows now; a code about to run out is waited for to change, as a person would."""
    if at is not None:
        return pyotp.TOTP(secret).at(at.timestamp())
    left = CODE_SECONDS - time.time() % CODE_SECONDS
    if left < NEARLY_OVER_SECONDS:
        time.sleep(left)
    return pyotp.TOTP(secret).now()


def sign_in_as(client: Client, person: MadeUp) -> None:
    """Type user name, password and code."""
    client.post("/sign-in", {"login": person.username, "password": PASSWORD})
    answer = client.post("/sign-in/code", {"code": code_now()})
    assert answer.status_code == 302, answer.content.decode()
