"""Write the documents that are computed from the code, or (with --check) say which of them are out of date.

Run as `python -m tools.generate`. Nothing here needs a database.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
import grimp

from tools import abuse_cases, use_cases

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
HEAD = "<!-- Written by `make docs` from the code. Do not edit. -->\n\n"


def _set_up_django() -> None:
    """Models and roles can be read without a database, but not without settings."""
    os.environ.setdefault("CHILDINDEX_DEMO", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "childindex.project.settings.practitioner")
    django.setup()


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def permission_matrix() -> str:
    """Role by permission, with each role's paragraph (R 2.06)."""
    from childindex.access.roles import matrix
    from childindex.access.types import Permission

    roles = [role for role, _ in matrix()]
    rows = [
        [f"`{permission.value}`", *("yes" if permission in may else "" for _, may in matrix())]
        for permission in sorted(Permission)
    ]
    paragraphs = "\n".join(f"**{role.name}** (`{role.code}`). {role.about}\n" for role in roles)
    head = ["permission", *(role.name for role in roles)]
    return f"# Who may do what\n\nEverything not marked is refused.\n\n{table(head, rows)}\n{paragraphs}"


def use_case_matrix() -> str:
    """Role by use case: what each may really do (R 2.06); `tests/integration/access/test_every_cell.py` walks it."""
    from childindex.access.roles import matrix
    from childindex.access.types import Permission

    rows = []
    for case in use_cases.use_cases():
        needed = [Permission[name] for name in case.permissions]
        cells = ["yes" if set(needed) <= may else "" for _, may in matrix()] if needed else ["own"] * len(matrix())
        where = case.module.removeprefix("childindex.").replace(".usecases", "")
        rows.append([f"`{where}.{case.name}`", ", ".join(f"`{one.value}`" for one in needed), *cells])
    note = (
        "Everything not marked is refused. What says `own` asks for no permission: it is about somebody's own way in or out, or"
        " follows from what they were let do before. Conditions that have lapsed refuse everything but one's own way in.\n"
    )
    head = ["use case", "permission", *(role.name for role, _ in matrix())]
    return f"# Which role may do which thing\n\n{note}\n{table(head, rows)}"


def ledger_events() -> str:
    """Every event that can stand in the ledger, and the use cases that open it."""
    from childindex.audit.types import Event

    opened: dict[str, list[str]] = {event.name: [] for event in Event}
    for path in sorted((ROOT / "childindex").rglob("*.py")):
        text = path.read_text()
        for name, places in opened.items():
            if f"Event.{name}" in text and path.name != "types.py":
                places.append(f"`{path.relative_to(ROOT)}`")
    rows = [[f"`{event.value}`", event.name, ", ".join(opened[event.name])] for event in sorted(Event)]
    return f"# Ledger events\n\n{table(['event', 'name', 'written by'], rows)}"


def field_classification() -> str:
    """Every field of every table of ours: open, personal, special or sealed."""
    from django.apps import apps

    parts = ["# What every field is\n"]
    for config in sorted(apps.get_app_configs(), key=lambda one: one.label):
        if not config.name.startswith("childindex."):
            continue
        for model in config.get_models():
            classes: dict[str, str] = vars(model)["classification"]
            rows = [[f"`{field.name}`", classes[field.name]] for field in model._meta.fields]
            heading = f"## {config.label}.{model.__name__}\n\n{(model.__doc__ or '').strip().splitlines()[0]}\n"
            parts.append(f"{heading}\n{table(['field', 'class'], rows)}")
    return "\n".join(parts)


def import_graph() -> str:
    """Which package imports which, as a drawing."""
    graph = grimp.build_graph("childindex", cache_dir=None)
    edges: set[tuple[str, str]] = set()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = _package(module), _package(imported)
            if here and there and here != there:
                edges.add((here, there))
    lines = [f"  {here} --> {there}" for here, there in sorted(edges) if there not in ("kernel", "audit")]
    note = "Everything may import `kernel`, and nearly everything writes to `audit`: those arrows are left out.\n"
    return "# What imports what\n\n" + note + "\n```mermaid\nflowchart TD\n" + "\n".join(lines) + "\n```\n"


def _package(module: str) -> str:
    """The second part of a module's name."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


DOCUMENTS: dict[str, Callable[[], str]] = {
    "generated/permissions.md": permission_matrix,
    "generated/use-cases.md": use_case_matrix,
    "generated/events.md": ledger_events,
    "generated/fields.md": field_classification,
    "generated/imports.md": import_graph,
    "abuse-cases.md": abuse_cases.as_document,
}


def main() -> int:
    """Write or check every document; the answer is the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    _set_up_django()
    stale = []
    for name, write in DOCUMENTS.items():
        path, text = DOCS / name, HEAD + write()
        if check and (not path.exists() or path.read_text() != text):
            stale.append(name)
        if not check:
            path.write_text(text)
    for name in stale:
        sys.stderr.write(f"docs/{name} is out of date: run `make docs` and commit it\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
