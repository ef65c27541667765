"""Peer: NumPy in cache-sized blocks, PyArrow's writer, one process and one file per core."""

from collections.abc import Callable
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import panel

WORKERS = 2
BLOCK = 256
ROW_GROUP = 1 << 20


def metric_column(metric: panel.Metric, factors: np.ndarray, servers: int, random: np.random.Generator, float_type: str) -> pa.Array:
    values = random.standard_normal((servers, panel.DAYS), dtype=np.float32)
    values *= metric.std
    values += metric.mean
    values *= factors
    values += random.normal(0, metric.bias_std, (servers, 1)).astype(np.float32)
    chance = random.random((servers, panel.DAYS), dtype=np.float32)
    values[chance < panel.OUTLIER_RATE] *= panel.OUTLIER_MULTIPLIER
    np.clip(values, metric.low, metric.high, out=values)
    if float_type == "double":
        values = values.astype(np.float64)
    if panel.DECIMALS is not None:
        np.round(values, panel.DECIMALS, out=values)
    return pa.array(values.ravel(), mask=(chance > 1 - panel.MISSING_RATE).ravel())


def label_column(weights: dict[str, float], servers: int, random: np.random.Generator) -> pa.Array:
    codes = random.choice(len(weights), servers, p=list(weights.values())).astype(np.int8)
    return pa.DictionaryArray.from_arrays(pa.array(np.repeat(codes, panel.DAYS)), pa.array(list(weights)))


def write_part(job: tuple[int, int, str, str]) -> None:
    first, last, target, float_type = job
    random = np.random.Generator(np.random.SFC64(42 + first))
    factors = {metric.name: panel.day_factors(metric).astype(np.float32) for metric in panel.METRICS}
    ids = panel.server_ids(last)
    dates = pa.array(np.tile(panel.DATES.to_numpy("datetime64[us]"), BLOCK))
    writer = None
    for start in range(first, last, BLOCK):
        servers = min(BLOCK, last - start)
        numbers = pa.array(np.repeat(np.arange(servers, dtype=np.int32), panel.DAYS))
        columns = {
            "server_id": pa.DictionaryArray.from_arrays(numbers, pa.array(ids[start : start + servers])),
            "date": dates.slice(0, servers * panel.DAYS),
        }
        columns |= {name: label_column(weights, servers, random) for name, weights in panel.LABELS.items()}
        for metric in panel.METRICS:
            columns[metric.name] = metric_column(metric, factors[metric.name], servers, random, float_type)
        batch = pa.record_batch(columns)
        writer = writer or pq.ParquetWriter(target, batch.schema, compression="zstd")
        writer.write_batch(batch, row_group_size=ROW_GROUP)
    if writer:
        writer.close()


def write(servers: int, folder: Path, float_type: str) -> None:
    write_to(servers, lambda first: str(folder / f"part-{first}.parquet"), float_type)


def write_to(servers: int, target: Callable[[int], str], float_type: str) -> None:
    """`target` names the file of the part that begins with a server: a path, or an address that PyArrow knows."""
    edges = np.linspace(0, servers, WORKERS + 1).astype(int).tolist()
    jobs = [(first, last, target(first), float_type) for first, last in pairwise(edges)]
    with get_context("fork").Pool(WORKERS) as pool:
        pool.map(write_part, jobs)


if __name__ == "__main__":
    panel.run_peer(write)
