from __future__ import annotations

import ast
import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import synthetic
from synthetic import demo_picks, generate


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def share(flags: pl.Series) -> float:
    """Of the rows that are known, how many are true."""
    return float(flags.drop_nulls().to_numpy().mean())


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / f"{name}.csv", infer_schema=False)


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        generate(children=600, seed=seed, out=tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert digests(tmp_path / "one")["births.csv"] != digests(tmp_path / "three")["births.csv"]


def test_one_child_is_enough(tmp_path: Path) -> None:
    assert generate(children=1, seed=1, out=tmp_path).children == 1


def test_two_suppliers_with_a_share_of_children_in_common_and_no_numbers(tmp_path: Path) -> None:
    summary = generate(
        children=1_000,
        seed=2,
        out=tmp_path,
        suppliers=("a", "b"),
        overlap=0.85,
        numbers=False,
        errors=("light", "medium"),
    )
    assert summary.records == {"a": 1_000, "b": 1_000}
    truth = read(tmp_path, "truth")
    held = {name: set(truth.filter(pl.col("source") == name)["person_id"]) for name in ("a", "b")}
    assert len(held["a"] & held["b"]) == 850
    for name in ("a", "b"):
        frame = read(tmp_path, name)
        assert len(frame) == 1_000
        assert all(frame[column].null_count() == 1_000 for column in ("nhs_number", "uprn"))
    assert truth.group_by("source").agg(pl.col("group_errors").first()).sort("source").rows() == [
        ("a", "light"),
        ("b", "medium"),
    ]


def test_a_heavier_level_makes_more_mistakes_of_its_own(tmp_path: Path) -> None:
    generate(
        children=6_000, seed=3, out=tmp_path, suppliers=("a", "b", "c"), overlap=1.0, errors=("light", "light", "heavy")
    )
    truth = read(tmp_path, "truth")
    columns = ("family_name", "given_name", "birth_date", "postcode")
    known = {
        name: truth.filter(pl.col("source") == name)
        .join(read(tmp_path, name), on="record_id")
        .select("person_id", *columns)
        for name in ("a", "b", "c")
    }
    differs = {}
    for other in ("b", "c"):
        both = known["a"].join(known[other], on="person_id", suffix="_other")
        differs[other] = {name: share(both[name] != both[f"{name}_other"]) for name in columns}
    for name in columns:
        assert 0 < differs["b"][name] < differs["c"][name], name
    assert differs["b"]["birth_date"] < 0.03
    assert differs["c"]["birth_date"] > 0.02


def test_ages_are_those_of_the_reference_day(tmp_path: Path) -> None:
    generate(children=800, seed=4, out=tmp_path, suppliers=("gp_list",), reference=date(2024, 3, 1))
    whole = read(tmp_path, "gp_list")["birth_date"]
    assert whole.min() >= "2006"  # type: ignore[operator]
    assert whole.max() <= "2024-03-01"  # type: ignore[operator]


def test_progress_is_told_from_beginning_to_end(tmp_path: Path) -> None:
    told: list[float] = []
    generate(children=50, seed=1, out=tmp_path, progress=lambda _stage, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"children": 0},
        {"overlap": 0.0},
        {"overlap": 1.5},
        {"suppliers": ()},
        {"suppliers": ("a", "a")},
        {"suppliers": ("../a",)},
        {"errors": ("dreadful",)},
        {"suppliers": ("a",), "errors": ("light", "light")},
        {"authorities": ("Atlantis",)},
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path: Path, wrong: dict[str, object]) -> None:
    arguments = {"children": 10, "seed": 1, "out": tmp_path / "out", **wrong}
    with pytest.raises(ValueError, match=r"\w"):
        generate(**arguments)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_three_children_worth_looking_for(tmp_path: Path) -> None:
    generate(children=6_000, seed=1, out=tmp_path)
    picks = {pick.why: pick for pick in demo_picks(tmp_path)}
    assert set(picks) == {"misspelt", "shielded", "sensitive"}
    truth = read(tmp_path, "truth")
    for pick in picks.values():
        mine = truth.filter(pl.col("person_id") == pick.person_id)
        assert set(mine.select("source", "record_id").rows()) == set(pick.records)
        assert pick.search["birth_date"] == pick.birth_date
    misspelt = picks["misspelt"]
    assert misspelt.search["family_name"] != misspelt.family_name
    care = read(tmp_path, "social_care").filter(pl.col("record_id") == dict(misspelt.records)["social_care"])
    assert care["lead_professional"].to_list().count("true") == 1
    assert "sexual_health" in dict(picks["sensitive"].records)
    shielded = read(tmp_path, "social_care").filter(
        pl.col("record_id") == dict(picks["shielded"].records)["social_care"]
    )
    assert shielded["confidential"].to_list()[0] == "true"


def test_the_generator_shares_no_code_with_what_it_tests() -> None:
    """It imports nothing of the product, so that the matcher cannot meet its own lists again."""
    folder = Path(synthetic.__file__).parent
    imported = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {name.name.split(".")[0] for name in node.names}
    assert "childindex" not in imported
    assert {"numpy", "polars", "synthetic"} <= imported
