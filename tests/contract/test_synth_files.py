"""What `childindex synth` writes is what the supply file contract says, row by row, and the truth beside it is true."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from stdnum.gb import nhs, upn

from childindex.directory.types import Register
from childindex.supply.formats.columns import COLUMNS, REQUIRED
from childindex.supply.formats.problems import Rejection
from childindex.supply.formats.records import SupplyFile
from childindex.supply.formats.register import read_register
from childindex.supply.formats.rules import Rules, Service
from synthetic.generate import DEFAULT_SUPPLIERS, REFERENCE, generate
from synthetic.names import DATA

CHILDREN = 5_000


@pytest.fixture(scope="module")
def area(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("area")
    generate(children=CHILDREN, seed=11, out=out)
    return out


@pytest.fixture(scope="module")
def register(area: Path) -> Register:
    with (DATA / "local_authorities.csv").open(encoding="utf-8") as file:
        authorities = {row["gss_code"] for row in csv.DictReader(file)}
    return read_register(area, authorities=authorities)


def share(flags: pl.Series) -> float:
    """Of the rows that are known, how many are true."""
    return float(flags.drop_nulls().to_numpy().mean())


def read(area: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(area / f"{name}.csv", infer_schema=False)


def test_the_files_are_the_feeds_the_setup_and_the_truth(area: Path) -> None:
    setup = {"organisations.csv", "services.csv", "feeds.toml", "postcodes.csv", "truth.csv", "forbidden_pairs.csv"}
    assert {path.name for path in area.iterdir()} == setup | {f"{name}.csv" for name in DEFAULT_SUPPLIERS}


@pytest.mark.parametrize("name", DEFAULT_SUPPLIERS)
def test_every_row_of_every_feed_is_accepted(area: Path, register: Register, name: str) -> None:
    feed = next(feed for feed in register.feeds if feed.name == name)
    services = {one.code: Service(kind=one.kind, sensitive=one.sensitive) for one in register.service_types}
    rules = Rules(feed=name, as_at=REFERENCE, services=services, kinds=frozenset(feed.kinds), fields=feed.fields)
    file = SupplyFile(area / f"{name}.csv", rules=rules)
    contents = file.look()
    read_back = list(file.records(contents))
    assert [one for one in read_back if isinstance(one, Rejection)] == []
    assert len(read_back) == len(contents.rows_of) > 0
    assert contents.unknown_columns == contents.unlicensed_columns == 0


@pytest.mark.parametrize("name", DEFAULT_SUPPLIERS)
def test_columns_are_the_contracts_and_the_required_ones_are_full(area: Path, name: str) -> None:
    frame = read(area, name)
    assert set(frame.columns) <= set(COLUMNS)
    assert all(frame[column].null_count() == 0 for column in REQUIRED)


@pytest.mark.parametrize("name", DEFAULT_SUPPLIERS)
def test_a_record_in_several_rows_says_the_same_of_the_child(area: Path, name: str) -> None:
    frame = read(area, name)
    child = ["family_name", "given_name", "birth_date", "sex", "postcode"]
    said = frame.group_by("record_id").agg(pl.col(child).n_unique())
    assert said.select(pl.col(child).max()).row(0) == (1, 1, 1, 1, 1)


def test_no_number_is_anybodys(area: Path) -> None:
    for name in DEFAULT_SUPPLIERS:
        frame = read(area, name)
        if "nhs_number" in frame.columns:
            numbers = frame["nhs_number"].drop_nulls().to_list()
            assert numbers
            assert all(number.startswith("999") and nhs.is_valid(number) for number in numbers)
        if "upn" in frame.columns:
            assert all(upn.is_valid(number) for number in frame["upn"].drop_nulls().to_list())


def test_the_truth_knows_every_record_once(area: Path) -> None:
    truth = read(area, "truth")
    assert truth.columns[:3] == ["source", "record_id", "person_id"]
    assert truth.select("source", "record_id").is_unique().all()
    for name in DEFAULT_SUPPLIERS:
        known = set(truth.filter(pl.col("source") == name)["record_id"])
        assert known == set(read(area, name)["record_id"])
    assert truth.select("source", "person_id").is_unique().all()
    assert truth["person_id"].n_unique() <= CHILDREN


def test_forbidden_pairs_are_two_persons_of_two_identities(area: Path) -> None:
    pairs, truth = read(area, "forbidden_pairs"), read(area, "truth")
    assert pairs.columns == ["source_a", "record_id_a", "source_b", "record_id_b"]
    assert len(pairs) > 10
    sides = []
    for side in "ab":
        keys = [f"source_{side}", f"record_id_{side}"]
        sides.append(pairs.join(truth, left_on=keys, right_on=["source", "record_id"], maintain_order="left"))
    assert (sides[0]["person_id"] != sides[1]["person_id"]).all()
    assert set(sides[0]["group_identity"]) == {"earlier"}
    assert set(sides[1]["group_identity"]) == {"later"}


def test_most_records_of_one_child_agree_and_many_differ_somewhere(area: Path) -> None:
    """The files are linkable, and not without work."""
    truth = read(area, "truth")
    births, gp = (
        truth.filter(pl.col("source") == name).join(read(area, name).unique("record_id"), on="record_id")
        for name in ("births", "gp_list")
    )
    both = births.join(gp, on="person_id", suffix="_gp")
    assert share(both["birth_date"] == both["birth_date_gp"]) > 0.97
    assert 0.85 < share(both["family_name"].str.to_lowercase() == both["family_name_gp"].str.to_lowercase()) < 0.97
    assert 0.3 < share(both["postcode"] != both["postcode_gp"]) < 0.8


def test_a_sensitive_service_is_listed_only_with_a_decision(area: Path, register: Register) -> None:
    sensitive = {one.kind for one in register.service_types if one.sensitive}
    assert sensitive == {"sexual_health", "mental_health", "substance_misuse"}
    clinic = read(area, "sexual_health")
    assert clinic.select("consent_basis", "consent_by", "consent_on").null_count().row(0) == (0, 0, 0)
    assert set(clinic["consent_basis"]) <= {"child", "parent", "significant_harm"}


def test_at_most_one_lead_professional_a_child(area: Path) -> None:
    care = read(area, "social_care")
    leads = care.filter(pl.col("lead_professional") == "true")
    assert len(leads) > 20
    assert leads["record_id"].is_unique().all()
    assert leads["ended_on"].null_count() == len(leads)


def test_half_a_percent_are_shielded_by_social_care(area: Path) -> None:
    care = read(area, "social_care").unique("record_id")
    shielded = int((care["confidential"] == "true").sum())
    assert 0.002 * CHILDREN < shielded < 0.009 * CHILDREN


def test_kinds_without_a_feed_exist_so_that_they_can_be_shown_as_not_supplied(register: Register) -> None:
    supplied = {kind for feed in register.feeds for kind in feed.kinds}
    kinds = {one.kind for one in register.service_types}
    assert supplied < kinds
    assert {"mental_health", "probation"} <= kinds - supplied


def test_nearly_every_postcode_is_in_the_register(area: Path, register: Register) -> None:
    for name in DEFAULT_SUPPLIERS:
        written = read(area, name)["postcode"].drop_nulls()
        assert share(written.is_in(list(register.postcodes))) > 0.94, name


def test_what_was_planted_is_there(area: Path) -> None:
    visits, gp, school = read(area, "health_visiting"), read(area, "gp_list"), read(area, "school_census")
    assert (visits["unborn"] == "true").sum() > 0
    assert visits["given_name"].is_in(["Baby", "Infant", "Unknown", "Twin 1", "Twin 2"]).sum() > 0
    assert read(area, "gp_list")["postcode"].str.starts_with("ZZ99").sum() > 0
    assert gp["left_england"].drop_nulls().is_in(["returning", "not_returning", "not_known"]).all()
    assert school["known_as"].drop_nulls().len() > 0
    assert school["former_family_name"].drop_nulls().len() > 0
    assert (gp["family_name"] == gp["family_name"].str.to_uppercase()).all()
    today = date.fromisoformat(str(REFERENCE))
    assert all(read(area, name)["updated_on"].max() <= today.isoformat() for name in DEFAULT_SUPPLIERS)  # type: ignore[operator]
