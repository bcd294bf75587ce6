"""Take each control away in a copy of the tree and show that a test notices: python -m tools.sabotage [T16 ... or a patch's name].

The tests that the patches name must pass first as the tree is; then each patch is applied alone, every test it names must fail, and the patch is
taken back. Prints a line for each and exits with the number of controls that nobody would miss.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.abuse_cases import ROOT, Patch, read_patches

SHOWN = 1500  # of what a test run said, where it was not as it should be
_LEFT_OUT = ("docs/screenshots/",)


def copy_tree(there: Path) -> None:
    """Every file that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith(_LEFT_OUT):
            (there / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, there / name)


def run_tests(there: Path, tests: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """How each test ended ("passed", "failed", "error"), by its id without parameters, and what was printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=line", "-m", "not long", *tests]
    result = subprocess.run(
        command,
        cwd=there,
        env={**os.environ, "PYTHONPATH": str(there)},
        capture_output=True,
        text=True,
        check=False,
    )
    ended: dict[str, str] = {}
    for line in result.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in {"PASSED", "FAILED", "ERROR"}:
            test = rest.split(" - ")[0].split("[")[0].strip()
            # One example of several that fails is a failure of the test.
            ended[test] = max(ended.get(test, "passed"), word.lower(), key=("passed", "failed", "error").index)
    return ended, result.stdout[-SHOWN:] + result.stderr[-SHOWN:]


def apply(there: Path, patch: Patch, *, back: bool = False) -> None:
    """Apply a patch to the copy, or take it back."""
    command = ["git", "apply", *(["--reverse"] if back else []), str(patch.path)]
    # Out of any repository: git would otherwise look for the paths in the one around it.
    subprocess.run(command, cwd=there, env={**os.environ, "GIT_CEILING_DIRECTORIES": str(there.parent)}, check=True)


def noticed(there: Path, patch: Patch) -> str:
    """Empty if every test that the patch names fails without the control; else what was seen."""
    apply(there, patch)
    try:
        ended, said = run_tests(there, patch.fails)
    finally:
        apply(there, patch, back=True)
    quiet = [f"{test}: {ended.get(test, 'did not run')}" for test in patch.fails if ended.get(test) != "failed"]
    return "\n".join([*quiet, said]) if quiet else ""


def main() -> int:
    """How many controls nobody would miss."""
    wanted = set(sys.argv[1:])
    patches = [one for one in read_patches() if not wanted or wanted & {one.case, one.path.name, one.path.stem}]
    with tempfile.TemporaryDirectory(prefix="childindex-sabotage-") as folder:
        there = Path(folder)
        copy_tree(there)
        tests = tuple(sorted({test for patch in patches for test in patch.fails}))
        ended, said = run_tests(there, tests)
        unfit = [f"{test}: {ended.get(test, 'did not run')}" for test in tests if ended.get(test) != "passed"]
        if unfit or not patches:
            print("\n".join(["These tests do not pass as the tree is:", *unfit, said]))
            return len(unfit) or 1
        missed = 0
        for patch in patches:
            began = time.monotonic()
            seen = noticed(there, patch)
            missed += bool(seen)
            verdict = "NOT NOTICED" if seen else "noticed"
            print(f"{verdict:12} {patch.case}  {patch.path.stem} ({time.monotonic() - began:.0f} s)", flush=True)
            if seen:
                print(seen, flush=True)
    print(f"{len(patches) - missed} of {len(patches)} removals were noticed")
    return missed


if __name__ == "__main__":
    sys.exit(main())
