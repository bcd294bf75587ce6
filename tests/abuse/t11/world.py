"""What people and suppliers do to the index of T11, through the real use cases and the real logins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from childindex.access.types import Actor
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import SourceRecord, Tier
from childindex.kernel.refusals import Denied
from childindex.matching.types import Answer, Because, Verdict
from childindex.shielding import selectors as guard
from childindex.shielding.sealing import hashed_link
from childindex.shielding.types import Evidence, Ground, Said
from childindex.supply import services as supply
from childindex.supply.usecases.apply import apply_batch, end_absent
from childindex.supply.usecases.settle import apply_decision, release_row
from childindex.upkeep.joins import Ground as JoinGround
from childindex.upkeep.joins import State as Joined
from childindex.upkeep.types import ProposedChild
from childindex.upkeep.usecases import joining, judge, merging, near, proposals, splitting
from childindex.upkeep.usecases.protect import protect_child
from tests.abuse.t11.cast import written
from tests.abuse.t11.logins import Logins
from tests.abuse.t11.state import Child, State, read
from tests.abuse.t11.truth import Truth
from tests.factories.index import a_delivery, a_receipt, worker

# Everything but the register, the people and what the migrations put in.
_FORGET: Final = """
    TRUNCATE children_child, children_searchkey, children_sourcerecord, children_formernumber, children_sharedid,
        involvement_involvement, consent_decision, matching_judgement, matching_heldrow, matching_review, matching_sampledpair,
        guard.protected_child, guard.protected_key, guard.guarded_row, guard.near_entry, guard.near_answer, supply_delivery, supply_heldrecord,
        cases_case, cases_visit, cases_searchresult, upkeep_proposal, upkeep_merge, upkeep_moved, upkeep_split, upkeep_sighting,
        upkeep_notice, procrastinate_jobs, procrastinate_events CASCADE
