"""Training: known rates are found again without the truth, the same files and seed give the same file, and links get no worse."""

from __future__ import annotations

import csv
import random
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from childindex.matching.bulk.link import link
from childindex.matching.bulk.order import Order
from childindex.matching.bulk.read import NotReadable, Source
from childindex.matching.bulk.train import Trained, TrainOrder, level_counts, shares, train, with_weights
from childindex.matching.bulk.training_file import shares_of, with_shares
from childindex.matching.engine.levels import FIELD_NUMBER, FIELDS, LEVEL_NUMBER, LEVELS, Field, Level
from childindex.matching.engine.model import SHIPPED, NotAModel, load_model
from synthetic.generate import generate

CHILDREN = 3_000
SEX_SLIPS, MOVES, DAY_SLIPS = 0.04, 0.3, 0.06


def quiet(_stage: str, _share: float) -> None:
    """Nobody watches."""


def order(sources: tuple[Source, ...], *, seed: int = 1, threads: int = 1) -> TrainOrder:
    return TrainOrder(
        sources=sources,
        model=load_model(),
        text=SHIPPED.read_text(encoding="utf-8"),
        version="2026-12-01",
        seed=seed,
        threads=threads,
        random_pairs=200_000,
    )


def word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(syllables)).title()


def postcode(chance: random.Random) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return f"NN{chance.randint(1, 99)} {chance.randint(0, 9)}{chance.choice(letters)}{chance.choice(letters)}"


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def made(folder: Path, moves: float) -> tuple[Source, ...]:
    """Two files of the same children; in the second each fact slips independently, at a known rate, and every third has a twin."""
    chance = random.Random(5)  # noqa: S311 - made-up children
    one, two = [], []
    for number in range(CHILDREN):
        day = chance.randint(11, 18)
        row = {
            "record_id": f"A{number}",
            "family_name": word(chance, 4),
            "given_name": word(chance, 3),
            "birth_date": f"{chance.randint(2009, 2025)}-{chance.randint(1, 9):02}-{day}",
            "sex": chance.choice(("male", "female")),
            "postcode": postcode(chance),
        }
        other = row | {"record_id": f"B{number}"}
        if chance.random() < SEX_SLIPS:
            other["sex"] = {"male": "female", "female": "male"}[row["sex"]]
        if chance.random() < moves:
            other["postcode"] = postcode(chance)
        if chance.random() < DAY_SLIPS:
            other["birth_date"] = row["birth_date"][:-1] + str((day + 1) % 10)
        one.append(row)
        two.append(other)
        if number % 3 == 0:
            twin = {"record_id": f"T{number}", "given_name": word(chance, 3), "sex": chance.choice(("male", "female"))}
            two.append(row | twin)
    chance.shuffle(two)
    write(folder / "one.csv", one)
    write(folder / "two.csv", two)
    return tuple(Source(name=name, file=folder / f"{name}.csv") for name in ("one", "two"))


@pytest.fixture(scope="module")
def slips(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, ...]:
    return made(tmp_path_factory.mktemp("slips"), MOVES)


