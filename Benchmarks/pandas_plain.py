"""Peer: the panel as most pipelines write it: one frame by cross join, one vectorised column after the other, `to_parquet`."""

from pathlib import Path

import numpy as np
import pandas as pd

import panel


def write(servers: int, folder: Path, float_type: str) -> None:
    random = np.random.default_rng(42)
    fleet = pd.DataFrame({"server_id": panel.server_ids(servers)})
    for name, weights in panel.LABELS.items():
        fleet[name] = random.choice(list(weights), size=servers, p=list(weights.values()))
    days = pd.DataFrame({"date": panel.DATES})
    for metric in panel.METRICS:
        fleet[f"bias_{metric.name}"] = random.normal(0, metric.bias_std, servers)
        days[f"factor_{metric.name}"] = panel.day_factors(metric)
    frame = fleet.merge(days, how="cross")
    for metric in panel.METRICS:
        value = random.normal(metric.mean, metric.std, len(frame)) * frame[f"factor_{metric.name}"] + frame[f"bias_{metric.name}"]
        value[random.random(len(frame)) < panel.OUTLIER_RATE] *= panel.OUTLIER_MULTIPLIER
        value = value.clip(metric.low, metric.high).round(panel.DECIMALS)
        value[random.random(len(frame)) < panel.MISSING_RATE] = np.nan
        frame[metric.name] = value.astype(np.float64 if float_type == "double" else np.float32)
    columns = ["server_id", "date", *panel.LABELS, *(metric.name for metric in panel.METRICS)]
    frame[columns].to_parquet(folder / "panel.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    panel.run_peer(write)
