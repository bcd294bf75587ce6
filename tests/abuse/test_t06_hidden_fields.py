"""T06: a field that a shield or a seal hides shows up somewhere: a page, an error, a log, a table, a job, a report.

Passes when with a mark of its own in every hidden field of a shielded and a sealed child, none is found outside the allow-list: on every
address of the URL conf, in every role, by every method and format, in logs at DEBUG, reports, and everything each login can read.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from childindex.access.roles import ROLES
from childindex.batch import links, match
from childindex.kernel.identity import Carer, Consent, Identity, SourceRecord, SuppliedInvolvement, Tier
from childindex.lookup import usecases as lookup
from childindex.supply.usecases.settle import resume_decisions
from tests.abuse import canaries, crawl, protected_index, stores
from tests.abuse.canaries import Canary, found_in
from tests.abuse.crawl import Visitor
from tests.abuse.protected_index import Kept, Made
from tests.factories.index import AT, deliver, worker

template = protected_index.template
AsRole = Callable[[str], AbstractContextManager[None]]
SITES: Final = ("web", "family")
LOGINS: Final = (*SITES, "audit", "worker", "owner")
# What may be found, where, and why. Nothing else may.
ALLOWED: Final = {
    # A supplier's own record ids, of all its records, whether or not anybody is protected; the worker's alone.
    ("worker", "public.supply_heldrecord"): "record_id",
    ("owner", "public.supply_heldrecord"): "record_id",
    # Days in the guard, as ADR 4 says: whoever may enter the schema reads them; names, numbers and places are ciphertext.
    ("worker", "guard.guarded_row"): "updated_on",
    ("owner", "guard.guarded_row"): "updated_on",
    # How many decisions were made in an authority: of no child.
    ("web", "public.matching_samplestratum"): "authority",
    ("worker", "public.matching_samplestratum"): "authority",
    ("owner", "public.matching_samplestratum"): "authority",
    # Ids that were shared for a time, for whoever tells a family who looked: no other table this login reads names them.
    ("family", "public.children_sharedid"): "sealed: id",
    # The rows as they were before a merge are ciphertext, its authority is the worker's to read: the site reads open children's alone.
    ("worker", "public.upkeep_merge"): "authority",
    ("owner", "public.upkeep_merge"): "authority",
}
# Between them these two may do everything that anybody may at a page.
SHORT: Final = ("social_worker", "data_steward")


# --- every hidden field has a mark


def test_every_field_that_a_supplier_can_give_is_marked() -> None:
    """Every text and day of what suppliers say has a mark in every protected child, or is named as one that says nothing."""
    told = {one.name for kind in (SourceRecord, Identity, Carer, SuppliedInvolvement, Consent) for one in fields(kind)}
    for tier in protected_index.PROTECTED:
        marked = {
            name
            for one in canaries.records(tier).values()
            for name, value in canaries.leaves(one)
            if canaries.is_mark(tier, name, value)
        }
        shown = canaries.VISIBLE if tier is Tier.SHIELDED else frozenset({"sex"})
        codes = {"basis", "assessment", "deceased_on"}
        holders = {"identity", "carers", "involvements", "consent"}
        assert told - marked - shown - codes - holders - canaries.SAY_NOTHING == set(), tier


# --- pages


@pytest.fixture
def visitor(made: Made, connect: stores.Connect) -> Callable[[str], Visitor]:
    """Makes somebody of a role, signed in, who is never told that they have looked up enough."""
    refresh, marks = protected_index.unlimited(connect), [*made.words(), *made.ids(), *made.places()]

    def make(role: str) -> Visitor:
        browser = protected_index.browser_of(made.people[role])
        return Visitor(browser=browser, role=role, canaries=marks, refresh=refresh)

    return make


def searches() -> list[dict[str, str]]:
    """By what is visible, and by hidden values: each true one of each child."""
    jonah = {
        "family_name": "Fairweather",
        "given_name": "Jonah",
        "born-day": "6",
        "born-month": "5",
        "born-year": "2013",
    }
    rosa = canaries.identity(Tier.SEALED)
    sealed = {"family_name": rosa.family_name, "given_name": rosa.given_name, "born-year": "2012"}
    hidden: list[dict[str, str]] = [{"number": canaries.NHS[tier]} for tier in protected_index.PROTECTED]
    return [jonah, {"family_name": "Okonkwo", "given_name": "Amara", "born-year": "2015"}, sealed, *hidden]


def pools(made: Made, visit: Visitor) -> dict[str, list[str]]:
    """What parameters of addresses are filled with: results and visits of one's own, ids of hidden things, of open ones and of none."""
    tokens = [token for token in (visit.search(typed) for typed in searches()) if token]
    handles = [handle for handle in (visit.open_child(token) for token in tokens[:2]) if handle]
    nowhere = "A" * 22
    shielded, sealed = (made.children[tier] for tier in protected_index.PROTECTED)
    ids = [shielded.ids["line social_work"], sealed.id, made.asked[0], shielded.id, sealed.ids["record care"], uuid4()]
    return {
        "token": [*tokens, nowhere],
        "handle": [*handles, nowhere],
        "uuid": [str(one) for one in ids],
        "str": [nowhere, sealed.number, shielded.number],
        "int": ["1", "999"],
        "slug": [nowhere],
        "path": [nowhere],
    }


