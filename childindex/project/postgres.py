"""An embedded PostgreSQL for the demo and the tests: found, created, started and stopped here; production has its own.

It listens on a unix socket only, in a folder closed to others, and lets in the operating system account that
started it (`peer`), as whichever database role it asks for. PostgreSQL refuses to run as root, so root's runs as `nobody`.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from childindex.project.folders import ROOT_STATE
from childindex.project.postgres_binaries import Binaries, PostgresError, find_binaries, run_quietly

SUPERUSER = "postgres"
SERVER_ACCOUNT = "nobody"
PORT = 5432  # only names the socket; nothing listens on the network
LONGEST_SOCKET_PATH = 100  # the system's limit is 107 bytes on Linux and 103 on macOS
START_SECONDS = 60
START_ATTEMPTS = 5
FIRST_BUILTIN_LOCALE = 17

DURABLE: Mapping[str, str] = {"shared_buffers": "256MB", "max_wal_size": "2GB", "maintenance_work_mem": "128MB"}
# Tests throw their data away: nothing has to survive a power cut.
DISPOSABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "autovacuum": "off",
}
ALWAYS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    # The server's log must not hold personal data: no statements, and no DETAIL lines with values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One embedded database server: its folder, its programs, and the roles that the current account may enter as."""

    folder: Path
    binaries: Binaries
    roles: tuple[str, ...]
    settings: Mapping[str, str]
    account: str | None  # the unprivileged account to run as; None runs as the current one

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "server.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket."""
        return socket_folder(self.folder)

    def url(self, *, role: str, database: str) -> str:
        """The address of a database in this cluster for one role."""
        return socket_url(self.folder, role=role, database=database)

    def running(self) -> bool:
        """Whether the server's process is alive; one that was killed and never collected by its parent is not."""
        lock = self.data / "postmaster.pid"
        if not lock.exists() or not _is_server(lock.read_text(encoding="utf-8").partition("\n")[0].strip()):
            return False
        return self._run("pg_ctl", "status", "-D", str(self.data)).returncode == 0

    def start(self) -> bool:
        """Creates the cluster if there is none and starts it if it is not running. Returns whether it was started now.

        Refused with `PostgresError` if the server cannot start; the message ends with the last lines of its log.
        """
        self._make_folders()
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.running():
                if self._admit(self.data):
                    self._run("pg_ctl", "reload", "-s", "-D", str(self.data))
                return False
            if not self.data.exists():
                self._create()
            self._check_version()
            self._admit(self.data)
            self._write(self.data / "childindex.conf", self._configuration())
            self._start_with_patience()
            return True

    def stop(self) -> None:
        """Stops the server, breaking off its connections; does nothing if it is not running."""
        if not self.running():
            return
        result = self._run("pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", str(START_SECONDS), "-D", str(self.data))
        if result.returncode != 0 and self.running():
            raise PostgresError(f"PostgreSQL did not stop: {result.stdout.strip()}")

    def remove(self) -> None:
        """Stops the server and deletes its folder with all data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.sockets != self.folder / "run":
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _create(self) -> None:
        """Prepares the new cluster under another name and renames it last: an interrupted attempt leaves nothing half made."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        arguments = ["-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", "--auth-local=peer", "--auth-host=reject"]
        result = self._run("initdb", *arguments, "--no-instructions", *self._locale())
        if result.returncode != 0:
            raise PostgresError(f"PostgreSQL ({self.binaries.source}) could not be prepared: {result.stdout.strip()}")
        self._write(fresh / "pg_hba.conf", "local all all peer map=childindex\n")
        self._write(fresh / "pg_ident.conf", "")
        self._admit(fresh)
        main = fresh / "postgresql.conf"
        self._write(main, main.read_text(encoding="utf-8") + "\ninclude 'childindex.conf'\n")
        self._write(fresh / "childindex.conf", self._configuration())
        fresh.rename(self.data)

    def _admit(self, data: Path) -> bool:
        """Lets the current account in as every role; a cluster of an earlier version knows fewer. Returns whether one was added."""
        people = pwd.getpwuid(os.geteuid()).pw_name
        path = data / "pg_ident.conf"
        before = path.read_text(encoding="utf-8")
        lines = (f"childindex {people} {role}\n" for role in (SUPERUSER, *self.roles))
        added = "".join(line for line in lines if line not in before)
        if added:
            self._write(path, before + added)
        return bool(added)

    def _locale(self) -> list[str]:
        if self.binaries.version >= FIRST_BUILTIN_LOCALE:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8"]

    def _configuration(self) -> str:
        settings = {**ALWAYS, **self.settings, "unix_socket_directories": str(self.sockets)}
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        return "# Written anew at each start by childindex/project/postgres.py\n" + "".join(lines)

    def _make_folders(self) -> None:
        for folder in (self.folder, self.sockets):
            folder.mkdir(parents=True, exist_ok=True)
            self._own(folder)
            if folder.stat().st_uid != self._uid():
                raise PostgresError(
                    f"{folder} belongs to another account. Remove it, or run as the account that made it."
                )
            folder.chmod(0o700)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        self._own(path)

    def _own(self, path: Path) -> None:
        if self.account:
            user = pwd.getpwnam(self.account)
            os.chown(path, user.pw_uid, user.pw_gid)

    def _uid(self) -> int:
        return pwd.getpwnam(self.account).pw_uid if self.account else os.geteuid()

    def _start_with_patience(self) -> None:
        """The children of a server that was killed take a moment to notice and let go of its memory, so one failure is not the last word."""
        command = ["start", "-s", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", str(self.log)]
        for attempt in range(START_ATTEMPTS):
            # After a crash the noted process id may belong to another program by now; the server would refuse to start for its sake.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            if self._run("pg_ctl", *command).returncode == 0:
                return
            time.sleep(0.2 * (attempt + 1))
        raise PostgresError(
            f"PostgreSQL ({self.binaries.source}) did not start. The end of {self.log}:\n{_tail(self.log)}"
        )

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if made_by != str(self.binaries.version):
            raise PostgresError(
                f"The data in {self.data} was made by PostgreSQL {made_by}, but version {self.binaries.version} was found "
                f"({self.binaries.source}). Set PG_BIN to the programs of version {made_by}, or start over: `make demo-reset`."
            )

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return run_quietly(
            [str(self.binaries.folder / program), *arguments], account=self.account, seconds=START_SECONDS * 2
        )


def embedded_cluster(
    folder: Path, *, roles: tuple[str, ...], settings: Mapping[str, str], environ: Mapping[str, str] = os.environ
) -> Cluster:
    """The cluster kept in `folder`, not yet started. Refused with `PostgresError` if no usable PostgreSQL is found."""
    account = SERVER_ACCOUNT if os.geteuid() == 0 else None
    binaries = find_binaries(environ, account=account, cache=ROOT_STATE)
    return Cluster(folder=folder, binaries=binaries, roles=roles, settings=settings, account=account)


def socket_folder(cluster: Path) -> Path:
    """The folder of a cluster's socket: inside the cluster's own, or a short one named after it where that path is too long."""
    own = cluster / "run"
    if len(os.fsencode(own / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET_PATH:
        return own
    digest = hashlib.sha256(str(cluster).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"childindex-{os.geteuid()}-{digest}"


def socket_url(cluster: Path, *, role: str, database: str) -> str:
    """The address of a database in a cluster; the cluster need not be running."""
    socket = quote(str(socket_folder(cluster)), safe="")
    return f"postgresql://{quote(role)}@/{quote(database)}?host={socket}&port={PORT}"


def _is_server(process: str) -> bool:
    """Whether this process id belongs to a living PostgreSQL. Without /proc there is no telling, and pg_ctl's word is taken."""
    if not process.isdecimal():
        return False
    if not Path("/proc/self/stat").exists():
        return True
    try:
        name, _, rest = (Path("/proc") / process / "stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
    except OSError:
        return False
    return name.startswith(("postgres", "postmaster")) and rest.split()[0] != "Z"


def _tail(path: Path) -> str:
    if not path.exists():
        return "(no log was written)"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
