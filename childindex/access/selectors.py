"""Reading accounts and the facts about them: one query for the gate, whoever is asked about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection

from childindex.access.models import (
    Account,
    Agreement,
    AgreementAcceptance,
    Enrolment,
    Grant,
    RoleQuota,
    Standing,
    Suspension,
)
from childindex.access.models import Nomination as NominationRow
from childindex.access.nominating import Nomination, OrganisationStanding, Quota, Shown, Suspended
from childindex.access.policies import current_agreement, england_on, is_live
from childindex.access.roles import ROLES, name_of
from childindex.access.types import (
    AgreementFacts,
    AgreementText,
    CheckFacts,
    CourseFacts,
    Facts,
    GrantFacts,
    LinkMade,
    Passkey,
    Permission,
    Person,
    StandingFacts,
    StandingState,
    TrainingFacts,
)
from childindex.directory.types import Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything the index knows about one person's access, as it stands now."""

    account_id: UUID
    username: str
    name: str
    email: str
    phone: str
    account_active: bool
    suspended_at: datetime | None
    has_second_factor: bool
    grants: tuple[tuple[GrantFacts, StandingFacts | None], ...]
    checks: tuple[CheckFacts, ...]
    training: tuple[TrainingFacts, ...]
    courses: tuple[CourseFacts, ...]
    agreements: tuple[AgreementFacts, ...]

    def live_grants(self, *, at: datetime) -> tuple[GrantFacts, ...]:
        """The grants that hold at this instant."""
        return tuple(grant for grant, _ in self.grants if is_live(grant, on=england_on(at)))

    def works_beyond(self, organisation: str, *, at: datetime) -> bool:
        """Whether there is a grant at another organisation that holds now or is still to begin."""
        on = england_on(at)
        return any(
            grant.organisation != organisation and (grant.valid_to is None or on < grant.valid_to)
            for grant, _ in self.grants
        )

    def facts(self, *, role: str, organisation: str, second_factor: bool, at: datetime) -> Facts:
        """What the gate looks at for one role at one organisation; a grant that holds is preferred to one that does not."""
        found = [pair for pair in self.grants if (pair[0].role, pair[0].organisation) == (role, organisation)]
        found.sort(key=lambda pair: (is_live(pair[0], on=england_on(at)), pair[0].valid_from))
        grant, standing = found[-1] if found else (None, None)
        return Facts(
            account_active=self.account_active,
            suspended_at=self.suspended_at,
            second_factor=second_factor,
            grant=grant,
            standing=standing,
            checks=self.checks,
            training=self.training,
            courses=self.courses,
            agreements=self.agreements,
        )


# One round trip, because the gate asks it twice in every request. A grant that was ended holds on no day. All tables are this package's own but the last one,
# allauth's, of which only the existence of a row matters.
_KNOWN: Final = """
SELECT a.id, a.username, a.full_name, a.email, a.phone, a.is_active, a.suspended_at,
  (SELECT json_agg(json_build_array(g.role, g.organisation_id, g.valid_from,
     CASE WHEN g.ended_at IS NULL THEN g.valid_to ELSE LEAST(g.valid_from, g.ended_at::date) END, s.state, s.opened_on))
     FROM access_grant g LEFT JOIN access_standing s ON s.organisation_id = g.organisation_id
    WHERE g.account_id = a.id)::text,
  (SELECT json_agg(json_build_array(c.issued_on, c.barred_list_checked, c.update_service_current_on))
     FROM access_enhancedcheck c WHERE c.account_id = a.id)::text,
  (SELECT json_agg(json_build_array(t.course_id, t.completed_on))
     FROM access_trainingrecord t WHERE t.account_id = a.id)::text,
  (SELECT json_agg(json_build_array(c.version, c.deadline_on)) FROM access_course c)::text,
  (SELECT json_agg(json_build_array(v.version, v.current_from, EXISTS (
     SELECT 1 FROM access_agreementacceptance p
      WHERE p.account_id = a.id AND p.agreement_id = v.version AND p.text_hash = v.text_hash)))
     FROM access_agreement v)::text,
  EXISTS (SELECT 1 FROM mfa_authenticator m WHERE m.user_id = a.id AND m.type IN ('totp', 'webauthn'))
FROM access_account a WHERE a.id = ANY(%s)
"""


