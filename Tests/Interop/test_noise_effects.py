"""Independent recovery of what is random: noise, bias, missing cells, outliers, labels, and that none depends on another."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import fleet
from estimates import SIGMAS, Estimate, assert_shares, assert_standard_normal, assert_unrelated, correlation, share, variance

DAYS = 120
FLAT = {"num_servers": 1_500, "start_date": "2024-01-01", "end_date": "2024-04-29"}
MEAN, STD = {"load": 100, "traffic": 40}, {"load": 10, "traffic": 2}
BIAS = {"load": 6.0, "traffic": 0.8}
METRICS = [fleet.metric("load"), fleet.metric("traffic", base_mean=40, base_std=2)]


def flat_config(**changes) -> dict:
    """Two metrics of different scale with nothing but noise, and `changes` to both."""
    return fleet.config(FLAT | {"metrics": [entry | changes for entry in METRICS]})


def cells(frame: pd.DataFrame, metric: str) -> np.ndarray:
    """Servers x days."""
    return frame[metric].to_numpy().reshape(-1, DAYS)


@pytest.fixture(scope="module")
def noise(tmp_path_factory) -> dict[str, np.ndarray]:
    """Standardised noise per metric, servers x days."""
    folder = tmp_path_factory.mktemp("noise")
    frame = fleet.generate(fleet.write_config(folder / "noise.yaml", flat_config()), folder / "data").frame()
    return {name: (cells(frame, name) - MEAN[name]) / STD[name] for name in MEAN}


def test_noise_has_the_requested_mean_and_deviation(noise):
    for values in noise.values():
        variance(values).assert_recovers(1, 0)
        Estimate(values.mean(), 1 / np.sqrt(values.size)).assert_absent(0)


def test_noise_of_another_deviation_is_told_apart(make_dataset):
    values = cells(make_dataset(flat_config(), {"data_generation.metrics.load.base_std": 9.5}).frame(), "load")
    variance(values / 9.5).assert_recovers(1, 0)
    with pytest.raises(AssertionError):
        variance(values / 10).assert_recovers(1, 0)


def test_noise_is_normal_to_its_tails(noise):
    for values in noise.values():
        assert_standard_normal(values.ravel())
        with pytest.raises(AssertionError):
            assert_standard_normal(values.ravel().clip(-3, 3))
        with pytest.raises(AssertionError):
            assert_standard_normal(values.ravel() + 0.02)


def assert_white(values: np.ndarray) -> None:
    """No memory over time, from one day to a month."""
    for lag in (1, 2, 3, 4, 7, 8, 16, 28):
        correlation(values[:, lag:], values[:, :-lag]).assert_absent(0)


def test_noise_has_no_memory(noise):
    for values in noise.values():
        assert_white(values)
        with pytest.raises(AssertionError):
            assert_white(values + 0.05 * np.roll(values, 1, axis=1))


def assert_servers_unrelated(values: np.ndarray) -> None:
    """Neighbours share nothing, and the fleet's daily mean varies as that of independent servers."""
    for step in (1, 2, 4, 256):
        correlation(values[step:], values[:-step]).assert_absent(0)
    variance(values.mean(axis=0) * np.sqrt(len(values))).assert_recovers(1, 0)


def test_noise_of_servers_is_unrelated(noise):
    for values in noise.values():
        assert_servers_unrelated(values)
        with pytest.raises(AssertionError):
            assert_servers_unrelated(values + 0.1 * values[0])


def test_noise_of_metrics_is_unrelated(noise):
    correlation(noise["load"], noise["traffic"]).assert_absent(0)
    with pytest.raises(AssertionError):
        correlation(noise["load"], noise["traffic"] + 0.05 * noise["load"]).assert_absent(0)


def test_another_seed_gives_unrelated_noise(noise, make_dataset):
    values = cells(make_dataset(flat_config(), {"data_generation.random_seed": 43}).frame(), "load")
    correlation(noise["load"], values).assert_absent(0)
    variance((values - 100) / 10).assert_recovers(1, 0)


def test_noise_scales_with_the_effects(make_dataset):
    frame = make_dataset(flat_config(weekly_pattern_factor=0.5)).frame()
    is_weekend = np.asarray(pd.date_range(FLAT["start_date"], FLAT["end_date"]).day_of_week >= 5)
    values = cells(frame, "load")
    variance((values[:, is_weekend] - 50) / 5).assert_recovers(1, 4)
    variance((values[:, ~is_weekend] - 100) / 10).assert_recovers(1, 0)


def server_variance(frame: pd.DataFrame, metric: str) -> Estimate:
    """Variance of the servers' offsets: that of their means less what noise leaves in a mean."""
    means = cells(frame, metric).mean(axis=1)
    total = variance(means)
    return Estimate(total.value - STD[metric] ** 2 / DAYS, total.error)


@pytest.fixture(scope="module")
def biased(tmp_path_factory) -> pd.DataFrame:
    folder = tmp_path_factory.mktemp("bias")
    content = fleet.config(FLAT | {"metrics": [entry | {"server_bias_std": BIAS[entry["name"]]} for entry in METRICS]})
    return fleet.generate(fleet.write_config(folder / "bias.yaml", content), folder / "data").frame()


def test_bias_is_recovered_per_metric_in_its_own_scale(biased):
    for metric, expected in BIAS.items():
        server_variance(biased, metric).assert_recovers(expected**2, 0)


def test_bias_is_normal_and_unrelated_between_metrics(biased):
    offsets = {metric: cells(biased, metric).mean(axis=1) - MEAN[metric] for metric in BIAS}
    for metric, expected in BIAS.items():
        assert_standard_normal(offsets[metric] / np.sqrt(expected**2 + STD[metric] ** 2 / DAYS))
    correlation(offsets["load"], offsets["traffic"]).assert_absent(0)
    correlation(offsets["load"][1:], offsets["load"][:-1]).assert_absent(0)


