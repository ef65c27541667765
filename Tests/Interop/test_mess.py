"""What goes wrong with the measuring, recovered from the Parquet file and its clean twin; and not found when switched off."""

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import SIGMAS, Estimate, share

METRICS = ["load", "memory"]
SERVERS = 150
YEAR = 24 * 365.2425


def config(mess: dict, **data) -> dict:
    content = {
        "num_servers": SERVERS, "start_date": "2024-01-01", "end_date": "2024-06-30", "granularity": "hourly",
        "metrics": [fleet.metric(name) for name in METRICS], "mess": mess, **data,
    }
    return fleet.config(content, quality={"max_missing_share": 0.6})


@pytest.fixture(scope="module")
def twin(tmp_path_factory) -> pd.DataFrame:
    """The same dataset without mess."""
    folder = tmp_path_factory.mktemp("twin")
    return fleet.generate(fleet.write_config(folder / "panel.yaml", config({})), folder / "data").frame()


def table(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    return frame.pivot(index="date", columns="server_id", values=metric)


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last-plus-one of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2], edges[1::2]))


def blocks(flags: pd.DataFrame) -> list[tuple[str, int, int]]:
    return [(server, *run) for server in flags for run in runs(flags[server].to_numpy())]


def assert_lengths(found: list[tuple[str, int, int]], length: int, hours: int, rate: float, units: int) -> None:
    """Blocks of one length, or longer where two meet, cut only by the window; as many as asked for."""
    inside = [end - start for _, start, end in found if start > 0 and end < hours]
    assert inside and min(inside) >= length and np.mean(np.array(inside) == length) > 0.8
    covered = sum(end - start for _, start, end in found) / (units * hours)
    expected = 1 - (1 - rate) ** length
    # Spells are Poisson, and each covers so many hours.
    Estimate(covered, length * np.sqrt(rate / (units * hours))).assert_recovers(expected, 0)


def test_the_twin_has_none_of_it(twin):
    assert not twin[METRICS].isna().any().any()
    for metric in METRICS:
        values = table(twin, metric).to_numpy()
        assert not (values[1:] == values[:-1]).any()


def test_cells_are_missing_under_load_and_only_there(make_dataset, twin):
    frame = make_dataset(config({"missing_under_load": {"above": {"load": 112, "memory": "p75"}, "rate": 0.4}})).frame()
    # The upper quartile of a normal distribution of mean 100 and standard deviation 10.
    for metric, threshold in [("load", 112), ("memory", 106.745)]:
        missing, level = frame[metric].isna(), twin[metric]
        assert not missing[level < threshold - 1e-3].any()
        for low, high in [(threshold, threshold + 4), (threshold + 4, threshold + 10), (threshold + 10, 1000)]:
            share(missing[level.between(low + 1e-3, high)].to_numpy()).assert_recovers(0.4, 0)
        present = ~missing
        assert (frame[metric][present] == level[present]).all()
    both = twin["load"].gt(112.001) & twin["memory"].gt(106.75)
    share((frame["load"].isna() & frame["memory"].isna())[both].to_numpy()).assert_recovers(0.16, 0.4)


def test_an_agent_outage_is_a_block_of_all_metrics_of_one_server(make_dataset, twin):
    frame = make_dataset(config({"agent_outage": {"per_year": 12, "duration": "10h"}})).frame()
    load, memory = table(frame, "load"), table(frame, "memory")
    assert (load.isna() == memory.isna()).all().all()
    found = blocks(load.isna())
    assert_lengths(found, 10, len(load), 12 / YEAR, SERVERS)
    # Servers have them independently: an hour has as many as a binomial count, with a correlation over the block's ten hours.
    counts = load.isna().sum(axis=1)
    p = counts.mean() / SERVERS
    assert abs(counts.var() / (SERVERS * p * (1 - p)) - 1) < SIGMAS * np.sqrt(2 / (len(load) / 10))
    present = frame["load"].notna()
    assert (frame[METRICS][present] == twin[METRICS][present]).all().all()


def test_a_collector_outage_is_a_block_of_all_servers_of_one_region(make_dataset):
    frame = make_dataset(config({"collector_outage": {"per_year": 30, "duration": "5h"}})).frame()
    missing = table(frame, "load").isna()
    assert (missing == table(frame, "memory").isna()).all().all()
    where = frame.groupby("server_id", observed=True)["region"].first().astype(str)
    outages = {}
    for region, servers in where.groupby(where):
        own = missing[servers.index]
        assert (own.all(axis=1) == own.any(axis=1)).all(), "all servers or none"
        outages[region] = own.any(axis=1)
    regions = pd.DataFrame(outages)
    assert_lengths(blocks(regions), 5, len(regions), 30 / YEAR, len(outages))
    together = regions.all(axis=1).mean()
    assert together < 1e-3, "regions fail on their own"


def test_some_servers_start_late(make_dataset, twin):
    frame = make_dataset(config({"late_start": {"share": 0.4, "within": "100d", "from": "2024-01-01"}})).frame()
    missing = table(frame, "load").isna()
    assert (missing == table(frame, "memory").isna()).all().all()
    lengths = missing.sum()
    for server, length in lengths.items():
        assert missing[server].iloc[:length].all(), "leading cells only"
    late = lengths[lengths > 0]
    share((lengths > 0).to_numpy()).assert_recovers(0.4, 0)
    assert late.max() < 2400
    # Uniform over 2,400 hours.
    Estimate(late.mean(), 2400 / np.sqrt(12 * len(late))).assert_recovers(1200, 0)
    present = frame["load"].notna()
    assert (frame[METRICS][present] == twin[METRICS][present]).all().all()


