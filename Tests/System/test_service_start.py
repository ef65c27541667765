"""How the service starts, without systemd: readiness, signals and streams from the first moment on, wrong configs. Ids are those of the
requirements."""

import re
import signal
import socket
import subprocess
import time

import pytest

import fleet
from manager import wait_for
from service import BAD, BAD_PLACE, changed


def test_s1_ready_is_said_once_when_the_socket_answers_and_every_config_is_read(make, any_manager):
    service = make(manager=any_manager)
    names = [f"d{number:03}" for number in range(50)]
    for name in names:
        service.put(name)
    service.launch()
    any_manager.await_count("READY", 1)
    assert sorted(service.status()) == names, "READY came before the first scan was over"
    service.await_idle()
    service.stop()
    assert any_manager.order("READY", "RELOADING", "STOPPING") == ["READY", "STOPPING"]


def test_s1_without_a_manager_nothing_is_missed(make):
    service = make().start()
    service.put("tiny")
    service.await_event("run-published", "tiny")
    service.ask("reload")
    service.stop()
    assert not [entry for entry in service.events() if entry["level"] in ("warning", "error", "critical")]


def test_s1_a_manager_that_is_gone_stops_nothing(make, tmp_path):
    service = make(env={"NOTIFY_SOCKET": str(tmp_path / "nobody")}).start()
    service.put("tiny")
    service.await_event("run-published", "tiny")
    service.stop()


def test_s2_a_hangup_from_the_first_act_of_main_on_does_not_kill(make, manager):
    """Earlier, while its libraries are loaded, no program can answer: that time is the starter's, see below."""
    service = make(manager=manager)
    service.put("tiny")
    service.launch()
    # The first thing that the program does about signals at all is the one that counts.
    wait_for("main", lambda: service.survives(signal.SIGPIPE) or service.has_ended)
    wait_for("hang-ups survived", lambda: service.survives(signal.SIGHUP) or service.has_ended, 1)
    service.process.send_signal(signal.SIGHUP)
    wait_for("ready or the end", lambda: manager.all("READY") or service.has_ended)
    assert not service.has_ended, f"killed by signal {-service.process.returncode}"
    service.await_event("run-published", "tiny")


@pytest.mark.parametrize("delay", [0.002, 0.005, 0.01, 0.03])
def test_s2_the_starter_of_the_unit_covers_the_time_before_the_program(make, manager, delay):
    """`env` is small, and what it sets outlives exec. The prefix is the unit's own."""
    unit = (fleet.ROOT / "systemd/fleetsynth.service").read_text()
    line = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].split()
    program = line.index("/usr/bin/fleetsynth")
    assert line[program + 1] == "serve"
    service = make(manager=manager, prefix=tuple(line[:program]))
    service.put("tiny")
    service.launch()
    time.sleep(delay)
    service.process.send_signal(signal.SIGHUP)
    manager.await_count("READY", 1)
    service.await_event("run-published", "tiny")
    count = len(manager.all("RELOADING"))
    service.process.send_signal(signal.SIGHUP)
    manager.await_count("RELOADING", count + 1)


def test_s2_a_hangup_during_the_first_scan_is_a_reload_after_ready(make, manager):
    service = make(manager=manager)
    for number in range(300):
        service.put(f"d{number:03}")
    service.launch()
    wait_for("the socket", service.socket.exists)
    service.process.send_signal(signal.SIGHUP)
    manager.await_count("READY", 2)
    assert manager.order("READY", "RELOADING") == ["READY", "RELOADING", "READY"]


def test_s2_standard_error_that_nobody_reads_stops_nothing(make, manager):
    service = make(manager=manager)
    service.put("tiny")
    service.launch(stderr=subprocess.PIPE)
    service.process.stderr.close()
    manager.await_count("READY", 1)
    wait_for("generation 1", lambda: service.generation("tiny") == 1)
    service.put("tiny", changed())
    wait_for("generation 2", lambda: service.generation("tiny") == 2)
    service.await_idle()
    service.stop()
    service.verify("tiny")


@pytest.mark.parametrize("closed", ["2>&-", "0<&- 1>&- 2>&-"], ids=["standard-error", "all-three"])
def test_s2_closed_standard_streams_are_not_taken_by_other_files(make, manager, closed):
    service = make(manager=manager, prefix=("sh", "-c", f'exec "$@" {closed}', "sh"))
    service.put("tiny")
    service.launch()
    wait_for("ready or the end", lambda: manager.all("READY") or service.has_ended)
    assert not service.has_ended, f"exit {service.process.returncode}"
    wait_for("generation 1", lambda: service.generation("tiny") == 1)
    taken = {number: name for number, name in service.descriptors().items() if number <= 2 and name != "/dev/null"}
    assert not taken, "log lines go into these"
    service.put("tiny", changed())
    wait_for("generation 2", lambda: service.generation("tiny") == 2)
    service.await_idle()
    service.stop()
    service.verify("tiny")


def test_s2_clients_that_vanish_stop_nothing(tiny):
    for request in (b"", b"{", b"nonsense\n", b'{"request":"status"}\n' * 200):
        for _ in range(5):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.connect(str(tiny.socket))
                client.sendall(request)
    assert tiny.status()["tiny"]["state"] == "idle"
    tiny.stop()


def test_s6_only_bad_configs_at_the_start_end_with_78(make, manager):
    service = make(manager=manager)
    service.put("tiny", BAD)
    service.launch()
    assert service.ended() == 78
    assert BAD_PLACE.search(service.events("config-refused")[0]["message"])
    assert not manager.all("READY")


def test_s6_keep_waiting_stays_until_a_config_is_mended(make, manager):
    service = make(manager=manager, options=("--keep-waiting",))
    service.put("tiny", BAD)
    service.start()
    assert service.status()["tiny"]["state"] == "refused"
    service.put("tiny")
    service.await_event("run-published", "tiny")
    assert len(manager.all("READY")) == 1


def test_s6_one_good_config_is_enough_to_start(make, manager):
    service = make(manager=manager)
    service.put("tiny", BAD)
    service.put("other")
    service.start()
    service.await_event("run-published", "other")


def test_s7_a_second_service_on_the_socket_ends_with_75_and_leaves_the_first_alone(tiny, make):
    second = make(options=("--state-dir", "other-state"))
    second.lives = 10
    second.launch()
    assert second.ended() == 75
    assert tiny.status()["tiny"]["state"] == "idle"


def test_s8_a_socket_that_a_killed_service_left_is_taken_over(tiny):
    tiny.kill()
    assert tiny.socket.exists()
    tiny.start()
    assert tiny.status()["tiny"]["generation"] == 1
