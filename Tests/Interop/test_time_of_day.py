"""Rows of a part of a day: instants in UTC, days and hours on the clocks of each server's region, across changes of summer time."""

import json
import re
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import fleet
from estimates import SIGMAS
from local_time import SHAPES, ZONES, distances, shape, with_local_time
from readers import READERS, assert_same_cells

# Summer time begins on 10 March in the United States and on 31 March in Ireland, and never in Singapore.
WINDOW = {"start_date": "2024-02-12", "end_date": "2024-04-28"}
REGIONS = {"regions": {"us-east-1": 0.4, "eu-west-1": 0.4, "ap-southeast-1": 0.2}}
SHAPED = fleet.config(
    {"num_servers": 120, "granularity": "hourly", "metadata": REGIONS, **WINDOW,
     "metrics": [fleet.metric("load", diurnal_profile="office"), fleet.metric("night", diurnal_profile=SHAPES["night-batch"])]})
SPANS = [("2024-02-12", "2024-03-08"), ("2024-03-12", "2024-03-29"), ("2024-04-02", "2024-04-28")]


@pytest.fixture(scope="module")
def shaped(tmp_path_factory) -> fleet.Published:
    folder = tmp_path_factory.mktemp("time-of-day")
    return fleet.generate(fleet.write_config(folder / "hours.yaml", SHAPED), folder / "data")


@pytest.fixture(scope="module")
def local(shaped) -> pd.DataFrame:
    return with_local_time(shaped.frame())


def hour_distances(frame: pd.DataFrame, metric: str, name: str, hours: pd.Series) -> list[np.ndarray]:
    """Of every hour from the configured shape, by region and span between changes of the clocks."""
    found = []
    for region, part in frame.groupby("region", observed=True):
        for first, last in SPANS:
            own = part[part["local"].between(first, pd.Timestamp(last) + pd.Timedelta(days=1))]
            found.append(distances(own[metric], hours.loc[own.index], shape(name)))
    return found


@pytest.mark.parametrize(("metric", "name"), [("load", "office"), ("night", "night-batch")])
def test_the_shape_of_the_day_is_recovered_in_local_time_before_and_after_each_change_of_the_clocks(local, metric, name):
    found = hour_distances(local, metric, name, local["local"].dt.hour)
    assert len(found) == 9
    assert max(part.max() for part in found) < SIGMAS


def test_the_same_analysis_without_daylight_saving_time_fails(local):
    winter = {"us-east-1": -5, "eu-west-1": 0, "ap-southeast-1": 8}
    hours = (local["date"].dt.hour + local["region"].astype(str).map(winter)) % 24
    for region, spans in (("us-east-1", [False, True, True]), ("eu-west-1", [False, False, True]), ("ap-southeast-1", [False] * 3)):
        own = local[local["region"] == region]
        failed = [part.max() > SIGMAS for part in hour_distances(own, "load", "office", hours)]
        assert failed == spans, region


def test_a_flat_day_is_flat_and_its_test_notices(make_dataset):
    flat = with_local_time(make_dataset(SHAPED, {"data_generation.metrics.load.diurnal_profile": "flat"}).frame())
    hours = flat["local"].dt.hour
    for region, part in flat.groupby("region", observed=True):
        assert distances(part["load"], hours.loc[part.index], np.ones(24)).max() < SIGMAS, region
    assert min(part.max() for part in hour_distances(flat, "load", "office", hours)) > SIGMAS
    assert max(part.max() for part in hour_distances(flat, "night", "night-batch", hours)) < SIGMAS


def test_weekends_and_holidays_are_days_of_the_region(make_dataset):
    data = {"num_servers": 120, "granularity": "hourly", "metadata": REGIONS, **WINDOW}
    quiet = fleet.metric("load", base_std=1e-6, weekly_pattern_factor=0.5, holiday_effect_multiplier=0.7)
    frame = with_local_time(make_dataset(fleet.config(data | {"metrics": [quiet]}, output={"calendar_flags": True})).frame())
    day = frame["local"].dt.normalize()
    weekend, holiday = day.dt.day_of_week >= 5, day == "2024-02-19"
    expected = 100 * np.where(weekend, 0.5, 1) * np.where(holiday, 0.7, 1)
    assert frame["load"].to_numpy() == pytest.approx(expected, rel=1e-6)
    assert (frame["is_weekend"] == weekend).all() and (frame["is_holiday"] == holiday).all()
    assert (weekend != (frame["date"].dt.day_of_week >= 5)).mean() > 0.02, "the days of UTC are others"


