"""The watchdog is fed by progress. Ids are those of the requirements."""

import signal
import time

import pytest

from manager import wait_for
from service import HUGE, config


def own_watchdog(pid: str = "$$") -> tuple[str, ...]:
    """Sets WATCHDOG_PID and becomes the service."""
    return ("sh", "-c", f'WATCHDOG_PID={pid} exec "$@"', "sh")


def test_s9_the_watchdog_is_fed_in_time_and_not_by_a_frozen_process(make, manager):
    service = make(manager=manager, env={"WATCHDOG_USEC": "1000000"}, prefix=own_watchdog())
    service.put("tiny")
    service.start()
    manager.await_count("WATCHDOG", 4)
    service.process.send_signal(signal.SIGSTOP)
    wait_for("frozen", lambda: service.process_state() == "T")
    count = len(manager.all("WATCHDOG"))
    with pytest.raises(AssertionError, match="not within"):
        manager.await_count("WATCHDOG", count + 1, timeout=2)
    service.process.send_signal(signal.SIGCONT)
    manager.await_count("WATCHDOG", count + 2, timeout=5)


def test_s9_the_watchdog_is_fed_during_a_big_run_and_while_stopping(make, manager):
    service = make(manager=manager, env={"WATCHDOG_USEC": "2000000"}, prefix=own_watchdog())
    service.put("huge", config("huge", HUGE))
    service.start()
    first = manager.await_count("WATCHDOG", 1)
    manager.await_count("WATCHDOG", 5)
    service.stop()
    times = [first.at, *(datagram.at for datagram in manager.all("WATCHDOG")), time.monotonic()]
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < 2
    assert not service.count("progress-stalled")


def test_s9_a_watchdog_of_another_process_is_not_fed(make, manager):
    service = make(manager=manager, env={"WATCHDOG_USEC": "200000"}, prefix=own_watchdog("1"))
    service.start()
    with pytest.raises(AssertionError, match="not within"):
        manager.await_count("WATCHDOG", 1, timeout=1)
