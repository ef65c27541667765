"""A publication that is killed, or fails, at any of its system calls: readers see whole files, and the next run puts everything right.

Publication does its input and output on the main thread, one call after the other, so `strace` can stop it at each.
"""

import shutil

import pytest

from faults import Call, run_with_fault, sweep, traced_calls
from store import Store

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: run `make test-deps`")

SECOND = {"data_generation.random_seed": 7}
VERSIONED = {"output.filename": "panel-{generation}.parquet", "retention.keep_last": 1, "retention.grace_hours": 0}

# The overrides of the run that a publication starts from, if any, and its own.
SCENARIOS = {
    "the first publication": (None, {}),
    "the replacement of a generation": ({}, SECOND),
    "a generation beside an old one that retention removes": (VERSIONED, VERSIONED | SECOND),
}


@pytest.fixture(params=SCENARIOS, ids=[name.replace(" ", "-") for name in SCENARIOS])
def scenario(request, tmp_path):
    """The store before, the overrides of the run, its system calls, the panels a reader may see, and the store after."""
    before, sets = SCENARIOS[request.param]
    template = Store(tmp_path / "before")
    if before is not None:
        template.publish(before)
    finished = template.copy(tmp_path / "finished")
    calls = traced_calls(finished, sets)
    panels = {*template.panels().values(), *finished.panels().values()}
    assert finished.publish(sets)["status"] == "up-to-date"
    return template, sets, calls, panels, finished


def assert_next_run_puts_it_right(store: Store, sets: dict, finished: Store) -> None:
    assert store.publish(sets)["status"] in ("published", "up-to-date")
    store.verify()
    assert store.publish(sets)["status"] == "up-to-date"
    assert store.panels() == finished.panels()
    store.assert_settled(finished.files())


def test_a_kill_at_any_system_call_leaves_whole_generations(scenario, tmp_path):
    template, sets, calls, panels, finished = scenario
    assert {"write", "fsync", "close", "openat"} <= {call.name for call in calls} and len(calls) > 50

    def attempt(store: Store, call: Call) -> None:
        killed = run_with_fault(store, sets, call, "signal=KILL")
        assert killed.returncode == -9, f"not killed: exit {killed.returncode}"
        store.assert_readers_see_whole_files(panels)
        assert_next_run_puts_it_right(store, sets, finished)

    failures = sweep(template, tmp_path, calls, attempt)
    assert not failures, f"{len(failures)} of {len(calls)} kills:\n" + "\n".join(failures[:5])


ERRORS = {
    "ENOSPC": ({"write", "openat", "mkdir", "rename", "renameat2"}, {73}),
    "EIO": ({"write", "fsync", "rename", "renameat2"}, {74}),
}


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_at_any_system_call_is_reported_and_leaves_whole_generations(scenario, tmp_path, error):
    template, sets, calls, panels, finished = scenario
    names, codes = ERRORS[error]
    struck = [call for call in calls if call.name in names and "O_RDONLY" not in call.text]
    assert len(struck) > 10

    def attempt(store: Store, call: Call) -> None:
        failed = run_with_fault(store, sets, call, f"error={error}")
        assert failed.returncode in codes, f"exit {failed.returncode}: {failed.stderr}"
        assert error in failed.stderr and failed.stdout == ""
        store.assert_readers_see_whole_files(panels)
        assert_next_run_puts_it_right(store, sets, finished)

    failures = sweep(template, tmp_path, struck, attempt)
    assert not failures, f"{len(failures)} of {len(struck)} errors:\n" + "\n".join(failures[:5])


@pytest.mark.parametrize(("signal", "number"), [("INT", 2), ("TERM", 15)])
def test_a_run_that_is_asked_to_stop_leaves_the_old_generation_and_no_debris(store, tmp_path, signal, number):
    store.publish()
    before = store.content()
    calls = [call for call in traced_calls(store.copy(tmp_path / "traced"), SECOND) if call.name == "write"]
    stopped = run_with_fault(store, SECOND, calls[0], f"signal={signal}:delay_exit=500ms")
    assert stopped.returncode == 128 + number, f"exit {stopped.returncode}: {stopped.stderr}"
    assert store.content() == before
    store.verify()
    assert store.publish(SECOND)["generation"] == 2
