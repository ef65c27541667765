"""fleetsynth beside its peers on the same panel, the same machine and in the same minutes.

usage: run.py [--servers N] [--rounds K] [--float-type double|float]

Every contender runs in a process of its own, in turn, K times; the best time counts. A peer's time leaves out the import of its libraries;
fleetsynth's is that of its whole process, publication and checksums included. Exit 1 if a threshold of thresholds.json is broken.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

import panel

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BINARY = Path(os.environ.get("FLEETSYNTH", ROOT / ".build/release/fleetsynth"))
SUBJECT, FLOOR = "fleetsynth", "numpy draw only"


@dataclass(frozen=True)
class Contender:
    """`share` of the servers, at most `rounds` times: slow ones do less, and their rate tells."""

    name: str
    script: str | None = None
    share: float = 1
    rounds: int = 99


CONTENDERS = [
    Contender(SUBJECT),
    Contender("numpy + pyarrow", "numpy_pyarrow.py"),
    Contender("polars", "polars_expr.py"),
    Contender("duckdb", "duckdb_sql.py"),
    Contender("pandas", "pandas_plain.py", share=0.1, rounds=1),
    Contender(FLOOR, "numpy_draw.py"),
]


@dataclass
class Measurement:
    name: str
    rows: int
    seconds: float
    bytes: int
    peak_mib: float
    means: dict[str, float]

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def peer_environment() -> dict[str, str]:
    """The caller's environment without limits on the threads of linear algebra; Polars gets two threads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS_", "OMP_", "MKL_", "FLEETSYNTH__"))}
    return kept | {"POLARS_MAX_THREADS": "2"}


def command(contender: Contender, servers: int, folder: Path, float_type: str) -> list[str]:
    if contender.script:
        return [sys.executable, str(HERE / contender.script), str(servers), str(folder), float_type]
    config = folder / "benchmark.yaml"
    config.write_text(f"data_generation: {{ num_servers: {servers}, start_date: {panel.START}, end_date: {panel.END} }}\n")
    sets = {"storage.local_base_path": str(folder), "output.float_type": float_type}
    options = [part for key, value in sets.items() for part in ("--set", f"{key}={json.dumps(value)}")]
    return [str(BINARY), "generate", "--config", str(config), "--json", *options]


def measure(contender: Contender, servers: int, float_type: str, scratch: Path) -> Measurement:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        line = command(contender, servers, folder, float_type)
        measured = [sys.executable, "-IS", str(HERE / "measure.py"), str(folder / "measured.json"), *line]
        done = subprocess.run(measured, stdout=subprocess.PIPE, text=True, env=peer_environment())
        if done.returncode != 0:
            sys.exit(f"{contender.name} failed with exit {done.returncode}: {' '.join(line)}")
        report, process = json.loads(done.stdout), json.loads((folder / "measured.json").read_text())
        files = sorted(folder.rglob("*.parquet"))
        seconds = report["seconds"] if contender.script else process["seconds"]
        size = sum(file.stat().st_size for file in files)
        return Measurement(contender.name, report["rows"], seconds, size, process["peak_mib"], means(files))
    finally:
        shutil.rmtree(folder)


def means(files: list[Path]) -> dict[str, float]:
    """The mean of every metric: tells whether two contenders made the same panel."""
    if not files:
        return {}
    names = [metric.name for metric in panel.METRICS]
    with duckdb.connect() as connection:
        query = f"select {', '.join(f'avg({name})' for name in names)} from read_parquet(?)"
        return dict(zip(names, connection.execute(query, [[str(file) for file in files]]).fetchone(), strict=True))