def test_every_zone_that_a_config_can_name_shows_the_time_of_the_iana_database(make_dataset):
    page = fleet.run("schema", "--markdown").stdout
    zones = re.findall(r"`((?:UTC|(?:Africa|America|Asia|Australia|Europe|Pacific)/[A-Za-z_/]+))`", page)
    zones = sorted(set(zones))
    assert len(zones) > 70
    # With factors that rise from hour to hour, a value tells the time of day.
    data = {
        "num_servers": 900, "granularity": "hourly", "start_date": "2025-03-01", "end_date": "2025-11-30",
        "metadata": {"regions": [f"r{index}" for index in range(len(zones))], "time_zones": {f"r{index}": zone for index, zone in enumerate(zones)}},
        "metrics": [fleet.metric("load", base_mean=125, base_std=0, diurnal_profile=list(range(1, 25)))],
    }
    frame = make_dataset(fleet.config(data)).frame(["server_id", "region", "date", "load"])
    frame = frame[frame["server_id"].isin(frame.groupby("region", observed=True)["server_id"].first())]
    seen = 0
    for region, part in frame.groupby("region", observed=True):
        middle = (part["date"] + pd.Timedelta(minutes=30)).dt.tz_convert(ZoneInfo(zones[int(region[1:])]))
        expected = middle.dt.hour + middle.dt.minute / 60 - 0.5
        # At the turn of the day the curve falls from 24 to 1.
        clear = expected.between(1, 22)
        assert (part["load"] / 10 - 1)[clear].to_numpy() == pytest.approx(expected[clear].to_numpy(), abs=1e-9), zones[int(region[1:])]
        seen += 1
    assert seen == len(zones)


def test_plan_says_which_zone_a_region_has_and_why(tmp_path):
    data = {"granularity": "hourly", "metadata": {"regions": [*ZONES, "mars-1"], "time_zones": {"us-east-1": "America/Chicago"}}}
    done = fleet.run("plan", "--config", fleet.write_config(tmp_path / "plan.yaml", fleet.config(data | {"end_date": "2022-03-31"})), "--json")
    found = {zone["region"]: (zone["zone"], zone["origin"]) for zone in json.loads(done.stdout)["time_zones"]}
    known = {region: (zone, "known region") for region, zone in ZONES.items()}
    assert found == known | {"us-east-1": ("America/Chicago", "config"), "mars-1": ("UTC", "unknown region")}


@pytest.mark.parametrize(("granularity", "step"), [("12h", "12h"), ("hourly", "1h"), ("15min", "15min"), ("5min", "5min"), ("32min", "32min")])
def test_the_time_column_holds_the_start_of_each_step_in_utc(make_dataset, granularity, step):
    data = {"num_servers": 3, "granularity": granularity, "start_date": "1969-12-30", "end_date": "1970-01-02", "metrics": [fleet.metric("load")]}
    dataset = make_dataset(fleet.config(data))
    assert pq.read_schema(dataset.panel).field("date").type == pa.timestamp("us", tz="UTC")
    expected = pd.date_range("1969-12-30", "1970-01-03", freq=step, inclusive="left", tz="UTC")
    for _, part in dataset.frame().groupby("server_id"):
        assert (part["date"].to_numpy() == expected.to_numpy()).all()
    assert dataset.json("summary")["granularity"] == dataset.json("manifest")["granularity"] == granularity
    assert pq.read_metadata(dataset.panel).metadata[b"fleetsynth.granularity"] == granularity.encode()
    sample = pd.read_csv(dataset.path("sample"))
    assert (pd.to_datetime(sample["date"], utc=True).to_numpy() == dataset.frame()["date"].head(len(sample)).to_numpy()).all()


def test_every_reader_reads_hourly_panels_alike(shaped):
    expected = shaped.frame()
    for name, read in READERS.items():
        actual = read(shaped.panel)
        # DuckDB shows instants on the clocks of the machine.
        actual["date"] = pd.to_datetime(actual["date"], utc=True)
        assert_same_cells(actual, expected)
        assert name


def test_daily_rows_have_no_zone(default_dataset):
    assert pq.read_schema(default_dataset.panel).field("date").type == pa.timestamp("us")
    assert b"fleetsynth.granularity" not in pq.read_metadata(default_dataset.panel).metadata
    assert "granularity" not in default_dataset.json("manifest")


def test_the_levels_of_an_hourly_panel_average_to_those_of_its_shape_whatever_the_step(make_dataset):
    means = {}
    for granularity in ("daily", "6h", "hourly", "15min"):
        data = {"num_servers": 1, "granularity": granularity, "metadata": {"regions": ["eu-west-1"]}, "start_date": "2024-01-08", "end_date": "2024-01-08"}
        data |= {"metrics": [fleet.metric("load", base_std=0, diurnal_profile="evening")]}
        means[granularity] = make_dataset(fleet.config(data)).frame()["load"].mean()
    assert means == pytest.approx(dict.fromkeys(means, 100), rel=1e-12)
