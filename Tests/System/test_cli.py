"""The command line: exit codes, what goes to standard output and what does not, and that a run leaves nothing behind in the repository."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

import fleet
from store import DATASET


def test_an_unknown_option_is_a_usage_error(store):
    assert "--sevrers" in fleet.run("generate", "--config", "tiny.yaml", "--sevrers", "1-2", code=64, cwd=store.folder).stderr


@pytest.mark.parametrize("command", [("validate",), ("plan", "--config"), ("generate", "--config")])
def test_c5_a_time_zone_that_the_service_would_refuse_is_refused_with_its_place(tmp_path, command):
    path = tmp_path / "zone.yaml"
    path.write_text('data_generation: {}\nschedule: { cron: "@daily", timezone: Mars/Olympus }\n')
    done = fleet.run(*command, path, code=78, cwd=tmp_path)
    assert f"{path}:2:39: schedule.timezone: There is no time zone Mars/Olympus" in done.stdout + done.stderr


def test_a_missing_option_is_a_usage_error():
    assert "--config" in fleet.run("generate", code=64).stderr


@pytest.mark.parametrize("options", [["--from", "2024-02-03"], ["--to", "2024-02-03"], ["--servers", "1-2"]])
def test_a_slice_without_an_output_is_a_usage_error(store, options):
    done = fleet.run("generate", "--config", "tiny.yaml", *options, code=64, cwd=store.folder)
    assert "--output" in done.stderr
    assert not store.base.exists()


@pytest.mark.parametrize("part", ["--servers=0-2", "--servers=2-1", "--servers=15-21", "--from=2024-01-31", "--to=yesteryear"])
def test_a_slice_outside_the_dataset_is_a_usage_error(store, part):
    fleet.run("generate", "--config", "tiny.yaml", "--output", "slice.parquet", part, code=64, cwd=store.folder)
    assert not (store.folder / "slice.parquet").exists()


@pytest.mark.parametrize("command", ["generate", "plan", "validate"])
def test_a_missing_config_is_a_missing_input(store, command):
    arguments = ["absent.yaml"] if command == "validate" else ["--config", "absent.yaml"]
    done = fleet.run(command, *arguments, code=66, cwd=store.folder)
    assert "absent.yaml" in done.stdout + done.stderr


@pytest.mark.parametrize("command", ["generate", "plan", "validate"])
def test_a_bad_config_is_named_by_place_and_remedy(store, command):
    (store.folder / "bad.yaml").write_text("data_generation:\n  num_servrs: 5\n  random_seed: minus one\n")
    arguments = ["bad.yaml"] if command == "validate" else ["--config", "bad.yaml"]
    done = fleet.run(command, *arguments, code=78, cwd=store.folder)
    problems = done.stdout + done.stderr
    assert re.search(r"bad\.yaml:2:3: .*num_servrs", problems) and "num_servers" in problems, problems
    assert re.search(r"bad\.yaml:3:16: .*random_seed", problems), problems
    assert not store.base.exists()


def test_a_bad_override_is_a_config_error_that_names_the_override(store):
    done = store.run({"data_generation.num_servers": -1})
    assert done.returncode == 78 and "data_generation.num_servers" in done.stderr, done.stderr
    environment = fleet.environment(FLEETSYNTH__DATA_GENERATION__NUM_SERVERS="none")
    failed = fleet.run("plan", "--config", "tiny.yaml", code=78, cwd=store.folder, env=environment)
    assert "FLEETSYNTH__DATA_GENERATION__NUM_SERVERS" in failed.stderr


def test_overrides_win_in_the_documented_order(store):
    environment = fleet.environment(FLEETSYNTH__DATA_GENERATION__NUM_SERVERS="7")
    sets = ["--set", "storage.local_base_path=elsewhere"]
    by_environment = fleet.run("generate", "--config", "tiny.yaml", "--json", *sets, cwd=store.folder, env=environment)
    assert json.loads(by_environment.stdout)["rows"] == 7 * 30
    sets += ["--set", "data_generation.num_servers=3"]
    by_flag = fleet.run("generate", "--config", "tiny.yaml", "--json", *sets, cwd=store.folder, env=environment)
    assert json.loads(by_flag.stdout)["rows"] == 3 * 30


def test_a_failed_quality_gate_publishes_nothing_and_keeps_the_old_generation(store):
    store.publish()
    before = store.content()
    done = store.run({"data_generation.missing_rate": 0.2})
    assert done.returncode == 65, done.stderr
    assert store.content() == before
    for metric in fleet.METRICS:
        assert re.search(rf"{metric}.*missing|missing.*{metric}", done.stderr), done.stderr
    store.verify()


def test_a_failed_quality_gate_of_a_first_run_leaves_no_file(store):
    assert store.run({"data_generation.missing_rate": 0.2}).returncode == 65
    assert store.files() == set()


def test_json_output_is_one_document_and_nothing_else(store):
    done = store.run()
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert (result["status"], result["dataset"], result["generation"], result["rows"]) == ("published", DATASET, 1, 600)
    assert result["rows_per_second"] > 0 and result["seconds"] > 0


def test_plain_output_says_where_what_and_how_to_read_it(store):
    done = fleet.run("generate", "--config", "tiny.yaml", cwd=store.folder)
    assert "raw_server_metrics_2024-02-01_to_2024-03-01.parquet" in done.stdout
    assert "600" in done.stdout and "read_parquet" in done.stdout
    assert "\r" not in done.stdout + done.stderr and "\x1b" not in done.stdout + done.stderr


def test_small_values_keep_three_digits_and_units_stand_below_units(tmp_path):
    metrics = [
        {"name": "rate", "unit": "errors", "base_mean": 0.003, "base_std": 0.0004, "max_clip": 0.1, "decimals": 6},
        {"name": "network_p95", "unit": "Mbps", "base_mean": 12_000, "base_std": 900, "max_clip": 40_000, "decimals": 1},
    ]
    config = fleet.write_config(tmp_path / "few.yaml", fleet.config({"num_servers": 30, "metrics": metrics}))
    base = ("--set", f"storage.local_base_path={tmp_path / 'data'}")
    log = fleet.run("generate", "--config", config, *base, cwd=tmp_path).stderr
    shown = fleet.run("preview", "--config", config, cwd=tmp_path).stdout
    summary = json.loads(next((tmp_path / "data").rglob("*.summary.json")).read_text())["metrics"]
    for text, figures in ((log, ("mean", "std", "min", "p5", "p50", "p95", "max")), (shown, ("min", "mean", "p95", "max"))):
        lines = [next(line for line in text.splitlines() if re.search(rf"\b{metric['name']}\b.* max ", line)) for metric in metrics]
        for line, metric in zip(lines, summary, strict=True):
            for figure in figures:
                found = float(re.search(rf"\b{figure} +(\S+?),?(?: |$)", line, re.I).group(1).replace(",", ""))
                # Preview and run have the same servers here: 30.
                assert found == pytest.approx(metric[figure], rel=0.005) and found > 0, (figure, line)
        assert lines[0].index("errors") == lines[1].index("Mbps"), lines
    assert len({line.index(", missing") for line in log.splitlines() if ", missing" in line}) == 1


def test_an_unchanged_dataset_is_up_to_date(store):
    store.publish()
    before = store.content()
    again = store.publish()
    assert (again["status"], again["generation"]) == ("up-to-date", 1)
    assert store.content() == before
    assert store.publish(None, "--force")["generation"] == 2


def on_terminal(store, *options, env: dict[str, str] | None = None) -> str:
    """What a run shows on a terminal."""
    leader, follower = pty.openpty()
    line = [str(fleet.BINARY), "generate", "--config", "tiny.yaml", *options]
    environment = fleet.environment(TERM="xterm", **(env or {}))
    run = subprocess.Popen(line, stdin=follower, stdout=follower, stderr=follower, env=environment, cwd=store.folder)
    os.close(follower)
    shown = bytearray()
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    os.close(leader)
    assert run.wait(timeout=60) == 0, shown.decode()
    return shown.decode()


def test_a_long_run_shows_its_progress_on_a_terminal_only(store, faults):
    slow = faults.at(0, "delay 50")
    large = ["--set", "data_generation.num_servers=500000", "--set", "data_generation.decimals=null"]
    shown = on_terminal(store, *large, env=slow)
    assert "\r" in shown.replace("\r\n", "\n")
    assert re.search(r"\d+ %.*rows", shown), shown
    quiet = on_terminal(store, *large, "--set", "data_generation.random_seed=7", "--json", env=slow)
    assert json.loads(quiet)["rows"] == 15_000_000


def test_a_short_run_shows_no_progress(store):
    assert "\r" not in on_terminal(store).replace("\r\n", "\n")


def test_validate_names_every_good_file(store):
    done = fleet.run("validate", "tiny.yaml", cwd=store.folder)
    assert "tiny.yaml: ok" in done.stdout


def test_plan_shows_effective_values_and_where_they_came_from(store):
    done = fleet.run("plan", "--config", "tiny.yaml", "--set", "data_generation.random_seed=7", cwd=store.folder)
    for key, value, origin in [("num_servers", "20", "tiny.yaml"), ("random_seed", "7", "flag"), ("missing_rate", "0.005", "default")]:
        line = next(line for line in done.stdout.splitlines() if f"data_generation.{key} " in line or f"data_generation.{key}:" in line)
        assert value in line and origin in line, line
    assert "600" in done.stdout
    assert not store.base.exists(), "a plan writes nothing"
    assert isinstance(json.loads(fleet.run("plan", "--config", "tiny.yaml", "--json", cwd=store.folder).stdout), dict)


def test_schema_is_a_json_schema():
    schema = json.loads(fleet.run("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/") and "data_generation" in schema["properties"]


def test_the_documented_default_config_leaves_the_repository_as_it_was(tmp_path):
    def status() -> str:
        return subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=True, cwd=fleet.ROOT).stdout

    before = status()
    sets = fleet.overrides({"storage.local_base_path": str(tmp_path)})
    fleet.run("generate", "--config", "config/config.yaml", "--env", "local", *sets, cwd=fleet.ROOT)
    assert status() == before


def test_memory_is_bounded_by_row_groups_not_by_rows(store):
    """5.8 million rows; the benchmark checks 29 million against the same bound."""
    report = store.folder / "measured.json"
    large = {"data_generation.start_date": "2022-01-01", "data_generation.end_date": "2025-12-31", "data_generation.num_servers": 4_000}
    done = store.run(large, prefix=[sys.executable, "-IS", str(fleet.ROOT / "Benchmarks/measure.py"), str(report)])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 4_000 * 1_461
    assert 10 < json.loads(report.read_text())["peak_mib"] <= 256


def test_an_output_never_replaces_what_is_not_meant(store):
    def export(target: str, *options: str, code: int) -> str:
        return fleet.run("generate", "--config", "tiny.yaml", "--output", target, *options, code=code, cwd=store.folder).stderr

    store.publish()
    before = store.content()
    config = (store.folder / "tiny.yaml").read_bytes()
    panel = next(path for path in store.base.rglob("*.parquet"))
    for target in (panel, store.base / "manifests" / "new.parquet"):
        assert "own store" in export(str(target), "--force", code=73)
    assert "config itself" in export("tiny.yaml", "--force", code=73)
    assert "no folder" in export("nowhere/slice.parquet", code=73)
    os.mkfifo(store.folder / "pipe")
    assert "no regular file" in export("pipe", "--force", code=73)
    (store.folder / "mine.parquet").write_text("mine")
    assert "--force" in export("mine.parquet", code=73)
    assert (store.folder / "mine.parquet").read_text() == "mine"
    export("mine.parquet", "--force", code=0)
    assert (store.folder / "mine.parquet").read_bytes().startswith(b"PAR1")
    assert store.content() == before and (store.folder / "tiny.yaml").read_bytes() == config


def test_a_result_that_cannot_be_written_is_an_error_and_a_reader_that_left_is_not(store):
    command = [str(fleet.BINARY), "schema"]
    with open("/dev/full", "wb") as full:
        failed = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=store.folder)
    assert failed.returncode == 74 and "standard output" in failed.stderr
    reader, writer = os.pipe()
    os.close(reader)
    left = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=store.folder)
    os.close(writer)
    assert (left.returncode, left.stderr) == (0, "")
