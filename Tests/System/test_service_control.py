"""The control commands. Ids are those of the requirements."""

import contextlib
import fcntl
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import fleet
from service import changed


def test_c13_status_tells_people_and_programs_the_same(tiny):
    row = tiny.status("tiny")["tiny"]
    assert (row["state"], row["generation"], row["rows"], row["last_result"]) == ("idle", 1, 600, "published")
    assert row["run_id"].startswith("tiny-") and row["reason"] == "config"
    text = tiny.ask("status").stdout
    assert re.search(r"^tiny +idle +1 +600 +published", text, re.M), text
    tiny.ask("status", "nobody", code=66)


def test_c13_trigger_runs_a_dataset_and_names_what_it_cannot(tiny):
    tiny.ask("trigger", "tiny")
    tiny.await_event("run-up-to-date", "tiny", reason="manual")
    tiny.ask("trigger", "nobody", code=66)
    assert tiny.generation("tiny") == 1


def test_c13_pause_holds_a_dataset_over_a_restart_until_resume(tiny):
    tiny.ask("pause", "tiny")
    assert tiny.status()["tiny"]["state"] == "paused"
    tiny.ask("trigger", "tiny", code=75)
    tiny.put("tiny", changed())
    tiny.ask("reload")
    assert tiny.status()["tiny"]["state"] == "paused" and tiny.generation("tiny") == 1
    tiny.stop()
    tiny.start()
    assert tiny.status()["tiny"]["state"] == "paused" and not tiny.count("run-started", "tiny")
    tiny.ask("resume", "tiny")
    tiny.await_event("run-published", "tiny", generation="2")
    tiny.ask("pause", "nobody", code=66)


def test_c13_pause_outlives_a_config_that_goes_and_comes_back(tiny):
    tiny.ask("pause", "tiny")
    (tiny.configs / "tiny.yaml").unlink()
    tiny.await_event("config-removed", "tiny")
    tiny.put("tiny", changed())
    tiny.ask("reload")
    held = tiny.status()["tiny"]["state"] == "paused"
    assert held == tiny.memory("tiny")["paused"], "the queue and the durable state disagree, so a restart changes it"


@pytest.mark.parametrize("command", [("status",), ("trigger", "tiny"), ("reload",), ("pause", "tiny"), ("resume", "tiny")])
def test_s7_commands_without_a_service_end_with_69(make, command):
    make().ask(*command, code=69)


# --- The state directory ---


def test_c13_a_pause_that_cannot_be_written_is_done_and_said_to_be_forgotten_by_a_restart(tiny):
    tiny.await_idle("tiny")
    folder = tiny.state / "datasets"
    folder.rename(tiny.state / "away")
    folder.write_text("")
    answer = tiny.ask("pause", "tiny", code=74)
    assert "tiny is paused, but a restart forgets it" in answer.stderr + answer.stdout
    assert tiny.status()["tiny"]["state"] == "paused"


def test_s7_a_second_service_with_the_same_memory_ends_with_75_and_names_the_first(tiny):
    command = [fleet.BINARY, "serve", "--config-dir", "configs", "--state-dir", "state", "--socket", "other.sock", "--log", "text"]
    second = subprocess.run([str(part) for part in command], cwd=tiny.folder, env=tiny.environment(), capture_output=True, text=True, timeout=30)
    assert second.returncode == 75
    assert f"process {tiny.pid}" in second.stderr and "--state-dir" in second.stderr
    assert tiny.status()["tiny"]["state"] == "idle"


def test_s7_a_state_directory_that_cannot_be_made_ends_with_73_and_the_remedy(make):
    service = make()
    service.state.write_text("")
    service.put("tiny")
    service.launch()
    assert service.ended() == 73
    assert "--state-dir" in service.events()[-1]["message"]


def test_s7_a_config_directory_that_must_exist_and_does_not_ends_with_66(make):
    service = make(options=("--require-config-dir",))
    service.configs.rmdir()
    service.launch()
    assert service.ended() == 66


# --- What the log says ---


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another writer holds the dataset."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def test_c13_a_try_that_is_put_off_is_told_with_its_fields(tiny):
    tiny.await_idle("tiny")
    with locked(tiny.store("tiny") / "manifests/tiny"):
        tiny.put("tiny", changed())
        retried = tiny.await_event("run-retried", "tiny")
    assert re.fullmatch(r"trying again in \d+ s, after 1 failed try", retried["message"])
    assert retried["run_id"].startswith("tiny-") and retried["reason"] == "config"
    tiny.await_event("run-published", "tiny", generation="2", timeout=60)
    assert "Service." not in tiny.log.read_text()
