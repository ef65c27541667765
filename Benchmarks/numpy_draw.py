"""A floor rather than a peer: NumPy merely draws the noise, in single precision by its quickest generator, on two threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import panel

THREADS = 2
BLOCK = 1 << 16


def draw(seed: int, count: int) -> None:
    random = np.random.Generator(np.random.SFC64(seed))
    block = np.empty(BLOCK, np.float32)
    for _ in range(count // BLOCK):
        random.standard_normal(dtype=np.float32, out=block)
    random.standard_normal(count % BLOCK, dtype=np.float32)


def write(servers: int, folder: Path, float_type: str) -> None:
    values = servers * panel.DAYS * len(panel.METRICS)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(draw, range(THREADS), [values // THREADS] * THREADS))


if __name__ == "__main__":
    panel.run_peer(write)
