"""Every role tries every use case there is: refused without the permission, for that reason alone; not refused for it with it (R 2.06)."""

from __future__ import annotations

import importlib
import types
import typing
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from childindex.access.roles import ROLES
from childindex.access.sign_in import actor_for
from childindex.access.types import Actor, Permission, SignInFacts
from childindex.kernel.refusals import Denied, Refusal
from tests.factories.people import COUNCIL, People
from tools.use_cases import UseCase, use_cases

from .conftest import Connect

# Asks for no permission, and why that is right.
OWN = {
    "open_enrolment": "by the secret of a one-time link",
    "use_enrolment": "by the secret of a one-time link",
    "record_sign_in": "writes down and shows nothing",
    "record_confirmation": "writes down and shows nothing",
    "record_failed_sign_in": "writes down and shows nothing",
    "record_sign_out": "writes down and shows nothing",
    "turn_away": "says why one is turned away oneself",
    "at_the_limit": "says whom to ring",
    "choose_role": "among one's own grants",
    "my_access": "one's own",
    "read_agreement": "one's own",
    "accept_agreement": "one's own",
    "my_passkey": "one's own",
    "add_passkey": "one's own",
    "remove_passkey": "one's own",
    "new_recovery_codes": "one's own",
    "welcome": "one's own",
    "show_evidence": "one's own",
    "turn_back": "writes down and shows nothing",
    "leave": "ends what one has open oneself",
}
# Stand-ins for what cannot be made from its type: never reached by anybody who is refused.
SIMPLE: dict[Any, Any] = {
    UUID: uuid4(),
    str: "A" * 22,
    int: 1,
    bool: False,
    bytes: b"",
    Path: Path("/nowhere"),
    date: date(2026, 1, 1),
}


def made(hint: Any) -> Any:
    """Any value of a type; what is optional is left out."""
    if typing.get_origin(hint) is not None:
        return compound(typing.get_origin(hint), typing.get_args(hint))
    hint = getattr(hint, "__supertype__", hint)
    if hint is datetime:
        return timezone.now()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return filled(hint) if is_dataclass(hint) else SIMPLE.get(hint)


def compound(origin: Any, inside: tuple[Any, ...]) -> Any:
    """The same for an optional one, a collection, or a tuple of so many."""
    if origin in {typing.Union, types.UnionType}:
        return None if type(None) in inside else made(inside[0])
    if origin is tuple and Ellipsis not in inside:
        return tuple(made(one) for one in inside)
    return {} if "Mapping" in str(origin) or origin is dict else ()


def filled(hint: Any) -> Any:
    """A frozen value with any value in each field, else without those that it refuses."""
    hints = typing.get_type_hints(hint)
    every = {field.name: made(hints[field.name]) for field in fields(hint) if field.init}
    for values in (every, {name: "" if isinstance(value, str) else value for name, value in every.items()}):
        with suppress(Exception):
            return hint(**values)
    return None


def arguments(function: Callable[..., Any], actor: Actor) -> dict[str, Any]:
    """What to call a use case with."""
    hints = typing.get_type_hints(function)
    return {name: made(hint) for name, hint in hints.items() if name not in {"actor", "return"}} | {"actor": actor}


def ended(case: UseCase, actor: Actor) -> Denied | None:
    """How it refused; None where it did not, whatever else went wrong on what stood in for real things."""
    function = getattr(importlib.import_module(case.module), case.name)
    try:
        function(**arguments(function, actor))
    except Denied as denied:
        return denied
    except Exception:  # noqa: BLE001 - it was let in, and found nothing there
        return None
    return None


def not_permitted(denied: Denied | None, permissions: Iterable[Permission]) -> bool:
    """Refused because a permission is missing, and not for anything else."""
    return (
        denied is not None and denied.refusal is Refusal.NOT_PERMITTED and bool(set(denied.detail) & set(permissions))
    )


@pytest.fixture
def everybody(people: People) -> dict[str, Actor]:
    """One person of each role, with every condition met and a fresh second factor."""
    found = {}
    for role in ROLES:
        person, at = people.somebody(role), timezone.now()
        session = SignInFacts(sitting="s", second_factor=True, role=role, organisation=COUNCIL, confirmed_at=at)
        actor = actor_for(person.account_id, session=session, at=at)
        assert actor is not None
        assert actor.lapsed == ()
        found[role] = actor
    return found


@pytest.mark.parametrize(
    "whole", [False, pytest.param(True, marks=pytest.mark.long)], ids=["one for each permission", "all"]
)
def test_every_role_tries_every_use_case(everybody: dict[str, Actor], connect: Connect, *, whole: bool) -> None:
    """Each cell of `docs/generated/use-cases.md`, on the real thing; each refusal is one refused entry and nothing else."""
    owner, wrong, cells = connect("owner"), [], 0
    cases = [case for case in use_cases() if case.permissions]
    if not whole:
        cases = list({case.permissions: case for case in cases}.values())
    for role, actor in everybody.items():
        for case in cases:
            needed = [Permission[name] for name in case.permissions]
            allowed = set(needed) <= set(ROLES[role].permissions)
            [(before,)] = owner.execute("SELECT count(*) FROM audit_ledgerentry").fetchall()
            refused = not_permitted(ended(case, actor), needed)
            [(after,)] = owner.execute("SELECT count(*) FROM audit_ledgerentry").fetchall()
            cells += 1
            if refused == allowed or (refused and after - before != 1):
                wrong.append(
                    f"{role} {case.module}.{case.name}: allowed {allowed}, refused {refused}, entries {after - before}"
                )
    assert wrong == []
    assert cells > (600 if whole else 200)


def test_what_asks_for_no_permission_is_listed_with_its_reason() -> None:
    """A new use case without one fails here."""
    assert {case.name for case in use_cases() if not case.permissions} == set(OWN)


def test_a_role_that_is_taken_away_is_refused_everything(everybody: dict[str, Actor], connect: Connect) -> None:
    """With a lapsed condition no cell is left: the walk can fail."""
    connect("owner").execute("UPDATE access_account SET suspended_at = now() - interval '1 minute'")
    for case in use_cases():
        if case.permissions:
            denied = ended(case, everybody["data_steward"])
            assert denied is not None, case
            assert denied.refusal is Refusal.CONDITION_LAPSED
