"""What may never be committed: real people's numbers, machine paths, addresses of registries."""

from __future__ import annotations

import re

from childindex.kernel.numbers import is_nhs_number
from tests.repository import trees

TEXT = {".py", ".md", ".toml", ".csv", ".html", ".yml", ".sql", ".txt", ".lock", ".cfg", ".scss", ".sh", ""}


def texts() -> list[tuple[str, str]]:
    """Every text file that git tracks, but the public names and the lock's hashes."""
    files = [path for path in trees.tracked_files() if path.suffix in TEXT]
    files = [path for path in files if path.name not in {"ons_first_names.csv", "requirements.lock"}]
    return [(str(path.relative_to(trees.ROOT)), path.read_text(errors="replace")) for path in files]


def test_no_nhs_number_outside_the_test_range() -> None:
    """Ten digits that pass the check must begin with 999."""
    found = []
    for name, text in texts():
        for digits in re.findall(r"(?<![\d.])\d{3} ?\d{3} ?\d{4}(?![\d.])", text):
            compact = digits.replace(" ", "")
            # ten equal digits are nobody's: they pass the check and are never given out
            if is_nhs_number(compact) and len(set(compact)) > 1 and not compact.startswith("999"):
                found.append(f"{name}: {digits}")
    # Ofcom's drama numbers and other made-up telephone numbers may pass the check by chance; they begin with 0.
    assert [one for one in found if not re.search(r": 0", one)] == []


def test_no_paths_of_one_machine() -> None:
    """Nobody else has these folders."""
    machine = re.compile(r"(?<![\w.])/(?:work|root|farm)/")
    assert [
        name for name, text in texts() if machine.search(text) and name != "tests/repository/test_contents.py"
    ] == []


def test_the_lock_names_no_registry() -> None:
    """The lock holds names, versions and hashes."""
    assert "http" not in (trees.ROOT / "requirements.lock").read_text()
