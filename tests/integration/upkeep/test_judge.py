"""Stewards decide about records that wait; decisions are kept, confirmed where it takes two, applied, and never overridden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as app_before_setup

from childindex.access.types import Actor
from childindex.children import selectors as children
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Carer, Sex, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching.types import Answer, Because, Verdict
from childindex.shielding import sealing
from childindex.shielding.types import Ground
from childindex.supply.types import BatchReport
from childindex.supply.usecases.settle import apply_decision
from childindex.upkeep.types import Mark
from childindex.upkeep.usecases import judge
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import SCHOOL, a_child, a_record, an_involvement, deliver, rows, worker
from tests.factories.people import People
from tests.integration.lookup.conftest import AsRole, Connect, Ledger

app: App = app_before_setup
Make = Callable[..., Actor]
LATER = date(2026, 11, 15)
JAN = a_child(
    family_name="Nowak",
    given_name="Jan",
    birth_date=PartialDate(2012, 7, 9),
    sex=Sex.MALE,
    nhs_number="9990000077",
    address="3 Chapel Street, Northby",
    carers=(Carer(name="Ewa Nowak", relationship="mother", phone="0161 496 0033"),),
)
# Nobody can tell whether it is the same child: no given name, and another home.
UNNAMED = replace(JAN, given_name="", sex=Sex.UNKNOWN, nhs_number="", address="40 Station Road, Northby")
TWIN = replace(JAN, given_name="Zofia", sex=Sex.FEMALE, nhs_number="9990000085")
ROW = a_record("school", "j", identity=UNNAMED, involvements=(an_involvement("school"),))
# Amara is known to a counselling service.
AMARA_UNNAMED = a_record(
    "school", "a", identity=a_child(given_name="", sex=Sex.UNKNOWN, address="40 Station Road, Northby")
)
NEW = Answer(verdict=Verdict.NOT_LINKED, chosen=None, because=Because.TWIN_OR_SIBLING)
UNSURE = Answer(verdict=Verdict.UNSURE, chosen=None, because=Because.TOO_LITTLE_KNOWN)


def same(child: UUID) -> Answer:
    """The answer that a record is this child's."""
    return Answer(verdict=Verdict.LINKED, chosen=child, because=Because.AS_SHOWN)


@pytest.fixture
def jan(index: object, as_role: AsRole) -> UUID:
    """Jan, whom a practice knows, and a school's row that may be his."""
    with as_role("worker"):
        deliver(a_record("gp", "jan", identity=JAN))
        assert deliver(ROW).for_review == 1
        return child_named("Jan")


@pytest.fixture
def steward(actor: Make) -> Actor:
    """A data steward of Northby."""
    return actor(role="data_steward")


def child_named(given_name: str) -> UUID:
    [(child,)] = rows("SELECT id FROM children_child WHERE given_name = %s", given_name)
    return UUID(str(child))


def only_review(actor: Actor, at: datetime) -> UUID:
    """The one pair of a queue."""
    [line] = judge.queue(actor=actor, at=at).lines
    return line.review


def refusal(call: Callable[..., object], **facts: Any) -> Refusal:
    with pytest.raises(Denied) as denied:
        call(**facts)
    return denied.value.refusal


def jobs(connect: Connect) -> list[dict[str, str]]:
    """What the worker has been asked to do."""
    found = connect("worker").execute(
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'childindex.apply_decision' ORDER BY id"
    )
    return [row[0] for row in found.fetchall()]


def applied(as_role: AsRole, review: UUID, at: datetime) -> BatchReport:
    """The worker does what it was asked."""
    with as_role("worker"):
        return apply_decision(actor=replace(worker()), review_id=review, at=at)


def records_of(as_role: AsRole, child: UUID) -> set[str]:
    with as_role("worker"):
        return {row[0] for row in rows("SELECT record_id FROM children_sourcerecord WHERE child_id = %s", child)}


# --- what is shown


