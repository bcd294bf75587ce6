"""The sealed tree outside the database: a folder in C2SP's tlog-tiles layout, which only ever grows.

`checkpoint` is the newest cosigned checkpoint, `tile/<level>/<number>` 256 hashes each (fewer in `<number>.p/<width>`),
`history` one line for each checkpoint that was published: seconds since 1970, size, root. Hashes only: what was done
and by whom stays in the database, where it can be purged when its time is over (R 7.13).
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from childindex.audit import tree
from childindex.audit.tree import HASH_BYTES

WIDTH = 256  # hashes of a full tile: eight levels of the tree
_LEVELS = 8


class TilesAltered(Exception):
    """What lies in the folder is not what was written there. `position` is the first leaf that can be affected."""

    def __init__(self, message: str, *, position: int) -> None:
        """`position` counts from 0."""
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One checkpoint that was published: when, how large the tree was, and its root."""

    moment: int
    size: int
    root: bytes

    @classmethod
    def parse(cls, line: str) -> Sealed:
        """Read from a line; `ValueError` if it is none."""
        moment, size, root = line.split(" ")
        return cls(moment=int(moment), size=int(size), root=b64decode(root, validate=True))

    def __str__(self) -> str:
        return f"{self.moment} {self.size} {b64encode(self.root).decode()}\n"


def tile_path(level: int, number: int, width: int = WIDTH) -> Path:
    """Where a tile lies: three digits a folder, an x before all but the last."""
    digits = [f"{number % 1000:03}"]
    while number := number // 1000:
        digits.insert(0, f"x{number % 1000:03}")
    path = Path("tile", str(level), *digits)
    return path if width == WIDTH else path.with_name(path.name + ".p") / str(width)


