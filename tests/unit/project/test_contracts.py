from __future__ import annotations

import grimp
import pytest

from tools.contracts import PackagePrivate


@pytest.mark.parametrize(
    ("importer", "module", "kept"),
    [
        ("childindex.children.services", "childindex.children.models", True),
        ("childindex.lookup.usecases", "childindex.children.selectors", True),
        ("childindex.lookup.usecases", "childindex.children.models", False),
        ("childindex.web.practitioner.search", "childindex.lookup.policies", False),
        ("synthetic.generate", "childindex.children.models", False),
    ],
)
def test_tables_and_rules_are_imported_by_their_own_package_only(importer: str, module: str, *, kept: bool) -> None:
    graph = grimp.ImportGraph()
    graph.add_import(importer=importer, imported=module)
    contract = PackagePrivate(
        name="private",
        session_options={},
        contract_options={"root": "childindex", "names": ["models", "policies"]},
    )
    assert contract.check(graph, verbose=False).kept is kept
