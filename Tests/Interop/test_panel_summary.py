"""The JSON summary against the same statistics by pandas."""

import math

import numpy as np
import pandas as pd
import pytest

import fleet


def nearest_rank(values: np.ndarray, share: float) -> float:
    """The smallest value whose cumulative share is at least `share`."""
    return float(np.sort(values)[math.ceil(share * len(values) - 1e-9) - 1])


def expected_statistics(column: pd.Series) -> dict[str, float]:
    values = column.dropna().to_numpy()
    return {
        "cells": len(column), "missing": len(column) - len(values), "missing_share": column.isna().mean(),
        "mean": values.mean(), "std": values.std(ddof=1), "min": values.min(), "max": values.max(),
        "p5": nearest_rank(values, 0.05), "p50": nearest_rank(values, 0.50), "p95": nearest_rank(values, 0.95),
    }


def assert_summary_describes(dataset: fleet.Published, resolution: float = 0) -> None:
    """Exact for rounded metrics; within the histogram's `resolution` for full precision."""
    frame, summary = dataset.frame(), dataset.json("summary")
    metrics = {entry["name"]: entry for entry in summary["metrics"]}
    assert list(metrics) == [name for name in frame.columns if name not in fleet.KEYS]
    for name, reported in metrics.items():
        for key, expected in expected_statistics(frame[name]).items():
            tolerance = resolution if key in ("std", "p5", "p50", "p95") else 1e-12
            assert reported[key] == pytest.approx(expected, rel=1e-9, abs=tolerance), f"{name}.{key}"


def test_rows_servers_and_window_are_those_of_the_file(default_dataset):
    summary = default_dataset.json("summary")
    assert (summary["rows"], summary["servers"]) == (175_320, 120)
    assert (summary["window"]["start"], summary["window"]["end"]) == ("2022-01-01", "2025-12-31")


def test_statistics_are_those_of_pandas(default_dataset):
    assert_summary_describes(default_dataset)


def test_statistics_of_full_precision_values_are_those_of_pandas(make_dataset):
    full = make_dataset(fleet.config({"num_servers": 30, "decimals": None, "end_date": "2022-12-31"}))
    assert_summary_describes(full, resolution=100 / 50_000)


def test_one_value_again_and_again_has_no_spread(make_dataset):
    flat = {"name": "flat", "base_mean": 33.3, "base_std": 0, "server_bias_std": 0, "seasonality_amplitude": 0, "weekly_pattern_factor": 1}
    data = {"num_servers": 3, "end_date": "2022-01-31", "decimals": None, "use_holidays": False, "use_eoq_spikes": False, "outlier_rate": 0}
    [metric] = make_dataset(fleet.config(data | {"metrics": [flat]})).json("summary")["metrics"]
    assert metric["std"] == 0 and metric["min"] == metric["p5"] == metric["p95"] == metric["max"] == pytest.approx(33.3)


def test_every_check_passed_and_names_what_was_requested_and_realised(default_dataset):
    checks = default_dataset.json("summary")["checks"]
    assert {check["verdict"] for check in checks} == {"pass"}
    measured = [check for check in checks if "tolerance" in check]
    assert measured
    assert all(abs(check["realised"] - check["requested"]) <= check["tolerance"] for check in measured)
    for effect in ("weekly", "annual", "quarter_end", "holiday"):
        assert {check["metric"] for check in measured if check["name"] == effect} == set(fleet.METRICS)


def assert_overview_is_the_course(dataset: fleet.Published, parts: int) -> None:
    """At most 60 means over the fleet, of parts of the window of equal length."""
    frame, summary = dataset.frame(), dataset.json("summary")
    instants = np.sort(frame["date"].unique())
    length = -(-len(instants) // 60)
    part = np.searchsorted(instants, frame["date"].to_numpy()) // length
    assert [course["metric"] for course in summary["overview"]] == [metric["name"] for metric in summary["metrics"]]
    for course in summary["overview"]:
        expected = frame[course["metric"]].groupby(part).mean()
        assert len(course["means"]) == len(expected) == parts
        assert [math.nan if mean is None else mean for mean in course["means"]] == pytest.approx(expected.tolist(), rel=1e-9, nan_ok=True)


def test_the_overview_is_the_mean_course_of_the_fleet(default_dataset):
    assert_overview_is_the_course(default_dataset, parts=59)


@pytest.mark.parametrize("decimals", [2, None])
def test_the_overview_shows_incidents_and_leaves_out_what_is_missing(make_dataset, decimals):
    data = {"num_servers": 9, "start_date": "2024-01-01", "end_date": "2024-02-29", "granularity": "hourly", "decimals": decimals}
    data["incidents"] = {"surge": {"kind": "traffic-surge", "at": ["2024-01-20T00:00"], "duration": "4d", "metrics": {"cpu_p95": 1.8}}}
    data["mess"] = {"agent_outage": {"per_year": 20, "duration": "2d"}, "missing_under_load": {"above": {"cpu_p95": 50}, "rate": 0.3}}
    dataset = make_dataset(fleet.config(data, quality={"max_missing_share": 0.5}))
    assert_overview_is_the_course(dataset, parts=60)
