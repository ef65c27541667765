"""Shards and commit on the command line: what is refused and why, what a kill leaves, and what a reader of the folder sees."""

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import fleet
from shards import Sharded

DATA = {"num_servers": 40, "start_date": "2024-01-01", "end_date": "2024-03-31"}


@pytest.fixture
def web(tmp_path) -> Sharded:
    return Sharded(fleet.write_config(tmp_path / "web.yaml", fleet.config(DATA)), tmp_path / "data", 4)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_missing_shards_are_named_and_nothing_is_published(web):
    web.stage(1)
    error = web.commit(code=66)
    assert "Shards 0, 2-3 of 4 are missing" in error and "generate --shard 0/4" in error
    assert not any(name.endswith((".parquet", "latest.json")) for name in files(web.base))
    for index in (0, 2, 3):
        web.stage(index)
    assert web.commit()["generation"] == 1


def test_a_commit_leaves_nothing_but_what_the_manifest_names(web):
    web.stage_all()
    result = web.commit()
    named = {entry["key"] for entry in web.manifest(result)["artifacts"]}
    assert files(web.base) == named | {"manifests/web/1.json", "manifests/web/latest.json"}
    assert web.commit()["status"] == "up-to-date"
    assert web.stage(2)["status"] == "published"
    assert files(web.base) == named | {"manifests/web/1.json", "manifests/web/latest.json"}
    fleet.run("verify", web.base)


def folders(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()}


def test_folders_go_with_their_last_file_and_no_others_do(web):
    first = Sharded(web.config, web.base, 3, sets=(("retention.keep_last", 1), ("retention.grace_hours", 0)))
    second = Sharded(web.config, web.base, 3, sets=(*first.sets, ("data_generation.random_seed", 7)))
    abandoned = Sharded(web.config, web.base, 3, sets=(*first.sets, ("data_generation.random_seed", 8)))
    (web.base / "raw/notes").mkdir(parents=True)
    first.stage_all()
    old = Path(first.commit()["panel"])
    assert [path for path in folders(web.base) if path.startswith("raw/_staging")] == []
    (old / "of-a-person.txt").write_text("stays")
    abandoned.stage(1)
    second.stage_all()
    new = Path(second.commit()["panel"])
    # What somebody put there keeps its folder; an empty one that is nobody's of ours stays, too.
    relative = {str(path.relative_to(web.base)) for path in (old, new)}
    assert folders(web.base) == {"raw", "raw/notes", "raw/web", "manifests", "manifests/web"} | relative
    assert [path.name for path in old.iterdir()] == ["of-a-person.txt"]
    first.stage_all("--force")
    third = Path(first.commit("--force")["panel"])
    assert third == old and not new.exists()
    fleet.run("verify", web.base)


def test_the_same_shard_again_or_twice_at_once_gives_the_same_bytes(web):
    first = web.stage(1)
    assert first["status"] == "staged"
    again = web.stage(1)
    assert (again["status"], again["sha256"]) == ("already-staged", first["sha256"])
    web.stage_all("--force")
    result = web.commit()
    assert fleet.sha256(web.parts(result)[1]) == first["sha256"]
    fleet.run("verify", web.base)


def test_a_shard_killed_in_the_middle_is_missing_then_made_again(web):
    big = Sharded(web.config, web.base, 4, sets=(("data_generation.num_servers", 20_000), ("data_generation.start_date", "2022-01-01")))
    command = [str(fleet.BINARY), "generate", *big.options(), "--shard", "2/4", "--threads", "1"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=fleet.environment())
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size > 1 << 16 for path in web.base.rglob(".part-00002*.staged")):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    run.send_signal(signal.SIGKILL)
    run.wait()
    for index in (0, 1, 3):
        big.stage(index)
    assert "Shard 2 of 4 is missing" in big.commit(code=66)
    assert big.stage(2)["status"] == "staged"
    result = big.commit()
    assert result["rows"] == 20_000 * 821
    # What the killed process had written is gone, too.
    named = {entry["key"] for entry in big.manifest(result)["artifacts"]}
    assert files(web.base) == named | {"manifests/web/1.json", "manifests/web/latest.json"}
    fleet.run("verify", web.base)


