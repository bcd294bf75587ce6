"""The four set-up files of an index: organisations.csv, services.csv, feeds.toml and postcodes.csv."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeVar

from childindex.directory.types import Feed, Organisation, Register, ServiceType
from childindex.kernel.places import read_postcode
from childindex.supply.formats.columns import COLUMNS
from childindex.supply.formats.problems import Wrong
from childindex.supply.formats.values import organisation, phone, tidy, truth

Value = TypeVar("Value")

_ORGANISATIONS = {
    "organisation_id": 60,
    "name": 150,
    "kind": 30,
    "sector": 30,
    "authority": 9,
    "phone": 40,
    "out_of_hours_phone": 40,
    "hours": 100,
}
_SERVICES = {"service_type": 40, "name": 100, "kind": 30, "sector": 30, "coverage": 12, "sensitive": 5}
_POSTCODES = {"postcode": 10, "authority": 9}
_FEED_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")
_CODE = re.compile(r"[a-z][a-z0-9_-]*")
_DUTIES = ("must", "may", "agreed")
_COVERAGES = ("universal", "additional")
_REMOVALS_PERCENT = 5
# Carers come as three columns and are believed or not as one.
_RANKED = (*COLUMNS, "carers")


class RegisterWrong(Exception):
    """A set-up file cannot be used. `sentence` names the file, and the row or table where it stands."""

    def __init__(self, file: str, sentence: str) -> None:
        """Set-up files hold no person, so the place may be named in full."""
        self.file = file
        self.sentence = f"{file}: {sentence}"
        super().__init__(self.sentence)


def read_register(folder: Path, *, authorities: Collection[str] | None) -> Register:
    """Read and check the four files. `authorities` are the GSS codes there are, None where that is not asked.

    Raises RegisterWrong at the first fault.
    """
    organisations = _keyed("organisations.csv", _read(folder, "organisations.csv", _ORGANISATIONS, _organisation))
    services = _keyed("services.csv", _read(folder, "services.csv", _SERVICES, _service))
    postcodes = {code: gss for _, (code, gss) in _read(folder, "postcodes.csv", _POSTCODES, _postcode)}
    for file, place, code in [
        *[("organisations.csv", one.code, one.authority) for one in organisations.values()],
        *[("postcodes.csv", code, gss) for code, gss in postcodes.items()],
    ]:
        if code and authorities is not None and code not in authorities:
            raise RegisterWrong(file, f"{place} names {code!r}, which is not the GSS code of an authority.")
    feeds = _feeds(folder / "feeds.toml")
    for feed in feeds:
        kinds = {service.kind for service in services.values()}
        _check_feed(feed, organisations, kinds, feed.authorities if authorities is None else authorities)
    return Register(
        organisations=tuple(organisations.values()),
        service_types=tuple(services.values()),
        feeds=tuple(feeds),
        postcodes=postcodes,
    )


def _text(path: Path) -> str:
    """A whole file; set-up files are small."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise RegisterWrong(path.name, "it cannot be opened.") from None
    except UnicodeDecodeError:
        raise RegisterWrong(path.name, "it is not UTF-8 text.") from None


def _read(
    folder: Path, file: str, lengths: dict[str, int], make: Callable[[dict[str, str]], Value]
) -> Iterator[tuple[int, Value]]:
    """The rows of one CSV file as values, with their numbers."""
    rows = csv.DictReader(io.StringIO(_text(folder / file), newline=""), strict=True)
    header = rows.fieldnames or []
    missing = [name for name in lengths if name not in header]
    if missing or len(set(header)) < len(header):
        raise RegisterWrong(file, f"the header must be {','.join(lengths)}.")
    try:
        for number, row in enumerate(rows, start=2):
            try:
                yield number, make(_cells(row, lengths))
            except Wrong as wrong:
                raise RegisterWrong(file, f"row {number}, {wrong.column}: not usable ({wrong.code}).") from None
    except csv.Error:
        raise RegisterWrong(file, "it is not comma-separated values.") from None


def _cells(row: dict[str, Any], lengths: dict[str, int]) -> dict[str, str]:
    """Tidy texts of the columns we know; raises Wrong with the column."""
    if None in row or None in row.values():
        raise Wrong("cells", "row")
    return {name: _value(tidy, row, name, longest) for name, longest in lengths.items()}


def _value(reader: Callable[[str], Any], row: dict[str, str], name: str, longest: int = 200) -> Any:
    """One cell through a reader; empty cells stay empty."""
    raw = row[name].strip()
    if not raw:
        return ""
    if len(raw) > longest:
        raise Wrong("too_long", name)
    try:
        return reader(raw)
    except Wrong as wrong:
        raise Wrong(wrong.code, name) from None


def _needed(row: dict[str, str], *names: str) -> None:
    """These cells must not be empty."""
    for name in names:
        if not row[name]:
            raise Wrong("missing", name)


