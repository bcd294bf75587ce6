"""The folder of tiles: its layout, what it proves, and where it goes on after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from childindex.audit import tiles, tree
from childindex.audit.tiles import Sealed, Tiles, TilesAltered, TileWriter, tile_path

LEAVES = [tree.leaf_hash(number.to_bytes(4)) for number in range(70_000)]


def write(folder: Path, sizes: list[int]) -> TileWriter:
    """The tree in as many steps as there are sizes."""
    writer = TileWriter.at(folder, 0)
    for size in sizes:
        writer.append(LEAVES[writer.size : size])
    return writer


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all leaves."""
    folder = tmp_path_factory.mktemp("grown")
    write(folder, [70_000])
    return folder


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder / "tile")) for path in (folder / "tile").rglob("*") if path.is_file()}


def test_paths_are_those_of_the_specification() -> None:
    assert str(tile_path(0, 1234067)) == "tile/0/x001/x234/067"
    assert str(tile_path(1, 5, 17)) == "tile/1/005.p/17"


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts(grown: Path) -> None:
    levels = [sorted(name for name in files(grown) if name.startswith(f"{level}/")) for level in range(3)]
    assert len(levels[0]) == 274
    assert "0/273.p/112" in levels[0]
    assert levels[1] == ["1/000", "1/001.p/17"]
    assert levels[2] == ["2/000.p/1"]
    assert Tiles(grown).root(70_000) == tree.root_of(LEAVES)


@pytest.mark.parametrize("sizes", [[256], [100, 256, 356], [100, 612], [1, 2, 255, 257], [256, 512, 1024, 1300]])
def test_however_it_grew_it_is_the_same_tree(tmp_path: Path, sizes: list[int]) -> None:
    write(tmp_path, sizes)
    for size in sizes:
        assert Tiles(tmp_path).root(size) == tree.root_of(LEAVES[:size])
    assert list(Tiles(tmp_path).hashes(0, sizes[-1])) == LEAVES[: sizes[-1]]


def test_a_finished_tile_takes_the_place_of_its_beginnings(tmp_path: Path) -> None:
    write(tmp_path, [100, 200])
    assert files(tmp_path) == {"0/000.p/100", "0/000.p/200"}
    write(tmp_path / "b", [100, 200, 256])
    assert files(tmp_path / "b") == {"0/000", "1/000.p/1"}


def test_proofs_come_from_tiles(grown: Path) -> None:
    held, root = Tiles(grown), tree.root_of(LEAVES)
    for position in (0, 255, 256, 65_535, 65_536, 69_999):
        proof = tree.inclusion(position, 70_000, held.node(70_000))
        assert tree.is_included(position, 70_000, LEAVES[position], proof, root)
    for old in (1, 256, 257, 65_536, 69_888, 69_999):
        proof = tree.consistency(old, 70_000, held.node(70_000))
        assert tree.is_consistent(old, 70_000, tree.root_of(LEAVES[:old]), root, proof)


def test_a_part_of_the_leaves(tmp_path: Path) -> None:
    write(tmp_path, [1000])
    held = Tiles(tmp_path)
    for first, end in [(0, 1), (255, 257), (300, 300), (700, 1000), (999, 1000)]:
        assert list(held.hashes(first, end)) == LEAVES[first:end]


def test_it_goes_on_from_any_size_and_over_what_a_crash_left(tmp_path: Path) -> None:
    """Tiles beyond the published size are nobody's word yet: other leaves may take their places."""
    write(tmp_path, [300, 900])
    again = TileWriter.at(tmp_path, 300)
    others = [tree.leaf_hash(b"other" + number.to_bytes(4)) for number in range(700)]
    again.append(others)
    assert Tiles(tmp_path).root(1000) == tree.root_of([*LEAVES[:300], *others])


@pytest.mark.parametrize("name", ["0/000", "0/001.p/44"])
def test_a_missing_tile_is_noticed_and_where(tmp_path: Path, name: str) -> None:
    write(tmp_path, [300])
    (tmp_path / "tile" / name).unlink()
    with pytest.raises(TilesAltered) as caught:
        list(Tiles(tmp_path).hashes(0, 300))
    assert caught.value.position == (0 if name == "0/000" else 256)


def test_a_tile_cut_short_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, [300])
    path = tmp_path / "tile/0/000"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(TilesAltered):
        list(Tiles(tmp_path).hashes(0, 300))


def test_what_is_published_is_read_back(tmp_path: Path) -> None:
    writer = write(tmp_path, [10])
    assert writer.tiles.checkpoint() == b""
    assert list(writer.tiles.history()) == []
    lines = [Sealed(moment=size, size=size, root=tree.root_of(LEAVES[:size])) for size in (5, 10)]
    for line in lines:
        writer.publish(f"{line.size}".encode(), line)
    assert writer.tiles.checkpoint() == b"10"
    assert list(writer.tiles.history()) == lines


def test_a_line_that_a_crash_cut_short_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "history"
    first, second = (Sealed(moment=n, size=n, root=bytes(32)) for n in (1, 2))
    tiles.append_line(path, str(first))
    with path.open("ab") as file:
        file.write(str(second).encode()[:-3])
    assert list(tiles.read_history(path)) == [first]
    tiles.append_line(path, str(second))
    assert list(tiles.read_history(path)) == [first, second]
