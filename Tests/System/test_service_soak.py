"""Many configs, and many changes for a while. Ids are those of the requirements."""

import os
import random
import time

from manager import wait_for
from soak import SOAK_NAMES, Chaos, Reader, manifests

# How long the soak test is; the seed repeats a run.
SOAK_SECONDS = float(os.environ.get("FLEETSYNTH_SOAK_SECONDS", "60"))
SOAK_SEED = int(os.environ.get("FLEETSYNTH_SOAK_SEED", time.time_ns() % 1_000_000))


def test_many_configs_are_ready_soon_and_in_little_memory(make, manager):
    count = 300
    service = make(manager=manager)
    names = [f"d{number:03}" for number in range(count)]
    for name in names:
        service.put(name)
    begin = time.monotonic()
    service.launch()
    ready = manager.await_count("READY", 1).at - begin
    at_ready = service.resident()
    wait_for("all published", lambda: service.count("run-published") == count, 120)
    published = time.monotonic() - begin
    print(f"{count} configs: READY after {ready:.3f} s with {at_ready / 1024:.1f} MiB, all published after {published:.1f} s")
    print(f"then {service.resident() / 1024:.1f} MiB, {len(service.descriptors())} descriptors")
    assert ready < 5 and service.resident() < 256 * 1024 and len(service.descriptors()) < 64
    service.ask("reload")
    assert service.count("run-started") == count
    assert sum(len(list(manifests(service.store(name)))) for name in names) == count


def test_w17_soak_nothing_torn_nothing_missed_nothing_grown(make, manager):
    service = make(manager=manager, options=("--keep-waiting",))
    print(f"seed {SOAK_SEED}, {SOAK_SECONDS:g} s")
    chaos = Chaos(service, random.Random(SOAK_SEED))
    service.start()
    for name in SOAK_NAMES:
        chaos.replace(name)
    service.ask("reload")
    wait_for("all published", lambda: all(service.generation(name) for name in SOAK_NAMES))
    reader = Reader(service)
    reader.start()

    def play(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not reader.wrong:
            chaos.step()
            time.sleep(chaos.rng.expovariate(8))

    def mend() -> None:
        """What is wrong is known; then a good content for every name, and all of it published."""
        service.ask("reload", code=78 if chaos.broken else 0)
        rows = service.status()
        there = [name for name in SOAK_NAMES if chaos.path(name).exists()]
        assert {name for name in there if rows[name]["errors"]} == chaos.broken
        for name in SOAK_NAMES:
            chaos.replace(name)
        service.ask("reload")
        service.await_idle()
        for name in SOAK_NAMES:
            rows = chaos.wanted[name] * 30  # days
            what = f"{name} with {rows} rows"
            wait_for(what, lambda: (row := service.status(name)[name])["rows"] == rows and row["state"] == "idle", 60)

    # Caches and arenas have grown after the first quarter; the rest must not grow.
    play(SOAK_SECONDS / 4)
    mend()
    descriptors, resident = len(service.descriptors()), service.resident()
    play(SOAK_SECONDS * 3 / 4)
    mend()
    reader.over.set()
    reader.join(timeout=60)
    now = (len(service.descriptors()), service.resident())
    print(f"{chaos.counts}, {reader.rounds} rounds of reading, {service.count('run-published')} generations")
    print(f"descriptors {descriptors} -> {now[0]}, resident {resident / 1024:.1f} -> {now[1] / 1024:.1f} MiB")
    assert not reader.wrong, reader.wrong[:10]
    assert reader.rounds > 1 and not reader.unknown()[:10]
    for event in ("rescan-found-change", "watch-overflow", "run-failed", "run-failed-store", "progress-stalled"):
        assert not service.events(event), service.events(event)[:3]
    assert now[0] <= descriptors + 2, service.descriptors()
    assert now[1] <= resident * 1.25 + 8 * 1024
    service.stop()
    for name in SOAK_NAMES:
        service.verify(name)
        assert not service.debris(name)
