"""A table in parts: other people's readers take the folder for one table, cell for cell the panel of one process."""

import hashlib
import json
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as dataset
import pyarrow.parquet as pq
import pytest

import fleet
from readers import READERS, assert_same_cells
from shards import Sharded

DATA = {"num_servers": 101, "start_date": "2024-01-01", "end_date": "2024-12-31", "missing_rate": 0.02}
COUNT = 8


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The table in shards, the commit's result, and the panel of one process."""
    folder = tmp_path_factory.mktemp("shards")
    config = fleet.write_config(folder / "web.yaml", fleet.config(DATA, output={"calendar_flags": True}))
    sharded = Sharded(config, folder / "parts", COUNT)
    sharded.stage_all()
    result = sharded.commit()
    assert result["status"] == "published" and result["parts"] == COUNT
    return sharded, result, fleet.generate(config, folder / "whole")


@pytest.fixture(scope="module")
def whole(made) -> pd.DataFrame:
    return made[2].frame()


def test_the_folder_has_nothing_but_parts_of_one_schema(made):
    sharded, result, _ = made
    parts = sharded.parts(result)
    assert [path.name for path in parts] == [f"part-{index:05}-of-{COUNT:05}.parquet" for index in range(COUNT)]
    schemas = {pq.read_schema(path).to_string(show_schema_metadata=True) for path in parts}
    assert len(schemas) == 1
    # What Spark lists: names that begin with neither a dot nor an underscore, no `key=value` folder on the way.
    assert "=" not in result["panel"]


@pytest.mark.parametrize("reader", sorted(READERS))
def test_parts_one_after_the_other_are_the_panel_cell_for_cell(made, whole, reader):
    sharded, result, _ = made
    assert_same_cells(pd.concat([READERS[reader](path) for path in sharded.parts(result)], ignore_index=True), whole)


FOLDER_READERS = {
    "pandas": lambda folder: pd.read_parquet(folder),
    "pandas with fastparquet": lambda folder: pd.read_parquet(folder, engine="fastparquet"),
    "pyarrow.dataset": lambda folder: dataset.dataset(folder, format="parquet").to_table().to_pandas(),
    "polars scan": lambda folder: pl.scan_parquet(folder).collect().to_pandas(),
    "polars": lambda folder: pl.read_parquet(f"{folder}/*.parquet").to_pandas(),
    "duckdb": lambda folder: duckdb.sql(f"SELECT * FROM read_parquet('{folder}/*.parquet')").df(),
}


@pytest.mark.parametrize("reader", sorted(FOLDER_READERS))
def test_readers_take_the_folder_for_one_table_and_agree(made, whole, reader):
    frame = FOLDER_READERS[reader](made[1]["panel"])
    frame = frame.sort_values(["server_id", "date"], ignore_index=True)
    assert len(frame) == len(whole) == 101 * 366
    for metric in fleet.METRICS:
        assert frame[metric].count() == whole[metric].count()
        # The same values, added in the same order.
        assert frame[metric].sum() == whole[metric].sum()
    assert frame.groupby("region", observed=True).size().to_dict() == whole.groupby("region", observed=True).size().to_dict()


def test_duckdb_and_polars_add_up_the_folder_alike(made):
    folder = made[1]["panel"]
    by_duckdb = duckdb.sql(
        f"SELECT count(*), count(cpu_p95), sum(CAST(round(cpu_p95 * 100) AS BIGINT)) FROM read_parquet('{folder}/*.parquet')").fetchall()[0]
    frame = pl.scan_parquet(folder)
    cents = (pl.col("cpu_p95") * 100).round().cast(pl.Int64)
    by_polars = frame.select(pl.len().alias("a"), pl.col("cpu_p95").count().alias("b"), cents.sum().alias("c")).collect().row(0)
    assert tuple(map(int, by_duckdb)) == tuple(map(int, by_polars))


def test_the_manifest_lists_every_part_with_its_hash(made):
    sharded, result, published = made
    manifest = sharded.manifest(result)
    parts = [entry for entry in manifest["artifacts"] if entry["role"] == "part"]
    assert manifest["format_version"] == 3 and len(parts) == COUNT
    for entry, path in zip(sorted(parts, key=lambda entry: entry["key"]), sharded.parts(result), strict=True):
        assert sharded.base / entry["key"] == path
        assert (entry["bytes"], entry["sha256"]) == (path.stat().st_size, fleet.sha256(path))
        assert entry["rows"] == pq.read_metadata(path).num_rows
    assert manifest["config_sha256"] != "" and manifest["data_sha256"] == published.json("manifest")["data_sha256"]


def test_summary_and_sample_are_those_of_one_process(made):
    sharded, result, published = made
    assert Path(result["sample"]).read_bytes() == published.path("sample").read_bytes()
    ours, theirs = json.loads(Path(result["summary"]).read_text()), published.json("summary")
    lines = "".join(f"{fleet.sha256(path)}  {path.name}\n" for path in sharded.parts(result))
    assert ours.pop("panel_sha256") == hashlib.sha256(lines.encode()).hexdigest()
    for key in ("panel", "panel_bytes"):
        ours.pop(key), theirs.pop(key)
    theirs.pop("panel_sha256")
    assert ours == theirs


def test_verify_hashes_every_part_and_makes_it_again(made):
    sharded, result, _ = made
    done = fleet.run("verify", sharded.base, "--regenerate")
    assert f"{COUNT} parts in" in done.stdout and "generated again: the same bytes" in done.stdout
    part = sharded.parts(result)[3]
    good = part.read_bytes()
    try:
        part.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        broken = fleet.run("verify", sharded.base, code=65)
        assert f"{part.name}: CHANGED" in broken.stdout and f"{COUNT - 1} parts in" in broken.stdout
    finally:
        part.write_bytes(good)


@pytest.mark.parametrize("count", [1, 7, 150])
def test_any_number_of_shards_gives_the_same_table(made, whole, tmp_path, count):
    sharded = Sharded(made[0].config, tmp_path / "parts", count)
    staged = [sharded.stage(index) for index in range(count)]
    result = sharded.commit()
    assert result["parts"] == min(count, DATA["num_servers"])
    assert sum(one["rows"] for one in staged) == result["rows"] == len(whole)
    assert [one for one in staged if one["rows"] == 0 and "part" in one] == []
    assert_same_cells(pd.read_parquet(result["panel"]).sort_values(["server_id", "date"], ignore_index=True), whole)
