"""The regression gate on what repeats: instructions per cell, counted by callgrind, and bytes per row, against thresholds.json.

The instructions of two runs are subtracted, so that start-up, calendars and the quality gate's tables, which do not grow with the rows, fall out.
Both runs have the same days and metrics, the larger one more servers. SHA-256 is left out: valgrind knows no SHA instructions, so the program hashes with
others there than elsewhere.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import studies
from studies import HERE, Job, environment

SMALL, LARGE = 100, 400
DAYS, METRICS = 1461, 4


def prepare(folder: Path) -> Path:
    """What Debian 12's valgrind needs: a program without debug information, which it cannot read, and the shim."""
    bare, shim = folder / "fleetsynth", folder / "shim.so"
    subprocess.run(["strip", "--strip-debug", "-o", str(bare), str(studies.BINARY)], check=True)
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", str(shim), str(HERE / "sigsuspend_shim.c")], check=True)
    studies.BINARY = bare
    return shim


def instructions(servers: int, folder: Path, shim: Path) -> tuple[int, int]:
    """Instructions of a run on one thread, and the bytes of its panel."""
    folder.mkdir()
    out = folder / "callgrind.out"
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    line = [*tool, *Job(servers).command(folder), "--threads", "1"]
    done = subprocess.run(line, capture_output=True, text=True, env=environment() | {"LD_PRELOAD": str(shim)})
    if done.returncode != 0:
        sys.exit(f"the run under callgrind failed with exit {done.returncode}:\n{done.stderr}")
    listing = subprocess.run(["callgrind_annotate", "--threshold=100", str(out)], capture_output=True, text=True, check=True).stdout
    counts = [(int(line[1].replace(",", "")), line[2]) for line in re.finditer(r"^ *([\d,]+) \([^)]*\) +(.+)$", listing, re.MULTILINE)]
    total = next(count for count, name in counts if "PROGRAM TOTALS" in name)
    hashing = sum(count for count, name in counts if "sha256_block_data_order" in name)
    assert hashing > 0, "SHA-256 has another name now"
    return total - hashing, sum(file.stat().st_size for file in folder.rglob("*.parquet"))


def main() -> int:
    with tempfile.TemporaryDirectory() as scratch:
        shim = prepare(Path(scratch))
        small, large = (instructions(servers, Path(scratch) / str(servers), shim) for servers in (SMALL, LARGE))
    rows = (LARGE - SMALL) * DAYS
    figures = {"instructions_per_cell": (large[0] - small[0]) / (rows * METRICS), "bytes_per_row": large[1] / (LARGE * DAYS)}
    limits = json.loads((HERE / "thresholds.json").read_text())["gate"]
    broken = [name for name, value in figures.items() if value > limits[name]["max"]]
    for name, value in figures.items():
        print(f"{name:<24}{value:10.2f}, at most {limits[name]['max']}{' BROKEN' if name in broken else ''}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