@pytest.fixture(scope="module")
def trained(slips: tuple[Source, ...], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(order(slips), tmp_path_factory.mktemp("spill"), progress=quiet)


@pytest.mark.parametrize(
    ("of", "level", "known"),
    [
        (Field.SEX, Level.EXACT, 1 - SEX_SLIPS),
        (Field.SEX, Level.DIFFERS, SEX_SLIPS),
        (Field.ADDRESS, Level.DIFFERS, MOVES),
        (Field.BIRTH_DATE, Level.EXACT, 1 - DAY_SLIPS),
        (Field.BIRTH_DATE, Level.ONE_DIGIT, DAY_SLIPS),
    ],
)
def test_known_m_is_found_without_the_truth(trained: Trained, of: Field, level: Level, known: float) -> None:
    four_deviations = 4 * np.sqrt(known * (1 - known) / CHILDREN)
    m, _ = shares_of(trained.text)[of, level]
    assert m == pytest.approx(known, abs=four_deviations)
    assert m != load_model_share(of, level)


def load_model_share(of: Field, level: Level) -> float:
    return shares_of(SHIPPED.read_text(encoding="utf-8"))[of, level][0]


def test_known_u_is_found_from_random_pairs(trained: Trained) -> None:
    found = shares_of(trained.text)
    assert found[Field.SEX, Level.EXACT][1] == pytest.approx(0.5, abs=0.01)
    # 17 years, nine months and eight days
    assert found[Field.BIRTH_DATE, Level.EXACT][1] == pytest.approx(1 / (17 * 9 * 8), rel=0.3)


def test_pairs_of_one_child_do_not_count_as_strangers(tmp_path: Path) -> None:
    """Some thirty random pairs are one child, none by exact keys: enough to make u of the exact name many times too high."""
    found = train(order(made(tmp_path, 1.0)), tmp_path, progress=quiet)
    assert shares_of(found.text)[Field.FAMILY, Level.EXACT][1] == load_u(Field.FAMILY, Level.EXACT)
    assert (Field.FAMILY, Level.EXACT) in found.kept_u


def load_u(of: Field, level: Level) -> float:
    return shares_of(SHIPPED.read_text(encoding="utf-8"))[of, level][1]


def test_what_was_not_seen_keeps_its_number(trained: Trained) -> None:
    found, shipped = shares_of(trained.text), shares_of(SHIPPED.read_text(encoding="utf-8"))
    for place in shipped:
        if place[0] in {Field.NHS_NUMBER, Field.UPN, Field.CARERS, Field.MIDDLE}:
            assert found[place] == shipped[place]
            assert place in trained.kept_m
            assert place in trained.kept_u


def test_a_level_needs_twenty_pairs() -> None:
    counts = np.zeros((len(FIELDS), len(LEVELS)))
    row = counts[FIELD_NUMBER[Field.SEX]]
    row[LEVEL_NUMBER[Level.EXACT]], row[LEVEL_NUMBER[Level.DIFFERS]], row[0] = 180.0, 20.0, 900.0
    start = {(Field.SEX, Level.EXACT): 0.5, (Field.SEX, Level.DIFFERS): 0.3}
    assert shares(counts, start) == ({(Field.SEX, Level.EXACT): 0.9, (Field.SEX, Level.DIFFERS): 0.1}, ())
    row[LEVEL_NUMBER[Level.DIFFERS]] = 19.9
    found, kept = shares(counts, start)
    assert (found[Field.SEX, Level.DIFFERS], kept) == (0.3, ((Field.SEX, Level.DIFFERS),))


def test_pairs_count_as_much_as_they_are_likely() -> None:
    levels = np.zeros((2, len(FIELDS)), dtype=np.int8)
    levels[:, 0] = 1
    assert level_counts(levels, np.array([0.25, 0.5]))[0, 1] == 0.75
    assert level_counts(levels)[0, 1] == 2


def test_rarity_follows_the_new_u() -> None:
    """What a name adds, level and rarity together, is log2(m / rate): another u must not change it."""
    model, shipped = load_model(), shares_of(SHIPPED.read_text(encoding="utf-8"))
    place = Field.FAMILY, Level.EXACT
    other = with_weights(model, shipped | {place: (shipped[place][0], 0.002)})
    column = FIELD_NUMBER[Field.FAMILY], LEVEL_NUMBER[Level.EXACT]

    def bits(of: object) -> float:
        assert isinstance(of, type(model))
        return float(of.weights[column]) + of.frequency_bits(*place, "khan")

    assert other.weights[column] != model.weights[column]
    assert bits(other) == pytest.approx(bits(model))


def test_the_same_files_and_seed_give_the_same_file(
    slips: tuple[Source, ...], trained: Trained, tmp_path: Path
) -> None:
    assert train(order(slips, threads=2), tmp_path, progress=quiet).text == trained.text
    assert train(order(slips, seed=2), tmp_path, progress=quiet).text != trained.text
    assert list(tmp_path.iterdir()) == []


def test_the_file_says_what_it_was_trained_on(trained: Trained, tmp_path: Path) -> None:
    path = tmp_path / "model.toml"
    path.write_text(trained.text, encoding="utf-8")
    model = load_model(path)
    assert model.version == "2026-12-01"
    assert model.training == trained.training
    assert model.training is not None
    assert (model.training.records, model.training.started_from) == (2 * CHILDREN + CHILDREN // 3, load_model().version)
    assert (model.thresholds, model.patterns) == (load_model().thresholds, load_model().patterns)


def test_a_trained_model_can_be_trained_again(trained: Trained) -> None:
    again = with_shares(
        trained.text,
        shares_of(trained.text),
        version="2026-12-02",
        training=replace(trained.training, started_from="2026-12-01"),
    )
    assert tomllib.loads(again)["training"]["started_from"] == "2026-12-01"
    assert len(again.splitlines()) == len(trained.text.splitlines())


def test_a_text_of_another_shape_is_refused(trained: Trained) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    crooked = text.replace('{ level = "differs", ', "{level='differs', ", 1)
    changed = {place: (m / 2, u) for place, (m, u) in shares_of(text).items()}
    with pytest.raises(NotAModel, match="one level on each line"):
        with_shares(crooked, changed, version="2026-12-01", training=trained.training)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('fingerprint = "abc"', "64 hexadecimal"),
        ("records = -1", "whole numbers"),
        ("rounds = 1.5", "whole numbers"),
        ('started_from = ""', "version of the model"),
        ("stars = 5", "stars"),
    ],
)
def test_a_table_that_no_training_writes_is_refused(trained: Trained, tmp_path: Path, line: str, said: str) -> None:
    name = line.split(" ", 1)[0]
    kept = [given for given in trained.text.splitlines() if not given.startswith(f"{name} = ")]
    path = tmp_path / "model.toml"
    path.write_text("\n".join(kept).replace("[training]", f"[training]\n{line}"), encoding="utf-8")
    with pytest.raises(NotAModel, match=said):
        load_model(path)


