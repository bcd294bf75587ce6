"""How a command speaks: results on standard output, everything else on standard error, and one line when it fails."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn, ParamSpec, Self, TypeVar

import psycopg
import typer
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from childindex.kernel.refusals import Denied
from childindex.project.database import DatabaseError
from childindex.project.environment import MissingSettingsError
from childindex.project.postgres_binaries import PostgresError

P = ParamSpec("P")
R = TypeVar("R")

Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object on standard output.")]

_stderr = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


class CommandError(Exception):
    """A command cannot do what was asked; the text is the one line that says why and what to do."""


def say(line: str) -> None:
    """One plain line of progress."""
    _stderr.print(line)


def answer(result: Mapping[str, Any]) -> None:
    """One JSON object on standard output, for `--json`."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def fail(line: str) -> NoReturn:
    """Ends the command with exit code 1 and one line on standard error."""
    _stderr.print(f"childindex: {line}", style="red" if _stderr.is_terminal else None)
    raise SystemExit(1)


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Turns the product's own refusals and failures into one line and exit code 1; anything else is a defect and shows itself."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Denied as denied:
            words = " ".join([denied.refusal.value.replace("_", " "), *denied.detail])
            fail(f"refused: {getattr(denied, 'sentence', '') or words + '.'}")
        except (CommandError, DatabaseError, MissingSettingsError, PostgresError, ImproperlyConfigured) as error:
            fail(str(error))
        except (psycopg.OperationalError, OperationalError) as error:
            fail(f"The database cannot be reached: {str(error).strip()}")

    return run


@contextmanager
def gauge() -> Iterator[Callable[[str, float], None]]:
    """A function to call with what has been done and a share of the whole in [0, 1]: a bar on a terminal, plain lines otherwise."""
    columns = (TextColumn("{task.description:<40}"), BarColumn(bar_width=40), TimeElapsedColumn())
    with Progress(*columns, console=_stderr, disable=not _stderr.is_terminal) as bar:
        task = bar.add_task("", total=1.0)

        def show(done: str, share: float) -> None:
            bar.update(task, description=done, completed=share)
            if not _stderr.is_terminal:
                say(f"{share:4.0%} {done}")

        yield show


class Steps:
    """Progress over named steps: a bar on a terminal, a plain line for each step otherwise."""

    def __init__(self, total: int) -> None:
        """Nothing is shown before the first step."""
        columns = (TextColumn("{task.description:<60}"), BarColumn(bar_width=30), TimeElapsedColumn())
        self._bar = Progress(*columns, console=_stderr, disable=not _stderr.is_terminal)
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Self:
        """Shows the bar."""
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Leaves the bar as it stands."""
        self._bar.stop()

    def begin(self, title: str) -> None:
        """Names the step that is now being done."""
        self._bar.update(self._task, description=title)
        if not _stderr.is_terminal:
            say(title)

    def done(self) -> None:
        """The step is done."""
        self._bar.advance(self._task)
