"""Reloading on request. Ids are those of the requirements."""

import json
import signal
import subprocess
import time

import pytest

import fleet
from manager import wait_for
from service import BAD, changed, write_whole


@pytest.mark.parametrize("by", ["signal", "command"])
@pytest.mark.parametrize("good", [True, False], ids=["good", "refused"])
def test_s3_a_reload_is_told_with_its_time_in_one_datagram_and_ends_with_ready(tiny, manager, by, good):
    for turn in (1, 2):
        tiny.put("tiny", changed(turn) if good else BAD + f"# {turn}\n")
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        if by == "signal":
            tiny.process.send_signal(signal.SIGHUP)
        else:
            tiny.ask("reload", code=0 if good else 78)
        reloading = manager.await_count("RELOADING", turn)
        ready = manager.await_count("READY", turn + 1)
        end = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        assert reloading.fields["RELOADING"] == "1"
        assert begin <= int(reloading.fields["MONOTONIC_USEC"]) <= end
        assert reloading.at <= ready.at
    assert manager.order("READY", "RELOADING") == ["READY", "RELOADING", "READY", "RELOADING", "READY"]


@pytest.mark.parametrize("good", [True, False], ids=["good", "refused"])
def test_s10_the_status_after_a_reload_is_that_of_the_service(tiny, manager, good):
    if not good:
        tiny.put("tiny", BAD)
        tiny.await_event("config-refused", "tiny")
    tiny.ask("reload", code=0 if good else 78)
    wanted = "1 dataset in" if good else "1 refused"
    wait_for(f"a status with '{wanted}', but it is '{manager.last_status()}'", lambda: wanted in manager.last_status(), 5)


def test_s3_many_hangups_leave_the_service_ready(tiny, manager):
    for _ in range(20):
        tiny.process.send_signal(signal.SIGHUP)
    tiny.ask("reload")
    wait_for("as many READY as RELOADING", lambda: len(manager.all("READY")) == len(manager.all("RELOADING")) + 1)
    order = manager.order("READY", "RELOADING")
    assert order[-1] == "READY"
    assert all(one != other for one, other in zip(order, order[1:])), f"one reload began inside another: {order}"


def test_s3_reloads_at_the_same_time_are_told_as_one_after_the_other(tiny, manager):
    command = [str(fleet.BINARY), "reload", "--socket", tiny.socket.name]
    clients = [subprocess.Popen(command, cwd=tiny.folder, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [(client.communicate(timeout=60), client.returncode)[1] for client in clients] == [0] * 8
    wait_for("as many READY as RELOADING", lambda: len(manager.all("READY")) == len(manager.all("RELOADING")) + 1)
    order = manager.order("READY", "RELOADING")
    assert all(one != other for one, other in zip(order, order[1:])), f"READY while another reload goes on: {order}"


def test_s4_reload_applies_before_it_answers(make, manager):
    # Long before the events alone would have settled.
    tiny = make(manager=manager, options=("--settle", "20000"))
    tiny.put("tiny")
    tiny.start()
    tiny.await_event("run-published", "tiny")
    tiny.put("tiny", changed())
    tiny.put("other")
    report = tiny.ask("reload")
    assert "2 applied" in report.stdout
    assert set(tiny.status()) == {"tiny", "other"}
    tiny.await_event("run-published", "tiny", generation="2")


def test_s4_reload_says_what_is_there_and_nothing_of_what_is_gone(tiny):
    bad = tiny.put("bad", BAD)
    tiny.await_event("config-refused", "bad")
    tiny.ask("reload", code=78)
    bad.unlink()
    report = tiny.ask("reload")
    assert "refused" not in report.stdout and "num_servers" not in report.stdout + report.stderr
    assert set(tiny.status()) == {"tiny"}
    (tiny.configs / "tiny.yaml").unlink()
    assert "1 removed" in tiny.ask("reload").stdout
    tiny.ask("trigger", "tiny", code=66)
    assert not tiny.status()


def test_s5_a_second_file_of_a_dataset_goes_without_taking_it_along(tiny):
    second = write_whole(tiny.configs / "tiny.yml", changed())
    tiny.await_event("config-refused", "tiny")
    second.unlink()
    tiny.await_event("config-removed", "tiny")
    assert tiny.status()["tiny"]["state"] == "idle"
    tiny.ask("trigger", "tiny")


def test_w9_a_reload_without_a_config_directory_fails_and_keeps_what_is_in_force(tiny, manager):
    away = tiny.configs.rename(tiny.folder / "away")
    answer = tiny.ask("reload", code=75)
    assert "there is no such directory; keeping the configs in force" in answer.stderr
    assert tiny.await_event("reload-failed")["level"] == "warning"
    tiny.ask("trigger", "tiny")
    away.rename(tiny.configs)
    assert "1 unchanged" in tiny.ask("reload").stdout


def test_s4_a_file_is_reported_once(tiny):
    tiny.put("tiny", BAD)
    configs = json.loads(tiny.ask("reload", "--json", code=78).stdout)["configs"]
    assert [(row["file"], row["outcome"]) for row in configs] == [(f"{tiny.configs}/tiny.yaml", "refused")]
