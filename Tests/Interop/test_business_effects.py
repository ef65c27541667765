"""Independent recovery of the effects of the business calendar: each is found as configured, and found absent when switched off."""

import pandas as pd
import pytest

import fleet
from business_fit import BUSINESS, business_table, fit

FACTORS = {"month_end": 1.12, "fiscal_year_end": 1.2, "payroll": 1.15, "patch": 1.3, "freeze": 0.85, "bridge": 0.7}
# The ramps lead to these.
LEVELS = {"quarter_end": 1.25, "holiday": 0.8}
REQUESTED = FACTORS | LEVELS | {"eoq_ramp": LEVELS["quarter_end"], "holiday_ramp": LEVELS["holiday"], "weekend": 0.85}
SETTINGS = {"fiscal_year_end_month": 6, "month_end_days": 4, "eoq_ramp_days": 3, "holiday_ramp_days": 2}
LOAD = fleet.metric(
    "load", weekly_pattern_factor=REQUESTED["weekend"], eoq_spike_multiplier=LEVELS["quarter_end"],
    holiday_effect_multiplier=LEVELS["holiday"], **{f"{name}_multiplier": factor for name, factor in FACTORS.items()},
)
# A second metric without any of them, which must stay as it is.
OTHER = fleet.metric("other", base_mean=50, base_std=5)
CONFIG = fleet.config({"num_servers": 200, "business_calendar": SETTINGS, "metrics": [LOAD, OTHER]})

# Every way to switch an effect off, as overrides.
SWITCHES = [(name, {f"data_generation.metrics.load.{name}_multiplier": 1}) for name in FACTORS] + [
    ("eoq_ramp", {"data_generation.business_calendar.eoq_ramp_days": 0}),
    ("holiday_ramp", {"data_generation.business_calendar.holiday_ramp_days": 0}),
]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> fleet.Published:
    folder = tmp_path_factory.mktemp("business-effects")
    return fleet.generate(fleet.write_config(folder / "effects.yaml", CONFIG), folder / "data")


def test_every_effect_is_recovered_within_its_sampling_error(dataset):
    estimates = fit(dataset.frame(), "load", SETTINGS)
    assert estimates.keys() == REQUESTED.keys()
    for effect, estimate in estimates.items():
        estimate.assert_recovers(REQUESTED[effect], 1)


def test_a_metric_without_them_has_none(dataset):
    for estimate in fit(dataset.frame(), "other", SETTINGS).values():
        estimate.assert_absent(1)


def test_the_quality_gate_measured_each_of_them_for_both_metrics(dataset):
    checks = {(check["name"], check.get("metric")): check for check in dataset.json("summary")["checks"]}
    names = {"bridge": "bridge_day", "eoq_ramp": "quarter_end_ramp"}
    for effect in BUSINESS:
        for metric, requested in (("load", REQUESTED[effect]), ("other", 1)):
            check = checks[names.get(effect, effect), metric]
            assert check["verdict"] == "pass", check
            assert check["requested"] == requested
            assert check["realised"] == pytest.approx(requested, abs=check["tolerance"])


@pytest.mark.parametrize(("effect", "switch"), SWITCHES, ids=[effect for effect, _ in SWITCHES])
def test_a_switched_off_effect_is_absent_and_its_test_notices(make_dataset, effect, switch):
    estimates = fit(make_dataset(CONFIG, switch).frame(), "load", SETTINGS)
    estimates[effect].assert_absent(1)
    with pytest.raises(AssertionError):
        estimates[effect].assert_recovers(REQUESTED[effect], 1)
    for other in REQUESTED.keys() - {effect}:
        estimates[other].assert_recovers(REQUESTED[other], 1)


@pytest.mark.parametrize("settings", [
    {}, {"month_end_days": 1, "fiscal_year_end_month": 3, "fiscal_year_end_days": 15, "payroll_days": [1, 31]},
    {"eoq_ramp_days": 10, "holiday_ramp_days": 7, "payroll_days": [28, "last"]},
])
@pytest.mark.parametrize("effect", BUSINESS)
def test_every_day_is_the_right_one(make_dataset, effect, settings):
    changes = {
        "eoq_ramp": {"eoq_spike_multiplier": 1.25}, "holiday_ramp": {"holiday_effect_multiplier": 1.25},
    }.get(effect, {f"{effect}_multiplier": 1.25})
    content = fleet.config({
        "num_servers": 2, "start_date": "2019-06-01", "business_calendar": settings, "metrics": [fleet.metric("load", base_std=1e-6, **changes)],
    })
    daily = make_dataset(content).frame().groupby("date")["load"].mean()
    table = business_table(pd.DatetimeIndex(daily.index), settings)
    expected = table[effect] + table.get({"eoq_ramp": "quarter_end", "holiday_ramp": "holiday"}.get(effect), 0)
    assert daily.to_numpy() == pytest.approx(100 + 25 * expected.to_numpy(), rel=1e-6)


def test_without_them_nothing_changes(make_dataset):
    # Settings alone act on nothing: the panel's bytes are those of a config that does not know the section, but for the config's hash.
    plain = fleet.config({"num_servers": 3, "end_date": "2022-12-31"})
    settings = fleet.config({"num_servers": 3, "end_date": "2022-12-31", "business_calendar": SETTINGS | {"eoq_ramp_days": 0, "holiday_ramp_days": 0}})
    pd.testing.assert_frame_equal(make_dataset(plain).frame(), make_dataset(settings).frame())
    assert not [check for check in make_dataset(plain).json("summary")["checks"] if check["name"] in BUSINESS]


def test_slices_and_moved_windows_have_the_same_values(make_dataset, tmp_path, dataset):
    config = fleet.write_config(tmp_path / "effects.yaml", CONFIG)
    whole = dataset.frame()
    for first, last in (("2023-06-20", "2023-07-05"), ("2024-12-30", "2025-01-02")):
        part = fleet.generate_slice(config, tmp_path / f"{first}.parquet", None, "--from", first, "--to", last)
        wanted = whole[whole["date"].between(first, last)].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, wanted)
    longer = make_dataset(CONFIG, {"data_generation.end_date": "2026-03-31", "data_generation.start_date": "2021-11-01"}).frame()
    pd.testing.assert_frame_equal(longer[longer["date"].between("2022-01-01", "2025-12-31")].reset_index(drop=True), whole)
