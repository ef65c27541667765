"""The ground truth of servers that begin and end, with everything else on: row for row beside the panel, and events of servers that exist."""

import numpy as np
import pandas as pd
import pytest

import fleet
from readers import READERS, assert_same_cells
from test_truth_everything import BITS, INCIDENT, LASTING, LASTING_CHANGE, MISSING, SHARED, everything

LIFETIME = {"commissioned": {"share": 0.4, "from": "2025-01-10", "to": "2025-03-10"}, "decommission": {"per_year": 1.5, "from": "2025-01-20"}}
BIRTHS = {"commissioned", "decommissioned"}


def config(**lifetime) -> dict:
    content = everything()
    content["data_generation"] |= lifetime
    return content


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lives")
    return fleet.generate(fleet.write_config(folder / "lives.yaml", config(lifetime=LIFETIME)), folder / "data")


@pytest.fixture(scope="module")
def always(tmp_path_factory):
    """The same fleet, always there."""
    folder = tmp_path_factory.mktemp("always")
    return fleet.generate(fleet.write_config(folder / "lives.yaml", config()), folder / "data")


@pytest.fixture(scope="module")
def panel(made):
    return made.frame()


@pytest.fixture(scope="module")
def truth(made):
    return pd.read_parquet(made.path("truth"))


@pytest.fixture(scope="module")
def events(made):
    return pd.read_parquet(made.path("events"))


@pytest.fixture(scope="module")
def lives(panel):
    """First step and the end of each server in the panel."""
    table = panel.groupby(panel["server_id"].astype(str))["date"].agg(["min", "max"])
    return table.assign(max=table["max"] + pd.Timedelta(hours=1))


def test_the_fleet_comes_and_goes(panel, lives):
    assert 0.6 < len(panel) / (60 * panel["date"].nunique()) < 0.95
    first, last = panel["date"].min(), panel["date"].max()
    assert (lives["min"] > first).sum() > 10 and (lives["max"] <= last).sum() > 5


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("role", ["truth", "events"])
def test_every_reader_sees_the_same(made, role, reader):
    assert_same_cells(READERS[reader](made.path(role)), pd.read_parquet(made.path(role)))


def test_rows_are_the_panels_and_flags_name_what_differs(panel, truth):
    assert_same_cells(truth[["server_id", "date"]], panel[["server_id", "date"]])
    for metric in fleet.METRICS:
        value, change, flags = panel[metric], truth[f"{metric}_change"], truth[f"{metric}_flags"]
        np.testing.assert_array_equal(np.round(truth[f"{metric}_clean"] + change, 2), value)
        np.testing.assert_array_equal(flags != 0, change.fillna(1) != 0)
        np.testing.assert_array_equal((flags & MISSING) != 0, value.isna())
        total = sum(truth[f"{metric}_{part}"] for part in ["level", "trend", "season", "calendar", "bias", "noise"])
        assert (total - truth[f"{metric}_clean"]).abs().max() < 1e-9


def test_the_truth_of_a_row_is_the_same_where_servers_are_always_there(always, truth):
    keys = ["server_id", "date"]
    both = pd.read_parquet(always.path("truth"))
    both = both.assign(server_id=both["server_id"].astype(str)).set_index(keys)
    own = truth.assign(server_id=truth["server_id"].astype(str)).set_index(keys)
    assert len(own) < len(both)
    assert_same_cells(own.reset_index(), both.loc[own.index].reset_index())


