"""Position-addressed values: the same cell has the same value, whatever else is generated around it."""

import pandas as pd
import pytest

import fleet
from readers import assert_same_cells

SLICE_CONFIG = fleet.config({"num_servers": 40, "start_date": "2023-01-01", "end_date": "2024-12-31"})


@pytest.fixture(scope="module")
def config_path(tmp_path_factory):
    return fleet.write_config(tmp_path_factory.mktemp("slices") / "whole.yaml", SLICE_CONFIG)


@pytest.fixture(scope="module")
def whole(config_path) -> pd.DataFrame:
    return fleet.generate(config_path, config_path.parent / "data").frame()


def part_of(frame: pd.DataFrame, first: str, last: str, servers: range) -> pd.DataFrame:
    ids = {f"SRV-{number:04d}" for number in servers}
    return frame[frame["date"].between(first, last) & frame["server_id"].isin(ids)].reset_index(drop=True)


@pytest.mark.parametrize(
    ("first", "last", "servers"),
    [
        ("2023-01-01", "2024-12-31", range(7, 8)),
        ("2024-02-29", "2024-02-29", range(1, 41)),
        ("2023-03-17", "2024-07-02", range(13, 31)),
        ("2024-12-31", "2024-12-31", range(40, 41)),
        ("2023-01-01", "2024-12-31", range(1, 41)),
    ],
)
def test_a_slice_is_that_part_of_the_whole(config_path, whole, tmp_path, first, last, servers):
    output = tmp_path / "slice.parquet"
    options = ["--from", first, "--to", last, "--servers", f"{servers.start}-{servers.stop - 1}"]
    assert_same_cells(fleet.generate_slice(config_path, output, None, *options), part_of(whole, first, last, servers))
    assert [path.name for path in tmp_path.iterdir()] == ["slice.parquet"], "a slice publishes nothing else"


@pytest.mark.parametrize(
    ("options", "first", "last", "servers"),
    [
        (["--from", "2024-06-01"], "2024-06-01", "2024-12-31", range(1, 41)),
        (["--to", "2023-02-28"], "2023-01-01", "2023-02-28", range(1, 41)),
        (["--servers", "39-40"], "2023-01-01", "2024-12-31", range(39, 41)),
    ],
)
def test_what_a_slice_leaves_open_is_taken_whole(config_path, whole, tmp_path, options, first, last, servers):
    assert_same_cells(fleet.generate_slice(config_path, tmp_path / "slice.parquet", None, *options), part_of(whole, first, last, servers))


def test_shards_put_together_are_the_whole(config_path, whole, tmp_path):
    ranges = ["1-10", "11-11", "12-39", "40-40"]
    shards = [fleet.generate_slice(config_path, tmp_path / f"{servers}.parquet", None, "--servers", servers) for servers in ranges]
    assert_same_cells(pd.concat(shards, ignore_index=True), whole)


def test_january_to_june_is_the_first_half_of_january_to_december(make_dataset):
    year = make_dataset(SLICE_CONFIG, {"data_generation.start_date": "2024-01-01"}).frame()
    half = make_dataset(SLICE_CONFIG, {"data_generation.start_date": "2024-01-01", "data_generation.end_date": "2024-06-30"}).frame()
    assert_same_cells(half, part_of(year, "2024-01-01", "2024-06-30", range(1, 41)))


def test_a_moving_window_keeps_its_history(make_dataset):
    metric = fleet.metric("load", growth_per_year=0.3, seasonality_amplitude=0.2, server_bias_std=4)
    growing = fleet.config({"num_servers": 10, "metrics": [metric]})
    windows = [("2022-01-01", "2024-12-31"), ("2022-01-02", "2025-01-01"), ("2023-06-15", "2026-06-14")]
    frames = [
        make_dataset(growing, {"data_generation.start_date": first, "data_generation.end_date": last}).frame() for first, last in windows
    ]
    for (first, _), later in zip(windows[1:], frames[1:], strict=True):
        servers = range(1, 11)
        assert_same_cells(part_of(later, first, "2024-12-31", servers), part_of(frames[0], first, "2024-12-31", servers))


