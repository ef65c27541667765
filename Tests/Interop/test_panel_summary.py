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


def test_every_check_passed_and_names_what_was_requested_and_realised(default_dataset):
    checks = default_dataset.json("summary")["checks"]
    assert {check["verdict"] for check in checks} == {"pass"}
    measured = [check for check in checks if "tolerance" in check]
    assert measured
    assert all(abs(check["realised"] - check["requested"]) <= check["tolerance"] for check in measured)
    for effect in ("weekly", "annual", "quarter_end", "holiday"):
        assert {check["metric"] for check in measured if check["name"] == effect} == set(fleet.METRICS)
