"""Nothing leaves a journey unwritten, and nothing with a child in it can be built without a receipt."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from childindex.audit.types import Receipt, ReceiptForged
from tests.repository import trees

# Values that name a child and carry no receipt, each with the reason it may.
WITHOUT_RECEIPT = {
    "HeldIdentity",  # for the matcher alone: never shown, see its docstring
}


def use_case_files() -> list[Path]:
    """usecases.py, or every file of a usecases folder."""
    single = [path for path in trees.python_files() if path.name == "usecases.py"]
    folders = [path for path in trees.python_files() if path.parent.name == "usecases" and path.name != "__init__.py"]
    return sorted([*single, *folders])


def public_functions(path: Path) -> list[ast.FunctionDef]:
    """The functions of a module whose name does not begin with an underscore."""
    body = trees.tree(path).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def entries_opened(function: ast.FunctionDef) -> int:
    """How many `with audit.entry(...)` (or `audit.refused(...)`) a function holds."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return sum(ast.unparse(call) in {"audit.entry", "audit.refused"} for call in calls)


@pytest.mark.parametrize("path", use_case_files(), ids=lambda path: str(path.relative_to(trees.PRODUCT)))
def test_every_use_case_opens_one_entry(path: Path) -> None:
    """Public functions of use cases are keyword-only, take the actor and the time, and open exactly one entry."""
    wrong = []
    for function in public_functions(path):
        names = [argument.arg for argument in function.args.kwonlyargs]
        if function.args.args or "actor" not in names or "at" not in names:
            wrong.append(f"{function.name} is not keyword-only with actor and at")
        if entries_opened(function) != 1:
            wrong.append(f"{function.name} opens {entries_opened(function)} entries")
    assert wrong == []


def test_there_are_use_cases() -> None:
    """The test above would pass on an empty tree."""
    assert len(use_case_files()) >= 4


def test_a_receipt_cannot_be_forged() -> None:
    """Only the ledger makes receipts."""
    with pytest.raises(ReceiptForged):
        Receipt(entry_id=uuid4(), at=datetime.now(UTC), seal=object())


def test_only_the_ledger_issues_receipts() -> None:
    """`issue_receipt` is called in audit.services and nowhere else in the product."""
    callers = [path for path in trees.python_files() if "issue_receipt(" in path.read_text()]
    assert {str(path.relative_to(trees.PRODUCT)) for path in callers} == {"audit/types.py", "audit/services.py"}


def test_a_value_that_names_a_child_carries_a_receipt() -> None:
    """Frozen values of records and journeys with a child's id or name have a `receipt` field."""
    naked = []
    for package in sorted((trees.RECORDS | trees.JOURNEYS) & trees.packages()):
        path = trees.PRODUCT / package / "types.py"
        if not path.exists():
            continue
        for node in trees.tree(path).body:
            if isinstance(node, ast.ClassDef) and node.name not in WITHOUT_RECEIPT:
                fields = {
                    ast.unparse(f.target): ast.unparse(f.annotation) for f in node.body if isinstance(f, ast.AnnAssign)
                }
                if "ChildId" in fields.values() and "receipt" not in fields:
                    naked.append(f"{package}.{node.name}")
    assert naked == []
