"""The repository as these tests read it: its packages, files and syntax trees."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "childindex"
FACES = {"project", "web", "fhir", "batch", "trial"}
JOURNEYS = {"lookup", "brokering", "upkeep", "supply", "family", "retention", "rollout", "oversight", "reports"}
RECORDS = {"involvement", "cases", "consent", "matching", "shielding", "children"}
FOUNDATIONS = {"access", "directory", "audit", "kernel"}


def packages() -> set[str]:
    """The product's packages that exist."""
    return {path.parent.name for path in PRODUCT.glob("*/__init__.py")}


def tracked_files() -> list[Path]:
    """Every file of the repository that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def python_files(folder: Path = PRODUCT) -> Iterator[Path]:
    """Hand-written Python below a folder (migrations are generated)."""
    for path in sorted(folder.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path


def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))