def crawl_all(made: Made, visit: Visitor, *, methods: tuple[str, ...], formats: int, most: int, pages: int) -> None:
    """Every address of the URL conf, then wherever pages lead."""
    filled_with = pools(made, visit)
    numbers = {"number": made.children[Tier.SEALED].number, "keep": made.children[Tier.SHIELDED].number}
    sent = {**crawl.ANSWERS, **numbers, "other": made.children[Tier.SEALED].number}
    for route, name in crawl.routes():
        if name == "account_logout":
            continue
        for address in crawl.filled(route, filled_with, most=most):
            for method in methods:
                for query, headers in crawl.FORMATS[:formats]:
                    visit.send(method, address + query, sent if method in {"POST", "PUT", "PATCH"} else None, headers)
    # The steward's pages, by the sealed child's number too: the answers of forms are typed here.
    for address in ("merges_compare", "prepare_split"):
        visit.send(
            "GET", _address(address) + f"?keep={numbers['keep']}&other={numbers['number']}&number={numbers['number']}"
        )
    visit.wander(["/", "/matches", "/merges", "/quality", "/team", "/my-access", *_visits(filled_with)], most=pages)


def _visits(filled_with: dict[str, list[str]]) -> Iterator[str]:
    yield from (f"/child/{handle}" for handle in filled_with["handle"])
    yield from (f"/results/{token}" for token in filled_with["token"])


def _address(name: str) -> str:
    return reverse({"merges_compare": "compare_entries"}.get(name, name))


def read_by_logins(made: Made, connect: stores.Connect) -> dict[str, set[str]]:
    """Marks in whatever a login reads, outside the allow-list: words in any table at all, ids in those of the sites."""
    words, ids = made.words(), made.ids()
    found: dict[str, set[str]] = {}
    for login in LOGINS:
        for table, text in stores.readable(connect, login):
            if table.startswith(tuple(f"public.{prefix}" for prefix in canaries.PUBLIC_TABLES)):
                continue
            seen = found_in(text, words) | (found_in(text, ids) if login in SITES else set())
            allowed = ALLOWED.get((login, table), "\0")
            if left := {one for one in seen if not one.endswith(allowed)}:
                found[f"{login} {table}"] = left
    for what, text in stores.opened(connect):
        if seen := found_in(text, [*words, *ids, *made.places()]):
            found[what] = seen
    return found


def check_visit(visit: Visitor) -> None:
    """The visit found no mark, and was one: pages were shown."""
    assert visit.found == {}
    assert Counter(status for _, status in visit.asked)[200] > 10
    assert {404, 405} <= {status for _, status in visit.asked}
    assert not {status for _, status in visit.asked if status >= 500} - {503}, visit.asked


