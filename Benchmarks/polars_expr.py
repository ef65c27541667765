"""Peer: Polars expressions over a cross join, noise from NumPy, streamed to Parquet."""

from pathlib import Path

import numpy as np
import polars as pl

import panel


def server_table(servers: int, random: np.random.Generator) -> pl.DataFrame:
    labels = {name: random.choice(list(weights), servers, p=list(weights.values())) for name, weights in panel.LABELS.items()}
    biases = {f"bias_{metric.name}": random.normal(0, metric.bias_std, servers).astype(np.float32) for metric in panel.METRICS}
    table = pl.DataFrame({"server_id": panel.server_ids(servers)} | labels | biases)
    return table.with_columns(pl.col(list(labels)).cast(pl.Categorical))


def day_table() -> pl.DataFrame:
    factors = {f"factor_{metric.name}": panel.day_factors(metric).astype(np.float32) for metric in panel.METRICS}
    return pl.DataFrame({"date": panel.DATES.to_numpy("datetime64[us]")} | factors)


def metric_expression(metric: panel.Metric, rows: int, random: np.random.Generator, float_type: str) -> pl.Expr:
    noise = pl.lit(pl.Series(random.standard_normal(rows, dtype=np.float32)))
    chance = pl.lit(pl.Series(random.random(rows, dtype=np.float32)))
    level = (metric.mean + metric.std * noise) * pl.col(f"factor_{metric.name}") + pl.col(f"bias_{metric.name}")
    outlier = pl.when(chance > 1 - panel.OUTLIER_RATE).then(panel.OUTLIER_MULTIPLIER).otherwise(1.0)
    value = (level * outlier).clip(metric.low, metric.high).cast(pl.Float64 if float_type == "double" else pl.Float32)
    value = value if panel.DECIMALS is None else value.round(panel.DECIMALS)
    return pl.when(chance >= panel.MISSING_RATE).then(value).alias(metric.name)


def write(servers: int, folder: Path, float_type: str) -> None:
    random = np.random.Generator(np.random.SFC64(42))
    joined = server_table(servers, random).join(day_table(), how="cross")
    expressions = [metric_expression(metric, joined.height, random, float_type) for metric in panel.METRICS]
    columns = ["server_id", "date", *panel.LABELS, *(metric.name for metric in panel.METRICS)]
    joined.lazy().with_columns(expressions).select(columns).sink_parquet(folder / "panel.parquet", compression="zstd")


if __name__ == "__main__":
    panel.run_peer(write)
