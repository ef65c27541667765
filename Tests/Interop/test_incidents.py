"""Incidents recovered from the Parquet file alone: effects, phases, servers, times; and not found when switched off.

The metrics have a constant mean of 100 and independent noise of standard deviation 10, so that every estimate has a plain standard error.
"""

import json

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import Estimate, share

HOURS = pd.date_range("2024-01-01", "2024-03-31 23:00", freq="h")
REGIONS = {"us-east-1": 0.4, "us-west-2": 0.3, "eu-west-1": 0.2, "ap-southeast-1": 0.1}
START = pd.Timestamp("2024-02-10 06:00", tz="UTC")


def dataset(incidents: dict, servers: int = 200, **data) -> dict:
    content = {
        "num_servers": servers, "start_date": "2024-01-01", "end_date": "2024-03-31", "granularity": "hourly",
        "metrics": [fleet.metric("load"), fleet.metric("memory")], "incidents": incidents, **data,
    }
    return fleet.config(content, quality={"max_missing_share": 0.5})


def table(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Hours by servers."""
    return frame.pivot(index="date", columns="server_id", values=metric)


def regions(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby("server_id", observed=True)["region"].first().astype(str)


def mean(values: np.ndarray) -> Estimate:
    flat = np.asarray(values, dtype=float).ravel()
    return Estimate(flat.mean(), flat.std(ddof=1) / np.sqrt(flat.size))


def window(start: pd.Timestamp, hours: int) -> slice:
    return slice(start, start + pd.Timedelta(hours=hours - 1))


def test_a_release_lifts_its_region_and_nothing_else(make_dataset):
    incident = {"kind": "bad-release", "at": ["2024-02-10T06:00"], "scope": "region", "labels": ["eu-west-1"], "duration": "50h",
                "metrics": {"load": 1.4}}
    frame = make_dataset(dataset({"release": incident})).frame()
    off = make_dataset(dataset({})).frame()
    where = regions(frame)
    struck, others = where[where == "eu-west-1"].index, where[where != "eu-west-1"].index
    load = table(frame, "load")
    # Full strength for four fifths, then a straight way back: 0.9, 0.7, ... 0.1 in each fifth of what is left.
    mean(load.loc[window(START, 40), struck]).assert_recovers(140, 100)
    rolled_back = load.loc[window(START + pd.Timedelta(hours=40), 10), struck].mean(axis=1).to_numpy()
    expected = 100 * (1 + 0.4 * (1 - (np.arange(40, 50) + 0.5) / 50) / 0.2)
    assert np.all(np.abs(rolled_back - expected) < 5 * 1.4 * 10 / np.sqrt(len(struck)))
    for cells in [load.loc[window(START, 50), others], load.loc[window(START + pd.Timedelta(hours=50), 50), struck],
                  table(frame, "memory").loc[window(START, 50), struck], table(off, "load").loc[window(START, 40), struck]]:
        mean(cells).assert_absent(100)
    # All cells beside are the very same.
    same = (frame["load"] == off["load"]) & (frame["memory"] == off["memory"])
    changed = frame["region"].astype(str).eq("eu-west-1") & frame["date"].between(START, START + pd.Timedelta(hours=49))
    assert (same | changed).all() and not same[changed].any()


def test_a_failover_moves_load_from_one_region_to_another(make_dataset):
    incident = {"kind": "failover", "at": ["2024-02-10T06:00"], "scope": "region", "labels": ["eu-west-1"], "to": "us-west-2", "share": 0.5,
                "duration": "2d", "metrics": {"load": 0.2}}
    frame = make_dataset(dataset({"failover": incident}, servers=400)).frame()
    where, load = regions(frame), table(frame, "load").loc[window(START, 48)]
    means = load.mean()
    struck = means[means < 60].index
    assert set(where[struck]) == {"eu-west-1"}
    candidates = where[where == "eu-west-1"].index
    share(np.isin(candidates, struck)).assert_recovers(0.5, 1)
    mean(load[struck]).assert_recovers(20, 100)
    mean(load[where[where == "us-west-2"].index]).assert_recovers(100 * (1 + 0.8 * 0.5 * REGIONS["eu-west-1"] / REGIONS["us-west-2"]), 100)
    mean(load[where[where == "us-east-1"].index]).assert_absent(100)


def test_a_leak_rises_to_its_target_and_dips_after_the_restart(make_dataset):
    incident = {"kind": "memory-leak", "at": ["2024-02-10T06:00"], "duration": "100h", "metrics": {"memory": {"target": 300}}}
    frame = make_dataset(dataset({"leak": incident})).frame()
    profile = table(frame, "memory").mean(axis=1)
    error = 10 / np.sqrt(200)
    rise = profile.loc[window(START, 100)].to_numpy()
    assert np.all(np.abs(rise - (100 + 200 * np.arange(1, 101) / 100)) < 5 * error)
    dip = profile.loc[window(START + pd.Timedelta(hours=100), 25)].to_numpy()
    assert np.all(np.abs(dip - (100 - 0.25 * 200 * (1 - (np.arange(25) + 0.5) / 25))) < 5 * 1.25 * error)
    mean(profile.loc[window(START + pd.Timedelta(hours=125), 200)]).assert_absent(100)


def test_a_power_loss_is_a_gap_in_all_metrics_and_then_a_burst(make_dataset):
    incident = {"kind": "power-loss", "at": ["2024-02-10T06:00"], "scope": "region", "labels": ["us-east-1"], "lag": "3h", "duration": "20h",
                "metrics": {"load": 1.5}}
    frame = make_dataset(dataset({"dark": incident})).frame()
    where = regions(frame)
    struck = where[where == "us-east-1"].index
    load, memory = table(frame, "load"), table(frame, "memory")
    assert (load.isna() == memory.isna()).all().all(), "the servers are off"
    gaps = load.isna()
    assert set(gaps.any()[gaps.any()].index) == set(struck) and (gaps.sum()[struck] == 20).all()
    delays = ((gaps[struck].idxmax() - START) / pd.Timedelta(hours=1)).astype(int)
    assert set(delays) == {0, 1, 2, 3}, "each server has its own delay"
    for delay in range(4):
        own = delays[delays == delay].index
        back = START + pd.Timedelta(hours=20 + delay)
        burst = load.loc[window(back, 10), own].mean(axis=1).to_numpy()
        assert np.all(np.abs(burst - 100 * (1 + 0.5 * (1 - np.arange(10) / 10))) < 5 * 15 / np.sqrt(len(own)))
        mean(memory.loc[window(back, 10), own]).assert_absent(100)


def test_random_incidents_are_as_many_as_asked_for_and_independent(make_dataset):
    incident = {"kind": "bad-release", "per_year": 12, "scope": "server", "duration": "10h", "metrics": {"load": 4}}
    frame = make_dataset(dataset({"spikes": incident}, servers=500)).frame()
    high = table(frame, "load").to_numpy() > 200
    starts = (high & ~np.vstack([np.zeros((1, high.shape[1]), bool), high[:-1]])).sum(axis=0)
    # An event that begins while another lasts, or before the window, is no start of its own here: under 1.5 per cent.
    expected = 12 * len(HOURS) / (24 * 365.2425)
    Estimate(starts.mean() / expected, np.sqrt(expected / 500) / expected).assert_recovers(1 - expected / len(HOURS) * 8, 0)
    # Poisson: variance equal to the mean, and servers have nothing to do with each other.
    assert abs(starts.var(ddof=1) / starts.mean() - 1) < 5 * np.sqrt(2 / 499)
    assert make_dataset(dataset({}, servers=500)).frame()["load"].max() < 200


def test_magnitudes_are_drawn_between_their_bounds(make_dataset):
    incident = {"kind": "failover", "per_year": 40, "scope": "region", "duration": "30h", "magnitude": [0.5, 1], "metrics": {"load": 0}}
    frame = make_dataset(dataset({"outages": incident}, servers=400)).frame()
    by_region = table(frame, "load").T.groupby(regions(frame)).mean().T
    low = by_region["ap-southeast-1"]
    struck = low[low < 70]
    assert len(struck) > 100, "the region fails now and then"
    # One event takes away 0.5 to 1 of the load; several at once take more.
    assert (struck > -5).all() and struck.max() > 35 and struck.min() < 30


def test_a_shared_factor_correlates_the_servers_of_a_region(make_dataset):
    incident = {"kind": "shared-factor", "scope": "region", "duration": "6h", "metrics": {"load": 0.1}}
    on, off = (make_dataset(dataset(incidents, servers=60, end_date="2025-12-31")).frame() for incidents in ({"weather": incident}, {}))
    where = regions(on)
    for frame, expected in [(on, 0.5), (off, 0.0)]:
        load = table(frame, "load")
        east, west = load[where[where == "us-east-1"].index], load[where[where == "us-west-2"].index]
        within = np.corrcoef(east.to_numpy().T)
        value = within[np.triu_indices_from(within, 1)].mean()
        # A wave that forgets half in 6 hours has one independent value in some 18.
        error = 1 / np.sqrt(len(load) / 18) if expected else 1 / np.sqrt(len(load))
        assert abs(value - expected) < 5 * error
        across = np.corrcoef(east.mean(axis=1), west.mean(axis=1))[0, 1]
        assert abs(across) < 5 * (1 / np.sqrt(len(load) / 18))
    wave = table(on, "load")[where[where == "us-east-1"].index].mean(axis=1) - 100
    Estimate(wave.std() / 100, 0.1 / np.sqrt(2 * len(wave) / 18)).assert_recovers(0.1, 0)
    at_nodes = wave.to_numpy()[::6]
    Estimate(np.corrcoef(at_nodes[:-1], at_nodes[1:])[0, 1], 1 / np.sqrt(len(at_nodes))).assert_recovers(0.5, 0)


def test_a_slice_has_the_incidents_of_the_whole(tmp_path):
    content = dataset({
        "leaks": {"kind": "memory-leak", "per_year": 20, "scope": "server", "duration": "10d", "metrics": {"memory": {"target": 300}}},
        "surges": {"kind": "traffic-surge", "per_year": 50, "scope": "region", "duration": "3d", "lag": "1d", "metrics": {"load": 2}},
    }, servers=30)
    path = fleet.write_config(tmp_path / "whole.yaml", content)
    whole = fleet.generate(path, tmp_path / "data").frame()
    part = fleet.generate_slice(path, tmp_path / "part.parquet", None, "--from", "2024-02-14", "--to", "2024-02-15", "--servers", "5-25")
    ids = {f"SRV-{number:04d}" for number in range(5, 26)}
    expected = whole[whole["date"].between("2024-02-14", "2024-02-15 23:00") & whole["server_id"].isin(ids)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part[["load", "memory"]], expected[["load", "memory"]])


def test_the_example_is_right_and_publishes(tmp_path):
    path = fleet.ROOT / "config/examples/anomalies.yaml"
    on = fleet.generate(path, tmp_path / "on")
    off = fleet.generate(path, tmp_path / "off", {"data_generation.incidents": None})
    names = {check["scope"] for check in on.json("summary")["checks"] if check["name"] == "incident_count"}
    assert names == {"leaks", "full-disks", "overruns", "surges", "power"}
    assert len(list(on.base.rglob("*.truth.parquet"))) == 1, "the labels are beside the panel"
    changed = (on.frame(["disk_p95"]) != off.frame(["disk_p95"]))["disk_p95"].mean()
    assert 0.01 < changed < 0.2


@pytest.mark.parametrize("kind", ["batch-overrun", "traffic-surge", "disk-fill"])
def test_every_kind_has_its_phases(make_dataset, kind):
    incident = {"kind": kind, "at": ["2024-02-10T06:00"], "duration": "100h", "metrics": {"load": 2}}
    profile = table(make_dataset(dataset({"x": incident})).frame(), "load").mean(axis=1)
    u = (np.arange(100) + 0.5) / 100
    strength = {
        "batch-overrun": np.minimum(1, (1 - u) / 0.1),
        "traffic-surge": np.minimum(np.minimum(u / 0.2, 1), (1 - u) / 0.3),
        "disk-fill": np.minimum(1, np.arange(1, 101) / 95),
    }[kind]
    found = profile.loc[window(START, 100)].to_numpy() / 100 - 1
    assert np.all(np.abs(found - strength) < 5 * 0.2 / np.sqrt(200))
    mean(profile.loc[window(START + pd.Timedelta(hours=100), 300)]).assert_absent(100)


RATES = {"criticality": {"High": 0.3, "Low": 2}, "region": {"eu-west-1": 2.5, "us-west-2": 0}, "business_unit": {"Wealth": 1.5}}
SPIKES = {"kind": "bad-release", "per_year": 24, "scope": "server", "duration": "1h", "metrics": {"load": 4}}


def spikes(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Hours with a spike and without any, by labels: each lasts an hour, so that every such hour is the start of one."""
    hits = frame["load"] > 250
    return hits.groupby([frame[column].astype(str) for column in columns]).agg(["sum", "size"])


def test_labels_have_rates_of_their_own_which_multiply(make_dataset):
    frame = make_dataset(dataset({"spikes": SPIKES | {"rate_factors": RATES}}, servers=1500)).frame()
    plain = 24 / (24 * 365.2425)
    assert frame["load"].lt(250).mean() > 0.99
    for labels, (found, cells) in spikes(frame, *RATES).iterrows():
        factor = np.prod([RATES[column].get(label, 1) for column, label in zip(RATES, labels, strict=True)])
        expected = plain * factor * cells
        assert abs(found - expected) <= 5 * np.sqrt(expected), labels
    # Each column by itself, beside the labels of the others.
    for column, factors in RATES.items():
        others = [name for name in RATES if name != column]
        for label, factor in factors.items():
            own = frame[frame[column].astype(str) == label]
            weight = np.prod([own[name].astype(str).map(lambda own, name=name: RATES[name].get(own, 1)) for name in others], axis=0).sum()
            found = (own["load"] > 250).sum()
            Estimate(found / (plain * weight), np.sqrt(max(found, 1)) / (plain * weight)).assert_recovers(factor, 1)


def test_without_factors_labels_have_the_same_rate(make_dataset):
    frame = make_dataset(dataset({"spikes": SPIKES}, servers=1500)).frame()
    for column in RATES:
        for found, cells in spikes(frame, column).to_numpy():
            Estimate(found / cells * 365.2425, np.sqrt(found) / cells * 365.2425).assert_absent(1)


def test_factors_thin_and_add_and_leave_the_rest_alone(make_dataset):
    before, after = (make_dataset(dataset({"spikes": SPIKES | more}, servers=300)).frame() for more in ({}, {"rate_factors": RATES}))
    factor = np.prod([after[column].astype(str).map(lambda own, column=column: RATES[column].get(own, 1)) for column in RATES], axis=0)
    old, new = before["load"] > 250, after["load"] > 250
    assert (before["load"] == after["load"])[factor == 1].all()
    assert not (new & ~old)[factor < 1].any() and (old & ~new)[factor < 1].any()
    assert not (old & ~new)[factor > 1].any() and (new & ~old)[factor > 1].any()


def test_the_rate_of_a_region_is_its_own_and_the_gate_measures_it(make_dataset):
    incident = {"kind": "bad-release", "per_year": 40, "scope": "region", "duration": "1h", "metrics": {"load": 4},
                "rate_factors": {"region": {"eu-west-1": 10, "us-west-2": 0}}}
    published = make_dataset(dataset({"outages": incident}, servers=40, end_date="2024-12-31"))
    frame = published.frame()
    for region in REGIONS:
        own = frame[frame["region"].astype(str) == region]
        hours = (table(own, "load") > 250).any(axis=1).sum()
        expected = 40 * incident["rate_factors"]["region"].get(region, 1) * 366 / 365.2425
        assert abs(hours - expected) <= 5 * np.sqrt(expected)
    checks = {check["scope"]: check for check in published.json("summary")["checks"] if check["name"] == "incident_rate"}
    assert set(checks) == {"outages, region eu-west-1", "outages, region us-west-2"}
    assert all(check["verdict"] == "pass" for check in checks.values()) and checks["outages, region eu-west-1"]["requested"] == 10


@pytest.mark.parametrize("section", ["incidents", "changes"])
def test_none_is_none_however_it_is_written(tmp_path, section):
    content = {"num_servers": 3, "start_date": "2024-01-01", "end_date": "2024-01-02", "metrics": [fleet.metric("load")]}
    for value, status in [({}, "published"), (None, "up-to-date")]:
        path = fleet.write_config(tmp_path / "x.yaml", fleet.config(content | {section: value}))
        done = fleet.run("generate", "--config", path, "--json", *fleet.overrides({"storage.local_base_path": str(tmp_path / "data")}))
        assert json.loads(done.stdout)["status"] == status
