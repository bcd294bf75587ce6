"""What needs no weighing: records that agree in every part of a key which only one record of each supplier has."""

from __future__ import annotations

import numpy as np

from childindex.matching.bulk.groups import Flags, components, distinct, mixed, starts_of
from childindex.matching.bulk.records import Records
from childindex.matching.engine.coded import Codes, Ints, in_order
from childindex.matching.engine.names import UNNAMED_TWIN

# What has to be the same, and what may not contradict: two children who share a full name, day of birth and home are rare
# enough (docs/matching says how rare), unless their numbers or sexes say otherwise.
_KEYS = (("given", "family", "postcode"), ("nhs_number", "given"), ("upn", "given"))
_MAY_NOT_DIFFER = ("sex", "nhs_number", "upn")
# Without a number, a record is not certain while its own supplier has another child born on that day who has one of these too: a twin at
# home, a namesake anywhere. Either may be called by the other's name by mistake.
_NONE_BESIDE = (("postcode",), ("given", "family"))


def certain(records: Records, several: Flags) -> Ints:
    """The cluster of each record (the smallest row in it) as far as exact keys settle it.

    `several` says of each source whether it may hold a child in several records: its records are never certain.
    """
    ones: list[Ints] = []
    others: list[Ints] = []
    alone = np.logical_and.reduce([_alone(records, columns) for columns in _NONE_BESIDE])
    for columns in _KEYS:
        one, other = _agreeing(records, columns, several, alone if "postcode" in columns else None)
        ones.append(one)
        others.append(other)
    label = components(len(records), np.concatenate(ones), np.concatenate(others))
    rows = np.flatnonzero(np.bincount(label, minlength=len(records))[label] > 1)
    wrong = _contradicted(records, label[rows], rows)
    undone = np.isin(label[rows], wrong)
    label[rows[undone]] = rows[undone]
    return label


def _alone(records: Records, columns: tuple[str, ...]) -> Flags:
    """Records beside which their source has no other with the same date of birth and these columns."""
    values = (records.coded.codes[column] for column in columns)
    key = mixed(records.source, records.dates, *values)
    order, key = in_order(key)
    starts = starts_of(key)
    sizes = np.diff(np.append(starts, len(order)))
    alone = np.empty(len(order), dtype=np.bool_)
    alone[order] = np.repeat(sizes == 1, sizes)
    return alone


def _agreeing(
    records: Records, columns: tuple[str, ...], several: Flags, among: Flags | None = None
) -> tuple[Ints, Ints]:
    """Records that agree in these columns and the date of birth: each with the first of its group. Only those of `among`, if given."""
    codes = records.coded.codes
    usable = (records.dates % 100 > 0) & ~several[records.source]
    if among is not None:
        usable &= among
    for column in columns:
        usable &= codes[column] > 0
    usable &= ~np.array([value[0][:1] == (UNNAMED_TWIN,) for value in records.values["given"].values])[codes["given"]]
    rows = np.flatnonzero(usable)
    key = mixed(records.dates[rows], *(codes[column][rows] for column in columns))
    order, key = in_order(key)
    rows = rows[order]
    starts = starts_of(key)
    sizes = np.diff(np.append(starts, len(rows)))
    group = np.repeat(np.arange(len(starts)), sizes)
    wrong = _contradicted(records, group, rows)
    good = sizes > 1
    good[wrong] = False
    keep = good[group]
    return np.repeat(rows[starts], sizes)[keep], rows[keep]


def _contradicted(records: Records, group: Ints, rows: Ints) -> Ints:
    """Groups with two records of one source, or with two values of a fact that may not differ."""
    bad = [_twice(group, records.source[rows].astype(np.int64))]
    for column in _MAY_NOT_DIFFER:
        values = records.coded.codes[column][rows]
        given = np.flatnonzero(values > 0)
        pairs = distinct(mixed_pair(group[given], values[given]))
        groups = pairs >> 32
        bad.append(groups[1:][groups[1:] == groups[:-1]])
    return distinct(np.concatenate(bad))


def mixed_pair(one: Ints, other: Ints | Codes) -> Ints:
    """Two numbers below 2^31 in one, ordered by the first."""
    return (one.astype(np.int64) << 32) | other.astype(np.int64)


def _twice(group: Ints, value: Ints) -> Ints:
    """Groups in which a value stands twice."""
    both = np.sort(mixed_pair(group, value))
    twice: Ints = both[1:][both[1:] == both[:-1]] >> 32
    return twice
