"""Disks that are full or read-only, folders that may not be written, another run at the same time, damaged files."""

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import fleet
from faults import Faults
from store import DATASET, STEM, Store, finish

SECOND = {"data_generation.random_seed": 7}


@contextmanager
def file_system(place: Path, size: str):
    """A file system of its own at `place`, in memory; skips the test where that is not permitted."""
    place.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a tmpfs is not permitted: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(folder: Path) -> None:
    """Takes all the space that is left."""
    with (folder / "ballast").open("ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(1 << 16))
        except OSError:
            return


def assert_refused(store: Store, done: subprocess.CompletedProcess, code: int, word: str, before: dict[str, str]) -> None:
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    assert word in done.stderr and store.base.name in done.stderr, done.stderr
    assert done.stdout == ""
    assert store.content() == before
    store.verify()


def test_a_disk_too_small_for_the_run_is_noticed_before_it_starts(store):
    with file_system(store.base, "80m"):
        store.publish()
        before = store.content()
        done = store.run(SECOND | {"data_generation.num_servers": 200_000})
        assert done.returncode == 73 and "free" in done.stderr, done.stderr
        assert store.content() == before
        store.verify()


def test_a_disk_that_fills_up_during_the_run_leaves_the_old_generation(store, faults, tmp_path):
    first_write = first_call(faults, "write", tmp_path)
    with file_system(store.base, "80m"):
        store.publish()
        before = store.content()
        # The run waits before its first write until the disk is full.
        run = store.start(SECOND, env=faults.at(first_write, "delay 2000"))
        wait_for_staged_file(store)
        fill(store.base)
        done = finish(run)
        (store.base / "ballast").unlink()
        assert_refused(store, done, 73, "ENOSPC", before)
        assert store.publish(SECOND)["generation"] == 2


def test_a_disk_that_fills_up_during_a_large_run_leaves_the_old_generation(store, faults):
    """Large panels go past the page cache, into room that is reserved ahead; what comes after them finds none left."""
    with file_system(store.base, "160m"):
        store.publish()
        before = store.content()
        large = SECOND | {"data_generation.num_servers": 100_000}
        run = store.start(large, env=faults.at(0, "delay 100"))
        wait_for_staged_file(store)
        while run.poll() is None:
            fill(store.base)
            time.sleep(0.01)
        done = finish(run)
        (store.base / "ballast").unlink()
        assert_refused(store, done, 73, "ENOSPC", before)
        assert store.publish(large)["generation"] == 2


def first_call(faults: Faults, name: str, scratch: Path) -> int:
    """The number of the first call of that name when a second generation is published."""
    twin = Store(scratch / "twin")
    twin.publish()
    return next(call.number for call in faults.calls(twin, SECOND) if call.name == name)


def wait_for_staged_file(store: Store) -> None:
    deadline = time.monotonic() + 30
    while not any(name.endswith(".staged") for name in store.files()):
        assert time.monotonic() < deadline, "nothing was staged"
        time.sleep(0.01)


def test_a_read_only_target_is_refused(store):
    with file_system(store.base, "80m"):
        store.publish()
        before = store.content()
        subprocess.run(["mount", "-o", "remount,ro", str(store.base)], check=True)
        assert_refused(store, store.run(SECOND), 73, "read-only", before)


def test_a_folder_without_permission_is_refused(store):
    store.publish()
    before = store.content()
    folders = [store.base / "raw", store.base / "manifests" / DATASET]
    for folder in folders:
        folder.chmod(0o555)
    # The superuser may write anywhere unless it gives that right away.
    plain = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else None
    try:
        assert_refused(store, store.run(SECOND, prefix=plain), 77, "permission denied", before)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert store.publish(SECOND)["generation"] == 2


def test_a_file_in_the_place_of_the_base_folder_is_refused(store):
    store.base.write_text("not a folder")
    done = store.run()
    assert done.returncode == 73 and store.base.name in done.stderr, done.stderr
    assert store.base.read_text() == "not a folder"


def test_a_second_run_at_the_same_time_is_turned_away(store, faults, tmp_path):
    first_write = first_call(faults, "write", tmp_path)
    store.publish()
    first = store.start(SECOND, env=faults.at(first_write, "delay 2000"))
    wait_for_staged_file(store)
    second = store.run({"data_generation.random_seed": 8})
    assert second.returncode == 75 and "is being written by" in second.stderr, second.stderr
    done = finish(first)
    assert done.returncode == 0, done.stderr
    assert store.latest()["generation"] == 2
    store.verify()
    assert store.publish({"data_generation.random_seed": 8})["generation"] == 3


@pytest.mark.parametrize("name", [f"{STEM}{suffix}" for suffix in (".parquet", ".summary.json", ".sample.csv", ".report.html")] + [f"manifests/{DATASET}/1.json"])
@pytest.mark.parametrize("damage", ["a flipped bit", "a lost byte", "a lost file"])
def test_verify_notices_damage_and_names_the_file(store, name, damage):
    store.publish()
    store.verify()
    path = store.base / name
    content = bytearray(path.read_bytes())
    if damage == "a lost file":
        path.unlink()
    elif damage == "a lost byte":
        path.write_bytes(content[:-1])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    done = store.verify(code=65)
    assert name in done.stdout + done.stderr


def test_a_run_repairs_a_damaged_panel(store):
    store.publish()
    whole = fleet.sha256(store.panel)
    store.panel.write_bytes(b"PAR1")
    assert store.publish()["status"] == "published"
    assert fleet.sha256(store.panel) == whole
    store.verify()


def test_verify_finds_nothing_in_an_empty_folder(store):
    store.base.mkdir()
    store.verify(code=66)


def test_a_reader_meets_whole_panels_only(store):
    """Reads the final name over and over while generations replace one another."""
    seeds = range(100, 112)
    twin = store.copy(store.folder.parent / "twin")
    expected = {}
    for seed in seeds:
        twin.publish({"data_generation.random_seed": seed})
        expected[fleet.sha256(twin.panel)] = seed
    store.publish({"data_generation.random_seed": seeds[0]})
    seen = set()
    for seed in seeds[1:]:
        writer = store.start({"data_generation.random_seed": seed})
        while writer.poll() is None:
            seen.add(fleet.sha256(store.panel))
        assert finish(writer).returncode == 0
    assert seen <= set(expected), "a reader met a file that no run finished"
    assert len(seen) > 3, "the reader was too slow to prove anything"
