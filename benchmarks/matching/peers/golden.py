"""The golden pairs in Splink's hands: python -m benchmarks.matching.peers.environment golden [--write].

Our model becomes a Splink 5 settings object: levels said in SQL (golden_sql.py), m and u as they are, the rarity of names as term frequencies,
each family pattern as a comparison of its own, the odds before comparing as Splink's prior; what a household shares beyond its most is taken off Splink's own
columns by one expression. Splink scores every golden pair; its bits are written into the file's column (--write), or the column is held against them:
exit 1 where one differs by more than 1e-6 bits, or where ours do.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from benchmarks.matching.peers.golden_sql import COLUMNS, LEVEL
from childindex.matching.bulk.training_file import shares_of
from childindex.matching.engine.comparisons import BEST_FIRST
from childindex.matching.engine.levels import FIELDS, HOUSEHOLD_FIELDS, Field, Level
from childindex.matching.engine.model import SHIPPED, Model, Pattern, load_model
from childindex.matching.engine.names import compare_given_words, compare_words, sound
from childindex.matching.engine.record import Standardised
from tests.matching.golden import ALMOST, Pair, read, write

_EVEN = 0.5


def _best(compare: Any, left: list[str], right: list[str]) -> str:
    """The best agreement of any word with any word."""
    return min((compare(one, other) for one in left for other in right), key=BEST_FIRST.index, default=Level.DIFFERS)


def given_words(left: list[str], right: list[str]) -> str:
    """How alike the words of two given names are."""
    return _best(compare_given_words, left, right)


def words(left: list[str], right: list[str]) -> str:
    """How alike the words of two other names are."""
    return _best(compare_words, left, right)


def connect() -> duckdb.DuckDBPyConnection:
    """A database that knows how alike words of names are."""
    connection = duckdb.connect()
    names = duckdb.list_type("VARCHAR")
    connection.create_function("given_words", given_words, [names, names], "VARCHAR")
    connection.create_function("words", words, [names, names], "VARCHAR")
    connection.create_function("sound", sound, ["VARCHAR"], "VARCHAR")
    return connection


def register(connection: duckdb.DuckDBPyConnection, side: str, records: list[Standardised]) -> None:
    """A table of standardised records, numbered by the pair they are of."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create table {side} (unique_id integer, pair integer, {columns}, given_term varchar)")
    marks = ", ".join("?" * (len(COLUMNS) + 3))
    for number, record in enumerate(records):
        facts = asdict(record)
        values = [list(facts[name]) if isinstance(facts[name], tuple) else facts[name] for name in COLUMNS]
        connection.execute(
            f"insert into {side} values ({marks})",  # noqa: S608
            [number, number, *values, next(iter(record.given), None)],
        )


def comparison(model: Model, of: Field, shares: dict[tuple[Field, Level], tuple[float, float]]) -> dict[str, Any]:
    """One comparison of the model as Splink reads it."""
    levels: list[dict[str, Any]] = [{"sql_condition": f"({LEVEL[of]}) = 'missing'", "is_null_level": True}]
    for (field, level), (m, u) in shares.items():
        if field is of:
            entry = {"sql_condition": f"({LEVEL[of]}) = '{level}'", "m_probability": m, "u_probability": u}
            if (of, level) in model.by_frequency:
                entry["tf_adjustment_column"] = "given_term" if of is Field.GIVEN else "family"
                entry["disable_tf_exact_match_detection"] = True
            levels.append(entry)
    return {"output_column_name": of.value, "comparison_levels": [*levels, _otherwise()]}


def pattern_comparison(number: int, pattern: Pattern) -> dict[str, Any]:
    """A family pattern as a comparison: its bits where it holds, else none."""
    holds = " and ".join(
        f"({LEVEL[of]}) in ({', '.join(sorted(repr(str(level)) for level in wanted))})"
        for of, wanted in pattern.when.items()
    )
    m, u = _EVEN * 2.0 ** min(pattern.bits, 0.0), _EVEN * 2.0 ** min(-pattern.bits, 0.0)
    level = {"sql_condition": holds, "m_probability": m, "u_probability": u}
    return {"output_column_name": f"pattern_{number}", "comparison_levels": [level, _otherwise()]}


def _otherwise() -> dict[str, Any]:
    """What is left says nothing."""
    return {"sql_condition": "ELSE", "m_probability": _EVEN, "u_probability": _EVEN}


def settings(model: Model) -> dict[str, Any]:
    """The whole model as Splink reads it."""
    odds = model.present / model.population
    shares = shares_of(SHIPPED.read_text(encoding="utf-8"))
    return {
        "link_type": "link_only",
        "probability_two_random_records_match": odds / (1.0 + odds),
        "blocking_rules_to_generate_predictions": [{"blocking_rule": "l.pair = r.pair", "sql_dialect": "duckdb"}],
        "comparisons": [
            *(comparison(model, of, shares) for of in FIELDS),
            *(pattern_comparison(number, pattern) for number, pattern in enumerate(model.patterns)),
        ],
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": False,
    }


