from __future__ import annotations

import numpy as np
from stdnum.gb import nhs, upn

from synthetic import numbers


def test_every_nhs_number_is_valid_unique_and_of_the_test_range() -> None:
    issued = numbers.nhs_numbers(np.random.default_rng(1))
    assert len(issued) == len(set(issued.tolist())) > 900_000
    assert issued.min() // 10**7 == issued.max() // 10**7 == 999
    assert all(nhs.is_valid(str(number)) for number in issued[:2_000].tolist())


def test_pupil_numbers_are_valid_and_nobody_shares_one() -> None:
    authority = np.repeat(np.arange(2), 5_000)
    made = numbers.upns(authority, np.full(10_000, 2019), la_numbers=np.array([383, 384]))
    assert made.n_unique() == 10_000
    assert all(upn.is_valid(number) for number in made.to_list()[::50])


def test_telephone_numbers_are_those_kept_for_drama() -> None:
    assert all(number.startswith("07700 900") for number in numbers.mobile_phones())
    assert all(number[:9] in {area[:9] for area in numbers.FICTIONAL_AREAS} for number in numbers.office_phones())
