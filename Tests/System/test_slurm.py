"""deploy/slurm on a real Slurm: an array of shards and a commit behind it."""

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import fleet
from readers import assert_same_cells
from slurm import Cluster, wait_until

SCRIPTS = fleet.ROOT / "deploy/slurm"
DATA = {"num_servers": 4_000, "start_date": "2022-01-01", "end_date": "2024-12-31", "missing_rate": 0.02}
# Task 3 dies the first time while its part is half written; the marker tells how much was. Where the shard was done before it could be stopped,
# what it left goes and it starts over.
KILLER = """#!/bin/bash
if [[ ${SLURM_ARRAY_TASK_ID:-} == 3 && -z ${SLURM_RESTART_COUNT:-} && -n ${KILL_ONCE:-} ]]; then
    for attempt in {1..20}; do
        "$REAL" "$@" --threads 1 &
        work=$!
        until part=("$STORE"/raw/web/*/.part-00003-of-*.staged); [[ -s ${part[0]} ]]; do kill -0 $work || break; done
        kill -STOP $work
        record=("$STORE"/raw/_staging/web/*/part-00003-of-*.shard)
        [[ -e ${record[0]} ]] || break
        kill -KILL $work
        wait $work
        rm -f "${record[@]}" "${part[@]}"
    done
    stat -c %s "${part[0]}" >"$STORE/../killed"
    kill -KILL $work
    wait $work
    exit $?
fi
exec "$REAL" "$@"
"""


@pytest.fixture(scope="module")
def cluster():
    assert os.geteuid() == 0, "this test starts munged and slurmd as root"
    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def dataset(tmp_path) -> tuple[Path, Path, dict]:
    """The config, the store, and the environment of submit.sh."""
    store = tmp_path / "data"
    config = fleet.write_config(tmp_path / "web.yaml", fleet.config(DATA, storage={"local_base_path": str(store)}))
    program = tmp_path / "fleetsynth"
    program.write_text(KILLER)
    program.chmod(0o755)
    return config, store, {"FLEETSYNTH": str(program), "REAL": str(fleet.BINARY), "STORE": str(store)}


def submit(cluster: Cluster, config: Path, shards: int, env: dict[str, str]) -> tuple[str, str]:
    array, commit = cluster.ask(str(SCRIPTS / "submit.sh"), str(config), str(shards), "--mem=256M", cwd=config.parent, env=env).split()
    return array, commit


def log(config: Path, commit: str) -> str:
    return (config.parent / f"fleetsynth-commit-{commit}.log").read_text()


def panel(store: Path) -> pd.DataFrame:
    latest = json.loads((store / "manifests/web/latest.json").read_text())
    manifest = json.loads((store / latest["manifest"]).read_text())
    parts = sorted(entry["key"] for entry in manifest["artifacts"] if entry["role"] == "part")
    assert len(parts) == 8 and latest["generation"] == 1
    return pd.concat([pd.read_parquet(store / part) for part in parts], ignore_index=True)


def test_an_array_of_eight_shards_and_a_commit_make_the_table_of_one_process_though_a_task_is_killed(cluster, dataset, tmp_path):
    config, store, env = dataset
    array, commit = submit(cluster, config, 8, env | {"KILL_ONCE": "1"})
    assert set(cluster.wait(array).values()) == {"COMPLETED"}, cluster.logs()
    assert set(cluster.wait(commit).values()) == {"COMPLETED"}, log(config, commit)
    part = next(store.glob("raw/web/*/part-00003-of-00008.parquet"))
    assert 0 < int((tmp_path / "killed").read_text()) < part.stat().st_size
    assert "Killed" in (tmp_path / f"fleetsynth-{array}-3.log").read_text() or "137" in (tmp_path / f"fleetsynth-{array}-3.log").read_text()
    whole = fleet.generate(config, tmp_path / "whole")
    assert_same_cells(panel(store), whole.frame())
    fleet.run("verify", store)
    # What the killed task had written is gone.
    assert [path for path in store.rglob(".*")] == []


def test_a_commit_without_one_of_the_shards_refuses_by_name_and_one_task_makes_it_good(cluster, dataset):
    config, store, env = dataset
    env |= {"FLEETSYNTH_CONFIG": str(config), "FLEETSYNTH_SHARDS": "8"}

    def send(*arguments: str) -> str:
        return cluster.ask("sbatch", "--parsable", "--mem=256M", *arguments, cwd=config.parent, env=env).strip()

    # All but shard 5, by its own number.
    cluster.wait(send("--array=0-4,6-7", str(SCRIPTS / "shard.sbatch")))
    commit = send(str(SCRIPTS / "commit.sbatch"))
    assert set(cluster.wait(commit).values()) == {"FAILED"}
    assert "Shard 5 of 8 is missing" in log(config, commit)
    assert not (store / "manifests/web/latest.json").exists()
    cluster.wait(send("--array=5", str(SCRIPTS / "shard.sbatch")))
    commit = send(str(SCRIPTS / "commit.sbatch"))
    assert set(cluster.wait(commit).values()) == {"COMPLETED"}, log(config, commit)
    assert len(panel(store)) == 4_000 * 1096


def test_a_cancelled_array_is_not_queued_again(cluster, dataset, tmp_path):
    """The program ends with 143 when it is stopped, and Slurm takes the array's commit off the queue."""
    config, store, env = dataset
    # Long enough to be stopped on the way.
    fleet.write_config(config, fleet.config(DATA | {"num_servers": 2_000_000}, storage={"local_base_path": str(store)}))
    array, commit = submit(cluster, config, 2, env)
    wait_until(lambda: len(list(store.glob("raw/web/*/.part-*.staged"))) == 2, 60, "the start of both parts")
    cluster.ask("scancel", array)
    assert set(cluster.wait(array, 60).values()) == {"CANCELLED"}, cluster.logs()
    assert [fields["Restarts"] for fields in cluster.tasks(array)] == ["0", "0"]
    for task in (0, 1):
        text = (tmp_path / f"fleetsynth-{array}-{task}.log").read_text()
        assert "The run was stopped" in text and "queued again" not in text
    assert set(cluster.wait(commit, 60).values()) == {"CANCELLED"}


def test_submit_says_what_it_takes(cluster, dataset):
    done = subprocess.run([SCRIPTS / "submit.sh", dataset[0], "none"], capture_output=True, text=True, env=cluster.environment)
    assert done.returncode == 64 and "usage" in done.stderr
