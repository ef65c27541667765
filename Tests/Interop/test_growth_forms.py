"""Forms of growth: each curve is recovered from the file by a least-squares fit of its own formula, and no other formula fits it."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import curve_fit

import fleet
from calendar_fit import year_position
from estimates import ALARM, Estimate

ANCHOR = "2023-07-01"
GROWING = [
    fleet.metric("compound", growth_per_year=0.3), fleet.metric("linear", growth_per_year=0.3, growth_form="linear"),
    fleet.metric("logistic", growth_per_year=0.4, growth_form="logistic", growth_limit=1.5),
    fleet.metric("waning", growth_per_year=-0.3, growth_form="logistic", growth_limit=2),
]
CONFIG = fleet.config({"num_servers": 150, "growth_anchor": ANCHOR, "metrics": GROWING})

CURVES = {
    "compound": lambda years, rate: years * np.log1p(rate),
    "linear": lambda years, rate: np.log1p(rate * years),
    "logistic": lambda years, rate: np.log(1.5) - np.log1p(0.5 * np.exp(-rate * 3 * years)),
    "waning": lambda years, rate: np.log(2) - np.log1p(np.exp(-rate * 2 * years)),
}
RATES = {"compound": 0.3, "linear": 0.3, "logistic": 0.4, "waning": -0.3}


def fit(frame: pd.DataFrame, metric: str, curve: str) -> tuple[Estimate, float]:
    """The rate of a curve, and the probability of residuals as large as those that it leaves.

    Servers of one metric differ by noise alone, so the daily means of the logarithm have one variance, which the servers themselves tell.
    """
    table = frame.pivot(index="date", columns="server_id", values=metric)
    years = year_position(pd.DatetimeIndex(table.index)) - year_position(pd.DatetimeIndex([ANCHOR]))[0]
    mean = table.mean(axis=1).to_numpy()
    error = table.std(axis=1).to_numpy() / mean / np.sqrt(table.shape[1])
    error = np.full_like(mean, np.sqrt((error**2).mean()))

    def model(years, level, rate):
        return level + CURVES[curve](years, rate)

    start = [np.log(100), 0.05 if RATES[metric] > 0 else -0.05]
    bounds = ([-np.inf, -0.45], [np.inf, 0.6]) if curve == "linear" else (-np.inf, np.inf)
    parameters, covariance = curve_fit(model, years, np.log(mean), p0=start, sigma=error, absolute_sigma=True, bounds=bounds)
    chi = (((np.log(mean) - model(years, *parameters)) / error) ** 2).sum()
    return Estimate(parameters[1], np.sqrt(covariance[1, 1])), stats.chi2.sf(chi, len(mean) - 2)


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("growth-forms")
    return fleet.generate(fleet.write_config(folder / "growth.yaml", CONFIG), folder / "data").frame()


@pytest.mark.parametrize("metric", CURVES)
def test_the_rate_is_recovered_along_its_own_curve_and_no_other_curve_fits(frame, metric):
    rate, chance = fit(frame, metric, metric)
    rate.assert_recovers(RATES[metric], 0)
    assert chance > ALARM
    for other in CURVES.keys() - {metric}:
        assert fit(frame, metric, other)[1] < ALARM, other


@pytest.mark.parametrize("metric", CURVES)
def test_without_a_rate_there_is_no_growth_of_any_form_and_its_test_notices(make_dataset, metric):
    still = make_dataset(CONFIG, {f"data_generation.metrics.{metric}.growth_per_year": 0}).frame()
    rate, _ = fit(still, metric, metric)
    rate.assert_absent(0)
    with pytest.raises(AssertionError):
        rate.assert_recovers(RATES[metric], 0)


def test_an_archetype_grows_along_its_own_curve(make_dataset):
    archetypes = {"own": {"share": 0.5, "metrics": {"compound": {"growth_form": "logistic", "growth_limit": 1.5, "growth_per_year": 0.4}}}, "plain": {"share": 0.5}}
    frame = make_dataset(CONFIG, {"data_generation.archetypes": archetypes}).frame()
    for archetype, curve in (("own", "logistic"), ("plain", "compound")):
        rate, chance = fit(frame[frame["archetype"] == archetype], "compound", curve)
        rate.assert_recovers(RATES[curve], 0)
        assert chance > ALARM


def test_the_summary_reports_the_rate_of_every_form(make_dataset):
    checks = {check["metric"]: check for check in make_dataset(CONFIG).json("summary")["checks"] if check["name"] == "growth"}
    for metric, rate in RATES.items():
        assert checks[metric]["verdict"] == "pass" and checks[metric]["requested"] == rate, checks[metric]
        assert abs(checks[metric]["realised"] - rate) < 0.02
