"""What the ledger adds to a search, in milliseconds: the same searches written and spooled, written, and not written at all.

    CHILDINDEX_LIMITS_LIFTED=1 python -m benchmarks.line.ledger_cost [--data var] [--searches 500] [--json]

Needs a running demo, whose database keeps its promises (fsync on). Each search is made three times as a call of the use case, in random
order, and the differences are taken search by search: a median with its 95 % interval by the bootstrap. Only here is a search ever made
without its entry: the INSERT is left out of this process, and the transaction commits what else a search keeps. The time of the processor
is given beside the time of the clock, which waits for the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.line.dirty import Query, queries
from benchmarks.line.search import FEEDS, WARM_UP
from childindex.project.folders import var_folder
from childindex.project.sign_in_sheet import SignInSheet

RESAMPLES = 2000
WAYS = ("not written", "written", "written and spooled")


def searching(username: str) -> Callable[[Query], None]:
    """A search by this person as a call of the use case."""
    from django.http import QueryDict  # noqa: PLC0415 - needs Django set up
    from django.utils import timezone  # noqa: PLC0415

    from childindex.access import sign_in  # noqa: PLC0415
    from childindex.access.models import Account  # noqa: PLC0415
    from childindex.access.types import SignInFacts  # noqa: PLC0415
    from childindex.kernel.people import Reason, ReasonCode  # noqa: PLC0415
    from childindex.lookup import usecases as lookup  # noqa: PLC0415
    from childindex.web.practitioner.terms import SearchForm  # noqa: PLC0415

    account = Account.objects.get(username=username)
    [choice] = sign_in.choices(account.id, at=timezone.now())
    facts = SignInFacts(sitting="benchmark", second_factor=True, role=choice.role, organisation=choice.organisation)
    actor = sign_in.actor_for(account.id, session=facts, at=timezone.now())
    assert actor is not None

    def search(query: Query) -> None:
        form = SearchForm(QueryDict(urllib.parse.urlencode({**query.fields, "reason": "contact"})))
        assert form.is_valid(), form.errors
        lookup.search(actor=actor, terms=form.terms(), reason=Reason(code=ReasonCode.CONTACT), at=timezone.now())

    return search


def measure(
    searches: Sequence[Query], search: Callable[[Query], None], spool: Path
) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of the clock and of this process's processor for each way, search by search."""
    from django.conf import settings  # noqa: PLC0415 - needs Django set up

    from childindex.audit import services  # noqa: PLC0415

    write, chance = services._write, random.Random(11)  # noqa: S311, SLF001 - what is being measured
    found: dict[str, dict[str, list[float]]] = {way: defaultdict(list) for way in WAYS}
    for number, query in enumerate([*searches[:WARM_UP], *searches]):
        for way in chance.sample(WAYS, len(WAYS)):
            services._write = (lambda *_: None) if way == "not written" else write  # noqa: SLF001
            settings.LEDGER_SPOOL = spool if way == "written and spooled" else None
            began, processor = time.perf_counter(), time.process_time()
            search(query)
            clock, processor = time.perf_counter() - began, time.process_time() - processor
            if number >= WARM_UP:
                found[way]["clock"].append(clock * 1000)
                found[way]["processor"].append(processor * 1000)
    return found


def difference(more: Sequence[float], less: Sequence[float]) -> dict[str, float]:
    """The median of the differences, and its 95 % interval."""
    chance = random.Random(12)  # noqa: S311 - the same every time
    each = [one - other for one, other in zip(more, less, strict=True)]
    medians = sorted(statistics.median(chance.choices(each, k=len(each))) for _ in range(RESAMPLES))
    low, high = medians[RESAMPLES // 40], medians[-RESAMPLES // 40]
    return {"median": round(statistics.median(each), 3), "low": round(low, 3), "high": round(high, 3)}


def durable(folder: Path) -> dict[str, float]:
    """What waiting for the disk would cost each entry: appending 700 bytes and asking for them to be durable."""
    times = []
    file = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for _ in range(200):
        began = time.perf_counter()
        os.write(file, b"x" * 700)
        os.fdatasync(file)
        times.append((time.perf_counter() - began) * 1000)
    os.close(file)
    cuts = statistics.quantiles(times, n=20)
    return {"median": round(cuts[9], 3), "p95": round(cuts[18], 3)}


def figures(found: dict[str, dict[str, list[float]]], folder: Path) -> dict[str, Any]:
    """Everything in milliseconds."""
    return {
        "searches": len(found["written"]["clock"]),
        "search": {
            way: {kind: round(statistics.median(times), 3) for kind, times in found[way].items()} for way in WAYS
        },
        "entry adds": {
            kind: difference(found["written"][kind], found["not written"][kind]) for kind in ("clock", "processor")
        },
        "spool adds": {
            kind: difference(found["written and spooled"][kind], found["written"][kind])
            for kind in ("clock", "processor")
        },
        "waiting for the spool's disk would add": durable(folder),
        "load": [round(one, 1) for one in os.getloadavg()],
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=var_folder(), help="the demo's folder")
    parser.add_argument("--searches", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = asked.data.absolute()
    os.environ.update({"CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(data), "CHILDINDEX_PROCESS": "web"})
    account = next(one for one in SignInSheet.read(data / "demo-own.json").accounts if one.role == "Social worker")
    searches = queries(data / "demo-own", FEEDS, count=asked.searches, seed=asked.seed)
    from childindex.project.database import Process  # noqa: PLC0415
    from childindex.project.processes import become  # noqa: PLC0415

    become(Process.WEB)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        told = figures(measure(searches, searching(account.username), Path(folder) / "spool"), Path(folder))
    if asked.json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:40} {json.dumps(value)}")


if __name__ == "__main__":
    main()