def test_the_queue_names_nobody_and_is_ones_own_authoritys(
    jan: UUID, steward: Actor, people: People, actor: Make, ledger: Ledger, at: datetime
) -> None:
    people.organisation(SCHOOL)
    elsewhere = actor(role="data_steward", organisation=SCHOOL)
    start = len(ledger())
    shown = judge.queue(actor=steward, at=at)
    assert [(line.supplier, line.children, line.second) for line in shown.lines] == [("School", 1, False)]
    assert (shown.done, shown.left, shown.next) == (0, 1, shown.lines[0].review)
    assert judge.queue(actor=elsewhere, at=at).lines == ()
    assert [(line["event"], line["children"]) for line in ledger()[start:]] == [("matching:queue:viewed", [])] * 2


def test_a_pair_side_by_side(jan: UUID, steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime) -> None:
    """Every field, how far it agrees, why the model asks, and a twin beside them; all of them in the ledger."""
    with as_role("worker"):
        deliver(a_record("care", "zofia", identity=TWIN))
        zofia = child_named("Zofia")
    start = len(ledger())
    shown = judge.show(actor=steward, review_id=only_review(steward, at), at=at)
    facts = {row.fact: (row.given, row.cells[0].values, row.cells[0].mark) for row in shown.facts}
    assert facts["family_name"] == ("Nowak", ("Nowak",), Mark.SAME)
    assert facts["given_name"] == ("", ("Jan",), Mark.MISSING)
    assert facts["birth_date"] == ("2012-07-09", ("2012-07-09",), Mark.SAME)
    assert facts["address"][1] == ("3 Chapel Street, Northby, M1 1AA",)
    assert facts["carers"] == ("Ewa Nowak 0161 496 0033", ("Ewa Nowak 0161 496 0033",), Mark.SAME)
    [candidate] = shown.candidates
    assert (candidate.id, candidate.name) == (jan, "Jan Nowak")
    assert "same date of birth" in candidate.words.lower()
    assert candidate.score is not None
    assert 0.2 < candidate.score < 1
    assert [(one.id, one.name) for one in shown.neighbours] == [(zofia, "Zofia Nowak")]
    assert shown.answer is None
    last = ledger()[-1]
    assert len(ledger()) == start + 2  # the queue and the pair
    assert (last["event"], set(last["children"])) == ("matching:review:viewed", {jan, zofia})


@pytest.mark.usefixtures("jan")
def test_another_authoritys_pair_is_as_if_it_were_not_there(
    steward: Actor, people: People, actor: Make, ledger: Ledger, at: datetime
) -> None:
    """For looking, deciding and confirming alike; and each attempt is in the ledger."""
    people.organisation(SCHOOL)
    elsewhere = actor(role="data_steward", organisation=SCHOOL)
    review = only_review(steward, at)
    start = len(ledger())
    for which in (review, uuid4()):
        assert refusal(judge.show, actor=elsewhere, review_id=which, at=at) is Refusal.NOT_FOUND
        assert refusal(judge.decide, actor=elsewhere, review_id=which, answer=NEW, at=at) is Refusal.NOT_FOUND
        assert refusal(judge.confirm, actor=elsewhere, review_id=which, agree=True, at=at) is Refusal.NOT_FOUND
    lines = ledger()[start:]
    assert [line["outcome"] for line in lines] == ["refused"] * 6
    assert {line["account_id"] for line in lines} == {elsewhere.ref.account_id}
    assert [line["children"] for line in lines] == [[]] * 6
    assert judge.show(actor=steward, review_id=review, at=at).candidates