def test_a_stuck_sensor_repeats_the_value_of_its_first_step(make_dataset, twin):
    frame = make_dataset(config({"stuck_sensor": {"per_year": 10, "duration": "30h"}})).frame()
    before = {metric: table(twin, metric) for metric in METRICS}
    spans = {}
    for metric in METRICS:
        values, clean = table(frame, metric), before[metric]
        repeats = values.diff() == 0
        changed = values != clean
        assert not (changed & ~repeats).iloc[1:].any().any(), "whatever changed repeats the step before"
        found = [(server, start - 1, end) for server, start, end in blocks(repeats)]
        for server, start, end in found:
            if start > 0:
                assert values[server].iloc[start] == clean[server].iloc[start]
        # The first step of a spell is as it was, so a block is found by its repetitions; a spell that another one cuts is shorter.
        inside = [end - start for _, start, end in found if start > 0 and end < len(values)]
        assert max(inside) == 30 and np.mean(np.array(inside) == 30) > 0.9
        expected = 10 / YEAR * len(values) * SERVERS
        Estimate(len(found), np.sqrt(expected)).assert_recovers(expected, 0)
        spans[metric] = {(server, start) for server, start, _ in found}
    assert len(spans["load"] & spans["memory"]) < 0.05 * len(spans["load"]), "sensors are stuck one by one"


def test_a_unit_slip_multiplies_blocks_of_one_metric(make_dataset, twin):
    frame = make_dataset(config({"unit_slip": {"per_year": 10, "duration": "24h", "factor": 0.5}})).frame()
    slipped = {metric: table(frame, metric) / table(twin, metric) for metric in METRICS}
    for metric in METRICS:
        ratio = slipped[metric].round(9)
        assert set(np.unique(ratio)) == {0.5, 1.0}
        assert_lengths(blocks(ratio == 0.5), 24, len(ratio), 10 / YEAR, SERVERS)
    together = ((slipped["load"] < 0.75) & (slipped["memory"] < 0.75)).to_numpy().mean()
    single = (slipped["load"] < 0.75).to_numpy().mean()
    assert together < 3 * single**2 + 1e-3, "metrics slip one by one"


EVERYTHING = {
    "missing_under_load": {"above": {"load": "p90"}, "rate": 0.3}, "agent_outage": {"per_year": 20, "duration": "10h"},
    "collector_outage": {"per_year": 20, "duration": "5h"}, "late_start": {"share": 0.3, "within": "60d", "from": "2024-01-01"},
    "stuck_sensor": {"per_year": 40, "duration": "3d"}, "unit_slip": {"per_year": 20, "duration": "1d", "factor": 0.5},
}


def test_a_slice_has_the_mess_of_the_whole(tmp_path):
    path = fleet.write_config(tmp_path / "whole.yaml", config(EVERYTHING, num_servers=30))
    whole = fleet.generate(path, tmp_path / "data").frame()
    part = fleet.generate_slice(path, tmp_path / "part.parquet", None, "--from", "2024-02-14", "--to", "2024-02-16", "--servers", "5-25")
    ids = {f"SRV-{number:04d}" for number in range(5, 26)}
    expected = whole[whole["date"].between("2024-02-14", "2024-02-16 23:00") & whole["server_id"].isin(ids)].reset_index(drop=True)
    pd.testing.assert_frame_equal(part[METRICS], expected[METRICS])
    stuck = table(part, "memory").diff().eq(0).iloc[1]
    assert stuck.any(), "some sensor is stuck since before the slice"


def test_a_slice_within_an_outage_is_written(tmp_path):
    content = config({"agent_outage": {"per_year": 20, "duration": "20d"}}, num_servers=8)
    path = fleet.write_config(tmp_path / "whole.yaml", content)
    missing = table(fleet.generate(path, tmp_path / "data", {"quality.max_missing_share": 0.95}).frame(), "load").isna()
    server, day = next(
        (number, day) for number, server in enumerate(missing, start=1) for day, hours in missing[server].groupby(missing.index.date) if hours.all())
    options = ["--from", str(day), "--to", str(day), "--servers", f"{server}-{server}"]
    part = fleet.generate_slice(path, tmp_path / "part.parquet", None, *options)
    assert len(part) == 24 and part[METRICS].isna().all().all()


def test_the_example_is_right_and_publishes(tmp_path):
    path = fleet.ROOT / "config/examples/messy.yaml"
    on = fleet.generate(path, tmp_path / "on")
    checks = {check["name"] for check in on.json("summary")["checks"] if check["verdict"] == "pass"}
    assert {"missing_under_load", "agent_outage", "collector_outage", "late_start", "stuck_sensor", "unit_slip"} <= checks
    assert {"duplicate_rows", "late_rows", "waiting_rows"} <= checks
    assert len(list(on.base.rglob("*.truth.parquet"))) == 1, "the labels are beside the panel"
    frame = on.frame()
    assert frame.duplicated(["server_id", "date"]).mean() == pytest.approx(0.002, rel=0.2)
    assert (frame["ingested_at"] > frame["date"] + pd.Timedelta(hours=1)).mean() == pytest.approx(0.01, rel=0.2)
    off = fleet.generate(path, tmp_path / "off", {"data_generation.mess.agent_outage.per_year": 0})
    assert on.frame()["disk_p95"].isna().mean() > off.frame()["disk_p95"].isna().mean() + 0.004
