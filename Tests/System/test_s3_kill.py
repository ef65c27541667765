"""X5, D8: a run that is killed at any instant of its publication to S3. Readers see the old or the new generation; the next run finishes
the one or the other and leaves nothing else."""

import asyncio
import json
import os
import random
import statistics
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ResponseStreamingError

from fault_proxy import Exchange, FaultProxy, Rule
from s3store import LARGE, S3Place, sha256
from store import DATASET, finish

KILLS = int(os.environ.get("FLEETSYNTH_S3_KILLS", "150"))
SEED = int(os.environ.get("FLEETSYNTH_S3_SEED", "20261124"))
WORKERS = 3
# Manifests would pile up; two generations stay, so that a reader has the time of a whole run.
SETS = {"retention.keep_last": 2, "retention.grace_hours": 0}
SEEDS = [{"data_generation.random_seed": 7}, {"data_generation.random_seed": 8}]


class Reader(threading.Thread):
    """Reads the latest generation all the time, from the pointer on, and the file under the panel's final name."""

    def __init__(self, place: S3Place):
        super().__init__(daemon=True)
        self.place = place
        self.client = place.server.client()
        self.panels: set[str] = set()
        self.generations: list[int] = []
        self.wrong: list[str] = []
        self.cut_off = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.read()
            except ResponseStreamingError:
                # JuiceFS's gateway cuts an answer off when the object is replaced meanwhile: the reader is told, and reads again.
                self.cut_off += 1
            except Exception as problem:
                self.wrong.append(repr(problem))
            time.sleep(0.02)

    def get(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.place.bucket, Key=key)["Body"].read()

    def read(self) -> None:
        pointer = json.loads(self.get(f"manifests/{DATASET}/latest.json"))
        manifest = self.get(pointer["manifest"])
        if sha256(manifest) != pointer["manifest_sha256"]:
            self.wrong.append(f"{pointer['manifest']} is not what the pointer says")
        if self.generations and pointer["generation"] < self.generations[-1]:
            self.wrong.append(f"generation {pointer['generation']} after {self.generations[-1]}")
        self.generations.append(pointer["generation"])
        panel = next(entry["key"] for entry in json.loads(manifest)["artifacts"] if entry["role"] == "panel")
        self.panels.add(sha256(self.get(panel)))


def published(place: S3Place) -> set[str]:
    """Publishes both panels in turn; returns their hashes."""
    hashes = set()
    for sets in SEEDS:
        place.publish(sets)
        hashes |= {sha256(data) for key, data in place.content().items() if key.endswith(".parquet")}
    assert len(hashes) == 2
    return hashes


def duration(place: S3Place) -> float:
    """How long a run takes that publishes."""
    times = []
    for sets in SEEDS + SEEDS[:1]:
        started = time.monotonic()
        place.publish(sets)
        times.append(time.monotonic() - started)
    return statistics.median(times)


def finish_and_check(place: S3Place, sets: dict, panels: set[str], keys: set[str]) -> None:
    place.assert_readers_see_whole_objects(panels)
    status = place.publish(sets)["status"]
    assert status in ("published", "up-to-date")
    assert place.uploads() == []
    place.assert_latest_is_complete()
    unexpected = {key for key in place.keys() - keys if not key.startswith("manifests/")}
    assert not unexpected, sorted(unexpected)


def killed_at_random(place: S3Place, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kills so many runs; returns how many of them were still running, and what was wrong."""
    panels = published(place)
    keys, longest = place.keys(), duration(place) * 1.05
    rng = random.Random(seed)
    reader = Reader(place)
    reader.start()
    cut, wrong = 0, []
    for number in range(kills):
        sets, instant = SEEDS[(number + 1) % 2], rng.uniform(0, longest)
        run = place.start(sets)
        try:
            run.wait(timeout=instant)
        except subprocess.TimeoutExpired:
            run.kill()
        cut += finish(run).returncode == -9
        try:
            finish_and_check(place, sets, panels, keys)
        except Exception as error:
            wrong.append(f"seed {seed}, kill {number} after {instant:.3f} s: {error}")
            break
    reader.over.set()
    reader.join(timeout=60)
    assert len(set(reader.generations)) > kills / 4, f"the reader saw {len(set(reader.generations))} generations"
    assert reader.panels <= panels, f"the reader saw a panel that never was: {reader.panels - panels}"
    assert reader.cut_off <= kills / 10, f"{reader.cut_off} answers were cut off"
    return cut, wrong + reader.wrong


@pytest.mark.parametrize("sets", [SETS, SETS | LARGE], ids=["small", "three-parts"])
def test_a_kill_at_a_random_instant_leaves_whole_generations(s3_server, tmp_path, sets):
    kills = KILLS if sets is SETS else KILLS // 5
    places = [S3Place.new(tmp_path / str(number), s3_server, sets=sets) for number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(killed_at_random, places, [kills // WORKERS] * WORKERS, [SEED + number for number in range(WORKERS)]))
    wrong = [line for _, lines in results for line in lines]
    assert not wrong, "\n".join(wrong[:10])
    cut = sum(cut for cut, _ in results)
    assert cut > kills / 2, f"only {cut} of {kills} runs were killed before their end"


def kill_at(place: S3Place, proxy: FaultProxy, request: int, after: bool) -> int:
    """A run that is killed at that request, before the server hears of it or after it has answered; returns its exit code."""
    runs: list[subprocess.Popen] = []

    async def kill(exchange: Exchange) -> None:
        if after:
            await exchange.forward()
        while not runs:
            await asyncio.sleep(0.005)
        runs[0].kill()
        exchange.drop()

    proxy.set(Rule(kill, first=request))
    runs.append(place.start(SEEDS[0]))
    code = finish(runs[0]).returncode
    # Other requests of the run may still be on their way to the server.
    proxy.settle()
    proxy.set()
    return code


@pytest.mark.parametrize("after", [False, True], ids=["before-the-server-hears", "after-the-server-answers"])
@pytest.mark.parametrize("sets", [SETS, SETS | LARGE], ids=["small", "three-parts"])
def test_a_kill_at_any_request_leaves_whole_generations(juicefs_gateway, tmp_path, sets, after):
    before = S3Place.new(tmp_path / "before", juicefs_gateway, sets=sets)
    before.publish(SEEDS[1])
    traced = FaultProxy(juicefs_gateway.url)
    twin = before.seeded(tmp_path / "traced", traced.url)
    twin.publish(SEEDS[0])
    traced.close()
    panels = {sha256(data) for place in (before, twin) for key, data in place.content().items() if key.endswith(".parquet")}
    requests = len(traced.seen)
    assert requests > 10

    def attempt(request: int) -> str | None:
        proxy = FaultProxy(juicefs_gateway.url)
        try:
            place = before.seeded(tmp_path / str(request), proxy.url)
            code = kill_at(place, proxy, request, after)
            assert code == -9, f"exit {code}"
            finish_and_check(place, SEEDS[0], panels, twin.keys())
            place.verify()
        except Exception as error:
            return f"killed at request {request}, {traced.seen[request - 1].operation} {traced.seen[request - 1].key}: {error!r}"
        finally:
            proxy.close()
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(attempt, range(1, requests + 1)) if failure]
    assert not failures, f"{len(failures)} of {requests} kills:\n" + "\n".join(failures[:10])
