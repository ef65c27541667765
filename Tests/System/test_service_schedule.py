"""Runs by the clock. Ids are those of the requirements."""

import datetime
import re
import tempfile

import pytest

from manager import wait_for
from service import config


def schedule(cron: str, **changes) -> dict:
    return config("tiny", schedule={"cron": cron} | changes)


def test_c12_the_shortest_schedules_run_on_time_and_never_early(make):
    """The state is in memory, so that no disk hides a run that begins a clock tick too early."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        service = make()
        service.state.symlink_to(memory)
        service.put("tiny", schedule("@every 2s"))
        service.start()
        service.await_event("run-published", "tiny")
        runs: dict[float, float] = {}

        def collected() -> bool:
            run = service.memory("tiny")["last_run"]
            if run["due"]:
                due, started = (datetime.datetime.fromisoformat(run[name]).timestamp() for name in ("due", "started"))
                runs[due] = started
            return len(runs) >= 6

        wait_for("six scheduled runs", collected, 30)
        service.stop()
    times = sorted(runs)
    assert all(due % 2 == 0 for due in times)
    assert [later - earlier for earlier, later in zip(times, times[1:])] == [2] * (len(times) - 1), "a time was left out"
    assert not service.count("schedule-missed")
    late = [started - due for due, started in runs.items()]
    assert max(late) <= 1, late
    assert min(late) >= 0, f"a run began before its time, so for one that is due at midnight yesterday is the day before: {late}"


def test_c12_many_that_are_due_at_once_run_once_each_and_few_at_a_time(make, clock):
    clock.set("2031-05-05T02:00:00")
    service = make(env=clock.environment(), options=("--parallelism", "2"))
    names = [f"d{number:03}" for number in range(200)]
    for name in names:
        service.put(name, config(name, {"num_servers": 1}, schedule="15 2 * * *"))
    service.start()
    wait_for("all published", lambda: service.count("run-published") == len(names), 120)
    service.await_idle()
    clock.set("2031-05-05T02:14:58")
    wait_for("all run again", lambda: service.count("run-up-to-date", reason="schedule") == len(names), 60)
    service.await_idle()
    begun = [entry["dataset"] for entry in service.events("run-started", reason="schedule")]
    assert sorted(begun) == names, "one ran twice, or not"
    running, most = set(), 0
    for entry in service.events():
        if entry.get("event") == "run-started":
            running.add(entry["run_id"])
        elif entry.get("event") in ("run-published", "run-up-to-date"):
            running.discard(entry["run_id"])
        most = max(most, len(running))
    assert most == 2
    assert not service.count("schedule-missed") and not service.count("run-skipped")


def test_c8_a_schedule_is_taken_over_by_an_edit_and_ends_with_its_removal(make):
    service = make()
    service.put("tiny", schedule("@yearly"))
    service.start()
    service.await_event("run-published", "tiny")
    service.put("tiny", schedule("@every 1s"))
    service.await_event("run-up-to-date", "tiny", count=2, reason="schedule")
    service.put("tiny", config("tiny"))
    service.ask("reload")
    rows = service.await_idle()
    assert rows["tiny"]["next_run"] is None
    count = service.count("run-started", "tiny")
    service.assert_watched_up_to_here()
    with pytest.raises(AssertionError, match="not within"):
        wait_for("another run", lambda: service.count("run-started", "tiny") > count, 2)


@pytest.mark.parametrize("policy, runs", [("last", 1), ("none", 0), ("all:2", 2)])
def test_c7_what_was_missed_while_the_service_was_down_is_caught_up_by_policy_and_once(make, policy, runs):
    service = make()
    service.put("tiny", schedule("@yearly", catch_up=policy))
    service.start()
    service.await_event("run-published", "tiny")
    service.stop()
    path = service.state / "datasets/tiny.json"
    # Five New Years lie between.
    since = int(datetime.datetime(datetime.datetime.now().year - 5, 6, 1).timestamp())
    text, count = re.subn(r"since=\d+ last=-", f"since={since} last=-", path.read_text())
    assert count == 1
    path.write_text(text)
    service.start()
    service.await_event("schedule-missed", "tiny")
    rows = service.await_idle()
    assert service.count("schedule-caught-up", "tiny") == runs
    assert not service.events("run-skipped"), "said to be caught up, and then skipped"
    assert len({entry["run_id"] for entry in service.events("run-started", "tiny", reason="catch-up")}) == min(1, runs)
    assert rows["tiny"]["next_run"].startswith(str(datetime.datetime.now().year + 1))
    service.stop()
    service.start()
    service.await_event("run-up-to-date", "tiny")
    service.assert_watched_up_to_here()
    assert not service.count("schedule-caught-up") and not service.count("schedule-missed")


def test_end_date_yesterday_publishes_up_to_yesterday(make):
    service = make()
    first = datetime.datetime.now(datetime.UTC).date()
    service.put("tiny", config("tiny", {"start_date": str(first - datetime.timedelta(days=30)), "end_date": "yesterday"}))
    service.start()
    service.await_event("run-published", "tiny")
    days = {first, datetime.datetime.now(datetime.UTC).date()}
    ends = {str(day - datetime.timedelta(days=1)) for day in days}
    panels = [name for name in service.files("tiny") if name.endswith(".parquet")]
    assert len(panels) == 1 and any(panels[0].endswith(f"_to_{end}.parquet") for end in ends), panels
    service.ask("trigger", "tiny")
    service.await_event("run-up-to-date", "tiny")
