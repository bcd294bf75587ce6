"""The four set-up files: what is read, and the first fault with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from childindex.supply.formats.register import RegisterWrong, read_register

FILES = {
    "organisations.csv": (
        "organisation_id,name,kind,sector,authority,phone,out_of_hours_phone,hours\n"
        "gss:E06000001,Hartlepool council,council,social_care,E06000001,020 7946 0001,020 7946 0002,Monday to Friday\n"
        "urn:900001,Larkfield school,school,education,E06000001,020 7946 0003,,\n"
        "gss:E92000001,School census,census,education,,,,\n"
    ),
    "services.csv": (
        "service_type,name,kind,sector,coverage,sensitive\n"
        "school,School,school,education,universal,false\n"
        "sexual_health,Sexual health,sexual_health,health,additional,true\n"
        "new_service,New service,other,health,additional,\n"
    ),
    "postcodes.csv": "postcode,authority\nTS82 1AA,E06000001\nts821ab,E06000001\n",
    "feeds.toml": """
[school_census]
supplier = "School census"
organisation_id = "gss:E92000001"
legal_basis = "Education Act 1996, section 537A"
duty = "must"
kinds = ["school"]
authorities = ["E06000001"]
cadence_days = 14
fields = ["given_name", "upn", "service_type"]
rank = 20
precedence = { upn = 1, carers = 2 }
""",
}
AUTHORITIES = {"E06000001": "Hartlepool"}


def write_register(folder: Path, **changed: str) -> Path:
    """The four files, some of them with other content; the keys are names without their endings."""
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    return folder


def test_a_register(tmp_path: Path) -> None:
    register = read_register(write_register(tmp_path), authorities=AUTHORITIES)
    council, school, census = register.organisations
    assert (council.phone, council.hours, census.authority) == ("02079460001", "Monday to Friday", "")
    assert school.code == "urn:900001"
    assert register.postcodes == {"TS82 1AA": "E06000001", "TS82 1AB": "E06000001"}
    (feed,) = register.feeds
    assert (feed.name, feed.kinds, feed.rank_of("upn"), feed.rank_of("sex")) == ("school_census", ("school",), 1, 20)
    assert (feed.removals_percent, feed.paused, feed.answered_on) == (5, False, None)


def test_a_service_is_sensitive_until_somebody_says_otherwise(tmp_path: Path) -> None:
    register = read_register(write_register(tmp_path), authorities=AUTHORITIES)
    assert [service.sensitive for service in register.service_types] == [False, True, True]


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("organisations", "name,kind", "title,kind", "the header must be"),
        ("organisations", "urn:900001", "900001", "row 3, organisation_id"),
        ("organisations", "urn:900001", "gss:E06000001", "row 3: gss:E06000001 stands twice"),
        ("organisations", "Larkfield school", "", "row 3, name"),
        ("organisations", "020 7946 0003", "call us", "row 3, phone"),
        ("organisations", "education,E06000001", "education,E06999999", "urn:900001 names 'E06999999'"),
        ("organisations", "Larkfield school,", "Larkfield school", "row 3, row"),
        ("organisations", "Larkfield school", "L" * 151, "row 3, name"),
        ("organisations", "Larkfield school", '"Larkfield" school', "it is not comma-separated values"),
        ("services", "universal", "all", "row 2, coverage"),
        ("services", "school,School", "School!,School", "row 2, service_type"),
        ("services", "false", "no", "row 2, sensitive"),
        ("postcodes", "TS82 1AA", "TS", "row 2, postcode"),
        ("feeds", 'supplier = "School census"', "", "[school_census] supplier"),
        ("feeds", "cadence_days = 14", 'cadence_days = "14"', "[school_census] cadence_days"),
        ("feeds", 'kinds = ["school"]', 'kinds = ["chess"]', "[school_census] kinds names 'chess'"),
        ("feeds", 'duty = "must"', 'duty = "perhaps"', "[school_census] duty names 'perhaps'"),
        ("feeds", '"upn",', '"shoe_size",', "[school_census] fields names 'shoe_size'"),
        ("feeds", "gss:E92000001", "gss:E00000000", "[school_census] organisation_id"),
        ("feeds", "[school_census]", "['School census!']", "is not the name of a feed"),
        ("feeds", "= {", "= [", "it is not TOML"),
    ],
)
def test_the_first_fault_is_named_with_its_place(tmp_path: Path, file: str, old: str, new: str, place: str) -> None:
    name = f"{file}.toml" if file == "feeds" else f"{file}.csv"
    assert old in FILES[name]
    folder = write_register(tmp_path, **{file: FILES[name].replace(old, new)})
    with pytest.raises(RegisterWrong) as caught:
        read_register(folder, authorities=AUTHORITIES)
    assert caught.value.sentence.startswith(f"{name}: ")
    assert place in caught.value.sentence


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [("services", "service_type,name,kind,sector,coverage,sensitive\n", "no rows"), ("feeds", "", "no feeds")],
)
def test_a_file_that_says_nothing(tmp_path: Path, file: str, text: str, sentence: str) -> None:
    with pytest.raises(RegisterWrong, match=sentence):
        read_register(write_register(tmp_path, **{file: text}), authorities=AUTHORITIES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_is_not_there_empty_or_not_text(tmp_path: Path, name: str) -> None:
    write_register(tmp_path)
    (tmp_path / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RegisterWrong, match="UTF-8"):
        read_register(tmp_path, authorities=AUTHORITIES)
    (tmp_path / name).unlink()
    with pytest.raises(RegisterWrong, match="cannot be opened"):
        read_register(tmp_path, authorities=AUTHORITIES)