@pytest.mark.usefixtures("jan")
@pytest.mark.parametrize("role", ["social_worker", "access_manager"])
def test_only_stewards(role: str, steward: Actor, actor: Make, at: datetime) -> None:
    other = actor(role=role)
    review = only_review(steward, at)
    assert refusal(judge.queue, actor=other, at=at) is Refusal.NOT_PERMITTED
    assert refusal(judge.show, actor=other, review_id=review, at=at) is Refusal.NOT_PERMITTED
    assert refusal(judge.decide, actor=other, review_id=review, answer=NEW, at=at) is Refusal.NOT_PERMITTED
    assert refusal(judge.confirm, actor=other, review_id=review, agree=True, at=at) is Refusal.NOT_PERMITTED
    assert refusal(apply_decision, actor=steward, review_id=review, at=at) is Refusal.NOT_PERMITTED


# --- what is decided


def test_linked_by_a_person(
    jan: UUID, steward: Actor, as_role: AsRole, connect: Connect, ledger: Ledger, at: datetime
) -> None:
    """Kept at once, asked of the worker, applied with everything the record brings, once."""
    review = only_review(steward, at)
    decided = judge.decide(actor=steward, review_id=review, answer=same(jan), at=at)
    assert (decided.second, decided.next) == (False, None)
    assert jobs(connect) == [{"review_id": str(review)}]
    assert records_of(as_role, jan) == {"jan"}
    last = ledger()[-1]
    assert (last["event"], last["children"]) == ("matching:review:decided", [jan])
    assert applied(as_role, review, at) == BatchReport(linked=1, started=1)
    assert records_of(as_role, jan) == {"jan", "j"}
    with as_role("worker"):
        kept = rows(
            "SELECT verdict, decided_by, reason, confirmed_by, counts, review_id, score > 0, levels::text <> '{}', model_version <> ''"
            " FROM matching_judgement WHERE child_id = %s AND decided_by IS NOT NULL",
            jan,
        )
        assert kept == [("linked", steward.ref.account_id, "as_shown", None, True, review, True, True, True)]
        assert rows("SELECT service_type FROM involvement_involvement WHERE child_id = %s", jan) == [("school",)]
        assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
        assert refusal(apply_decision, actor=worker(), review_id=review, at=at) is Refusal.NOT_FOUND
    assert refusal(judge.show, actor=steward, review_id=review, at=at) is Refusal.NOT_FOUND


def test_what_a_person_linked_stays(jan: UUID, steward: Actor, as_role: AsRole, at: datetime) -> None:
    """Whatever the supplier says later; even a row that by then looks like somebody else's."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=same(jan), at=at)
    applied(as_role, review, at)
    with as_role("worker"):
        changed = replace(ROW, identity=a_child(), updated_on=LATER)
        assert deliver(changed, as_at=LATER).updated == 1
    assert records_of(as_role, jan) == {"jan", "j"}


def test_a_new_child_by_a_persons_word(jan: UUID, steward: Actor, as_role: AsRole, at: datetime) -> None:
    """An entry of its own, with an index number; and no later evidence joins the two by itself."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=NEW, at=at)
    assert applied(as_role, review, at) == BatchReport(new=1, started=1)
    with as_role("worker"):
        [(other,)] = rows("SELECT child_id FROM children_sourcerecord WHERE record_id = 'j'")
        assert other != jan
        assert deliver(replace(ROW, identity=JAN, updated_on=LATER), as_at=LATER).updated == 1
        assert rows("SELECT child_id FROM children_sourcerecord WHERE record_id = 'j'") == [(other,)]


