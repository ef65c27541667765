"""Rows that come twice and rows that come late, recovered from the Parquet file alone; and not found when switched off."""

import io
import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import fleet
from estimates import SIGMAS, Estimate, share
from readers import READERS, assert_same_cells
from test_panel_summary import assert_overview_is_the_course
from test_truth_everything import everything

# One metric for each way of making and writing cells: narrow grid, wide grid with and without a dictionary, full precision.
METRICS = [
    fleet.metric("load", min_clip=0, max_clip=200, decimals=2, missing_rate=0.02, outlier_rate=0.01),
    fleet.metric("memory", min_clip=0, max_clip=200, decimals=3, missing_rate=0.02),
    fleet.metric("fine", min_clip=0, max_clip=2000, decimals=4, missing_rate=0.02),
    fleet.metric("traffic", missing_rate=0.02),
]
NAMES = [metric["name"] for metric in METRICS]
ROWS = {"duplicate_rows": {"rate": 0.01}, "late_rows": {"rate": 0.05, "delay": ["6h", "3d"], "arrival_column": "ingested_at"}}
HOUR, END = pd.Timedelta(hours=1), pd.Timestamp("2024-07-01", tz="UTC")
KEYS = ["server_id", "date"]


def config(mess: dict, **data) -> dict:
    content = {
        "num_servers": 60, "start_date": "2024-05-01", "end_date": "2024-06-30", "granularity": "hourly", "metrics": METRICS, "mess": mess, **data,
    }
    return fleet.config(content, quality={"max_missing_share": 0.6}, output={"calendar_flags": True})


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Ids as plain texts, so that frames of different dictionaries compare."""
    return frame.assign(**{name: frame[name].astype(str) for name in ["server_id", *fleet.LABELS] if name in frame})


def make(folder, mess: dict, sets: dict | None = None, *options, **data) -> fleet.Published:
    return fleet.generate(fleet.write_config(folder / "rows.yaml", config(mess, **data)), folder / "data", sets, *options)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("rows"), ROWS)


@pytest.fixture(scope="module")
def frame(made):
    return texts(made.frame())


@pytest.fixture(scope="module")
def twin(tmp_path_factory):
    """The same without mess, every row with its time of arrival."""
    return texts(make(tmp_path_factory.mktemp("twin"), {"late_rows": {"arrival_column": "ingested_at"}}).frame())


def test_the_twin_has_every_row_once_and_on_time(twin, make_dataset):
    assert len(twin) == 60 * 61 * 24 and not twin.duplicated(KEYS).any()
    assert (twin["ingested_at"] == twin["date"] + HOUR).all()
    assert list(twin.columns)[-1] == "ingested_at"
    plain = texts(make_dataset(config({})).frame())
    assert_same_cells(plain, twin.drop(columns="ingested_at"))


def test_duplicates_are_whole_rows_next_to_each_other_as_often_as_asked_for(frame):
    again = frame.duplicated(KEYS)
    assert (again == frame.duplicated()).all(), "equal in all columns"
    assert (frame[KEYS].shift()[again] == frame[KEYS][again]).all().all(), "next to each other"
    assert frame.groupby(KEYS).size().max() == 2
    counts = frame.groupby(KEYS).size()
    share((counts == 2).to_numpy()).assert_recovers(0.01, 0)
    # Every server and every time has its part: no more spread than that of independent draws.
    for level in KEYS:
        own = (counts == 2).groupby(level=level).agg(["sum", "size"])
        expected = own["size"] * 0.01
        assert (((own["sum"] - expected) ** 2) / expected).mean() == pytest.approx(1, abs=SIGMAS * np.sqrt(2 / len(own)) + 0.1)
    assert frame[KEYS].apply(tuple, axis=1).is_monotonic_increasing


def test_late_rows_are_recovered_with_their_delays(frame, twin):
    once = frame.drop_duplicates(KEYS)
    delay = once["ingested_at"] - once["date"] - HOUR
    assert (delay >= pd.Timedelta(0)).all() and (once["ingested_at"] <= END).all()
    old = once["date"] + HOUR + pd.Timedelta(days=3) <= END
    share((delay[old] > pd.Timedelta(0)).to_numpy()).assert_recovers(0.05, 0)
    late = np.sort(delay[old & (delay > pd.Timedelta(0))].dt.total_seconds().to_numpy())
    low, high = 6 * 3600, 3 * 86_400
    assert late[0] >= low and late[-1] <= high
    uniform = (late - low) / (high - low)
    assert np.abs(np.arange(1, len(late) + 1) / len(late) - uniform).max() * np.sqrt(len(late)) < 2
    # Nothing is absent but what could not have arrived.
    absent = twin[KEYS].merge(once[KEYS], how="left", indicator=True)
    absent = absent[absent["_merge"] == "left_only"]
    assert len(absent) and (absent["date"] + HOUR + pd.Timedelta(days=3) > END).all()
    left = (END - absent["date"].drop_duplicates() - HOUR).dt.total_seconds()
    steps = pd.date_range(END - pd.Timedelta(days=3), END - HOUR, freq="h")
    waiting = 0.05 * np.clip((high - (END - steps - HOUR).total_seconds().to_numpy()) / (high - low), 0, 1)
    assert left.max() < high
    Estimate(len(absent), np.sqrt(60 * (waiting * (1 - waiting)).sum())).assert_recovers(60 * waiting.sum(), 0)


def test_the_cells_are_those_of_the_twin(frame, twin):
    once = frame.drop_duplicates(KEYS).set_index(KEYS)
    own = twin.set_index(KEYS).loc[once.index]
    assert_same_cells(once.drop(columns="ingested_at").reset_index(), own.drop(columns="ingested_at").reset_index())


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_sees_the_same_rows(made, reader):
    assert_same_cells(READERS[reader](made.panel), made.frame())


def test_a_database_counts_rows_and_keys(made, frame):
    with duckdb.connect() as connection:
        rows, keys, late = connection.execute(
            f"select count(*), count(distinct (server_id, date)), count(*) filter (ingested_at > date + interval 1 hour) from '{made.panel}'").fetchone()
    assert (rows, keys) == (len(frame), len(frame.drop_duplicates(KEYS))) and rows > keys
    assert late == (frame["ingested_at"] > frame["date"] + HOUR).sum()


def test_daily_rows_arrive_at_times_of_the_day(make_dataset):
    content = config(ROWS, granularity="daily", num_servers=200, start_date="2024-01-01")
    content["output"] = {"time_type": "date32"}
    made = make_dataset(content)
    frame = made.frame()
    delay = frame["ingested_at"] - pd.to_datetime(frame["date"]) - pd.Timedelta(days=1)
    assert str(frame["ingested_at"].dtype) == "datetime64[us]" and (delay >= pd.Timedelta(0)).all()
    late = delay[delay > pd.Timedelta(0)]
    assert len(late) > 1000 and (late.dt.total_seconds() % 86_400 != 0).mean() > 0.99
    assert made.panel.stat().st_size < json.loads(fleet.run("plan", "--config", made.base.parent / "panel.yaml", "--json").stdout)["estimated_bytes"]


def test_statistics_are_those_of_the_rows(tmp_path):
    made = make(tmp_path, ROWS, num_servers=900)
    file = pq.ParquetFile(made.panel)
    assert file.metadata.num_row_groups > 1
    last = ("", pd.Timestamp(0, tz="UTC"))
    for group in range(file.metadata.num_row_groups):
        table = texts(file.read_row_group(group).to_pandas())
        assert last <= tuple(table[KEYS].iloc[0])
        last = tuple(table[KEYS].iloc[-1])
        for column in range(file.metadata.num_columns):
            found = file.metadata.row_group(group).column(column)
            values, statistics = table[found.path_in_schema], found.statistics
            assert statistics.null_count == values.isna().sum() and found.num_values == len(table)
            assert (statistics.min, statistics.max) == (values.min(), values.max()), found.path_in_schema
    assert file.metadata.num_rows == made.json("summary")["rows"]
    checks = {check["name"]: check for check in made.json("summary")["checks"] if check["verdict"] == "pass"}
    assert checks["duplicate_rows"]["requested"] == 0.01 and checks["late_rows"]["requested"] == 0.05 and checks["waiting_rows"]["realised"] > 1000


def test_the_summary_and_the_sample_tell_of_the_rows_of_the_file(made, frame):
    summary = made.json("summary")
    assert summary["rows"] == len(frame) and summary["columns"][-1] == "ingested_at"
    for metric in summary["metrics"]:
        values = frame[metric["name"]]
        assert (metric["cells"], metric["missing"]) == (len(frame), values.isna().sum())
        assert metric["mean"] == pytest.approx(values.mean(), rel=1e-6) and metric["std"] == pytest.approx(values.std(), rel=1e-4)
        assert metric["p50"] == pytest.approx(values.quantile(0.5, "lower"), rel=1e-3)
        assert (metric["min"], metric["max"]) == (values.min(), values.max())
    assert {check["verdict"] for check in summary["checks"]} <= {"pass", "not_applicable"}
    assert_overview_is_the_course(made, parts=59)
    rows = make_sample(made)
    head = frame.head(len(rows))
    assert len(rows) == 100
    for column in ["date", "ingested_at"]:
        assert (rows[column].to_numpy("datetime64[us]") == head[column].to_numpy("datetime64[us]")).all()
    assert rows["load"].to_numpy() == pytest.approx(head["load"].to_numpy(), nan_ok=True)
    assert str(len(frame)) in fleet.run("plan", "--config", made.base.parent / "rows.yaml", "--json").stdout


def make_sample(made) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(made.path("sample").read_text()), parse_dates=["date", "ingested_at"])


def test_a_later_window_adds_what_has_arrived_since_and_changes_nothing(tmp_path):
    before = texts(make(tmp_path / "before", ROWS, end_date="2024-06-27").frame())
    after = texts(make(tmp_path / "after", ROWS, end_date="2024-06-29").frame())
    ends = [pd.Timestamp("2024-06-28", tz="UTC"), pd.Timestamp("2024-06-30", tz="UTC")]
    shared = after[after["date"] < ends[0]]
    kept = shared[shared["ingested_at"] <= ends[0]].reset_index(drop=True)
    assert_same_cells(before, kept)
    added = shared[shared["ingested_at"] > ends[0]]
    assert len(added) > 30 and (added["ingested_at"] <= ends[1]).all()
    assert (added["date"] + HOUR + pd.Timedelta(hours=6) <= added["ingested_at"]).all()


def test_threads_slices_and_the_manifest_give_the_same_rows(tmp_path):
    panels = [make(tmp_path / str(threads), ROWS, None, "--threads", threads) for threads in (1, 3)]
    assert len({fleet.sha256(panel.panel) for panel in panels}) == 1
    whole = texts(panels[0].frame())
    path = tmp_path / "1" / "rows.yaml"
    for first, last in [("2024-06-28", "2024-06-30"), ("2024-05-20", "2024-05-21")]:
        part = texts(fleet.generate_slice(path, tmp_path / f"{first}.parquet", None, "--from", first, "--to", last, "--servers", "5-40"))
        ids = {f"SRV-{number:04d}" for number in range(5, 41)}
        days = whole["date"].dt.strftime("%Y-%m-%d").between(first, last)
        assert_same_cells(part, whole[days & whole["server_id"].isin(ids)].reset_index(drop=True))
    assert "generated again: the same bytes" in fleet.run("verify", panels[0].base, "--regenerate").stdout


LIVES = {"commissioned": {"share": 0.5, "from": "2024-05-10", "to": "2024-06-29"}, "decommission": {"per_year": 2, "from": "2024-05-01"}}
EVERYTHING = ROWS | {
    "agent_outage": {"per_year": 20, "duration": "10h"}, "stuck_sensor": {"per_year": 20, "duration": "3d"},
    "unit_slip": {"per_year": 20, "duration": "1d", "factor": 0.5}, "missing_under_load": {"rate": 0.3},
}


@pytest.mark.parametrize("lifetime", [None, LIVES], ids=["always there", "with lifetimes"])
def test_the_truth_is_row_for_row_beside_the_panel(tmp_path, lifetime):
    content = config(EVERYTHING, **({"lifetime": lifetime} if lifetime else {}))
    content["truth"] = {"cells": True, "components": True, "events": True, "oracle": True}
    made = fleet.generate(fleet.write_config(tmp_path / "rows.yaml", content), tmp_path / "data")
    panel, truth = texts(made.frame()), texts(pd.read_parquet(made.path("truth")))
    assert_same_cells(truth[KEYS], panel[KEYS])
    twice = panel.duplicated(KEYS, keep=False).to_numpy()
    late = (panel["ingested_at"] > panel["date"] + HOUR).to_numpy()
    assert twice.sum() > 100 and late.sum() > 100 and (twice & late).sum() > 1
    for metric in NAMES:
        flags, change = truth[f"{metric}_flags"].to_numpy(), truth[f"{metric}_change"]
        np.testing.assert_array_equal((flags & 1024) != 0, twice)
        np.testing.assert_array_equal((flags & 2048) != 0, late)
        np.testing.assert_array_equal((flags & ~(1024 | 2048)) != 0, (change.fillna(1) != 0).to_numpy())
        np.testing.assert_allclose(truth[f"{metric}_clean"] + change, panel[metric], atol=1e-9)
        total = sum(truth[f"{metric}_{part}"] for part in ["level", "trend", "season", "calendar", "bias", "noise"])
        assert (total - truth[f"{metric}_clean"]).abs().max() < 1e-9
    oracle = {entry["metric"]: entry for entry in made.json("summary")["truth"]["oracle"]}
    assert oracle["traffic"]["mae"] == pytest.approx(truth["traffic_noise"].abs().mean(), rel=1e-4)
    kinds = set(pd.read_parquet(made.path("events"))["kind"])
    assert {"agent-outage", "stuck-sensor", "unit-slip"} <= kinds and not any("row" in kind or "duplicate" in kind for kind in kinds)
    assert "generated again: the same bytes" in fleet.run("verify", made.base, "--regenerate").stdout
    # Duplicates are so of the whole row, whatever happens to its cells.
    assert (panel.duplicated(KEYS) == panel.duplicated()).all()


def test_with_everything_on_the_truth_stays_beside_the_panel_and_a_slice_is_a_part(tmp_path):
    content = everything()
    content["data_generation"]["mess"] |= ROWS
    content["data_generation"]["lifetime"] = {"commissioned": {"share": 0.4, "from": "2025-01-10", "to": "2025-03-30"}}
    path = fleet.write_config(tmp_path / "rows.yaml", content)
    made = fleet.generate(path, tmp_path / "data")
    panel, truth = texts(made.frame()), texts(pd.read_parquet(made.path("truth")))
    assert_same_cells(truth[KEYS], panel[KEYS])
    twice = panel.duplicated(KEYS, keep=False)
    assert twice.sum() > 1000 and (panel.duplicated(KEYS) == panel.duplicated()).all()
    for metric in fleet.METRICS:
        flags, change = truth[f"{metric}_flags"], truth[f"{metric}_change"]
        np.testing.assert_array_equal(np.round(truth[f"{metric}_clean"] + change, 2), panel[metric])
        np.testing.assert_array_equal((flags & ~(1024 | 2048)) != 0, change.fillna(1) != 0)
        np.testing.assert_array_equal((flags & 1024) != 0, twice)
    part = texts(fleet.generate_slice(path, tmp_path / "part.parquet", None, "--from", "2025-03-28", "--servers", "5-40"))
    ids = {f"SRV-{number:04d}" for number in range(5, 41)}
    assert_same_cells(part, panel[(panel["date"] >= "2025-03-28") & panel["server_id"].isin(ids)].reset_index(drop=True))


def test_too_many_missing_cells_name_the_settings_that_the_config_has(tmp_path):
    mess = {"agent_outage": {"per_year": 100, "duration": "2d"}, "late_start": {"share": 0.5, "within": "30d", "from": "2024-05-10"}}
    content = config(mess)
    content["quality"] = {"max_missing_share": 0.1}
    content["storage"] = {"local_base_path": str(tmp_path / "data")}
    done = fleet.run("generate", "--config", fleet.write_config(tmp_path / "rows.yaml", content), code=65)
    text = done.stdout + done.stderr
    assert "lower missing_rate, mess.agent_outage or mess.late_start, or raise that limit" in text and "under_load" not in text


@pytest.mark.parametrize("lifetime", [None, {"growth": [{"date": "2024-05-01", "servers": 200}, {"date": "2024-06-20", "servers": 600}]}])
def test_a_preview_of_some_servers_expects_what_they_hold(tmp_path, lifetime):
    data = {"num_servers": 600} | ({"lifetime": lifetime} if lifetime else {})
    path = fleet.write_config(tmp_path / "rows.yaml", config(ROWS, **data))
    shown = json.loads(fleet.run("preview", "--config", path, "--json").stdout)
    waiting = [check for check in shown["checks"] if check["name"] == "waiting_rows"]
    assert len(waiting) == len(METRICS) and {check["verdict"] for check in shown["checks"]} <= {"pass", "not_applicable"}
    assert all(10 < check["realised"] and 10 < check["requested"] < 300 for check in waiting), waiting
