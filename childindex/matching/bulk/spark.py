"""An existing Spark as the engine of bulk linking: found and entered here; `frames.py` is the work."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from childindex.matching.bulk.link import Engine

_PREFIX: Final = "spark://"
_SECONDS: Final = 5.0


class NoSpark(RuntimeError):
    """Spark cannot be used; the message says why, and what to do."""


@contextmanager
def on_spark(master: str | None) -> Iterator[Engine]:
    """The engine at a master such as "spark://HOST:7077", until the block ends. Raises NoSpark."""
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - an optional extra
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415

        from childindex.matching.bulk.frames import OnSpark  # noqa: PLC0415
    except ModuleNotFoundError as fault:
        raise NoSpark("--engine spark needs an optional extra: pip install 'childindex[spark]'") from fault
    if not master:
        raise NoSpark("--engine spark needs a Spark that is running: --spark-master spark://HOST:7077, or SPARK_MASTER")
    check_master(master)
    session = None
    try:
        session = _session(SparkSession.builder, master)
        yield OnSpark(session)
    except (PySparkException, Py4JError) as fault:
        # The cause comes last, but for the places in Java and Python that follow a line, further in.
        said = [line.strip('"') for line in str(fault).splitlines() if line.strip() and not line[0].isspace()]
        raise NoSpark(
            f"Spark at {master} failed. Each worker needs Java, this version of childindex where PYSPARK_PYTHON says, and the"
            f" files at the same paths. It said: {said[-1] if said else fault!r}"
        ) from fault
    finally:
        if session is not None:
            session.stop()


def _session(builder: Any, master: str) -> Any:
    """A session with that master; all else is as the Spark is configured."""
    options = {
        # Numbers of every record come to the driver: more than the gigabyte that Spark lets through unless told.
        "spark.driver.maxResultSize": "0",
        "spark.ui.showConsoleProgress": "false",
    }
    session = builder.master(master).appName("childindex link").config(map=options).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def check_master(master: str) -> None:
    """Raises NoSpark when none of the masters of a standalone Spark answers; Spark itself would try for a minute. Others are not looked at."""
    if not master.startswith(_PREFIX):
        return
    for address in master.removeprefix(_PREFIX).split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=_SECONDS).close()
        except (OSError, ValueError, OverflowError):
            continue
        return
    raise NoSpark(f"No Spark master answers at {master}: start it, or give the address of one with --spark-master")
