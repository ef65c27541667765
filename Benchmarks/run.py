"""fleetsynth beside its peers on the same panel, the same machine and in the same minutes.

usage: run.py [--servers N] [--rounds K] [--float-type double|float] [--quick]

Every contender runs in a process of its own, in turn, K times; the best time counts. A peer's time leaves out the import of its libraries;
fleetsynth's is that of its whole process, publication, checksums and fsync included. Then come the studies of studies.py. Exit 1 if a
figure breaks its threshold in thresholds.json; --quick leaves out full precision and the studies.
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
import studies
from studies import BINARY, HERE, ROOT

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
    cpu: float
    means: dict[str, float]

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def peer_environment() -> dict[str, str]:
    """The caller's environment without limits on the threads of linear algebra; Polars gets two threads."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS_", "OMP_", "MKL_", "FLEETSYNTH__"))}
    return kept | {"POLARS_MAX_THREADS": "2"}


@dataclass(frozen=True)
class Setting:
    """What all contenders are asked for."""

    float_type: str = "double"
    full_precision: bool = False

    @property
    def sets(self) -> dict:
        return {"output.float_type": self.float_type} | ({"data_generation.decimals": None} if self.full_precision else {})


def command(contender: Contender, servers: int, folder: Path, setting: Setting) -> list[str]:
    if contender.script:
        options = ["--full-precision"] if setting.full_precision else []
        return [sys.executable, str(HERE / contender.script), str(servers), str(folder), setting.float_type, *options]
    return studies.Job(servers, sets=setting.sets).command(folder)


def measure(contender: Contender, servers: int, setting: Setting, scratch: Path) -> Measurement:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        line = command(contender, servers, folder, setting)
        measured = [sys.executable, "-IS", str(HERE / "measure.py"), str(folder / "measured.json"), *line]
        done = subprocess.run(measured, stdout=subprocess.PIPE, text=True, env=peer_environment())
        if done.returncode != 0:
            sys.exit(f"{contender.name} failed with exit {done.returncode}: {' '.join(line)}")
        report, process = json.loads(done.stdout), json.loads((folder / "measured.json").read_text())
        files = sorted(folder.rglob("*.parquet"))
        seconds = report["seconds"] if contender.script else process["seconds"]
        size = sum(file.stat().st_size for file in files)
        return Measurement(contender.name, report["rows"], seconds, size, process["peak_mib"], process["cpu"], means(files))
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
    print(f"\n{'':<18}{'Mrows/s':>9}{'seconds':>9}{'cpu s':>8}{'Mrows':>8}{'B/row':>8}{'peak MiB':>10}{'x best peer':>13}   mean of {first}")
    for result in results:
        size = f"{result.bytes / result.rows:8.2f}" if result.bytes else f"{'-':>8}"
        mean = f"{result.means[first]:.3f}" if result.means else "-"
        print(
            f"{result.name:<18}{result.rate / 1e6:9.2f}{result.seconds:9.2f}{result.cpu:8.2f}{result.rows / 1e6:8.2f}{size}"
            f"{result.peak_mib:10.0f}{result.rate / best:13.2f}   {mean}"
        )
    print("peak MiB is that of the largest process; numpy + pyarrow has two of that size")


def contest(contenders: list[Contender], servers: int, rounds: int, setting: Setting, scratch: Path) -> list[Measurement]:
    best: dict[str, Measurement] = {}
    for round_number in range(rounds):
        for contender in contenders:
            if round_number < contender.rounds:
                result = measure(contender, max(2, round(servers * contender.share)), setting, scratch)
                print(f"round {round_number + 1}: {result.name}: {result.rate / 1e6:.2f} Mrows/s", file=sys.stderr)
                if result.name not in best or result.rate > best[result.name].rate:
                    best[result.name] = result
    results = list(best.values())
    check_same_panel(results)
    print_table(results)
    return results


def main_figures(results: list[Measurement]) -> dict[str, float]:
    by_name = {result.name: result for result in results}
    subject, peer = by_name[SUBJECT], best_peer(results)
    return {
        # Steadier than the rates where the machine is shared; the peer's includes the import of its libraries.
        "processor_time_of_best_peer": (peer.cpu / peer.rows) / (subject.cpu / subject.rows),
        "ratio_to_best_peer": subject.rate / best_peer(results).rate,
        "ratio_to_pandas": subject.rate / by_name["pandas"].rate,
        "time_to_numpy_draw": by_name[FLOOR].rate / subject.rate,
        "bytes_per_row": subject.bytes / subject.rows,
        "peak_mib": subject.peak_mib,
    }


def verdicts(figures: dict[str, float], thresholds: dict) -> list[tuple[str, bool]]:
    """A line for every figure, and whether it breaks its threshold."""
    lines = []
    for name, value in figures.items():
        limit = thresholds.get(name, {})
        broken = value > limit.get("max", math.inf) or value < limit.get("min", -math.inf)
        asked = ", ".join(f"{bound} {limit[bound]}" for bound in ("min", "max", "aim") if bound in limit)
        lines.append((f"{name:<28}{value:12.3f}   {asked}{'   BROKEN' if broken else ''}", broken))
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure fleetsynth beside its peers.")
    parser.add_argument("--servers", type=int, default=20_000, help="servers of four years each (default 20,000: 29 million rows)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--float-type", choices=["double", "float"], default="double")
    parser.add_argument("--quick", action="store_true", help="only the contest at two decimals")
    arguments = parser.parse_args()

    (ROOT / ".build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".build", prefix="bench-") as folder:
        scratch = Path(folder)
        results = contest(CONTENDERS, arguments.servers, arguments.rounds, Setting(arguments.float_type), scratch)
        figures = main_figures(results)
        if not arguments.quick:
            print("\nFull precision, zstd")
            peers = [contender for contender in CONTENDERS if contender.name not in (FLOOR, "pandas")]
            precise = contest(peers, max(2, arguments.servers // 10), arguments.rounds, Setting(arguments.float_type, True), scratch)
            figures["full_precision_ratio_to_best_peer"] = precise[0].rate / best_peer(precise).rate
            figures |= studies.cores(arguments.servers, arguments.rounds, scratch)
            figures |= studies.shapes(arguments.servers, arguments.rounds, scratch)
            figures |= studies.metrics(arguments.servers, arguments.rounds, scratch)
            figures |= studies.full_size(arguments.servers, scratch)
            figures |= studies.report(arguments.servers, arguments.rounds, scratch)
            figures |= studies.start_up(arguments.rounds, scratch)

    print()
    lines = verdicts(figures, json.loads((HERE / "thresholds.json").read_text())["bench"])
    print("\n".join(line for line, _ in lines))
    record = {"float_type": arguments.float_type, "figures": figures, "results": [asdict(result) for result in results]}
    (HERE / "last.json").write_text(json.dumps(record, indent=2) + "\n")
    return 1 if any(broken for _, broken in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
