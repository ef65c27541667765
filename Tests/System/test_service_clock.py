"""The wall clock is set while the service runs, or while it does not. Ids are those of the requirements.

Each test is a row of this table; its clock is the service's own. "Fixed" are schedules like `15 2 * * *`, the others follow the clock.

| the clock goes | fixed | following |
| --- | --- | --- |
| by a second | as if nothing had happened | the same |
| forward | what lies between was missed | the same, and the rhythm goes on |
| back by less than three hours | no second run | goes on with the clock |
| back by more | the new time counts | the same |
| to before 2026, as a clock without a battery | waits | waits |
"""

import time

import pytest

from clocks import Clock, Runs, moment, utc
from manager import wait_for
from service import Service, config

# Long enough to see a run that should not be; the schedules of these tests come round within seconds.
QUIET = 1.5


@pytest.fixture
def begin(make, manager, clock):
    """Starts a service at a time of its clock with a dataset on schedule, whose first run is over."""
    collectors = []

    def one(text: str, cron: str, **policies) -> tuple[Service, Runs]:
        clock.set(text)
        service = make(manager=manager, env=clock.environment())
        service.put("tiny", config("tiny", schedule={"cron": cron} | policies))
        service.start()
        service.await_event("run-published", "tiny")
        service.await_idle()
        collectors.append(Runs(service, "tiny"))
        return service, collectors[-1]

    yield one
    for collector in collectors:
        collector.end()


def await_runs(runs: Runs, *times: str) -> None:
    """Waits until exactly these scheduled times had their run."""
    wanted = [utc(time) for time in times]
    wait_for(f"runs {wanted}", lambda: runs.due() == wanted, 10)


def assert_no_more(runs: Runs, seconds: float = QUIET) -> None:
    before = runs.due()
    with pytest.raises(AssertionError, match="not within"):
        wait_for("another run", lambda: runs.due() != before, seconds)


def test_c11_the_clock_of_these_tests_is_the_services(begin, clock):
    service, runs = begin("2031-05-05T23:59:57", "@daily")
    await_runs(runs, "2031-05-06T00:00:00")
    [(due, started)] = runs.seen["tiny"].values()
    assert 0 <= started - due <= 1
    assert abs(moment(service.events("service-ready")[0]["time"]) - clock.now) < 60


@pytest.mark.parametrize("seconds", [-0.9, 0.9])
def test_c11_a_step_of_less_than_a_second_is_none(begin, clock, seconds):
    service, runs = begin("2031-05-05T12:00:00", "@every 2s")
    wait_for("two runs", lambda: len(runs.due()) >= 2, 10)
    clock.step(seconds)
    count = len(runs.due())
    wait_for("two more", lambda: len(runs.due()) >= count + 2, 10)
    times = runs.due()
    assert times == list(range(times[0], times[-1] + 1, 2)), "a time was left out or ran twice"
    assert not service.count("clock-jumped") and not service.count("schedule-missed")


@pytest.mark.parametrize("cron", ["15 2 * * *", "*/15 * * * *"], ids=["fixed", "following"])
def test_c11_forward_by_less_than_a_minute_is_on_time(begin, clock, cron):
    service, runs = begin("2031-05-05T02:14:30", cron)
    clock.set("2031-05-05T02:15:30")
    await_runs(runs, "2031-05-05T02:15:00")
    service.await_event("run-up-to-date", "tiny", reason="schedule")
    assert service.count("clock-jumped") == 1 and not service.count("schedule-missed") and not service.count("schedule-caught-up")


@pytest.mark.parametrize("policy, caught_up, missed", [("last", 1, "4"), ("none", 0, "5"), ("all:3", 3, "2"), ("all:9", 5, None)])
def test_c11_forward_over_fixed_times_is_as_if_they_were_missed(begin, clock, policy, caught_up, missed):
    service, runs = begin("2031-05-05T02:00:00", "15 2 * * *", catch_up=policy)
    clock.set("2031-05-09T18:00:00")
    service.await_event("clock-jumped")
    if caught_up:
        service.await_event("schedule-caught-up", "tiny", count=caught_up)
        wait_for("a run", runs.due, 10)
        service.await_idle()
        time.sleep(0.1)  # Until the collector has seen the last of them.
    assert_no_more(runs)
    assert service.count("schedule-caught-up", "tiny") == caught_up
    times = [utc(f"2031-05-{day:02}T02:15:00") for day in range(5, 10)][5 - caught_up :]
    assert len(set(runs.due())) == len(runs.due()) and set(runs.due()) <= set(times)
    told = [entry["message"].split()[0] for entry in service.events("schedule-missed", "tiny")]
    assert told == ([missed] if missed else [])
    assert service.status()["tiny"]["next_run"] == "2031-05-10T02:15:00Z"


def test_c11_forward_by_hours_a_schedule_of_every_minute_runs_once_and_goes_on(begin, clock):
    service, runs = begin("2031-05-05T08:59:30", "* * * * *")
    clock.set("2031-05-05T13:59:57")
    await_runs(runs, "2031-05-05T13:59:00", "2031-05-05T14:00:00")
    assert [entry["message"].split()[0] for entry in service.events("schedule-missed", "tiny")] == ["299"]


