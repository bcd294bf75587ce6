"""Who may not merge and split what: allowed beside refused, absent and protected alike, and every look written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from django.utils import timezone

from childindex.access.types import Actor
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding.types import Ground as Because
from childindex.upkeep.joins import Ground, NoticeState, State
from childindex.upkeep.types import Mark
from childindex.upkeep.usecases import joining, merging, splitting
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import SOUTH, a_child, a_record, deliver, rows, worker
from tests.factories.people import People
from tests.integration.lookup.conftest import AsRole, Connect, Ledger
from tests.integration.upkeep.joining.conftest import Two

Make = Callable[..., Actor]
NOBODYS = "7K7K7K7K7K"
SOUTHBY = "gss:E06000023"


def refusal(call: Callable[[], object]) -> tuple[Refusal, tuple[str, ...]]:
    with pytest.raises(Denied) as denied:
        call()
    return denied.value.refusal, denied.value.detail


def propose(actor: Actor, keep: str, other: str) -> Callable[[], UUID]:
    def call() -> UUID:
        now = timezone.now()
        return merging.propose_merge(actor=actor, keep=keep, other=other, ground=Ground.SAME_NUMBER, at=now).id

    return call


def answer(actor: Actor, merge: UUID, state: State = State.CONFIRMED) -> Callable[[], object]:
    return lambda: merging.answer_merge(actor=actor, merge_id=merge, answer=state, at=timezone.now())


@pytest.fixture
def southern(people: People, as_role: AsRole, actor: Make) -> Actor:
    """A data steward of the other authority."""
    with as_role("owner"):
        rows(
            "INSERT INTO directory_organisation (code, name, kind, sector, authority_id, phone, out_of_hours_phone, hours)"
            " VALUES (%s, 'Southby Council', 'council', 'social_care', %s, '', '', '') RETURNING code",
            SOUTHBY,
            SOUTH,
        )
    people.organisation(SOUTHBY)
    return actor(role="data_steward", organisation=SOUTHBY, sitting="southern")


@pytest.fixture
def south_entry(two: Two) -> str:
    """The index number of an entry of the other authority."""
    quill = a_child(family_name="Quill", given_name="Odo", postcode="BS1 4DJ", address="1 Low Road", carers=())
    with two.as_role("worker"):
        deliver(a_record("births", "b7", identity=quill), kind="delta")
    two.read()
    return two.number["Quill"]


def protect(two: Two, name: str, tier: Tier) -> None:
    """Behind a shield or a seal, as the worker."""
    with two.as_role("worker"):
        protect_child(
            actor=worker(), index_number=two.number[name], tier=tier, ground=next(iter(Because)), at=timezone.now()
        )


def test_it_takes_two_stewards_of_the_kept_entrys_authority(
    two: Two, first: Actor, second: Actor, southern: Actor, actor: Make, south_entry: str
) -> None:
    north, xaveria = two.number["Okonkwo"], two.number["Zwilling"]
    social = actor(sitting="social")
    assert refusal(propose(social, north, xaveria))[0] is Refusal.NOT_PERMITTED
    assert refusal(propose(southern, north, xaveria))[0] is Refusal.NOT_YOURS
    assert refusal(propose(first, south_entry, north))[0] is Refusal.NOT_YOURS
    assert refusal(propose(first, north, north)) == (Refusal.NOT_ACCEPTED, ("same",))
    merge = propose(first, north, xaveria)()
    assert refusal(propose(second, north, xaveria)) == (Refusal.NOT_ACCEPTED, ("waiting",))
    assert refusal(answer(first, merge)) == (Refusal.NOT_PERMITTED, ("second",))
    assert refusal(answer(southern, merge))[0] is Refusal.NOT_YOURS
    assert refusal(answer(social, merge))[0] is Refusal.NOT_PERMITTED
    assert refusal(answer(second, merge, State.DONE)) == (Refusal.NOT_ACCEPTED, ("state",))
    assert refusal(answer(second, merge, State.OBJECTED))[0] is Refusal.NOT_YOURS
    assert refusal(answer(second, uuid4()))[0] is Refusal.NOT_FOUND
    answer(second, merge)()
    assert refusal(answer(second, merge)) == (Refusal.NOT_ACCEPTED, ("state",))
    assert two.carry_out(merge=merge) is State.DONE
    # A job that runs twice changes nothing.
    assert refusal(lambda: two.carry_out(merge=merge))[0] is Refusal.NOT_FOUND


def test_whoever_proposed_may_take_it_back_but_not_confirm_it(two: Two, first: Actor) -> None:
    merge = propose(first, two.number["Okonkwo"], two.number["Zwilling"])()
    answer(first, merge, State.DECLINED)()
    # The way is free for another proposal.
    propose(first, two.number["Okonkwo"], two.number["Zwilling"])()


def test_the_other_authoritys_steward_may_look_and_object(
    two: Two, first: Actor, second: Actor, southern: Actor, south_entry: str, at: datetime
) -> None:
    merge = propose(first, two.number["Okonkwo"], south_entry)()
    [line] = merging.worklist(actor=southern, at=at).lines
    assert (line.may_confirm, line.may_object) == (False, True)
    assert merging.view_merge(actor=southern, merge_id=merge, at=at).pair is not None
    answer(southern, merge, State.OBJECTED)()
    assert refusal(answer(second, merge)) == (Refusal.NOT_ACCEPTED, ("state",))
    assert rows("SELECT objected_by FROM upkeep_merge") == [(southern.ref.account_id,)]


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_a_protected_child_is_as_good_as_absent(
    two: Two, first: Actor, second: Actor, ledger: Ledger, tier: Tier, at: datetime
) -> None:
    """Compared, proposed, confirmed, split: the same refusal, the same line in the ledger as for a number nobody has."""
    north, hidden = two.number["Okonkwo"], two.number["Zwilling"]
    waiting = propose(first, north, hidden)()
    protect(two, "Zwilling", tier)
    start = len(ledger())
    for number in (hidden, NOBODYS):
        for call in (
            lambda number=number: merging.compare(actor=first, keep=north, other=number, at=at),
            lambda number=number: merging.compare(actor=first, keep=number, other=north, at=at),
            propose(first, north, number),
            propose(first, number, north),
            lambda number=number: splitting.prepare_split(actor=first, index_number=number, at=at),
        ):
            assert refusal(call) == (Refusal.NOT_FOUND, ())
    written = [(line["event"], line["outcome"], line["children"], line["detail"]) for line in ledger()[start:]]
    assert len(written) == 10
    assert written[:5] == written[5:]
    for attempt in (
        answer(second, waiting),
        answer(second, uuid4()),
        lambda: merging.view_merge(actor=second, merge_id=waiting, at=at),
    ):
        assert refusal(attempt) == (Refusal.NOT_FOUND, ())
    assert merging.worklist(actor=first, at=at).lines == ()


def test_a_child_protected_after_the_confirmation_is_not_merged(
    two: Two, first: Actor, second: Actor, ledger: Ledger
) -> None:
    merge = propose(first, two.number["Okonkwo"], two.number["Zwilling"])()
    answer(second, merge)()
    protect(two, "Zwilling", Tier.SHIELDED)
    assert two.carry_out(merge=merge) is State.DROPPED
    assert rows("SELECT count(*) FROM children_formernumber") == [(0,)]
    last = ledger()[-1]
    assert (last["event"], last["outcome"], last["detail"]["dropped"]) == ("entries:merge:done", "done", True)


@pytest.mark.parametrize("tier", [Tier.SHIELDED, Tier.SEALED])
def test_a_mixed_entry_that_was_protected_is_not_split_by_this_path_and_leaves_no_number(
    two: Two, first: Actor, second: Actor, tier: Tier, at: datetime
) -> None:
    two.merge(first, second)
    split = splitting.propose_split(
        actor=first, index_number=two.number["Okonkwo"], undo=True, records=(), lines=(), ground=Ground.REPORTED, at=at
    ).id
    splitting.answer_split(actor=second, split_id=split, answer=State.CONFIRMED, at=at)
    protect(two, "Okonkwo", tier)
    assert two.carry_out(split=split) is State.DROPPED
    for number in (*two.number.values(), NOBODYS):
        prepare = lambda number=number: splitting.prepare_split(actor=first, index_number=number, at=at)  # noqa: E731
        assert refusal(prepare) == (Refusal.NOT_FOUND, ())
    assert refusal(lambda: splitting.view_split(actor=first, split_id=split, at=at)) == (Refusal.NOT_FOUND, ())
    assert merging.worklist(actor=first, at=at).lines == ()
    left = rows("SELECT index_number FROM children_formernumber")
    assert left == ([] if tier is Tier.SEALED else [(two.number["Zwilling"],)])


def test_what_may_be_split_off(two: Two, first: Actor, second: Actor, southern: Actor, at: datetime) -> None:
    """Only what was offered, something, and never everything; by two stewards of the authority."""
    number = two.number["Okonkwo"]
    records = [one.id for one in splitting.prepare_split(actor=first, index_number=number, at=at).open]

    def split(who: Actor = first, *, undo: bool = False, lines: tuple[UUID, ...] = (), chosen: object = None) -> UUID:
        return splitting.propose_split(
            actor=who,
            index_number=number,
            undo=undo,
            records=records[:1] if chosen is None else chosen,  # type: ignore[arg-type]
            lines=lines,
            ground=Ground.REPORTED,
            at=at,
        ).id

    assert refusal(lambda: split(southern))[0] is Refusal.NOT_YOURS
    assert refusal(lambda: split(chosen=[uuid4()])) == (Refusal.NOT_ACCEPTED, ("records",))
    assert refusal(lambda: split(chosen=[])) == (Refusal.NOT_ACCEPTED, ("nothing_chosen",))
    assert refusal(lambda: split(chosen=records)) == (Refusal.NOT_ACCEPTED, ("nothing_stays",))
    assert refusal(lambda: split(lines=(uuid4(),))) == (Refusal.NOT_ACCEPTED, ("lines",))
    assert refusal(lambda: split(undo=True)) == (Refusal.NOT_ACCEPTED, ("no_merge",))
    done = split()
    assert refusal(split) == (Refusal.NOT_ACCEPTED, ("waiting",))

    def reply(who: Actor, state: State = State.CONFIRMED) -> Callable[[], object]:
        return lambda: splitting.answer_split(actor=who, split_id=done, answer=state, at=at)

    assert refusal(reply(first)) == (Refusal.NOT_PERMITTED, ("second",))
    assert refusal(reply(southern))[0] is Refusal.NOT_YOURS
    assert refusal(reply(second, State.OBJECTED)) == (Refusal.NOT_ACCEPTED, ("state",))
    assert refusal(lambda: splitting.view_split(actor=southern, split_id=done, at=at))[0] is Refusal.NOT_YOURS
    reply(second)()
    assert two.carry_out(split=done) is State.DONE
    assert refusal(lambda: two.carry_out(split=done))[0] is Refusal.NOT_FOUND


def test_a_split_of_which_nothing_is_left_is_dropped(two: Two, first: Actor, second: Actor, at: datetime) -> None:
    """Somebody else undid the merge before the worker came to it."""
    two.merge(first, second)
    split = splitting.propose_split(
        actor=first, index_number=two.number["Okonkwo"], undo=True, records=(), lines=(), ground=Ground.REPORTED, at=at
    ).id
    splitting.answer_split(actor=second, split_id=split, answer=State.CONFIRMED, at=at)
    with two.as_role("worker"):
        rows("UPDATE upkeep_merge SET undone_at = %s RETURNING id", timezone.now())
    assert two.carry_out(split=split) is State.DROPPED


def test_notices_are_approved_before_they_are_sent_and_by_their_own_authority(
    two: Two, first: Actor, second: Actor, southern: Actor, at: datetime
) -> None:
    two.merge(first, second)
    split = two.split(first, second)
    notice = splitting.view_split(actor=first, split_id=split, at=at).notices[0].id

    def move(who: Actor, to: NoticeState, which: UUID = notice) -> Callable[[], object]:
        return lambda: splitting.move_notice(actor=who, notice_id=which, to=to, at=at)

    assert refusal(move(first, NoticeState.SENT)) == (Refusal.NOT_ACCEPTED, ("state",))
    assert refusal(move(southern, NoticeState.APPROVED))[0] is Refusal.NOT_YOURS
    assert refusal(move(first, NoticeState.APPROVED, uuid4()))[0] is Refusal.NOT_FOUND
    assert refusal(lambda: splitting.view_notice(actor=southern, notice_id=notice, at=at))[0] is Refusal.NOT_YOURS
    move(first, NoticeState.APPROVED)()
    assert refusal(move(second, NoticeState.APPROVED)) == (Refusal.NOT_ACCEPTED, ("state",))


def test_every_look_and_act_is_one_line_of_the_ledger(
    two: Two, first: Actor, second: Actor, ledger: Ledger, at: datetime
) -> None:
    start = len(ledger())
    merging.compare(actor=first, keep=two.number["Okonkwo"], other=two.number["Zwilling"], at=at)
    two.merge(first, second)
    merging.worklist(actor=first, at=at)
    splitting.prepare_split(actor=first, index_number=two.number["Okonkwo"], at=at)
    split = two.split(first, second)
    shown = splitting.view_split(actor=first, split_id=split, at=at)
    splitting.view_notice(actor=first, notice_id=shown.notices[0].id, at=at)
    lines = ledger()[start:]
    both = set(two.id.values())
    assert [(line["event"], len(both & set(line["children"]))) for line in lines] == [
        ("entries:pair:viewed", 2),
        ("entries:merge:proposed", 2),
        ("entries:merge:answered", 2),
        ("entries:merge:done", 2),
        ("entries:list:viewed", 2),
        ("entries:split:prepared", 1),
        ("entries:split:proposed", 1),
        ("entries:split:answered", 1),
        ("entries:split:done", 2),
        ("entries:split:viewed", 2),
        ("notice:draft:viewed", 2),
    ]
    assert {line["outcome"] for line in lines} == {"done"}


@pytest.mark.parametrize("process", ["web", "worker"])
def test_no_process_makes_and_carries_out_a_split_by_itself(two: Two, connect: Connect, process: str) -> None:
    """The site cannot read the ledger through the function, nor set anything done; the worker cannot make a split."""
    db = connect(process)
    forbidden = {
        "web": (
            "SELECT * FROM upkeep_disclosures(gen_random_uuid(), now())",
            "UPDATE upkeep_split SET done_at = now()",
            "UPDATE upkeep_merge SET done_at = now()",
            "SELECT payload FROM upkeep_merge",
            "INSERT INTO upkeep_sighting (split_id) VALUES (gen_random_uuid())",
            "SELECT * FROM children_sharedid",
            "DELETE FROM children_formernumber",
        ),
        "worker": (
            "INSERT INTO upkeep_split (id) VALUES (gen_random_uuid())",
            "INSERT INTO upkeep_merge (id) VALUES (gen_random_uuid())",
            "UPDATE upkeep_split SET confirmed_by = gen_random_uuid()",
            "UPDATE upkeep_split SET mixed_id = gen_random_uuid()",
            "UPDATE upkeep_notice SET state = 'approved'",
            "SELECT * FROM audit_ledgerentry",
        ),
    }
    for statement in forbidden[process]:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(statement)


def test_the_function_answers_only_for_a_confirmed_split(
    two: Two, first: Actor, second: Actor, connect: Connect, at: datetime
) -> None:
    """Nothing for one that is only proposed, done already, or not there; and nobody but the worker may ask."""
    merge = two.merge(first, second)
    split = splitting.propose_split(
        actor=first, index_number=two.number["Okonkwo"], undo=True, records=(), lines=(), ground=Ground.REPORTED, at=at
    ).id
    db = connect("worker")
    ask = "SELECT count(*) FROM upkeep_disclosures(%s, now())"

    def answers(which: UUID) -> int:
        return int((db.execute(ask, [which]).fetchone() or (0,))[0])

    db.execute("UPDATE upkeep_split SET mixed_since = '2020-01-01'")
    assert answers(split) == answers(merge) == answers(uuid4()) == 0
    splitting.answer_split(actor=second, split_id=split, answer=State.CONFIRMED, at=at)
    assert answers(split) > 0
    assert two.carry_out(split=split) is State.DONE
    assert answers(split) == 0
    for process in ("family", "audit"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(process).execute(ask, [split])


def test_nothing_of_a_child_stands_in_the_open_in_what_a_merge_keeps(
    two: Two, first: Actor, second: Actor, connect: Connect
) -> None:
    """Whoever reads the tables, or a copy of them, finds ids and codes: names are sealed with the worker's key."""
    two.merge(first, second)
    db = connect("owner")
    written = ""
    for table in ("upkeep_merge", "upkeep_moved"):
        for (row,) in db.execute(f"SELECT to_jsonb(t)::text FROM {table} t").fetchall():  # noqa: S608
            written += row
    payload = bytes((db.execute("SELECT payload FROM upkeep_merge").fetchone() or (b"",))[0])
    assert len(payload) > 500
    for name in ("Okonkwo", "Zwilling", "Xaveria", *two.number.values()):
        assert name not in written
        assert name.encode() not in payload


def test_a_steward_sees_no_sensitive_service_and_no_supplier_of_one(two: Two, first: Actor, at: datetime) -> None:
    pair = merging.compare(actor=first, keep=two.number["Okonkwo"], other=two.number["Zwilling"], at=at)
    assert "clinic" not in repr(pair).lower()
    assert "counselling" not in repr(pair).lower()
    assert sorted(one.feed for one in pair.kept.records) == ["", "care", "gp"]
    assert {field for field, mark in pair.marks.items() if mark is Mark.DIFFERS} == {"name", "birth_date", "addresses"}
    assert pair.marks["carers"] is Mark.MISSING  # only one of the two entries names any


def test_the_workers_part_is_the_workers_alone(two: Two, first: Actor, second: Actor, at: datetime) -> None:
    merge = propose(first, two.number["Okonkwo"], two.number["Zwilling"])()
    answer(second, merge)()
    for who in (first, worker()):
        # Whatever an actor claims, this is a process that serves pages.
        call = lambda who=who: joining.carry_out_merge(actor=who, merge_id=merge, at=at)  # noqa: E731
        assert refusal(call)[0] is Refusal.NOT_PERMITTED
