"""Where this installation keeps its own files: beside the checkout, or where the unprivileged server account can reach them."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
ROOT_STATE = Path("/var/lib/childindex")


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of generated files (demo secrets, collected style sheets, the demo's database): `CHILDINDEX_VAR`, else `var` of the checkout."""
    return Path(environ.get("CHILDINDEX_VAR") or CHECKOUT / "var").absolute()


def cluster_folder(name: str, *, var: Path, as_root: bool) -> Path:
    """The folder of one embedded database, for instance `pg` or `pg-tests`.

    Root's folders are often closed to the account that the server must run as, so for root it lies under
    /var/lib, named after the folder it stands for.
    """
    if not as_root:
        return var / name
    digest = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    return ROOT_STATE / digest / name