def frequencies(model: Model, of: Field, names: set[str]) -> list[dict[str, Any]]:
    """How common each name is, as far as the model lets it count."""
    usual = model.by_frequency[of, Level.EXACT]
    column = "given_term" if of is Field.GIVEN else "family"
    return [
        {column: name, f"tf_{column}": usual / 2.0 ** model.frequency_bits(of, Level.EXACT, name)}
        for name in sorted(names)
    ]


def scored(model: Model, pairs: list[Pair]) -> list[dict[str, float]]:
    """Splink's bits of every pair: of each fact, of the patterns, of the household's most, and in all."""
    connection = connect()
    sides = [[pair.left for pair in pairs], [pair.right for pair in pairs]]
    for side, records in zip(("one", "two"), sides, strict=True):
        register(connection, side, records)
    api = DuckDBAPI(connection=connection)
    tables = [api.register(side, table_name=f"side_{side}", dataset_display_name=side) for side in ("one", "two")]
    linker = Linker(tables, settings(model), log_level="ERROR")
    everyone = sides[0] + sides[1]
    for of, names in (
        (Field.GIVEN, {record.given[0] for record in everyone if record.given}),
        (Field.FAMILY, {record.family for record in everyone if record.family}),
    ):
        column = "given_term" if of is Field.GIVEN else "family"
        table = _table(connection, column, frequencies(model, of, names))
        linker.table_management.register_term_frequency_lookup(api.register(table, table_name=f"as_{table}"), column)
    found = linker.inference.predict()
    bits = {of: f"mw_{of}" + (f" + mw_tf_adj_{of}" if of in (Field.GIVEN, Field.FAMILY) else "") for of in FIELDS}
    household = " + ".join(f"greatest({bits[of]}, 0)" for of in HOUSEHOLD_FIELDS)
    patterns = " + ".join(f"mw_pattern_{number}" for number in range(len(model.patterns))) or "0"
    query = (
        f"select unique_id_l, {', '.join(f'{bits[of]} as {of}' for of in FIELDS)}, {patterns} as patterns,"  # noqa: S608
        f" -greatest({household} - {model.most_household_bits}, 0) as household, match_weight + household as total"
        f" from {found.physical_name} where unique_id_l = unique_id_r order by unique_id_l"
    )
    lines = connection.execute(query)
    columns = [column[0] for column in lines.description][1:]
    return [dict(zip(columns, line[1:], strict=True)) for line in lines.fetchall()]


def _table(connection: duckdb.DuckDBPyConnection, column: str, rows: list[dict[str, Any]]) -> str:
    """A table of term frequencies."""
    table = f"frequency_{column}"
    connection.execute(f"create table {table} ({column} varchar, tf_{column} double)")
    connection.executemany(f"insert into {table} values (?, ?)", [list(row.values()) for row in rows])  # noqa: S608
    return table


def sayable(pair: Pair) -> bool:
    """Whether Splink can say how rare the shared name is: it reads one column, and so knows no other form than the first."""
    one, other = pair.left.given, pair.right.given
    return not (one and other) or one[0] == other[0] or not set(one) & set(other)


def main() -> None:
    """Score, then write the column or hold it against what was found."""
    parse = argparse.ArgumentParser(description=__doc__)
    parse.add_argument("--write", action="store_true", help="write Splink's bits into the file")
    given = parse.parse_args()
    pairs, model = read(), load_model()
    found = [bits if sayable(pair) else None for pair, bits in zip(pairs, scored(model, pairs), strict=True)]
    worst = 0.0
    for pair, bits in zip(pairs, found, strict=True):
        for fact, said in (bits or {}).items():
            apart = abs(said - pair.bits[fact])
            worst = max(worst, apart)
            if apart > ALMOST:
                print(f"{pair.name}: {fact} is {pair.bits[fact]:.6f} bits, by Splink {said:.6f}", file=sys.stderr)
    if given.write:
        write(replace(pair, splink=bits) for pair, bits in zip(pairs, found, strict=True))
    stale = sum(not _same(pair.splink, bits) for pair, bits in zip(read(), found, strict=True))
    print(json.dumps({"pairs": len(pairs), "not_sayable": found.count(None), "worst_bits": worst, "stale": stale}))
    sys.exit(worst > ALMOST or stale > 0)


def _same(one: dict[str, float] | None, other: dict[str, float] | None) -> bool:
    """Whether two columns say the same."""
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and all(abs(one[fact] - other[fact]) <= ALMOST for fact in one)


if __name__ == "__main__":
    main()
