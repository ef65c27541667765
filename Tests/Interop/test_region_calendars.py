"""Calendars of regions: each region's days off and quarter ends are recovered from the file alone, against the `holidays` package."""

import numpy as np
import pandas as pd
import pytest

import fleet
from calendar_fit import NEUTRAL, day_table, fit
from readers import assert_same_cells

COUNTRIES = {"us-east-1": "US", "eu-west-1": "IE", "ap-southeast-1": "SG"}
REQUESTED = {"weekly": 0.8, "annual": 0.1, "quarter_end": 1.25, "holiday": 0.7, "growth": 0.07}
LOAD = fleet.metric(
    "load", weekly_pattern_factor=0.8, seasonality_amplitude=0.1, eoq_spike_multiplier=1.25, holiday_effect_multiplier=0.7, growth_per_year=0.07)
METADATA = {"regions": {"us-east-1": 0.4, "eu-west-1": 0.3, "ap-southeast-1": 0.3}, "calendars": {"eu-west-1": "ireland", "ap-southeast-1": "singapore"}}
CONFIG = fleet.config({"num_servers": 400, "metadata": METADATA, "metrics": [LOAD]}, output={"calendar_flags": True})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> fleet.Published:
    folder = tmp_path_factory.mktemp("region-calendars")
    return fleet.generate(fleet.write_config(folder / "regions.yaml", CONFIG), folder / "data")


@pytest.fixture(scope="module")
def frame(dataset) -> pd.DataFrame:
    return dataset.frame()


def region(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["region"] == name]


@pytest.mark.parametrize("name", COUNTRIES)
def test_every_region_has_its_effects_on_the_days_of_its_country(frame, name):
    for effect, estimate in fit(region(frame, name), "load", country=COUNTRIES[name]).items():
        estimate.assert_recovers(REQUESTED[effect], NEUTRAL[effect])


def own_days(frame: pd.DataFrame, of: str, against: str) -> tuple[float, float]:
    """The mean of a region's days that are off in one country only, in standard errors from that of the other days that are alike."""
    daily = frame.groupby("date")["load"].mean()
    days = pd.DatetimeIndex(daily.index)
    own, other = (day_table(days, country=country) for country in (of, against))
    plain = (own["weekend"] == 0) & (own["quarter_end"] == 0) & (other["quarter_end"] == 0) & (other["holiday"] == 0)
    growth = np.exp(np.log1p(0.07) * own["years"]) * (1 + 0.1 * np.sin(own["phase"]))
    level = daily / growth.to_numpy()
    off, on = level[(plain & (own["holiday"] == 1)).to_numpy()], level[(plain & (own["holiday"] == 0)).to_numpy()]
    return off.mean() / on.mean(), on.std() / on.mean() / np.sqrt(len(off))


@pytest.mark.parametrize("name", ["eu-west-1", "ap-southeast-1"])
def test_days_off_of_one_country_are_no_days_off_in_the_others_region(frame, name):
    ratio, error = own_days(region(frame, name), COUNTRIES[name], "US")
    assert abs(ratio - 0.7) < 5 * error
    ratio, error = own_days(region(frame, "us-east-1"), COUNTRIES[name], "US")
    assert abs(ratio - 1) < 5 * error


def test_without_calendars_of_regions_all_have_one_and_the_test_notices(make_dataset):
    frame = make_dataset(CONFIG, {"data_generation.metadata.calendars": None}).frame()
    for name in COUNTRIES:
        own = region(frame, name)
        for effect, estimate in fit(own, "load", country="US").items():
            estimate.assert_recovers(REQUESTED[effect], NEUTRAL[effect])
        if name != "us-east-1":
            ratio, error = own_days(own, COUNTRIES[name], "US")
            assert abs(ratio - 1) < 5 * error < abs(0.7 - ratio)


def test_the_flag_columns_are_those_of_the_region(frame):
    for name, country in COUNTRIES.items():
        flags = region(frame, name).groupby("date")[["is_weekend", "is_holiday", "is_eoq_window"]].agg(["min", "max"])
        table = day_table(pd.DatetimeIndex(flags.index), country=country)
        for flag, column in (("is_weekend", "weekend"), ("is_holiday", "holiday"), ("is_eoq_window", "quarter_end")):
            assert (flags[flag, "min"] == flags[flag, "max"]).all()
            np.testing.assert_array_equal(flags[flag, "min"].to_numpy(), table[column].to_numpy() == 1, err_msg=f"{flag} of {name}")


def test_the_summary_measures_every_calendar(dataset):
    checks = {(check["name"], check.get("scope")): check for check in dataset.json("summary")["checks"]}
    for calendar in ("us_federal", "ireland", "singapore"):
        for name, requested in REQUESTED.items():
            check = checks[name, f"calendar {calendar}"]
            assert check["verdict"] == "pass" and check["requested"] == requested, check


def test_a_slice_is_that_part_of_the_whole(dataset, frame, tmp_path):
    path = dataset.base.parent / "regions.yaml"
    part = fleet.generate_slice(path, tmp_path / "slice.parquet", None, "--from", "2023-12-20", "--to", "2024-03-31", "--servers", "7-90")
    days = frame["date"].between("2023-12-20", "2024-03-31")
    servers = frame["server_id"].astype(str).between("SRV-0007", "SRV-0090")
    assert_same_cells(part, frame[days & servers].reset_index(drop=True))


def test_a_config_prints_the_days_of_a_region(dataset):
    path = dataset.base.parent / "regions.yaml"
    span = ("--from", "2024-01-01", "--to", "2024-12-31")
    printed = fleet.run("calendar", "--config", path, "--region", "eu-west-1", *span).stdout
    assert printed == fleet.run("calendar", "--calendar", "ireland", *span).stdout
    assert fleet.run("calendar", "--config", path, *span).stdout != printed
    assert "no region" in fleet.run("calendar", "--config", path, "--region", "mars-1", *span, code=64).stderr
    fleet.run("calendar", "--region", "eu-west-1", *span, code=64)