def test_a_relative_window_is_the_same_days_as_a_fixed_one(make_dataset):
    relative = make_dataset(SLICE_CONFIG, {"data_generation.start_date": "today-2m", "data_generation.end_date": "yesterday"}).frame()
    days = [str(day.date()) for day in (relative["date"].min(), relative["date"].max())]
    fixed = make_dataset(SLICE_CONFIG, {"data_generation.start_date": days[0], "data_generation.end_date": days[1]}).frame()
    assert_same_cells(relative, fixed)
    assert pd.Timestamp(days[1]) <= pd.Timestamp.now("UTC").tz_localize(None)


def test_120_servers_are_the_first_120_of_1200(default_dataset, tmp_path):
    larger = fleet.generate(fleet.DEFAULT_CONFIG, tmp_path, {"data_generation.num_servers": 1_200}).frame()
    assert larger["server_id"].nunique() == 1_200
    assert_same_cells(larger.head(175_320), default_dataset.frame())


def test_a_new_metric_changes_no_other(make_dataset):
    three_metrics = [fleet.metric(name, server_bias_std=3, missing_rate=0.01, outlier_rate=0.01) for name in ("net_in", "load", "net_out")]
    one = make_dataset(fleet.config(SLICE_CONFIG["data_generation"] | {"metrics": three_metrics[1:2]})).frame()
    three = make_dataset(fleet.config(SLICE_CONFIG["data_generation"] | {"metrics": three_metrics})).frame()
    assert_same_cells(three[[*fleet.KEYS, "load"]], one)
    assert not three["net_in"].equals(three["load"])


def test_metrics_by_name_are_metrics_as_a_list(make_dataset):
    entries = [fleet.metric("load"), fleet.metric("traffic", base_mean=40)]
    by_name = {entry["name"]: {key: value for key, value in entry.items() if key != "name"} for entry in entries}
    listed = make_dataset(fleet.config(SLICE_CONFIG["data_generation"] | {"metrics": entries})).frame()
    assert_same_cells(make_dataset(fleet.config(SLICE_CONFIG["data_generation"] | {"metrics": by_name})).frame(), listed)


def test_any_number_of_threads_writes_the_same_bytes(config_path, tmp_path):
    hashes = {}
    for threads in (1, 2, 3):
        dataset = fleet.generate(config_path, tmp_path / str(threads), {"data_generation.num_servers": 3_000}, "--threads", threads)
        hashes[threads] = fleet.sha256(dataset.panel)
    assert len(set(hashes.values())) == 1, hashes


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Pacific/Kiritimati", "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"},
        {"TZ": "America/Los_Angeles", "LANG": "C", "LC_ALL": "C", "HOME": "/nonexistent"},
        {"TZ": "", "LC_ALL": "tr_TR.UTF-8", "MALLOC_PERTURB_": "165", "COLUMNS": "20"},
    ],
)
def test_no_environment_changes_a_byte(config_path, whole, tmp_path, surroundings):
    other = fleet.generate(config_path, tmp_path / "data", env=fleet.environment(**surroundings))
    reference = fleet.generate(config_path, tmp_path / "reference")
    for role in ("panel", "sample"):
        assert fleet.sha256(other.path(role)) == fleet.sha256(reference.path(role))
    assert_same_cells(other.frame(), whole)


def test_a_changed_seed_changes_values(config_path, whole, tmp_path):
    other = fleet.generate(config_path, tmp_path, {"data_generation.random_seed": 43}).frame()
    for name in fleet.METRICS:
        assert (other[name] == whole[name]).mean() < 0.05
    assert_same_cells(other[["server_id", "date"]], whole[["server_id", "date"]])


def test_a_part_that_ends_before_it_starts_is_said_to(tmp_path):
    path = fleet.write_config(tmp_path / "a.yaml", fleet.config({"num_servers": 2}))
    done = fleet.run(
        "generate", "--config", path, "--output", tmp_path / "a.parquet", "--from", "2023-02-01", "--to", "2023-01-31", code=64)
    assert "the part starts on 2023-02-01, after its end on 2023-01-31" in done.stderr and "let --from come first" in done.stderr
    assert not (tmp_path / "a.parquet").exists()