@pytest.mark.abuse("T06")
def test_no_page_and_no_table_has_a_mark(
    made: Made, visitor: Callable[[str], Visitor], connect: stores.Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two roles that may do everything between them open every address; then everything every login reads is read."""
    requests = 0
    for role in SHORT:
        visit = visitor(role)
        crawl_all(made, visit, methods=("GET", "POST"), formats=1, most=1, pages=8)
        check_visit(visit)
        requests += visit.asked.total()
    assert read_by_logins(made, connect) == {}
    with capsys.disabled():
        print(f"\n  T06: {len(list(crawl.routes()))} addresses, {requests} replies, {len(made.words())} marks, 0 found")  # noqa: T201 - figures


@pytest.mark.abuse("T06")
@pytest.mark.long
def test_no_role_method_or_format_finds_a_mark(
    made: Made, visitor: Callable[[str], Visitor], connect: stores.Connect, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every role, by every method and in every format, with several values for each parameter."""
    requests = 0
    for role in ROLES:
        visit = visitor(role)
        for methods, formats, most in ((crawl.METHODS, 1, 2), (("GET", "POST"), len(crawl.FORMATS), 1)):
            crawl_all(made, visit, methods=methods, formats=formats, most=most, pages=150)
        check_visit(visit)
        requests += visit.asked.total()
    assert read_by_logins(made, connect) == {}
    with capsys.disabled():
        print(f"\n  T06: {len(ROLES)} roles, {requests} replies, 0 marks found")  # noqa: T201 - figures


def test_the_crawl_finds_what_is_there(visitor: Callable[[str], Visitor]) -> None:
    """An open child's address and practitioner are found by the same crawl: it can see."""
    visit = visitor("social_worker")
    visit.canaries = [
        Canary(field=value, spellings=canaries.spellings(value))
        for value in ("12 Mill Lane, Northby", "Grace Okonkwo", "Pat Reed")
    ]
    handle = visit.open_child(visit.search(searches()[1]))
    visit.wander([f"/child/{handle}"], most=1)
    assert set(visit.found) == {"12 Mill Lane, Northby", "Grace Okonkwo", "Pat Reed"}


@pytest.mark.abuse("T06")
@pytest.mark.parametrize("login", LOGINS)
def test_samples_that_the_planner_keeps_are_shown_to_nobody(made: Made, connect: stores.Connect, login: str) -> None:
    """Of every column the planner keeps values until it next looks, of rows that have been hidden meanwhile too."""
    [(analysed,)] = (
        connect("owner")
        .execute("SELECT reltuples > 0 FROM pg_class WHERE relname = 'children_sourcerecord'")
        .fetchall()
    )
    assert analysed, "the tables were looked at while the children were open"
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic", "pg_statistic_ext_data"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connect(login).execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(view)))


# --- logs and error pages


@pytest.mark.abuse("T06")
def test_no_log_has_a_mark(
    kept_index: Kept, made: Made, visitor: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that was done to make this index, and pages that fail with a hidden value in the error, at DEBUG."""
    marks = [*made.words(), *made.ids(), *made.places()]
    assert found_in(kept_index.log, marks) == set()
    secret = canaries.identity(Tier.SHIELDED).address

    def fails(**facts: object) -> object:
        raise ValueError(f"Failing row contains ({secret}, {facts})")

    with crawl.written_logs() as log:
        visit = visitor("social_worker")
        token = visit.search(searches()[0])
        visit.send("GET", f"/nowhere/{secret}")
        visit.send("GET", "/", headers={"Host": "elsewhere.example"})
        visit.send("POST", "/search", {"x" * 300: "y"} | {f"f{n}": secret for n in range(300)})
        for name in ("results", "open_child", "view_child", "search"):
            monkeypatch.setattr(lookup, name, fails)
        failed = [visit.send("GET", f"/results/{token}"), visit.send("GET", f"/child/{secret}")]
    assert [reply.status_code for reply in failed] == [500, 500]
    assert visit.found == {}
    assert "ValueError" in log.getvalue(), "the failure is in the log"
    assert found_in(log.getvalue(), marks) == set()


# --- what suppliers and the operator are given


@pytest.mark.abuse("T06")
@pytest.mark.process("worker")
def test_no_report_has_a_mark(made: Made, tmp_path: Path) -> None:
    """Receipts of deliveries, the export of links, answers to a file of queries: of protected children nothing, not even an id."""
    given = [canaries.records(tier)["care"] for tier in protected_index.PROTECTED]
    receipt = deliver(*given, as_at=AT.date())
    queries = tmp_path / "queries.csv"
    with queries.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["query_id", "family_name", "given_name", "birth_date", "nhs_number", "postcode", "address"])
        for number, tier in enumerate(protected_index.PROTECTED):
            who = canaries.identity(tier)
            names = [who.family_name, who.given_name, str(who.birth_date)]
            writer.writerow([f"q{number}a", *names, who.nhs_number, who.postcode, who.address])
            writer.writerow([f"q{number}b", *names, "", "", ""])
    with override_settings(DEMO=True):
        exported = links.run(tmp_path / "links.csv", at=timezone.now())
        matched = match.run(queries, tmp_path / "matches.csv", at=timezone.now())
    resumed = resume_decisions(actor=worker(), at=timezone.now())
    told = [json.dumps(asdict(receipt)), (tmp_path / "links.csv").read_text(), (tmp_path / "matches.csv").read_text()]
    told += [*links.lines(exported), *match.lines(matched), repr(resumed)]
    marks = [*made.words(), *made.ids(), *made.places()]
    for text in told:
        assert found_in(text, marks) == set()
    # Found by the visible fields alone: the shielded child, without one record of its own; by any hidden one nobody.
    lines = list(csv.DictReader((tmp_path / "matches.csv").read_text().splitlines()))
    shielded = made.children[Tier.SHIELDED].number
    assert [(line["query_id"], line["records"]) for line in lines if line["index_number"] == shielded] == [("q0b", "")]