"""


@dataclass
class World:
    """One index, and what is true of it. Stewards act at the site; suppliers' files and decisions come through the worker."""

    logins: Logins
    stewards: tuple[Actor, Actor]
    practitioner: Actor
    begun: datetime
    truth: Truth = field(default_factory=Truth)
    sent: list[SourceRecord] = field(default_factory=list)
    now: State = field(init=False)
    counted: dict[UUID, int] = field(default_factory=dict)
    steps: int = 0
    turn: int = 0
    done: Counter[str] = field(default_factory=Counter)

    @property
    def at(self) -> datetime:
        """Now: every step is a little later."""
        return self.begun + timedelta(milliseconds=self.steps)

    def begin(self) -> None:
        """An index with nobody in it."""
        with self.logins.enter("owner"), connection.cursor() as cursor:
            cursor.execute(_FORGET)
            # The practitioner has searched, and found nobody.
            cursor.execute(
                "INSERT INTO cases_enquiry (sitting, account_id, searched_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [self.practitioner.sitting, self.practitioner.ref.person, self.begun],
            )
        self.truth, self.sent, self.counted, self.turn = Truth(), [], {}, 0
        self.now = read()

    @contextmanager
    def step(self, deed: str, delivered: Sequence[SourceRecord] = ()) -> Iterator[None]:
        """One step: afterwards the tables are read again and what is true is learnt."""
        self.steps += 1
        self.turn += 1
        with suppress(Denied):  # a refusal changes nothing, which is looked at as after any other step
            yield
            self.done[deed] += 1
        before, self.now = self.now, read()
        self._count(self.now)
        self.truth.learn(before, self.now, delivered)

    def _count(self, now: State) -> None:
        """Entries are counted as they appear, so that the same steps always meet the same entries: ids and numbers are random."""
        records = {child: name for name, (_, child, _) in sorted(now.records.items(), reverse=True)}
        fresh = sorted(
            now.children.keys() - self.counted.keys(),
            key=lambda child: (records.get(child, ("", "")), str(now.children[child].visible)),
        )
        self.counted |= {child: len(self.counted) + place for place, child in enumerate(fresh)}

    def those(self, *, only_open: bool = False) -> list[Child]:
        """Who has a row now, in the order in which they came."""
        here = [one for one in self.now.children.values() if one.tier == "open" or not only_open]
        return sorted(here, key=lambda one: self.counted[one.id])

    def deliver(self, records: Sequence[SourceRecord], *, as_at: date, kind: str) -> None:
        """A delivery of one batch."""
        numbered = [replace(record, row=number) for number, record in enumerate(records, start=1)]
        with self.step("deliver", numbered):
            delivery = a_delivery(records[0].feed, as_at=as_at, kind=kind)
            apply_batch(
                actor=worker(), delivery_id=delivery, records=numbered, as_at=as_at, row=len(numbered), at=self.at
            )
            _close(delivery)
        self.sent += numbered

    def leave_out(self, feed: str, record_ids: Sequence[str], *, as_at: date) -> None:
        """A snapshot in which these records are missing."""
        with self.step("leave out"):
            delivery = a_delivery(feed, as_at=as_at)
            apply_batch(actor=worker(), delivery_id=delivery, records=[], as_at=as_at, row=0, at=self.at)
            end_absent(actor=worker(), delivery_id=delivery, record_ids=record_ids, as_at=as_at, at=self.at)
            _close(delivery)

    def protect(self, place: int, tier: Tier, ground: Ground) -> None:
        """Shield or seal a child who has a row."""
        those = self.those()
        with self.step("protect"):
            if those:
                number = those[place % len(those)].number
                protect_child(actor=worker(), index_number=number, tier=tier, ground=ground, at=self.at)

    def propose(self, person: int, *variants: str) -> None:
        """A practitioner proposes a child they could not find, and the worker compares it."""
        who = written(person, *variants)
        with self.step("propose"):
            child = ProposedChild(
                family_name=who.family_name,
                given_name=who.given_name,
                birth_date=who.birth_date or PartialDate(2015),
                sex=who.sex,
                postcode=who.postcode,
                nhs_number=who.nhs_number,
            )
            with self.logins.enter("web"):
                proposals.propose_child(actor=self.practitioner, child=child, at=self.at)
            with connection.cursor() as cursor:
                cursor.execute("SELECT id FROM upkeep_proposal WHERE matched_at IS NULL")
                ((proposal,),) = cursor.fetchall()
            proposals.match_proposal(actor=worker(), proposal_id=proposal, at=self.at)

    def judge(self, place: int, *, link: bool, apply: bool) -> None:
        """A steward answers a question, another confirms it if need be; the worker applies it now or later."""
        if not self.now.asked:
            return
        with self.step("judge"):
            asked = sorted(
                self.now.asked, key=lambda one: (one.about, [self.counted[child] for child in one.candidates])
            )
            review, those = asked[place % len(asked)].id, asked[place % len(asked)].candidates
            answer = Answer(
                verdict=Verdict.LINKED if link else Verdict.NOT_LINKED,
                chosen=those[0] if link else None,
                because=Because.AS_SHOWN,
            )
            first, second = self._stewards_of(those[0])
            with self.logins.enter("web"):
                done = judge.decide(actor=first, review_id=review, answer=answer, at=self.at)
                if done.second:
                    judge.confirm(actor=second, review_id=review, agree=True, at=self.at)
            if apply:
                record = next(question.record for question in asked if question.id == review)
                apply_decision(actor=worker(), review_id=review, at=self.at)
                self._released(record)

    def _stewards_of(self, child: UUID) -> tuple[Actor, Actor]:
        """Two stewards of the authority of an open child."""
        first, second = self.stewards
        authority = self.now.children[child].authority
        return replace(first, authority=authority), replace(second, authority=authority)

    def judge_near(self, place: int, *, same: bool, release: bool) -> None:
        """Two stewards say whether an open entry or a held row near a protected child is theirs."""
        names = {hashed_link(*name).hex(): name for name in self.truth.said}
        here = {child.id for child in self.those(only_open=True)}
        pairs = [
            (self.counted[child], "", self.counted[about], child, about)
            for child, about in self.now.near
            if about in here
        ]
        pairs += [
            (self.counted[child], "|".join(names.get(link, ("proposal",))), 0, child, row)
            for row, (link, those) in self.now.held.items()
            for child in those
        ]
        if not pairs:
            return
        *_, child, about = sorted(pairs)[place % len(pairs)]
        with self.step("judge near"):
            authority = guard.authority_of(child, receipt=a_receipt()) or ""
            first, second = (replace(one, authority=authority) for one in self.stewards)
            said = Said.SAME if same else Said.DIFFERENT
            near.answer_near(actor=first, child=child, about=about, said=said, evidence=Evidence.DOCUMENTS, at=self.at)
            near.confirm_near(actor=second, child=child, about=about, agree=True, at=self.at)
            if not same:
                self.truth.apart.add((child, about))
            if about in self.now.held and not same and release:
                release_row(actor=worker(), row_id=about, at=self.at)
                self._released(about)

    def _released(self, row: UUID) -> None:
        """What was judged of a row holds of the entry it is in now."""
        owners = [child for which, child, _ in read().records.values() if which == row]
        self.truth.apart |= {(child, owner) for child, about in self.truth.apart if about == row for owner in owners}

    def merge(self, one: int, other: int) -> None:
        """Two stewards make two open entries one."""
        those = self.those(only_open=True)
        if len(those) < 2:
            return
        with self.step("merge"):
            kept = those.pop(one % len(those))
            merged = those[other % len(those)]
            first, second = self._stewards_of(kept.id)
            with self.logins.enter("web"):
                done = merging.propose_merge(
                    actor=first,
                    keep=kept.number,
                    other=merged.number,
                    ground=JoinGround.CHECKED_WITH_FAMILY,
                    at=self.at,
                )
                merging.answer_merge(actor=second, merge_id=done.id, answer=Joined.CONFIRMED, at=self.at)
            joining.carry_out_merge(actor=worker(), merge_id=done.id, at=self.at)
            self.truth.follow(merged.id, into=kept.id)

    def split(self, place: int, *, undo: bool, records: int) -> None:
        """Two stewards take an entry of several records apart: what was merged if there is a merge to undo, else what they choose."""
        owners = Counter(child for _, child, _ in self.now.records.values())
        those = [one for one in self.those(only_open=True) if owners[one.id] > 1]
        if not those:
            return
        with self.step("split"):
            mixed = those[place % len(those)]
            undo = undo and mixed.id in self.now.former.values()
            own = [row for _, (row, child, _) in sorted(self.now.records.items()) if child == mixed.id]
            first, second = self._stewards_of(mixed.id)
            with self.logins.enter("web"):
                done = splitting.propose_split(
                    actor=first,
                    index_number=mixed.number,
                    undo=undo,
                    records=() if undo else own[: 1 + records % (len(own) - 1)],
                    lines=(),
                    ground=JoinGround.REPORTED,
                    at=self.at,
                )
                splitting.answer_split(actor=second, split_id=done.id, answer=Joined.CONFIRMED, at=self.at)
            with connection.cursor() as cursor:
                cursor.execute("SELECT restored_id FROM upkeep_split WHERE id = %s", [done.id])
                ((restored,),) = cursor.fetchall()
            joining.carry_out_split(actor=worker(), split_id=done.id, at=self.at)
            self.truth.follow(mixed.id, into=restored)
            self.truth.part(read(), (mixed.id, restored))


def _close(delivery: UUID) -> None:
    """The delivery is wholly applied: what comes for an earlier day comes late from now on."""
    with transaction.atomic():
        supply.close(delivery, receipt=a_receipt())
