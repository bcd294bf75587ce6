"""From lines of the ledger to looks with their signals; reads the ledger and involvements, as the audit process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from childindex.access.roles import ROLES
from childindex.access.types import Permission
from childindex.audit import selectors as ledger
from childindex.audit.selectors import Searches, Use
from childindex.audit.types import Event, Outcome, Receipt
from childindex.involvement import selectors as involvement
from childindex.involvement.types import Tie
from childindex.kernel.dates import day_in_england, start_of_day_in_england
from childindex.kernel.refusals import Refusal
from childindex.oversight import policies
from childindex.oversight.types import Circumstances, Explanation, Key, Look, Signal

_OPENED: Final = (Event.CHILD_OPENED, Event.CHILD_OVERRIDE_ASKED)
# What somebody does with a child whom they work with or put right, and leaves a trace that others answer.
_WORKED: Final = (Event.CONTACT_ASKED, Event.ENTRIES_MERGE_PROPOSED, Event.ENTRIES_SPLIT_PROPOSED)
_MOST_KEPT: Final = 20

Explained = Mapping[Key, tuple[Sequence[Tie], Explanation | None]]
Judged = list[tuple[Look, frozenset[Signal]]]


def judged(*, since: datetime, until: datetime, over: bool, receipt: Receipt) -> tuple[int, Judged]:
    """How many looks there were after `since` and up to `until`, and those with a signal.

    `over` is whether the time in which an involvement may follow is over for them: then the lack of one is a signal too.
    """
    looks = looks_of(ledger.uses(_OPENED, since=since, until=until))
    children = {look.child for look in looks if look.child is not None}
    begin = start_of_day_in_england(since) - policies.INVOLVED_WITHIN
    history = looks_of(ledger.uses(_OPENED, since=begin, until=until, children=children))
    explained = explanations(history, children=children, until=until + policies.INVOLVED_WITHIN, receipt=receipt)
    passing = in_passing()
    found: Judged = []
    strangers, days = _strangers(history, explained), _days(history)
    for look in looks:
        ties, explanation = explained[look.key] if look.child is not None else ((), None)
        told = Circumstances(
            explanation=explanation,
            in_passing=look.role in passing,
            other_days=len(days[look.account, look.child] - {look.day}),
            users=_users(strangers[look.child], look),
            brief=any(policies.is_brief(tie, look) for tie in ties),
            over=over,
        )
        signals = policies.signals(look, told)
        if signals:
            found.append((look, signals))
    return len(looks), found


def explanations(looks: Sequence[Look], *, children: Iterable[UUID], until: datetime, receipt: Receipt) -> Explained:
    """For each look the involvements of its organisation with the child, and what explains it, if anything does."""
    ties: dict[tuple[UUID, str], list[Tie]] = defaultdict(list)
    among = set(children)
    for tie in involvement.ties(among, receipt=receipt):
        ties[tie.child, tie.organisation].append(tie)
    begin = min((time for look in looks for time in look.times), default=until) - timedelta(days=1)
    worked = {
        (use.account_id, child)
        for use in ledger.uses(_WORKED, since=begin, until=until, children=among)
        if use.outcome == Outcome.DONE
        for child in use.children
    }
    passing, days = in_passing(), _days(looks)
    answer = {}
    for look in looks:
        if look.child is None:
            continue
        ours = ties[look.child, look.organisation]
        answer[look.key] = (
            ours,
            policies.explanation(
                look,
                ties=ours,
                worked=(look.account, look.child) in worked,
                in_passing=look.role in passing,
                other_days=len(days[look.account, look.child] - {look.day}),
            ),
        )
    return answer


def in_passing() -> frozenset[str]:
    """The roles of those who meet a child once, at any hour, and have no involvement to declare."""
    return frozenset(
        code
        for code, role in ROLES.items()
        if Permission.CHILD_SEARCH_MAKE in role.permissions
        and Permission.CHILD_INVOLVEMENT_DECLARE not in role.permissions
        and not role.manages
    )


def looks_of(uses: Iterable[Use]) -> list[Look]:
    """One look for each account, child and day; and one without a child for each account and day that reached a limit."""
    together: dict[Key, list[tuple[Use, frozenset[Signal]]]] = defaultdict(list)
    for use in uses:
        if not _is_a_look(use):
            continue
        day = day_in_england(use.at)
        for child in use.children:
            together[use.account_id, child, day].append((use, _noted(use)))
        if use.codes.get("reviews"):
            together[use.account_id, None, day].append((use, frozenset({Signal.LIMIT_REACHED})))
    return [_look(account, child, lines) for (account, child, _), lines in together.items()]


def fruitless(*, since: datetime, until: datetime) -> Judged:
    """The people whose searches of a day found nobody far too often, of those who had such a search after `since`."""
    found: Judged = []
    began = start_of_day_in_england(since)
    while began <= until:
        next_began = start_of_day_in_england(began + timedelta(hours=36))
        searches = ledger.searches(
            day_began=began, since=since, until=min(until, next_began - timedelta(microseconds=1))
        )
        found += [(_whole_day(one), frozenset({Signal.FRUITLESS_SEARCHES})) for one in searches if _is_fruitless(one)]
        began = next_began
    return found


def _is_fruitless(one: Searches) -> bool:
    return policies.is_fruitless(empty=one.empty, searches=one.shown)


def _whole_day(one: Searches) -> Look:
    return Look(
        account=one.account_id,
        child=None,
        day=day_in_england(one.times[0]),
        organisation=one.organisation,
        role=one.role,
        times=one.times[:_MOST_KEPT],
        entries=one.entries[:_MOST_KEPT],
    )


def _is_a_look(use: Use) -> bool:
    """A child was opened; or would have been, were they not of the looker's own household."""
    return use.outcome == Outcome.DONE or use.codes.get("refusal") == Refusal.OWN_HOUSEHOLD


