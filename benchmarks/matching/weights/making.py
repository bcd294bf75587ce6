"""From base.toml and made-up children to the text of a model."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any, Final

from benchmarks.matching.weights.thresholds import Chosen, Rule, choose, compared
from childindex.matching.bulk.read import Source
from childindex.matching.bulk.train import TrainOrder, train
from childindex.matching.bulk.training_file import shares_of, with_shares
from childindex.matching.engine.levels import Field, Level
from childindex.matching.engine.model import Model, Training, load_model
from synthetic.generate import generate

VERSION: Final = "2026-11-25.3"
BASE: Final = Path(__file__).parent / "base.toml"
# What follows in the base is told to this command.
_TOLD: Final = "\n# Told to the command, and no part of the model it writes.\n"
_HEADER: Final = "# Written by `python -m benchmarks.matching.weights` from benchmarks/matching/weights/base.toml.\n#\n"
_MODEL: Final = "# The matching model."
_FEEDS: Final = (
    "births", "gp_list", "health_visiting", "school_census", "sexual_health", "social_care", "youth_justice",
)  # fmt: skip
_PAIR: Final = ("alpha", "beta")
_MEMORY: Final = "2GB"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many children are made up: in the town and the pair that are trained on, and in the pair that thresholds are set on."""

    town: int = 60_000
    pair: int = 100_000
    labelled: int = 1_000_000


def make(folder: Path, *, say: Say, sizes: Sizes = Sizes(), rule: Rule | None = None) -> str:
    """The text of the model; `folder` holds the made-up files, and keeps those it has. `rule` stands for the base's."""
    model_text, told = parts(BASE.read_text(encoding="utf-8"))
    files = _files(folder, sizes)
    say("made up")
    trained = train(
        TrainOrder(
            sources=files["training"], model=_read(model_text, folder), text=model_text, version=VERSION, threads=1
        ),
        folder,
        progress=lambda stage, _: say(stage),
    )
    text = limited(trained.text, trained.training, told["limits"])
    found = compared(_read(text, folder), files["labelled"], folder / "labelled" / "truth.csv", memory=_MEMORY)
    chosen = choose(found, rule or Rule(**told["rule"]))
    say(
        f"link {chosen.link:.2f}: {chosen.wrong} wrong of {chosen.found}; ask {chosen.ask:.3f}: {chosen.questions} of {chosen.true}"
    )
    return _HEADER + with_thresholds(text, chosen)


def parts(base: str) -> tuple[str, dict[str, Any]]:
    """The base as the text of a model to begin with, and what is told to the command."""
    text, told = base.split(_TOLD)
    return text[text.index(_MODEL) :], tomllib.loads(told)


def _files(folder: Path, sizes: Sizes) -> dict[str, tuple[Source, ...]]:
    """The made-up supply files: to train on, and with their truth to set thresholds on."""
    if not (folder / "town").exists():
        generate(children=sizes.town, seed=101, out=folder / "town")
    for name, children, seed in (("pair", sizes.pair, 102), ("labelled", sizes.labelled, 103)):
        if not (folder / name).exists():
            generate(
                children=children, seed=seed, out=folder / name, suppliers=_PAIR, overlap=0.85, numbers=False,
                errors=("light", "medium"),
            )  # fmt: skip
    town = [Source(name=feed, file=folder / "town" / f"{feed}.csv") for feed in _FEEDS]
    pair, labelled = (
        [Source(name=feed, file=folder / where / f"{feed}.csv") for feed in _PAIR] for where in ("pair", "labelled")
    )
    return {"training": (*town, *pair), "labelled": tuple(labelled)}


def _read(text: str, folder: Path) -> Model:
    """The text as a model."""
    file = folder / "model.toml"
    file.write_text(text, encoding="utf-8")
    load_model.cache_clear()
    return load_model(file)


def limited(text: str, training: Training, limits: list[dict[str, Any]]) -> str:
    """The trained text, no level saying more than its limit: m gives way."""
    shares = shares_of(text)
    for limit in limits:
        for bound, better in (("least", max), ("most", min)):
            for level, bits in limit.get(bound, {}).items():
                place = Field(limit["fact"]), Level(level)
                m, u = shares[place]
                if better(log2(m / u), bits) == bits:
                    shares[place] = u * 2.0**bits, u
    return with_shares(text, shares, version=VERSION, training=training)


def with_thresholds(text: str, chosen: Chosen) -> str:
    """The text with other thresholds."""
    for name, value in (("link", f"{chosen.link:.2f}"), ("ask", f"{chosen.ask:.3f}")):
        text, changed = re.subn(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        if changed != 1:
            raise ValueError(f"the base has not one line for {name}")
    return text