def test_the_oracle_counts_the_cells_that_exist(made, truth):
    for found in made.json("summary")["truth"]["oracle"]:
        metric = found["metric"]
        if metric == "mem_p95":
            continue  # saturated: the forecast is bent, which the components are not
        low, high = {"cpu_p95": (1, 99), "disk_p95": (2, 97), "net_p95": (0, 100)}[metric]
        known = sum(truth[f"{metric}_{part}"] for part in ["level", "trend", "season", "calendar", "bias"]).clip(low, high)
        error = truth[f"{metric}_clean"] - known
        assert found["mae"] == pytest.approx(error.abs().mean(), rel=1e-4)
        assert found["rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-4)


def test_events_explain_every_flag(panel, truth, events):
    assert events["event_id"].is_unique and events["start"].is_monotonic_increasing
    others = events[~events["kind"].isin(BIRTHS)]
    for metric in fleet.METRICS:
        flags = truth[f"{metric}_flags"].to_numpy()
        explained = np.zeros(len(flags), dtype=int)
        for event, rows in named_rows(others, panel, metric):
            bits = BITS.get(event.kind, LASTING_CHANGE if event.kind in LASTING else INCIDENT)
            explained[rows] |= bits
            if event.kind in ("agent-outage", "collector-outage", "late-start"):
                assert rows.any() and ((flags[rows] & bits) != 0).all(), f"{event.event_id} of {metric}"
        assert (flags & ~explained & ~(1 | 2 | 4 | SHARED) == 0).all(), metric


def named_rows(events: pd.DataFrame, panel: pd.DataFrame, metric: str):
    """The rows of the servers that an event names, between its start and its end."""
    ids, dates = panel["server_id"].astype(str), panel["date"]
    for event in events.itertuples():
        if metric not in event.metrics.split(" "):
            continue
        rows = dates >= event.start
        if not pd.isna(event.end):
            rows &= dates < event.end
        if event.server_ids:
            rows &= ids.isin(event.server_ids.split(" "))
        elif event.scope_column:
            rows &= panel[event.scope_column] == event.scope_label
        yield event, rows.to_numpy()


def test_an_event_names_the_servers_that_exist_while_it_lasts(always, panel, events, lives):
    labels = panel.groupby(panel["server_id"].astype(str))[[*fleet.LABELS]].first().astype(str)
    table = always.frame()
    everyone = table.groupby(table["server_id"].astype(str))[[*fleet.LABELS]].first().astype(str)
    before = pd.read_parquet(always.path("events")).set_index("event_id")
    own = events[~events["kind"].isin(BIRTHS)]
    assert set(own["event_id"]) < set(before.index)

    def named(event, known):
        if event.server_ids:
            return set(event.server_ids.split(" "))
        return set(known.index[known[event.scope_column] == event.scope_label] if event.scope_column else known.index)

    fewer = 0
    for event in own.itertuples():
        other = before.loc[event.event_id]
        servers, all_servers = named(event, labels), named(other, everyone)
        assert event.servers == len(servers) and servers <= all_servers
        end = pd.Timestamp.max.tz_localize("UTC") if pd.isna(event.end) else event.end
        alive = {server for server in all_servers if server in lives.index and lives.loc[server, "min"] < end and lives.loc[server, "max"] > event.start}
        assert servers <= alive, event.event_id
        if event.cause.startswith("data_generation.mess"):
            assert servers == alive, event.event_id
        fewer += len(servers) < len(all_servers)
    assert fewer > 3
    # Whatever is not told any more would have touched nobody that exists.
    for event in before.loc[sorted(set(before.index) - set(own["event_id"]))].itertuples():
        if event.cause.startswith("data_generation.mess"):
            start, end = event.start, event.end
            assert not any(lives.loc[server, "min"] < end and lives.loc[server, "max"] > start for server in named(event, everyone) if server in lives.index)


def test_beginnings_and_ends_are_events(panel, events, lives):
    first, last = panel["date"].min(), panel["date"].max() + pd.Timedelta(hours=1)
    births = events[events["kind"].isin(BIRTHS)]
    assert (births["servers"] == 1).all() and (births["metrics"] == "").all() and births["end"].isna().all()
    begun = births[births["kind"] == "commissioned"].set_index("server_ids")["start"]
    ended = births[births["kind"] == "decommissioned"].set_index("server_ids")["start"]
    assert dict(begun[begun.index.isin(lives.index)]) == dict(lives.loc[lives["min"] > first, "min"])
    assert dict(ended) == dict(lives.loc[lives["max"] < last, "max"])
    assert set(births["cause"]) == {"data_generation.lifetime.commissioned", "data_generation.lifetime.decommission"}


def test_a_moved_window_tells_the_same(made, truth, events, tmp_path):
    content = config(lifetime=LIFETIME, start_date="2025-02-01")
    later = fleet.generate(fleet.write_config(tmp_path / "lives.yaml", content), tmp_path / "data")
    moved = pd.read_parquet(later.path("truth"))
    kept = truth[truth["date"] >= "2025-02-01"].reset_index(drop=True)
    flat = lambda frame: frame.assign(server_id=frame["server_id"].astype(str))
    assert_same_cells(flat(moved), flat(kept))
    own = pd.read_parquet(later.path("events"))
    assert len(own) > 50 and set(own["event_id"]) < set(events["event_id"])
    both = own[own["kind"] != "late-start"].merge(events, on="event_id", suffixes=("", "_before"))
    for column in ["kind", "servers", "server_ids", "start", "end", "magnitude"]:
        left, right = both[column], both[f"{column}_before"]
        assert ((left == right) | (left.isna() & right.isna())).all(), column


def test_the_tables_are_made_again_from_the_manifest(made):
    assert "generated again: the same bytes" in fleet.run("verify", made.base, "--regenerate").stdout
