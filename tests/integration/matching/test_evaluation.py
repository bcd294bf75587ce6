"""`childindex links` and `childindex match`: for an index of made-up children, by the operator, written down."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from childindex.batch import links, match
from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Tier
from childindex.kernel.refusals import Denied, Refusal
from childindex.shielding.types import Ground
from childindex.supply.types import Query
from childindex.supply.usecases.match_queries import match_queries
from childindex.upkeep.usecases.protect import protect_child
from tests.factories.index import AT, a_child, a_record, deliver, rows, worker

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("register")]


@pytest.fixture(autouse=True)
def demo(register: None) -> Iterator[None]:
    """Three children, one of them with records of two suppliers, in an index whose children are made up."""
    deliver(
        a_record("gp", "1"),
        a_record(
            "gp",
            "2",
            identity=a_child(family_name="Nowak", given_name="Jan", birth_date=PartialDate.parse("2012-07-09")),
        ),
    )
    deliver(a_record("school", "s", identity=a_child(given_name="Amarah")))
    with override_settings(DEMO=True):
        yield


def read(path: Path) -> list[dict[str, str]]:
    """A written CSV file."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_links_say_which_record_is_whose_and_why(tmp_path: Path) -> None:
    """The record that made the entry has no score; a link has one, and its reasons in words."""
    done = links.run(tmp_path / "links.csv", at=AT)
    found = read(tmp_path / "links.csv")
    assert [(row["source"], row["record_id"]) for row in found] == [("gp", "1"), ("gp", "2"), ("school", "s")]
    assert found[0]["child"] == found[2]["child"] != found[1]["child"]
    assert (found[0]["score"], found[0]["explanation"]) == ("", "First record of this child")
    assert float(found[2]["score"]) > 0.99
    assert "same date of birth" in found[2]["explanation"].lower()
    assert links.lines(done) == ["3 links to 2 children"]


def test_queries_are_answered_best_first_with_records_and_time(tmp_path: Path) -> None:
    """A misspelt child is first; what cannot be read of a query is left out."""
    (tmp_path / "q.csv").write_text(
        "query_id,family_name,given_name,birth_date,nhs_number\nq1,Okonkwu,Amara,2015-03-14,not a number\nq2,Nobody,Here,1999-13-13,\n"
    )
    done = match.run(tmp_path / "q.csv", tmp_path / "out.csv", at=AT)
    first, *_ = read(tmp_path / "out.csv")
    ((number,),) = rows("SELECT index_number FROM children_child WHERE family_name = 'Okonkwo'")
    assert (first["query_id"], first["rank"], first["index_number"]) == ("q1", "1", number)
    assert first["records"] == "gp:1 school:s"
    assert float(first["score"]) > 0.9
    assert {one.query_id for one in done.matches} == {"q1"}


def test_a_file_without_ids_is_refused(tmp_path: Path) -> None:
    """One clear sentence."""
    (tmp_path / "q.csv").write_text("family_name\nA\n")
    with pytest.raises(match.QueriesUnreadable, match="query_id"):
        match.run(tmp_path / "q.csv", tmp_path / "out.csv", at=AT)
    with pytest.raises(match.QueriesUnreadable):
        match.run(tmp_path / "missing.csv", tmp_path / "out.csv", at=AT)


def test_a_shield_holds_for_queries_and_links_too(tmp_path: Path) -> None:
    """Found by visible fields alone, without records; in no link."""
    ((number,),) = rows("SELECT index_number FROM children_child WHERE family_name = 'Okonkwo'")
    protect_child(actor=worker(), index_number=number, tier=Tier.SHIELDED, ground=Ground.SIGNIFICANT_HARM, at=AT)
    clock = count()

    def answers(**facts: Any) -> list[tuple[str, tuple[str, ...]]]:
        query = Query(query_id="q", identity=a_child(carers=(), address="", **facts))
        done = match_queries(actor=worker(), queries=[query], clock=lambda: float(next(clock)), at=AT)
        return [(one.index_number, one.records) for one in done.matches]

    assert answers(postcode="") == [(number, ())]
    assert answers(postcode="M1 1AA") == []
    links.run(tmp_path / "links.csv", at=AT)
    assert [row["record_id"] for row in read(tmp_path / "links.csv")] == ["2"]


def test_both_are_refused_on_a_live_index_and_written_down(tmp_path: Path, connect: Callable[[str], Any]) -> None:
    """Nothing is written; two refused entries are."""
    (tmp_path / "q.csv").write_text("query_id,family_name\nq,Okonkwo\n")
    with override_settings(DEMO=False):
        with pytest.raises(Denied) as one:
            links.run(tmp_path / "links.csv", at=AT)
        with pytest.raises(Denied) as other:
            match.run(tmp_path / "q.csv", tmp_path / "out.csv", at=AT)
    assert one.value.refusal == other.value.refusal == Refusal.LIVE_INDEX
    assert not (tmp_path / "links.csv").exists()
    assert not (tmp_path / "out.csv").exists()
    entries = connect("audit").execute(
        "SELECT event, outcome FROM audit_ledgerentry WHERE outcome = 'refused' ORDER BY event"
    )
    assert [tuple(row) for row in entries] == [
        ("children:batch:matched", "refused"),
        ("links:file:exported", "refused"),
    ]


def test_a_process_that_serves_pages_exports_nothing(tmp_path: Path, as_role: Callable[[str], Any]) -> None:
    """The operator is only ever a worker's."""
    with as_role("web"), override_settings(DEMO=True), pytest.raises(Denied):
        links.run(tmp_path / "links.csv", at=AT)
