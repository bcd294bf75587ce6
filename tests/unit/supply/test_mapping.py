"""A mapping file: other names, other values, other dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from childindex.kernel.dates import PartialDate
from childindex.kernel.identity import Sex, SourceRecord
from childindex.supply.formats.mapping import read_mapping
from childindex.supply.formats.problems import FileHeld, Rejection
from tests.unit.supply.files import read

MAPPING = """
[columns]
record_id = "Pupil ID"
family_name = "Surname"
birth_date = "DOB"
carer_name = "Contact"
carer_phone = "Phone"
[values.sex]
M = "male"
f = "female"
[dates]
birth_date = "%d/%m/%Y"
"""


def _mapping(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text)
    return path


def test_a_file_in_the_suppliers_words(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "Surname,DOB,Pupil ID,Sex,Contact,Phone\nOkafor,04/03/2015,A1,F,Ada,07700 900123\nX,2015-03-04,A2,?,,\n"
    )
    good, bad = read(path, mapping=read_mapping(_mapping(tmp_path, MAPPING)))
    assert isinstance(good, SourceRecord)
    assert (good.identity.sex, good.identity.birth_date) == (Sex.FEMALE, PartialDate(2015, 3, 4))
    # Their Phone is the carer's; it is not also the service's.
    assert good.identity.carers[0].phone == "07700900123"
    assert good.involvements == ()
    assert bad == Rejection(row=3, column="sex", code="not_in_list")


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all [",
        "[colums]\nsex = 'S'\n",
        "[columns]\nshoe_size = 'Size'\n",
        "[columns]\nsex = 3\n",
        "columns = 'x'\n",
        "[values.sex]\nM = 1\n",
        "[dates]\nsex = '%d'\n",
        "[columns]\nsex = 'A'\nteam = 'A'\n",
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileHeld) as caught:
        read_mapping(_mapping(tmp_path, text))
    assert caught.value.code == "mapping"


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileHeld):
        read_mapping(tmp_path / "nothing.toml")


def test_a_file_without_a_column_the_mapping_names_is_held(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("Surname,DOB\nOkafor,04/03/2015\n")
    with pytest.raises(FileHeld) as caught:
        read(path, mapping=read_mapping(_mapping(tmp_path, MAPPING)))
    assert caught.value.code == "mapped_column_missing"