def test_what_a_person_ruled_out_is_not_linked_before_it_is_applied_either(
    jan: UUID, steward: Actor, as_role: AsRole, at: datetime
) -> None:
    """The row comes again, now plainly Jan's by the model, before the worker has applied the decision."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=NEW, at=at)
    with as_role("worker"):
        report = deliver(replace(ROW, identity=JAN, updated_on=LATER), as_at=LATER)
        assert (report.linked, report.new) == (0, 1)
        assert refusal(apply_decision, actor=worker(), review_id=review, at=at) is Refusal.NOT_FOUND
    assert records_of(as_role, jan) == {"jan"}


def test_without_a_persons_word_the_same_row_is_linked(jan: UUID, as_role: AsRole) -> None:
    """The twin of the test above: it is the judgement that keeps them apart."""
    with as_role("worker"):
        assert deliver(replace(ROW, identity=JAN, updated_on=LATER), as_at=LATER).linked == 1
    assert records_of(as_role, jan) == {"jan", "j"}


def test_unsure_goes_to_the_back_of_the_queue(
    jan: UUID, steward: Actor, as_role: AsRole, actor: Make, at: datetime
) -> None:
    with as_role("worker"):
        deliver(ROW, replace(ROW, record_id="j2", identity=replace(UNNAMED, birth_date=PartialDate(2012, 9, 7))))
        deliver(AMARA_UNNAMED)
    first, *others = [line.review for line in judge.queue(actor=steward, at=at).lines]
    decided = judge.decide(actor=steward, review_id=first, answer=UNSURE, at=at + timedelta(seconds=1))
    assert decided.next == others[0]
    after = judge.queue(actor=steward, at=at + timedelta(seconds=2))
    assert [line.review for line in after.lines] == [*others, first]
    assert (after.done, after.left) == (1, len(others))
    assert records_of(as_role, jan) == {"jan"}
    # Somebody else meets it in its turn; and so does the same steward the next day.
    assert judge.queue(actor=actor(role="data_steward"), at=at).left == len(others) + 1
    assert judge.queue(actor=steward, at=at + timedelta(days=1)).left == len(others) + 1


@pytest.mark.parametrize("verdict", [Verdict.LINKED, Verdict.NEW])
def test_a_link_to_a_child_who_was_not_shown_is_refused(
    verdict: Verdict, jan: UUID, steward: Actor, index: Any, at: datetime
) -> None:
    review = only_review(steward, at)
    answer = Answer(verdict=verdict, chosen=index.ids["Amara"], because=Because.AS_SHOWN)
    assert refusal(judge.decide, actor=steward, review_id=review, answer=answer, at=at) is Refusal.NOT_ACCEPTED
    assert judge.decide(actor=steward, review_id=review, answer=same(jan), at=at).next is None


# --- where it takes two


@pytest.fixture
def amara(index: Any, as_role: AsRole) -> UUID:
    """Amara, known to a counselling service, and a school's row that may be hers."""
    with as_role("worker"):
        assert deliver(AMARA_UNNAMED).for_review == 1
    child: UUID = index.ids["Amara"]
    return child


def test_a_sensitive_service_takes_a_second_different_person(
    amara: UUID, steward: Actor, actor: Make, as_role: AsRole, connect: Connect, at: datetime
) -> None:
    review = only_review(steward, at)
    assert judge.decide(actor=steward, review_id=review, answer=same(amara), at=at).second
    assert jobs(connect) == []
    assert refusal(judge.confirm, actor=steward, review_id=review, agree=True, at=at) is Refusal.NOT_YOURS
    assert refusal(judge.decide, actor=steward, review_id=review, answer=NEW, at=at) is Refusal.NOT_YOURS
    with as_role("worker"):
        assert refusal(apply_decision, actor=worker(), review_id=review, at=at) is Refusal.NOT_FOUND
        assert deliver(replace(AMARA_UNNAMED), as_at=LATER) == BatchReport(unchanged=1)
    second = actor(role="data_steward")
    shown = judge.show(actor=second, review_id=review, at=at)
    assert (shown.answer, shown.mine) == (("linked", amara, "as_shown"), False)
    assert judge.show(actor=steward, review_id=review, at=at).mine
    assert refusal(judge.decide, actor=second, review_id=review, answer=NEW, at=at) is Refusal.NOT_YOURS
    judge.confirm(actor=second, review_id=review, agree=True, at=at)
    assert applied(as_role, review, at).linked == 1
    assert "a" in records_of(as_role, amara)
    with as_role("worker"):
        kept = rows(
            "SELECT decided_by, confirmed_by, counts FROM matching_judgement WHERE decided_by IS NOT NULL ORDER BY counts"
        )
    first_account, second_account = steward.ref.account_id, second.ref.account_id
    assert kept == [(first_account, None, False), (first_account, second_account, True)]


