"""The peers' own environment: python -m benchmarks.matching.peers.environment [MODULE ARGUMENT...].

Makes `var/peers` from requirements.lock (every file checked against its hash), or keeps it where it was made from this very lock. With a
MODULE (`splink_pair`) runs it there with the arguments. The product's own environment is never touched: a peer may need an older library.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_FOLDER = _ROOT / "var" / "peers"
_LOCK = _HERE / "requirements.lock"


def make(folder: Path = _FOLDER, lock: Path = _LOCK) -> Path:
    """The environment's interpreter, installed anew where the lock has changed since."""
    python, mark = folder / "bin" / "python", folder / "made-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not (mark.exists() and mark.read_text(encoding="ascii") == wanted):
        venv.create(folder, clear=True, with_pip=True)
        install = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", lock)
        subprocess.run([str(word) for word in install], check=True)
        mark.write_text(wanted, encoding="ascii")
    return python


def main() -> None:
    """Make it; run what was asked for in it."""
    python = make()
    if len(sys.argv) == 1:
        print(python)
        return
    module, *given = sys.argv[1:]
    run = subprocess.run([str(python), "-m", f"benchmarks.matching.peers.{module}", *given], cwd=_ROOT, check=False)
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