def test_files_that_share_no_child_are_refused(slips: tuple[Source, ...], tmp_path: Path) -> None:
    with pytest.raises(NotReadable, match="nothing to train on"):
        train(order(slips[:1]), tmp_path, progress=quiet)


def test_a_town_is_linked_no_worse_by_its_trained_model(tmp_path: Path) -> None:
    generate(children=1_000, seed=17, out=tmp_path)
    names = ("births", "gp_list", "health_visiting", "school_census", "social_care")
    sources = tuple(Source(name=name, file=tmp_path / f"{name}.csv") for name in names)
    model = tmp_path / "model.toml"
    model.write_text(train(order(sources), tmp_path, progress=quiet).text, encoding="utf-8")
    wrong, found = pairs(sources, tmp_path, model)
    shipped_wrong, shipped_found = pairs(sources, tmp_path, SHIPPED)
    assert shipped_found > 1_500
    assert wrong <= shipped_wrong + 1
    assert found >= 0.995 * shipped_found


def pairs(sources: tuple[Source, ...], folder: Path, model: Path) -> tuple[int, int]:
    """Wrong and right pairs of records that stand in one cluster."""
    link(Order(sources=sources, out=folder / "links", model=load_model(model)))
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        person = {(row["source"], row["record_id"]): row["person_id"] for row in csv.DictReader(file)}
    clusters: dict[str, list[str]] = {}
    with (folder / "links" / "links.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            clusters.setdefault(row["child"], []).append(person[row["source"], row["record_id"]])
    made = [
        (one, other) for people in clusters.values() for place, one in enumerate(people) for other in people[:place]
    ]
    right = sum(one == other for one, other in made)
    return len(made) - right, right
