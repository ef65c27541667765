"""Estimates with standard errors, and what it means that one recovers a configured value.

Every threshold follows from the sampling error: five standard errors, that is one false alarm in 1.7 million looks. Seeds are fixed, so a
test that passes once passes always.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

SIGMAS = 5
ALARM = 2 * stats.norm.sf(SIGMAS)


@dataclass(frozen=True)
class Estimate:
    value: float
    error: float

    def distance(self, expected: float) -> float:
        """Standard errors between the estimate and `expected`."""
        return abs(self.value - expected) / self.error

    def assert_recovers(self, requested: float, neutral: float) -> None:
        """The estimate is the requested value and could not be that of a world without the effect."""
        assert self.distance(requested) < SIGMAS, f"{self} is not {requested}"
        assert self.distance(neutral) > SIGMAS, f"{self} shows no effect"

    def assert_absent(self, neutral: float) -> None:
        assert self.distance(neutral) < SIGMAS, f"{self} is not {neutral}"


def share(hits: np.ndarray) -> Estimate:
    """A binomial share; the error is that of at least one hit, so that none at all is an answer too."""
    count, total = int(hits.sum()), hits.size
    likely = max(count, 1) / total
    return Estimate(count / total, np.sqrt(likely * (1 - likely) / total))


def variance(values: np.ndarray) -> Estimate:
    """Variance of normal values."""
    value = values.var(ddof=1)
    return Estimate(value, value * np.sqrt(2 / (values.size - 1)))


def correlation(left: np.ndarray, right: np.ndarray) -> Estimate:
    """Correlation of what should be unrelated: its standard error is one over the root of the count."""
    return Estimate(np.corrcoef(left.ravel(), right.ravel())[0, 1], 1 / np.sqrt(left.size))


def assert_standard_normal(values: np.ndarray) -> None:
    """Kolmogorov-Smirnov for the middle, counts beyond 2, 3 and 4 standard deviations for each tail."""
    p_value = stats.kstest(values, "norm").pvalue
    assert p_value > ALARM, f"not normal: p = {p_value:.1e}"
    for bound in (2, 3, 4):
        expected = stats.norm.sf(bound)
        error = np.sqrt(expected / values.size)
        for side, hits in (("above", values > bound), ("below", values < -bound)):
            assert Estimate(hits.mean(), error).distance(expected) < SIGMAS, f"{hits.sum()} of {values.size} {side} {bound}"


def assert_shares(counts: np.ndarray, shares: np.ndarray) -> None:
    p_value = stats.chisquare(counts, np.asarray(shares) * counts.sum()).pvalue
    assert p_value > ALARM, f"{counts} does not have shares {shares}: p = {p_value:.1e}"


def assert_unrelated(table: np.ndarray) -> None:
    """No association in a contingency table."""
    p_value = stats.chi2_contingency(table).pvalue
    assert p_value > ALARM, f"associated: p = {p_value:.1e}"
