"""The noise against the normal distribution at 100 million draws, and against itself.

The draws are fixed, so a test that passes always does; limits are five standard errors or a probability near 1e-4.
"""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import scipy.special
import scipy.stats
from kernels import SUPERBLOCK, Kernels

ROOT = Path(__file__).resolve().parents[2]
SERVERS, SUPERBLOCKS = 2000, 782
DRAWS = SERVERS * SUPERBLOCKS * SUPERBLOCK
BLOCK = 1 << 22


@pytest.fixture(scope="module")
def kernels(tmp_path_factory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"))


@pytest.fixture(scope="module")
def draws(kernels) -> np.ndarray:
    """100,096,000 deviates, servers by steps."""
    return kernels.normals(range(SERVERS), range(296, 296 + SUPERBLOCKS))


def test_moments_to_the_eighth_are_those_of_a_normal_variable(draws):
    sums = np.zeros(9)
    for block in np.array_split(draws.ravel(), DRAWS // BLOCK):
        power = np.ones(len(block))
        for order in range(1, 9):
            power *= block
            sums[order] += power.sum()
    # E z^k = (k - 1)!! for even k, else 0.
    expected = [scipy.special.factorial2(order - 1) if order % 2 == 0 else 0 for order in range(17)]
    for order in range(1, 9):
        error = np.sqrt((expected[2 * order] - expected[order] ** 2) / DRAWS)
        assert abs(sums[order] / DRAWS - expected[order]) < 5 * error, f"moment {order}"


def test_kolmogorov_smirnov_and_anderson_darling(draws):
    ordered = np.sort(draws, axis=None)
    distance = squares = 0.0
    for start in range(0, DRAWS, BLOCK):
        z = ordered[start : start + BLOCK].astype(np.float64)
        ranks = np.arange(start, start + len(z))
        share = scipy.special.ndtr(z)
        distance = max(distance, np.max((ranks + 1) / DRAWS - share), np.max(share - ranks / DRAWS))
        # ln F(x_i) with weight 2i - 1, and ln(1 - F(x_i)) with the weight of its mirror image.
        below, above = scipy.special.log_ndtr(z), scipy.special.log_ndtr(-z)
        squares += np.sum((2 * ranks + 1) * below + (2 * (DRAWS - 1 - ranks) + 1) * above) / DRAWS
    assert scipy.stats.kstwobign.sf(distance * np.sqrt(DRAWS)) > 1e-4
    # The upper 1e-4 point of the limit distribution lies near 8.
    assert -DRAWS - squares < 8


@pytest.mark.parametrize("sigmas", [1, 2, 3, 4, 4.5, 5])
def test_tails(draws, sigmas):
    expected = DRAWS * scipy.special.ndtr(-sigmas)
    for side in (np.count_nonzero(draws > sigmas), np.count_nonzero(draws < -sigmas)):
        assert abs(side - expected) < 5 * np.sqrt(expected)


def test_resolution_is_at_least_24_bits(kernels):
    # Of n draws from N equally likely values n^2 / 2N pairs are equal; a float resolves the middle of the distribution to about 2^25 values.
    z = np.sort(kernels.normals(range(64), range(0, 64)), axis=None)
    equal = np.count_nonzero(np.diff(z) == 0)
    assert equal < len(z) ** 2 / 2 / 2**24


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """In standard errors: the product of independent standard variables has variance 1."""
    product = sum(float(np.dot(x.astype(np.float64), y.astype(np.float64))) for x, y in zip(a, b, strict=True))
    return product / np.sqrt(a.size)


def squares(z: np.ndarray) -> np.ndarray:
    """Squares as standard variables: shows a radius that two deviates have in common."""
    return (z * z - 1) / np.float32(np.sqrt(2))


LAGS = [*range(1, 33), 48, 63, 64, 65, 128, 365, 2048]


def test_steps_do_not_depend_on_each_other(draws):
    few = draws[:40]
    for kind in (lambda z: z, squares):
        values = kind(few)
        found = [correlation(values[:, lag:], values[:, :-lag]) for lag in LAGS]
        assert max(map(abs, found)) < 5, dict(zip(LAGS, found, strict=True))


def test_servers_metrics_and_seeds_do_not_depend_on_each_other(kernels, draws):
    few = draws[:100]
    superblocks = range(296, 296 + SUPERBLOCKS)
    others = {
        "next server": draws[1:101],
        "server 1024 on": draws[1024:1124],
        "next seed": kernels.normals(range(100), superblocks, seed=43),
        "other half of the seed": kernels.normals(range(100), superblocks, seed=42 + 2**32),
        "next stream": kernels.normals(range(100), superblocks, stream=0x0123_4567_89AB_CDF0),
        "other half of the stream": kernels.normals(range(100), superblocks, stream=0x0123_4568_89AB_CDEF),
        "next superblock": kernels.normals(range(100), range(297, 297 + SUPERBLOCKS)),
    }
    for kind in (lambda z: z, squares):
        found = {name: correlation(kind(few), kind(other)) for name, other in others.items()}
        assert max(map(abs, found.values())) < 5, found


def test_what_dieharder_reads_is_the_stream_of_the_noise(tmp_path):
    """The program of `make randomness`: half of all bits are set, and no block of 16 bytes comes twice."""
    program, source = tmp_path / "raw_stream", ROOT / "Benchmarks/raw_stream.c"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O2", "-Werror", "-Wno-psabi", f"-I{ROOT / 'Sources/Kernels/include'}", "-o", program, source], check=True)
    with subprocess.Popen([program], stdout=subprocess.PIPE) as process:
        words = np.frombuffer(process.stdout.read(16 << 20), np.uint32)
        process.kill()
    bits = 32 * len(words)
    assert abs(int(np.bitwise_count(words).sum(dtype=np.int64)) - bits / 2) < 5 * np.sqrt(bits) / 2
    blocks = np.ascontiguousarray(words).view(np.uint64).reshape(-1, 2)
    assert len(np.unique(blocks, axis=0)) == len(blocks)
