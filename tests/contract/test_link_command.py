"""`childindex link` as an evaluator runs it: what it writes, in which order, and how it ends."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from childindex.matching.bulk import link as bulk
from childindex.matching.bulk import train as training
from childindex.matching.bulk.kept import Scored
from childindex.matching.bulk.records import Records
from childindex.matching.engine.model import load_model
from childindex.project.cli import app
from synthetic.generate import generate

FEEDS = ("births", "gp_list", "school_census")
WRITTEN = ("links.csv", "review.csv")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    generate(children=700, seed=3, out=folder, suppliers=FEEDS)
    return folder


@pytest.fixture(scope="module")
def run(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town linked once."""
    out = tmp_path_factory.mktemp("linked") / "made" / "if_missing"
    link(*files(town), "--out", out, "--pairs")
    return out


def files(town: Path) -> list[Path]:
    return [town / f"{feed}.csv" for feed in FEEDS]


def link(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["link", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def records(file: Path) -> list[dict[str, str]]:
    """The first line of each record: a record may stand in several rows."""
    return list({line["record_id"]: line for line in reversed(table(file))}.values())[::-1]


def head(file: Path) -> str:
    return file.read_text(encoding="utf-8").splitlines()[0]


def bytes_of(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in WRITTEN}


def test_files_and_columns_are_the_contracts(run: Path) -> None:
    assert {file.name for file in run.iterdir() if file.is_file()} == {*WRITTEN, "report.json", "pairs.parquet"}
    assert head(run / "links.csv") == "source,record_id,child,score,explanation"
    assert head(run / "review.csv") == "source_a,record_id_a,source_b,record_id_b,score,explanation"


def test_every_record_is_in_links_once_in_the_order_of_the_files(town: Path, run: Path) -> None:
    expected = {(feed, line["record_id"]): None for feed in FEEDS for line in table(town / f"{feed}.csv")}
    assert [(line["source"], line["record_id"]) for line in table(run / "links.csv")] == list(expected)


def test_a_child_alone_has_no_score_and_all_others_have_one_and_a_reason(run: Path) -> None:
    lines = table(run / "links.csv")
    sizes: dict[str, int] = {}
    for line in lines:
        sizes[line["child"]] = sizes.get(line["child"], 0) + 1
    assert max(sizes.values()) <= len(FEEDS)
    assert min(sizes.values()) == 1
    for line in lines:
        if sizes[line["child"]] == 1:
            assert (line["score"], line["explanation"]) == ("", "The only record of this child")
        else:
            assert 0.5 < float(line["score"]) <= 1
            assert len(line["explanation"]) > 10
    children = list(dict.fromkeys(line["child"] for line in lines))
    assert children == [f"C{number:09d}" for number in range(1, len(children) + 1)]


def test_pairs_for_a_person_are_likeliest_first_and_of_two_children(run: Path) -> None:
    child = {(line["source"], line["record_id"]): line["child"] for line in table(run / "links.csv")}
    lines = table(run / "review.csv")
    assert lines
    scores = [float(line["score"]) for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= load_model().thresholds.ask
    for line in lines:
        one, other = (child[line[f"source_{side}"], line[f"record_id_{side}"]] for side in "ab")
        assert one != other
        assert line["source_a"] != line["source_b"]
        assert line["explanation"]


def test_the_report_counts_what_the_files_hold(run: Path) -> None:
    report = json.loads((run / "report.json").read_text(encoding="utf-8"))
    assert set(report) == {"model_version", "seconds", "counts"}
    assert report["model_version"] == load_model().version
    links, review = table(run / "links.csv"), table(run / "review.csv")
    assert report["counts"]["records"] == len(links)
    assert report["counts"]["children"] == len({line["child"] for line in links})
    assert report["counts"]["pairs_for_review"] == len(review)
    assert report["seconds"]["total"] == pytest.approx(
        sum(took for stage, took in report["seconds"].items() if stage != "total"), abs=0.1
    )


def test_a_source_may_be_named_and_json_is_the_report(town: Path, tmp_path: Path) -> None:
    births, surgery = town / "births.csv", town / "gp_list.csv"
    result = link(births, f"a=b={surgery}", "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout) == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert list(dict.fromkeys(line["source"] for line in table(tmp_path / "out" / "links.csv"))) == ["births", "a=b"]
    assert not (tmp_path / "out" / "pairs.parquet").exists()


def test_a_name_with_an_apostrophe_is_kept(town: Path, tmp_path: Path) -> None:
    link(f"st mary's={town / 'births.csv'}", "--out", tmp_path / "it's here")
    assert {line["source"] for line in table(tmp_path / "it's here" / "links.csv")} == {"st mary's"}


def test_a_supplier_may_hold_a_child_in_several_records(town: Path, run: Path, tmp_path: Path) -> None:
    """The same file twice over, under other record ids: two records of one child only where that is said to be possible."""
    lines = records(town / "births.csv")
    twice = tmp_path / "births.csv"
    with twice.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows([line | {"record_id": f"{copy}{line['record_id']}"} for copy in "ab" for line in lines])
    link(twice, "--out", tmp_path / "one")
    assert len({line["child"] for line in table(tmp_path / "one" / "links.csv")}) == 2 * len(lines)
    link(twice, "--out", tmp_path / "two", "--several", "births")
    of: dict[str, set[str]] = {}
    for line in table(tmp_path / "two" / "links.csv"):
        of.setdefault(line["record_id"][1:], set()).add(line["child"])
    together = sum(len(children) == 1 for children in of.values())
    assert together > 0.95 * len(of)


def test_the_same_command_twice_writes_the_same_files(town: Path, run: Path, tmp_path: Path) -> None:
    link(*files(town), "--out", tmp_path, "--pairs")
    assert bytes_of(tmp_path) == bytes_of(run)
    assert (tmp_path / "pairs.parquet").read_bytes() == (run / "pairs.parquet").read_bytes()
    link(*files(town), "--out", tmp_path)
    assert bytes_of(tmp_path) == bytes_of(run)


def test_threads_change_nothing(town: Path, run: Path, tmp_path: Path) -> None:
    link(*files(town), "--out", tmp_path, "--threads", "1")
    assert bytes_of(tmp_path) == bytes_of(run)


def test_a_model_trained_on_the_files_first_is_left_in_the_folder_and_links_alike_from_there(
    town: Path, run: Path, tmp_path: Path
) -> None:
    link(*files(town), "--out", tmp_path / "trained", "--train")
    model = load_model(tmp_path / "trained" / "model.toml")
    assert model.version == json.loads((tmp_path / "trained" / "report.json").read_text())["model_version"]
    assert model.training is not None
    assert model.training.records == len(table(run / "links.csv"))
    assert (model.weights != load_model().weights).sum() > 10
    link(*files(town), "--out", tmp_path / "again", "--model", tmp_path / "trained" / "model.toml")
    of = {(line["source"], line["record_id"]): line["child"] for line in table(tmp_path / "trained" / "links.csv")}
    again = {(line["source"], line["record_id"]): line["child"] for line in table(tmp_path / "again" / "links.csv")}
    assert of == again
    link(*files(town), "--out", tmp_path / "twice", "--train")
    assert bytes_of(tmp_path / "twice") == bytes_of(tmp_path / "trained")


def test_what_is_weighed_again_has_the_score_of_what_is_compared_again(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the trained model pairs are weighed by the levels found before: none is compared twice."""
    seen: list[Scored] = []
    again = bulk.score_again

    def watched(trained: training.Trained, records: Records, scored: Scored) -> Scored:
        seen.append(again(trained, records, scored))
        records.ready(np.arange(len(records)))
        for pairs, bits in ((seen[0].sure, seen[0].sure_bits), (seen[0].pairs, seen[0].bits)):
            _, compared, _ = bulk.score(trained.model, records, pairs, None)
            assert bits == pytest.approx(compared, abs=1e-9)
        return seen[0]

    monkeypatch.setattr(bulk, "score_again", watched)
    link(*files(town), "--out", tmp_path, "--train")
    assert len(seen[0].sure) > 500
    assert len(seen[0].pairs) > 200


def test_files_with_nothing_to_train_on_are_refused_in_one_line(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("record_id,family_name,birth_date\n", encoding="utf-8")
    found = link(tmp_path / "a.csv", tmp_path / "b.csv", "--out", tmp_path / "out", "--train", code=1)
    assert found.output.splitlines()[-1:] == [
        "childindex: No two records of these files could be one child: there is nothing to train on"
    ]


def test_an_interrupted_run_goes_on_from_what_was_compared(
    town: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupt(town, tmp_path, monkeypatch)
    assert {file.name for file in tmp_path.iterdir() if file.is_file()} == {"compared.npz"}
    with monkeypatch.context() as patch:
        patch.setattr(bulk, "compare", _must_not_run)
        link(*files(town), "--out", tmp_path)
    assert bytes_of(tmp_path) == bytes_of(run)
    assert not (tmp_path / "compared.npz").exists()


def test_what_was_compared_of_other_files_is_not_used(
    town: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, out = tmp_path / "copy", tmp_path / "out"
    shutil.copytree(town, copy)
    _interrupt(copy, out, monkeypatch)
    lines = (copy / "births.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / "births.csv").write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    link(*files(copy), "--out", out)
    assert len(table(out / "links.csv")) == len(table(run / "links.csv")) - 1


@pytest.mark.parametrize("left", [b"PK\x03\x04 cut off", b""])
def test_a_kept_comparison_that_is_no_longer_whole_is_made_again(
    town: Path, run: Path, tmp_path: Path, left: bytes
) -> None:
    (tmp_path / "compared.npz").write_bytes(left)
    link(*files(town), "--out", tmp_path)
    assert bytes_of(tmp_path) == bytes_of(run)


def _must_not_run(*_: object) -> Any:
    raise AssertionError("compared again")


def _interrupt(town: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop a run at the moment it has compared everything and written nothing."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "write_links", stop)
        assert CliRunner().invoke(app, ["link", *map(str, files(town)), "--out", str(out)]).exit_code != 0


def test_compressed_files_and_json_lines_are_linked_as_csv_is(town: Path, run: Path, tmp_path: Path) -> None:
    """The same records give the same links whatever they are written as."""
    births, surgery, school = files(town)
    packed, lines = tmp_path / "births.csv.gz", tmp_path / "gp_list.jsonl"
    packed.write_bytes(gzip.compress(births.read_bytes()))
    said = ({column: value for column, value in line.items() if value} for line in table(surgery))
    lines.write_text("".join(f"{json.dumps(line)}\n" for line in said), encoding="utf-8")
    link(packed, lines, school, "--out", tmp_path / "out")
    assert bytes_of(tmp_path / "out") == bytes_of(run)


def _refused(result: Result, out: Path, *words: str) -> None:
    """One clear line, and nothing half written."""
    said = result.stderr
    assert "Traceback" not in said
    for word in words:
        assert word in " ".join(said.replace("│", " ").split())
    written = [file for file in out.rglob("*") if file.is_file()] if out.exists() else []
    assert written == []


def test_bad_usage_is_refused(town: Path, tmp_path: Path) -> None:
    births, out = town / "births.csv", tmp_path / "out"
    _refused(link(births, births, "--out", out, code=2), out, "two files are named births")
    _refused(link(births, f"births={town / 'gp_list.csv'}", "--out", out, code=2), out, "two files are named births")
    _refused(link(births, "--out", out, "--several", "surgery", code=2), out, "--several names surgery")
    _refused(link(births, "--out", out, "--threads", "0", code=2), out, "--threads")
    _refused(link("--out", out, code=2), out, "Missing argument")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", "", ("empty.csv is empty",)),
        ("double.csv", "record_id,family_name,birth_date,family_name\n", ("two columns called 'family_name'",)),
        ("packed.csv.gz", "record_id,family_name,birth_date\n", ("packed.csv.gz cannot be read",)),
        ("list.csv", "a,b\n1,2\n", ("list.csv has no column record_id", "a supply file has a header")),
        ("half.csv", "record_id,family_name\n1,Hargreave\n", ("half.csv has no column birth_date",)),
        ("cut.csv", 'record_id,family_name,birth_date\n1,"Hargreave,2014-03-09\n', ("cut.csv cannot be read",)),
        ("wide.csv", "record_id,family_name,birth_date\n1,Hargreave,2014-03-09,more\n", ("wide.csv cannot be read",)),
        ("lines.jsonl", '{"record_id": "1", "family_name": \n', ("lines.jsonl cannot be read",)),
        ("array.jsonl", "[1, 2]\n", ("array.jsonl",)),
    ],
)  # fmt: skip
def test_what_is_no_supply_file_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str, words: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = link(tmp_path / name, "--out", tmp_path / "out", code=1)
    _refused(result, tmp_path / "out", *words)
    assert len(result.stderr.strip().splitlines()[-1:]) == 1
    assert result.stderr.strip().splitlines()[-1].startswith("childindex: ")


def test_other_things_that_cannot_be_done_are_refused_in_one_line(town: Path, tmp_path: Path) -> None:
    births, out = town / "births.csv", tmp_path / "out"
    _refused(link(tmp_path / "no.csv", "--out", out, code=1), out, "There is no file", "no.csv")
    _refused(link(births, tmp_path, "--out", out, code=1), out, "There is no file")
    _refused(link(births, "--out", out, "--memory", "plenty", code=1), out, "--memory plenty")
    (tmp_path / "model.toml").write_text("version = 1\n", encoding="utf-8")
    _refused(link(births, "--out", out, "--model", tmp_path / "model.toml", code=1), out, "model.toml")


def test_a_file_without_any_record_is_no_fault(town: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text(head(town / "births.csv") + "\n", encoding="utf-8")
    link(empty, "--out", tmp_path / "alone")
    assert table(tmp_path / "alone" / "links.csv") == []
    link(empty, town / "births.csv", "--out", tmp_path / "both")
    assert len(table(tmp_path / "both" / "links.csv")) == len(records(town / "births.csv"))
