"""Somebody looks up their own household and a namesake; an audit officer finds both, explains one and investigates the other (T05)."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable

from childindex.batch.made_up_people import CAST
from childindex.project.folders import CHECKOUT
from tests.journeys import demo as demos
from tests.journeys.demo import Account, Demo
from tests.journeys.visitor import Visitor, open_first, search_for

SignedIn = Callable[..., Visitor]
At = Callable[[Visitor], None]


def nowhere(visitor: Visitor) -> None:
    """Nothing to do on the way."""
    del visitor


def deliver_a_family(demo: Demo, account: Account) -> tuple[dict[str, str], dict[str, str]]:
    """Two children of somebody's name, the carer of the first with their telephone number too; what to type to find them."""
    first, surname = account.name.split()
    number = next(number for number, one in enumerate(CAST, start=101) if one.username == account.username)
    file = demo.data / f"{surname}.csv"
    file.write_text(
        "record_id,family_name,given_name,birth_date,sex,address,carer_name,carer_relationship,carer_phone\n"
        f"{surname}1,{surname},{first}son,2016-03-{number - 100:02},male,{number} Far Street,{account.name},father,01632 960{number}\n"
        f"{surname}2,{surname},{first}elle,2015-05-{number - 100:02},female,{number} Near Street,Una {surname},mother,01632 960999\n"
    )
    done = demos.deliver(demo, "births", file, "--kind", "delta")
    assert done.returncode == 0, done.stderr
    typed = {"family_name": surname, "reason": "contact"}
    son = {**typed, "given_name": f"{first}son", "born-year": "2016"}
    return son, {**typed, "given_name": f"{first}elle", "born-year": "2015"}


def read_the_ledger(demo: Demo) -> None:
    """The auditors' process, once."""
    done = subprocess.run(
        demos.run("oversight", "--once", "--json"),
        cwd=CHECKOUT,
        env={**demos.environment(), "CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(demo.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["looks"] >= 2


def look(signed_in: SignedIn, demo: Demo, account: Account, *, when_stopped: At = nowhere) -> None:
    """Somebody opens their niece and is stopped at their son; then the ledger is read."""
    son, niece = deliver_a_family(demo, account)
    visitor = signed_in(account)
    search_for(visitor, niece)
    open_first(visitor)
    visitor.go("/")
    search_for(visitor, son)
    visitor.press(re.compile("^Open "))
    assert visitor.title == "You cannot open a child of your own household"
    assert "Far Street" not in visitor.text
    when_stopped(visitor)
    read_the_ledger(demo)


def item_of(officer: Visitor, name: str) -> None:
    """From the queue to the first item of somebody."""
    officer.go("/oversight")
    officer.follow(re.compile(f"^{name}"))


def test_a_household_is_stopped_and_an_officer_answers(signed_in: SignedIn, demo: Demo) -> None:
    quinn = demo.account("quinn")
    look(signed_in, demo, quinn)
    officer = signed_in(demo.account("oscar"), scripts=False)
    assert officer.title == "How the index is used"
    item_of(officer, "Quinn Quirk")
    assert "Tried to open a child of their own household" in officer.text
    officer.press("It is explained")
    assert "Error:" in officer.page.title()
    officer.press("Suspend, tell the manager and investigate")
    assert officer.title == "Answered"
    assert "Open, and their managers have been told" in officer.text
    item_of(officer, "Quinn Quirk")
    assert "Has a name in common with the child or a carer" in officer.text
    officer.choose("They only have the same name")
    officer.press("It is explained")
    assert "Quinn Quirk" not in officer.text
    assert signed_in(quinn).page.get_by_label("Family name").count() == 0
    manager = signed_in(demo.account("meera"))
    manager.go("/team")
    assert "Quinn Quirk" in manager.text
    assert "misuse is suspected" in manager.text
