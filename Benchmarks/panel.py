"""What every peer generates: fleetsynth's default panel, and how a peer is called and reports."""

import argparse
import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import holidays
import numpy as np
import pandas as pd

START, END = dt.date(2022, 1, 1), dt.date(2025, 12, 31)
DATES = pd.date_range(START, END)
DAYS = len(DATES)

BUSINESS_UNITS = {"Retail": 0.25, "Investment": 0.25, "Wealth": 0.25, "Corporate": 0.25}
REGIONS = {"us-east-1": 0.4, "us-west-2": 0.3, "eu-west-1": 0.2, "ap-southeast-1": 0.1}
CRITICALITIES = {"High": 0.2, "Medium": 0.5, "Low": 0.3}
LABELS = {"business_unit": BUSINESS_UNITS, "region": REGIONS, "criticality": CRITICALITIES}

MISSING_RATE = 0.005
OUTLIER_RATE = 0.001
OUTLIER_MULTIPLIER = 1.6
DECIMALS: int | None = 2  # None: full precision


@dataclass(frozen=True)
class Metric:
    name: str
    mean: float
    std: float
    low: float
    high: float
    amplitude: float = 0.10
    weekend: float = 0.80
    quarter_end: float = 1.25
    holiday: float = 0.85

    @property
    def bias_std(self) -> float:
        return self.std / 2


METRICS = [
    Metric("cpu_p95", 45, 12, 1, 99),
    Metric("mem_p95", 60, 10, 5, 98),
    Metric("disk_p95", 50, 8, 2, 97),
    Metric("net_p95", 35, 10, 0, 100),
]


def day_factors(metric: Metric) -> np.ndarray:
    """One factor per day: weekend, year, quarter end and holiday together."""
    us_holidays = holidays.US(years=range(START.year, END.year + 2))
    is_holiday = np.array([day.date() in us_holidays for day in DATES])
    is_weekend = np.asarray(DATES.day_of_week >= 5)
    year_share = (DATES.day_of_year - 1) / np.where(DATES.is_leap_year, 366, 365)
    factors = 1 + metric.amplitude * np.sin(2 * np.pi * year_share)
    factors *= np.where(is_weekend, metric.weekend, 1) * np.where(is_holiday, metric.holiday, 1)
    return np.asarray(factors * np.where(quarter_end_days(~is_weekend & ~is_holiday), metric.quarter_end, 1))


def quarter_end_days(is_business_day: np.ndarray, window: int = 7) -> np.ndarray:
    """The last `window` business days of March, June, September and December."""
    chosen = np.zeros(DAYS, bool)
    months = np.asarray(DATES.year * 12 + DATES.month)
    for month in np.unique(months):
        if month % 3 == 0:
            chosen[np.flatnonzero((months == month) & is_business_day)[-window:]] = True
    return chosen


def server_ids(count: int) -> list[str]:
    return [f"SRV-{number:04d}" for number in range(1, count + 1)]


def run_peer(write: Callable[[int, Path, str], None]) -> None:
    """Calls `write(servers, folder, float_type)` and prints what it took, without the time to import libraries."""
    parser = argparse.ArgumentParser()
    parser.add_argument("servers", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("float_type", choices=["double", "float"])
    parser.add_argument("--full-precision", action="store_true", help="do not round")
    arguments = parser.parse_args()
    global DECIMALS
    DECIMALS = None if arguments.full_precision else DECIMALS
    started = time.perf_counter()
    write(arguments.servers, arguments.folder, arguments.float_type)
    print(json.dumps({"rows": arguments.servers * DAYS, "seconds": time.perf_counter() - started}))
