"""Run every read-only gate, two at a time, print what failed, and count. Run as `python -m tools.check`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MODULE = [sys.executable, "-W", "ignore"]

GATES: dict[str, list[str]] = {
    "types": [str(BIN / "mypy")],
    "formatting": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
    "import contracts": [str(BIN / "lint-imports")],
    "house rules": [str(BIN / "ast-grep"), "scan", "--error"],
    "tests of the house rules": [str(BIN / "ast-grep"), "test", "--skip-snapshot-tests"],
    "migrations": [*MODULE, "manage.py", "makemigrations", "--check", "--dry-run"],
    "generated documents": [*MODULE, "-m", "tools.generate", "--check"],
    "spelling": [str(BIN / "codespell"), "--toml", "pyproject.toml"],
}


def run(name: str) -> tuple[str, int, str, float]:
    """One gate: its name, exit code, output and seconds. Settings are the demo's, as no gate touches a database."""
    began = time.monotonic()
    environment = {**os.environ, "CHILDINDEX_DEMO": "1", "CHILDINDEX_PROCESS": "owner", "NO_COLOR": "1"}
    result = subprocess.run(
        GATES[name],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return name, result.returncode, result.stdout, time.monotonic() - began


def main() -> int:
    """The number of gates that failed."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, code, output, seconds in pool.map(run, GATES):
            print(f"{'ok    ' if code == 0 else 'FAILED'}  {name} ({seconds:.1f} s)", flush=True)
            if code != 0:
                failed.append(name)
                print(output.rstrip() + "\n", flush=True)
    print(
        f"{len(failed)} of {len(GATES)} gates failed: {', '.join(failed)}"
        if failed
        else f"All {len(GATES)} gates passed"
    )
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
