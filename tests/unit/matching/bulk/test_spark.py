"""What is said when Spark cannot be used. That it links alike is tests/matching/test_spark.py."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator

import pytest

from childindex.matching.bulk.spark import NoSpark, check_master, on_spark

pytestmark = pytest.mark.enable_socket  # a master is asked on this machine's own address whether it is there


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine where somebody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent() -> int:
    """A port of this machine where nobody does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return int(port)


def test_without_the_extra_the_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(NoSpark, match=r"pip install 'childindex\[spark\]'"), on_spark("spark://127.0.0.1:1"):
        raise AssertionError("there is no Spark")


def test_a_master_that_answers_will_do_and_so_will_one_of_several(listening: int, silent: int) -> None:
    check_master(f"spark://127.0.0.1:{listening}")
    check_master(f"spark://127.0.0.1:{silent},127.0.0.1:{listening}")


def test_a_master_that_does_not_answer_is_named(silent: int) -> None:
    with pytest.raises(NoSpark, match=f"No Spark master answers at spark://127.0.0.1:{silent}: start it, or give"):
        check_master(f"spark://127.0.0.1:{silent}")


@pytest.mark.parametrize(
    "address", ["spark://", "spark://127.0.0.1", "spark://127.0.0.1:master", "spark://127.0.0.1:99999"]
)
def test_an_address_that_is_none_is_a_master_that_does_not_answer(address: str) -> None:
    with pytest.raises(NoSpark, match="No Spark master answers"):
        check_master(address)


def test_managers_that_are_not_spark_s_own_are_left_to_spark() -> None:
    check_master("local[2]")
    check_master("yarn")