def _organisation(row: dict[str, str]) -> Organisation:
    """One row of organisations.csv."""
    _needed(row, "organisation_id", "name", "kind", "sector")
    return Organisation(
        code=_value(organisation, row, "organisation_id"),
        name=row["name"],
        kind=row["kind"],
        sector=row["sector"],
        authority=row["authority"],
        phone=_value(phone, row, "phone"),
        out_of_hours_phone=_value(phone, row, "out_of_hours_phone"),
        hours=row["hours"],
    )


def _service(row: dict[str, str]) -> ServiceType:
    """One row of services.csv. A service nobody has called harmless is sensitive (R 1.23)."""
    _needed(row, "service_type", "name", "kind", "sector", "coverage")
    if not _CODE.fullmatch(row["service_type"]):
        raise Wrong("code", "service_type")
    if row["coverage"] not in _COVERAGES:
        raise Wrong("not_in_list", "coverage")
    sensitive = _value(truth, row, "sensitive")
    return ServiceType(
        code=row["service_type"],
        name=row["name"],
        kind=row["kind"],
        sector=row["sector"],
        coverage=row["coverage"],
        sensitive=sensitive is not False,
    )


def _postcode(row: dict[str, str]) -> tuple[str, str]:
    """One row of postcodes.csv."""
    found = read_postcode(row["postcode"])
    if found is None:
        raise Wrong("postcode", "postcode")
    return found, row["authority"]


def _keyed(file: str, rows: Iterator[tuple[int, Value]]) -> dict[str, Value]:
    """By code; a code may stand once."""
    found: dict[str, Value] = {}
    for number, value in rows:
        code = getattr(value, "code")  # noqa: B009 - both kinds of row have one
        if code in found:
            raise RegisterWrong(file, f"row {number}: {code} stands twice.")
        found[code] = value
    if not found:
        raise RegisterWrong(file, "it has no rows.")
    return found


def _feeds(path: Path) -> list[Feed]:
    """The tables of feeds.toml, one a feed."""
    try:
        tables = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError:
        raise RegisterWrong(path.name, "it is not TOML.") from None
    if not tables:
        raise RegisterWrong(path.name, "it has no feeds.")
    return [_feed(name, table) for name, table in tables.items()]


def _feed(name: str, table: object) -> Feed:
    """One table; raises RegisterWrong naming the feed and the key."""
    if not _FEED_NAME.fullmatch(name) or not isinstance(table, dict):
        raise RegisterWrong("feeds.toml", f"[{name[:60]}] is not the name of a feed: small letters, digits, - and _.")
    given = {"rank": 100, "removals_percent": _REMOVALS_PERCENT, "precedence": {}, **table}
    for key, good in _FEED_KEYS.items():
        if not good(given.get(key)):
            raise RegisterWrong("feeds.toml", f"[{name}] {key} is missing or is not what it should be.")
    return Feed(
        name=name,
        supplier=given["supplier"],
        organisation=given["organisation_id"],
        legal_basis=given["legal_basis"],
        duty=given["duty"],
        cadence_days=given["cadence_days"],
        kinds=tuple(given["kinds"]),
        authorities=tuple(given["authorities"]),
        fields=frozenset(given["fields"]),
        rank=given["rank"],
        precedence=given["precedence"],
        removals_percent=given["removals_percent"],
    )


def _is_text(longest: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and 0 < len(value) <= longest


def _is_number(most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and 0 <= value <= most


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_ranks(value: object) -> bool:
    return isinstance(value, dict) and all(type(rank) is int and rank >= 0 for rank in value.values())


_FEED_KEYS: dict[str, Callable[[object], bool]] = {
    "supplier": _is_text(150),
    "organisation_id": _is_text(60),
    "legal_basis": _is_text(150),
    "duty": _is_text(12),
    "kinds": _is_list,
    "authorities": _is_list,
    "fields": _is_list,
    "cadence_days": _is_number(366),
    "rank": _is_number(1_000_000),
    "removals_percent": _is_number(100),
    "precedence": _is_ranks,
}


def _check_feed(
    feed: Feed, organisations: Collection[str], kinds: Collection[str], authorities: Collection[str]
) -> None:
    """What a feed names must exist."""
    for what, named, known in (
        ("organisation_id", {feed.organisation}, organisations),
        ("duty", {feed.duty}, _DUTIES),
        ("kinds", set(feed.kinds), kinds),
        ("authorities", set(feed.authorities), authorities),
        ("fields", set(feed.fields), COLUMNS),
        ("precedence", set(feed.precedence), _RANKED),
    ):
        unknown = sorted(named - set(known))
        if unknown:
            raise RegisterWrong("feeds.toml", f"[{feed.name}] {what} names {unknown[0][:60]!r}, which there is not.")
