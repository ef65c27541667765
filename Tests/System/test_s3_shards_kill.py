"""X5, D8: a shard or a commit that is killed at any request to S3. Readers see the old generation or the new one, and the same command again finishes
the work and leaves nothing else. `FLEETSYNTH_S3_MATRIX=full` kills before and after every request."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import fleet
from fault_proxy import FaultProxy
from s3servers import S3Server
from s3store import SECOND, S3Place, environment, sha256
from store import DATASET, finish
from test_s3_kill import WORKERS, chosen, kill_at

COUNT = 3
# Two files to a shard, and a table that the commit makes.
SETS = {"retention.keep_last": 2, "retention.grace_hours": 0, "truth.cells": True, "truth.events": True}


@dataclass(frozen=True)
class Table:
    """A generation by one process, then a table in shards of the same dataset; all of it through a proxy."""

    place: S3Place
    proxy: FaultProxy

    @classmethod
    def new(cls, folder: Path, server: S3Server) -> "Table":
        proxy = FaultProxy(server.url)
        table = cls(S3Place.new(folder, server, proxy.url, SETS), proxy)
        table.place.publish(SECOND)
        return table

    def start(self, name: str, *options) -> subprocess.Popen:
        line = [fleet.BINARY, name, "--config", f"{DATASET}.yaml", "--json", *fleet.overrides(SETS), *options]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([str(part) for part in line], env=environment(), cwd=self.place.folder, **streams)

    def shard(self, index: int) -> subprocess.Popen:
        return self.start("generate", "--shard", f"{index}/{COUNT}")

    def commit(self) -> subprocess.Popen:
        return self.start("commit", "--shards", COUNT)

    @staticmethod
    def done(run: subprocess.Popen) -> dict:
        ended = finish(run)
        assert ended.returncode == 0, f"exit {ended.returncode}\n{ended.stderr}"
        return json.loads(ended.stdout)

    def traced(self, run: Callable[[], subprocess.Popen]) -> list[str]:
        """The operations of a run, in order."""
        self.proxy.set()
        self.done(run())
        return [one.operation for one in self.proxy.seen]

    def killed(self, run: Callable[[], subprocess.Popen], request: int, after: bool) -> None:
        """Kills a run at that request, before the server hears of it or after it has answered."""
        code = kill_at(run, self.proxy, request, after)
        assert code == -9, f"exit {code}"

    def parts(self) -> dict[str, str]:
        """Name and hash of every part of the latest generation."""
        manifest = json.loads(self.place.get(self.place.latest()["manifest"]))
        return {entry["key"]: entry["sha256"] for entry in manifest["artifacts"] if "part-" in entry["key"]}

    def assert_settled(self, expected: dict[str, str]) -> None:
        """Both generations, whole, the second of these parts, and nothing else."""
        assert self.place.generation() == 2 and self.parts() == expected
        manifests = {f"manifests/{DATASET}/{number}.json" for number in (1, 2)}
        named = {entry["key"] for key in manifests for entry in json.loads(self.place.get(key))["artifacts"]}
        self.place.assert_settled(named | manifests | {f"manifests/{DATASET}/latest.json"})
        for key in manifests:
            for entry in json.loads(self.place.get(key))["artifacts"]:
                assert sha256(self.place.get(entry["key"])) == entry["sha256"], entry["key"]


def matrix(tmp_path: Path, server: S3Server, operations: list[str], attempt: Callable[[Table, int, bool], None]) -> None:
    kills = chosen(operations, False)
    assert len(kills) >= len(operations)

    def one(kill: tuple[int, bool]) -> str | None:
        request, after = kill
        table = Table.new(tmp_path / f"{request}-{after}", server)
        try:
            attempt(table, request, after)
        except Exception as error:
            return f"killed {'after' if after else 'before'} request {request}, {operations[request - 1]}: {error!r}"
        finally:
            table.proxy.close()
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(one, kills) if failure]
    assert not failures, f"{len(failures)} of {len(kills)} kills:\n" + "\n".join(failures[:10])
    print(f"{len(kills)} kills at {len(operations)} requests")


def test_a_shard_killed_at_any_request_is_made_again(juicefs_gateway, tmp_path):
    model = Table.new(tmp_path / "model", juicefs_gateway)
    operations = model.traced(lambda: model.shard(1))
    for index in (0, 2):
        model.done(model.shard(index))
    model.done(model.commit())
    expected = model.parts()
    assert len(expected) == 2 * COUNT
    model.assert_settled(expected)
    model.proxy.close()

    def attempt(table: Table, request: int, after: bool) -> None:
        table.killed(lambda: table.shard(1), request, after)
        assert table.place.generation() == 1 and not any("part-" in key for key in table.place.keys() if key.endswith(".parquet"))
        for index in range(COUNT):
            assert table.done(table.shard(index))["status"] in ("staged", "already-staged")
        assert table.done(table.commit())["status"] == "published"
        table.assert_settled(expected)

    matrix(tmp_path, juicefs_gateway, operations, attempt)


def test_a_commit_killed_at_any_request_is_finished_or_taken_back(juicefs_gateway, tmp_path):
    model = Table.new(tmp_path / "model", juicefs_gateway)
    for index in range(COUNT):
        model.done(model.shard(index))
    operations = model.traced(model.commit)
    expected = model.parts()
    model.assert_settled(expected)
    model.proxy.close()
    seen: list[int] = []

    def attempt(table: Table, request: int, after: bool) -> None:
        for index in range(COUNT):
            table.done(table.shard(index))
        table.killed(table.commit, request, after)
        # What readers have now, until somebody commits again.
        generation = table.place.generation()
        seen.append(generation)
        table.place.assert_latest_is_complete()
        assert table.parts() == (expected if generation == 2 else {})
        again = table.done(table.commit())
        assert again["status"] in ("published", "up-to-date") and again["generation"] == 2
        table.assert_settled(expected)

    matrix(tmp_path, juicefs_gateway, operations, attempt)
    # Both sides of the pointer were met.
    assert set(seen) == {1, 2}
