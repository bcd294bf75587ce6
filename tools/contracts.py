"""An import-linter contract: some files belong to the package they sit in."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PackagePrivate(Contract):
    """`<root>.<package>.<name>` may be imported only from inside `<root>.<package>`."""

    root = fields.StringField()
    names = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - the library's signature
        """Every import of a private file from outside its package."""
        del verbose
        root, names = str(self.root), {str(name) for name in self.names}  # type: ignore[attr-defined]  # the library puts values there
        broken: list[tuple[str, str]] = []
        for module in sorted(graph.modules):
            parts = module.split(".")
            if len(parts) < 3 or parts[0] != root or parts[2] not in names:
                continue
            owner = ".".join(parts[:2])
            importers = sorted(graph.find_modules_that_directly_import(module))
            broken.extend((name, module) for name in importers if name != owner and not name.startswith(owner + "."))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """One line for each such import."""
        for importer, module in check.metadata["broken"]:
            output.print_error(f"{importer} must not import {module}", bold=False)