def test_bias_switched_off_is_absent_and_its_test_notices(make_dataset):
    frame = make_dataset(flat_config()).frame()
    for metric, expected in BIAS.items():
        estimate = server_variance(frame, metric)
        estimate.assert_absent(0)
        with pytest.raises(AssertionError):
            estimate.assert_recovers(expected**2, 0)


def test_bias_is_half_the_noise_by_default(make_dataset):
    metrics = [{key: value for key, value in entry.items() if key != "server_bias_std"} for entry in METRICS]
    frame = make_dataset(fleet.config(FLAT | {"metrics": metrics})).frame()
    for metric in BIAS:
        server_variance(frame, metric).assert_recovers((STD[metric] / 2) ** 2, 0)


def test_missing_cells_have_the_requested_rate_and_no_pattern(make_dataset):
    frame = make_dataset(flat_config(missing_rate=0.02)).frame()
    holes = {metric: np.isnan(cells(frame, metric)) for metric in MEAN}
    for missing in holes.values():
        share(missing).assert_recovers(0.02, 0)
        correlation(missing[:, 1:], missing[:, :-1]).assert_absent(0)
        correlation(missing[1:], missing[:-1]).assert_absent(0)
        assert_shares(missing.sum(axis=0), np.full(DAYS, 1 / DAYS))
    correlation(holes["load"], holes["traffic"]).assert_absent(0)


def test_missing_cells_switched_off_are_absent_and_their_test_notices(make_dataset):
    missing = np.isnan(cells(make_dataset(flat_config(missing_rate=0)).frame(), "load"))
    assert not missing.any()
    with pytest.raises(AssertionError):
        share(missing).assert_recovers(0.02, 0)


def spikes(values: np.ndarray) -> np.ndarray:
    """Cells beyond all noise: an outlier of factor 3 or 1.6 is, everything else is not."""
    return values > MEAN["traffic"] * 1.35


def test_outliers_have_the_requested_rate_and_factor(make_dataset):
    values = cells(make_dataset(flat_config(outlier_rate=0.01, outlier_multiplier=1.6)).frame(), "traffic")
    found = spikes(values)
    share(found).assert_recovers(0.01, 0)
    outliers = values[found] / MEAN["traffic"]
    Estimate(outliers.mean(), outliers.std(ddof=1) / np.sqrt(outliers.size)).assert_recovers(1.6, 1)
    correlation(found[:, 1:], found[:, :-1]).assert_absent(0)


@pytest.mark.parametrize("switch", [{"outlier_rate": 0}, {"outlier_rate": 0.01, "outlier_multiplier": 1}])
def test_outliers_switched_off_are_absent_and_their_test_notices(make_dataset, switch):
    found = spikes(cells(make_dataset(flat_config(**switch)).frame(), "traffic"))
    assert not found.any()
    with pytest.raises(AssertionError):
        share(found).assert_recovers(0.01, 0)


def test_clipping_gathers_exactly_the_tails_at_the_bounds(make_dataset):
    content = fleet.config(FLAT | {"metrics": [fleet.metric("load", min_clip=85, max_clip=120)]})
    values = cells(make_dataset(content).frame(), "load")
    assert (values.min(), values.max()) == (85, 120)
    share(values == 85).assert_recovers(stats.norm.sf(1.5), 0)
    share(values == 120).assert_recovers(stats.norm.sf(2), 0)


LABELS = {
    "business_units": {"Retail": 0.5, "Investment": 0.3, "Wealth": 0.2},
    "regions": {"us": 0.4, "eu": 0.35, "asia": 0.25},
    "criticality_levels": {"High": 0.1, "Medium": 0.6, "Low": 0.3},
}
COLUMNS = dict(zip(LABELS, fleet.LABELS, strict=True))


def servers_of(make_dataset, metadata: dict) -> pd.DataFrame:
    one_day = {"num_servers": 6_000, "start_date": "2024-01-01", "end_date": "2024-01-01", "metrics": [fleet.metric("load")]}
    return make_dataset(fleet.config(one_day | {"metadata": metadata})).frame()


def label_counts(servers: pd.DataFrame, key: str) -> np.ndarray:
    return servers[COLUMNS[key]].value_counts().reindex(list(LABELS[key]), fill_value=0).to_numpy()


def test_labels_have_their_weights_and_are_unrelated(make_dataset):
    servers = servers_of(make_dataset, LABELS)
    for key, weights in LABELS.items():
        assert_shares(label_counts(servers, key), list(weights.values()))
    for left, right in itertools.combinations(COLUMNS.values(), 2):
        assert_unrelated(pd.crosstab(servers[left], servers[right]).to_numpy())
        bound = servers[right].mask(servers[left] == servers[left][0], servers[right][0])
        with pytest.raises(AssertionError):
            assert_unrelated(pd.crosstab(servers[left], bound).to_numpy())


def test_labels_without_weights_are_equally_likely_and_the_weighted_test_notices(make_dataset):
    servers = servers_of(make_dataset, {key: list(weights) for key, weights in LABELS.items()})
    for key, weights in LABELS.items():
        counts = label_counts(servers, key)
        assert_shares(counts, np.full(len(counts), 1 / len(counts)))
        with pytest.raises(AssertionError):
            assert_shares(counts, list(weights.values()))


def test_five_standard_errors_are_the_bound():
    Estimate(1.0, 0.1).assert_recovers(1 + 0.099 * SIGMAS, 0)
    with pytest.raises(AssertionError):
        Estimate(1.0, 0.1).assert_recovers(1 + 0.101 * SIGMAS, 0)
