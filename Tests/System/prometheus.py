"""Debian's Prometheus: `promtool`, and a server that scrapes on the loopback interface."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

import fleet
from manager import wait_for
from service import Service
from web import free_port

MONITORING = fleet.ROOT / "monitoring"
UNPACKED = fleet.ROOT / ".build/prometheus/usr/bin"
NAME = re.compile(r"\b(?:fleetsynth|process)_\w+\b")


def program(name: str) -> str:
    """`promtool` or `prometheus`: installed, or as `make prometheus` unpacks them."""
    found = shutil.which(name, path=os.pathsep.join([str(UNPACKED), os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip(f"{name} is missing, so metrics and rules go unchecked by it: make prometheus")
    return found


def promtool(*arguments: str | Path, text: str = "") -> str:
    done = subprocess.run([program("promtool"), *map(str, arguments)], input=text, capture_output=True, text=True, timeout=60, cwd=MONITORING)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


class Scrape:
    """One answer, read by the Prometheus project's own parser for Python."""

    def __init__(self, text: str):
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.values: dict[tuple, float] = {}
        for family in self.families.values():
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in self.values, f"{key} twice"
                self.values[key] = sample.value

    def value(self, metric: str, **labels: str) -> float | None:
        """Of one series; the names without their prefix."""
        return self.values.get((f"fleetsynth_{metric}", frozenset(labels.items())))

    def total(self, metric: str, **labels: str) -> float:
        """Over all series with these labels, whatever else they have."""
        wanted = set(labels.items())
        return sum(value for (name, own), value in self.values.items() if name == f"fleetsynth_{metric}" and wanted <= own)

    @property
    def names(self) -> set[str]:
        """What a query may name."""
        found = {name for name, _ in self.values}
        for family in self.families.values():
            found.add(family.name + "_total" if family.type == "counter" else family.name)
            if family.type == "histogram":
                found |= {family.name + suffix for suffix in ("_bucket", "_sum", "_count")}
        return found


def scrape(service: Service) -> Scrape:
    return Scrape(service.ask("status", "--metrics").stdout)


class Server:
    """A Prometheus of its own, asked through its HTTP interface."""

    def __init__(self, port: int):
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, **query: str) -> dict:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def query(self, expression: str) -> list[tuple[dict, float]]:
        return [(row["metric"], float(row["value"][1])) for row in self.get("query", query=expression)["result"]]


@contextlib.contextmanager
def server(folder: Path, target: str) -> Iterator[Server]:
    """Scrapes `target`, the address of a service, every second, with the shipped rules."""
    port = free_port()
    config = folder / "prometheus.yml"
    shipped = (MONITORING / "prometheus.yml").read_text()
    changes = {"scrape_interval: 30s": "scrape_interval: 1s", "127.0.0.1:9750": target, "- fleetsynth.rules.yml": f"- {MONITORING}/fleetsynth.rules.yml"}
    for old, new in changes.items():
        assert old in shipped
        shipped = shipped.replace(old, new)
    config.write_text(f"global: {{ evaluation_interval: 1s }}\n{shipped}")
    command = [program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        own = Server(port)
        wait_for("Prometheus", lambda: own.is_ready() or process.poll() is not None, 60)
        assert process.poll() is None, (folder / "prometheus.log").read_text()
        yield own
    finally:
        process.terminate()
        process.wait(timeout=30)
