"""The commands of matching: linking files, and proving how well it is done. None needs a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from childindex.project.console import CommandError, Json, answer, command, gauge, say

commands = typer.Typer()


@commands.command("evaluate")
@command
def evaluate_command(
    folder: Annotated[Path, typer.Argument(help="The folder that `link` wrote into.", exists=True, file_okay=False)],
    *,
    truth: Annotated[
        Path, typer.Option(help="truth.csv; forbidden_pairs.csv is read beside it.", exists=True, dir_okay=False)
    ],
    files: Annotated[
        list[str] | None,
        typer.Option(help="[NAME=]FILE, a supply file with the birth dates of twins; may be given again."),
    ] = None,
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
                files=_named_files(files or []),
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


def _named_files(given: list[str]) -> dict[str, Path]:
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
