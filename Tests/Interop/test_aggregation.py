"""Rows made of finer cells: the coarse file against the fine one of the same config, rolled up by other people's code, cell for cell."""

import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

import fleet
from readers import assert_same_cells
from test_report import PLACES, assert_courses, assert_profiles, page_of

PLAIN = fleet.config({"num_servers": 60, "start_date": "2024-01-01", "end_date": "2024-06-30"})
KEYS = ["server_id", "date", "business_unit", "region", "criticality"]


def everything() -> dict:
    """Incidents, mess of cells, lasting changes, lives, archetypes, local time, outliers and noise that is more than plain."""
    config = yaml.safe_load((fleet.ROOT / "config/examples/anomalies.yaml").read_text())
    mess = yaml.safe_load((fleet.ROOT / "config/examples/messy.yaml").read_text())["data_generation"]["mess"]
    # Rows that are made of several cells come once and in time.
    mess = {name: value for name, value in mess.items() if name not in ("duplicate_rows", "late_rows")}
    data = config["data_generation"]
    data |= {
        "num_servers": 80, "start_date": "2025-01-15", "end_date": "2025-05-15", "missing_rate": 0.1, "outlier_rate": 0.01,
        "mess": mess | {"agent_outage": {"per_year": 20, "duration": "3d"}, "late_start": {"share": 0.2, "within": "60d"}},
        "changes": {"shifts": {"kind": "level-shift", "per_year": 4, "ramp": "3d", "metrics": {"cpu_p95": [0.8, 1.2]}}},
        "lifetime": {
            "commissioned": {"share": 0.3, "from": "2025-01-20", "to": "2025-04-30"}, "decommission": {"per_year": 0.5, "from": "2025-01-20"},
        },
        "noise_correlation": {"cpu_p95": {"net_p95": 0.3}},
    }
    noise = {
        "cpu_p95": {"noise_half_life": "6h", "noise_skewness": 0.5}, "mem_p95": {"noise_half_life": "2h", "saturation": 0.1},
        "net_p95": {"noise_kurtosis": 3, "decimals": None}, "disk_p95": {"decimals": 3},
    }
    for metric in data["metrics"]:
        metric |= noise.get(metric["name"], {})
    return config | {"quality": {"max_missing_share": 0.6}, "truth": {}}


def with_rows(config: dict, granularity: str, **aggregation) -> dict:
    """The same config with other rows."""
    added = {"granularity": granularity} | ({"aggregation": aggregation} if aggregation else {})
    return config | {"data_generation": config["data_generation"] | added}


def metrics_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name.endswith("_p95")]


