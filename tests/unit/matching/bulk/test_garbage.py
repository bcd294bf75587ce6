"""Python's search for rings rests while files are linked, and goes on afterwards, however the work ends."""

from __future__ import annotations

import gc

import pytest

from childindex.matching.bulk.garbage import uncollected


def test_the_search_goes_on_however_the_work_ends() -> None:
    with pytest.raises(KeyError), uncollected():
        _look_up_nothing()
    assert gc.isenabled()


def _look_up_nothing() -> None:
    assert not gc.isenabled()
    raise KeyError


def test_a_search_that_rested_before_rests_afterwards() -> None:
    with uncollected(), uncollected():
        pass
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
