"""How two values of one fact agree. Each function takes two values that are both given and answers the level."""

from __future__ import annotations

from childindex.matching.engine.levels import Level
from childindex.matching.engine.names import compare_words, is_well_known

# A given name as it is compared: forms, halves, middle names. A family name: the name, the former one, the halves.
GivenName = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
FamilyName = tuple[str, str, tuple[str, ...]]
Carers = tuple[tuple[str, ...], tuple[str, ...]]
Agreement = tuple[Level, str]

_BEST_FIRST = (Level.TRANSLITERATION, Level.NICKNAME, Level.SOUNDS_ALIKE, Level.CLOSE, Level.INITIAL, Level.DIFFERS)
_RANK = {level: place for place, level in enumerate(_BEST_FIRST)}


def _shared(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    """The first word of the left that is also on the right."""
    return next((word for word in left if word in right), "")


def _best(left: tuple[str, ...], right: tuple[str, ...]) -> Level:
    """The best agreement of any word with any word."""
    return min((compare_words(a, b) for a in left for b in right), key=lambda level: _RANK.get(level, 0))


def compare_given(left: GivenName, right: GivenName) -> Agreement:
    """Level of two given names, and the shared name when they are the same (its rarity counts)."""
    forms, parts, middle = left
    other_forms, other_parts, other_middle = right
    if forms[0] == other_forms[0]:
        return Level.EXACT, forms[0]
    shared = _shared(forms, other_forms)
    if shared:
        return Level.EXACT, shared
    level = _best(forms, other_forms)
    if level in (Level.TRANSLITERATION, Level.NICKNAME, Level.SOUNDS_ALIKE):
        return level, ""
    if _shared(forms, other_parts) or _shared(parts, other_forms) or _shared(parts, other_parts):
        return Level.PART, ""
    if level is Level.CLOSE:
        both_real = is_well_known(forms[0]) and is_well_known(other_forms[0])
        return (Level.SIMILAR if both_real else Level.CLOSE), ""
    if level is Level.DIFFERS and (_shared(forms, other_middle) or _shared(middle, other_forms)):
        return Level.MIDDLE, ""
    return level, ""


def compare_family(left: FamilyName, right: FamilyName) -> Agreement:
    """Level of two family names, and the shared name when they are the same."""
    name, former, parts = left
    other, other_former, other_parts = right
    if name == other and name:
        return Level.EXACT, name
    if (former and former in (other, other_former)) or (other_former and other_former == name):
        return Level.FORMER, ""
    names, others = (parts or (name or former,)), (other_parts or (other or other_former,))
    if _shared(names, others):
        return Level.PART, ""
    level = _best((name or former, *parts), (other or other_former, *other_parts))
    return (Level.CLOSE if level is Level.NICKNAME else level), ""


def compare_middle(left: tuple[str, ...], right: tuple[str, ...]) -> Level:
    """Level of two lists of middle names."""
    if left == right:
        return Level.EXACT
    if _shared(left, right):
        return Level.PART
    level = _best(left, right)
    if level is Level.INITIAL:
        return Level.INITIAL
    return Level.DIFFERS if level is Level.DIFFERS else Level.CLOSE


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