def nearest_rank(cells: pd.Series) -> float:
    """The smallest cell with at least 95 per cent of the cells at or below it."""
    present = np.sort(cells.dropna().to_numpy())
    return present[-(-95 * len(present) // 100) - 1] if len(present) else np.nan


def rolled_up(fine: pd.DataFrame, every: str, statistic) -> pd.DataFrame:
    """The rows of whole spans of time, by pandas."""
    spans = fine.assign(date=fine["date"].dt.floor(every))
    groups = spans.groupby(["server_id", "date"], sort=True)
    keys = [name for name in fine if name not in metrics_of(fine)]
    rows = groups[[name for name in keys if name not in ("server_id", "date")]].first().reset_index()
    for name in metrics_of(fine):
        rows[name] = groups[name].agg(statistic).to_numpy()
    return rows[list(fine.columns)]


def assert_agrees(fine: fleet.Published, coarse: fleet.Published, every: str, statistic) -> pd.DataFrame:
    cells = fine.frame()
    cells["date"] = cells["date"].dt.tz_localize(None)
    rows = coarse.frame()
    rows["date"] = rows["date"].dt.tz_localize(None)
    assert_same_cells(rows, rolled_up(cells, every, statistic))
    return rows


@pytest.fixture(scope="module")
def hourly(tmp_path_factory):
    """The plain and the full config's hours."""
    folder = tmp_path_factory.mktemp("hourly")
    made = {}
    for name, config in [("plain", PLAIN), ("everything", everything())]:
        path = fleet.write_config(folder / name / "panel.yaml", with_rows(config, "hourly"))
        made[name] = fleet.generate(path, folder / name / "data")
    return made


@pytest.mark.parametrize(("name", "config"), [("plain", PLAIN), ("everything", everything())])
@pytest.mark.parametrize(("granularity", "every"), [("daily", "1D"), ("6h", "6h")])
def test_the_daily_file_is_the_95th_percentile_of_the_hourly_one(make_dataset, hourly, name, config, granularity, every):
    coarse = make_dataset(with_rows(config, granularity, of="hourly"))
    rows = assert_agrees(hourly[name], coarse, every, nearest_rank)
    missing = rows[metrics_of(rows)].isna().to_numpy()
    assert missing.any() == (name == "everything") and missing.mean() < 0.5
    # The same by DuckDB, whose quantile_disc is the nearest rank.
    columns = ", ".join(f"quantile_disc({metric}, 0.95) AS {metric}" for metric in metrics_of(rows))
    width = {"1D": "INTERVAL 1 DAY", "6h": "INTERVAL 6 HOUR"}[every]
    with duckdb.connect() as connection:
        query = f"""
            SELECT server_id, time_bucket({width}, date AT TIME ZONE 'UTC') AS date, {columns} FROM '{hourly[name].panel}'
            GROUP BY ALL ORDER BY server_id, date
        """
        found = connection.execute(query).df()
    for metric in metrics_of(rows):
        np.testing.assert_array_equal(found[metric].to_numpy(), rows[metric].to_numpy())


def test_the_percentile_is_numpys_inverted_cdf(make_dataset, hourly):
    rows = make_dataset(with_rows(PLAIN, "daily", of="hourly", statistic="p95")).frame()
    cells = hourly["plain"].frame()
    for metric in fleet.METRICS:
        days = cells[metric].to_numpy().reshape(-1, 24)
        whole = ~np.isnan(days).any(axis=1)
        assert whole.mean() > 0.8
        expected = np.quantile(days[whole], 0.95, axis=1, method="inverted_cdf")
        np.testing.assert_array_equal(rows[metric].to_numpy()[whole], expected)


@pytest.mark.parametrize("name", ["plain", "everything"])
def test_the_largest_and_the_mean(make_dataset, hourly, name):
    config = {"plain": PLAIN, "everything": everything()}[name]
    assert_agrees(hourly[name], make_dataset(with_rows(config, "daily", of="hourly", statistic="max")), "1D", "max")
    means = make_dataset(with_rows(config, "daily", of="hourly", statistic="mean")).frame()
    cells = hourly[name].frame()
    cells["date"] = cells["date"].dt.tz_localize(None).dt.floor("1D")
    groups = cells.groupby(["server_id", "date"])
    for metric in metrics_of(cells):
        decimals = {"net_p95": None, "disk_p95": 3}.get(metric, 2) if name == "everything" else 2
        if decimals is None:
            np.testing.assert_allclose(means[metric].to_numpy(), groups[metric].mean().to_numpy(), rtol=1e-14)
            continue
        # Whole numbers, so that halves are halves.
        whole = (cells[metric] * 10**decimals).round()
        sums = whole.groupby([cells["server_id"], cells["date"]]).agg(["sum", "count"])
        counts = sums["count"].to_numpy()
        expected = np.rint(np.divide(sums["sum"], counts, out=np.full(len(counts), np.nan), where=counts > 0)) / 10**decimals
        np.testing.assert_array_equal(means[metric].to_numpy(), expected)


def test_five_minutes_roll_up_to_hours(make_dataset):
    config = fleet.config(PLAIN["data_generation"] | {"num_servers": 20, "end_date": "2024-01-14", "missing_rate": 0.02})
    fine, coarse = make_dataset(with_rows(config, "5min")), make_dataset(with_rows(config, "hourly", of="5min"))
    assert_agrees(fine, coarse, "1h", nearest_rank)


def test_days_of_288_cells(make_dataset):
    config = fleet.config(PLAIN["data_generation"] | {"num_servers": 20, "end_date": "2024-01-14", "missing_rate": 0.02})
    fine, coarse = make_dataset(with_rows(config, "5min")), make_dataset(with_rows(config, "daily", of="5min"))
    assert_agrees(fine, coarse, "1D", nearest_rank)


def test_slices_threads_windows_and_fleets_have_the_same_rows(make_dataset, tmp_path):
    config = with_rows(everything(), "daily", of="hourly")
    path = fleet.write_config(tmp_path / "panel.yaml", config)
    whole = fleet.generate(path, tmp_path / "one", None, "--threads", 1)
    assert fleet.sha256(fleet.generate(path, tmp_path / "three", None, "--threads", 3).panel) == fleet.sha256(whole.panel)
    frame = whole.frame()

    def part(frame: pd.DataFrame, first: str, last: str, servers: range) -> pd.DataFrame:
        ids = {f"SRV-{number:04d}" for number in servers}
        return frame[frame["date"].between(first, last) & frame["server_id"].isin(ids)].reset_index(drop=True)

    options = ["--from", "2025-02-03", "--to", "2025-03-31", "--servers", "11-40"]
    found = fleet.generate_slice(path, tmp_path / "slice.parquet", None, *options)
    assert_same_cells(found, part(frame, "2025-02-03", "2025-03-31", range(11, 41)))
    moved = {"data_generation.start_date": "2025-02-10", "data_generation.end_date": "2025-06-15", "data_generation.num_servers": 100}
    later = make_dataset(config, moved).frame()
    assert_same_cells(part(later, "2025-02-10", "2025-05-15", range(1, 81)), part(frame, "2025-02-10", "2025-05-15", range(1, 81)))


def test_summary_and_sample_are_those_of_the_rows(make_dataset):
    dataset = make_dataset(with_rows(everything(), "daily", of="hourly"))
    frame, summary = dataset.frame(), dataset.json("summary")
    assert summary["rows"] == len(frame) and summary["granularity"] == "daily"
    for metric in summary["metrics"]:
        column = frame[metric["name"]]
        assert metric["cells"] == len(column) and metric["missing"] == column.isna().sum()
        assert metric["min"] == column.min() and metric["max"] == column.max()
        np.testing.assert_allclose([metric["mean"], metric["std"]], [column.mean(), column.std()], rtol=1e-5)
    # The course of the fleet, of the rows, too.
    days = np.sort(frame["date"].unique())
    part = np.searchsorted(days, frame["date"].to_numpy()) // -(-len(days) // 60)
    for course in summary["overview"]:
        expected = frame[course["metric"]].groupby(part).mean()
        assert course["means"] == pytest.approx(expected.tolist(), rel=1e-9)
    shares = {check["metric"]: check["realised"] for check in summary["checks"] if check["name"] == "missing_share"}
    assert shares == pytest.approx({name: frame[name].isna().mean() for name in metrics_of(frame)})
    sample = pd.read_csv(dataset.path("sample"), parse_dates=["date"])
    for name in metrics_of(frame):
        np.testing.assert_array_equal(sample[name].to_numpy(), frame[name].head(len(sample)).to_numpy())


def test_it_is_said_where_people_look(make_dataset, tmp_path):
    config = with_rows(PLAIN, "daily", of="hourly")
    dataset = make_dataset(config)
    footer = pq.read_metadata(dataset.panel).metadata
    assert footer[b"fleetsynth.aggregation"] == b"p95 of hourly" and b"fleetsynth.granularity" not in footer
    assert dataset.json("manifest")["config"]["data_generation"]["aggregation"] == {"of": "hourly"}
    assert dataset.json("summary")["aggregation"] == "p95 of hourly"
    fleet.run("verify", dataset.base, "--regenerate")
    path = fleet.write_config(tmp_path / "panel.yaml", config)
    plan = json.loads(fleet.run("plan", "--config", path, "--json").stdout)
    assert plan["aggregation"] == "p95 of hourly" and plan["granularity"] == "daily" and plan["rows"] == 60 * 182
    assert "each row is the p95 of hourly cells: 60 servers x 4,368 steps of 60 minutes" in fleet.run("plan", "--config", path).stdout


def test_without_it_nothing_changes(default_dataset):
    assert b"fleetsynth.aggregation" not in pq.read_metadata(default_dataset.panel).metadata
    for role in ("manifest", "summary"):
        assert "aggregation" not in default_dataset.path(role).read_text()


def test_events_are_those_of_the_cells_and_covariates_those_of_the_rows(make_dataset):
    config = everything()
    del config["data_generation"]["lifetime"]
    config["truth"] = {"events": True, "covariates": "10d"}
    fine, coarse = make_dataset(with_rows(config, "hourly")), make_dataset(with_rows(config, "daily", of="hourly"))
    assert_same_cells(pd.read_parquet(coarse.path("events")), pd.read_parquet(fine.path("events")))
    covariates = pd.read_parquet(coarse.path("covariates"))
    frame = coarse.frame()
    known = covariates[~covariates["is_future"]]
    assert set(known["date"]) == set(frame["date"]) and "hour" not in covariates
    assert (covariates["date"].dt.day_of_week == covariates["day_of_week"]).all()
    assert covariates["date"].max() == pd.Timestamp(config["data_generation"]["end_date"]) + pd.Timedelta("10D")


def test_calendar_flags_are_those_of_plain_days(make_dataset):
    output = {"calendar_flags": True, "time_type": "date32"}
    config = fleet.config(PLAIN["data_generation"] | {"metadata": {"calendars": {"eu-west-1": "ireland"}}}, output=output)
    rolled = make_dataset(with_rows(config, "daily", of="hourly")).frame()
    plain = make_dataset(with_rows(config, "daily")).frame()
    flags = [*KEYS, "is_weekend", "is_holiday", "is_eoq_window"]
    assert_same_cells(rolled[flags], plain[flags])


@pytest.mark.parametrize("granularity", ["daily", "6h"])
def test_the_report_draws_the_rows(make_dataset, granularity):
    dataset = make_dataset(with_rows(PLAIN, granularity, of="hourly"))
    page, frame = page_of(dataset), dataset.frame()
    assert_courses(page, frame, frame, fleet.METRICS, PLACES)
    if granularity == "daily":
        assert_profiles(page, frame, fleet.METRICS, PLACES)
    for metric in fleet.METRICS:
        assert page.columns("distribution", metric, "cells")[0].sum() == frame[metric].count()
    assert "p95 of hourly" in page.text


def test_a_row_arrives_at_its_end(make_dataset):
    data = PLAIN["data_generation"] | {"mess": {"late_rows": {"arrival_column": "ingested_at"}}}
    frame = make_dataset(with_rows(fleet.config(data), "daily", of="hourly")).frame()
    assert ((frame["ingested_at"] - frame["date"]) == pd.Timedelta("1D")).all()


def test_a_preview_shows_rows(tmp_path):
    path = fleet.write_config(tmp_path / "panel.yaml", with_rows(PLAIN, "daily", of="hourly"))
    assert "30 of 60 servers x 182 days" in fleet.run("preview", "--config", path).stdout
