"""What happens to the configs in the soak tests, and who reads what is published meanwhile."""

import hashlib
import json
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import fleet
from service import Service, config

SOAK_NAMES = [f"soak{number:02}" for number in range(12)]


def manifests(base: Path) -> Iterator[dict]:
    """Every manifest of a store."""
    for path in base.glob("manifests/*/[0-9]*.json"):
        yield json.loads(path.read_text())


class Reader(threading.Thread):
    """Reads as users do, all the time; collects what it saw, and what was wrong at once."""

    def __init__(self, service: Service, names: list[str] = SOAK_NAMES):
        super().__init__(daemon=True)
        self.service = service
        self.names = names
        self.seen: dict[tuple[str, str], set[str]] = {}
        self.generations: dict[str, int] = {}
        self.wrong: list[str] = []
        self.rounds = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            for name in self.names:
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
        known = {name: {entry["sha256"] for m in manifests(self.service.store(name)) for entry in m["artifacts"]} for name in self.names}
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
