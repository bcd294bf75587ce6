"""What was decided without a person is sampled and judged unseen; the judging changes nothing, and shows nobody who is protected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from childindex.access.types import Actor
from childindex.batch import tasks
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex, Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.matching import judging
from childindex.matching.quality import judged
from childindex.matching.quality.types import Said, Sizes
from childindex.shielding.types import Ground
from childindex.upkeep.joins import Ground as Why
from childindex.upkeep.joins import State
from childindex.upkeep.panel import By, Kind, SampleDrawn, SampledShown
from childindex.upkeep.usecases import merging, quality, splitting
from childindex.upkeep.usecases.joining import carry_out_merge, carry_out_split
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import AT, SCHOOL, a_receipt, a_record, deliver, rows, worker
from tests.factories.people import People
from tests.integration.lookup.conftest import AsRole, Ledger
from tests.integration.upkeep.test_judge import JAN

Make = Callable[..., Actor]
ALL = Sizes(links=50, near_misses=50)
DUE = timedelta(days=7)
ELA = replace(JAN, given_name="Ela", sex=Sex.FEMALE, birth_date=PartialDate(2014, 2, 3), nhs_number="9990000093")
# Perhaps the same girl, perhaps not: born on the same day, of the same name as her family, and nothing else in common.
HELENA = replace(ELA, given_name="Helena", nhs_number="", address="40 Station Road, Northby", postcode="", carers=())
TWIN = replace(JAN, given_name="Zofia", sex=Sex.FEMALE, nhs_number="")
# A thousand children who can be found by every search key of one.
_MANY = """
    WITH many AS (
        INSERT INTO children_child (id, index_number, tier, responsible_authority, district, family_name, given_name,
            birth_date, sex, created_at, changed_at)
        SELECT gen_random_uuid(), 'M' || n, tier, responsible_authority, district, family_name, given_name, birth_date, sex,
            created_at, changed_at
        FROM children_child, generate_series(1, 1000) n WHERE id = %s RETURNING id
    ), found AS (
        INSERT INTO children_searchkey (key, kind, child_id, tier)
        SELECT k.key, k.kind, many.id, 'open' FROM many, children_searchkey k WHERE k.child_id = %s RETURNING child_id
    )
    SELECT count(DISTINCT child_id) FROM found
"""


@pytest.fixture
def steward(actor: Make) -> Actor:
    """A data steward of Northby."""
    return actor(role="data_steward")


@pytest.fixture
def decided(index: object, as_role: AsRole) -> None:
    """Jan's two records were linked; Helena was made new although Ela was near. Amara's were linked when the index was made."""
    with as_role("worker"):
        deliver(a_record("gp", "jan", identity=JAN), a_record("gp", "ela", identity=ELA))
        assert deliver(a_record("care", "jan", identity=JAN), a_record("care", "helena", identity=HELENA)).linked == 1


def draw(as_role: AsRole, *, until: datetime = AT, sizes: Sizes = ALL, seed: int = 7) -> SampleDrawn:
    """The worker's weekly job."""
    with as_role("worker"):
        return quality.draw_sample(actor=worker(), until=until, sizes=sizes, seed=seed, at=until)


def pairs() -> dict[str, UUID]:
    """The pairs of samples by the supplier's id of their records, as the site may read them."""
    found = rows("SELECT s.record_id, p.id FROM matching_sampledpair p JOIN children_sourcerecord s ON s.id = p.record")
    return {str(record): UUID(str(pair)) for record, pair in found}


def child_of(record_id: str, feed: str) -> UUID:
    [(child,)] = rows("SELECT child_id FROM children_sourcerecord WHERE record_id = %s AND feed = %s", record_id, feed)
    return UUID(str(child))


def number_of(child: UUID) -> str:
    [(number,)] = rows("SELECT index_number FROM children_child WHERE id = %s", child)
    return str(number)


def refusal(call: Callable[..., object], **facts: Any) -> Refusal:
    with pytest.raises(Denied) as denied:
        call(**facts)
    return denied.value.refusal


# --- drawing