def test_a_shard_stopped_by_a_signal_removes_what_it_staged(web):
    big = Sharded(web.config, web.base, 2, sets=(("data_generation.num_servers", 40_000), ("data_generation.start_date", "2022-01-01")))
    command = [str(fleet.BINARY), "generate", *big.options(), "--shard", "0/2", "--threads", "1"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=fleet.environment())
    deadline = time.monotonic() + 60
    while not any(web.base.rglob(".part-*.staged")):
        assert run.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=30) == 143
    assert (files(web.base), folders(web.base)) == (set(), {"raw"})


def test_a_commit_of_a_mistyped_place_makes_nothing_there(web):
    nowhere = Sharded(web.config, web.base.parent / "nowhere", 4)
    assert "Shards 0-3 of 4 are missing" in nowhere.commit(code=66)
    assert not nowhere.base.exists()
    web.stage(1)
    before = folders(web.base)
    assert "Shards 0, 2-3 of 4 are missing" in web.commit(code=66)
    assert folders(web.base) == before


def test_verify_does_not_promise_that_a_run_takes_away_what_shards_have_staged(web):
    web.stage_all()
    web.commit()
    other = Sharded(web.config, web.base, 2, sets=(("data_generation.random_seed", 7),))
    other.stage(1)
    [line] = [line for line in fleet.run("verify", web.base).stdout.splitlines() if "part-00001-of-00002" in line]
    assert line.startswith("staged by a shard: ") and "fleetsynth commit" in line and "next start" not in line
    other.stage(0)
    other.commit()
    assert "staged" not in fleet.run("verify", web.base).stdout


def test_one_part_is_one_part(web):
    one = Sharded(web.config, web.base, 1)
    one.stage_all()
    done = fleet.run("commit", *one.options(), "--shards", "1")
    assert "/ (1 part)" in done.stdout


def test_a_shard_says_that_a_file_name_is_not_heeded(web):
    named = Sharded(web.config, web.base, 1, sets=(("output.filename", "mine_{generation}.parquet"),))
    done = fleet.run("generate", *named.options(), "--shard", "0/1")
    [line] = [line for line in done.stderr.splitlines() if line.startswith("warning: output.filename ")]
    assert "{generation}" in line
    summary = Path(named.commit()["summary"])
    assert summary.name.endswith(".1.summary.json")
    plain = fleet.run("generate", *web.options(), "--shard", "0/4")
    assert "warning" not in plain.stderr


def test_a_published_table_is_not_up_to_date_for_a_config_whose_gate_it_fails(web):
    web.stage_all()
    web.commit()
    strict = Sharded(web.config, web.base, 4, sets=(("quality.max_missing_share", 0.0001),))
    assert "Run every shard with --force" in strict.commit(code=66)
    strict.stage_all("--force")
    assert "quality.max_missing_share" in strict.commit(code=65)
    # What the shards counted is still there, so the limit of before needs no new ones.
    assert web.commit()["status"] == "up-to-date"
    fleet.run("verify", web.base)


def test_damaged_parts_are_named(web):
    web.stage_all()
    part = next(web.base.rglob(".part-00003*.staged"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")
    error = web.commit(code=65)
    assert "Shard 3 of 4 is not whole" in error and "part-00003-of-00004.parquet" in error
    web.stage(3)
    assert web.commit()["generation"] == 1


def test_shards_of_another_day_or_config_are_named_with_the_remedy(tmp_path):
    config = fleet.write_config(
        tmp_path / "web.yaml", fleet.config({"num_servers": 8, "start_date": "2024-01-01", "end_date": "yesterday"}))
    web = Sharded(config, tmp_path / "data", 2)
    web.stage(0, "--today", "2024-03-01")
    web.stage(1, "--today", "2024-03-02")
    error = web.commit("--today", "2024-03-01", code=66)
    assert "Shard 1 of 2 is missing" in error
    assert "2024-01-01 to 2024-03-01 instead of 2024-01-01 to 2024-02-29: give the shards and the commit the same --today" in error
    web.stage(1, "--today", "2024-03-01")
    assert web.commit("--today", "2024-03-01")["end"] == "2024-02-29"
    other = Sharded(config, tmp_path / "data", 2, sets=(("data_generation.random_seed", 7),))
    web.stage(0, "--today", "2024-03-03")
    assert "made with another config" in other.commit("--today", "2024-03-03", code=66)
    assert "cut into 2 parts instead of 3" in Sharded(config, tmp_path / "data", 3).commit("--today", "2024-03-03", code=66)


@pytest.mark.parametrize(
    "variables, shard",
    [
        ({"SLURM_ARRAY_TASK_ID": "2", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "3"}, "2/4"),
        ({"JOB_COMPLETION_INDEX": "3", "FLEETSYNTH_SHARDS": "4"}, "3/4"),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "4"}, "0/4"),
    ],
)
def test_auto_takes_the_shard_from_the_engine(web, variables, shard):
    done = fleet.run("generate", *web.options(), "--shard", "auto", "--json", env=fleet.environment(**variables))
    assert json.loads(done.stdout)["shard"] == shard


