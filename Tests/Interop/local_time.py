"""Local time and shapes of the day and week by pandas and the IANA time zone database, independent of the program's own rules."""

import numpy as np
import pandas as pd

# The published shapes: docs/CONFIG.md.
SHAPES = {
    "office": [50, 47, 45, 45, 47, 52, 62, 82, 110, 138, 150, 145, 132, 140, 150, 150, 142, 126, 104, 86, 74, 66, 60, 54],
    "evening": [80, 60, 48, 42, 40, 43, 52, 66, 80, 90, 96, 100, 106, 104, 102, 104, 112, 126, 146, 164, 170, 162, 140, 108],
    "night-batch": [190, 205, 205, 195, 170, 138, 108, 86, 72, 64, 60, 58, 56, 56, 56, 56, 58, 60, 64, 70, 80, 98, 128, 164],
}
ZONES = {
    "us-east-1": "America/New_York", "us-west-2": "America/Los_Angeles", "eu-west-1": "Europe/Dublin", "ap-southeast-1": "Asia/Singapore",
}


def shape(name: str) -> np.ndarray:
    return np.array(SHAPES[name]) / np.mean(SHAPES[name])


def with_local_time(frame: pd.DataFrame, zones: dict[str, str] = ZONES) -> pd.DataFrame:
    """Adds `local`, the region's clock in the middle of each row's step, without a zone."""
    instants = frame["date"].drop_duplicates().sort_values()
    middle = (instants.iloc[1] - instants.iloc[0]) / 2
    parts = [part.assign(local=(part["date"] + middle).dt.tz_convert(zones[region]).dt.tz_localize(None))
             for region, part in frame.groupby("region", observed=True)]
    return pd.concat(parts).sort_index()


def distances(values: pd.Series, groups, expected: np.ndarray) -> np.ndarray:
    """Standard errors between each group's share of the overall level and `expected`, in the order of the groups' names.

    The level is the mean of the groups' means, which a shape of mean 1 leaves as it is.
    """
    by_group = values.groupby(groups)
    means, errors = by_group.mean(), by_group.std(ddof=1) / np.sqrt(by_group.count())
    level = means.mean() / np.mean(expected)
    return ((means / level - expected) / (errors / level)).abs().to_numpy()
