"""The command line, `childindex`: every command is a thin function that becomes the right kind of process and makes one call."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from childindex.project import processes
from childindex.project.console import answer, command, gauge, say
from childindex.project.database import Process, ensure_database, migrate
from childindex.project.folders import var_folder

app = typer.Typer(
    name="childindex",
    help="Children's Index: a telephone directory of who works with a child.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object on standard output.")]


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
    with gauge() as progress:
        try:
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
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    if json:
        answer(asdict(summary))
    else:
        say(
            f"{summary.children:,} children in {', '.join(summary.authorities)}: {sum(summary.rows.values()):,} rows in {out}"
        )


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
    children: Annotated[int, typer.Option(min=100, help="How many made-up children a new demo has.")] = 20_000,
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


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def main() -> None:
    """What the console script `childindex` runs."""
    app(prog_name="childindex")


if __name__ == "__main__":
    main()
