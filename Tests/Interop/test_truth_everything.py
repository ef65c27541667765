"""The ground truth of datasets with incidents, mess, lasting changes and noise with memory: against a twin without them, and events against cells."""

import numpy as np
import pandas as pd
import pytest
import yaml

import fleet
from readers import READERS, assert_same_cells

TRUTH = {"cells": True, "components": True, "events": True, "oracle": True}
CHANGES = {
    "new-hardware": {"kind": "hardware-refresh", "at": ["2025-02-10"], "spread": "20d", "metrics": {"cpu_p95": 0.7}},
    "shifts": {"kind": "level-shift", "per_year": 2, "ramp": "3d", "metrics": {"mem_p95": [0.8, 1.2]}},
}
# What the kinds of events put on the cells that they touch.
BITS = {"agent-outage": 8, "collector-outage": 16, "late-start": 32, "stuck-sensor": 64, "unit-slip": 128, "power-loss": 4096 | 256}
LASTING = {"hardware-refresh", "level-shift"}
INCIDENT, LASTING_CHANGE, SHARED, MISSING = 256, 512, 8192, 2 | 4 | 8 | 16 | 32 | 4096


NOISE = {
    "cpu_p95": {"noise_half_life": "6h", "noise_skewness": 0.5, "noise_load_exponent": 0.5},
    "mem_p95": {"noise_half_life": "2h", "saturation": 0.1},
    "net_p95": {"noise_kurtosis": 3},
}


def example(name: str) -> dict:
    return yaml.safe_load((fleet.ROOT / "config/examples" / f"{name}.yaml").read_text())


def everything() -> dict:
    config, messy = example("anomalies"), example("messy")
    data = config["data_generation"]
    # Rows that come twice and late have tests of their own, because they make another table.
    mess = {name: settings for name, settings in messy["data_generation"]["mess"].items() if not name.endswith("_rows")}
    data |= {"num_servers": 60, "mess": mess, "changes": CHANGES, "outlier_rate": 0.002, "missing_rate": 0.005}
    data["noise_correlation"] = {"cpu_p95": {"net_p95": 0.3}}
    for metric in data["metrics"]:
        metric |= NOISE.get(metric["name"], {})
    return config | {"quality": {"max_missing_share": 0.3}, "truth": TRUTH}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    return fleet.generate(fleet.write_config(folder / "everything.yaml", everything()), folder / "data")


@pytest.fixture(scope="module")
def panel(published):
    return published.frame()


@pytest.fixture(scope="module")
def truth(published):
    return pd.read_parquet(published.path("truth"))


