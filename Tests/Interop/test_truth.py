"""The ground truth beside the panel, from the published files alone: what it says adds up to the panel, and holds against a twin dataset."""

import glob
import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from holidays.countries import UnitedStates

import fleet
from readers import READERS, assert_same_cells

EVERYTHING = {"cells": True, "components": True, "events": True, "covariates": "45d", "oracle": True}
DATA = {
    "num_servers": 25, "start_date": "2023-01-01", "end_date": "2024-03-31", "outlier_rate": 0.01, "missing_rate": 0.02,
    "metrics": [
        {"name": "cpu_p95", "base_mean": 45, "base_std": 12, "growth_per_year": 0.1, "month_end_multiplier": 1.2},
        {"name": "net_mbps", "base_mean": 900, "base_std": 250, "min_clip": 0, "max_clip": 100000, "decimals": 4},
        {"name": "load", "base_mean": 20, "base_std": 6, "decimals": None},
    ],
}
METRICS = [metric["name"] for metric in DATA["metrics"]]
DECIMALS = {"cpu_p95": 2, "net_mbps": 4, "load": None}
COMPONENTS = ["level", "trend", "season", "calendar", "bias", "noise"]
OUTLIER, MISSING = 1, 2


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("truth")
    config = fleet.config(DATA, truth=EVERYTHING, output={"calendar_flags": True})
    return fleet.generate(fleet.write_config(folder / "truth.yaml", config), folder / "data")


@pytest.fixture(scope="module")
def panel(published):
    return published.frame()


