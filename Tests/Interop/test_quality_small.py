"""Right configs that are small, short or extreme pass the quality gate, whatever the seed, and wrong ones still fail in QualityGateTests."""

import json
import subprocess

import fleet
import pytest

SEEDS = 25
METRIC = {"base_std": 3, "server_bias_std": 0}

YEAR = {"start_date": "2024-01-01", "end_date": "2024-12-31"}
SLOW = {"base_mean": 60, "base_std": 1, "min_clip": 0, "max_clip": 200, "noise_half_life": "5d"}

CASES = {
    "noise that remembers and outliers that do not": YEAR | {
        "num_servers": 150, "outlier_rate": 0.05, "outlier_multiplier": 2, "metrics": {"m": SLOW},
    },
    "late starts of servers that come and go": YEAR | {
        "num_servers": 300, "mess": {"late_start": {"share": 1, "within": "90d"}},
        "lifetime": {"commissioned": {"share": 0.8, "from": "2024-01-01", "to": "2024-12-31"}}, "metrics": {"m": METRIC},
    },
    "outages of a collector of three servers that end": YEAR | {
        "num_servers": 3, "mess": {"collector_outage": {"per_year": 4, "duration": "12h"}},
        "lifetime": {"decommission": {"per_year": 3, "from": "2024-01-01"}}, "metrics": {"m": METRIC},
    },
    "three days, a weekend among them": {
        "num_servers": 1000, "start_date": "2025-01-04", "end_date": "2025-01-06", "missing_rate": 0.05,
        "metrics": {"m": METRIC | {"weekly_pattern_factor": 0.3}},
    },
    "three days without any weekend level": {
        "num_servers": 400, "start_date": "2023-09-14", "end_date": "2023-09-16", "metrics": {"m": METRIC | {"weekly_pattern_factor": 0}},
    },
    "half days": {
        "num_servers": 400, "start_date": "2025-01-06", "end_date": "2025-01-06", "granularity": "12h", "missing_rate": 0.05,
        "metrics": {"m": {"base_std": 2, "diurnal_profile": "office", "server_bias_std": 1}},
    },
    "two half days, a fifth missing": {
        "num_servers": 400, "start_date": "2025-01-06", "end_date": "2025-01-07", "granularity": "12h", "missing_rate": 0.2,
        "metrics": {"m": {"base_std": 2, "diurnal_profile": "office", "server_bias_std": 1}},
    },
    "one server, five minutes, no noise": {
        "num_servers": 1, "start_date": "2025-01-06", "end_date": "2025-01-06", "granularity": "5min", "missing_rate": 0.02,
        "metrics": {"m": {"base_std": 0, "outlier_rate": 0, "seasonality_amplitude": 0, "server_bias_std": 0, "diurnal_profile": "office"}},
    },
    "five minutes, half of them missing": {
        "num_servers": 50, "start_date": "2025-01-06", "end_date": "2025-01-06", "granularity": "5min", "missing_rate": 0.5,
        "metrics": {"m": {"base_std": 0.1, "server_bias_std": 0, "diurnal_profile": "office"}},
    },
    "twenty years of tenfold growth": {
        "num_servers": 5, "start_date": "2025-01-01", "end_date": "2025-01-31", "growth_anchor": "2005-01-01",
        "metrics": {"m": {"growth_per_year": 10}},
    },
    "growth beyond all numbers": {
        "num_servers": 5, "start_date": "2261-10-01", "end_date": "2261-12-31", "growth_anchor": "1678-01-01", "granularity": "hourly",
        "metrics": {"m": {"growth_per_year": 10, "weekly_pattern_factor": 0}},
    },
    "decay below all numbers, full precision": {
        "num_servers": 5, "start_date": "1678-10-01", "end_date": "1678-12-31", "growth_anchor": "2261-01-01", "decimals": None,
        "metrics": {"m": {"growth_per_year": -0.89}},
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_right_config_passes_with_every_seed(name, tmp_path):
    content = {"data_generation": CASES[name], "quality": {"max_missing_share": 1}, "storage": {"local_base_path": "out"}}
    fleet.write_config(tmp_path / "small.yaml", content)
    failed = []
    for seed in range(SEEDS):
        line = [fleet.BINARY, "generate", "--config", "small.yaml", "--force", *fleet.overrides({"data_generation.random_seed": seed})]
        done = subprocess.run(line, capture_output=True, text=True, cwd=tmp_path, env=fleet.environment())
        if done.returncode != 0:
            failed.append(f"seed {seed}, exit {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")
    assert not failed, f"{len(failed)} of {SEEDS}:\n" + "\n".join(failed)


@pytest.mark.parametrize("std, are_known", [(0, False), (50_000, True)], ids=["few-bins", "many-bins"])
def test_statistics_of_wide_bins_are_right_or_left_out(std, are_known, tmp_path):
    """Full precision over a wide range is counted in wide bins: what lies in few of them has no percentiles instead of wrong ones."""
    flat = {"seasonality_amplitude": 0, "weekly_pattern_factor": 1, "eoq_spike_multiplier": 1, "holiday_effect_multiplier": 1, "outlier_rate": 0}
    metrics = {"m": flat | {"base_mean": 500_000, "base_std": std, "max_clip": 1_000_000, "decimals": None, "server_bias_std": 0.01}}
    content = {"data_generation": {"num_servers": 5, "metrics": metrics}, "storage": {"local_base_path": "out"}}
    fleet.write_config(tmp_path / "wide.yaml", content)
    fleet.run("generate", "--config", "wide.yaml", cwd=tmp_path)
    summary = json.loads(next((tmp_path / "out").rglob("*.summary.json")).read_text())
    [found] = summary["metrics"]
    assert found["min"] <= found["mean"] <= found["max"]
    if are_known:
        assert found["min"] <= found["p5"] < found["p50"] < found["p95"] <= found["max"], found
    else:
        assert not {"std", "p5", "p50", "p95"} & found.keys(), found
