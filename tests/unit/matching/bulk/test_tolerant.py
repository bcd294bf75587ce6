"""A tolerant model: what shares one fact is compared, by letters, with names as common as they are in the files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from childindex.matching.bulk.explain import Place, explain
from childindex.matching.bulk.link import ThisMachine, link
from childindex.matching.bulk.order import Order
from childindex.matching.bulk.read import NotReadable, Source
from childindex.matching.bulk.tolerant import TolerantComparer, comparer, find, prepare
from childindex.matching.bulk.train import TrainOrder, train
from childindex.matching.engine.columns import Comparer
from childindex.matching.engine.levels import FIELD_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import SHIPPED, Model, NotAModel, Tolerant, load_model
from tests.unit.matching.bulk.made import AMY, Line, loaded, supply_file

NAMES = '  { level = "swapped_alike", m = 0.01, u = 0.0005 },\n  { level = "alike_70", m = 0.03, u = 0.005 },\n  { level = "alike_60", m = 0.01, u = 0.01 },\n'
HOMES = (
    '  { level = "alike_90", m = 0.2, u = 0.000001 },\n  { level = "alike_80", m = 0.1, u = 0.00001 },\n'
    '  { level = "alike_70", m = 0.05, u = 0.0001 },\n  { level = "alike_60", m = 0.02, u = 0.001 },\n  { level = "alike_50", m = 0.01, u = 0.05 },\n'
)
PERTH: Line = {
    "family_name": "Clarke", "given_name": "Zachary", "birth_date": "1981-03-05", "address": "97 Merfield Place, Bull Creek, WA", "postcode": "2803",
}  # fmt: skip
# Nothing of it is as it was but the day of birth; every word of the address has a slip.
SLIPPED: Line = {**PERTH, "family_name": "Klayrjke", "given_name": "", "address": "79 Merfieldplace, Bul lcreek, WA", "postcode": "2083"}  # fmt: skip
STRANGER: Line = {
    "family_name": "Obi", "given_name": "Ngozi", "birth_date": "2001-12-24", "address": "1 Low Hill, Darwin, NT", "postcode": "0810",
}  # fmt: skip


def tolerant_text() -> str:
    text = SHIPPED.read_text(encoding="utf-8")
    for heading, more in (("given_name", NAMES), ("family_name", NAMES), ("address", HOMES)):
        at = text.index("levels = [\n", text.index(f"[comparisons.{heading}]")) + len("levels = [\n")
        text = text[:at] + more + text[at:]
    return text.replace("[thresholds]", "[tolerant]\nfloor = -40.0\n\n[thresholds]", 1)


def model_of(folder: Path, text: str, name: str = "tolerant") -> Model:
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return load_model(file)


@pytest.fixture
def tolerant(tmp_path: Path) -> Model:
    return model_of(tmp_path, tolerant_text())


def levels_of(folder: Path, model: Model, one: Line, other: Line) -> dict[Field, Level]:
    with loaded(folder, [one], [other]) as records:
        prepared = prepare(model, records)
        levels, weights = comparer(prepared, records).compare(np.array([[0, 1]]))
    assert weights[0] == pytest.approx(prepared.weights[np.arange(len(levels[0])), levels[0]], abs=5.0)
    return {of: LEVELS[levels[0, FIELD_NUMBER[of]]] for of in Field}


def test_addresses_of_any_country_and_slipped_names_are_alike_by_their_letters(tmp_path: Path, tolerant: Model) -> None:
    found = levels_of(tmp_path, tolerant, PERTH, SLIPPED)
    assert found[Field.ADDRESS] is Level.ALIKE_90
    assert (found[Field.GIVEN], found[Field.FAMILY]) == (Level.MISSING, Level.ALIKE_70)
    assert levels_of(tmp_path, tolerant, PERTH, PERTH)[Field.ADDRESS] is Level.EXACT


def test_the_same_property_stays_the_same_whatever_its_address(tmp_path: Path, tolerant: Model) -> None:
    there, here = {**PERTH, "uprn": "100"}, {**STRANGER, "uprn": "100"}
    assert levels_of(tmp_path, tolerant, there, here)[Field.ADDRESS] is Level.PROPERTY


def test_a_level_that_was_raised_has_its_own_bits_and_no_rarity(tmp_path: Path, tolerant: Model) -> None:
    with loaded(tmp_path, [PERTH], [SLIPPED]) as records:
        prepared = prepare(tolerant, records)
        levels, weights = comparer(prepared, records).compare(np.array([[0, 1]]))
    for of in (Field.FAMILY, Field.ADDRESS):
        at = FIELD_NUMBER[of]
        assert weights[0, at] == prepared.weights[at, levels[0, at]]


@pytest.mark.parametrize(
    "shared", ["birth_date", "postcode", "address", "given_name", "family_name"], ids=lambda fact: f"only {fact}"
)
def test_whatever_shares_one_fact_is_compared(tmp_path: Path, tolerant: Model, shared: str) -> None:
    other = {**STRANGER, shared: PERTH[shared]}
    with loaded(tmp_path, [PERTH], [other]) as records:
        model = prepare(tolerant, records)
        several = np.zeros(2, dtype=np.bool_)
        assert find(model, records, np.arange(2), several, 0.0).tolist() == [[0, 1]]
        assert find(load_model(), records, np.arange(2), several, 0.0).tolist() == []


def test_what_shares_nothing_is_not_compared(tmp_path: Path, tolerant: Model) -> None:
    with loaded(tmp_path, [PERTH], [STRANGER]) as records:
        model = prepare(tolerant, records)
        assert len(find(model, records, np.arange(2), np.zeros(2, dtype=np.bool_), 0.0)) == 0


def test_names_are_as_common_as_in_the_files(tmp_path: Path, tolerant: Model) -> None:
    feed = [PERTH, PERTH, SLIPPED, STRANGER]
    with loaded(tmp_path, feed) as records:
        rates = prepare(tolerant, records).rates
    assert rates[Field.GIVEN] == pytest.approx({"zachary": 200_000 / 3, "ngozi": 100_000 / 3})
    assert rates[Field.FAMILY] == pytest.approx({"clarke": 50_000, "klayrjke": 25_000, "obi": 25_000})


def test_another_model_is_left_alone(tmp_path: Path) -> None:
    with loaded(tmp_path, [AMY], [AMY]) as records:
        assert prepare(load_model(), records) is load_model()
        assert type(comparer(load_model(), records)) is Comparer
        assert type(comparer(replace(load_model(), tolerant=Tolerant(floor=0.0)), records)) is TolerantComparer


def sources(folder: Path) -> tuple[Source, ...]:
    feeds = {
        "left": [PERTH, STRANGER, {"family_name": "Roe", "birth_date": "", "address": "-"}],
        "right": [SLIPPED, STRANGER],
    }
    return tuple(Source(name=name, file=supply_file(folder / f"{name}.csv", lines)) for name, lines in feeds.items())


def test_files_are_linked_by_it_exact_keys_too(tmp_path: Path, tolerant: Model) -> None:
    link(Order(sources=sources(tmp_path), out=tmp_path / "run", model=tolerant, threads=1, pairs=True))
    pairs = pl.read_parquet(tmp_path / "run" / "pairs.parquet")
    # "0" and "2" share a fact with nobody but "0": the model's own floor, far below the usual one, keeps what shares little
    assert set(zip(pairs["record_id_a"], pairs["record_id_b"], strict=True)) == {("0", "0"), ("1", "1")}
    review = (tmp_path / "run" / "review.csv").read_text(encoding="utf-8")
    links = (tmp_path / "run" / "links.csv").read_text(encoding="utf-8")
    assert "address alike in nine letters of ten" in review + links
    assert "same address" in links


def test_a_model_is_trained_by_it(tmp_path: Path, tolerant: Model) -> None:
    order = TrainOrder(
        sources=sources(tmp_path), model=tolerant, text=tolerant_text(), version="2026-12-01", random_pairs=100
    )
    trained = train(order, tmp_path, progress=lambda _stage, _share: None)
    assert trained.training.pairs == 2
    assert model_of(tmp_path, trained.text, "trained").tolerant == tolerant.tolerant


def test_it_is_for_one_machine_and_whole_files(tmp_path: Path, tolerant: Model) -> None:
    with pytest.raises(NotReadable, match="on this machine"):
        link(Order(sources=sources(tmp_path), out=tmp_path / "run", model=tolerant), engine=ThisMachine())
    left, right = (Place(file=source.file, record_id="0") for source in sources(tmp_path))
    with pytest.raises(NotReadable, match="link --pairs"):
        explain(left, right, tolerant)


def test_the_model_that_training_on_febrl_begins_with_is_one() -> None:
    assert load_model(Path(__file__).parents[4] / "benchmarks" / "matching" / "febrl.toml").tolerant


def test_a_tolerant_model_weighs_every_level_it_looks_for(tmp_path: Path) -> None:
    with pytest.raises(NotAModel, match="address a level alike_50"):
        model_of(tmp_path, tolerant_text().replace('{ level = "alike_50"', '{ level = "sector"', 1))
