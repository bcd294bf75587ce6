"""One name against another: spelling variants, pet names, how a name sounds, and how near two spellings are."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from childindex.matching.engine.levels import Level

_DATA: Final = Path(__file__).resolve().parent.parent
# Names given to more children than this in 100,000 are names in their own right, not slips of the keyboard.
_WELL_KNOWN: Final = 4.0

_MERELY_ALIKE: Final = frozenset({Level.CLOSE, Level.SOUNDS_ALIKE, Level.NICKNAME})

_SOUNDS: Final = (
    (re.compile(r"^(?:kn|gn|pn)", re.MULTILINE), "n"),
    (re.compile(r"^wr", re.MULTILINE), "r"),
    (re.compile(r"^ps", re.MULTILINE), "s"),
    (re.compile(r"^wh", re.MULTILINE), "w"),
    (re.compile(r"^x", re.MULTILINE), "s"),
    (re.compile(r"^mac(?=[bcdfgklmnpqrt])", re.MULTILINE), "mk"),
    (re.compile(r"^mc", re.MULTILINE), "mk"),
    (re.compile(r"(?<=[aeiou])ugh(?=t|$)|(?<=[aeiou])igh(?=t|$)|gh(?=t)", re.MULTILINE), ""),
    (re.compile(r"tch|ch"), "k"),
    (re.compile(r"ck|kh|q"), "k"),
    (re.compile(r"ph|v|w"), "f"),
    (re.compile(r"sch|sh"), "s"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"dg(?=[eiy])|g(?=[eiy])"), "j"),
    (re.compile(r"x"), "ks"),
    (re.compile(r"z"), "s"),
    (re.compile(r"(?<=.)h"), ""),
)
_VOWELS: Final = re.compile(r"[aeiouy]+")
_FURTHER_VOWELS: Final = re.compile(r"(?<=[aeiouy])[aeiouy]+")
_THREE_VOWELS: Final = str.maketrans("oey", "uii")
# Not heard at the end of four letters and more; an e behind a vowel is.
_SILENT_E: Final = re.compile(r"(?<=..[^aeiouy\n])e$", re.MULTILINE)
_FIRST_VOWEL: Final = re.compile(r"^[aeiou]", re.MULTILINE)
_FIRST_Y: Final = re.compile(r"^y", re.MULTILINE)
# A silent e that makes the vowel before it long: Jake is not said like Jack.
_LONG_VOWEL: Final = re.compile(r"[aeiouy][bcdfgklmnprstvz]e$")
# Stands for the given name of one of several children born together who has none yet ("Twin 1"). No name has an asterisk.
UNNAMED_TWIN: Final = "*twin"
# Endings of pet forms: Davey, Logie, Pops, Vinnie. What is left must be three letters at least.
_PET_ENDING: Final = re.compile(r"(?:ie|ey|y|i|s|o|z)$")
SHORTEST_STEM: Final = 3
_TWICE: Final = re.compile(r"(.)(?=\1)")
_NOBODY: Final[frozenset[str]] = frozenset()


class NameWord(NamedTuple):
    """What is known of one word of a name: its spelling class, the names it is short for, and how it sounds.

    `sound` keeps the vowels roughly (to compare), `skeleton` drops them (to find).
    """

    word: str
    spelling: str
    formal: frozenset[str]
    sound: str
    skeleton: str


def _read_variants() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """Spelling classes and pet names from the table beside the model."""
    spelling: dict[str, str] = {}
    formal: dict[str, set[str]] = defaultdict(set)
    with (_DATA / "variants.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    for row in rows:
        if row["kind"] == "spelling":
            _join(spelling, [row["name"], *row["variants"].split()])
    for row in rows:
        if row["kind"] == "nickname":
            for variant in row["variants"].split():
                formal[variant].add(spelling.get(row["name"], row["name"]))
    return spelling, {name: frozenset(of) for name, of in formal.items()}


def _join(spelling: dict[str, str], group: list[str]) -> None:
    """Put every name of a group in one class, with the classes any of them was in already."""
    classes = {spelling[name] for name in group if name in spelling}
    into = min(classes) if classes else group[0]
    for name, held in list(spelling.items()):
        if held in classes:
            spelling[name] = into
    for name in group:
        spelling[name] = into


@lru_cache(maxsize=1)
def read_rates() -> dict[str, dict[str, float]]:
    """How many of 100,000 children have each name, by kind of name ("given" or "family")."""
    rates: dict[str, dict[str, float]] = {"given": {}, "family": {}}
    with (_DATA / "names.csv").open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table):
            rates[row["kind"]][row["name"]] = float(row["per_100000"])
    return rates


_SPELLING, _FORMAL = _read_variants()
_GIVEN_RATES: Final = read_rates()["given"]


def _consonants(words: str) -> str:
    """Words, one a line, with one letter for each sound, whatever the spelling or the language they were written down in."""
    for pattern, sound in _SOUNDS:
        words = pattern.sub(sound, words)
    return _TWICE.sub("", words.replace("c", "k"))


def _sounds(consonants: str) -> list[str]:
    """Vowels reduced to three: a, i (e, y) and u (o), one for each run; a silent last e dropped. One of each line.

    A last a is always heard: it tells Emilia from Emily and Olivia from Olive.
    """
    heard = _SILENT_E.sub("", consonants)
    reduced = _TWICE.sub("", _FURTHER_VOWELS.sub("", heard).translate(_THREE_VOWELS))
    both = zip(heard.split("\n"), reduced.split("\n"), strict=True)
    return [short + "a" if whole.endswith("a") and not short.endswith("a") else short for whole, short in both]


def _skeletons(consonants: str) -> list[str]:
    """Consonants only, with one sign for any vowel a name begins with. One of each line."""
    bare = _VOWELS.sub("", _FIRST_Y.sub("Y", _FIRST_VOWEL.sub("A", consonants)))
    return [bones[:8].lower() for bones in _TWICE.sub("", bare).split("\n")]


def know_words(words: Sequence[str]) -> list[NameWord]:
    """What is known of each of many words of names (lower case, plain letters): the patterns go over all of them at once."""
    if not words:
        return []
    spellings = [_SPELLING.get(word, word) for word in words]
    consonants = _consonants("\n".join(spellings))
    said = zip(words, spellings, _sounds(consonants), _skeletons(consonants), strict=True)
    return [
        NameWord(
            word,
            spelling,
            frozenset(_SPELLING.get(name, name) for name in _FORMAL[word]) if word in _FORMAL else _NOBODY,
            sound + ":" if _LONG_VOWEL.search(spelling) else sound,
            skeleton,
        )
        for word, spelling, sound, skeleton in said
    ]


@lru_cache(maxsize=200_000)
def name_word(word: str) -> NameWord:
    """What is known of one word of a name (lower case, plain letters)."""
    return know_words((word,))[0]


def sound(word: str) -> str:
    """How a word of a name is said, roughly; empty for an empty word, and so like no other."""
    return name_word(word).sound if word else ""


@lru_cache(maxsize=1)
def _skeleton_rates() -> dict[tuple[str, str], float]:
    """How many of 100,000 children have a listed name with this skeleton, by kind of name and skeleton."""
    rates: defaultdict[tuple[str, str], float] = defaultdict(float)
    for kind, names in read_rates().items():
        for name, rate in names.items():
            rates[kind, name_word(name).skeleton] += rate
    return dict(rates)


def skeleton_rate(kind: str, skeleton: str) -> float:
    """The share of children with a name ("given" or "family") of this skeleton; rare ones count as 2 in 100,000."""
    return _skeleton_rates().get((kind, skeleton), 2.0) / 100_000


def is_well_known(name: str) -> bool:
    """Whether a given name is borne by enough children to be a name in its own right."""
    return _GIVEN_RATES.get(name, 0.0) >= _WELL_KNOWN


def _nearly_spelt(left: str, right: str) -> bool:
    """Whether a slip or two of the keyboard turns one spelling into the other."""
    shorter = min(len(left), len(right))
    if shorter < 3:
        return False
    slips = OSA.distance(left, right, score_cutoff=2)
    if slips <= (2 if shorter >= 6 else 1):
        return True
    return shorter >= 5 and JaroWinkler.similarity(left, right) >= 0.92


@lru_cache(maxsize=400_000)
def compare_words(left: str, right: str) -> Level:
    """How two words of names agree: from `exact` down to `differs`. Symmetric."""
    if left == right:
        return Level.EXACT
    if len(left) == 1 or len(right) == 1:
        return Level.INITIAL if left[:1] == right[:1] else Level.DIFFERS
    a, b = name_word(left), name_word(right)
    if a.spelling == b.spelling:
        return Level.TRANSLITERATION
    if _is_pet_form(a, b):
        return Level.NICKNAME
    if _sound_the_same(a, b) or _same_without_vowels(a, b):
        return Level.SOUNDS_ALIKE
    if _nearly_spelt(left, right):
        return Level.CLOSE
    if a.skeleton == b.skeleton and len(a.skeleton) > 2 and JaroWinkler.similarity(left, right) >= 0.8:
        return Level.SOUNDS_ALIKE
    return Level.DIFFERS


@lru_cache(maxsize=400_000)
def compare_given_words(left: str, right: str) -> Level:
    """As `compare_words`, but two names in their own right that are merely alike are `similar`: twins are called so."""
    level = compare_words(left, right)
    if level not in _MERELY_ALIKE or not (is_well_known(left) and is_well_known(right)):
        return level
    a, b = name_word(left), name_word(right)
    if level is Level.NICKNAME:
        both_short = a.spelling not in b.formal and b.spelling not in a.formal
        return Level.SIMILAR if both_short and left[:3] != right[:3] else level
    return level if _sound_the_same(a, b) else Level.SIMILAR


def pet_stem(word: str) -> str:
    """What is left of a name when the ending of a pet form is taken off: "stan" of "Stan", "dav" of "Davey", "pop" of "Pops"."""
    if len(word) <= SHORTEST_STEM:
        return word
    stem = _PET_ENDING.sub("", word) if word[-1] in "eyisoz" else word
    return stem[:-1] if len(stem) > SHORTEST_STEM and stem[-1] == stem[-2] else stem


def _is_pet_form(a: NameWord, b: NameWord) -> bool:
    """Whether one word is a pet or short form of the other, or both are of one name."""
    if (a.formal or b.formal) and (a.spelling in b.formal or b.spelling in a.formal or a.formal & b.formal):
        return True
    return a.word[:SHORTEST_STEM] == b.word[:SHORTEST_STEM] and _is_short_for(a, b)


def _is_short_for(a: NameWord, b: NameWord) -> bool:
    """Whether the shorter word, without a pet ending, is how the longer one begins; never of two names in their own right."""
    short, long = (a.word, b.word) if len(a.word) < len(b.word) else (b.word, a.word)
    if len(short) == len(long) or (is_well_known(short) and is_well_known(long)):
        return False
    stem = pet_stem(short)
    return len(stem) >= SHORTEST_STEM and len(long) > len(stem) + 1 and long.startswith(stem)


def _same_without_vowels(a: NameWord, b: NameWord) -> bool:
    """Whether one word comes from a script that writes no vowels, and the consonants of both are the same."""
    alike = a.skeleton == b.skeleton and min(len(a.word), len(b.word)) >= 3
    return alike and not (_VOWELS.search(a.word) and _VOWELS.search(b.word))


def _sound_the_same(a: NameWord, b: NameWord) -> bool:
    """Whether two words are said alike, vowels too."""
    return a.sound == b.sound and len(a.sound) > 2
