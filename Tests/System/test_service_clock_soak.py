"""The wall clock goes forth and back at random for a while. Ids are those of the requirements."""

import os
import random
import time

from clocks import Runs, utc
from manager import wait_for
from service import config
from soak import Reader

SECONDS = float(os.environ.get("FLEETSYNTH_SOAK_SECONDS", "60")) / 2
SEED = int(os.environ.get("FLEETSYNTH_SOAK_SEED", time.time_ns() % 1_000_000))
HOUR, DAY = 3_600, 86_400
# Back by this much and the new time counts for fixed times too.
FAR = 3 * HOUR
# Steps from here on are always told: more than one second is, and the service compares three numbers of whole seconds, each of
# which is cut by up to one, two of them the same way.
SURE = 3
# Following ones begin with what repeats within minutes; the others are fixed.
SCHEDULES = {"every": "@every 2s", "minute": "* * * * *", "quarter": "*/15 * * * *", "daily": "@daily", "fixed": "15 2 * * *"}
FIXED = ("daily", "fixed")


def draw(rng: random.Random) -> float:
    """How far the clock goes: seconds, hours or days. One time in six by less than what counts as a step."""
    size = rng.choice([rng.uniform(0, 0.9), rng.uniform(2.5, 59), rng.uniform(60, 3_000), rng.uniform(1, 2.9) * HOUR,
                       rng.uniform(3.1, 23) * HOUR, rng.uniform(1, 40) * DAY])
    return size * rng.choice([-1, 1])


def rewound(steps: list[tuple[float, float]], least: float) -> list[tuple[float, float]]:
    """From when to when the clock went back for a schedule: at a step that is far enough, or when short ones have gone as far together."""
    spans, latest = [], float("-inf")
    for before, after in steps:
        latest = max(latest, before)
        if before - after >= least or latest - after >= least:
            spans.append((latest, after))
            latest = after
        latest = max(latest, after)
    return spans


def allowed(due: int, spans: list[tuple[float, float]]) -> int:
    """How often a scheduled time may run: once, and once more for each time that the clock went back over it."""
    # The run may be decided a moment after the step, by the clock as it was read a moment before.
    return 1 + sum(after - 1 <= due <= before + 1 for before, after in spans)


def test_c11_soak_steps_of_the_clock_nothing_early_nothing_doubled_nothing_torn(make, manager, clock):
    print(f"seed {SEED}, {SECONDS:g} s")
    rng = random.Random(SEED)
    # Far from 2026, before which schedules may wait, and from the end of what a dataset's dates may be.
    clock.set("2100-01-01T23:59:30")
    service = make(manager=manager, env=clock.environment())
    names = list(SCHEDULES)
    for name, cron in SCHEDULES.items():
        data = {"start_date": "today-40d", "end_date": "yesterday"}
        service.put(name, config(name, data, schedule={"cron": cron}, retention={"keep_last": 1000}))
    service.start()
    wait_for("all published", lambda: all(service.generation(name) for name in names))
    runs, reader = Runs(service, *names), Reader(service, names)
    reader.start()

    steps: list[tuple[float, float]] = []
    jumps, missed = 0, 0
    # However chance has it, the fixed times come up once.
    for name, due in (("daily", utc("2100-01-03T00:00:00")), ("fixed", utc("2100-01-03T02:15:00"))):
        steps.append(clock.step(due - 1 - clock.now))
        jumps, missed = jumps + 1, missed + 1
        wait_for(f"the run of {name}", lambda: due in runs.due(name))
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and not reader.wrong:
        distance = draw(rng)
        # Now and then to right before a time that had its run, or to one that most schedules know.
        known = [due for name in names for due in runs.due(name)[-3:]]
        if known and rng.random() < 0.5:
            distance = rng.choice(known) - rng.uniform(0.2, 2) - clock.now
        elif rng.random() < 0.3:
            distance = (clock.now + distance) // DAY * DAY + rng.choice([0, 8_100]) - rng.uniform(0.2, 2) - clock.now
        steps.append(clock.step(distance))
        if abs(distance) >= SURE:
            jumps += 1
            service.await_event("clock-jumped", count=jumps, timeout=10)
        if distance > DAY:
            missed += 1
            service.await_event("schedule-missed", "quarter", count=missed)
        time.sleep(rng.uniform(0.05, 2.5))
    # The rhythm goes on after all this.
    count = len(runs.due("every"))
    wait_for("two more runs", lambda: len(runs.due("every")) >= count + 2, 15)
    service.await_idle()
    reader.over.set()
    reader.join(timeout=60)
    runs.end()

    total = {name: len(runs.seen[name]) for name in names}
    again = sum(len(runs.due(name)) - len(set(runs.due(name))) for name in names)
    print(f"{len(steps)} steps, {jumps} of them told, runs {total}, {again} of times that came again, {reader.generations} generations")
    assert service.count("clock-jumped") <= jumps + sum(1 < abs(after - before) < SURE + 0.1 for before, after in steps)
    wrong = []
    for name in names:
        spans = rewound(steps, FAR - 2 if name in FIXED else 0)
        for due, started in runs.seen[name].values():
            # A run that was decided right before a step back begins on the new clock.
            decided = any(after - 1 <= started <= after + 5 and due <= before + 1 for before, after in steps if after < before)
            if started < due and not decided:
                wrong.append(f"{name}: due {due} began {due - started} s early")
        for due in set(runs.due(name)):
            times = runs.due(name).count(due)
            if times > allowed(due, spans):
                wrong.append(f"{name}: due {due} ran {times} times, {allowed(due, spans)} allowed")
    assert not wrong, wrong[:10]
    assert all(total.values()) and total["every"] > SECONDS / 8, total
    assert not reader.wrong, reader.wrong[:10]
    assert reader.rounds > 1 and not reader.unknown()[:10]
    for event in ("run-failed", "run-failed-store", "run-failed-quality", "progress-stalled"):
        assert not service.events(event), service.events(event)[:3]
    service.stop()
    for name in names:
        service.verify(name)
        assert not service.debris(name)
