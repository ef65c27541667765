"""Runs `fleetsynth serve` as a service manager would: a fake NOTIFY_SOCKET, a log that is read as events, waits that end with a condition."""

import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import fleet

SOAK_NAMES = [f"soak{number:02}" for number in range(12)]
WINDOW = {"num_servers": 20, "start_date": "2024-02-01", "end_date": "2024-03-01"}
MANAGER = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", "LISTEN_FDS", "LISTEN_PID")
DIRECTORIES = ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CONFIGURATION_DIRECTORY")


def wait_for(what: str, condition: Callable, timeout: float = 30):
    """The first true value of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"{what}: not within {timeout:g} s"
        time.sleep(0.01)


@dataclass(frozen=True)
class Datagram:
    """One message to the service manager."""

    text: str
    at: float

    @property
    def fields(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.text.splitlines())

    def has(self, name: str) -> bool:
        return name in self.fields


class Manager:
    """The service manager's end of NOTIFY_SOCKET; `name` is a path, or abstract with `@`."""

    def __init__(self, name: str):
        self.name = name
        self.datagrams: list[Datagram] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self) -> None:
        while text := self.socket.recv(8192):
            self.datagrams.append(Datagram(text.decode(), time.monotonic()))

    def close(self) -> None:
        """An empty datagram ends the thread; only then may the descriptor go."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self.socket.getsockname())
        self.thread.join(timeout=10)
        self.socket.close()

    def all(self, name: str) -> list[Datagram]:
        return [datagram for datagram in list(self.datagrams) if datagram.has(name)]

    def await_count(self, name: str, count: int, timeout: float = 30) -> Datagram:
        """The `count`-th datagram that has the field."""
        wait_for(f"{count} x {name}", lambda: len(self.all(name)) >= count, timeout)
        return self.all(name)[count - 1]

    def order(self, *names: str) -> list[str]:
        """The named fields in the order in which they came."""
        return [name for datagram in list(self.datagrams) for name in datagram.fields if name in names]

    def last_status(self) -> str:
        return next((d.fields["STATUS"] for d in reversed(list(self.datagrams)) if d.has("STATUS")), "")


def config(name: str, data: dict | None = None, **sections) -> dict:
    """A small dataset of its own store, which is relative to the service's working directory."""
    storage = {"local_base_path": f"stores/{name}"} | sections.pop("storage", {})
    return fleet.config(WINDOW | (data or {}), storage=storage, **sections)


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

    def process_state(self) -> str:
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def manifests(base: Path) -> Iterator[dict]:
    """Every manifest of a store."""
    for path in base.glob("manifests/*/[0-9]*.json"):
        yield json.loads(path.read_text())


class Reader(threading.Thread):
    """Reads as users do, all the time; collects what it saw, and what was wrong at once."""

    def __init__(self, service: Service):
        super().__init__(daemon=True)
        self.service = service
        self.seen: dict[tuple[str, str], set[str]] = {}
        self.generations: dict[str, int] = {}
        self.wrong: list[str] = []
        self.rounds = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for name in SOAK_NAMES:
                try:
                    self.read(name)
                except Exception as problem:
                    self.wrong.append(f"{name}: {problem!r}")
            self.rounds += 1

    def read(self, name: str) -> None:
        base = self.service.store(name)
        latest = self.service.latest(name)
        if latest is not None:
            if latest["generation"] < self.generations.get(name, 0):
                self.wrong.append(f"{name}: generation {latest['generation']} after {self.generations[name]}")
            self.generations[name] = latest["generation"]
            if fleet.sha256(base / latest["manifest"]) != latest["manifest_sha256"]:
                self.wrong.append(f"{name}: {latest['manifest']} is not what the pointer says")
        elif name in self.generations:
            self.wrong.append(f"{name}: the pointer is gone")
        for path in base.glob("raw/[!.]*"):
            self.seen.setdefault((name, str(path.relative_to(base))), set()).add(hashlib.sha256(path.read_bytes()).hexdigest())

    def unknown(self) -> list[str]:
        """What was seen and never belonged to a generation: torn files."""
        known = {name: {entry["sha256"] for m in manifests(self.service.store(name)) for entry in m["artifacts"]} for name in SOAK_NAMES}
        return [f"{name}: {key} {sha}" for (name, key), shas in self.seen.items() for sha in shas if sha not in known[name]]


class Chaos:
    """What happens to the config directory, and what must come of it."""

    def __init__(self, service: Service, rng: random.Random):
        self.service = service
        self.rng = rng
        self.seed = 0
        # The servers of the last good content, by name, and the names whose file is wrong now.
        self.wanted: dict[str, int] = {}
        self.broken: set[str] = set()
        self.counts: dict[str, int] = {}

    def path(self, name: str) -> Path:
        return self.service.configs / f"{name}.yaml"

    def good(self, name: str) -> dict:
        """Every content is new, and its number of rows tells which one was published."""
        self.seed += 1
        servers = 5 + self.seed % 300
        self.wanted[name] = servers
        self.broken.discard(name)
        # Every manifest stays, for the reader's check at the end; half of the datasets have a panel per generation.
        output = {"output": {"filename": "panel-{generation}.parquet"}} if int(name[-2:]) % 2 else {}
        data = {"num_servers": servers, "random_seed": self.seed}
        return config(name, data, retention={"keep_last": 1000}, **output)

    def step(self) -> None:
        name = self.rng.choice(SOAK_NAMES)
        there = self.path(name).exists()
        acts = [self.write, self.replace, self.corrupt] + ([self.touch, self.remove] if there else [])
        act = self.rng.choice(acts)
        self.counts[act.__name__] = self.counts.get(act.__name__, 0) + 1
        act(name)

    def write(self, name: str) -> None:
        fleet.write_config(self.path(name), self.good(name))

    def replace(self, name: str) -> None:
        self.service.put(name, self.good(name))

    def corrupt(self, name: str) -> None:
        self.broken.add(name)
        self.path(name).write_text(self.rng.choice(["data_generation: [\n", "nonsense: 1\n", "data_generation:\n  num_servers: -1\n", ""]))

    def touch(self, name: str) -> None:
        self.path(name).touch()

    def remove(self, name: str) -> None:
        self.path(name).unlink()
        self.broken.discard(name)