def test_auto_without_an_engine_and_wrong_numbers_are_usage_errors(web):
    outside = fleet.environment()
    for name in ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"):
        outside.pop(name, None)
    assert "no engine says" in fleet.run("generate", *web.options(), "--shard", "auto", code=64, env=outside).stderr
    assert "from 0/64 to 63/64" in fleet.run("generate", *web.options(), "--shard", "64/64", code=64).stderr
    assert "FLEETSYNTH_SHARDS is not set" in fleet.run("commit", *web.options(), "--shards", "auto", code=64).stderr
    assert "from 1 to 10000" in fleet.run("commit", *web.options(), "--shards", "0", code=64).stderr
    assert "--output" in fleet.run("generate", *web.options(), "--shard", "0/4", "--output", "x.parquet", code=64).stderr
    assert "--today" in fleet.run("generate", *web.options(), "--today", "2024-01-01", code=64).stderr


def test_a_commit_and_a_run_of_the_same_dataset_exclude_each_other(web):
    web.stage_all()
    (web.base / "manifests/web").mkdir(parents=True)
    handle = os.open(web.base / "manifests/web", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "is being written by" in web.commit(code=75)
    finally:
        os.close(handle)
    assert web.commit()["generation"] == 1


def test_a_run_of_one_process_leaves_staged_shards_alone_and_finds_a_committed_table_up_to_date(web):
    web.stage_all()
    other = fleet.overrides({"storage.local_base_path": str(web.base), "data_generation.random_seed": 5})
    fleet.run("generate", "--config", web.config, *other)
    result = web.commit()
    assert result["generation"] == 2
    again = fleet.run("generate", *web.options(), "--json")
    assert json.loads(again.stdout)["status"] == "up-to-date"
    assert json.loads(again.stdout)["panel"] == result["panel"]


def test_ten_thousand_shards_with_deaths_stragglers_and_duplicates_publish_one_whole_generation():
    """One metric and a week: what a commit takes beside reading tallies, which grow with metrics and days."""
    program = fleet.BINARY.parent / "shard-simulation"

    def simulate() -> dict:
        done = subprocess.run([program, "10000", "10007", "7", "1"], capture_output=True, text=True, timeout=900, check=True)
        return json.loads(done.stdout)

    found = simulate()
    assert found["attempts"] > 12_000 and found["killed"] > 2_000 and found["duplicates"] > 500 and found["late"] > 20
    assert found["refused_commits"] >= 2
    # The first is that of one process, before any shard.
    assert (found["generations"], found["torn"], found["debris"]) == (2, 0, 0)
    # Commits that die at six places and two at once after each, with a reader between any two changes.
    assert found["problems"] == []
    assert (found["dead_commits"], found["rival_commits"]) == (6, 12) and found["rivals_refused"] >= 6 and found["looks"] > 200_000
    assert (found["parts"], found["rows"]) == (10_000, 10_007 * 7)
    assert found["commit_bytes"] < 100 << 20
    # Of all threads together: what others do on the machine does not count as it would by the clock, which takes no longer on a quiet one.
    print(f"commit of 10,000 shards: {found['commit_processor_seconds']:.2f} s of processor time, {found['commit_seconds']:.2f} s by the clock")
    # Where they share caches and cores it still counts longer, so a run over the limit is measured once more: what others do only adds.
    assert found["commit_processor_seconds"] < 1 or simulate()["commit_processor_seconds"] < 1, found
