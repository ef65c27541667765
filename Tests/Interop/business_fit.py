"""The business calendar's days by pandas and the `holidays` package, and one joint fit of all its effects.

As in `calendar_fit`, the logarithm of the fleet's daily mean is a sum of the effects' logarithms plus noise; a day on which an effect of factor
`f` acts with weight `w` has the factor `1 + (f - 1) w`.
"""

import holidays
import numpy as np
import pandas as pd
from scipy.optimize import curve_fit

from calendar_fit import day_table
from estimates import Estimate

BUSINESS = ["month_end", "fiscal_year_end", "payroll", "patch", "freeze", "bridge", "eoq_ramp", "holiday_ramp"]
EFFECTS = ["weekend", "quarter_end", "holiday", *BUSINESS]


def business_table(days: pd.DatetimeIndex, settings: dict, window: int = 7) -> pd.DataFrame:
    """One weight per day and effect, for a config's `business_calendar`; keys that it leaves out have their documented defaults."""
    closed = pd.DatetimeIndex(sorted(holidays.US(years=range(days[0].year - 1, days[-1].year + 2))))
    step = pd.offsets.CustomBusinessDay(holidays=closed.to_list())
    around = pd.date_range(days[0] - pd.Timedelta(days=92), days[-1] + pd.Timedelta(days=92))
    business = pd.date_range(around[0], around[-1], freq=step)
    months = pd.date_range(around[0], around[-1], freq="MS")

    def last(count, wanted=range(1, 13)):
        ends = [step.rollback(start + pd.offsets.MonthEnd(1)) for start in months if start.month in wanted]
        return pd.DatetimeIndex([day for end in ends for day in pd.date_range(end, periods=count, freq=-step)])

    def payday(start, due):
        return step.rollback(start + pd.Timedelta(days=start.days_in_month if due == "last" else min(due, start.days_in_month)) - pd.Timedelta(days=1))

    quarter_ends = last(window, (3, 6, 9, 12))
    table = day_table(days, window=window)[["weekend", "quarter_end", "holiday"]]
    ahead, behind = days + pd.Timedelta(days=1), days - pd.Timedelta(days=1)
    table["month_end"] = days.isin(last(settings.get("month_end_days", 3)))
    table["fiscal_year_end"] = days.isin(last(settings.get("fiscal_year_end_days", 10), [settings.get("fiscal_year_end_month", 12)]))
    table["payroll"] = days.isin([payday(start, due) for start in months for due in settings.get("payroll_days", [15, "last"])])
    table["patch"] = days.isin(pd.date_range(around[0], around[-1], freq="WOM-2TUE"))
    table["freeze"] = ((days.month == 12) & (days.day >= 15)) | ((days.month == 1) & (days.day <= 2))
    table["bridge"] = days.isin(business) & (
        (behind.isin(closed) & (ahead.day_of_week >= 5)) | ((behind.day_of_week >= 5) & ahead.isin(closed))
    )
    ramps = {"eoq_ramp": quarter_ends, "holiday_ramp": closed}
    for name, core in ramps.items():
        table[name] = ramp(days, business, core, settings.get(f"{name}_days", 0))
    return table.astype(float)


def ramp(days: pd.DatetimeIndex, business: pd.DatetimeIndex, core: pd.DatetimeIndex, length: int) -> np.ndarray:
    """`(length + 1 - k) / (length + 1)` on the k-th business day before or after a core day; core days themselves have none."""
    if length == 0:
        return np.zeros(len(days))
    core = core[(core > business[0]) & (core < business[-1])].sort_values()
    # Business days of index below `left` lie before the core day, those from `right` on after it.
    left, right = business.searchsorted(core, side="left"), business.searchsorted(core, side="right")
    weight = pd.Series(0.0, index=business)
    for before, after in zip(left, right, strict=True):
        for k in range(1, length + 1):
            for place in (before - k, after + k - 1):
                if 0 <= place < len(business):
                    weight.iloc[place] = max(weight.iloc[place], (length + 1 - k) / (length + 1))
    weight[weight.index.isin(core)] = 0
    return weight.reindex(days, fill_value=0).to_numpy()


def fit(frame: pd.DataFrame, metric: str, settings: dict) -> dict[str, Estimate]:
    """The factor of every effect."""
    daily = frame.groupby("date")[metric].mean()
    weights = business_table(pd.DatetimeIndex(daily.index), settings).T.to_numpy()
    # An effect without days cannot be fitted.
    names = [name for name, row in zip(EFFECTS, weights, strict=True) if row.any()]
    weights = weights[[row.any() for row in weights]]

    def model(rows, level, *factors):
        return level + sum(np.log1p((factor - 1) * row) for factor, row in zip(factors, rows, strict=True))

    start = [np.log(daily.mean())] + [1.0] * len(names)
    parameters, covariance = curve_fit(model, weights, np.log(daily.to_numpy()), p0=start)
    errors = np.sqrt(np.diag(covariance))
    return {name: Estimate(value, error) for name, value, error in zip(names, parameters[1:], errors[1:], strict=True)}
