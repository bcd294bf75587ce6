"""The commands of matching: linking files, and proving how well it is done. None needs a database."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from childindex.project.console import CommandError, Json, answer, command, gauge, say

commands = typer.Typer()

_Files = Annotated[
    list[str], typer.Argument(help="[NAME=]FILE: supply files; a source is its file's stem unless named.")
]
_Model = Annotated[Path | None, typer.Option(help="A model file instead of the shipped one.", exists=True)]
_Several = Annotated[
    list[str] | None, typer.Option(help="A source that may hold one child in several records; may be given again.")
]
_Truth = Annotated[
    Path, typer.Option(help="truth.csv; forbidden_pairs.csv is read beside it.", exists=True, dir_okay=False)
]
_Dated = Annotated[
    list[str] | None,
    typer.Option(help="[NAME=]FILE, a supply file with the birth dates of twins; may be given again."),
]


class _Engine(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


_Master = Annotated[
    str | None,
    typer.Option(help="For --engine spark: the Spark that is running, as in spark://HOST:7077.", envvar="SPARK_MASTER"),
]


@commands.command("evaluate")
@command
def evaluate_command(
    folder: Annotated[Path, typer.Argument(help="The folder that `link` wrote into.", exists=True, file_okay=False)],
    *,
    truth: _Truth,
    files: _Dated = None,
    html: Annotated[Path | None, typer.Option(help="Write the figures as a page with charts.", dir_okay=False)] = None,
    against: Annotated[
        Path | None, typer.Option(help="The --json of an earlier run, to compare with.", exists=True, dir_okay=False)
    ] = None,
    gates: Annotated[
        Path | None, typer.Option(help="TOML: what figures must keep to.", exists=True, dir_okay=False)
    ] = None,
    json: Json = False,
) -> None:
    """Hold links against the truth: pairs, clusters, questions for people, by group. Exits 1 when a gate is broken."""
    from childindex.trial import compare, inputs, outcome  # noqa: PLC0415 - no other command needs it

    with gauge() as progress:
        try:
            result = outcome.run(
                folder,
                truth=truth,
                files=named_files(files or []),
                against=against,
                gates=gates,
                html=html,
                progress=progress,
            )
        except (inputs.TrialUnreadable, compare.CannotCompare) as error:
            raise CommandError(str(error)) from error
    if json:
        answer(outcome.as_dict(result))
    else:
        for line in outcome.lines(result):
            say(line)
    broken = [one for one in result.verdicts if not one.passed]
    if broken:
        raise CommandError(
            f"{len(broken)} of {len(result.verdicts)} gates are broken: {', '.join(one.gate.figure for one in broken)}"
        )


@commands.command("link")
@command
def link_command(
    files: _Files,
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into; made if missing.", file_okay=False)],
    model: _Model = None,
    train: Annotated[
        bool,
        typer.Option("--train", help="Train the model on these files first; it is left in the folder as model.toml."),
    ] = False,
    memory: Annotated[str, typer.Option(help="How much memory DuckDB may use, such as 8GB.")] = "8GB",
    threads: Annotated[int, typer.Option(min=1, help="How many threads.")] = 2,
    several: _Several = None,
    pairs: Annotated[bool, typer.Option("--pairs", help="Write every scored pair to pairs.parquet as well.")] = False,
    engine: Annotated[_Engine, typer.Option(help="Where the work is done; the result is the same.")] = _Engine.DUCKDB,
    spark_master: _Master = None,
    json: Json = False,
) -> None:
    """Link supply files into children: links.csv, review.csv and report.json. Needs no database; goes on where it was stopped."""
    named = named_files(files)
    unknown = [name for name in several or [] if name not in named]
    if unknown:
        raise typer.BadParameter(f"--several names {unknown[0]}, which is none of the files")
    options = {"memory": memory, "threads": threads, "pairs": pairs}
    found = _link(named, several or [], out, model, options, train=train, engine=engine, master=spark_master)
    if json:
        answer(found)
        return
    counts, seconds = found["counts"], found["seconds"]
    say(f"{counts['records']:,} records of {counts['children']:,} children, in {seconds['total']:.1f} s")
    say(
        f"{counts['records_settled_by_exact_keys']:,} records settled by exact keys; {counts['pairs_compared']:,} pairs compared"
    )
    say(f"{counts['pairs_for_review']:,} pairs for a person, in {out / 'review.csv'}")


def _link(
    named: dict[str, Path],
    several: list[str],
    out: Path,
    model: Path | None,
    options: dict[str, Any],
    *,
    train: bool,
    engine: _Engine,
    master: str | None,
) -> dict[str, Any]:
    """Link, and the report; whatever is refused becomes one clear line."""
    from childindex.matching.bulk.link import check_elsewhere, link  # noqa: PLC0415 - no other command needs it
    from childindex.matching.bulk.order import Order  # noqa: PLC0415
    from childindex.matching.bulk.read import NotReadable, Source  # noqa: PLC0415
    from childindex.matching.bulk.spark import NoSpark, on_spark  # noqa: PLC0415
    from childindex.matching.engine.model import SHIPPED, NotAModel, load_model  # noqa: PLC0415

    sources = tuple(Source(name=name, file=file, several=name in several) for name, file in named.items())
    with gauge() as progress:
        try:
            text = (model or SHIPPED).read_text(encoding="utf-8") if train else None
            order = Order(sources=sources, out=out, model=load_model(model), train_from=text, **options)
            if engine is _Engine.SPARK:
                check_elsewhere(order)  # before a Spark is entered for nothing
                # Its workers run the interpreter that runs this, unless told of another
                os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            with on_spark(master) if engine is _Engine.SPARK else nullcontext() as spark:
                return link(order, progress=progress, engine=spark).as_dict()
        except (NotReadable, NotAModel, NoSpark) as error:
            raise CommandError(str(error)) from error


def named_files(given: list[str]) -> dict[str, Path]:
    """`[NAME=]FILE` as the contract has it: a source is its file's stem unless named."""
    found: dict[str, Path] = {}
    for text in given:
        name, separator, path = text.rpartition("=")
        file = Path(path)
        source = name if separator else file.name.split(".", 1)[0]
        if source in found:
            raise typer.BadParameter(f"two files are named {source}")
        found[source] = file
    return found
