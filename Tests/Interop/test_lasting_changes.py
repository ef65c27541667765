"""Changes that last: their factors, days and rates are recovered from the file alone, and are absent when switched off."""

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import SIGMAS, Estimate, share
from readers import assert_same_cells

WINDOW = {"start_date": "2023-01-01", "end_date": "2024-12-31"}
DECLARED = {
    "eu": {"kind": "hardware-refresh", "at": ["2024-03-01"], "servers": {"region": ["eu-west-1"]}, "metrics": {"load": 0.7}},
    "half": {"kind": "right-sizing", "at": ["2023-09-01"], "share": 0.5, "servers": {"region": ["us-east-1"]}, "metrics": {"load": 1.3}},
}
CONFIG = fleet.config({"num_servers": 200, **WINDOW, "changes": DECLARED, "metrics": [fleet.metric("load"), fleet.metric("traffic")]})


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("lasting")
    return fleet.generate(fleet.write_config(folder / "changes.yaml", CONFIG), folder / "data").frame()


def shifts(frame: pd.DataFrame, metric: str, day: str) -> pd.DataFrame:
    """By server: the ratio of the means after and before a day, with its standard error."""
    after = frame["date"] >= day
    groups = frame.groupby([frame["server_id"].astype(str), after])[metric].agg(["mean", "std", "count"]).unstack()
    relative = groups["std"] / groups["mean"] / np.sqrt(groups["count"])
    ratio = groups["mean", True] / groups["mean", False]
    regions = frame.groupby(frame["server_id"].astype(str))["region"].first().astype(str)
    return pd.DataFrame({"ratio": ratio, "error": ratio * np.hypot(relative[True], relative[False]), "region": regions})


def mean(table: pd.DataFrame) -> Estimate:
    return Estimate(table["ratio"].mean(), np.sqrt((table["error"] ** 2).sum()) / len(table))


def test_a_change_of_a_region_has_its_factor_there_and_nowhere_else(frame):
    table = shifts(frame, "load", "2024-03-01")
    mean(table[table["region"] == "eu-west-1"]).assert_recovers(0.7, 1)
    # us-east-1 changes half a year before.
    mean(table[~table["region"].isin(["eu-west-1", "us-east-1"])]).assert_absent(1)
    mean(shifts(frame, "traffic", "2024-03-01")).assert_absent(1)


def test_a_share_of_the_servers_changes_and_the_others_do_not(frame):
    table = shifts(frame[frame["region"] == "us-east-1"], "load", "2023-09-01")
    changed = table["ratio"] > 1.15
    assert share(changed.to_numpy()).distance(0.5) < SIGMAS
    mean(table[changed]).assert_recovers(1.3, 1)
    mean(table[~changed]).assert_absent(1)


def test_without_changes_there_are_none_and_the_tests_notice(make_dataset):
    table = shifts(make_dataset(CONFIG, {"data_generation.changes": None}).frame(), "load", "2024-03-01")
    estimate = mean(table[table["region"] == "eu-west-1"])
    estimate.assert_absent(1)
    with pytest.raises(AssertionError):
        estimate.assert_recovers(0.7, 1)


def test_a_spread_change_comes_to_every_server_once_at_a_day_of_its_own(make_dataset):
    changes = {"move": {"kind": "migration", "at": "2023-06-01", "spread": "300d", "metrics": {"load": 2}}}
    quiet = fleet.metric("load", base_std=0.01)
    frame = make_dataset(fleet.config({"num_servers": 300, **WINDOW, "changes": changes, "metrics": [quiet]})).frame()
    table = frame.pivot(index="date", columns="server_id", values="load")
    moved = table > 150
    assert (moved.sum().to_numpy() > 0).all() and (np.diff(moved.to_numpy().astype(int), axis=0) >= 0).all()
    days = np.sort((moved.idxmax() - pd.Timestamp("2023-06-01")).dt.days.to_numpy())
    assert days[0] >= 0 and days[-1] <= 300
    # All days alike: the largest distance of the shares from a straight line (Kolmogorov and Smirnov; 2.6 is one in a million).
    assert np.abs(np.arange(1, 301) / 300 - days / 300).max() * np.sqrt(300) < 2.6


def test_random_shifts_come_at_their_rate_with_factors_between_their_bounds(make_dataset):
    changes = {"shift": {"kind": "level-shift", "per_year": 2, "metrics": {"load": [0.5, 2]}}}
    quiet = fleet.metric("load", base_std=1e-4)
    frame = make_dataset(fleet.config({"num_servers": 200, **WINDOW, "changes": changes, "metrics": [quiet]})).frame()
    table = np.log(frame.pivot(index="date", columns="server_id", values="load").to_numpy() / 100)
    assert np.abs(table).max() < np.log(2) + 1e-4
    steps = np.abs(np.diff(table, axis=0)) > 1e-4
    count, expected = steps.sum(), 200 * 2 * 730 / 365.2425
    # Two factors of one event may be alike within the noise, and an event may share its day's step with the next; both are rare.
    assert abs(count - expected) < SIGMAS * np.sqrt(expected)
    levels = table[0]
    assert Estimate(levels.mean(), levels.std() / np.sqrt(200)).distance(0) < SIGMAS
    assert Estimate(levels.std(), levels.std() / np.sqrt(400)).distance(np.log(4) / np.sqrt(12)) < SIGMAS


def test_slices_threads_and_moved_windows_change_no_cell(tmp_path):
    changes = DECLARED | {
        "shift": {"kind": "level-shift", "per_year": 2, "ramp": "20d", "metrics": {"load": [0.5, 2], "traffic": 1.2}},
        "move": {"kind": "migration", "at": "2023-06-01", "spread": "300d", "ramp": "5d", "metrics": {"load": 2}},
    }
    path = fleet.write_config(tmp_path / "all.yaml", fleet.config(CONFIG["data_generation"] | {"num_servers": 50, "changes": changes}))
    panels = [fleet.generate(path, tmp_path / str(threads), None, "--threads", threads) for threads in (1, 3)]
    assert len({fleet.sha256(panel.panel) for panel in panels}) == 1
    whole = panels[0].frame()
    part = fleet.generate_slice(path, tmp_path / "slice.parquet", None, "--from", "2023-12-20", "--to", "2024-03-31", "--servers", "7-30")
    own = whole["date"].between("2023-12-20", "2024-03-31") & whole["server_id"].astype(str).between("SRV-0007", "SRV-0030")
    assert_same_cells(part, whole[own].reset_index(drop=True))
    moved = fleet.generate(path, tmp_path / "moved", {"data_generation.start_date": "2023-08-15", "data_generation.end_date": "2025-08-15"}).frame()
    common = [part[part["date"].between("2023-08-15", "2024-12-31")].reset_index(drop=True) for part in (moved, whole)]
    assert_same_cells(*common)
