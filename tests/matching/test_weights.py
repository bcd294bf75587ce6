"""What `python -m benchmarks.matching.weights` writes: the choices of its base, within its limits, thresholds by its rule, the same bytes again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.matching.weights.making import BASE, VERSION, Sizes, limited, make, parts, with_thresholds
from benchmarks.matching.weights.thresholds import Chosen, Labelled, Rule, choose
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.training_file import shares_of
from childindex.matching.engine.levels import FIELDS, Field, Level
from childindex.matching.engine.model import SHIPPED, Training, load_model

MODEL, TOLD = parts(BASE.read_text(encoding="utf-8"))
TRAINING = Training(fingerprint="0" * 64, records=1, pairs=1, random_pairs=1, seed=1, rounds=1, started_from="base")
NO_QUESTIONS = 1e9


def chosen_things(text: str) -> dict[str, Any]:
    """What a file holds but for what is estimated or set: version, training, m and u, `link` and `ask`."""
    file = tomllib.loads(text)
    file.pop("training", None)
    file.pop("version")
    del file["thresholds"]["link"], file["thresholds"]["ask"]
    for comparison in file["comparisons"].values():
        for level in comparison["levels"]:
            del level["m"], level["u"]
    return file


def test_the_shipped_model_has_the_choices_of_its_base() -> None:
    """Who changes one changes the other."""
    assert chosen_things(SHIPPED.read_text(encoding="utf-8")) == chosen_things(MODEL)


def beyond(text: str) -> list[tuple[Field, Level, float]]:
    """Levels that say more than their limit, with their bits."""
    bits = {place: log2(m / u) for place, (m, u) in shares_of(text).items()}
    return [
        (place[0], place[1], bits[place])
        for limit in TOLD["limits"]
        for bound, sign in (("least", -1), ("most", 1))
        for level, said in limit.get(bound, {}).items()
        if sign * (bits[place := (Field(limit["fact"]), Level(level))] - said) > 0.01
    ]


def test_no_level_of_the_shipped_model_says_more_than_it_may() -> None:
    assert beyond(SHIPPED.read_text(encoding="utf-8")) == []


def test_a_level_that_says_too_much_is_held_to_its_limit() -> None:
    line = next(line for line in MODEL[MODEL.index("[comparisons.sex]") :].splitlines() if '"differs"' in line)
    wild = MODEL.replace(line, '  { level = "differs", m = 0.0001, u = 0.5 },', 1)
    assert [(of, level) for of, level, _ in beyond(wild)] == [(Field.SEX, Level.DIFFERS)]
    text = limited(wild, TRAINING, TOLD["limits"])
    held = shares_of(text)
    assert beyond(text) == []
    assert held[Field.SEX, Level.DIFFERS][1] == 0.5
    assert held[Field.GIVEN, Level.EXACT] == shares_of(wild)[Field.GIVEN, Level.EXACT]


def test_thresholds_are_written_where_they_stand() -> None:
    text = with_thresholds(MODEL, Chosen(link=0.77, ask=0.045, wrong=0, found=1, questions=0, true=1))
    thresholds = tomllib.loads(text)["thresholds"]
    assert (thresholds["link"], thresholds["ask"]) == (0.77, 0.045)
    with pytest.raises(ValueError, match="link"):
        with_thresholds("[thresholds]\n", Chosen(link=0.77, ask=0.045, wrong=0, found=1, questions=0, true=1))


def labelled(right: dict[float, int], wrong: dict[float, int]) -> Labelled:
    """Pairs of two records each, so many at each posterior, of one child (right) or two."""
    shares = [
        (share, of_one)
        for counts, of_one in ((right, True), (wrong, False))
        for share in counts
        for _ in range(counts[share])
    ]
    size = len(shares)
    bits = np.array([log2(share / (1 - share)) for share, _ in shares])
    person = np.array(
        [
            number if of_one or side == 0 else size + number
            for side in (0, 1)
            for number, (_, of_one) in enumerate(shares)
        ]
    )
    pairs = np.stack([np.arange(size), size + np.arange(size)], axis=1)
    levels = np.ones((size, len(FIELDS)), dtype=np.int8)  # everything agrees: nothing is asked first
    scored = Scored(np.arange(2 * size), pairs, bits, levels, pairs[:0], bits[:0], levels[:0])
    return Labelled(model=load_model(), source=np.repeat([0, 1], size), person=person, scored=scored)


def test_links_begin_where_they_are_precise_enough_and_questions_where_they_are_few_enough() -> None:
    known = labelled({0.99: 2_000, 0.705: 100, 0.3: 20, 0.102: 10}, {0.605: 40, 0.2: 20, 0.05: 900})
    chosen = choose(known, Rule(precision_at_least=0.99, questions_at_most=4.0))
    # 0.61 keeps the forty wrong pairs out; asking from 0.105 on asks 40 + 20 + 20 of 2,130.
    assert (chosen.link, chosen.ask) == (0.61, 0.105)
    assert (chosen.wrong, chosen.found, chosen.questions, chosen.true) == (0, 2_100, 80, 2_130)


def test_a_rule_that_cannot_be_kept_is_refused() -> None:
    hopeless = labelled({0.9: 10}, {0.999: 10})
    with pytest.raises(ValueError, match="precise"):
        choose(hopeless, Rule(precision_at_least=0.9, questions_at_most=NO_QUESTIONS))
    doubtful = labelled({0.999: 100}, {0.495: 100})
    with pytest.raises(ValueError, match="little"):
        choose(replace(doubtful), Rule(precision_at_least=0.9, questions_at_most=0.5))


@pytest.mark.long
def test_the_same_bytes_are_made_twice(tmp_path: Path) -> None:
    sizes, rule = Sizes(town=3_000, pair=3_000, labelled=6_000), Rule(precision_at_least=0.9, questions_at_most=10.0)
    one, other = (make(tmp_path / name, say=lambda _: None, sizes=sizes, rule=rule) for name in ("one", "other"))
    assert one == other
    assert chosen_things(one) == chosen_things(MODEL)
    assert beyond(one) == []
    written = tmp_path / "model.toml"
    written.write_text(one, encoding="utf-8")
    training = load_model(written).training
    assert training is not None
    assert training.started_from == tomllib.loads(MODEL)["version"]
    assert load_model(written).version == VERSION


@pytest.mark.long
def test_the_shipped_model_is_what_the_command_makes_of_nothing(tmp_path: Path) -> None:
    """Byte for byte; a few minutes, most of them making up two million records."""
    assert make(tmp_path, say=print) == SHIPPED.read_text(encoding="utf-8")
