"""The control commands. Ids are those of the requirements."""

import re

import pytest

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