def test_a_second_person_may_disagree(
    amara: UUID, steward: Actor, actor: Make, as_role: AsRole, connect: Connect, at: datetime
) -> None:
    """Nothing is applied; the pair is decided afresh, in its turn."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=same(amara), at=at)
    judge.confirm(actor=actor(role="data_steward"), review_id=review, agree=False, at=at)
    assert jobs(connect) == []
    assert judge.show(actor=steward, review_id=review, at=at).answer is None
    assert refusal(judge.confirm, actor=steward, review_id=review, agree=True, at=at) is Refusal.NOT_YOURS
    assert "a" not in records_of(as_role, amara)


def test_another_name_and_a_number_that_contradicts_take_two(
    steward: Actor, jan: UUID, as_role: AsRole, at: datetime
) -> None:
    """As after an adoption; with the number alone, or the name alone, it takes one."""
    renamed = replace(JAN, family_name="Hughes", nhs_number="9990000050", carers=())
    with as_role("worker"):
        assert deliver(replace(ROW, identity=renamed, updated_on=LATER), as_at=LATER).for_review == 1
    review = only_review(steward, at)
    assert judge.decide(actor=steward, review_id=review, answer=same(jan), at=at).second


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (
            "UPDATE matching_review SET decided_by = answered_by, decided_at = now() WHERE second_needed",
            "review_second_is_not_first",
        ),
        ("UPDATE matching_review SET verdict = 'linked', chosen = NULL", "review_whole_answer_or_none"),
        ("UPDATE matching_review SET answered_by = NULL", "review_whole_answer_or_none"),
    ],
)
def test_the_database_itself_wants_another_person(
    statement: Any, constraint: str, amara: UUID, steward: Actor, connect: Connect, at: datetime
) -> None:
    judge.decide(actor=steward, review_id=only_review(steward, at), answer=same(amara), at=at)
    with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
        connect("web").execute(statement)
    other = "UPDATE matching_review SET decided_by = gen_random_uuid(), decided_at = now() WHERE second_needed"
    connect("web").execute(other)


@pytest.mark.parametrize(
    ("needed", "confirmed_by", "counts", "constraint"),
    [
        (True, "decided_by", True, "judgement_second_is_not_first"),
        (True, "NULL", True, "judgement_counts_when_confirmed"),
    ],
)
def test_a_judgement_counts_only_with_two_where_it_takes_two(
    needed: bool, confirmed_by: str, counts: bool, constraint: str, database: object, connect: Connect
) -> None:
    insert = (
        "INSERT INTO matching_judgement (id, record, child_id, verdict, levels, model_version, decided_by, decided_at,"
        " second_needed, confirmed_by, counts) SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'linked', '{{}}',"
        " '', decided_by, now(), {}, {}, {} FROM (SELECT gen_random_uuid() AS decided_by) AS one"
    )
    web = connect("web")
    with pytest.raises(psycopg.errors.CheckViolation, match=constraint):
        web.execute(insert.format(needed, confirmed_by, counts).encode())
    web.execute(insert.format(needed, "gen_random_uuid()", counts).encode())
    web.execute(insert.format(needed, "NULL", False).encode())


# --- beside a protected child


def test_a_decision_about_a_row_near_a_child_protected_since_leaves_for_the_guard(
    jan: UUID, steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime
) -> None:
    """Decided, and before it is applied the child is sealed: the row is not applied, and nothing of it is to be seen."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=NEW, at=at)
    with as_role("worker"):
        [(number,)] = rows("SELECT index_number FROM children_child WHERE id = %s", jan)
        protect_child(actor=worker(), index_number=number, tier=Tier.SEALED, ground=Ground.ADOPTED, at=at)
        assert refusal(apply_decision, actor=worker(), review_id=review, at=at) is Refusal.NOT_FOUND
        assert rows("SELECT count(*) FROM children_sourcerecord WHERE record_id = 'j'") == [(0,)]
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]
    assert judge.queue(actor=steward, at=at).lines == ()


