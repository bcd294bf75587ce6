"""Every use case and the permission it asks for, read from the syntax trees: for the generated matrix, and for the test that walks it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

PRODUCT = Path(__file__).resolve().parent.parent / "childindex"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCase:
    """One public function of a `usecases` module, and the names of the permissions it or its own helpers require."""

    module: str
    name: str
    permissions: tuple[str, ...]


def use_cases() -> list[UseCase]:
    """All of them, by module and name."""
    files = [*PRODUCT.glob("*/usecases.py"), *PRODUCT.glob("*/usecases/*.py")]
    return [case for path in sorted(files) for case in _in_file(path)]


def _in_file(path: Path) -> list[UseCase]:
    functions = {
        node.name: node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    module = ".".join(path.relative_to(PRODUCT.parent).with_suffix("").parts)
    return [
        UseCase(module=module, name=name, permissions=tuple(dict.fromkeys(_required(node, functions, set()))))
        for name, node in functions.items()
        if not name.startswith("_")
    ]


def _required(node: ast.FunctionDef, functions: dict[str, ast.FunctionDef], seen: set[str]) -> list[str]:
    """Permissions passed to `require` here, or in a function of the same file that is called from here."""
    found = []
    for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
        name = getattr(call.func, "id", "")
        if getattr(call.func, "attr", name) == "require":
            found += [one.attr for one in ast.walk(call) if _is_permission(one)]
        elif name in functions and name not in seen:
            seen.add(name)
            found += _required(functions[name], functions, seen)
    return found


def _is_permission(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Permission"