@dataclass(slots=True)
class Tiles:
    """The folder as whoever reads it sees it."""

    folder: Path
    _cached: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def checkpoint(self) -> bytes:
        """The newest checkpoint as it was written; empty where none was yet."""
        try:
            return (self.folder / "checkpoint").read_bytes()
        except FileNotFoundError:
            return b""

    def history(self) -> Iterator[Sealed]:
        """Every published checkpoint, oldest first. What a crash cut short is left out."""
        return read_history(self.folder / "history")

    def tile(self, level: int, number: int, width: int = WIDTH) -> bytes:
        """The first `width` hashes of a tile, also from one that holds more. Refused with `TilesAltered` where they are missing."""
        for path in self._holding(level, number, width):
            try:
                hashes = (self.folder / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            if len(hashes) >= width * HASH_BYTES:
                return hashes[: width * HASH_BYTES]
        first = number * WIDTH ** (level + 1)
        raise TilesAltered(f"tile {level}/{number} of {width} hashes is missing or cut short", position=first)

    def _holding(self, level: int, number: int, width: int) -> Iterator[Path]:
        """Where so many hashes of a tile can be: in a file of their own, in the full tile, in a wider beginning of it."""
        own = tile_path(level, number, width)
        yield own
        if width < WIDTH:
            yield tile_path(level, number)
            wider = (self.folder / own).parent
            yield from sorted(path for path in wider.glob("[0-9]*") if int(path.name) > width)

    def hashes(self, first: int, end: int) -> Iterator[bytes]:
        """The hashes of the leaves from `first` to `end`, in their order."""
        for number in range(first // WIDTH, -(-end // WIDTH)):
            begins = number * WIDTH
            held = self.tile(0, number, min(WIDTH, end - begins))
            for at in range(max(first - begins, 0) * HASH_BYTES, len(held), HASH_BYTES):
                yield held[at : at + HASH_BYTES]

    def node(self, size: int) -> tree.Node:
        """The perfect subtrees of the first `size` leaves, for `tree`'s proofs."""

        def node(level: int, index: int) -> bytes:
            height, within = divmod(level, _LEVELS)
            first = index << within
            number = first // WIDTH
            width = min(WIDTH, (size >> _LEVELS * height) - number * WIDTH)
            held = self._tile_of(height, number, width)
            begin = first % WIDTH * HASH_BYTES
            return tree.root_of(
                held[at : at + HASH_BYTES] for at in range(begin, begin + (HASH_BYTES << within), HASH_BYTES)
            )

        return node

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves, from the highest tiles that hold them."""
        return tree.root(size, self.node(size))

    def _tile_of(self, level: int, number: int, width: int) -> bytes:
        """A tile, kept in memory if it is full: those never change."""
        if width < WIDTH:
            return self.tile(level, number, width)
        if (level, number) not in self._cached:
            if len(self._cached) >= 64:
                self._cached.pop(next(iter(self._cached)))
            self._cached[level, number] = self.tile(level, number)
        return self._cached[level, number]


@dataclass(slots=True)
class TileWriter:
    """The folder as the one process that adds to it sees it; `size` leaves are written."""

    tiles: Tiles
    size: int
    _open: list[bytearray] = field(default_factory=list)  # the last, unfinished tile of each level

    @classmethod
    def at(cls, folder: Path, size: int) -> TileWriter:
        """Goes on after the first `size` leaves. Refused with `TilesAltered` where one of their tiles is missing."""
        tiles = Tiles(folder)
        unfinished: list[bytearray] = []
        count = size
        while count:
            number, width = divmod(count, WIDTH)
            unfinished.append(bytearray(tiles.tile(len(unfinished), number, width) if width else b""))
            count = number
        return cls(tiles, size, unfinished)

    def append(self, hashes: Iterable[bytes]) -> None:
        """Writes the tiles that these leaves finish, then what is left over of each level; all is on disk when this ends.

        What an earlier try left behind beyond the published checkpoint is replaced.
        """
        before, written = self.size, list[Path]()
        for hashed in hashes:
            self._add(0, hashed, written)
            self.size += 1
        for level, held in enumerate(self._open):
            number, width = self.size // WIDTH ** (level + 1), len(held) // HASH_BYTES
            if held and before // WIDTH**level != self.size // WIDTH**level:
                written.append(self._write(tile_path(level, number, width), held))
        for folder in sorted({path.parent for path in written}):
            sync_folder(folder)
        for path in written:
            _drop_beginnings(path)

    def _add(self, level: int, hashed: bytes, written: list[Path]) -> None:
        if level == len(self._open):
            self._open.append(bytearray())
        held = self._open[level]
        held += hashed
        if len(held) < WIDTH * HASH_BYTES:
            return
        written.append(self._write(tile_path(level, self.size // WIDTH ** (level + 1)), held))
        above = tree.fold(bytes(held))
        held.clear()
        self._add(level + 1, above, written)

    def _write(self, place: Path, held: bytearray) -> Path:
        path = self.tiles.folder / place
        write_whole(path, bytes(held))
        return path

    def publish(self, note: bytes, sealed: Sealed) -> None:
        """Puts a cosigned checkpoint in the place of the one before, and adds its line to the history."""
        write_whole(self.tiles.folder / "checkpoint", note)
        sync_folder(self.tiles.folder)
        append_line(self.tiles.folder / "history", str(sealed))


def read_history(path: Path) -> Iterator[Sealed]:
    """The lines of a history file. A last line without its end was cut short by a crash and is left out."""
    if not path.exists():
        return
    with path.open(encoding="ascii") as file:
        for line in file:
            if line.endswith("\n"):
                yield Sealed.parse(line.rstrip("\n"))


def append_line(path: Path, line: str) -> None:
    """Adds a line and waits until it is on disk; what an earlier crash cut short is taken away first."""
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 4096))
        tail = file.read()
        file.truncate(end - len(tail) + tail.rfind(b"\n") + 1)
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, and waits until its content is on disk; its name is once its folder is synced."""
    _make_folder(path.parent)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each on disk before anything is put into it."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def _drop_beginnings(path: Path) -> None:
    """A full tile says all that its beginnings did; called once it is on disk."""
    begun = path.with_name(path.name + ".p")
    if begun.exists():
        for file in begun.iterdir():
            file.unlink()
        begun.rmdir()


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
