"""A wall clock that a test sets, for one service; see clock_shim.c for how. And what ran by it."""

import datetime
import os
import struct
import subprocess
import threading
import time
from pathlib import Path

from service import Service

SOURCE = Path(__file__).with_name("clock_shim.c")


def compiled(folder: Path) -> Path:
    """The shim."""
    library = folder / "clock_shim.so"
    compiler = os.environ.get("CC", "clang")
    subprocess.run([compiler, "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def utc(text: str) -> int:
    """Unix seconds of a time in UTC."""
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp())


def moment(text: str) -> int:
    return int(datetime.datetime.fromisoformat(text).timestamp())


class Clock:
    """Runs as fast as the machine's, and shows what the test wants. It outlives services, as a machine's clock does."""

    def __init__(self, library: Path, folder: Path):
        self.library = library
        self.path = folder / "clock"
        self.pipe = folder / "clock.fifo"
        self.path.write_bytes(bytes(8))
        os.mkfifo(self.pipe)

    def environment(self, **more: str) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "CLOCK_SHIM": str(self.path)} | more

    @property
    def ahead(self) -> int:
        """Nanoseconds before the machine's clock."""
        return struct.unpack("=q", self.path.read_bytes())[0]

    @property
    def now(self) -> float:
        """Unix seconds on this clock."""
        return (time.time_ns() + self.ahead) / 1e9

    def set(self, text: str) -> None:
        self.step(utc(text) - self.now)

    def step(self, seconds: float) -> tuple[float, float]:
        """Sets the clock; returns what it showed right before and right after."""
        ahead = self.ahead
        before = time.time_ns() + ahead
        descriptor = os.open(self.path, os.O_WRONLY)
        os.pwrite(descriptor, struct.pack("=q", ahead + int(seconds * 1e9)), 0)
        os.close(descriptor)
        after = time.time_ns() + self.ahead
        try:
            pipe = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return before / 1e9, after / 1e9  # Nobody runs by this clock now.
        os.write(pipe, b"!")
        os.close(pipe)
        return before / 1e9, after / 1e9


class Runs(threading.Thread):
    """Collects the runs by the clock from the durable state: run id -> (due, started)."""

    def __init__(self, service: Service, *datasets: str):
        super().__init__(daemon=True)
        self.service = service
        self.datasets = datasets
        self.seen: dict[str, dict[str, tuple[int, int]]] = {name: {} for name in datasets}
        self.over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.is_set():
            for name in self.datasets:
                try:
                    run = self.service.memory(name)["last_run"]
                except FileNotFoundError:
                    continue
                if run and run["due"]:
                    self.seen[name][run["id"]] = (moment(run["due"]), moment(run["started"]))
            time.sleep(0.005)

    def due(self, dataset: str = "tiny") -> list[int]:
        """The scheduled times that had a run, in the order of the runs."""
        return [due for due, _ in list(self.seen[dataset].values())]

    def end(self) -> None:
        self.over.set()
        self.join(timeout=30)
