"""Two entries side by side: what neither says does not agree."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex
from childindex.upkeep.joining import rules
from childindex.upkeep.types import Mark

# What is compared of an entry. The entry itself cannot be made here: it takes a receipt, and only the ledger makes those.
ADA = {
    "name": "Ada Quillfeather",
    "other_names": (),
    "birth_date": PartialDate(2013, 4, 3),
    "sex": Sex.FEMALE,
    "addresses": ("CH82 0AA",),
    "carers": (),
    "authority": "Cheshire West and Chester",
}


def entry(**facts: Any) -> Any:
    return SimpleNamespace(**{**ADA, **facts})


@pytest.mark.parametrize(
    ("field", "one", "other", "mark"),
    [
        ("carers", (), (), Mark.MISSING),
        ("carers", ("Jo Quillfeather",), (), Mark.MISSING),
        ("carers", ("Jo Quillfeather",), ("Jo Quillfeather",), Mark.SAME),
        ("carers", ("Jo Quillfeather",), ("Al Zanderling",), Mark.DIFFERS),
        ("sex", Sex.UNKNOWN, Sex.UNKNOWN, Mark.MISSING),
        ("sex", Sex.FEMALE, Sex.MALE, Mark.DIFFERS),
    ],
)
def test_what_is_not_given_neither_agrees_nor_differs(field: str, one: Any, other: Any, mark: Mark) -> None:
    assert rules.marks(entry(**{field: one}), entry(**{field: other}))[field] is mark
    assert rules.marks(entry(**{field: other}), entry(**{field: one}))[field] is mark