def _noted(use: Use) -> frozenset[Signal]:
    """What was written down when it happened."""
    noted = {Signal(code) for code in use.codes.get("seen", ())}
    if use.outcome != Outcome.DONE:
        noted.add(Signal.OWN_HOUSEHOLD)
    if use.event == Event.CHILD_OVERRIDE_ASKED:
        noted.add(Signal.SHIELD_OVERRIDDEN)
    return frozenset(noted)


def _look(account: UUID, child: UUID | None, lines: Sequence[tuple[Use, frozenset[Signal]]]) -> Look:
    first = lines[0][0]
    return Look(
        account=account,
        child=child,
        day=day_in_england(first.at),
        organisation=first.organisation,
        role=first.role,
        times=tuple(use.at for use, _ in lines[:_MOST_KEPT]),
        entries=tuple(use.entry_id for use, _ in lines[:_MOST_KEPT]),
        reasons=frozenset(use.reason for use, _ in lines),
        noted=frozenset().union(*(noted for _, noted in lines)),
    )


def _days(looks: Iterable[Look]) -> Mapping[tuple[UUID, UUID | None], set[date]]:
    """The days on which each account opened each child."""
    days: dict[tuple[UUID, UUID | None], set[date]] = defaultdict(set)
    for look in looks:
        days[look.account, look.child].add(look.day)
    return days


def _strangers(
    looks: Iterable[Look],
    explained: Explained,
) -> Mapping[UUID | None, list[Look]]:
    """The looks at each child that nothing explains."""
    strangers: dict[UUID | None, list[Look]] = defaultdict(list)
    for look in looks:
        if look.child is not None and explained[look.key][1] is None:
            strangers[look.child].append(look)
    return strangers


def _users(strangers: Iterable[Look], look: Look) -> int:
    """How many accounts opened the same child within a week up to that day, with nothing to explain it."""
    return len({one.account for one in strangers if look.day - policies.USERS_WITHIN <= one.day <= look.day})
