"""A supplier sends the same file again: nothing changes, whoever is looking at the index meanwhile."""

from __future__ import annotations

import json

from tests.journeys.demo import Demo, deliver


def test_the_same_file_twice_changes_nothing(demo: Demo) -> None:
    """The command line says so, and ends well; a file that is not one is one line and exit code 1."""
    [file] = demo.data.glob("demo-*/births.csv")
    once, twice = deliver(demo, "births", file), deliver(demo, "births", file)
    assert (once.returncode, twice.returncode) == (0, 0), twice.stderr
    # The report is that of the delivery that did something, before anybody signed in.
    assert json.loads(twice.stdout)["repeated"] is True
    assert json.loads(once.stdout)["delivery"] == json.loads(twice.stdout)["delivery"]

    missing = deliver(demo, "births", file.with_name("nothing.csv"))
    assert missing.returncode in {1, 2}
    assert "Traceback" not in missing.stderr
