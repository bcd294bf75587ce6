"""The command that begins an index: a link for each of two people, and one plain line for whatever is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from childindex.project.folders import CHECKOUT
from tests.database import TestDatabase
from tests.factories.people import Browser, People

from .conftest import Connect, Ledger
from .test_enrolment import set_up

GOOD = {
    "--name": "Ada First",
    "--organisation": "urn:200001",
    "--phone": "01632 960001",
    "--check-issued": "2026-06-01",
    "--trained": "2026-06-01",
}


def run(database: TestDatabase, username: str, **changes: str) -> subprocess.CompletedProcess[str]:
    options = GOOD | {f"--{name}": value for name, value in changes.items()}
    keys: dict[str, Any] = {"GUARD_HASH_KEY": "aGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGhoaGg="}
    keys["GUARD_ENCRYPTION_KEY"] = keys["GUARD_HASH_KEY"]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "childindex.project.cli",
            "first-administrator",
            username,
            *[word for pair in options.items() for word in pair],
            "--json",
        ],
        env={**os.environ, **keys, "DATABASE_URL": database.url()},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_makes_a_link_that_works_and_opens_the_organisation(
    database: TestDatabase, people: People, ledger: Ledger, connect: Connect
) -> None:
    people.organisation("urn:200001", name="First School", to="")
    done = run(database, "ada.first")
    assert done.returncode == 0, done.stderr
    link = json.loads(done.stdout)["link"]
    assert set_up(Browser(), link.rpartition("/")[2])[0].status_code == 200
    assert ("urn:200001", "accredited") in connect("owner").execute(
        "SELECT organisation_id, state FROM access_standing"
    )
    created = next(line for line in ledger() if line["event"] == "access:account:created")
    assert (created["account_id"], created["role"], created["organisation"]) == (None, "operator", "index")
    assert created["detail"]["opened"] is True
    refused = run(database, "ben.second", organisation="urn:999999")
    assert refused.returncode == 1
    assert "not found" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
