"""The commands of the matching model: training one on supply files, and explaining what it says of two records."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from childindex.project.cli_matching import named_files
from childindex.project.console import CommandError, Json, answer, command, gauge, say

if TYPE_CHECKING:
    from childindex.matching.bulk.explain import Place

commands = typer.Typer()

_VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(\.\d+)?")

_Model = Annotated[
    Path | None, typer.Option(help="A model file instead of the shipped one.", exists=True, dir_okay=False)
]


def _version(text: str) -> str:
    """A version is the day a model was made, and a number where there are several that day: 2026-11-25 or 2026-11-25.2."""
    found = _VERSION.fullmatch(text)
    try:
        date.fromisoformat(found[1] if found else "")
    except ValueError as fault:
        raise typer.BadParameter("a version is a date, as in 2026-11-25 or 2026-11-25.2") from fault
    return text


@commands.command("train")
@command
def train_command(
    files: Annotated[
        list[str], typer.Argument(help="[NAME=]FILE: supply files; a source is its file's stem unless named.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="The model file to write.", dir_okay=False)],
    version: Annotated[str, typer.Option(help="Its version: the date, as in 2026-11-25.", callback=_version)],
    model: _Model = None,
    seed: Annotated[int, typer.Option(min=0, help="Which random pairs are drawn.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="The most rounds.")] = 8,
    several: Annotated[
        list[str] | None, typer.Option(help="A source that may hold one child in several records; may be given again.")
    ] = None,
    memory: Annotated[str, typer.Option(help="How much memory DuckDB may use, such as 8GB.")] = "8GB",
    threads: Annotated[int, typer.Option(min=1, help="How many threads.")] = 2,
    json: Json = False,
) -> None:
    """Estimate the model's m and u from supply files, without the truth. The same files, seed and model give the same file."""
    named = named_files(files)
    unknown = [name for name in several or [] if name not in named]
    if unknown:
        raise typer.BadParameter(f"--several names {unknown[0]}, which is none of the files")
    options = {"version": version, "seed": seed, "rounds": rounds, "memory": memory, "threads": threads}
    told = _train(named, several or [], out, model, options)
    if json:
        answer(told)
        return
    training = told["training"]
    say(
        f"{training['records']:,} records, {training['pairs']:,} pairs that might be one child, {training['random_pairs']:,} random pairs"
    )
    say(f"{training['rounds']} rounds; the last moved no level by more than {told['changes'][-1]:.3f} bits")
    say(f"Seen too seldom, so kept: {len(told['kept_m'])} m and {len(told['kept_u'])} u")
    say(f"Model {version} is in {out}")


def _train(
    named: dict[str, Path], several: list[str], out: Path, model: Path | None, options: dict[str, Any]
) -> dict[str, Any]:
    """Train, write the file whole, and the report; whatever is refused becomes one clear line."""
    from dataclasses import asdict  # noqa: PLC0415

    from childindex.matching.bulk.read import NotReadable, Source  # noqa: PLC0415 - no other command needs it
    from childindex.matching.bulk.train import TrainOrder, train  # noqa: PLC0415
    from childindex.matching.engine.model import SHIPPED, NotAModel, load_model  # noqa: PLC0415

    sources = tuple(Source(name=name, file=file, several=name in several) for name, file in named.items())
    with gauge() as progress:
        try:
            text = (model or SHIPPED).read_text(encoding="utf-8")
            order = TrainOrder(sources=sources, model=load_model(model), text=text, **options)
            trained = train(order, out.parent, progress=progress)
            out.write_text(trained.text, encoding="utf-8")
        except (NotReadable, NotAModel, OSError) as error:
            raise CommandError(str(error)) from error
    return {
        "version": order.version,
        "training": asdict(trained.training),
        "changes": trained.changes,
        "kept_m": [".".join(place) for place in trained.kept_m],
        "kept_u": [".".join(place) for place in trained.kept_u],
    }


@commands.command("explain")
@command
def explain_command(
    left: Annotated[str, typer.Argument(help="FILE:RECORD_ID, a record of a supply file.")],
    right: Annotated[str, typer.Argument(help="FILE:RECORD_ID, the other one.")],
    *,
    model: _Model = None,
    children: Annotated[
        int | None, typer.Option(min=1, help="How many children there are; the model's own number unless given.")
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the sum as a chart.", dir_okay=False)] = None,
    json: Json = False,
) -> None:
    """Say why two records would be linked, asked about or kept apart: every fact in bits and in words, no value of the records."""
    from dataclasses import asdict  # noqa: PLC0415

    from childindex.matching.bulk.explain import explain, lines  # noqa: PLC0415 - no other command needs it
    from childindex.matching.bulk.read import NotReadable  # noqa: PLC0415
    from childindex.matching.engine.model import NotAModel, load_model  # noqa: PLC0415
    from childindex.trial.page import waterfall  # noqa: PLC0415

    try:
        read = load_model(model)
        found = explain(_place(left), _place(right), read.for_population(children) if children else read)
        if svg:
            svg.write_text(waterfall.svg(found), encoding="utf-8")
    except (NotReadable, NotAModel, OSError) as error:
        raise CommandError(str(error)) from error
    if json:
        answer(asdict(found))
        return
    for line in lines(found):
        say(line)


def _place(text: str) -> Place:
    """`FILE:RECORD_ID`; the file's name may have colons, the identifier none."""
    from childindex.matching.bulk.explain import Place  # noqa: PLC0415

    file, separator, record_id = text.rpartition(":")
    if not (separator and file and record_id):
        raise typer.BadParameter(f"{text} is not FILE:RECORD_ID")
    return Place(file=Path(file), record_id=record_id)