@pytest.fixture(scope="module")
def events(published):
    return pd.read_parquet(published.path("events"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("role", ["truth", "events"])
def test_every_reader_sees_the_same(published, role, reader):
    assert_same_cells(READERS[reader](published.path(role)), pd.read_parquet(published.path(role)))


def test_clean_and_change_give_the_published_value_and_flags_name_what_differs(panel, truth):
    assert_same_cells(truth[["server_id", "date"]], panel[["server_id", "date"]])
    for metric in fleet.METRICS:
        value, change, flags = panel[metric], truth[f"{metric}_change"], truth[f"{metric}_flags"]
        np.testing.assert_array_equal(np.round(truth[f"{metric}_clean"] + change, 2), value)
        np.testing.assert_array_equal(flags != 0, change.fillna(1) != 0)
        np.testing.assert_array_equal((flags & MISSING) != 0, value.isna())
        assert (flags[value.isna()] & ~MISSING == 0).all()
        total = sum(truth[f"{metric}_{part}"] for part in ["level", "trend", "season", "calendar", "bias", "noise"])
        assert (total - truth[f"{metric}_clean"]).abs().max() < 1e-9


def test_the_clean_twin_is_the_dataset_without_all_of_that(truth, tmp_path):
    config = everything()
    data = config["data_generation"]
    del data["incidents"], data["mess"], data["changes"], config["truth"]
    twin = fleet.generate(
        fleet.write_config(tmp_path / "everything.yaml", config), tmp_path / "data",
        {"data_generation.outlier_rate": 0, "data_generation.missing_rate": 0}).frame()
    for metric in fleet.METRICS:
        np.testing.assert_array_equal(truth[f"{metric}_clean"], twin[metric])


def test_every_cause_occurs(truth):
    found = 0
    for metric in fleet.METRICS:
        found |= int(np.bitwise_or.reduce(truth[f"{metric}_flags"].to_numpy()))
    assert found == (1 << 10) - 1 | 4096 | SHARED


def covered(events: pd.DataFrame, panel: pd.DataFrame, metric: str) -> np.ndarray:
    """For each event of a metric, the rows between its start and its end, of its servers or of all of its scope."""
    result = []
    ids, dates = panel["server_id"], panel["date"]
    for event in events.itertuples():
        if metric not in event.metrics.split(" "):
            continue
        rows = dates >= event.start
        if not pd.isna(event.end):
            rows &= dates < event.end
        if event.server_ids:
            rows &= ids.isin(event.server_ids.split(" "))
            assert event.servers == len(event.server_ids.split(" "))
        elif event.scope_column:
            rows &= panel[event.scope_column] == event.scope_label
            assert event.servers == panel.loc[panel[event.scope_column] == event.scope_label, "server_id"].nunique()
        result.append((event.kind, rows.to_numpy()))
    return result


def test_events_explain_every_flag_and_outages_flag_every_cell(panel, truth, events):
    assert events["event_id"].is_unique and events["start"].is_monotonic_increasing
    assert set(events["kind"]) >= set(BITS) | LASTING | {"failover", "memory-leak", "disk-fill", "batch-overrun", "traffic-surge"}
    causes = {"data_generation.incidents", "data_generation.mess", "data_generation.changes"}
    assert set(events["cause"].str.rsplit(".", n=1).str[0]) == causes
    for metric in fleet.METRICS:
        flags = truth[f"{metric}_flags"].to_numpy()
        explained = np.zeros(len(flags), dtype=int)
        for kind, rows in covered(events, panel, metric):
            bits = BITS.get(kind, LASTING_CHANGE if kind in LASTING else INCIDENT)
            explained[rows] |= bits
            if kind in ("agent-outage", "collector-outage", "late-start"):
                assert ((flags[rows] & bits) != 0).all(), f"{kind} of {metric}"
        random = 1 | 2 | 4 | SHARED
        assert (flags & ~explained & ~random == 0).all(), metric


def test_the_tables_are_made_again_from_the_manifest(published):
    assert "generated again: the same bytes" in fleet.run("verify", published.base, "--regenerate").stdout


def test_the_oracle_knows_nothing_of_what_happens(published, tmp_path):
    config = everything()
    del config["data_generation"]["incidents"], config["data_generation"]["mess"], config["data_generation"]["changes"]
    quiet = fleet.generate(fleet.write_config(tmp_path / "everything.yaml", config), tmp_path / "data")
    assert quiet.json("summary")["truth"]["oracle"] == published.json("summary")["truth"]["oracle"]


def test_covariates_follow_the_calendar_of_each_region(make_dataset):
    data = {
        "num_servers": 12, "start_date": "2024-01-01", "end_date": "2024-12-31",
        "metadata": {"regions": ["eu-west-1", "us-east-1"], "calendars": {"eu-west-1": "ireland"}},
    }
    made = make_dataset(fleet.config(data, truth={"covariates": "0d", "cells": True, "components": True}, output={"calendar_flags": True}))
    known = pd.read_parquet(made.path("covariates"))
    assert known["region"].tolist() == ["eu-west-1"] * 366 + ["us-east-1"] * 366 and not known["is_future"].any()
    joined = made.frame().merge(known, on=["region", "date"], suffixes=("", "_known"), validate="many_to_one")
    for flag in ["is_weekend", "is_holiday", "is_eoq_window"]:
        assert (joined[flag] == joined[f"{flag}_known"]).all()
    names = known[known["is_holiday"]].groupby("region")["holiday"].agg(set)
    assert "Saint Patrick's Day" in names["eu-west-1"] and "Independence Day" in names["us-east-1"]
    # A holiday moves the calendar component of the region that keeps it, on that day alone.
    truth = pd.read_parquet(made.path("truth")).merge(made.frame()[["server_id", "date", "region"]], on=["server_id", "date"])
    fourth = truth[truth["date"] == "2024-07-04"].groupby("region")["cpu_p95_calendar"].first()
    assert fourth["us-east-1"] < -5 and fourth["eu-west-1"] == 0
