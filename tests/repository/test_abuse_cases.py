"""Every abuse case tells what it is, and every control of one can be taken away to show that a test notices."""

from __future__ import annotations

import subprocess

import pytest

from tests.repository import trees
from tools.abuse_cases import Patch, read_cases, read_patches

PATCHES = read_patches()


def test_every_case_has_a_short_form() -> None:
    assert [case.number for case in read_cases() if not case.short] == []


def test_every_case_has_a_control_that_can_be_taken_away() -> None:
    assert {case.number for case in read_cases()} - {patch.case for patch in PATCHES} == set()


def test_every_patch_is_of_a_case() -> None:
    known = {case.number for case in read_cases()}
    assert [patch.path.name for patch in PATCHES if patch.case not in known] == []


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.path.stem)
def test_a_patch_still_applies_and_names_tests_that_are_there(patch: Patch) -> None:
    applied = subprocess.run(
        ["git", "apply", "--check", str(patch.path)],  # noqa: S607
        cwd=trees.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert applied.stderr == ""
    for test in patch.fails:
        file, _, name = test.partition("::")
        assert f"def {name.split('::')[-1]}(" in (trees.ROOT / file).read_text(encoding="utf-8"), test
