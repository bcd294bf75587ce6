"""Spark's own environment, `var/spark`: python -m benchmarks.matching.spark.environment.

The product with its extra `spark`, from requirements.lock (every file checked against its hash). Made once; the product's usual
environment is not touched. Prints its interpreter.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.matching.peers import environment

_HERE = Path(__file__).parent
ROOT = _HERE.parents[2]


def make() -> Path:
    """The environment's interpreter, which sees this checkout as the installed package."""
    python = environment.make(ROOT / "var" / "spark", _HERE / "requirements.lock")
    folder = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(folder) / "childindex.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    return python


if __name__ == "__main__":
    print(make())
