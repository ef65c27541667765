"""A publication that is killed, or fails, at any of its system calls: readers see whole files, and the next run puts everything right."""

import shutil
from collections import Counter
from dataclasses import dataclass

import pytest

from faults import CHANGES, Call, changes_seen_by_strace, sweep
from store import Store

SECOND = {"data_generation.random_seed": 7}
TRUTH = {"truth.cells": True, "truth.components": True, "truth.events": True, "truth.covariates": "7d", "truth.oracle": True}
VERSIONED = {"output.filename": "panel-{generation}.parquet", "retention.keep_last": 1, "retention.grace_hours": 0}

# The overrides of the run that a publication starts from, if any, and its own.
SCENARIOS = {
    "the first publication": (None, {}),
    "the replacement of a generation": ({}, SECOND),
    "the replacement of a generation with its ground truth": (TRUTH, TRUTH | SECOND),
    "a generation beside an old one that retention removes": (VERSIONED | TRUTH, VERSIONED | TRUTH | SECOND),
}


@dataclass(frozen=True)
class Scenario:
    """The store before, the overrides of the run, its calls, the panels that a reader may see, and the store as it must be after."""

    before: Store
    sets: dict
    calls: list[Call]
    panels: set[str]
    after: Store

    def assert_next_run_puts_it_right(self, store: Store) -> None:
        store.assert_readers_see_whole_files(self.panels)
        assert store.publish(self.sets)["status"] in ("published", "up-to-date")
        store.verify()
        assert store.publish(self.sets)["status"] == "up-to-date"
        assert store.panels() == self.after.panels()
        store.assert_settled(self.after.files())


@pytest.fixture(params=SCENARIOS, ids=[name.replace(" ", "-") for name in SCENARIOS])
def scenario(request, tmp_path, faults) -> Scenario:
    first, sets = SCENARIOS[request.param]
    before = Store(tmp_path / "before")
    if first is not None:
        before.publish(first)
    after = before.copy(tmp_path / "after")
    calls = faults.calls(after, sets)
    panels = {*before.panels().values(), *after.panels().values()}
    assert after.publish(sets)["status"] == "up-to-date"
    return Scenario(before, sets, calls, panels, after)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: run `make test-deps`")
def test_no_change_of_the_store_gets_past_the_list_of_calls(scenario, tmp_path):
    listed = Counter(call.name for call in scenario.calls if call.name in CHANGES.values())
    assert changes_seen_by_strace(scenario.before.copy(tmp_path / "traced"), scenario.sets) == listed
    assert {"create", "write", "fsync", "rename", "flock"} <= set(listed)


def test_a_kill_at_any_system_call_leaves_whole_generations(scenario, faults, tmp_path):
    def attempt(store: Store, call: Call) -> None:
        killed = store.run(scenario.sets, env=faults.at(call.number, "kill"))
        assert killed.returncode == -9, f"not killed: exit {killed.returncode}"
        scenario.assert_next_run_puts_it_right(store)

    failures = sweep(scenario.before, tmp_path, scenario.calls, attempt)
    assert not failures, f"{len(failures)} of {len(scenario.calls)} kills:\n" + "\n".join(failures[:5])


# Calls that can fail this way, and the exit code.
ERRORS = {"ENOSPC": ({"create", "write", "mkdir", "rename"}, 73), "EIO": ({"write", "fsync", "rename"}, 74)}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_of_any_system_call_is_reported_and_leaves_whole_generations(scenario, faults, tmp_path, error):
    names, code = ERRORS[error]
    struck = [call for call in scenario.calls if call.name in names]

    def attempt(store: Store, call: Call) -> None:
        failed = store.run(scenario.sets, env=faults.failing(call.number, error))
        assert error in failed.stderr
        if failed.returncode == 0:
            # Retention comes after the commit: it is reported, and is no reason to call a published generation failed.
            assert "The new generation is published" in failed.stderr and '"status":"published"' in failed.stdout
        else:
            assert failed.returncode == code, f"exit {failed.returncode}: {failed.stderr}"
            assert failed.stdout == ""
        scenario.assert_next_run_puts_it_right(store)

    failures = sweep(scenario.before, tmp_path, struck, attempt)
    assert len(struck) > 10
    assert not failures, f"{len(failures)} of {len(struck)} errors:\n" + "\n".join(failures[:5])


@pytest.mark.parametrize(("name", "number"), [("SIGHUP", 1), ("SIGINT", 2), ("SIGTERM", 15)])
def test_a_run_that_is_asked_to_stop_leaves_the_old_generation_and_no_debris(store, faults, tmp_path, name, number):
    store.publish()
    before = store.content()
    first_write = next(call for call in faults.calls(store.copy(tmp_path / "traced"), SECOND) if call.name == "write")
    stopped = store.run(SECOND, env=faults.at(first_write.number, f"signal {number}"))
    assert stopped.returncode == 128 + number, f"{name}: exit {stopped.returncode}: {stopped.stderr}"
    assert store.content() == before
    store.verify()
    assert store.publish(SECOND)["generation"] == 2
