"""The ground truth of a table in parts: cell for cell that of one process, for other people's readers."""

import json
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as dataset
import pyarrow.parquet as pq
import pytest

import fleet
from readers import assert_same_cells
from shards import Sharded

DATA = {
    "num_servers": 61, "start_date": "2023-06-01", "end_date": "2024-05-31", "missing_rate": 0.02, "outlier_rate": 0.01,
    "lifetime": {"commissioned": {"share": 0.4, "from": "2023-08-01", "to": "2024-03-31"}, "decommission": {"per_year": 0.2, "from": "2023-07-01"}},
    "incidents": {
        "releases": {"kind": "bad-release", "per_year": 20, "scope": "region", "duration": "2d", "share": 0.7, "metrics": {"cpu_p95": 1.6}},
        "leaks": {"kind": "memory-leak", "per_year": 6, "scope": "server", "duration": "9d", "metrics": {"mem_p95": 1.4}},
    },
    "mess": {"collector_outage": {"per_year": 12, "duration": "1d"}},
}
TRUTH = {"cells": True, "components": True, "events": True, "covariates": "45d", "oracle": True}
COUNT = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The table in shards, the commit's result, and what one process publishes."""
    folder = tmp_path_factory.mktemp("shards")
    config = fleet.write_config(folder / "web.yaml", fleet.config(DATA, truth=TRUTH, quality={"max_missing_share": 0.5}))
    sharded = Sharded(config, folder / "parts", COUNT)
    sharded.stage_all()
    return sharded, sharded.commit(), fleet.generate(config, folder / "whole")


@pytest.fixture(scope="module")
def whole(made) -> pd.DataFrame:
    return pd.read_parquet(made[2].path("truth"))


FOLDER_READERS = {
    "pyarrow.dataset": lambda folder: dataset.dataset(folder, format="parquet").to_table().to_pandas(),
    "duckdb": lambda folder: duckdb.sql(f"SELECT * FROM read_parquet('{folder}/*.parquet')").df(),
    "polars": lambda folder: pl.scan_parquet(folder).collect().to_pandas(),
}


@pytest.mark.parametrize("reader", sorted(FOLDER_READERS))
def test_readers_take_the_cells_for_one_table_that_of_one_process(made, whole, reader):
    folder = made[1]["truth"]
    assert Path(folder).parent.name == "_truth"
    frame = FOLDER_READERS[reader](folder).sort_values(["server_id", "date"], ignore_index=True)
    assert_same_cells(frame, whole)


def test_each_part_has_the_rows_of_the_panels_part(made):
    sharded, result, _ = made
    parts = sorted(Path(result["truth"]).iterdir())
    assert [path.name for path in parts] == [path.name for path in sharded.parts(result)]
    for own, panel in zip(parts, sharded.parts(result), strict=True):
        columns = ["server_id", "date"]
        assert pq.read_table(own, columns=columns).equals(pq.read_table(panel, columns=columns))


def test_events_of_the_whole_fleet_are_listed_once_and_the_files_are_those_of_one_process(made):
    _, result, published = made
    events = pd.read_parquet(result["events"])
    assert not events["event_id"].duplicated().any() and {"bad-release", "memory-leak"} <= set(events["kind"])
    # Some are about servers of several shards.
    assert (events["servers"] > DATA["num_servers"] // COUNT + 1).any()
    for role in ("events", "covariates"):
        assert Path(result[role]).read_bytes() == published.path(role).read_bytes()


def test_the_summary_tells_the_same_error_of_the_oracle(made):
    _, result, published = made
    ours, theirs = json.loads(Path(result["summary"]).read_text())["truth"], published.json("summary")["truth"]
    assert ours["oracle"] == theirs["oracle"] and len(ours["oracle"]) == len(fleet.METRICS)
    assert [ours[role] for role in ("cells", "events", "covariates")] == [
        Path(result[role]).name for role in ("truth", "events", "covariates")]


def test_no_pattern_for_panels_finds_the_truth_and_verify_makes_it_again(made):
    sharded, result, _ = made
    assert {path.parent for path in sharded.base.rglob("*.parquet") if "_truth" not in path.parts} == {Path(result["panel"])}
    done = fleet.run("verify", sharded.base, "--regenerate")
    assert done.stdout.count(f"{COUNT} parts in") == 2 and "generated again: the same bytes" in done.stdout
