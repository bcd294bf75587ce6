"""Writes entries as the site does, one after the other, and prints how long each took: `python -m benchmarks.ledger.append COUNT [--seconds S]`."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import UTC, datetime
from uuid import uuid4

from childindex.project.database import Process
from childindex.project.processes import become


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seconds", type=float, default=3600)
    chosen = parser.parse_args()
    become(Process.WEB)
    from childindex.audit import services as audit  # noqa: PLC0415 - needs Django set up
    from childindex.audit.types import Event  # noqa: PLC0415
    from childindex.kernel.people import ActorRef, Channel, Reason, ReasonCode  # noqa: PLC0415

    actor = ActorRef(account_id=uuid4(), role="social_worker", organisation="gss:E08000003", channel=Channel.WEB)
    reason = Reason(code=ReasonCode.CONTACT, case_reference="MA/123")
    taken = []
    began = time.perf_counter()
    while len(taken) < chosen.count and time.perf_counter() < began + chosen.seconds:
        one = time.perf_counter()
        with audit.entry(Event.CHILD_VIEWED, actor=actor, reason=reason, at=datetime.now(UTC)) as entry:
            entry.about([uuid4()])
            entry.note(shown=1)
        taken.append(time.perf_counter() - one)
    seconds = time.perf_counter() - began
    print(
        json.dumps(
            {
                "entries": len(taken),
                "per_second": round(len(taken) / seconds),
                "median_ms": round(1000 * statistics.median(taken), 3),
                "p95_ms": round(1000 * sorted(taken)[int(0.95 * (len(taken) - 1))], 3),
            }
        )
    )


if __name__ == "__main__":
    main()
