"""The command line, `childindex`: every command is a thin function that becomes the right kind of process and makes one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from childindex.project import cli_ledger, cli_matching, cli_models, cli_oversight, cli_spool, processes
from childindex.project.console import CommandError, Json, answer, command, gauge, say
from childindex.project.database import Process, ensure_database, migrate
from childindex.project.folders import var_folder
from childindex.supply.types import Kind

app = typer.Typer(
    name="childindex",
    help="Children's Index: a telephone directory of who works with a child.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_DAY = ["%Y-%m-%d"]
_ENGLAND = ZoneInfo("Europe/London")
app.add_typer(cli_ledger.commands)
app.add_typer(cli_matching.commands)
app.add_typer(cli_models.commands)
app.add_typer(cli_oversight.commands)
app.add_typer(cli_spool.commands)


@app.command("migrate")
@command
def migrate_command(*, json: Json = False) -> None:
    """Create or update the database's tables, its logins, and what each login may touch.

    Run as the owner that DATABASE_URL names. The same again changes nothing.
    """
    processes.become(Process.OWNER)
    from childindex.project.migrations import django_migrate  # noqa: PLC0415 - needs Django set up

    owner = processes.owner_address()
    created = ensure_database(owner)
    migrate(owner, django_migrate=lambda: django_migrate(verbosity=0 if json else 1))
    if json:
        answer({"database": owner.name, "created": created})
    else:
        say(f"The database {owner.name} is {'new and ' if created else ''}up to date.")


@app.command("serve")
@command
def serve_command(
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="How many processes answer requests.")] = 2,
) -> None:
    """Serve the practitioner and console site until stopped."""
    processes.serve(host=host, port=port, workers=workers)


@app.command("worker")
@command
def worker_command(*, concurrency: Annotated[int, typer.Option(min=1, help="How many jobs at a time.")] = 1) -> None:
    """Do background jobs until stopped."""
    processes.work(concurrency=concurrency)


@app.command("synth")
@command
def synth_command(
    *,
    children: Annotated[int, typer.Option(min=1, help="How many children.")],
    out: Annotated[Path, typer.Option(help="The folder to write into; made if missing.")],
    seed: Annotated[int, typer.Option(help="The same seed and options write the same files.")] = 1,
    suppliers: Annotated[str, typer.Option(help="Feeds, separated by commas; all seven if not given.")] = "",
    overlap: Annotated[
        float | None, typer.Option(help="Share of each supplier's children whom all of them hold, above 0 and up to 1.")
    ] = None,
    no_numbers: Annotated[
        bool, typer.Option("--no-numbers", help="Leave out NHS, pupil and property numbers.")
    ] = False,
    errors: Annotated[str, typer.Option(help="light, medium or heavy for each supplier, separated by commas.")] = "",
    authorities: Annotated[str, typer.Option(help="A number of neighbouring authorities, or GSS codes.")] = "2",
    json: Json = False,
) -> None:
    """Write made-up supply files, the four set-up files, and the truth about who is who. Needs no database."""
    from synthetic.generate import DEFAULT_SUPPLIERS, generate  # noqa: PLC0415 - heavy, and no other command needs it

    where = int(authorities) if authorities.isdecimal() else _words(authorities)
    with gauge() as progress, _bad_usage(ValueError):
        summary = generate(
            children=children,
            seed=seed,
            out=out,
            suppliers=_words(suppliers) or DEFAULT_SUPPLIERS,
            overlap=overlap,
            numbers=not no_numbers,
            errors=_words(errors),
            authorities=where,
            progress=progress,
        )
    if json:
        answer(asdict(summary))
    else:
        rows = sum(summary.rows.values())
        say(f"{summary.children:,} children in {', '.join(summary.authorities)}: {rows:,} rows in {out}")


@app.command("setup")
@command
def setup_command(
    folder: Annotated[Path, typer.Argument(help="Where the four set-up files are.", exists=True, file_okay=False)],
    *,
    json: Json = False,
) -> None:
    """Read organisations.csv, services.csv, feeds.toml and postcodes.csv into the index. The same again changes nothing."""
    processes.become(Process.WORKER)
    from childindex.batch import setup  # noqa: PLC0415 - needs Django set up

    done = setup.run(folder, at=datetime.now(UTC))
    if json:
        answer(asdict(done)["parts"])
    else:
        for line in setup.lines(done):
            say(line)


@app.command("check")
@command
def check_command(
    file: Annotated[Path, typer.Argument(help="A supply file: CSV or JSON lines, also packed with gzip.")],
    *,
    mapping: Annotated[Path | None, typer.Option(help="The supplier's mapping file.")] = None,
    register: Annotated[
        Path | None, typer.Option(help="A folder of set-up files, so that services and the licence are checked too.")
    ] = None,
    feed: Annotated[str | None, typer.Option(help="Which of the feeds in that folder.")] = None,
    as_at: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The day it speaks for; today if left out.")
    ] = None,
    json: Json = False,
) -> None:
    """Read a supply file as a delivery would, answer for every row, and keep nothing. Needs no database."""
    from childindex.batch import check  # noqa: PLC0415 - no other command needs it

    on = (as_at or datetime.now(_ENGLAND)).date()
    with gauge() as progress:
        try:
            found = check.run(
                file, as_at=on, mapping=mapping, register=register, feed=feed, progress=_share(progress, "checked")
            )
        except check.CannotCheck as error:
            raise CommandError(str(error)) from error
    if json:
        answer(asdict(found))
    else:
        for line in check.lines(found):
            say(line)
    if found.held:
        raise typer.Exit(1)


@app.command("deliver")
@command
def deliver_command(
    file: Annotated[Path, typer.Argument(help="A supply file: CSV or JSON lines, also packed with gzip.")],
    *,
    feed: Annotated[str, typer.Option(help="The feed it comes from, as feeds.toml names it.")],
    as_at: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The day it speaks for; today if left out.")
    ] = None,
    kind: Annotated[
        Kind, typer.Option(help="Everything the supplier holds, or only what has changed.")
    ] = Kind.SNAPSHOT,
    mapping: Annotated[Path | None, typer.Option(help="The supplier's mapping file.")] = None,
    agree_removals: Annotated[
        bool, typer.Option("--agree-removals", help="A steward has looked at the records that are missing and agrees.")
    ] = False,
    json: Json = False,
) -> None:
    """Receive, check, match and apply one delivery. The same content twice changes nothing; an interrupted one goes on."""
    processes.become(Process.WORKER)
    from childindex.batch import deliver  # noqa: PLC0415 - needs Django set up

    began = perf_counter()
    with gauge() as progress:
        report = deliver.run(
            feed,
            file,
            as_at=(as_at or datetime.now(_ENGLAND)).date(),
            at=datetime.now(UTC),
            kind=kind,
            mapping=mapping,
            removals_agreed=agree_removals,
            progress=_share(progress, feed),
        )
    seconds = perf_counter() - began
    if json:
        answer(deliver.as_dict(report, seconds=seconds))
    else:
        for line in deliver.lines(report, seconds=seconds):
            say(line)
    if report.held:
        raise CommandError(f"The file is held and changed nothing. {report.held}")


@app.command("links")
@command
def links_command(
    *,
    out: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
    json: Json = False,
) -> None:
    """Write which source record belongs to which child. Refused on a live index."""
    processes.become(Process.WORKER)
    from childindex.batch import links  # noqa: PLC0415 - needs Django set up

    done = links.run(out, at=datetime.now(UTC))
    if json:
        answer(links.as_dict(done))
    else:
        for line in links.lines(done):
            say(line)


@app.command("match")
@command
def match_command(
    *,
    queries: Annotated[Path, typer.Option(help="A CSV file with query_id and any of the supply file's child columns.")],
    out: Annotated[Path, typer.Option(help="The file to write; one that is there is replaced.")],
    json: Json = False,
) -> None:
    """Look for the child of each query, at most ten answers each. Refused on a live index."""
    processes.become(Process.WORKER)
    from childindex.batch import match  # noqa: PLC0415 - needs Django set up

    try:
        done = match.run(queries, out, at=datetime.now(UTC))
    except match.QueriesUnreadable as error:
        raise CommandError(str(error)) from error
    if json:
        answer(match.as_dict(done))
    else:
        for line in match.lines(done):
            say(line)


@app.command("first-administrator")
@command
def first_administrator_command(
    username: Annotated[str, typer.Argument(help="Lower case letters, digits, dots and hyphens.")],
    *,
    name: Annotated[str, typer.Option(help="Full name.")],
    organisation: Annotated[str, typer.Option(help="The code of their organisation, as setup read it.")],
    phone: Annotated[str, typer.Option(help="Whom colleagues ring when they are turned away.")],
    check_issued: Annotated[datetime, typer.Option(formats=_DAY, help="The day of their enhanced check.")],
    trained: Annotated[datetime, typer.Option(formats=_DAY, help="The day they completed the training.")],
    email: Annotated[str, typer.Option(help="E-mail at work.")] = "",
    role: Annotated[str, typer.Option(help="access_manager or data_steward.")] = "access_manager",
    site: Annotated[str, typer.Option(help="The address of the site, for the link.")] = "http://localhost:8000",
    json: Json = False,
) -> None:
    """Make one of the two accounts an empty index begins with, and print its one-time link."""
    processes.become(Process.WORKER)
    from childindex.access.types import NewPerson  # noqa: PLC0415 - needs Django set up
    from childindex.batch import first_administrator  # noqa: PLC0415 - needs Django set up

    person = NewPerson(
        username=username, full_name=name, email=email, phone=phone, role=role, organisation=organisation
    )
    days = {"check_issued_on": check_issued.date(), "trained_on": trained.date()}
    link = first_administrator.run(person, **days, at=datetime.now(UTC))
    address, sentence = first_administrator.lines(link, site=site)
    if json:
        answer({"link": address, "expires_at": link.expires_at.isoformat()})
    else:
        say(sentence)
        say(address)


@app.command("collect")
@command
def collect_command() -> None:
    """Collect style sheets and pictures, compressed and named by their contents, for `serve`."""
    processes.collect()


@app.command("demo")
@command
def demo_command(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to serve on.")] = 8000,
    children: Annotated[int, typer.Option(min=1000, help="How many made-up children a new demo has.")] = 20_000,
    data: Annotated[Path | None, typer.Option(help="Keep the demo's files in this folder instead of ./var.")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="Use this database; refused unless empty or marked as a demo's.")
    ] = None,
    codes: Annotated[
        bool, typer.Option("--codes", help="Print the sign-in sheet with current one-time codes, and end.")
    ] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Delete the demo's data, and end.")] = False,
    json: Json = False,
) -> None:
    """Serve a made-up town of children on http://localhost:8000, with its own database. Ctrl-C stops it and keeps the data."""
    from childindex.project import demo  # noqa: PLC0415 - finding PostgreSQL is no business of the other commands

    folder = data.absolute() if data else var_folder()
    run = demo.Demo(folder=folder, port=port, population=children, database_url=database_url)
    if reset:
        demo.reset(folder)
        say("The demo's data is deleted; the next start makes it anew.")
    elif codes:
        run.print_sheet(json=json)
    else:
        run.run(json=json)


def _share(progress: Callable[[str, float], None], title: str) -> Callable[[int, int], None]:
    """Rows done and rows in all, as the bar wants them."""
    return lambda done, rows: progress(title, done / max(rows, 1))


@contextmanager
def _bad_usage(refused: type[Exception]) -> Iterator[None]:
    """Whatever an option's value is refused with becomes exit code 2."""
    try:
        yield
    except refused as error:
        raise typer.BadParameter(str(error)) from error


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def main() -> None:
    """What the console script `childindex` runs."""
    app(prog_name="childindex")


if __name__ == "__main__":
    main()
