"""Runs `fleetsynth serve` as a service manager would, and reads its log as events."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import fleet
from manager import Manager, wait_for

BAD = "data_generation:\n  num_servers: -3\n"
BAD_PLACE = re.compile(r"\btiny\.yaml:2:16\b")
# Runs for a good while on any machine, in little memory.
HUGE = {"num_servers": 400_000, "start_date": "2022-01-01", "end_date": "2024-12-31", "decimals": None}
# The same for a second or two: it ends within the time that a stop gives it.
BIG = {"num_servers": 10_000, "start_date": "2022-01-01", "end_date": "2024-12-31"}
WINDOW = {"num_servers": 20, "start_date": "2024-02-01", "end_date": "2024-03-01"}
MANAGER = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", "LISTEN_FDS", "LISTEN_PID")
DIRECTORIES = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CONFIGURATION_DIRECTORY")


def config(name: str, data: dict | None = None, **sections) -> dict:
    """A small dataset of its own store, which is relative to the service's working directory."""
    storage = {"local_base_path": f"stores/{name}"} | sections.pop("storage", {})
    return fleet.config(WINDOW | (data or {}), storage=storage, **sections)


def changed(seed: int = 7) -> dict:
    return config("tiny", {"random_seed": seed})


def write_whole(path: Path, content: dict | str) -> Path:
    """As a careful tool does: a temporary name outside the directory, then a rename."""
    staged = path.parent.parent / f"staged-{path.name}-{threading.get_ident()}"
    if isinstance(content, str):
        staged.write_text(content)
    else:
        fleet.write_config(staged, content)
    staged.replace(path)
    return path