def known(account_ids: Collection[UUID]) -> dict[UUID, Known]:
    """What is known of these people; one SQL statement; ids nobody has are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(account_ids)])
        return {row[0]: _known(row) for row in cursor.fetchall()}


def _known(row: tuple[Any, ...]) -> Known:
    account_id, username, name, email, phone, active, suspended_at, *packed, has_second_factor = row
    grants, checks, training, courses, agreements = (json.loads(text) if text else [] for text in packed)
    return Known(
        account_id=account_id,
        username=username,
        name=name,
        email=email,
        phone=phone,
        account_active=active,
        suspended_at=suspended_at,
        has_second_factor=has_second_factor,
        grants=tuple(_grant(line) for line in grants),
        checks=tuple(
            CheckFacts(issued_on=_day(issued), barred_list_checked=barred, update_service_current_on=_maybe(seen))
            for issued, barred, seen in checks
        ),
        training=tuple(TrainingFacts(version=version, completed_on=_day(done)) for version, done in training),
        courses=tuple(CourseFacts(version=version, deadline_on=_day(deadline)) for version, deadline in courses),
        agreements=tuple(
            AgreementFacts(version=version, current_from=_day(start), accepted=accepted)
            for version, start, accepted in agreements
        ),
    )


def _grant(line: list[Any]) -> tuple[GrantFacts, StandingFacts | None]:
    role, organisation, valid_from, valid_to, state, opened_on = line
    standing = StandingFacts(state=StandingState(state), opened_on=_maybe(opened_on)) if state else None
    grant = GrantFacts(role=role, organisation=organisation, valid_from=_day(valid_from), valid_to=_maybe(valid_to))
    return grant, standing


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _maybe(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def people(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Who these accounts belong to, with their newest role; ids nobody has are absent. Two SQL statements."""
    wanted = set(ids)
    newest: dict[UUID, Grant] = {}
    for grant in Grant.objects.filter(account_id__in=wanted).select_related("organisation").order_by("valid_from"):
        newest[grant.account_id] = grant
    return {account.id: _person(account, newest.get(account.id)) for account in Account.objects.filter(id__in=wanted)}


def _person(account: Account, grant: Grant | None) -> Person:
    return Person(
        name=account.full_name,
        email=account.email,
        phone=account.phone,
        role_name=name_of(grant.role) if grant is not None else "",
        organisation=grant.organisation.name if grant is not None else "",
    )


def managers_of(organisation: str, *, at: datetime) -> tuple[Person, ...]:
    """Whoever manages access at an organisation now, by name: whom somebody turned away may ring."""
    roles = [role.code for role in ROLES.values() if Permission.ACCESS_TEAM_MANAGE in role.permissions]
    return tuple(_person(grant.account, grant) for grant in _live(organisation, at=at) if grant.role in roles)


def team_of(organisation: str, *, at: datetime) -> tuple[UUID, ...]:
    """The accounts with a grant at an organisation now, by name, each once."""
    return tuple(dict.fromkeys(grant.account_id for grant in _live(organisation, at=at)))


def _live(organisation: str, *, at: datetime) -> list[Grant]:
    on = england_on(at)
    grants = Grant.objects.filter(
        organisation_id=organisation, valid_from__lte=on, ended_at=None, account__is_active=True
    )
    ordered = grants.select_related("account", "organisation").order_by("account__full_name", "account_id")
    return [grant for grant in ordered if grant.valid_to is None or on < grant.valid_to]


def agreement_now(account_id: UUID, *, at: datetime) -> AgreementText | None:
    """The version that is current, and when this person accepted it; None where none has been published."""
    versions = {agreement.version: agreement for agreement in Agreement.objects.all()}
    facts = tuple(
        AgreementFacts(version=line.version, current_from=line.current_from, accepted=False)
        for line in versions.values()
    )
    current = current_agreement(facts, on=england_on(at))
    if current is None:
        return None
    agreement = versions[current.version]
    mine = AgreementAcceptance.objects.filter(account_id=account_id, agreement=agreement).first()
    return AgreementText(
        version=agreement.version,
        text=agreement.text,
        text_hash=agreement.text_hash,
        accepted_at=mine.accepted_at if mine is not None else None,
    )


def passkeys_of(account_id: UUID) -> tuple[Passkey, ...]:
    """A person's passkeys, oldest first."""
    found = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.WEBAUTHN).order_by("created_at")
    return tuple(
        Passkey(id=key.pk, name=str(key.data.get("name", "")), added_at=key.created_at, used_at=key.last_used_at)
        for key in found
    )


def links_made_for(account_id: UUID) -> tuple[LinkMade, ...]:
    """The one-time links somebody else made for this account, newest first, at most ten."""
    found = Enrolment.objects.filter(account_id=account_id, made_by__isnull=False).select_related("made_by")
    return tuple(
        LinkMade(made_at=link.created_at, made_by=link.made_by.full_name if link.made_by else "", used_at=link.used_at)
        for link in found.order_by("-created_at")[:10]
    )


