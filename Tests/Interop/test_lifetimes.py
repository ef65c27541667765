"""Servers that begin and end: recovered from the file alone, read alike by every reader, absent when switched off."""

import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import fleet
from estimates import SIGMAS, Estimate, share
from readers import READERS, assert_same_cells

WINDOW = {"start_date": "2022-01-01", "end_date": "2025-12-31"}
LIFETIME = {"commissioned": {"share": 0.4, "from": "2023-01-01", "to": "2024-12-31"}, "decommission": {"per_year": 0.2, "from": "2022-07-01"}}
METRICS = [
    fleet.metric("load", min_clip=0, max_clip=200, decimals=2, missing_rate=0.01, outlier_rate=0.01, server_bias_std=5),
    fleet.metric("traffic", growth_per_year=0.1, missing_rate=0.01),
    fleet.metric("fine", min_clip=0, max_clip=2000, decimals=4),
]
CONFIG = fleet.config({"num_servers": 1500, **WINDOW, "lifetime": LIFETIME, "metrics": METRICS}, output={"calendar_flags": True})
GROWTH = [{"date": "2022-07-01", "servers": 100}, {"date": "2023-07-01", "servers": 150}, {"date": "2025-06-30", "servers": 400}]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> fleet.Published:
    folder = tmp_path_factory.mktemp("lifetimes")
    return fleet.generate(fleet.write_config(folder / "lives.yaml", CONFIG), folder / "data")


@pytest.fixture(scope="module")
def frame(dataset) -> pd.DataFrame:
    return dataset.frame()


