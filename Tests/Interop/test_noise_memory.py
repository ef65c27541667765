"""Noise with memory, tails, correlation and saturation: recovered from the file alone, absent when switched off.

Cells are standardised with the configured mean and deviation. Servers are independent, so the scatter of their own estimates gives the error.
"""

import numpy as np
import pandas as pd
import pytest

import fleet
from estimates import Estimate

SERVERS, DAYS = 400, 1_096
WINDOW = {"num_servers": SERVERS, "start_date": "2022-01-01", "end_date": "2024-12-31"}
HALF_LIFE, SLOW, SLOW_SHARE = 4, 60, 0.4
SKEWNESS, KURTOSIS = 1.0, 3.0


def cells(frame: pd.DataFrame, metric: str, mean: float = 100, std: float = 10) -> np.ndarray:
    """Standardised noise, servers x days."""
    return (frame[metric].to_numpy().reshape(-1, DAYS) - mean) / std


def over_servers(values: np.ndarray) -> Estimate:
    """The mean of one number per server."""
    return Estimate(values.mean(), values.std(ddof=1) / np.sqrt(values.size))


def autocorrelation(noise: np.ndarray, lag: int) -> Estimate:
    """Mean and variance are known, so there is nothing to subtract."""
    return over_servers((noise[:, lag:] * noise[:, :-lag]).mean(axis=1))


def moment(noise: np.ndarray, power: int) -> Estimate:
    return over_servers((noise**power).mean(axis=1))


def correlation(left: np.ndarray, right: np.ndarray) -> Estimate:
    return over_servers((left * right).mean(axis=1))


