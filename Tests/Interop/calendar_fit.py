"""One joint fit of all calendar effects to the daily fleet mean.

A value is `(mean + std * z) * f(day)` with `f` the product of the effects, so the logarithm of the fleet's daily mean is a sum of the
effects' logarithms plus noise of one and the same variance: least squares recover every effect at once, each with its standard error.
"""

import holidays
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

from estimates import Estimate

EFFECTS = ["weekly", "annual", "quarter_end", "holiday", "growth"]
NEUTRAL = {"weekly": 1.0, "annual": 0.0, "quarter_end": 1.0, "holiday": 1.0, "growth": 0.0}


def day_table(days: pd.DatetimeIndex, window: int = 7, months: tuple[int, ...] = (3, 6, 9, 12), anchor: str = "2022-01-01", country: str = "US") -> pd.DataFrame:
    """The regressors per day, from the `holidays` package and pandas' business-day offsets."""
    calendar = holidays.country_holidays(country, years=range(days[0].year, days[-1].year + 2))
    holiday_dates = pd.DatetimeIndex(sorted(calendar))
    business_day = pd.offsets.CustomBusinessDay(holidays=holiday_dates.to_list())
    quarter_ends = pd.date_range(days[0], days[-1] + pd.offsets.MonthEnd(), freq="ME")
    last_business_days = [business_day.rollback(end) for end in quarter_ends if end.month in months]
    in_window = [day for last in last_business_days for day in pd.date_range(last, periods=window, freq=-business_day)]
    years = year_position(days) - year_position(pd.DatetimeIndex([anchor]))[0]
    return pd.DataFrame(
        {
            "weekend": days.day_of_week >= 5, "holiday": days.isin(holiday_dates), "quarter_end": days.isin(in_window),
            "years": years, "phase": 2 * np.pi * (year_position(days) % 1),
        },
        index=days,
        dtype=float,
    )


def year_position(days: pd.DatetimeIndex) -> np.ndarray:
    """The year with the share of it that has passed."""
    return (days.year + (days.day_of_year - 1) / np.where(days.is_leap_year, 366, 365)).to_numpy()


def fit(frame: pd.DataFrame, metric: str, **calendar) -> dict[str, Estimate]:
    """Every effect of `metric`, each as its config value."""
    daily = frame.groupby("date")[metric].mean()
    table = day_table(pd.DatetimeIndex(daily.index), **calendar)

    def model(days: pd.DataFrame, level, weekly, annual, quarter_end, holiday, growth):
        logs = days["weekend"] * weekly + days["quarter_end"] * quarter_end + days["holiday"] * holiday + days["years"] * growth
        return level + logs + np.log1p(annual * np.sin(days["phase"]))

    parameters, covariance = curve_fit(model, table, np.log(daily.to_numpy()), p0=[np.log(daily.mean()), 0, 0, 0, 0, 0])
    errors = np.sqrt(np.diag(covariance))
    estimates = {name: Estimate(value, error) for name, value, error in zip(EFFECTS, parameters[1:], errors[1:], strict=True)}
    return {name: estimate if name == "annual" else from_logarithm(estimate, NEUTRAL[name]) for name, estimate in estimates.items()}


def from_logarithm(estimate: Estimate, neutral: float) -> Estimate:
    """`exp(x)` for factors, `exp(x) - 1` for growth, with the error carried along."""
    factor = np.exp(estimate.value)
    return Estimate(factor - 1 + neutral, factor * estimate.error)