def recovery_codes_left(account_id: UUID) -> int:
    """How many of a person's recovery codes are still good."""
    codes = Authenticator.objects.filter(user_id=account_id, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(codes.wrap().get_unused_codes()) if codes is not None else 0


def standing_of(organisation: str) -> StandingState | None:
    """How an organisation stands; None where it never applied."""
    standing = Standing.objects.filter(organisation_id=organisation).first()
    return StandingState(standing.state) if standing is not None else None


def account_of(username: str) -> UUID | None:
    """The account of a user name, whatever its case."""
    found = Account.objects.filter(username=username.strip().lower()).values_list("id", flat=True).first()
    return found if found is not None else None


def nominations(
    *, organisation: str = "", account_id: UUID | None = None, nomination_id: UUID | None = None, at: datetime
) -> tuple[Nomination, ...]:
    """The nominations that wait for an answer: of an organisation, of a person, or one; the oldest first."""
    rows = NominationRow.objects.filter(decided_at=None).select_related("account", "organisation", "nominated_by")
    if organisation:
        rows = rows.filter(organisation_id=organisation)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if nomination_id is not None:
        rows = rows.filter(id=nomination_id)
    return tuple(_nomination(row, at=at) for row in rows.order_by("nominated_at", "id"))


def _nomination(row: NominationRow, *, at: datetime) -> Nomination:
    agreement = agreement_now(row.account_id, at=at)
    shown = None
    if row.check_issued_on is not None and row.trained_on is not None:
        shown = Shown(
            check_issued_on=row.check_issued_on,
            barred_list_checked=row.barred_list_checked,
            trained_on=row.trained_on,
        )
    return Nomination(
        id=row.id,
        account_id=row.account_id,
        name=row.account.full_name,
        username=row.account.username,
        role=row.role,
        role_name=name_of(row.role),
        organisation=row.organisation_id,
        organisation_name=row.organisation.name,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        nominated_by=row.nominated_by_id,
        nominated_by_name=row.nominated_by.full_name,
        nominated_at=row.nominated_at,
        shown=shown,
        agreement_accepted=agreement is not None and agreement.accepted_at is not None,
    )


def standings(organisations: Mapping[str, Organisation], *, at: datetime) -> tuple[OrganisationStanding, ...]:
    """How these organisations stand, by name, with how many grants hold now or are still to begin."""
    rows = {row.organisation_id: row for row in Standing.objects.select_related("moved_by")}
    on = england_on(at)
    held = Counter(
        Grant.objects.filter(ended_at=None).exclude(valid_to__lte=on).values_list("organisation_id", flat=True)
    )
    found = [_standing(one, rows.get(one.code), held[one.code]) for one in organisations.values()]
    return tuple(sorted(found, key=lambda one: (one.name, one.code)))


def _standing(organisation: Organisation, row: Standing | None, grants: int) -> OrganisationStanding:
    return OrganisationStanding(
        code=organisation.code,
        name=organisation.name,
        sector=organisation.sector,
        state=StandingState(row.state) if row is not None else None,
        opened_on=row.opened_on if row is not None else None,
        most_grants=row.most_grants if row is not None else None,
        grants=grants,
        moved_by=row.moved_by.full_name if row is not None and row.moved_by is not None else "",
    )


def quotas(organisation: str, *, at: datetime) -> tuple[Quota, ...]:
    """The quotas of an organisation's roles that are not over, the newest first."""
    rows = RoleQuota.objects.filter(organisation_id=organisation, valid_to__gt=england_on(at))
    return tuple(
        Quota(
            id=row.id,
            role=row.role,
            role_name=name_of(row.role),
            times=row.times,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            proposed_by=row.proposed_by_id,
            proposed_by_name=row.proposed_by.full_name,
            approved=row.approved_by_id is not None,
        )
        for row in rows.select_related("proposed_by").order_by("-valid_from", "id")
    )


def suspended(account_ids: Collection[UUID]) -> tuple[Suspended, ...]:
    """Who of these is suspended, the newest first."""
    rows = Suspension.objects.filter(account_id__in=account_ids, lifted_at=None).select_related("account", "by")
    return tuple(
        Suspended(
            account_id=row.account_id,
            name=row.account.full_name,
            username=row.account.username,
            because=row.because,
            at=row.at,
            by=row.by.full_name if row.by is not None else "",
        )
        for row in rows.order_by("-at")
    )
