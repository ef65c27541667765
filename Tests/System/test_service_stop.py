"""Stops, crashes and what a next start makes of them. Ids are those of the requirements."""

import signal
import time

import pytest
import yaml

from manager import wait_for
from service import BIG, HUGE, config


def test_s8_a_stop_lets_a_short_run_end(make, manager):
    service = make(manager=manager)
    service.put("big", config("big", BIG))
    service.start()
    wait_for("a staged file", lambda: service.debris("big"))
    service.stop()
    assert manager.all("STOPPING")
    assert not service.debris("big")
    service.verify("big")
    assert service.generation("big") == 1


def test_s8_a_stop_during_a_long_run_ends_in_time_and_leaves_no_debris(make, manager):
    service = make(manager=manager)
    service.put("big", config("big", {"num_servers": 50}))
    service.start()
    service.await_event("run-published", "big")
    before = service.files("big")
    service.put("big", config("big", HUGE))
    wait_for("a staged file", lambda: service.debris("big"))
    begin = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    manager.await_count("STOPPING", 1, timeout=2)
    assert service.ended(timeout=15) == 0
    print(f"stopped after {time.monotonic() - begin:.2f} s")
    assert service.files("big") == before
    service.verify("big")
    assert not service.socket.exists()
    assert service.memory("big")["last_run"]["end"]["verdict"] == "cancelled"


def test_s8_a_second_signal_stops_the_runs_at_once(make, manager):
    service = make(manager=manager)
    service.put("big", config("big", HUGE))
    service.start()
    wait_for("a staged file", lambda: service.debris("big"))
    service.process.send_signal(signal.SIGINT)
    entry = service.await_event("service-stopping")
    assert "1 run may end within 10 s, a second signal stops them now" in entry["message"]
    service.process.send_signal(signal.SIGINT)
    assert service.ended(timeout=6) == 0
    assert not service.debris("big")


def test_s8_nothing_begins_and_nothing_is_ready_after_stopping(make, manager):
    service = make(manager=manager)
    # Long comments, so that a reload takes a while.
    comments = ("# " + "x" * 97 + "\n") * 9_000
    for number in range(60):
        name = f"d{number:03}"
        service.put(name, comments + yaml.safe_dump(config(name, {"num_servers": 2000, "start_date": "2022-01-01"})))
    service.start()
    service.process.send_signal(signal.SIGHUP)
    manager.await_count("RELOADING", 1)
    service.process.send_signal(signal.SIGTERM)
    manager.await_count("STOPPING", 1)
    assert service.ended() == 0
    assert manager.order("READY", "STOPPING")[-1] == "STOPPING"
    stopping = service.events().index(service.events("service-stopping")[0])
    assert not [entry for entry in service.events()[stopping:] if entry.get("event") == "run-started"]


def test_s8_a_killed_service_puts_everything_right_at_the_next_start(make, manager):
    service = make(manager=manager)
    service.put("big", config("big", {"num_servers": 50}))
    service.start()
    service.await_event("run-published", "big")
    service.put("big", config("big", BIG))
    wait_for("a staged file", lambda: service.debris("big"))
    service.kill()
    service.verify("big")
    service.start()
    service.await_event("run-published", "big", generation="2")
    service.await_idle()
    assert not service.debris("big")
    service.verify("big")
    assert service.status()["big"]["state"] == "idle"


def test_s8_a_stop_during_the_first_scan_ends_with_0(make, manager):
    service = make(manager=manager)
    for number in range(300):
        service.put(f"d{number:03}")
    service.launch()
    wait_for("the socket", service.socket.exists)
    service.process.send_signal(signal.SIGTERM)
    assert service.ended(timeout=15) == 0
    assert manager.order("READY", "STOPPING")[-1] == "STOPPING"
    assert not service.socket.exists()
    service.start()
    wait_for("all published", lambda: all(service.generation(f"d{number:03}") for number in range(300)), 60)


def test_s8_damaged_memory_is_set_aside_with_a_warning(tiny):
    tiny.stop()
    path = tiny.state / "datasets/tiny.json"
    path.write_bytes(path.read_bytes()[:40])
    tiny.start()
    tiny.await_event("run-up-to-date", "tiny")
    assert [entry["dataset"] for entry in tiny.events() if entry["level"] == "warning"] == ["tiny"]
    assert path.with_name("tiny.json.damaged").exists()
    assert tiny.memory("tiny")["last_run"]["end"]["verdict"] == "up-to-date"
