"""Becoming one of the kinds of process: its settings, its database login, and what it then does for ever."""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, cast

import django

from childindex.project.console import CommandError
from childindex.project.database import Address, DatabaseError, Process, check_login, is_demo

if TYPE_CHECKING:
    from procrastinate.contrib.django.django_connector import DjangoConnector

SETTINGS = "childindex.project.settings.practitioner"
WSGI = "childindex.project.wsgi:application"


def become(process: Process) -> None:
    """Sets Django up as this kind of process. Refused with the list of missing settings."""
    os.environ["CHILDINDEX_PROCESS"] = process.value
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()
    stop_with_parent()


def owner_address() -> Address:
    """The index's database entered as its owner, as the settings of the process that we have become name it."""
    from django.conf import settings  # noqa: PLC0415 - settings are read only once the kind of process is known

    return Address(parameters=settings.OWNER_ADDRESS)


def enter_alone(process: Process) -> None:
    """Becomes this kind of process for good: under its own login, without the owner's address, which no process that runs may hold (T18).

    Refused if the login is another's, or may do more than its own grants say.
    """
    become(process)
    from django.conf import settings  # noqa: PLC0415 - settings are read only once the kind of process is known

    own = Address.parse(settings.OWN_ADDRESS)
    check_login(own, process)
    if settings.DEMO:
        check_made_up(own)
    # What this process starts in its turn inherits the environment.
    os.environ[f"DATABASE_URL_{process.name}"] = settings.OWN_ADDRESS
    os.environ.pop("DATABASE_URL", None)


def check_made_up(address: Address) -> None:
    """Refused with `DatabaseError` unless the database is marked as made up: the demonstration, which is training mode, has no real child (R 7.07)."""
    if not is_demo(address):
        raise DatabaseError(f"The database {address.name} is not marked as a demo's, and may hold real children.")


def stop_with_parent() -> None:
    """Ends this process as a polite kill would when whoever started it is gone, however that came about.

    Only where CHILDINDEX_STOP_WITH_PARENT is 1: then standard input is a pipe that nobody writes to, and its end is the parent's.
    """
    if os.environ.get("CHILDINDEX_STOP_WITH_PARENT") != "1":
        return

    def wait_for_the_end() -> None:
        os.read(0, 1)  # not through sys.stdin, whose lock a thread may not hold when the interpreter ends
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


def serve(*, host: str, port: int, workers: int) -> None:
    """Serves the practitioner and console site until it is told to stop. Refused if the port is taken, or as another's login."""
    enter_alone(Process.WEB)
    check_port(host, port)
    from granian import Granian  # noqa: PLC0415 - heavy, and no other command needs it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        WSGI,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=2,
        log_access=False,  # addresses of requests are no business of a log
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve()


def work(*, concurrency: int) -> None:
    """Does the jobs that the web process has asked for, until it is told to stop; a job that has begun is finished first.

    Refused as another's login.
    """
    enter_alone(Process.WORKER)
    from procrastinate.contrib.django import app  # noqa: PLC0415 - exists only once Django is set up

    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as worker_app:
        worker_app.run_worker(concurrency=concurrency, delete_jobs="successful", shutdown_graceful_timeout=20)


def collect() -> None:
    """Collects style sheets and pictures with a hash in their names, compressed; what is served from then on."""
    become(Process.OWNER)
    from django.conf import settings  # noqa: PLC0415 - settings are read only once the kind of process is known
    from django.core.management import call_command  # noqa: PLC0415

    settings.STORAGES["staticfiles"]["BACKEND"] = settings.COLLECTED_STORAGE
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def check_port(host: str, port: int) -> None:
    """Refused with `CommandError` if nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"{host} port {port} cannot be used ({error.strerror}). Choose another with --port."
            ) from error
