"""X5, D8: a run that is killed at any instant of its publication to S3. Readers see the old or the new generation; the next run finishes
the one or the other and leaves nothing else.

Every answer that a reader gets is judged by itself (s3_reading.py). One that agrees with its own ETag must be a whole object that some run
published; one that does not is the server's, noted, bounded (for moto: none) and asked for again.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from fault_proxy import Exchange, FaultProxy, Rule
from s3store import LARGE, S3Place, sha256
from store import DATASET, finish

KILLS = int(os.environ.get("FLEETSYNTH_S3_KILLS", "100"))
SEED = int(os.environ.get("FLEETSYNTH_S3_SEED", "20261124"))
# Otherwise kills that differ in nothing that matters are left out.
FULL = os.environ.get("FLEETSYNTH_S3_MATRIX", "") == "full"
WORKERS = 3
# Of a gateway's answers; under constant replacement 2 % were measured, and here it is rarer.
MOST_TORN = 0.02
# Manifests would pile up; two generations stay, so that a reader has the time of a whole run.
SETS = {"retention.keep_last": 2, "retention.grace_hours": 0}
SEEDS = [{"data_generation.random_seed": 7}, {"data_generation.random_seed": 8}]


class Reader(threading.Thread):
    """Reads the latest generation all the time, from the pointer on, and the file under the panel's final name."""

    def __init__(self, place: S3Place):
        super().__init__(daemon=True)
        self.place = place
        self.panels: set[str] = set()
        self.generations: list[int] = []
        self.wrong: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                self.read()
            except Exception as problem:
                self.wrong.append(repr(problem))
            time.sleep(0.02)

    def get(self, key: str) -> bytes:
        data = self.place.get(key)
        assert data is not None, f"{key} is not there"
        return data

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


def finish_and_check(place: S3Place, sets: dict, panels: set[str], keys: set[str]) -> bool:
    """Whether the killed run had published."""
    place.assert_readers_see_whole_objects(panels)
    status = place.publish(sets)["status"]
    assert status in ("published", "up-to-date")
    assert place.uploads() == []
    place.assert_latest_is_complete()
    unexpected = {key for key in place.keys() - keys if not key.startswith("manifests/")}
    assert not unexpected, sorted(unexpected)
    return status == "up-to-date"


@dataclass
class Outcome:
    """Of so many kills: runs that were `killed` before their end, those of them that had `published`, and what was `wrong`."""

    killed: int = 0
    published: int = 0
    wrong: list[str] = field(default_factory=list)


def killed_at_random(place: S3Place, kills: int, seed: int) -> Outcome:
    place = place.watched()
    panels = published(place)
    reader = Reader(place)
    reader.start()
    keys, longest = place.keys(), duration(place) * 1.2
    rng = random.Random(seed)
    outcome = Outcome()
    for number in range(kills):
        sets, instant = SEEDS[(number + 1) % 2], rng.uniform(0, longest)
        run = place.start(sets)
        try:
            run.wait(timeout=instant)
        except subprocess.TimeoutExpired:
            run.kill()
        killed = finish(run).returncode == -9
        try:
            had_published = finish_and_check(place, sets, panels, keys)
        except Exception as error:
            outcome.wrong.append(f"seed {seed}, kill {number} after {instant:.3f} s: {error}")
            break
        outcome.killed += killed
        outcome.published += killed and had_published
    reader.over.set()
    reader.join(timeout=60)
    outcome.wrong += reader.wrong
    assert len(set(reader.generations)) > kills / 4, f"the reader saw {len(set(reader.generations))} generations"
    assert reader.panels <= panels, f"the reader saw a panel that never was: {reader.panels - panels}"
    place.reading.assert_few_are_torn(MOST_TORN)
    readings = f"{len(reader.generations)} readings of {len(set(reader.generations))} generations"
    torn = f"{len(place.reading.torn)} torn and {len(place.reading.refused)} refused of {place.reading.answers} answers"
    print(f"{outcome.killed} of {kills} runs killed, {outcome.published} of them had published; {readings}; {torn}")
    return outcome


@pytest.mark.parametrize("sets", [SETS, SETS | LARGE], ids=["small", "three-parts"])
def test_a_kill_at_a_random_instant_leaves_whole_generations(etag_server, tmp_path, sets):
    kills = KILLS if sets is SETS else KILLS // 5
    places = [S3Place.new(tmp_path / str(number), etag_server, sets=sets) for number in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        seeds = [SEED + number for number in range(WORKERS)]
        outcomes = list(pool.map(killed_at_random, places, [kills // WORKERS] * WORKERS, seeds))
    wrong = [line for outcome in outcomes for line in outcome.wrong]
    assert not wrong, "\n".join(wrong[:10])
    killed = sum(outcome.killed for outcome in outcomes)
    assert killed > kills / 2, f"only {killed} of {kills} runs were killed before their end"
    # Both sides of the commit were met, or the instants say nothing about it.
    assert sets is not SETS or 0 < sum(outcome.published for outcome in outcomes) < killed


def kill_at(start: Callable[[], subprocess.Popen], proxy: FaultProxy, request: int, after: bool) -> int:
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
    runs.append(start())
    code = finish(runs[0]).returncode
    # Other requests of the run may still be on their way to the server.
    proxy.settle()
    proxy.set()
    return code


def chosen(operations: list[str], large: bool) -> list[tuple[int, bool]]:
    """Which requests of a run meet a kill, by their numbers from 1, and whether the server has done them then.

    Before a request is after the one that came before it, so one of each operation is enough there; what the requests of a large panel do not
    share with those of a small one is about its parts.
    """
    numbers = range(1, len(operations) + 1)
    if FULL:
        return [(number, after) for number in numbers for after in (False, True)]
    of_parts = {"UploadPart", "CompleteMultipartUpload"}
    wanted = [number for number in numbers if not large or operations[number - 1] in of_parts]
    firsts = [number for number in wanted if operations.index(operations[number - 1]) == number - 1]
    return [(number, True) for number in wanted] + [(number, False) for number in firsts]


@pytest.mark.parametrize("sets", [SETS, SETS | LARGE], ids=["small", "three-parts"])
def test_a_kill_at_any_request_leaves_whole_generations(juicefs_gateway, tmp_path, sets):
    before = S3Place.new(tmp_path / "before", juicefs_gateway, sets=sets)
    before.publish(SEEDS[1])
    traced = FaultProxy(juicefs_gateway.url)
    twin = before.seeded(tmp_path / "traced", traced.url)
    twin.publish(SEEDS[0])
    traced.close()
    panels = {sha256(data) for place in (before, twin) for key, data in place.content().items() if key.endswith(".parquet")}
    operations = [one.operation for one in traced.seen]
    kills = chosen(operations, sets is not SETS)
    assert len(kills) >= len(set(operations)) or sets is not SETS

    def attempt(kill: tuple[int, bool]) -> str | None:
        request, after = kill
        proxy = FaultProxy(juicefs_gateway.url)
        try:
            place = before.seeded(tmp_path / f"{request}-{after}", proxy.url)
            code = kill_at(lambda: place.start(SEEDS[0]), proxy, request, after)
            assert code == -9, f"exit {code}"
            finish_and_check(place, SEEDS[0], panels, twin.keys())
            if FULL:
                place.verify()
        except Exception as error:
            return f"killed {'after' if after else 'before'} request {request}, {operations[request - 1]}: {error!r}"
        finally:
            proxy.close()
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(attempt, kills) if failure]
    assert not failures, f"{len(failures)} of {len(kills)} kills:\n" + "\n".join(failures[:10])
    print(f"{len(kills)} kills at {len(operations)} requests")
