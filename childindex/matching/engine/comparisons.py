"""How two values of one fact agree. Each function takes two values that are both given and answers the level."""

from __future__ import annotations

from collections.abc import Callable

from childindex.matching.engine.levels import Level
from childindex.matching.engine.names import UNNAMED_TWIN, compare_given_words, compare_words

# A given name as it is compared: forms and halves. A family name: the name, the former one, the halves.
GivenName = tuple[tuple[str, ...], tuple[str, ...]]
FamilyName = tuple[str, str, tuple[str, ...]]
Carers = tuple[tuple[str, ...], tuple[str, ...]]
Agreement = tuple[Level, str]

BEST_FIRST = (
    Level.EXACT,
    Level.TRANSLITERATION,
    Level.NICKNAME,
    Level.SOUNDS_ALIKE,
    Level.CLOSE,
    Level.INITIAL,
    Level.SIMILAR,
    Level.DIFFERS,
)
STRONG = frozenset({Level.TRANSLITERATION, Level.NICKNAME, Level.SOUNDS_ALIKE})
_RANK = {level: place for place, level in enumerate(BEST_FIRST)}


def _shared(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    """The first word of the left that is also on the right."""
    return next((word for word in left if word in right), "")


def _best(compare: Callable[[str, str], Level], left: tuple[str, ...], right: tuple[str, ...]) -> Level:
    """The best agreement of any word with any word."""
    if len(left) == 1 and len(right) == 1:
        return compare(left[0], right[0])
    best = Level.DIFFERS
    for one in left:
        for other in right:
            level = compare(one, other)
            if _RANK[level] < _RANK[best]:
                best = level
    return best


def compare_given(left: GivenName, right: GivenName) -> Agreement:
    """Level of two given names, and the shared name when they are the same (its rarity counts)."""
    forms, parts = left
    other_forms, other_parts = right
    if forms[0] == UNNAMED_TWIN or other_forms[0] == UNNAMED_TWIN:
        return Level.UNNAMED_TWIN, ""
    if forms[0] == other_forms[0]:
        return Level.EXACT, forms[0]
    if len(forms) + len(other_forms) > 2:
        shared = _shared(forms, other_forms)
        if shared:
            return Level.EXACT, shared
    level = _best(compare_given_words, forms, other_forms)
    if level in STRONG or not (parts or other_parts):
        return level, ""
    if _shared(forms, other_parts) or _shared(parts, other_forms) or _shared(parts, other_parts):
        return Level.PART, ""
    return level, ""


def compare_family(left: FamilyName, right: FamilyName) -> Agreement:
    """Level of two family names, and the shared name when they are the same."""
    name, former, parts = left
    other, other_former, other_parts = right
    if name == other and name:
        return Level.EXACT, name
    if name and other and not (former or other_former or parts or other_parts):
        level = compare_words(name, other)
        return (Level.CLOSE if level is Level.NICKNAME else level), ""
    if (former and former in (other, other_former)) or (other_former and other_former == name):
        return Level.FORMER, ""
    names, others = (parts or (name or former,)), (other_parts or (other or other_former,))
    if _shared(names, others):
        return Level.PART, ""
    level = _best(compare_words, (name or former, *parts), (other or other_former, *other_parts))
    return (Level.CLOSE if level is Level.NICKNAME else level), ""


def compare_middle(left: tuple[str, ...], right: tuple[str, ...]) -> Level:
    """Level of two lists of middle names."""
    if left == right:
        return Level.EXACT
    if _shared(left, right):
        return Level.PART
    level = _best(compare_words, left, right)
    if level is Level.INITIAL:
        return Level.INITIAL
    return Level.DIFFERS if level is Level.DIFFERS else Level.CLOSE


def is_one_digit_off(one: str, other: str) -> bool:
    """Whether two numbers of one length differ in one place, or in two neighbours that are swapped."""
    apart = [place for place, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(apart) == 2 and apart[1] - apart[0] == 1:
        first, second = apart
        return one[first] == other[second] and one[second] == other[first]
    return len(apart) == 1


def compare_carers(left: Carers, right: Carers) -> Level:
    """Level of two lists of carers: the same person by name, the same telephone, the same first or last name, or none."""
    names, phones = left
    other_names, other_phones = right
    if _shared(names, other_names):
        return Level.EXACT
    if _shared(phones, other_phones):
        return Level.PHONE
    if not names or not other_names:
        return Level.DIFFERS if phones and other_phones else Level.MISSING
    firsts = {name.split(" ")[0] for name in names}
    return Level.PART if any(other.split(" ")[0] in firsts for other in other_names) else Level.DIFFERS
