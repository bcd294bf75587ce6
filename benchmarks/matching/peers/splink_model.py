"""The configuration that Splink is given: comparisons, blocking rules, training. Why, and what else was tried: README.md."""

from __future__ import annotations

import splink.comparison_level_library as levels
from splink import Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison

_TWO_DATES = "born_l = born_swapped_r"
_SHARED_HALF = "list_has_any(family_parts_l, family_parts_r)"
_FORMER = "(family_l = former_r or former_l = family_r)"


def _given() -> CustomComparison:
    return CustomComparison(
        output_column_name="given",
        comparison_levels=[
            levels.NullLevel("given"),
            levels.ExactMatchLevel("given", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("given", 0.92),
            levels.JaroWinklerLevel("given", 0.88),
            levels.CustomLevel(
                "starts_with(given_l, given_r) or starts_with(given_r, given_l)", "one begins the other"
            ),
            levels.ElseLevel(),
        ],
    )


def _family() -> CustomComparison:
    return CustomComparison(
        output_column_name="family",
        comparison_levels=[
            levels.NullLevel("family"),
            levels.ExactMatchLevel("family", term_frequency_adjustments=True),
            levels.CustomLevel(_FORMER, "one's former name is the other's name"),
            levels.JaroWinklerLevel("family", 0.92),
            levels.JaroWinklerLevel("family", 0.88),
            levels.CustomLevel(_SHARED_HALF, "half of a double name"),
            levels.ElseLevel(),
        ],
    )


def _born() -> CustomComparison:
    return CustomComparison(
        output_column_name="born",
        comparison_levels=[
            levels.NullLevel("born"),
            levels.ExactMatchLevel("born", term_frequency_adjustments=True),
            levels.CustomLevel(_TWO_DATES, "day and month swapped"),
            levels.DamerauLevenshteinLevel("born", 1),
            levels.CustomLevel("born_year_l = born_year_r", "the year"),
            levels.ElseLevel(),
        ],
    )


def _post() -> CustomComparison:
    return CustomComparison(
        output_column_name="post",
        comparison_levels=[
            levels.NullLevel("post"),
            levels.ExactMatchLevel("post", term_frequency_adjustments=True),
            levels.CustomLevel("post_l[:-3] = post_r[:-3]", "sector"),
            levels.CustomLevel("post_l[:-4] = post_r[:-4]", "district"),
            levels.ElseLevel(),
        ],
    )


def _sex() -> CustomComparison:
    return CustomComparison(
        output_column_name="sex",
        comparison_levels=[levels.NullLevel("sex"), levels.ExactMatchLevel("sex"), levels.ElseLevel()],
    )


def _middle() -> CustomComparison:
    return CustomComparison(
        output_column_name="middle",
        comparison_levels=[
            levels.NullLevel("middle"),
            levels.ExactMatchLevel("middle", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("middle", 0.88),
            levels.CustomLevel(
                "starts_with(middle_l, middle_r) or starts_with(middle_r, middle_l)", "one begins the other"
            ),
            levels.ElseLevel(),
        ],
    )


def _house() -> CustomComparison:
    return CustomComparison(
        output_column_name="house",
        comparison_levels=[
            levels.CustomLevel("house_l is null or house_r is null", "missing").configure(is_null_level=True),
            levels.CustomLevel("first_line_l = first_line_r", "first line"),
            levels.CustomLevel("house_l = house_r", "number"),
            levels.ElseLevel(),
        ],
    )


def _number(column: str) -> CustomComparison:
    return CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column),
            # too rare among random pairs to be counted there: some 100 of the 10^8 numbers in use are one slip away
            levels.DamerauLevenshteinLevel(column, 1).configure(
                m_probability=0.005, u_probability=1e-6, fix_u_probability=True
            ),
            levels.ElseLevel(),
        ],
    )


_COMPARISONS = {
    "given": _given,
    "family": _family,
    "born": _born,
    "sex": _sex,
    "post": _post,
    "middle": _middle,
    "house": _house,
    "nhs": lambda: _number("nhs"),
    "upn": lambda: _number("upn"),
}
SIX = ("given", "family", "born", "sex", "post", "middle")
WITH_NUMBERS = (*SIX, "nhs", "upn")


def blocking_rules(*, numbers: bool) -> list[object]:
    """The nine rules of the comparison, and one for each number where the files have numbers."""
    rules: list[object] = [
        block_on("born", "substr(given, 1, 1)"),
        block_on("born", "substr(family, 1, 1)"),
        block_on("given", "family", "born_year"),
        block_on("given", "family", "substr(post, 1, 4)"),
        block_on("given", "post"),
        block_on("family", "post"),
        block_on("born", "post"),
        block_on("post", "house", "born_year"),
        CustomRule("l.born = r.born_swapped and l.given = r.given"),
    ]
    return [*[block_on(name) for name in ("nhs", "upn") if numbers], *rules]


def settings(link_type: str, compared: tuple[str, ...], *, numbers: bool = False) -> SettingsCreator:
    """The model before training."""
    return SettingsCreator(
        link_type=link_type,
        comparisons=[_COMPARISONS[name]() for name in compared],
        blocking_rules_to_generate_predictions=blocking_rules(numbers=numbers),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
        probability_two_random_records_match=1e-6,
    )


def train_prior_and_u(linker: Linker, *, pairs: float, seed: int) -> None:
    """The prior from three strict rules, then u from random pairs."""
    strict = [
        block_on("given", "family", "born"),
        block_on("given", "born", "post"),
        block_on("family", "born", "post", "sex"),
    ]
    linker.training.estimate_probability_two_random_records_match(strict[:2], recall=0.85)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=seed)


def train_m(linker: Linker, *, most_pairs: float) -> None:
    """Expectation maximisation for m, in three passes that between them leave every comparison free at least once."""
    for rule in (block_on("given", "family"), block_on("born", "post"), block_on("born", "substr(given, 1, 1)")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True, max_pairs=most_pairs
        )
