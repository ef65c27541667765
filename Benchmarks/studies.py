"""What fleetsynth costs by itself: cores, shapes, sizes, start-up. Every figure is a ratio of runs that alternate."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import panel

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BINARY = Path(os.environ.get("FLEETSYNTH", ROOT / ".build/release/fleetsynth"))


@dataclass(frozen=True)
class Job:
    """One run of the program: a panel and how it is made."""

    servers: int
    metrics: int = 4
    start: str = str(panel.START)
    end: str = str(panel.END)
    sets: dict = field(default_factory=dict)
    cores: int = 2
    # No peer draws pictures: what they cost is a study of its own.
    report: bool = False

    def command(self, folder: Path) -> list[str]:
        config = folder / "benchmark.yaml"
        chosen = f", metrics: [{', '.join(f'{{ name: m{number} }}' for number in range(self.metrics))}]" if self.metrics != 4 else ""
        config.write_text(f"data_generation: {{ num_servers: {self.servers}, start_date: {self.start}, end_date: {self.end}{chosen} }}\n")
        sets = {"storage.local_base_path": str(folder), "output.report": self.report} | self.sets
        options = [part for key, value in sets.items() for part in ("--set", f"{key}={json.dumps(value)}")]
        limit = ["taskset", "-c", "0"] if self.cores == 1 else []
        return [*limit, str(BINARY), "generate", "--config", str(config), "--json", *options]


@dataclass
class Result:
    rows: int
    seconds: float
    cpu: float
    bytes: int
    peak_mib: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("FLEETSYNTH__")}


def run(job: Job, scratch: Path) -> Result:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        line = job.command(folder)
        measured = [sys.executable, "-IS", str(HERE / "measure.py"), str(folder / "measured.json"), *line]
        done = subprocess.run(measured, stdout=subprocess.PIPE, text=True, env=environment())
        if done.returncode != 0:
            sys.exit(f"fleetsynth failed with exit {done.returncode}: {' '.join(line)}")
        process = json.loads((folder / "measured.json").read_text())
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        return Result(json.loads(done.stdout)["rows"], process["seconds"], process["cpu"], size, process["peak_mib"])
    finally:
        shutil.rmtree(folder)


def best_of(jobs: dict[str, Job], rounds: int, scratch: Path) -> dict[str, Result]:
    """The quickest run of each job, in turn."""
    best: dict[str, Result] = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            result = run(job, scratch)
            if name not in best or result.seconds < best[name].seconds:
                best[name] = result
    return best


def print_results(title: str, results: dict[str, Result]) -> None:
    print(f"\n{title}\n{'':<28}{'Mrows/s':>9}{'seconds':>9}{'cpu s':>8}{'B/row':>8}{'peak MiB':>10}")
    for name, result in results.items():
        print(
            f"{name:<28}{result.rate / 1e6:9.2f}{result.seconds:9.3f}{result.cpu:8.3f}{result.bytes / result.rows:8.2f}{result.peak_mib:10.0f}"
        )


def cores(servers: int, rounds: int, scratch: Path) -> dict[str, float]:
    results = best_of({"one core": Job(servers, cores=1), "two cores": Job(servers)}, rounds, scratch)
    print_results("Cores", results)
    return {"two_cores_gain": results["one core"].seconds / results["two cores"].seconds}


def shapes(servers: int, rounds: int, scratch: Path) -> dict[str, float]:
    """The same rows as fewer servers with 35,064 steps each: what four years of hours are."""
    few = max(1, round(servers * panel.DAYS / 35_064))
    results = best_of({"daily": Job(servers), "hourly-sized": Job(few, start="1970-01-01", end="2065-12-31")}, rounds, scratch)
    print_results("Shape", results)
    return {"hourly_sized_rate": results["hourly-sized"].rate / results["daily"].rate}


def metrics(servers: int, rounds: int, scratch: Path) -> dict[str, float]:
    """The same cells in 1, 4, 16 and 40 metrics."""
    jobs = {f"{count} metrics": Job(max(2, servers * 4 // count), metrics=count) for count in (1, 4, 16, 40)}
    results = best_of(jobs, rounds, scratch)
    print_results("Metrics", results)
    costs = [result.seconds / (result.rows * jobs[name].metrics) for name, result in results.items()]
    print("ns per cell: " + ", ".join(f"{cost * 1e9:.2f}" for cost in costs))
    return {"metrics_cost_spread": max(costs) / min(costs)}


def full_size(servers: int, scratch: Path) -> dict[str, float]:
    """Fifty times the servers; beside it what the disk takes in by itself."""
    small, large = Job(servers), Job(servers * 50)
    results = {"before": run(small, scratch), f"{large.servers:,} servers": run(large, scratch), "after": run(small, scratch)}
    print_results("Size", results)
    size = list(results.values())[1]
    print(f"the file grew at {size.bytes / size.seconds / 1e6:.0f} MB/s; the disk alone takes {disk_rate(scratch) / 1e6:.0f} MB/s")
    reference = max(results["before"].rate, results["after"].rate)
    return {"million_servers_rate": size.rate / reference, "million_servers_peak_mib": size.peak_mib}


def report(servers: int, rounds: int, scratch: Path) -> dict[str, float]:
    """The same run with its report, which a config has unless it says otherwise."""
    results = best_of({"without report": Job(servers), "with report": Job(servers, report=True)}, rounds, scratch)
    print_results("Report", results)
    return {"report_time": results["with report"].seconds / results["without report"].seconds}


def disk_rate(scratch: Path) -> float:
    """Bytes per second of dd, past the page cache, fsync included."""
    path = scratch / "disk.bin"
    started = time.perf_counter()
    line = ["dd", "if=/dev/zero", f"of={path}", "bs=4M", "count=1024", "oflag=direct", "conv=fsync"]
    subprocess.run(line, check=True, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    path.unlink()
    return (4 << 30) / seconds


def start_up(rounds: int, scratch: Path) -> dict[str, float]:
    """The default dataset with its report as a whole process, the same without, and the same process doing nothing."""
    job, best, idle, bare = Job(120, report=True), None, [], []
    for _ in range(max(10, rounds)):
        bare.append(run(Job(120), scratch).seconds)
        result = run(job, scratch)
        best = result if best is None or result.seconds < best.seconds else best
        started = time.perf_counter()
        subprocess.run([str(BINARY), "--version"], check=True, stdout=subprocess.DEVNULL)
        idle.append(time.perf_counter() - started)
    assert best is not None
    print(
        f"\nDefault dataset: {best.rows:,} rows, start to exit {best.seconds * 1e3:.0f} ms, {best.cpu * 1e3:.0f} ms of it processor time; "
        f"{min(bare) * 1e3:.0f} ms without its report; start and exit alone {min(idle) * 1e3:.0f} ms"
    )
    return {"default_dataset_ms": best.seconds * 1e3}
