"""What the service costs: how soon it is ready, how soon a changed config is published, what it takes while nothing happens.

usage: service.py [--configs N] [--rounds K] [--idle SECONDS] [--keep FILE]

The service runs as the system tests run it, with a fake manager at NOTIFY_SOCKET. Times are medians, with the fastest and the slowest in
brackets; what the machine itself takes is measured beside them. --keep replaces the table in FILE.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "Tests" / folder) for folder in ("System", "Interop")]

import yaml

import fleet
from manager import Manager, wait_for
from service import Service, config

SETTLE = 0.1
TABLE = ("<!-- the service: make bench-service -->", "<!-- end -->")


@dataclass(frozen=True)
class Row:
    what: str
    values: list[float]
    unit: str = "ms"
    aim: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def cells(self) -> list[str]:
        digits = 1 if self.median < 100 else 0
        if 0 < self.median < 1:
            digits = 3
        spread = f" ({min(self.values):.{digits}f} to {max(self.values):.{digits}f})" if len(self.values) > 1 else ""
        aim = "" if self.aim is None else f"< {self.aim:g} {self.unit}"
        verdict = "" if self.aim is None else "yes" if self.median < self.aim else "**no**"
        return [self.what, f"{self.median:.{digits}f} {self.unit}{spread}", aim, verdict]


def measured(rounds: int, once: Callable[[], float]) -> list[float]:
    return [once() * 1000 for _ in range(rounds)]


def exec_floor(folder: Path) -> float:
    begin = time.monotonic()
    subprocess.run([fleet.BINARY, "--version"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    return time.monotonic() - begin


def durable_floor(folder: Path) -> float:
    """One small file written durably, as the state of a dataset is."""
    begin = time.monotonic()
    staged, final = folder / ".floor", folder / "floor"
    with staged.open("wb") as file:
        file.write(b"x" * 400)
        file.flush()
        os.fsync(file.fileno())
    staged.rename(final)
    directory = os.open(folder, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
    return time.monotonic() - begin


class Bench:
    def __init__(self, folder: Path):
        self.folder = folder
        self.manager = Manager(str(folder / "notify"))
        self.processor: list[float] = []

    def taken_processor_times(self) -> list[float]:
        """Those of the starts since the last call, up to READY and a little beyond."""
        taken, self.processor = self.processor, []
        return taken

    def service(self, name: str, count: int) -> Service:
        service = Service(self.folder / name, manager=self.manager, options=("--settle", f"{SETTLE * 1000:.0f}"))
        for number in range(count):
            service.put(f"d{number:04}", config(f"d{number:04}", schedule="@yearly"))
        return service

    def ready(self, service: Service) -> float:
        """From exec to READY; the service runs on."""
        count = len(self.manager.all("READY"))
        begin = time.monotonic()
        service.launch()
        try:
            ready = self.manager.await_count("READY", count + 1, timeout=120).at - begin
            self.processor.append(time.clock_gettime(processor_clock(service.pid)) * 1000)
            return ready
        except AssertionError:
            service.kill()
            raise

    @staticmethod
    def forget(service: Service) -> None:
        for folder in (service.state, service.folder / "stores"):
            shutil.rmtree(folder, ignore_errors=True)

    def cold(self, service: Service) -> float:
        """A first start: there is neither state nor data."""
        self.forget(service)
        try:
            return self.ready(service)
        finally:
            service.kill()

    def warm(self, service: Service) -> float:
        """Everything is published, and nothing has changed since."""
        try:
            return self.ready(service)
        finally:
            service.kill()

    def publish_all(self, service: Service, count: int) -> float:
        begin = time.monotonic()
        service.launch()
        while len(list(service.folder.glob("stores/*/manifests/*/latest.json"))) < count:
            assert time.monotonic() - begin < 600 and not service.has_ended, service.log.read_text()[-2000:]
            time.sleep(0.2)  # Looking takes the processor from the service.
        seconds = time.monotonic() - begin
        service.await_idle()
        return seconds

    def start_rows(self, count: int, rounds: int, aim: float, idle: float = 0) -> list[Row]:
        service = self.service(f"start-{count}", count)
        noun = "config" if count == 1 else "configs"
        rows = [Row(f"exec to READY, {count:,} {noun}, first start", measured(rounds, lambda: self.cold(service)), aim=aim)]
        rows.append(Row("processor time of that", self.taken_processor_times()))
        self.forget(service)
        try:
            took = self.publish_all(service, count)
            self.taken_processor_times()
            later = [Row(f"first publication of {count:,} datasets", [took], "s"), *self.idle_rows(service, count, idle)] if idle else []
            service.stop()
        finally:
            service.kill()
        rows.append(Row(f"exec to READY, {count:,} {noun}, all up to date", measured(rounds, lambda: self.warm(service)), aim=aim))
        rows.append(Row("processor time of that", self.taken_processor_times()))
        return rows + later

    def idle_rows(self, service: Service, count: int, seconds: float) -> list[Row]:
        wait_for("quiet", lambda: busy(service.pid, 1) < 0.05, 60)
        share = busy(service.pid, seconds) * 100
        return [
            Row(f"processor while idle, {count:,} datasets, {seconds:.0f} s with a rescan", [share], "% of a core", 0.1),
            Row(f"resident memory then, {count:,} datasets", [service.resident() / 1024], "MiB", 64),
            Row("its peak during the publications", [peak_memory(service.pid) / 1024], "MiB"),
        ]

    def change_rows(self, rounds: int) -> list[Row]:
        """A change of the default dataset, from the end of its writing to the pointer that readers follow."""
        service = self.service("change", 0)
        content = yaml.safe_load(fleet.DEFAULT_CONFIG.read_text())
        content["storage"]["local_base_path"] = "stores/default"
        pointer = service.store("default") / "manifests/default/latest.json"

        def identity() -> int:
            return pointer.stat().st_ino if pointer.exists() else 0

        def once() -> float:
            content["data_generation"]["random_seed"] += 1
            before, spent = identity(), time.clock_gettime(processor_clock(service.pid))
            service.put("default", content)
            begin = time.monotonic()
            while identity() == before:
                time.sleep(0.0005)
                assert time.monotonic() - begin < 60, service.log.read_text()
            seconds = time.monotonic() - begin
            service.await_idle()
            self.processor.append((time.clock_gettime(processor_clock(service.pid)) - spent) * 1000)
            return seconds - SETTLE

        try:
            service.start()
            once()
            rows = service.status()["default"]["rows"]
            self.taken_processor_times()
            what = f"changed config to published data, {rows:,} rows, without the settle time"
            return [Row(what, measured(rounds, once), aim=150), Row("processor time of that", self.taken_processor_times())]
        finally:
            service.kill()


def processor_clock(pid: int) -> int:
    """clock_getcpuclockid(3): all threads, those that have ended included."""
    return (~pid << 3) | 2


def busy(pid: int, seconds: float) -> float:
    """The share of one core that a process took during some time."""
    before, begin = time.clock_gettime(processor_clock(pid)), time.monotonic()
    time.sleep(seconds)
    return (time.clock_gettime(processor_clock(pid)) - before) / (time.monotonic() - begin)


def peak_memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def table(rows: list[Row]) -> str:
    lines = [["what", "median", "aim", "met"], ["---"] * 4, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def keep(path: Path, text: str) -> None:
    start, end = TABLE
    whole = path.read_text()
    before, rest = whole.split(start)
    after = rest.split(end)[1]
    path.write_text(f"{before}{start}\n{text}\n{end}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configs", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--idle", type=float, default=70, help="longer than the 65 s between two rescans at most")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fleetsynth-bench-", dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = Path(name)
        bench = Bench(folder)
        rows = [
            Row("for comparison: exec to exit of --version", measured(arguments.rounds, lambda: exec_floor(folder))),
            Row("for comparison: one small file, written durably", measured(arguments.rounds * 3, lambda: durable_floor(folder))),
            *bench.start_rows(1, arguments.rounds * 3, 50),
            *bench.start_rows(arguments.configs, arguments.rounds, 1000, arguments.idle),
            *bench.change_rows(arguments.rounds * 2),
        ]
        bench.manager.close()
    load = os.getloadavg()[0]
    text = f"{os.cpu_count()} processors, Linux {platform.release()}, load {load:.1f} at the end, medians with extremes.\n\n{table(rows)}"
    print(text)
    if arguments.keep:
        keep(arguments.keep, text)


if __name__ == "__main__":
    main()