@pytest.fixture(scope="module")
def frame(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("memory")
    metrics = [
        fleet.metric("fast", noise_half_life=f"{HALF_LIFE}d"),
        fleet.metric("slow", noise_slow_share=SLOW_SHARE, noise_slow_half_life=f"{SLOW}d"),
        fleet.metric("skewed", noise_skewness=SKEWNESS, noise_kurtosis=KURTOSIS),
        fleet.metric("plain"),
    ]
    return fleet.generate(fleet.write_config(folder / "noise.yaml", fleet.config(WINDOW | {"metrics": metrics})), folder / "data").frame()


def test_the_deviation_stays_that_of_the_config(frame):
    for name in ("fast", "slow", "skewed", "plain"):
        noise = cells(frame, name)
        moment(noise, 2).assert_recovers(1, 0)
        over_servers(noise.mean(axis=1)).assert_absent(0)
        # Everywhere alike: whatever is made in blocks or between nodes leaves no pattern in time.
        by_day = (noise**2).mean(axis=0)
        spread = (noise**2).std(axis=0, ddof=1).mean() / np.sqrt(SERVERS)
        assert np.abs(by_day - 1).max() < 6.5 * spread


@pytest.mark.parametrize("lag", [1, 2, HALF_LIFE, 3 * HALF_LIFE])
def test_the_half_life_is_that_of_the_config(frame, lag):
    found = autocorrelation(cells(frame, "fast"), lag)
    found.assert_recovers(0.5 ** (lag / HALF_LIFE), 0)
    with pytest.raises(AssertionError):
        found.assert_recovers(0.5 ** (lag / (HALF_LIFE * 1.3)), 0)
    autocorrelation(cells(frame, "plain"), lag).assert_absent(0)


@pytest.mark.parametrize("lag", [20, 60])
def test_the_slow_component_shows_at_long_lags(frame, lag):
    autocorrelation(cells(frame, "slow"), lag).assert_recovers(SLOW_SHARE * 0.5 ** (lag / SLOW), 0)
    for other in ("fast", "plain", "skewed"):
        expected = 0.5 ** (lag / HALF_LIFE) if other == "fast" else 0
        autocorrelation(cells(frame, other), lag).assert_absent(expected)


def test_neighbours_share_the_slow_component_only(frame):
    """Lines between nodes lift the slow component's nearest correlations by up to two per cent."""
    found = autocorrelation(cells(frame, "slow"), 1)
    low, high = SLOW_SHARE * 0.5 ** (1 / SLOW), SLOW_SHARE
    assert low - 5 * found.error < found.value < high + 5 * found.error


def test_skewness_and_kurtosis_are_those_of_the_config(frame):
    skewed, plain = cells(frame, "skewed"), cells(frame, "plain")
    moment(skewed, 3).assert_recovers(SKEWNESS, 0)
    fourth = moment(skewed, 4)
    Estimate(fourth.value - 3, fourth.error).assert_recovers(KURTOSIS, 0)
    moment(plain, 3).assert_absent(0)
    moment(plain, 4).assert_absent(3)
    autocorrelation(skewed, 1).assert_absent(0)


ARCHETYPES = {
    "web": {"share": 0.5, "noise_correlation": {"a": {"b": 0.6, "c": 0.3}}},
    "batch": {"share": 0.5, "noise_correlation": {"b": {"c": -0.4}},
              "metrics": {"b": {"noise_half_life": "2d"}, "c": {"noise_skewness": 1, "noise_kurtosis": 2}}},
}


def test_correlations_are_those_of_each_archetype(make_dataset):
    metrics = [fleet.metric("a", noise_half_life="6d"), fleet.metric("b", noise_half_life="3d"), fleet.metric("c"), fleet.metric("d")]
    published = make_dataset(fleet.config(WINDOW | {"archetypes": ARCHETYPES, "metrics": metrics}))
    whole = published.frame()
    asked = {"web": {"ab": 0.6, "ac": 0.3}, "batch": {"bc": -0.4}}
    for name, pairs in asked.items():
        noise = {metric: cells(whole[whole["archetype"] == name], metric) for metric in "abcd"}
        for pair in ("ab", "ac", "bc", "ad", "bd", "cd"):
            found = correlation(noise[pair[0]], noise[pair[1]])
            if pair in pairs:
                found.assert_recovers(pairs[pair], 0)
                with pytest.raises(AssertionError):
                    found.assert_recovers(pairs[pair] * 0.8, 0)
            else:
                found.assert_absent(0)
    checks = [check for check in published.json("summary")["checks"] if check["name"].startswith("noise_") and check["name"] != "noise_level"]
    assert {(check["name"], check["scope"]) for check in checks} >= {("noise_correlation", "web"), ("noise_memory", "batch")}
    assert {check["verdict"] for check in checks} == {"pass"}


def test_a_metric_added_or_moved_changes_no_other(make_dataset):
    keys = WINDOW | {"num_servers": 20, "noise_correlation": {"a": {"b": 0.3}}}
    a, b, c = fleet.metric("a", noise_half_life="6d"), fleet.metric("b"), fleet.metric("c", noise_half_life="2d")
    first = make_dataset(fleet.config(keys | {"metrics": [a, b]})).frame()
    second = make_dataset(fleet.config(keys | {"metrics": [c, b, a]})).frame()
    for name in ("a", "b"):
        assert first[name].equals(second[name])


def test_correlations_that_cannot_hold_together_are_repaired_on_request_only(make_dataset, tmp_path):
    keys = WINDOW | {"noise_correlation": {"a": {"b": 0.9, "c": 0.9}, "b": {"c": -0.9}}, "metrics": [fleet.metric(name) for name in "abc"]}
    path = fleet.write_config(tmp_path / "refused.yaml", fleet.config(keys))
    refused = fleet.run("validate", path, code=78)
    assert "smallest eigenvalue" in refused.stdout + refused.stderr
    published = make_dataset(fleet.config(keys | {"noise_correlation_repair": True}))
    noise = {name: cells(published.frame(), name) for name in "abc"}
    # All three shrink by one factor; at 1 / 1.8 the smallest eigenvalue is 0.
    for pair, sign in (("ab", 1), ("ac", 1), ("bc", -1)):
        correlation(noise[pair[0]], noise[pair[1]]).assert_recovers(sign * 0.5, 0)
    sentences = [check["sentence"] for check in published.json("summary")["checks"] if check["name"] == "noise_correlation"]
    assert len(sentences) == 3 and all("repaired" in sentence for sentence in sentences)


@pytest.mark.parametrize(("exponent", "ratio"), [(1, 0.5), (0.5, 0.5**0.5), (0, 1), (2, 0.25)])
def test_noise_grows_with_the_load_as_asked(make_dataset, exponent, ratio):
    metric = fleet.metric("load", weekly_pattern_factor=0.5, noise_load_exponent=exponent)
    frame = make_dataset(fleet.config(WINDOW | {"num_servers": 100, "metrics": [metric]})).frame()
    is_weekend = frame["date"].dt.day_of_week >= 5
    weekday, weekend = frame.loc[~is_weekend, "load"], frame.loc[is_weekend, "load"]
    found = weekend.std() / weekday.std()
    error = found * np.sqrt(1 / (2 * len(weekday)) + 1 / (2 * len(weekend)))
    assert Estimate(found, error).distance(ratio) < 5
    assert Estimate(weekend.mean(), weekend.std() / np.sqrt(len(weekend))).distance(50) < 5


def test_saturated_values_keep_their_order_and_pile_up_nowhere(make_dataset):
    metric = fleet.metric("load", base_mean=80, base_std=20, min_clip=0, max_clip=100)
    config = fleet.config(WINDOW | {"num_servers": 100, "metrics": [metric]})
    plain = make_dataset(config).frame()["load"].to_numpy()
    saturated = make_dataset(config, {"data_generation.metrics.load.saturation": 0.2}).frame()["load"].to_numpy()
    assert (plain == 100).mean() > 0.1 and (saturated < 100).all() and (saturated > 0).all()
    between = (plain >= 20) & (plain <= 80)
    assert np.array_equal(plain[between], saturated[between])
    for side, edge, sign in (((plain > 80) & (plain < 100), 80, 1), ((plain < 20) & (plain > 0), 20, -1)):
        u = sign * (plain[side] - edge) / 20
        assert np.allclose(saturated[side], edge + sign * 20 * u / (1 + u), rtol=0, atol=1e-9)
    # What was at the bound is spread over the part above what had been just below it.
    assert saturated[plain == 100].min() >= 90 - 1e-9 and len(np.unique(saturated[plain == 100])) > 1_000
