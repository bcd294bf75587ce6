"""The tree keeps the shape that CONTRIBUTING.md promises: a stranger finds any thing in one guess."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest

from tests.repository import trees

ONE_OF = {"__init__", "apps", "types", "policies", "models", "selectors", "services", "usecases"}
# Files a package may have beside the usual ones, and why.
MORE = {
    "access": {
        "sign_in",  # who is this request: the one public function without an entry of its own
        "roles",  # the roles, each with a paragraph a parent could read
        "authentication",  # what Django's and allauth's settings name: the password backend and the encryption of second factors
        "nominating",  # what giving people access takes in and hands out
        "limits",  # how much is looked up, counted with the entry that says it was
        "words",  # the conditions in words, for practitioners' pages and the console alike
    },
    "audit": {
        "alarm",  # says loudly that a sink of the ledger fails
        "spool",  # the second sink: a file beside whoever answers, and its comparison with the table
        "tree",  # RFC 6962, plain Python
        "checkpoint",  # what the log and its witnesses sign, plain Python
        "tiles",  # the sealed tree outside the database, plain Python
        "sealing",  # gives entries their positions and publishes checkpoints
        "witness",  # checks what the log signs, knows no database
        "asking",  # how a witness is reached
        "verifying",  # compares the ledger with tree, checkpoint and witnesses
        "comparing",  # one entry with its leaf
        "watching",  # the same again and again, recent entries first
        "restoring",  # what was lost in a restore, said in the ledger itself
        "proving",  # hands out an entry's receipt for an authority
    },
    "matching": {
        "engine",  # plain Python, no database
        "bulk",  # whole files, no Django
        "holding",  # records on their way to a person and back
        "joining",  # what people decide about whole entries
        "judging",  # what people decide
        "nearness",  # who comes near a protected child
        "quality",  # samples of what was decided without a person, and what judging them tells
        "reviews",  # what the site reads of records that wait
    },
    "children": {
        "staging",  # columns of keys in the database's own binary form
        "merging",  # two entries become one, and two again
    },
    "involvement": {
        "merging",  # the same, of who works with a child
        "lifting",  # a shielded child's entry is opened again
    },
    "brokering": {
        "shields",  # what becomes of a shield, step by step: the worker's
        "words",  # grounds and steps in words, for practitioners' pages and the console alike
    },
    "shielding": {
        "sealing",  # keyed hashes and encryption with the worker's keys
        "lifting",  # what is kept of a child, handed back
        "near",  # what two people say of whoever comes near
    },
    "upkeep": {
        "joins",  # what merging and splitting take in and hand out
        "joining",  # the steps of a merge and a split
        "panel",  # what match quality hands out
    },
    "oversight": {
        "judging",  # from lines of the ledger to looks with their signs, as the auditors' process
    },
    "supply": {
        "formats",  # plain Python, no database
        "applying",  # what becomes of one batch, step by step
    },
}
FOLDERS_OF_DATA = {"migrations", "data", "__pycache__"}


def test_every_package_is_in_the_contract_and_on_the_map() -> None:
    """A folder that no contract knows, or the README does not show, fails."""
    contracts = tomllib.loads((trees.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["type"] == "layers" and c["containers"] == ["childindex"])["layers"]
    named = {name.strip().strip("()") for layer in layers for name in layer.split("|")}
    assert trees.packages() <= named
    readme = (trees.ROOT / "README.md").read_text()
    assert {name for name in trees.packages() if f"`{name}" not in readme} == set()


@pytest.mark.parametrize("package", sorted(trees.packages() - trees.FACES - {"kernel"}))
def test_a_package_holds_only_files_with_known_names(package: str) -> None:
    """Inside a package the same names always mean the same thing."""
    allowed = ONE_OF | MORE.get(package, set())
    found = {path.stem for path in (trees.PRODUCT / package).iterdir() if path.name not in FOLDERS_OF_DATA}
    found = {name for name in found if not (trees.PRODUCT / package / f"{name}.toml").exists()}
    found = {name for name in found if not (trees.PRODUCT / package / f"{name}.csv").exists()}
    assert found - allowed == set()


def test_no_drawers() -> None:
    """A thing without a noun is not understood yet."""
    drawers = re.compile(r"^(utils?|helpers?|common|core|misc|managers?)$")
    assert [str(path) for path in trees.python_files() if drawers.match(path.stem)] == []


def test_files_and_functions_fit_in_the_head() -> None:
    """Files of at most 400 lines, functions of at most 40, at most five positional arguments."""
    too_long = []
    for folder in (trees.PRODUCT, trees.ROOT / "synthetic", trees.ROOT / "tools"):
        for path in trees.python_files(folder):
            if len(path.read_text().splitlines()) > 400:
                too_long.append(str(path))
            for node in ast.walk(trees.tree(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    if lines > 40 or len(node.args.args) > 6:
                        too_long.append(f"{path.relative_to(trees.ROOT)}:{node.lineno} {node.name}")
    assert too_long == []


def test_journeys_link_to_code_that_exists() -> None:
    """Each `path` or `path:name` in docs/journeys names something real."""
    missing = []
    for page in (trees.ROOT / "docs" / "journeys").glob("*.md"):
        for path, name in re.findall(r"`(childindex/[\w/.]+\.py)(?::(\w+))?`", page.read_text()):
            file = trees.ROOT / path
            if not file.exists() or (name and not re.search(rf"\b(def|class) {name}\b", file.read_text())):
                missing.append(f"{page.name}: {path}:{name}")
    assert missing == []
