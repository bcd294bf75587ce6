"""Our levels said in SQL, on standardised columns of a left and a right record; each expression is the name of a level.

What SQL cannot say is how alike two words of names are: `given_words`, `words` and `sound` are functions of `golden.py`.
"""

from __future__ import annotations

from childindex.matching.engine.levels import Field
from childindex.matching.engine.names import UNNAMED_TWIN

COLUMNS = {
    "given": "varchar[]", "given_parts": "varchar[]", "middle": "varchar[]", "family": "varchar", "former": "varchar",
    "family_parts": "varchar[]", "year": "integer", "month": "integer", "day": "integer", "sex": "varchar",
    "nhs_number": "varchar", "nhs_number_failed": "varchar", "upn": "varchar", "upn_failed": "varchar", "uprn": "varchar",
    "postcode": "varchar", "sector": "varchar", "house": "varchar", "street": "varchar", "carers": "varchar[]", "phones": "varchar[]",
}  # fmt: skip

_PARTS = "case when len(family_parts_{side}) > 0 then family_parts_{side} else [coalesce(nullif(family_{side}, ''), former_{side})] end"
_NAMES = "list_prepend(coalesce(nullif(family_{side}, ''), former_{side}), family_parts_{side})"
_FAMILY_WORDS = f"words({_NAMES.format(side='l')}, {_NAMES.format(side='r')})"
_FAMILY = f"""case
    when (family_l = '' and former_l = '') or (family_r = '' and former_r = '') then 'missing'
    when family_l = family_r and family_l <> '' then 'exact'
    when former_l <> '' and former_l in (family_r, former_r) then 'former'
    when former_r <> '' and former_r = family_l then 'former'
    when list_has_any({_PARTS.format(side="l")}, {_PARTS.format(side="r")}) then 'part'
    when {_FAMILY_WORDS} = 'nickname' then 'close'
    else {_FAMILY_WORDS} end"""

_GIVEN_WORDS = "given_words(given_l, given_r)"
_GIVEN = f"""case
    when len(given_l) = 0 or len(given_r) = 0 then 'missing'
    when given_l[1] = '{UNNAMED_TWIN}' or given_r[1] = '{UNNAMED_TWIN}' then 'unnamed_twin'
    when list_has_any(given_l, given_r) then 'exact'
    when {_GIVEN_WORDS} in ('transliteration', 'nickname', 'sounds_alike') then {_GIVEN_WORDS}
    when list_has_any(given_l, given_parts_r) or list_has_any(given_parts_l, given_r)
        or list_has_any(given_parts_l, given_parts_r) then 'part'
    when {_GIVEN_WORDS} in ('close', 'initial') then {_GIVEN_WORDS}
    when list_contains(middle_r, given_l[1]) or list_contains(middle_l, given_r[1]) then 'middle'
    when list_contains(middle_l, given_l[1]) or list_contains(middle_r, given_r[1]) then 'called'
    when ({_FAMILY}) = 'differs' and sound(given_l[1]) = sound(family_r) and sound(given_r[1]) = sound(family_l) then 'swapped'
    else {_GIVEN_WORDS} end"""

_MIDDLE_WORDS = "words(middle_l, middle_r)"
_MIDDLE = f"""case
    when len(middle_l) = 0 or len(middle_r) = 0 then 'missing'
    when middle_l = middle_r then 'exact'
    when list_has_any(middle_l, middle_r) then 'part'
    when {_MIDDLE_WORDS} in ('initial', 'differs') then {_MIDDLE_WORDS}
    else 'close' end"""

_DIGITS = (
    "lpad(year_{side}::varchar, 4, '0') || lpad(month_{side}::varchar, 2, '0') || lpad(day_{side}::varchar, 2, '0')"
)
_ONE, _OTHER = _DIGITS.format(side="l"), _DIGITS.format(side="r")
_BIRTH_DATE = f"""case
    when year_l = 0 or year_r = 0 then 'missing'
    when day_l > 0 and day_r > 0 then case
        when {_ONE} = {_OTHER} and month_l = 1 and day_l = 1 then 'first_of_january'
        when {_ONE} = {_OTHER} then 'exact'
        when year_l = year_r and month_l = day_r and day_l = month_r then 'day_month_swapped'
        when hamming({_ONE}, {_OTHER}) = 1 then 'one_digit'
        when (year_l = year_r)::integer + (month_l = month_r)::integer + (day_l = day_r)::integer = 2 then 'two_parts_agree'
        else 'differs' end
    when month_l > 0 and month_r > 0 then case
        when year_l = year_r and month_l = month_r then 'month_agrees' else 'differs' end
    when year_l = year_r then 'year_only_agrees'
    else 'differs' end"""

_SEX = "case when sex_l = '' or sex_r = '' then 'missing' when sex_l = sex_r then 'exact' else 'differs' end"

# Two numbers of one length a substitution or a swap of neighbours apart.
_NUMBER = """case
    when {number}_l <> '' and {number}_r <> '' then case when {number}_l = {number}_r then 'exact' else 'differs' end
    when {number}_l <> '' and {number}_failed_r <> '' and damerau_levenshtein({number}_l, {number}_failed_r) = 1 then 'one_digit'
    when {number}_r <> '' and {number}_failed_l <> '' and damerau_levenshtein({number}_r, {number}_failed_l) = 1 then 'one_digit'
    else 'missing' end"""

_ADDRESS = """case
    when uprn_l <> '' and uprn_l = uprn_r then 'property'
    when postcode_l <> '' and postcode_l = postcode_r and house_l <> '' and house_l = house_r then 'exact'
    when postcode_l <> '' and postcode_l = postcode_r then 'postcode'
    when street_l <> '' and street_l = street_r and house_l <> '' and house_l = house_r then 'street'
    when sector_l <> '' and sector_l = sector_r then 'sector'
    when (uprn_l <> '' and uprn_r <> '') or (postcode_l <> '' and postcode_r <> '') or (street_l <> '' and street_r <> '') then 'differs'
    else 'missing' end"""

_FIRST = "list_transform(carers_{side}, lambda name: split_part(name, ' ', 1))"
_CARERS = f"""case
    when (len(carers_l) = 0 and len(phones_l) = 0) or (len(carers_r) = 0 and len(phones_r) = 0) then 'missing'
    when list_has_any(carers_l, carers_r) then 'exact'
    when list_has_any(phones_l, phones_r) then 'phone'
    when len(carers_l) = 0 or len(carers_r) = 0 then case
        when len(phones_l) > 0 and len(phones_r) > 0 then 'differs' else 'missing' end
    when list_has_any({_FIRST.format(side="l")}, {_FIRST.format(side="r")}) then 'part'
    else 'differs' end"""

LEVEL: dict[Field, str] = {
    Field.GIVEN: _GIVEN,
    Field.FAMILY: f"case when ({_GIVEN}) = 'swapped' then 'swapped' else {_FAMILY} end",
    Field.MIDDLE: _MIDDLE,
    Field.BIRTH_DATE: _BIRTH_DATE,
    Field.SEX: _SEX,
    Field.NHS_NUMBER: _NUMBER.format(number="nhs_number"),
    Field.UPN: _NUMBER.format(number="upn"),
    Field.ADDRESS: _ADDRESS,
    Field.CARERS: _CARERS,
}
