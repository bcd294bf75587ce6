"""Supply files as rows of texts, read as a stream: CSV or one JSON object a line, either of them packed with gzip."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from childindex.supply.formats.columns import COLUMNS, REQUIRED
from childindex.supply.formats.mapping import Mapping
from childindex.supply.formats.problems import FileHeld, Rejection

_LONGEST_LINE = 65_536
_MOST_CHARACTERS = 8 * 2**30
_MOST_UNKNOWN = 1_000
_GZIP = b"\x1f\x8b"
_OTHER_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_DELIMITERS = ";\t|"

Cells = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where each column of the contract stands in a row, and how many columns of the file are none of ours."""

    places: dict[str, int]
    width: int
    unknown: int
    json: bool


@contextmanager
def opened(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a file, unpacked and decoded, none of them held longer than it takes to read it.

    Raises FileHeld for a file that cannot be opened, is empty, is not UTF-8, holds a NUL, or breaks off.
    """
    try:
        file = path.open("rb")
    except OSError:
        raise FileHeld("file_missing") from None
    with file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        raw = gzip.GzipFile(fileobj=file) if packed else file
        try:
            _check_beginning(raw.read(4))
            raw.seek(0)
        except gzip.BadGzipFile:
            raise FileHeld("gzip") from None
        except (EOFError, zlib.error):
            raise FileHeld("truncated") from None
        with io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            yield _lines(text)


def _check_beginning(first: bytes) -> None:
    """An empty file and UTF-16 are told apart before anything is decoded."""
    if not first.removeprefix(codecs.BOM_UTF8):
        raise FileHeld("empty")
    if first.startswith(_OTHER_BOMS):
        raise FileHeld("encoding")


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """Lines with their ends, each bounded, so that one endless line cannot fill the memory."""
    readline, characters = text.readline, 0
    try:
        while line := readline(_LONGEST_LINE):
            if "\0" in line:
                raise FileHeld("nul")
            if len(line) == _LONGEST_LINE and not line.endswith("\n"):
                raise FileHeld("line_too_long")
            characters += len(line)
            if characters > _MOST_CHARACTERS:
                raise FileHeld("too_large")
            yield line
    except UnicodeDecodeError:
        raise FileHeld("encoding") from None
    except gzip.BadGzipFile:
        raise FileHeld("gzip") from None
    except (EOFError, zlib.error):
        raise FileHeld("truncated") from None


def read_header(lines: Iterator[str], mapping: Mapping) -> tuple[Header, Iterator[str]]:
    """The header and the lines of the rows after it; for JSON there is no header and every line is a row."""
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise FileHeld("empty")
    if first.lstrip().startswith("{"):
        return _json_header(), _put_back(first, lines)
    # The header itself may have quoted names, and in theory a line break in one.
    rows = csv.reader(_put_back(first, lines), strict=True)
    try:
        names = [name.strip().lower() for name in next(rows)]
    except csv.Error:
        raise FileHeld("quoting") from None
    if len(names) == 1 and any(other in first for other in _OTHER_DELIMITERS):
        raise FileHeld("delimiter")
    return _csv_header(names, mapping), lines


def _put_back(first: str, lines: Iterator[str]) -> Iterator[str]:
    """The first line again, then the rest."""
    yield first
    yield from lines


def _json_header() -> Header:
    """In JSON each line names its own keys; the places are those of `COLUMNS`."""
    return Header(places={name: place for place, name in enumerate(COLUMNS)}, width=len(COLUMNS), unknown=0, json=True)


def _csv_header(names: list[str], mapping: Mapping) -> Header:
    """Find our columns by our names or the mapping's; raises FileHeld for what is missing or stands twice."""
    theirs = mapping.theirs()
    unseen = [ours for ours, name in theirs.items() if ours in mapping.columns and name not in names]
    if unseen:
        raise FileHeld("mapped_column_missing", f"It is the one for {', '.join(unseen)}.")
    doubled = [ours for ours, name in theirs.items() if names.count(name) > 1]
    if doubled:
        raise FileHeld("duplicate_column", f"It is {', '.join(doubled)}.")
    places = {ours: names.index(name) for ours, name in theirs.items() if name in names}
    missing = [name for name in REQUIRED if name not in places]
    if missing:
        raise FileHeld("missing_column", f"It is {', '.join(missing)}.")
    return Header(places=places, width=len(names), unknown=len(names) - len(set(places.values())), json=False)


def read_csv(lines: Iterator[str], header: Header) -> Iterator[tuple[int, Cells | Rejection]]:
    """Each row with its number, or why it is none. Raises FileHeld where the file stops making sense.

    A last row that is short and has no line end is a file that broke off.
    """
    ends = _Ends(lines)
    number, width = 1, header.width
    rows = csv.reader(ends, strict=True)
    try:
        for cells in rows:
            if len(cells) == width:
                number += 1
                yield number, cells
            elif cells:
                number += 1
                if len(cells) < width and not ends.last.endswith(("\n", "\r")):
                    raise FileHeld("truncated")
                yield number, Rejection(row=number, column="", code="cells")
    except csv.Error:
        raise FileHeld("quoting", f"It is near row {number + 1}.") from None


class _Ends:
    """Lines going by, remembering the last one."""

    def __init__(self, lines: Iterator[str]) -> None:
        """Nothing has gone by yet."""
        self.lines, self.last = lines, "\n"

    def __iter__(self) -> Iterator[str]:
        """The reader pulls the lines from here."""
        for line in self.lines:
            self.last = line
            yield line


class _NotFlat(ValueError):
    """A JSON line is not one flat object of plain values, or says a key twice."""


def read_json(lines: Iterator[str], mapping: Mapping, unknown: set[str]) -> Iterator[tuple[int, Cells | Rejection]]:
    """Each line's values in the order of `COLUMNS`; names of keys that are not ours go into `unknown`."""
    places = {name: COLUMNS.index(ours) for ours, name in mapping.theirs().items()}
    number, good = 0, False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cells = _json_cells(line, places, unknown)
        except (ValueError, RecursionError):
            if not line.endswith("\n") and good:
                raise FileHeld("truncated") from None
            if not good and number == 1:
                raise FileHeld("not_json") from None
            yield number, Rejection(row=number, column="", code="not_json")
            continue
        good = True
        yield number, cells


def _json_cells(line: str, places: dict[str, int], unknown: set[str]) -> list[str]:
    """One line's texts; raises _NotFlat."""
    pairs = json.loads(line, object_pairs_hook=_once)
    if not isinstance(pairs, dict):
        raise _NotFlat
    cells = [""] * len(COLUMNS)
    for key, value in pairs.items():
        place = places.get(key.lower())
        if place is None:
            if len(unknown) < _MOST_UNKNOWN:
                unknown.add(key)
        else:
            cells[place] = _plain(value)
    return cells


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys stand once each."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotFlat
    return found


def _plain(value: object) -> str:
    """A JSON value as the CSV would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise _NotFlat