def test_the_guard_is_asked_again_when_a_decision_is_applied(
    jan: UUID, steward: Actor, as_role: AsRole, at: datetime
) -> None:
    """Even a row that the queue still held, and even for a link: near a protected child it is held, and counted as new."""
    review = only_review(steward, at)
    judge.decide(actor=steward, review_id=review, answer=same(jan), at=at)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_review AS SELECT * FROM matching_review")
    with as_role("worker"):
        held = rows(
            "SELECT id, feed, record_id, content, updated_on, payload, shown, held_at, delivery_id FROM matching_heldrow"
        )
        deliver(a_record("care", "zofia", identity=TWIN))
        [(number,)] = rows("SELECT index_number FROM children_child WHERE given_name = 'Zofia'")
        protect_child(actor=worker(), index_number=number, tier=Tier.SEALED, ground=Ground.ADOPTED, at=at)
        assert rows("SELECT count(*) FROM matching_heldrow") == [(0,)]
    # As it would be had the row come to wait between the two.
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM guard.guarded_row WHERE child_id IS NULL")
        cursor.execute("DELETE FROM matching_review")
        cursor.execute("INSERT INTO matching_review SELECT * FROM kept_review")
        cursor.execute(
            "INSERT INTO matching_heldrow (id, feed, record_id, content, updated_on, payload, shown, held_at, delivery_id, keys)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, '{}')",
            list(held[0]),
        )
    assert applied(as_role, review, at) == BatchReport(new=1, started=1)
    assert records_of(as_role, jan) == {"jan"}
    with as_role("worker"):
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL") == [(1,)]


def test_a_waiting_record_of_a_child_who_is_hidden_leaves_the_queue_though_it_named_another(
    jan: UUID, steward: Actor, as_role: AsRole, at: datetime
) -> None:
    """The row was asked about as Jan's; it comes near Zofia, who is sealed: no steward sees it any more."""
    with as_role("worker"):
        deliver(a_record("care", "zofia", identity=TWIN))
        assert rows("SELECT candidates FROM matching_review") == [([jan],)]
        [(number,)] = rows("SELECT index_number FROM children_child WHERE given_name = 'Zofia'")
        protect_child(actor=worker(), index_number=number, tier=Tier.SEALED, ground=Ground.ADOPTED, at=at)
        assert rows("SELECT count(*) FROM guard.guarded_row WHERE child_id IS NULL AND near <> '{}'") == [(1,)]
    assert judge.queue(actor=steward, at=at).lines == ()


# --- what each login may touch


@pytest.mark.usefixtures("jan")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT payload FROM matching_heldrow",
        "SELECT content FROM matching_heldrow",
        "SELECT record_id FROM matching_heldrow",
        "DELETE FROM matching_heldrow",
        "SELECT * FROM matching_judgement",
        "UPDATE matching_judgement SET counts = true",
        "DELETE FROM matching_judgement",
        "INSERT INTO matching_review (id) VALUES (gen_random_uuid())",
        "UPDATE matching_review SET authority = ''",
        "UPDATE matching_review SET candidates = '{}'",
    ],
)
def test_the_site_may_not(statement: Any, connect: Connect) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect("web").execute(statement)


@pytest.mark.usefixtures("jan")
def test_the_site_reads_what_a_steward_may_be_shown_and_never_which_services(connect: Connect) -> None:
    [(record, shown)] = connect("web").execute("SELECT id, shown FROM matching_heldrow").fetchall()
    plain = sealing.unseal(record, shown, key=sealing.REVIEW)
    assert plain["identity"]["family_name"] == "Nowak"
    assert set(plain) == {"identity", "sensitive"}
    assert children.about_how_many() == 3
