"""Setting up the register: done once, the same again changes nothing, a fault changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from childindex.access.types import Actor
from childindex.batch import setup
from childindex.directory import selectors as directory
from childindex.directory.types import Changes
from childindex.kernel.refusals import Denied, Refusal
from childindex.supply.types import DeliveryRefused
from childindex.supply.usecases.set_up import set_up
from tests.integration.supply.conftest import AT, Ledger
from tests.unit.supply.test_register import FILES, write_register

pytestmark = [pytest.mark.process("worker"), pytest.mark.usefixtures("database")]


def test_a_register_is_set_up_and_the_same_again_changes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    folder = write_register(tmp_path)
    first, second = setup.run(folder, at=AT), setup.run(folder, at=AT)
    assert {name: changes.new for name, changes in first.parts.items()} == {
        "authorities": 1,
        "organisations": 3,
        "services": 3,
        "feeds": 1,
        "postcodes": 2,
    }
    assert {(changes.new, changes.changed) for changes in second.parts.values()} == {(0, 0)}
    assert setup.lines(second)[0] == "authorities: 0 new, 0 changed, 1 as before"
    assert directory.authorities()["E06000001"].broker_phone == "02079460001"
    assert directory.authority_of(["TS82 1AB", "XX1 1XX"]) == {"TS82 1AB": "E06000001"}
    assert directory.organisations(["urn:900001"])["urn:900001"].authority == "E06000001"
    assert len(directory.organisations()) == 3
    assert directory.service_types()["new_service"].sensitive
    assert directory.feeds()["school_census"].precedence == {"upn": 1, "carers": 2}
    outcomes = [(outcome, detail["feeds_new"]) for outcome, detail in ledger("directory:register:changed")]
    assert outcomes == [("done", 1), ("done", 0)]


def test_a_change_is_taken_over_and_a_pause_is_kept(tmp_path: Path, actor: Actor) -> None:
    set_up(actor=actor, folder=write_register(tmp_path), at=AT)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE directory_feed SET paused = true, answered_on = '2026-01-01'")
    changed = {
        "feeds": FILES["feeds.toml"].replace("rank = 20", "rank = 30"),
        "postcodes": FILES["postcodes.csv"] + "TS82 1AC,E06000001\n",
    }
    parts = set_up(actor=actor, folder=write_register(tmp_path, **changed), at=AT).parts
    assert parts["feeds"] == Changes(new=0, changed=1, same=0)
    assert parts["postcodes"] == Changes(new=1, changed=0, same=2)
    feed = directory.feeds()["school_census"]
    assert (feed.rank, feed.paused, str(feed.answered_on)) == (30, True, "2026-01-01")


def test_a_fault_changes_nothing_and_is_written_down(tmp_path: Path, actor: Actor, ledger: Ledger) -> None:
    folder = write_register(tmp_path, feeds="[x]\n")
    with pytest.raises(DeliveryRefused) as caught:
        set_up(actor=actor, folder=folder, at=AT)
    assert caught.value.sentence.startswith("feeds.toml: ")
    assert directory.organisations() == {}
    ((outcome, detail),) = ledger("directory:register:changed")
    assert (outcome, detail["because"]) == ("refused", ["feeds.toml"])


@pytest.mark.process("web")
def test_a_web_process_may_not(tmp_path: Path, actor: Actor, ledger: Ledger) -> None:
    with pytest.raises(Denied) as caught:
        set_up(actor=actor, folder=write_register(tmp_path), at=AT)
    assert caught.value.refusal is Refusal.NOT_PERMITTED
    assert [outcome for outcome, _ in ledger("directory:register:changed")] == ["refused"]
