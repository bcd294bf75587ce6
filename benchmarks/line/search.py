"""How often the right child is among the ten shown, and how long the server takes: dirty searches against a running demo.

    python -m benchmarks.line.search [--data var] [--port 8000] [--searches 1000] [--json]

Signs in as a person of the sheet does and searches over HTTP: the POST, and the GET of the results it leads to. Which
children a search showed is read from the demo's database by the random name of its results. The right child is the one
that records of the person searched for are linked to. Then the same searches again as calls of the use cases, in one
process, without HTTP: the server's own time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import time
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.line.dirty import Query, queries, read
from childindex.project.demo_secrets import demo_settings
from childindex.project.folders import var_folder
from childindex.project.sign_in_sheet import CODE_SECONDS, DemoAccount, SignInSheet, one_time_code

FEEDS = ("births", "gp_list", "school_census", "health_visiting", "social_care", "youth_justice")
WARM_UP = 20


@dataclass(slots=True, kw_only=True)
class Session:
    """A signed-in browser, as small as one can be; it keeps its connection."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("localhost", self.port, timeout=30)

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the page."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": self.token})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        self.token = found.group(1) if found else self.token
        return answer.status, answer.headers.get("Location", ""), page

    def sign_in(self, account: DemoAccount) -> None:
        """User name, password and code; a code that was used within the half minute is waited for."""
        self.send("GET", "/sign-in")
        self.send("POST", "/sign-in", {"login": account.username, "password": account.password})
        for _ in range(2):
            self.send("GET", "/sign-in/code")
            now = time.time()
            status, leads_to, _ = self.send(
                "POST", "/sign-in/code", {"code": one_time_code(account.totp_secret, now=now)}
            )
            if status == 302 and leads_to == "/":
                self.send("GET", "/")
                return
            time.sleep(CODE_SECONDS - now % CODE_SECONDS + 0.5)
        raise SystemExit(f"{account.username} could not be signed in.")


@dataclass(slots=True, kw_only=True)
class Figures:
    """Milliseconds of each step, and by kind of search how many there were and how many showed the right child."""

    post: list[float] = field(default_factory=list)
    get: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)
    too_many: int = 0

    def note(self, query: Query, found: Sequence[UUID], right: Iterable[UUID], *, too_many: bool) -> None:
        """Counts one search."""
        wanted = set(right)
        self.asked[query.kind] += 1
        self.shown[query.kind] += bool(wanted & set(found))
        self.first[query.kind] += bool(found) and found[0] in wanted
        self.too_many += too_many

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        both = [post + get for post, get in zip(self.post, self.get, strict=True)]
        return {
            "searches": self.asked.total(),
            "right_child_in_ten": round(self.shown.total() / self.asked.total(), 4),
            "right_child_first": round(self.first.total() / self.asked.total(), 4),
            "too_many": self.too_many,
            "by_kind": {kind: round(self.shown[kind] / count, 4) for kind, count in self.asked.items()},
            "http_ms": {"post": _spread(self.post), "get": _spread(self.get), "post_and_get": _spread(both)},
            "use_case_ms": _spread(self.own),
        }


def _spread(times: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50": round(cuts[49], 1), "p95": round(cuts[94], 1), "p99": round(cuts[98], 1)}


def over_http(
    searches: Sequence[Query], *, session: Session, database: psycopg.Connection[Any], town: Path, figures: Figures
) -> None:
    """Every search as a person makes it, one after another."""
    right = linked(database, town)
    for number, query in enumerate([*searches[:WARM_UP], *searches]):
        began = time.perf_counter()
        status, leads_to, page = session.send("POST", "/", {**query.fields, "reason": "contact", "case_reference": ""})
        posted = time.perf_counter()
        if status != 303:
            sentence = re.search(r"govuk-error-summary__list.*?<a[^>]*>([^<]+)", page, re.DOTALL)
            raise SystemExit(f"{query.kind}: {status}, {sentence.group(1) if sentence else page[:200]}")
        session.send("GET", leads_to)
        got = time.perf_counter()
        if number < WARM_UP:
            continue
        figures.post.append((posted - began) * 1000)
        figures.get.append((got - posted) * 1000)
        [(found, too_many)] = database.execute(
            "SELECT children, too_many FROM cases_searchresult WHERE token = %s", [leads_to.rsplit("/", 1)[1]]
        ).fetchall()
        figures.note(query, found, right[query.person], too_many=too_many)


def linked(database: psycopg.Connection[Any], town: Path) -> dict[str, set[UUID]]:
    """The children in the index that records of each made-up person are linked to."""
    children: dict[str, set[UUID]] = defaultdict(set)
    persons = {(row["source"], row["record_id"]): row["person_id"] for row in read(town / "truth.csv")}
    for feed, record_id, child in database.execute("SELECT feed, record_id, child_id FROM children_sourcerecord"):
        if (feed, record_id) in persons:
            children[persons[feed, record_id]].add(child)
    return children


def own_time(searches: Sequence[Query], *, username: str, figures: Figures) -> None:
    """The same searches as calls of the two use cases, as the web process's login."""
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
    for number, query in enumerate([*searches[:WARM_UP], *searches]):
        form = SearchForm(QueryDict(urllib.parse.urlencode({**query.fields, "reason": "contact"})))
        assert form.is_valid(), form.errors
        began = time.perf_counter()
        answer = lookup.search(
            actor=actor, terms=form.terms(), reason=Reason(code=ReasonCode.CONTACT), at=timezone.now()
        )
        lookup.results(actor=actor, token=answer.token, at=timezone.now())
        if number >= WARM_UP:
            figures.own.append((time.perf_counter() - began) * 1000)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=var_folder(), help="the demo's folder")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--searches", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    data = asked.data.absolute()
    os.environ.update({"CHILDINDEX_DEMO": "1", "CHILDINDEX_VAR": str(data), "CHILDINDEX_PROCESS": "web"})
    sheet = SignInSheet.read(data / "demo-own.json")
    account = next(one for one in sheet.accounts if one.role == "Social worker")
    town = data / "demo-own"
    searches = queries(town, FEEDS, count=asked.searches, seed=asked.seed)
    figures, session = Figures(), Session(port=asked.port)
    session.sign_in(account)
    with psycopg.connect(demo_settings(data)["DATABASE_URL"], autocommit=True) as database:
        over_http(searches, session=session, database=database, town=town, figures=figures)
    from childindex.project.database import Process  # noqa: PLC0415
    from childindex.project.processes import become  # noqa: PLC0415

    become(Process.WEB)
    own_time(searches, username=account.username, figures=figures)
    show(figures, as_json=asked.json)


def show(figures: Figures, *, as_json: bool) -> None:
    """A small table, or one JSON object."""
    if as_json:
        print(json.dumps(figures.as_dict()))
        return
    for kind, count in figures.asked.items():
        print(
            f"{kind:28} {count:5}  shown {figures.shown[kind] / count:7.1%}  first {figures.first[kind] / count:7.1%}"
        )
    told = figures.as_dict()
    print(
        f"{'all':28} {told['searches']:5}  shown {told['right_child_in_ten']:7.1%}  first {told['right_child_first']:7.1%}"
    )
    for name, spread in {**told["http_ms"], "use cases alone": told["use_case_ms"]}.items():
        print(f"{name:28} p50 {spread['p50']:6.1f} ms  p95 {spread['p95']:6.1f} ms  p99 {spread['p99']:6.1f} ms")


if __name__ == "__main__":
    main()
