"""deploy/slurm on a real Slurm: an array of shards and a commit behind it."""

import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import fleet
from readers import assert_same_cells
from slurm import Cluster

SCRIPTS = fleet.ROOT / "deploy/slurm"
DATA = {"num_servers": 4_000, "start_date": "2022-01-01", "end_date": "2024-12-31", "missing_rate": 0.02}
# Task 3 dies the first time while its part is half written; the marker tells that it was.
KILLER = """#!/bin/bash
if [[ ${SLURM_ARRAY_TASK_ID:-} == 3 && -z ${SLURM_RESTART_COUNT:-} && -n ${KILL_ONCE:-} ]]; then
    "$REAL" "$@" --threads 1 &
    work=$!
    while ! compgen -G "$STORE/raw/web/*/.part-00003-of-*.staged" >/dev/null; do kill -0 $work || exit 9; done
    kill -STOP $work
    [[ $(stat -c %s "$STORE"/raw/web/*/.part-00003-of-*.staged | sort -n | tail -1) -ge 0 ]] || exit 9
    compgen -G "$STORE/raw/_staging/web/*/part-00003-of-*.shard" >/dev/null && exit 9
    touch "$STORE/../killed"
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
    assert (tmp_path / "killed").exists()
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


def test_submit_says_what_it_takes(cluster, dataset):
    done = subprocess.run([SCRIPTS / "submit.sh", dataset[0], "none"], capture_output=True, text=True, env=cluster.environment)
    assert done.returncode == 64 and "usage" in done.stderr
