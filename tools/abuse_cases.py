"""The abuse cases as their tests tell them, and the patches that take a control away: read from the files, nothing imported.

A case is one file, `tests/abuse/test_t16_ledger_altered.py`. Its docstring begins with "T16: " and the abuse in one sentence, and has a line
"Passes when " with what must hold. A patch in `tests/sabotage` begins with three lines: which `Case:`, what it `Removes:`, and which tests it
`Fails:`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "abuse"
PATCHES = ROOT / "tests" / "sabotage"


class NotTold(ValueError):
    """A case or a patch does not say what it must; the text says which and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One abuse case: its number, what is done, when it passes, its short tests and those that take minutes."""

    number: str
    abuse: str
    passes: str
    path: Path
    short: tuple[str, ...]
    long: tuple[str, ...]

    @property
    def command(self) -> str:
        """How to run it whole."""
        return f"pytest {self.path.relative_to(ROOT)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """One control taken away: of which case, which control, and the tests that must then fail."""

    path: Path
    case: str
    removes: str
    fails: tuple[str, ...]


def read_cases() -> list[Case]:
    """Every case, by number; raises NotTold for a file that does not tell it."""
    return sorted((_case(path) for path in CASES.glob("test_t[0-9][0-9]_*.py")), key=lambda case: case.number)


def read_patches() -> list[Patch]:
    """Every patch, by name; raises NotTold for one that does not begin with its three lines."""
    return [_patch(path) for path in sorted(PATCHES.glob("*.patch"))]


def _case(path: Path) -> Case:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = ast.get_docstring(tree) or ""
    abuse = re.match(r"(T\d\d): (.+?\.)(?:\s|$)", said, re.DOTALL)
    passes = re.search(r"^Passes when[, ]+(.+?)(?:\n\n|\Z)", said, re.MULTILINE | re.DOTALL)
    if abuse is None or passes is None:
        raise NotTold(f'{path.name}: begin with "T16: ..." and have a line "Passes when ..."')
    everywhere = {mark for node in tree.body if _is_pytestmark(node) for mark in _named(node.value)}
    marked = [
        (node.name, everywhere | _marks(node))
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    tests = [(name, marks) for name, marks in marked if f"abuse({abuse[1]})" in marks]
    if not tests:
        raise NotTold(f'{path.name}: no test is marked @pytest.mark.abuse("{abuse[1]}")')
    return Case(
        number=abuse[1],
        abuse=" ".join(abuse[2].split()),
        passes=" ".join(passes[1].split()),
        path=path,
        short=tuple(name for name, marks in tests if "long" not in marks),
        long=tuple(name for name, marks in tests if "long" in marks),
    )


def _is_pytestmark(node: ast.stmt) -> TypeGuard[ast.Assign]:
    """Whether this gives every test of the file its marks."""
    return isinstance(node, ast.Assign) and any(
        isinstance(to, ast.Name) and to.id == "pytestmark" for to in node.targets
    )


def _marks(node: ast.FunctionDef) -> set[str]:
    """Its own marks, as `long` and `abuse(T16)`."""
    return {mark for decorator in node.decorator_list for mark in _named(decorator)}


def _named(given: ast.expr) -> list[str]:
    """The mark or marks that an expression gives."""
    if isinstance(given, ast.List):
        return [mark for one in given.elts for mark in _named(one)]
    if isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute):
        arguments = [str(argument.value) for argument in given.args if isinstance(argument, ast.Constant)]
        return [f"{given.func.attr}({', '.join(arguments)})"]
    return [given.attr] if isinstance(given, ast.Attribute) else []


def _patch(path: Path) -> Patch:
    said = dict(re.findall(r"^(Case|Removes|Fails): (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)[:3])
    if set(said) != {"Case", "Removes", "Fails"}:
        raise NotTold(f'{path.name}: begin with three lines "Case: ", "Removes: " and "Fails: "')
    return Patch(
        path=path, case=said["Case"].strip(), removes=said["Removes"].strip(), fails=tuple(said["Fails"].split())
    )


def as_document() -> str:
    """Every case with its abuse, when it passes, the command, and the controls whose removal its tests notice."""
    patches = read_patches()
    about = (
        "What somebody might try, what must hold, and the tests that try it. `make test` runs the short form of each, `make test-long` the full"
        " figures. `make sabotage` takes each control away in a copy and shows that a test then fails.\n"
    )
    parts = ["# Abuse cases\n", about]
    for case in read_cases():
        parts.append(f"## {case.number}: {case.abuse}\n\nPasses when {case.passes}\n\n`{case.command}`\n")
        rows = [f"- {name.removeprefix('test_').replace('_', ' ')}" for name in case.short]
        rows += [f"- {name.removeprefix('test_').replace('_', ' ')} (takes minutes)" for name in case.long]
        parts.append("\n".join(rows) + "\n")
        removed = [f"| {patch.removes} | `{patch.path.name}` |" for patch in patches if patch.case == case.number]
        if removed:
            parts.append("| control that is taken away | patch |\n|---|---|\n" + "\n".join(removed) + "\n")
    return "\n".join(parts)