def check_same_panel(results: list[Measurement]) -> None:
    """Peers draw other numbers, so their means differ, but within five standard errors of the mean of the servers' biases."""
    subject = next(result for result in results if result.name == SUBJECT)
    for result in results:
        for metric in panel.METRICS if result.means else []:
            mean, expected = result.means[metric.name], subject.means[metric.name]
            error = metric.bias_std * math.sqrt(panel.DAYS / result.rows + panel.DAYS / subject.rows)
            if abs(mean - expected) > 5 * error:
                sys.exit(f"{result.name} made another panel: the mean of {metric.name} is {mean:.3f}, that of {SUBJECT} is {expected:.3f}")


def best_peer(results: list[Measurement]) -> Measurement:
    return max((result for result in results if result.name not in (SUBJECT, FLOOR)), key=lambda result: result.rate)


def print_table(results: list[Measurement]) -> None:
    best = best_peer(results).rate
    first = panel.METRICS[0].name
    print(f"\n{'':<18}{'Mrows/s':>9}{'seconds':>9}{'Mrows':>8}{'B/row':>8}{'peak MiB':>10}{'x best peer':>13}   mean of {first}")
    for result in results:
        size = f"{result.bytes / result.rows:8.2f}" if result.bytes else f"{'-':>8}"
        mean = f"{result.means[first]:.3f}" if result.means else "-"
        print(
            f"{result.name:<18}{result.rate / 1e6:9.2f}{result.seconds:9.2f}{result.rows / 1e6:8.2f}{size}"
            f"{result.peak_mib:10.0f}{result.rate / best:13.2f}   {mean}"
        )
    print("peak MiB is that of the largest process; numpy + pyarrow has two of that size")


def broken_thresholds(results: list[Measurement], thresholds: dict) -> list[str]:
    subject = next(result for result in results if result.name == SUBJECT)
    bytes_per_row, ratio = subject.bytes / subject.rows, subject.rate / best_peer(results).rate
    broken = []
    if bytes_per_row > thresholds["bytes_per_row_max"]:
        broken.append(f"{bytes_per_row:.2f} bytes per row, at most {thresholds['bytes_per_row_max']} allowed")
    if subject.peak_mib > thresholds["peak_mib_max"]:
        broken.append(f"{subject.peak_mib:.0f} MiB of memory, at most {thresholds['peak_mib_max']} allowed")
    if ratio < thresholds["ratio_to_best_peer_min"]:
        broken.append(f"{ratio:.2f} times the best peer, at least {thresholds['ratio_to_best_peer_min']} required")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure fleetsynth beside its peers.")
    parser.add_argument("--servers", type=int, default=20_000, help="servers of four years each (default 20,000: 29 million rows)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--float-type", choices=["double", "float"], default="double")
    arguments = parser.parse_args()

    best: dict[str, Measurement] = {}
    scratch_parent = ROOT / ".build"
    with tempfile.TemporaryDirectory(dir=scratch_parent, prefix="bench-") as scratch:
        for round_number in range(arguments.rounds):
            for contender in CONTENDERS:
                if round_number < contender.rounds:
                    servers = max(2, round(arguments.servers * contender.share))
                    result = measure(contender, servers, arguments.float_type, Path(scratch))
                    print(f"round {round_number + 1}: {result.name}: {result.rate / 1e6:.2f} Mrows/s", file=sys.stderr)
                    if result.name not in best or result.rate > best[result.name].rate:
                        best[result.name] = result
    results = list(best.values())
    check_same_panel(results)
    print_table(results)

    thresholds = json.loads((HERE / "thresholds.json").read_text())
    subject = best[SUBJECT]
    wanted = thresholds["informative"]["rows_per_second_min"]
    verdict = "at least" if subject.rate >= wanted else "below"
    print(f"\n{subject.rate / 1e6:.1f} million rows/s, {verdict} the {wanted / 1e6:.0f} million expected (informative)")
    broken = broken_thresholds(results, thresholds)
    print("\n".join(f"THRESHOLD BROKEN: {line}" for line in broken) or "all thresholds hold")
    record = {"float_type": arguments.float_type, "results": [asdict(result) for result in results]}
    (HERE / "last.json").write_text(json.dumps(record, indent=2) + "\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