@pytest.mark.usefixtures("decided")
def test_links_and_near_misses_are_drawn_with_their_weights(
    steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime
) -> None:
    """By kind, authority, supplier and score, by the worker alone.

    A first record with nobody near is in no sample, nor is a sensitive supplier's.
    """
    facts: dict[str, Any] = {"until": AT, "sizes": ALL, "seed": 1, "at": at}
    assert refusal(quality.draw_sample, actor=steward, **facts) is Refusal.NOT_PERMITTED
    drawn = draw(as_role)
    strata = rows(
        "SELECT t.kind, t.feed, t.authority, t.population, count(p.id) FROM matching_samplestratum t"
        " LEFT JOIN matching_sampledpair p ON p.stratum_id = t.id GROUP BY t.id ORDER BY t.kind, t.feed"
    )
    assert strata == [("link", "care", "E08000003", 2, 2), ("near_miss", "care", "E08000003", 1, 1)]
    assert drawn.decisions == drawn.pairs == 3
    assert set(pairs()) == {"c1", "jan", "helena"}
    assert rows("SELECT since, until, seed FROM matching_sample") == [(None, AT, 7)]
    last = ledger()[-1]
    assert (last["event"], last["detail"]) == ("matching:sample:drawn", {"decisions": 3, "pairs": 3, "seed": 7})


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("change", "drawn"),
    [
        ("DELETE FROM directory_feed WHERE name = 'care'", 0),
        (
            "UPDATE directory_feed SET kinds = '{dentist}' WHERE name = 'care'",
            0,
        ),  # no kind of service that is on the list
        ("UPDATE directory_feed SET kinds = '{social_care,clinic}' WHERE name = 'care'", 0),
        (
            "UPDATE directory_feed SET kinds = '{}', fields = '{service_type}' WHERE name = 'care'",
            0,
        ),  # any service at all
        ("UPDATE directory_feed SET kinds = '{}', fields = '{birth_date}' WHERE name = 'care'", 3),  # none
        ("UPDATE children_sourcerecord SET feed = 'a practitioner' WHERE feed = 'care'", 3),  # a proposal's
    ],
)
def test_only_what_is_known_to_bring_no_sensitive_service_is_sampled(change: str, drawn: int, as_role: AsRole) -> None:
    """What the register does not say, a feed that has left it above all, counts as sensitive (R 1.24)."""
    with as_role("owner"):
        assert rows(change + " RETURNING 1")
    assert draw(as_role).decisions == drawn


@pytest.mark.usefixtures("decided")
def test_a_sample_covers_what_was_decided_since_the_last_one(as_role: AsRole) -> None:
    """Not twice in a week; the next one has the next decisions alone; none is of a time that another one covers."""
    assert draw(as_role, sizes=Sizes(links=1, near_misses=0)).pairs == 1
    assert draw(as_role, until=AT + timedelta(days=6)).decisions == 0
    assert rows("SELECT count(*) FROM matching_sample") == [(1,)]
    assert draw(as_role, until=AT + DUE).decisions == 0
    assert rows("SELECT count(*) FROM matching_sample") == [(2,)]
    with as_role("owner"), pytest.raises(IntegrityError, match="sample_once"):
        rows("INSERT INTO matching_sample (id, until, seed) VALUES (%s, %s, 1) RETURNING id", uuid4(), AT)


@pytest.mark.usefixtures("index")
def test_the_nightly_job_draws_once_a_week(as_role: AsRole, at: datetime) -> None:
    """What was decided until the day before, by which time every delivery that began then is over."""
    with as_role("worker"):
        tasks.draw_sample(timestamp=0)
        tasks.draw_sample(timestamp=0)
    [(until,)] = rows("SELECT until FROM matching_sample")
    assert timedelta(0) <= until - (at - timedelta(days=1)) < timedelta(minutes=5)


# --- what is shown and judged