def lives(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.groupby(frame["server_id"].astype(str))["date"].agg(["min", "max", "count"])


def test_every_server_has_one_row_a_day_from_its_first_to_its_last(frame):
    table = lives(frame)
    assert ((table["max"] - table["min"]).dt.days + 1 == table["count"]).all()
    assert 0.5 < len(frame) / (1500 * 1461) < 0.9
    for label in fleet.LABELS:
        assert (frame.groupby(frame["server_id"].astype(str))[label].nunique() == 1).all()


def test_the_share_and_the_days_of_beginnings_are_recovered(frame):
    table = lives(frame)
    begun = table["min"] > "2022-01-01"
    # A server that would begin after its end is not there at all, and none ends before it begins.
    assert share(begun.to_numpy()).distance(0.4 / (len(table) / 1500)) < SIGMAS + 3
    days = np.sort((table.loc[begun, "min"] - pd.Timestamp("2023-01-01")).dt.days.to_numpy())
    assert days[0] >= 0 and days[-1] <= 730
    assert np.abs(np.arange(1, len(days) + 1) / len(days) - (days + 1) / 731).max() * np.sqrt(len(days)) < 2.6


def ends(frame: pd.DataFrame) -> Estimate:
    """Ends per year of life on which one was possible: the estimate of an exponential distribution whose rest is not seen."""
    table = lives(frame)
    possible = np.maximum(table["min"] + pd.Timedelta(days=1), pd.Timestamp("2022-07-01"))
    ended = (table["max"] < "2025-12-31").sum()
    years = ((table["max"] - possible).dt.days.clip(lower=-1) + 1).sum() / 365.2425
    return Estimate(ended / years, np.sqrt(max(ended, 1)) / years)


def test_the_rate_of_ends_is_recovered_and_nothing_ends_before_its_time(frame):
    ends(frame).assert_recovers(0.2, 0)
    assert lives(frame)["max"].min() >= pd.Timestamp("2022-06-30")


def test_without_lifetimes_all_servers_are_always_there_with_the_same_cells(make_dataset, frame):
    always = make_dataset(CONFIG, {"data_generation.lifetime.commissioned": None, "data_generation.lifetime.decommission": None}).frame()
    assert len(always) == 1500 * 1461
    ends(always).assert_absent(0)
    assert (lives(always)["min"] == "2022-01-01").all()
    with pytest.raises(AssertionError):
        ends(always).assert_recovers(0.2, 0)
    keys = ["server_id", "date"]
    both = always.assign(server_id=always["server_id"].astype(str)).set_index(keys)
    own = frame.assign(server_id=frame["server_id"].astype(str)).set_index(keys)
    assert_same_cells(own.reset_index(), both.loc[own.index].reset_index())


def test_a_fleet_grows_as_asked_for_day_by_day(make_dataset):
    content = fleet.config({"num_servers": 400, **WINDOW, "lifetime": {"growth": GROWTH}, "metrics": METRICS})
    frame = make_dataset(content).frame()
    counts = frame.groupby("date").size()
    dates = pd.to_datetime([entry["date"] for entry in GROWTH])
    known = np.interp(counts.index.to_numpy().astype(float), dates.to_numpy().astype("datetime64[us]").astype(float), [entry["servers"] for entry in GROWTH])
    assert (counts.to_numpy() == np.floor(known + 1e-9)).all()
    assert counts.iloc[-1] == 400 and counts.iloc[0] == 100
    first = lives(frame)["min"]
    assert first.is_monotonic_increasing


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_sees_the_same_rows(dataset, frame, reader):
    assert_same_cells(READERS[reader](dataset.panel), frame)


def test_rows_are_sorted_and_statistics_are_those_of_the_rows(make_dataset):
    dataset = make_dataset(CONFIG, {"data_generation.num_servers": 2500})
    file = pq.ParquetFile(dataset.panel)
    assert file.metadata.num_row_groups > 1
    total, last = 0, ""
    for group in range(file.metadata.num_row_groups):
        table = file.read_row_group(group).to_pandas()
        total += len(table)
        ids = table["server_id"].astype(str)
        assert last < ids.iloc[0] and table.assign(server_id=ids)[["server_id", "date"]].apply(tuple, axis=1).is_monotonic_increasing
        last = ids.iloc[-1]
        for column in range(file.metadata.num_columns):
            found = file.metadata.row_group(group).column(column)
            name = found.path_in_schema
            values = table[name].astype(str) if name in ("server_id", *fleet.LABELS) else table[name]
            statistics = found.statistics
            assert statistics.null_count == values.isna().sum()
            assert (pd.Timestamp(statistics.min), pd.Timestamp(statistics.max)) == (values.min(), values.max()) if name == "date" else (
                (statistics.min, statistics.max) == (values.min(), values.max())), name
    summary = dataset.json("summary")
    assert summary["rows"] == total == file.metadata.num_rows


def test_the_summary_and_the_sample_tell_what_there_is(dataset, frame):
    summary = dataset.json("summary")
    assert summary["rows"] == len(frame) and summary["servers"] == frame["server_id"].nunique()
    for metric in summary["metrics"]:
        values = frame[metric["name"]]
        assert metric["cells"] == len(frame) and metric["missing"] == values.isna().sum()
        assert metric["mean"] == pytest.approx(values.mean(), rel=1e-6) and metric["min"] == values.min() and metric["max"] == values.max()
    checks = {check["name"]: check for check in summary["checks"] if check.get("metric") is None}
    assert checks["commissioned_share"]["requested"] == 0.4 and checks["decommission_rate"]["requested"] == 0.2
    assert {check["verdict"] for check in summary["checks"]} <= {"pass", "not_applicable"}
    sample = pd.read_csv(io.StringIO(dataset.path("sample").read_text()), parse_dates=["date"])
    head = frame.head(len(sample))
    assert len(sample) == 100 and (sample["date"].to_numpy() == head["date"].to_numpy()).all()
    assert sample["load"].to_numpy() == pytest.approx(head["load"].to_numpy(), nan_ok=True)
    assert (sample["is_holiday"].to_numpy() == head["is_holiday"].to_numpy()).all()


def test_slices_threads_and_moved_windows_keep_rows_and_cells(make_dataset, tmp_path):
    content = fleet.config(CONFIG["data_generation"] | {"num_servers": 120, "granularity": "6h", "start_date": "2023-06-01", "end_date": "2024-03-31"},
                           output={"calendar_flags": True})
    path = fleet.write_config(tmp_path / "lives.yaml", content)
    panels = [fleet.generate(path, tmp_path / str(threads), None, "--threads", threads) for threads in (1, 3)]
    assert len({fleet.sha256(panel.panel) for panel in panels}) == 1
    whole = panels[0].frame()
    part = fleet.generate_slice(path, tmp_path / "slice.parquet", None, "--from", "2023-09-20", "--to", "2023-12-31", "--servers", "7-90")
    days = whole["date"].dt.strftime("%Y-%m-%d").between("2023-09-20", "2023-12-31")
    servers = whole["server_id"].astype(str).between("SRV-0007", "SRV-0090")
    assert 0 < len(part) < 84 * 103 * 4
    assert_same_cells(part, whole[days & servers].reset_index(drop=True))
    sets = {"data_generation.start_date": "2023-10-01", "data_generation.end_date": "2024-09-30"}
    moved = fleet.generate(path, tmp_path / "moved", sets).frame()
    common = [part[part["date"].dt.strftime("%Y-%m-%d").between("2023-10-01", "2024-03-31")].reset_index(drop=True) for part in (moved, whole)]
    assert_same_cells(*common)


def test_a_window_without_servers_is_refused_with_a_remedy(tmp_path):
    content = fleet.config({"num_servers": 5, **WINDOW, "lifetime": {"commissioned": {"share": 1, "from": "2027-01-01", "to": "2027-02-01"}}})
    path = fleet.write_config(tmp_path / "none.yaml", content)
    done = fleet.run("generate", "--config", path, "--set", f"storage.local_base_path={tmp_path / 'data'}", code=78)
    assert "none of the servers exists" in done.stderr and "data_generation.lifetime" in done.stderr


def test_the_result_claims_no_product_where_servers_have_rows_of_different_numbers(tmp_path):
    content = {"num_servers": 30, "start_date": "2023-01-01", "end_date": "2023-01-31", "metrics": [fleet.metric("load")]}
    growth = [{"date": "2023-01-02", "servers": 10}, {"date": "2023-01-30", "servers": 30}]
    for name, lifetime, words in [("all", None, "930 rows: 30 servers x 31 days"), ("some", {"growth": growth}, "30 servers over 31 days")]:
        path = fleet.write_config(tmp_path / f"{name}.yaml", fleet.config(content | ({"lifetime": lifetime} if lifetime else {})))
        base = fleet.overrides({"storage.local_base_path": str(tmp_path / name)})
        for command in ("generate", "plan"):
            assert words.split(": ")[-1] in fleet.run(command, "--config", path, *base).stdout
        assert words in fleet.run("generate", "--config", path, *base).stdout


def test_one_is_singular(tmp_path):
    content = {"num_servers": 1, "start_date": "2023-01-01", "end_date": "2023-01-01", "metrics": [fleet.metric("load")]}
    path = fleet.write_config(tmp_path / "one.yaml", fleet.config(content))
    out = fleet.run("generate", "--config", path, *fleet.overrides({"storage.local_base_path": str(tmp_path / "data")})).stdout
    assert "  1 row: 1 server x 1 day, " in out
    hour = fleet.run("plan", "--config", path, "--set", "data_generation.granularity=hourly").stdout
    assert "24 rows: 1 server x 24 steps of 60 minutes" in hour
