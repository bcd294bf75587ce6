"""Who is this: a signed-in session, or a process of our own, becomes an Actor from the facts as they stand now.

Nothing here is kept from one request to the next: a lapsed check, an ended grant or a suspended account counts from the
next request on (ASVS 8.3.2).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from childindex.access import selectors
from childindex.access.policies import lapsed
from childindex.access.roles import OPERATOR, name_of, permissions_of
from childindex.access.types import Actor, RoleChoice, SignInFacts
from childindex.directory import selectors as directory
from childindex.kernel.people import ActorRef, Channel

INDEX = "index"


def actor_for(account_id: UUID, *, session: SignInFacts, channel: Channel = Channel.WEB, at: datetime) -> Actor | None:
    """The actor behind a signed-in session at this instant; None where the account is no more.

    Reads the live facts in one query and the organisation in another. With any condition lapsed there are no
    permissions (R 2.01-2.15). Writes nothing: whoever turns somebody away does (`usecases.turn_away`).
    """
    known = selectors.known([account_id]).get(account_id)
    if known is None:
        return None
    facts = known.facts(
        role=session.role,
        organisation=session.organisation,
        second_factor=session.second_factor and known.has_second_factor,
        at=at,
    )
    missing = lapsed(facts, at=at)
    organisation = directory.organisations([session.organisation]).get(session.organisation)
    return Actor(
        ref=ActorRef(account_id=account_id, role=session.role, organisation=session.organisation, channel=channel),
        name=known.name,
        role_name=name_of(session.role),
        organisation_name=organisation.name if organisation is not None else "",
        authority=organisation.authority if organisation is not None else "",
        sector=organisation.sector if organisation is not None else "",
        sitting=session.sitting,
        permissions=frozenset() if missing else permissions_of(session.role),
        lapsed=missing,
        confirmed_at=session.confirmed_at,
    )


def choices(account_id: UUID | None, *, at: datetime) -> tuple[RoleChoice, ...]:
    """The roles a person may choose for this sitting: one for each grant that holds now (R 2.27).

    Where none holds, the newest that did: it lets nobody in, but its owner can be told so, and whom to ring.
    """
    known = selectors.known([account_id]).get(account_id) if account_id is not None else None
    if known is None:
        return ()
    newest = sorted((grant for grant, _ in known.grants), key=lambda grant: grant.valid_from)[-1:]
    grants = known.live_grants(at=at) or newest
    pairs = sorted({(grant.role, grant.organisation) for grant in grants})
    organisations = directory.organisations([organisation for _, organisation in pairs])
    return tuple(
        RoleChoice(
            role=role,
            role_name=name_of(role),
            organisation=code,
            organisation_name=organisations[code].name,
        )
        for role, code in pairs
    )


def operator(*, channel: Channel = Channel.COMMAND, at: datetime) -> Actor:
    """The command line or the worker, acting for the index itself. `require` lets it through in those processes alone."""
    del at
    return Actor(
        ref=ActorRef(account_id=None, role=OPERATOR.code, organisation=INDEX, channel=channel),
        name=OPERATOR.name,
        role_name=OPERATOR.name,
        organisation_name="",
        authority="",
        sector=OPERATOR.sector,
        sitting="",
        permissions=frozenset(OPERATOR.permissions),
    )


def nobody(*, channel: Channel = Channel.WEB) -> Actor:
    """Somebody who has not signed in: may do nothing, and what they try is written down under no name."""
    return Actor(
        ref=ActorRef(account_id=None, role="", organisation="", channel=channel),
        name="",
        role_name="",
        organisation_name="",
        authority="",
        sector="",
        sitting="",
        permissions=frozenset(),
    )