@pytest.mark.usefixtures("decided")
def test_a_link_and_a_near_miss_look_alike(steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime) -> None:
    """Nothing tells what was decided or who supplied it; a linked record is not compared with itself, renamed as the other is."""
    with as_role("worker"):
        deliver(a_record("gp", "jan", identity=replace(JAN, given_name="Jonasz"), updated_on=AT.date()), kind="delta")
    draw(as_role)
    start = len(ledger())
    found = pairs()
    linked = quality.show(actor=steward, pair_id=found["jan"], at=at)
    near = quality.show(actor=steward, pair_id=found["helena"], at=at)
    assert given_names(linked) == ("Jan", ("Jonasz",))
    assert given_names(near) == ("Helena", ("Ela",))
    assert (linked.done, linked.left) == (0, 3)
    # Helena's own entry is not among those born on the same day.
    assert linked.neighbours == near.neighbours == ()
    jan, ela, helena = child_of("jan", "gp"), child_of("ela", "gp"), child_of("helena", "care")
    assert [(line["event"], line["children"]) for line in ledger()[start:]] == [
        ("matching:sample:viewed", [jan]),
        ("matching:sample:viewed", [ela, helena]),
    ]


@pytest.mark.usefixtures("decided")
def test_judging_changes_nothing_and_is_kept(steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime) -> None:
    """A judgement that does not count is kept of each; deliveries go on as before. And what the figures are then."""
    draw(as_role)
    found = pairs()
    before = rows("SELECT id, child_id FROM children_sourcerecord ORDER BY id")
    for record, said, otherwise in (
        ("jan", Said.DIFFERENT, True),
        ("helena", Said.SAME, True),
        ("c1", Said.UNSURE, False),
    ):
        done = quality.judge(actor=steward, pair_id=found[record], said=said, at=at)
        assert done.otherwise is otherwise
    assert done.next is None
    assert ledger()[-1]["detail"] == {"pair": str(found["c1"]), "said": "unsure", "otherwise": False}
    with as_role("worker"):
        kept = rows(
            "SELECT verdict, counts, decided_by, review_id FROM matching_judgement WHERE decided_by IS NOT NULL"
            " ORDER BY verdict"
        )
        me = steward.ref.account_id
        assert kept == [
            ("linked", False, me, found["helena"]),
            ("not_linked", False, me, found["jan"]),
            ("unsure", False, me, found["c1"]),
        ]
        assert judging.judged([record for record, _ in before]) == {}
        assert deliver(a_record("care", "jan", identity=JAN, updated_on=AT.date()), kind="delta").updated == 1
    assert rows("SELECT id, child_id FROM children_sourcerecord ORDER BY id") == before
    assert refusal(quality.judge, actor=steward, pair_id=found["jan"], said=Said.SAME, at=at) is Refusal.NOT_FOUND

    shown = quality.panel(actor=steward, at=at)
    false, missed = shown.whole.false, shown.whole.missed
    assert (false.rate, false.judged, false.wrong, false.unsure, shown.whole.links) == (1.0, 1, 1, 1, 2)
    assert missed.rate == pytest.approx(1 / 3)  # one, of the two links that were made and itself
    assert not false.enough
    assert set(shown.by[By.SUPPLIER]) == {"Care"}
    assert set(shown.by[By.AGE]) == {"11-15"}  # all three are of that age on the day
    assert [day.isoformat() for day in shown.weeks] == ["2026-11-22"]
    assert quality.panel(actor=steward, at=at + timedelta(weeks=13)).weeks == {}


@pytest.mark.usefixtures("decided")
def test_feeds_of_one_suppliers_name_are_one_line(steward: Actor, as_role: AsRole, at: datetime) -> None:
    """A council sends two feeds: what was judged of either is in its one figure."""
    with as_role("worker"):
        assert deliver(a_record("school", "jan at school", identity=JAN)).linked == 1
    with as_role("owner"):
        rows("UPDATE directory_feed SET supplier = 'Northby Council' WHERE name IN ('care', 'school') RETURNING 1")
    draw(as_role)
    found = pairs()
    for record in ("jan", "c1", "jan at school"):
        quality.judge(actor=steward, pair_id=found[record], said=Said.SAME, at=at)
    shown = quality.panel(actor=steward, at=at).by[By.SUPPLIER]
    assert {name: (one.links, one.false.judged) for name, one in shown.items()} == {"Northby Council": (3, 3)}