@dataclass
class Service:
    """One service: its folders, its manager and, between `start` and its end, its process. A second life begins with a log of its own."""

    folder: Path
    manager: Manager | None = None
    options: tuple = ()
    env: dict = field(default_factory=dict)
    prefix: tuple = ()
    process: subprocess.Popen | None = None
    lives: int = 0

    def __post_init__(self):
        self.configs.mkdir(parents=True, exist_ok=True)

    @property
    def configs(self) -> Path:
        return self.folder / "configs"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def socket(self) -> Path:
        return self.folder / "control.sock"

    @property
    def log(self) -> Path:
        return self.folder / f"log-{self.lives}.jsonl"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def command(self) -> list[str]:
        line = [*self.prefix, fleet.BINARY, "serve", "--config-dir", "configs", "--state-dir", "state", "--socket", "control.sock"]
        return [str(part) for part in [*line, "--settle", "100", "--log", "json", *self.options]]

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in fleet.environment().items() if name not in MANAGER + DIRECTORIES}
        notify = {"NOTIFY_SOCKET": self.manager.name} if self.manager else {}
        return kept | notify | self.env

    def launch(self, **streams) -> "Service":
        """Begins a life and waits for nothing."""
        self.lives += 1
        with self.log.open("wb") as log:
            how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": log} | streams
            self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.environment(), **how)
        return self

    def start(self) -> "Service":
        """Begins a life and waits until the service is ready."""
        ready = len(self.manager.all("READY")) if self.manager else 0
        self.launch()
        wait_for("ready", lambda: self.count("service-ready") or self.has_ended)
        assert not self.has_ended, f"exit {self.process.returncode}\n{self.log.read_text()}"
        if self.manager:
            self.manager.await_count("READY", ready + 1)
        return self

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def ended(self, timeout: float = 30) -> int:
        """Waits for the end, and returns the exit code."""
        assert self.process is not None
        return self.process.wait(timeout=timeout)

    def stop(self, timeout: float = 15) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.ended(timeout) == 0, self.log.read_text()

    def kill(self) -> None:
        if self.process is not None and not self.has_ended:
            self.process.kill()
            self.process.wait(timeout=30)

    def put(self, name: str, content: dict | str | None = None) -> Path:
        return write_whole(self.configs / f"{name}.yaml", config(name) if content is None else content)

    def events(self, event: str | None = None, dataset: str | None = None, **fields: str) -> list[dict]:
        """What this life has logged so far, as the JSON lines that are whole."""
        found = []
        for line in self.log.read_text().splitlines(keepends=True):
            if not line.startswith("{") or not line.endswith("\n"):
                continue
            entry = json.loads(line)
            wanted = {"event": event, "dataset": dataset} | fields
            if all(value is None or entry.get(name) == value for name, value in wanted.items()):
                found.append(entry)
        return found

    def count(self, event: str, dataset: str | None = None, **fields: str) -> int:
        return len(self.events(event, dataset, **fields))

    def await_event(self, event: str, dataset: str | None = None, count: int = 1, timeout: float = 30, **fields: str) -> dict:
        what = f"{count} x {event} of {dataset or 'the service'}"
        wait_for(what, lambda: self.count(event, dataset, **fields) >= count or self.has_ended, timeout)
        found = self.events(event, dataset, **fields)
        assert len(found) >= count, f"{what}: the service has ended\n{self.log.read_text()}"
        return found[count - 1]

    def ask(self, *arguments, code: int = 0, timeout: float = 90) -> subprocess.CompletedProcess:
        """One control command."""
        return fleet.run(*arguments, "--socket", self.socket.name, code=code, timeout=timeout, cwd=self.folder)

    def status(self, *dataset: str) -> dict[str, dict]:
        rows = json.loads(self.ask("status", "--json", *dataset).stdout)["datasets"]
        return {row["dataset"]: row for row in rows}

    def memory(self, dataset: str) -> dict:
        """The durable state."""
        return json.loads((self.state / f"datasets/{dataset}.json").read_text())

    def await_idle(self, *datasets: str, timeout: float = 60) -> dict[str, dict]:
        """Waits until none of the datasets runs or is about to; all of them without names."""

        def idle() -> dict | None:
            rows = self.status()
            busy = [row for row in rows.values() if row["state"] in ("running", "queued", "retrying")]
            return None if any(not datasets or row["dataset"] in datasets for row in busy) else rows

        return wait_for("idle", idle, timeout)

    def assert_watched_up_to_here(self) -> None:
        """A config dropped in now is published: what happened in the directory before has been read as well, without a rescan."""
        marker = f"marker-{time.monotonic_ns()}"
        self.put(marker)
        self.await_event("run-published", marker)

    def store(self, dataset: str) -> Path:
        return self.folder / "stores" / dataset

    def verify(self, dataset: str, code: int = 0) -> None:
        fleet.run("verify", f"stores/{dataset}", code=code, cwd=self.folder)

    def latest(self, dataset: str) -> dict | None:
        path = self.store(dataset) / f"manifests/{dataset}/latest.json"
        return json.loads(path.read_text()) if path.exists() else None

    def generation(self, dataset: str) -> int:
        latest = self.latest(dataset)
        return latest["generation"] if latest else 0

    def files(self, dataset: str) -> set[str]:
        base = self.store(dataset)
        return {str(Path(root, name).relative_to(base)) for root, _, names in os.walk(base) for name in names}

    def debris(self, dataset: str) -> set[str]:
        """Files that no reader looks for."""
        return {name for name in self.files(dataset) if Path(name).name.startswith(".")}

    def descriptors(self) -> dict[int, str]:
        folder = Path(f"/proc/{self.pid}/fd")
        found = {}
        for link in folder.iterdir():
            try:
                found[int(link.name)] = os.readlink(link)
            except FileNotFoundError:
                continue
        return found

    def resident(self) -> int:
        """Resident memory in KiB."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    def survives(self, number: signal.Signals) -> bool:
        """Whether a signal is ignored or caught; which of the two is the program's matter."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        masks = [int(line.split()[1], 16) for line in lines if line.startswith(("SigIgn:", "SigCgt:"))]
        return any(mask >> (number - 1) & 1 for mask in masks)

    def process_state(self) -> str:
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