@pytest.fixture(scope="module")
def truth(published):
    return pd.read_parquet(published.path("truth"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("role", ["truth", "events", "covariates"])
def test_every_reader_sees_the_same_cells_and_types(published, role, reader):
    expected = pd.read_parquet(published.path(role))
    read = READERS[reader](published.path(role))
    if len(expected):
        assert_same_cells(read, expected)
    else:
        assert list(read.columns) == list(expected.columns) and len(read) == 0


def test_no_pattern_for_panels_finds_the_truth(published):
    folder = published.panel.parent
    assert {published.path(role).parent for role in ["truth", "events", "covariates"]} == {folder / "_truth"}
    assert glob.glob(str(folder / "*.parquet")) == [str(published.panel)]
    with duckdb.connect() as connection:
        rows = connection.sql(f"SELECT count(*) FROM '{folder}/*.parquet'").fetchall()[0][0]
    assert rows == published.result["rows"]


def test_the_rows_are_the_panels_in_its_order(panel, truth):
    assert_same_cells(truth[["server_id", "date"]], panel[["server_id", "date"]])
    parts = ["flags", "clean", "change", *COMPONENTS]
    assert list(truth.columns) == ["server_id", "date"] + [f"{metric}_{part}" for metric in METRICS for part in parts]


@pytest.mark.parametrize("metric", METRICS)
def test_clean_and_change_give_the_published_value(panel, truth, metric):
    value, total = panel[metric], truth[f"{metric}_clean"] + truth[f"{metric}_change"]
    np.testing.assert_array_equal(value.isna(), truth[f"{metric}_change"].isna())
    assert (value - total).abs().max() < 1e-9
    if DECIMALS[metric] is not None:
        np.testing.assert_array_equal(np.round(total, DECIMALS[metric]), value)


@pytest.mark.parametrize("metric", METRICS)
def test_components_add_up_to_the_clean_value(truth, metric):
    total = sum(truth[f"{metric}_{part}"] for part in COMPONENTS)
    assert (total - truth[f"{metric}_clean"]).abs().max() < 1e-9


@pytest.mark.parametrize("metric", METRICS)
def test_flags_name_every_changed_cell_and_no_other(panel, truth, metric):
    flags, change = truth[f"{metric}_flags"], truth[f"{metric}_change"]
    assert flags.dtype == np.int32
    np.testing.assert_array_equal(flags != 0, change.fillna(1) != 0)
    np.testing.assert_array_equal(flags == MISSING, panel[metric].isna())
    assert set(flags) == {0, OUTLIER, MISSING}
    cells = len(flags)
    assert abs((flags == MISSING).sum() - 0.02 * cells) < 5 * (0.02 * cells) ** 0.5
    # An outlier that is missing has no value to be one; one that was clipped to the same value has none either.
    assert (flags == OUTLIER).sum() < 0.01 * 0.98 * cells + 5 * (0.01 * cells) ** 0.5
    assert (flags == OUTLIER).sum() > 0.8 * 0.01 * cells


def test_the_clean_twin_is_the_dataset_without_outliers_and_gaps(truth, tmp_path):
    config = fleet.config(DATA | {"outlier_rate": 0, "missing_rate": 0})
    twin = fleet.generate(fleet.write_config(tmp_path / "twin.yaml", config), tmp_path / "data").frame()
    for metric in METRICS:
        np.testing.assert_array_equal(truth[f"{metric}_clean"], twin[metric])


def test_nothing_is_flagged_where_nothing_happens(tmp_path):
    config = fleet.config(DATA | {"outlier_rate": 0, "missing_rate": 0}, truth={"cells": True})
    quiet = fleet.generate(fleet.write_config(tmp_path / "quiet.yaml", config), tmp_path / "data")
    truth = pd.read_parquet(quiet.path("truth"))
    for metric in METRICS:
        assert (truth[f"{metric}_flags"] == 0).all() and (truth[f"{metric}_change"] == 0).all()
    assert not any(column.endswith("_noise") for column in truth.columns)


def test_the_panel_is_the_same_without_the_truth(published, tmp_path):
    config = fleet.config(DATA, output={"calendar_flags": True})
    plain = fleet.generate(fleet.write_config(tmp_path / "truth.yaml", config), tmp_path / "data")
    assert fleet.sha256(plain.panel) == fleet.sha256(published.panel)
    assert "truth" not in plain.result and not (plain.panel.parent / "_truth").exists()
    assert "truth" not in plain.json("summary") and plain.json("manifest")["format_version"] == 3


def test_components_are_what_the_config_says(truth):
    """Worked out anew from the config: growth, weekend and year, month ends."""
    days = pd.to_datetime(truth["date"])
    assert (truth["cpu_p95_level"] == 45).all()
    phase = (days.dt.day_of_year - 1) / np.where(days.dt.is_leap_year, 366, 365)
    growth = 1.1 ** (days.dt.year - 2022 + phase)
    np.testing.assert_allclose(truth["cpu_p95_trend"], 45 * (growth - 1), atol=1e-9)
    season = np.where(days.dt.day_of_week >= 5, 0.8, 1) * (1 + 0.1 * np.sin(2 * np.pi * phase))
    np.testing.assert_allclose(truth["cpu_p95_season"], 45 * growth * (season - 1), atol=1e-9)
    calendar = truth["cpu_p95_calendar"] / (45 * growth * season) + 1
    assert set(np.round(calendar, 9)) == {1, 0.85, 1.2, round(1.2 * 1.25, 9), 1.25}
    per_server = truth.groupby("server_id")["cpu_p95_bias"]
    assert (per_server.nunique() == 1).all() and truth["cpu_p95_bias"].nunique() == 25


def test_the_noise_is_free_of_everything_else(truth, published):
    """On weekdays and weekends, at month ends and elsewhere, early and late, the noise has mean 0 within five standard errors."""
    known = pd.read_parquet(published.path("covariates"))
    noise = truth[["date", "load_noise"]].merge(known, on="date", validate="many_to_one")
    for column in ["is_weekend", "is_month_end", "is_holiday"]:
        for _, group in noise.groupby(column)["load_noise"]:
            assert abs(group.mean()) < 5 * group.std() / len(group) ** 0.5 + 0.05


def test_the_oracle_is_the_error_of_everything_but_the_noise(truth, published):
    summary = published.json("summary")["truth"]
    assert [entry["metric"] for entry in summary["oracle"]] == METRICS
    clips = {"cpu_p95": (0, 100), "net_mbps": (0, 100000), "load": (0, 100)}
    for entry in summary["oracle"]:
        metric = entry["metric"]
        forecast = (truth[f"{metric}_clean"] - truth[f"{metric}_noise"]).clip(*clips[metric])
        error = truth[f"{metric}_clean"] - forecast
        assert entry["mae"] == pytest.approx(error.abs().mean(), rel=1e-4)
        assert entry["rmse"] == pytest.approx((error**2).mean() ** 0.5, rel=1e-4)


def test_no_forecaster_beats_the_oracle(truth, published):
    """The mean of the last seven clean days of the same server, a seasonal forecast, and the level are all worse."""
    oracle = {entry["metric"]: entry for entry in published.json("summary")["truth"]["oracle"]}
    for metric in METRICS:
        clean = truth[f"{metric}_clean"]
        by_server = truth.groupby("server_id")[f"{metric}_clean"]
        for forecast in [by_server.shift(7), by_server.transform("mean"), by_server.transform(lambda x: x.rolling(28).mean().shift(1))]:
            error = (clean - forecast).dropna()
            assert (error**2).mean() ** 0.5 > oracle[metric]["rmse"]


def test_covariates_are_the_panels_calendar_and_go_on(published, panel):
    known = pd.read_parquet(published.path("covariates"))
    assert known["date"].tolist() == pd.date_range("2023-01-01", "2024-05-15").tolist()
    assert (known["is_future"] == (known["date"] > "2024-03-31")).all()
    days = known["date"]
    assert (known["day_of_week"] == days.dt.day_of_week).all() and (known["is_weekend"] == (days.dt.day_of_week >= 5)).all()
    law = UnitedStates(years=range(2022, 2026))
    assert known["is_holiday"].tolist() == [day.date() in law for day in days]
    assert (known["holiday"] == "").tolist() == (~known["is_holiday"]).tolist()
    assert (known["is_business_day"] == ~(known["is_weekend"] | known["is_holiday"])).all()
    phase = (days.dt.day_of_year - 1) / np.where(days.dt.is_leap_year, 366, 365)
    np.testing.assert_allclose(known["annual_phase"], phase, atol=1e-15)
    month = days.dt.to_period("M")
    for _, group in known.groupby(month):
        business = group[group["is_business_day"]]
        if group["date"].iloc[-1].is_month_end and group["date"].iloc[0].is_month_start:
            assert business["business_days_to_month_end"].tolist() == list(range(len(business)))[::-1]
            assert business["is_month_end"].tolist() == [False] * (len(business) - 3) + [True] * 3
    joined = panel.merge(known, on="date", suffixes=("", "_known"), validate="many_to_one")
    for flag in ["is_weekend", "is_holiday", "is_eoq_window"]:
        assert (joined[flag] == joined[f"{flag}_known"]).all()
    assert known["is_payday"].sum() > 25 and known["is_patch_day"].sum() == 17
    assert known.loc[known["is_patch_day"], "date"].dt.day_of_week.eq(1).all()
    assert (known[["eoq_ramp", "holiday_ramp"]] == 0).all(axis=None)


def test_hourly_covariates_follow_each_regions_clocks(make_dataset):
    data = {
        "num_servers": 4, "start_date": "2024-03-29", "end_date": "2024-04-02", "granularity": "hourly",
        "metadata": {"regions": ["ap-southeast-1", "eu-west-1"]},
        "metrics": [{"name": "cpu", "diurnal_profile": "office"}],
    }
    made = make_dataset(fleet.config(data, truth={"covariates": "1d", "cells": True, "components": True}))
    known = pd.read_parquet(made.path("covariates"))
    assert known["region"].tolist() == ["ap-southeast-1"] * 144 + ["eu-west-1"] * 144
    assert str(known["date"].dtype) in ("datetime64[us, UTC]", "datetime64[ns, UTC]")
    for region, zone in [("ap-southeast-1", "Asia/Singapore"), ("eu-west-1", "Europe/Dublin")]:
        block = known[known["region"] == region]
        local = (block["date"] + pd.Timedelta(minutes=30)).dt.tz_convert(zone)
        assert (block["hour"].to_numpy() == local.dt.hour.to_numpy()).all()
        assert (block["day_of_week"].to_numpy() == local.dt.day_of_week.to_numpy()).all()
    truth = pd.read_parquet(made.path("truth")).merge(made.frame()[["server_id", "date", "region"]], on=["server_id", "date"])
    total = sum(truth[f"cpu_{part}"] for part in COMPONENTS)
    assert (total - truth["cpu_clean"]).abs().max() < 1e-9
    season = truth.merge(known, on=["region", "date"]).query("not is_weekend").groupby(["region", "hour"])["cpu_season"].mean()
    for region in ["ap-southeast-1", "eu-west-1"]:
        assert 9 <= season[region].idxmax() <= 15 and season[region].idxmin() <= 4


def test_float_panels_and_uncompressed_tables(make_dataset):
    made = make_dataset(fleet.config(DATA, truth={"cells": True}, output={"float_type": "float", "compression": "none"}))
    truth, panel = pd.read_parquet(made.path("truth")), made.frame()
    for metric in METRICS:
        total = truth[f"{metric}_clean"] + truth[f"{metric}_change"]
        assert np.abs(total / panel[metric] - 1).max() < 1e-6


def test_plan_estimates_the_tables_and_names_them(published, tmp_path):
    config = fleet.write_config(tmp_path / "truth.yaml", fleet.config(DATA, truth=EVERYTHING))
    plan = json.loads(fleet.run("plan", "--config", config, "--json").stdout)
    written = sum(published.path(role).stat().st_size for role in ["truth", "events", "covariates"])
    assert written <= plan["estimated_truth_bytes"] < 2 * written
    assert [file.rsplit(".", 2)[1] for file in plan["files"] if "/_truth/" in file] == ["truth", "events", "covariates"]
    assert "of ground truth" in fleet.run("plan", "--config", config).stdout
    assert "ground truth" not in fleet.run("plan", "--config", fleet.DEFAULT_CONFIG).stdout


def test_footers_tell_what_the_tables_are(published):
    for role in ["truth", "events", "covariates"]:
        metadata = pq.read_metadata(published.path(role)).metadata
        assert metadata[b"fleetsynth.table"].decode() == role
        assert metadata[b"fleetsynth.config_sha256"] == pq.read_metadata(published.panel).metadata[b"fleetsynth.config_sha256"]
    legend = pq.read_metadata(published.path("truth")).metadata[b"fleetsynth.flags"].decode()
    assert legend.startswith("1 outlier, 2 missing_at_random, 4 missing_under_load, 8 agent_outage")


def test_verify_makes_the_tables_again(published):
    done = fleet.run("verify", published.base, "--regenerate")
    assert done.stdout.count(": ok, ") == 7 and "generated again: the same bytes" in done.stdout
    path = published.path("events")
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + b"x")
    assert "events " in fleet.run("verify", published.base, code=65).stdout
    path.write_bytes(kept)
    fleet.run("verify", published.base)


def test_the_oracle_does_not_depend_on_a_clip_bound_that_nothing_reaches(tmp_path):
    found = []
    for bound in (1e3, 1e9):
        metric = {"name": "x", "base_mean": 50, "base_std": 10, "min_clip": -bound, "max_clip": bound, "decimals": None}
        config = fleet.config({**DATA, "metrics": [metric]}, truth={"oracle": True})
        place = tmp_path / f"{bound:g}"
        done = fleet.generate(fleet.write_config(place / "far.yaml", config), place / "data")
        found.append(done.json("summary")["truth"]["oracle"][0])
    assert 5 < found[0]["mae"] < 10
    for key in ("mae", "rmse"):
        assert found[1][key] == pytest.approx(found[0][key], rel=1e-3)


def test_a_late_start_has_an_event_from_its_first_missing_cell_on(tmp_path):
    late = {"share": 0.5, "within": "10d", "from": "2023-02-01"}
    data = {**DATA, "end_date": "2023-03-31", "outlier_rate": 0, "missing_rate": 0, "mess": {"late_start": late}}
    config = fleet.config(data, truth={"cells": True, "events": True}, quality={"max_missing_share": 0.9})
    done = fleet.generate(fleet.write_config(tmp_path / "late.yaml", config), tmp_path / "data")
    cells, events = pd.read_parquet(done.path("truth")), pd.read_parquet(done.path("events"))
    flagged = cells[cells["cpu_p95_flags"] == 32].groupby("server_id")["date"].agg(["min", "max"])
    spans = events.set_index("server_ids")
    assert len(flagged) > 5 and set(flagged.index) == set(spans.index) and set(events["kind"]) == {"late-start"}
    for server, (first, last) in flagged.iterrows():
        assert spans.loc[server, "start"].tz_localize(None) == first == pd.Timestamp("2023-01-01")
        assert last < spans.loc[server, "end"].tz_localize(None) <= last + pd.Timedelta(days=1)