@pytest.mark.usefixtures("decided")
def test_samples_that_end_on_one_day_are_one_week(steward: Actor, as_role: AsRole, at: datetime) -> None:
    """The near miss in a sample of its own, three hours later."""
    draw(as_role)
    found = pairs()
    quality.judge(actor=steward, pair_id=found["jan"], said=Said.SAME, at=at)
    quality.judge(actor=steward, pair_id=found["helena"], said=Said.DIFFERENT, at=at)
    later = uuid4()
    with as_role("owner"):
        sample = "INSERT INTO matching_sample (id, since, until, seed) VALUES (%s, %s, %s, 7) RETURNING id"
        rows(sample, later, AT, AT + timedelta(hours=3))
        rows("UPDATE matching_samplestratum SET sample_id = %s WHERE kind = 'near_miss' RETURNING id", later)
    weeks = quality.panel(actor=steward, at=at).weeks
    assert {day: (one.false.judged, one.missed.judged) for day, one in weeks.items()} == {AT.date(): (1, 1)}


@pytest.mark.usefixtures("decided")
def test_the_newest_of_what_was_found_are_listed(
    steward: Actor, as_role: AsRole, ledger: Ledger, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many and no more, on the page and in the ledger; the older ones come up once the newer are put right."""
    monkeypatch.setattr(quality, "_LISTED", 1)
    draw(as_role)
    found = pairs()
    quality.judge(actor=steward, pair_id=found["jan"], said=Said.DIFFERENT, at=at)
    quality.judge(actor=steward, pair_id=found["helena"], said=Said.SAME, at=at + timedelta(seconds=1))
    shown = quality.panel(actor=steward, at=at)
    assert ([one.kind for one in shown.put_right], shown.more) == ([Kind.NEAR_MISS], True)
    assert set(ledger()[-1]["children"]) == {child_of("helena", "care"), child_of("ela", "gp")}
    with as_role("owner"):  # as a merge leaves it
        rows("UPDATE matching_sampledpair SET child = own WHERE id = %s RETURNING id", found["helena"])
    shown = quality.panel(actor=steward, at=at)
    assert ([one.kind for one in shown.put_right], shown.more) == ([Kind.LINK], False)
    assert [one.id for one in judged.wrong(steward.authority, most=1, receipt=a_receipt())] == [found["jan"]]


@pytest.mark.usefixtures("decided")
def test_what_was_found_waits_until_it_is_put_right(steward: Actor, actor: Make, as_role: AsRole, at: datetime) -> None:
    """By the ordinary split and merge, each with a second person; then it is gone from the list."""
    draw(as_role)
    found = pairs()
    quality.judge(actor=steward, pair_id=found["jan"], said=Said.DIFFERENT, at=at)
    quality.judge(actor=steward, pair_id=found["helena"], said=Said.SAME, at=at + timedelta(seconds=1))
    missed, link = quality.panel(actor=steward, at=at).put_right
    assert (missed.kind, link.kind) == (Kind.NEAR_MISS, Kind.LINK)
    second = actor(role="data_steward")
    merge = merging.propose_merge(actor=steward, keep=missed.number, other=missed.other, ground=Why.AS_SHOWN, at=at).id
    merging.answer_merge(actor=second, merge_id=merge, answer=State.CONFIRMED, at=at)
    [(record,)] = rows("SELECT id FROM children_sourcerecord WHERE record_id = 'jan' AND feed = 'care'")
    split = splitting.propose_split(
        actor=steward, index_number=link.number, undo=False, records=[record], lines=[], ground=Why.AS_SHOWN, at=at
    ).id
    splitting.answer_split(actor=second, split_id=split, answer=State.CONFIRMED, at=at)
    assert len(quality.panel(actor=steward, at=at).put_right) == 2
    with as_role("worker"):
        carry_out_merge(actor=worker(), merge_id=merge, at=at)
        carry_out_split(actor=worker(), split_id=split, at=at)
    assert quality.panel(actor=steward, at=at).put_right == ()


@pytest.mark.usefixtures("decided")
def test_to_everybody_else_it_is_not_there(
    steward: Actor, people: People, actor: Make, as_role: AsRole, ledger: Ledger, at: datetime
) -> None:
    """Another authority's stewards see their own figures; a social worker none."""
    draw(as_role)
    people.organisation(SCHOOL)
    elsewhere, social = actor(role="data_steward", organisation=SCHOOL), actor(role="social_worker")
    pair = pairs()["jan"]
    for which in (pair, uuid4()):
        assert refusal(quality.show, actor=elsewhere, pair_id=which, at=at) is Refusal.NOT_FOUND
        assert refusal(quality.judge, actor=elsewhere, pair_id=which, said=Said.SAME, at=at) is Refusal.NOT_FOUND
    shown = quality.panel(actor=elsewhere, at=at)
    assert (shown.left, shown.whole.links, shown.by[By.SUPPLIER], shown.put_right) == (0, 0, {}, ())
    assert quality.panel(actor=steward, at=at).whole.links == 2
    assert (ledger()[-1]["event"], ledger()[-1]["children"]) == ("matching:quality:viewed", [])
    assert refusal(quality.panel, actor=social, at=at) is Refusal.NOT_PERMITTED
    assert refusal(quality.show, actor=social, pair_id=pair, at=at) is Refusal.NOT_PERMITTED
    assert refusal(quality.judge, actor=social, pair_id=pair, said=Said.SAME, at=at) is Refusal.NOT_PERMITTED
    assert quality.show(actor=steward, pair_id=pair, at=at).facts


# --- protected children


@pytest.mark.usefixtures("decided")
def test_a_protected_child_leaves_every_sample(steward: Actor, as_role: AsRole, at: datetime) -> None:
    """Judged, the pair is a number without a child; unjudged it is gone, here for the child that a record was set beside."""
    draw(as_role)
    found = pairs()
    quality.judge(actor=steward, pair_id=found["jan"], said=Said.DIFFERENT, at=at)
    protect(as_role, child_of("jan", "gp"), Tier.SHIELDED)
    protect(as_role, child_of("ela", "gp"), Tier.SEALED)
    assert refusal(quality.show, actor=steward, pair_id=found["helena"], at=at) is Refusal.NOT_FOUND
    left = rows("SELECT said, record, own, child FROM matching_sampledpair ORDER BY said DESC")
    assert left[0] == ("different", None, None, None)
    assert [line[3] for line in left[1:]] == [child_of("c1", "care")]
    shown = quality.panel(actor=steward, at=at)
    assert (shown.put_right, shown.left, shown.whole.false.wrong) == ((), 1, 1)


@pytest.mark.usefixtures("decided")
def test_nothing_near_a_protected_child_stays_or_is_drawn(as_role: AsRole) -> None:
    """The twin of a child who is shielded afterwards leaves the sample; and the same decisions drawn anew are without them."""
    with as_role("worker"):
        deliver(a_record("school", "zofia", identity=TWIN))
    draw(as_role)
    assert set(pairs()) == {"c1", "jan", "helena", "zofia"}
    protect(as_role, child_of("zofia", "school"), Tier.SHIELDED)
    assert set(pairs()) == {"c1", "helena"}
    with as_role("owner"):
        for table in ("sampledpair", "samplestratum", "sample"):
            rows(f"DELETE FROM matching_{table} RETURNING id")  # noqa: S608 - the three names above
    draw(as_role)
    assert set(pairs()) == {"c1", "helena"}


@pytest.mark.usefixtures("decided")
def test_however_many_share_a_key_with_a_protected_child(as_role: AsRole) -> None:
    """A thousand other children share more search keys with Zofia than Jan does; he leaves the sample all the same."""
    with as_role("worker"):
        deliver(a_record("school", "zofia", identity=TWIN))
    draw(as_role)
    zofia = child_of("zofia", "school")
    with as_role("owner"):
        assert rows(_MANY, zofia, zofia)[0] == (1_000,)
    protect(as_role, zofia, Tier.SHIELDED)
    assert set(pairs()) == {"c1", "helena"}


def given_names(shown: SampledShown) -> tuple[str, tuple[str, ...]]:
    """The record's, and the child's."""
    return next((row.given, row.cells[0].values) for row in shown.facts if row.fact == "given_name")


def protect(as_role: AsRole, child: UUID, tier: Tier) -> None:
    """Put a child behind a shield or seal."""
    with as_role("worker"):
        protect_child(actor=worker(), index_number=number_of(child), tier=tier, ground=Ground.SIGNIFICANT_HARM, at=AT)
