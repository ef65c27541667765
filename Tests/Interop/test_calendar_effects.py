"""Independent recovery of the effects of the calendar: each is found as configured, and found absent when switched off."""

import pandas as pd
import pytest

import fleet
from calendar_fit import NEUTRAL, day_table, fit

REQUESTED = {"weekly": 0.8, "annual": 0.1, "quarter_end": 1.25, "holiday": 0.85, "growth": 0.07}
KEYS = {
    "weekly": "weekly_pattern_factor", "annual": "seasonality_amplitude", "quarter_end": "eoq_spike_multiplier",
    "holiday": "holiday_effect_multiplier", "growth": "growth_per_year",
}
OTHER = {"weekly": 1.3, "annual": 0.25, "quarter_end": 0.9, "holiday": 1.4, "growth": -0.12}


def calendar_metric(name: str, values: dict[str, float], **changes) -> dict:
    return fleet.metric(name, **{KEYS[effect]: value for effect, value in values.items()}, **changes)


LOAD, TRAFFIC = calendar_metric("load", REQUESTED), calendar_metric("traffic", OTHER, missing_rate=0.02)
CONFIG = fleet.config({"num_servers": 150, "metrics": [LOAD, TRAFFIC]})

# Every way to switch an effect off, as overrides.
SWITCHES = [
    ("weekly", {"data_generation.metrics.load.weekly_pattern_factor": 1}),
    ("annual", {"data_generation.metrics.load.seasonality_amplitude": 0}),
    ("quarter_end", {"data_generation.metrics.load.eoq_spike_multiplier": 1}),
    ("quarter_end", {"data_generation.use_eoq_spikes": False}),
    ("holiday", {"data_generation.metrics.load.holiday_effect_multiplier": 1}),
    ("holiday", {"data_generation.use_holidays": False}),
    ("growth", {"data_generation.metrics.load.growth_per_year": 0}),
]


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("calendar-effects")
    return fleet.generate(fleet.write_config(folder / "effects.yaml", CONFIG), folder / "data").frame()


@pytest.mark.parametrize(("metric", "requested"), [("load", REQUESTED), ("traffic", OTHER)])
def test_every_effect_is_recovered_within_its_sampling_error(frame, metric, requested):
    for effect, estimate in fit(frame, metric).items():
        estimate.assert_recovers(requested[effect], NEUTRAL[effect])


@pytest.mark.parametrize(("effect", "switch"), SWITCHES, ids=[next(iter(switch)).split(".")[-1] for _, switch in SWITCHES])
def test_a_switched_off_effect_is_absent_and_its_test_notices(make_dataset, effect, switch):
    estimates = fit(make_dataset(CONFIG, switch).frame(), "load")
    estimates[effect].assert_absent(NEUTRAL[effect])
    with pytest.raises(AssertionError):
        estimates[effect].assert_recovers(REQUESTED[effect], NEUTRAL[effect])
    for other in set(REQUESTED) - {effect}:
        estimates[other].assert_recovers(REQUESTED[other], NEUTRAL[other])


def quiet_daily(make_dataset, data: dict | None = None, **changes) -> pd.Series:
    """The daily value of a metric with next to no noise."""
    content = fleet.config({"num_servers": 2, "metrics": [fleet.metric("load", base_std=1e-6, **changes)]} | (data or {}))
    return make_dataset(content).frame().groupby("date")["load"].mean()


@pytest.mark.parametrize("months", [(3, 6, 9, 12), (1, 4, 7, 10)])
@pytest.mark.parametrize("window", [5, 7, 10])
def test_the_quarter_end_window_is_exactly_the_last_business_days(make_dataset, window, months):
    data = {"start_date": "2020-01-01", "eoq_window_business_days": window}
    daily = quiet_daily(make_dataset, data, eoq_spike_multiplier=1.25, eoq_months=list(months))
    expected = day_table(pd.DatetimeIndex(daily.index), window=window, months=months)["quarter_end"]
    assert expected.sum() == window * 4 * 6
    assert daily.to_numpy() == pytest.approx(100 + 25 * expected.to_numpy(), rel=1e-6)


def test_the_holidays_are_exactly_those_observed_in_the_united_states(make_dataset):
    daily = quiet_daily(make_dataset, {"start_date": "2020-01-01"}, holiday_effect_multiplier=0.85)
    expected = day_table(pd.DatetimeIndex(daily.index))["holiday"]
    assert expected["2021-12-31"] == 1, "New Year 2022 is observed on a Friday of 2021"
    assert daily.to_numpy() == pytest.approx(100 - 15 * expected.to_numpy(), rel=1e-6)


def test_growth_compounds_to_exactly_its_rate_from_the_anchor(make_dataset):
    daily = quiet_daily(make_dataset, growth_per_year=0.07)
    for year in (2022, 2023, 2024, 2025):
        assert daily[f"{year}-01-01"] == pytest.approx(100 * 1.07 ** (year - 2022), rel=1e-6)


def test_the_growth_anchor_is_where_growth_is_one(make_dataset):
    daily = quiet_daily(make_dataset, {"growth_anchor": "2024-01-01"}, growth_per_year=0.5)
    assert [daily[day] for day in ("2022-01-01", "2024-01-01", "2025-01-01")] == pytest.approx([100 / 2.25, 100, 150], rel=1e-6)