def test_c11_back_by_less_than_three_hours_a_fixed_time_has_no_second_run(begin, clock):
    service, runs = begin("2031-05-05T02:14:57", "15 2 * * *")
    await_runs(runs, "2031-05-05T02:15:00")
    clock.set("2031-05-05T00:14:57")
    service.await_event("clock-jumped")
    assert service.status()["tiny"]["next_run"] == "2031-05-06T02:15:00Z"
    clock.set("2031-05-05T02:14:58")
    service.await_event("clock-jumped", count=2)
    assert_no_more(runs, 4)
    assert not service.count("schedule-missed") and not service.count("schedule-caught-up")


@pytest.mark.parametrize("cron, first, again", [
    ("* * * * *", "2031-05-05T02:15:00", "2031-05-05T00:15:00"), ("*/15 * * * *", "2031-05-05T02:15:00", "2031-05-05T00:15:00"),
    ("@every 60s", "2031-05-05T02:15:00", "2031-05-05T00:15:00"), ("15 * * * *", "2031-05-05T02:15:00", "2031-05-05T00:15:00"),
], ids=["minute", "quarter", "every", "hour"])
def test_c11_back_by_less_than_three_hours_what_follows_the_clock_goes_on_with_it(begin, clock, cron, first, again):
    service, runs = begin("2031-05-05T02:14:57", cron)
    await_runs(runs, first)
    clock.set("2031-05-05T00:14:57")
    service.await_event("clock-jumped")
    await_runs(runs, first, again)
    assert not service.count("schedule-missed") and not service.count("schedule-caught-up")


@pytest.mark.parametrize("cron", ["15 2 * * *", "*/15 * * * *"], ids=["fixed", "following"])
def test_c11_back_by_more_the_new_time_counts(begin, clock, cron):
    service, runs = begin("2031-05-05T02:14:57", cron)
    await_runs(runs, "2031-05-05T02:15:00")
    clock.set("2031-05-03T02:14:57")
    service.await_event("clock-jumped")
    await_runs(runs, "2031-05-05T02:15:00", "2031-05-03T02:15:00")
    assert not service.count("schedule-missed") and not service.count("schedule-caught-up")


@pytest.mark.parametrize("back, again", [
    ("2031-05-05T02:14:57", []), ("2031-05-04T02:14:57", ["2031-05-04T02:15:00"]),
], ids=["little", "day"])
def test_c11_back_while_the_service_is_down_counts_as_while_it_is_up(begin, clock, back, again):
    service, runs = begin("2031-05-05T02:14:57", "15 2 * * *")
    await_runs(runs, "2031-05-05T02:15:00")
    service.stop()
    runs.end()
    clock.set(back)
    service.start()
    service.await_event("run-up-to-date", "tiny")
    later = Runs(service, "tiny")
    wait_for("the runs again", lambda: later.due()[-len(again):] == [utc(time) for time in again] if again else True, 10)
    assert_no_more(later, 5)
    later.end()
    assert not service.count("schedule-missed") and not service.count("schedule-caught-up")


def test_c7_c11_forward_while_the_service_is_down_is_caught_up(begin, clock):
    service, runs = begin("2031-05-05T02:00:00", "15 2 * * *")
    service.stop()
    clock.set("2031-05-07T12:00:00")
    service.start()
    service.await_event("schedule-caught-up", "tiny")
    assert [entry["message"].split()[0] for entry in service.events("schedule-missed", "tiny")] == ["2"]
    await_runs(runs, "2031-05-07T02:15:00")
    assert_no_more(runs)
    assert not service.count("clock-jumped"), "nobody can tell after a start"


def test_c11_a_clock_before_2026_makes_schedules_wait_and_the_right_time_does_not(begin, clock):
    service, runs = begin("1970-01-01T00:00:57", "* * * * *")
    assert_no_more(runs, 5)
    clock.set("2031-05-05T12:00:57")
    service.await_event("clock-jumped")
    await_runs(runs, "2031-05-05T12:00:00", "2031-05-05T12:01:00")


@pytest.fixture
def slow(make, manager, clock, faults):
    """A service whose state takes long to write, so that many steps come while what is due is being written down."""
    clock.set("2031-05-05T12:00:00")
    slow = faults.environment(FAULT_STORE="state/datasets", FAULT_AT=0, FAULT_EFFECT="delay 40")
    preload = f"{clock.library}:{slow['LD_PRELOAD']}"
    service = make(manager=manager, env=clock.environment(**slow | {"LD_PRELOAD": preload}))
    service.put("tiny", config("tiny", schedule={"cron": "@every 2s"}))
    service.start()
    service.await_event("run-published", "tiny")
    runs = Runs(service, "tiny")
    wait_for("a run", runs.due, 20)
    yield service, runs
    runs.end()


def step_during_a_tick(clock: Clock) -> None:
    """An hour back right after a time of the rhythm, while it is being written down."""
    time.sleep((2 - clock.now % 2) + 0.02)
    clock.step(-3600)


def test_c11_a_clock_that_goes_back_while_the_disk_is_slow_leaves_the_rhythm(slow, clock):
    service, runs = slow
    for _ in range(3):
        count = len(runs.due())
        step_during_a_tick(clock)
        wait_for("the rhythm goes on", lambda: len(runs.due()) >= count + 3, 20)


def test_c11_a_clock_that_is_set_while_the_disk_is_slow_is_told(slow, clock):
    service, _ = slow
    for turn in range(5):
        step_during_a_tick(clock)
        service.await_event("clock-jumped", count=turn + 1, timeout=5)
