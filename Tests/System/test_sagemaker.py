"""`--env sagemaker`: the folders of a SageMaker Processing job, in a folder of the test."""

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import fleet
from s3store import S3Place, environment, storage
from store import CONFIG, DATASET, STEM, Store


@dataclass(frozen=True)
class Job:
    """What SageMaker lays before a container, and what it reads afterwards."""

    root: Path

    def __post_init__(self):
        for folder in ("processing/input/config", "processing/output", "config", "output"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        self.hosts("algo-1")

    @property
    def output(self) -> Path:
        return self.root / "processing/output"

    @property
    def message(self) -> str:
        """Strictly UTF-8, and no more than is shown."""
        data = (self.root / "output/message").read_bytes()
        assert 0 < len(data) <= 1024
        return data.decode("utf-8")

    def hosts(self, current: str, *others: str) -> None:
        content = {
            "current_host": current, "current_instance_type": "ml.m5.xlarge", "current_group_name": "homogeneousCluster",
            "hosts": [current, *others], "network_interface_name": "eth0",
            "instance_groups": [{"instance_group_name": "homogeneousCluster", "instance_type": "ml.m5.xlarge", "hosts": [current, *others]}],
        }
        (self.root / "config/resourceconfig.json").write_text(json.dumps(content))

    def config(self, name: str = DATASET, content: dict | None = None) -> None:
        folder = self.root / "processing/input/config"
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content or fleet.config(CONFIG)))

    def environment(self, **extra: str) -> dict[str, str]:
        return environment(FLEETSYNTH_SAGEMAKER_ROOT=str(self.root), **extra)

    def command(self, *options) -> list[str]:
        return [str(fleet.BINARY), "generate", "--env", "sagemaker", *map(str, options)]

    def run(self, *options, code: int = 0, **extra: str) -> subprocess.CompletedProcess:
        done = subprocess.run(self.command(*options), env=self.environment(**extra), cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
        return done


@pytest.fixture
def job(tmp_path) -> Job:
    return Job(tmp_path / 'with "quotes" and ünïcode' / "ml")


def test_the_only_config_of_the_input_is_published_to_the_output(job, tmp_path):
    job.config()
    result = json.loads(job.run("--json").stdout)
    assert result["panel"] == f"{job.output}/{STEM}.parquet"
    local = Store(tmp_path / "local")
    local.publish()
    assert fleet.sha256(job.output / f"{STEM}.parquet") == fleet.sha256(local.panel)
    found = {str(path.relative_to(job.output)) for path in job.output.rglob("*") if path.is_file()}
    assert found == local.files()
    assert job.message == f"published {DATASET}, generation 1, 600 rows"
    job.run()
    assert job.message == f"up to date: {DATASET}, generation 1, 600 rows"
    fleet.run("verify", job.output)


def test_one_of_several_configs_is_named(job):
    for name in ("one", "two"):
        job.config(name, fleet.config(CONFIG, output={"filename": "{dataset}.parquet"}))
    done = job.run(code=64)
    assert "one.yaml, two.yaml" in done.stderr and "ContainerArguments" in job.message
    job.run("--config", "two.yaml")
    assert job.message.startswith("published two,")
    job.run("--config", job.root / "processing/input/config/one.yaml")
    assert job.message.startswith("published one,")
    job.run("--config", "three.yaml", code=66)
    assert "three.yaml" in job.message


def test_the_config_or_the_environment_may_say_so_as_well(job, tmp_path):
    job.config()
    done = subprocess.run(
        [fleet.BINARY, "generate"], env=job.environment(FLEETSYNTH__GENERAL__ENV="sagemaker"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (job.output / f"{STEM}.parquet").exists() and job.message.startswith("published")
    path = fleet.write_config(tmp_path / "own.yaml", fleet.config(CONFIG | {"num_servers": 7}, general={"env": "sagemaker"},
                                                                output={"filename": "{dataset}.parquet"}))
    fleet.run("generate", "--config", path, env=job.environment())
    assert job.message == "published own, generation 1, 210 rows"
    # Elsewhere a config must be named.
    done = subprocess.run([fleet.BINARY, "generate", "--env", "local"], env=job.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "--config" in done.stderr


def test_a_place_below_the_output_is_kept_and_plan_shows_it(job):
    job.config(content=fleet.config(CONFIG, storage={"local_base_path": f"{job.output}/deep"}))
    job.run()
    assert (job.output / f"deep/{STEM}.parquet").exists()
    job.config()
    plan = subprocess.run(
        [fleet.BINARY, "plan", "--env", "sagemaker", "--json"], env=job.environment(), capture_output=True, text=True, timeout=60)
    [path] = [line for line in json.loads(plan.stdout)["values"] if line["key"] == "storage.local_base_path"]
    assert json.loads(path["value"]) == str(job.output)


def test_to_s3(job, juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path / "s3", juicefs_gateway)
    job.config(content=fleet.config(CONFIG, storage=storage(place.bucket, place.url)))
    job.run()
    place.assert_latest_is_complete()
    assert list(job.output.iterdir()) == [] and job.message.startswith("published")


def test_each_failure_is_told_where_sagemaker_shows_it(job):
    done = job.run(code=66)
    assert "holds no .yaml file" in job.message and "ProcessingInput" in done.stderr
    job.config(content=fleet.config({"num_servers": -3}))
    job.run(code=78)
    assert "num_servers" in job.message and "-3" in job.message
    job.config(content=fleet.config(CONFIG | {"missing_rate": 0.2}))
    job.run(code=65)
    assert "quality gate failed" in job.message
    job.config(content=fleet.config(CONFIG, storage={"use_s3": True, "bucket_name": "fleet", "region": "us-east-1", "endpoint_url": "http://127.0.0.1:1"}))
    job.run(code=69)
    assert "refuses connections" in job.message
    assert list(job.output.rglob("*.parquet")) == []


@pytest.mark.parametrize(
    "options, words",
    [
        (["--bogus"], "--bogus"), (["--threads", "0"], "--threads takes a number from 1"), (["--shard", "0/1", "--today", "2026-13-31"], "'2026-13-31' is not a day"),
        (["--set", "nothing"], "--set takes key=value"), (["--from", "2024-01-05"], "give --output FILE"),
    ],
)
def test_a_command_line_that_cannot_be_read_is_told_there_as_well(job, options, words):
    job.config()
    done = job.run(*options, code=64)
    assert words in job.message and words in done.stderr and job.message.startswith("error: ")


def test_the_ways_to_say_sagemaker_count_for_a_command_line_that_cannot_be_read(job):
    def message(*arguments: str, code: int = 64, **extra: str) -> str | None:
        path = job.root / "output/message"
        path.unlink(missing_ok=True)
        done = subprocess.run([fleet.BINARY, *arguments], env=job.environment(**extra), capture_output=True, text=True, timeout=60)
        assert done.returncode == code, done.stderr
        return job.message if path.exists() else None

    for said in (["--env=sagemaker"], ["--set", "general.env=sagemaker"], ["--set=general.env=sagemaker"]):
        assert "--bogus" in message("commit", *said, "--shards", "2", "--bogus")
    assert "--bogus" in message("generate", "--bogus", FLEETSYNTH__GENERAL__ENV="sagemaker")
    assert message("generat", "--env", "sagemaker").startswith("error: ")
    # Not of a job: another environment, a command that is no job's work, and what is no failure.
    assert message("generate", "--env", "local", "--bogus", FLEETSYNTH__GENERAL__ENV="sagemaker") is None
    assert message("plan", "--env", "sagemaker", "--bogus") is None
    assert message("generate", "--env", "sagemaker", "--help", code=0) is None


def test_a_misspelt_environment_is_named(job):
    done = subprocess.run([fleet.BINARY, "generate", "--env", "sagemkr"], env=job.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "Did you mean 'sagemaker'?" in done.stderr and "--config" not in done.stderr.splitlines()[0]
    done = subprocess.run(
        [fleet.BINARY, "plan"], env=job.environment(FLEETSYNTH__GENERAL__ENV="lamda"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and "Did you mean 'lambda'?" in done.stderr


def test_a_slice_tells_how_it_ended(job):
    job.config()
    job.run("--servers", "1-3", "--output", job.root / "slice.parquet", "--json")
    assert job.message.startswith(f"wrote {job.root}/slice.parquet: ") and "3 servers" in job.message


def test_a_long_message_is_cut_between_characters(job):
    metrics = {f"ünknöwn_{'é' * 20}_{number}": {"bäse": 1} for number in range(40)}
    job.config(content=fleet.config({"metrics": metrics}))
    done = job.run(code=78)
    assert len(done.stderr.encode()) > 2000
    assert len(job.message.encode()) > 1000 and done.stderr.startswith(job.message)


@pytest.mark.parametrize(
    "content, words",
    [
        (None, "--env local"), ("{", "current_host"), ('{"hosts": ["a"]}', "current_host"), ('{"current_host": "a", "hosts": []}', "different names"),
        ('{"current_host": "a", "hosts": ["a", "a"]}', "different names"), ('{"current_host": "a", "hosts": ["b"]}', "none of its hosts"),
    ],
)
def test_a_resource_file_that_is_missing_or_wrong(job, content, words):
    job.config()
    path = job.root / "config/resourceconfig.json"
    path.unlink() if content is None else path.write_text(content)
    job.run(code=66 if content is None else 65)
    assert words in job.message and "resourceconfig.json" in job.message


def test_a_message_that_cannot_be_written_changes_nothing(job, tmp_path):
    job.config()
    (job.root / "output").rmdir()
    (job.root / "output").write_text("in the way")
    done = job.run()
    assert "warning" in done.stderr and "output/message" in done.stderr
    assert (job.output / f"{STEM}.parquet").exists()


def test_a_job_that_is_stopped_says_so_and_leaves_nothing(job):
    job.config(content=fleet.config(CONFIG | {"num_servers": 2_000_000, "start_date": "2020-01-01"}))
    run = subprocess.Popen(job.command(), env=job.environment(), cwd="/", stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if "generating" in line:
            break
    time.sleep(0.3)
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=30) == 143
    run.stderr.close()
    assert "stopped" in job.message
    assert [path for path in job.output.rglob("*") if path.is_file() and path.suffix != ".lock" and ".tmp" in path.name] == []
    assert list(job.output.rglob("*.parquet")) == []


def test_a_commit_tells_how_it_ended_as_well(job):
    """Shards of a job that other jobs or machines have made."""
    job.config()
    commit = [str(fleet.BINARY), "commit", "--env", "sagemaker", "--shards", "2"]

    def run(*options: str, code: int) -> None:
        done = subprocess.run([*commit, *options], env=job.environment(), cwd="/", capture_output=True, text=True, timeout=60)
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"

    job.run("--shard", "0/2")
    run(code=66)
    assert "Shard 1 of 2 is missing" in job.message
    job.run("--shard", "1/2")
    run("--config", "other.yaml", code=66)
    assert "other.yaml" in job.message
    run(code=0)
    assert job.message == f"published {DATASET}, generation 1, 600 rows"
    run(code=0)
    assert job.message == f"up to date: {DATASET}, generation 1, 600 rows"
    fleet.run("verify", job.output)


@dataclass(frozen=True)
class Hosts:
    """The containers of one job, each with folders of its own."""

    jobs: list[Job]

    @classmethod
    def laid(cls, folder: Path, content: dict, count: int = 3) -> "Hosts":
        # SageMaker's names: the tenth sorts before the second.
        names = ["algo-1", "algo-10", "algo-2"][:count]
        jobs = [Job(folder / name / "ml") for name in names]
        for job, name in zip(jobs, names, strict=True):
            job.hosts(name, *[other for other in reversed(names) if other != name])
            job.config(content=content)
        return cls(jobs)

    def start(self, index: int, *options, **extra: str) -> subprocess.Popen:
        job = self.jobs[index]
        return subprocess.Popen(
            job.command(*options), env=job.environment(**extra), cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_hosts_of_a_job_make_one_table(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path / "s3", juicefs_gateway)
    hosts = Hosts.laid(tmp_path, fleet.config(CONFIG, storage=storage(place.bucket, place.url)))
    # The first waits for the others.
    first = hosts.start(0, "--json")
    time.sleep(1)
    others = [hosts.start(index) for index in (2, 1)]
    for run in (*others, first):
        output, errors = run.communicate(timeout=60)
        assert run.returncode == 0, errors
    result = json.loads(output)
    assert (result["status"], result["rows"], result["parts"]) == ("published", 600, 3), result
    assert hosts.jobs[0].message == f"published {DATASET}, generation 1, 600 rows"
    for index, job in enumerate(hosts.jobs[1:], 1):
        assert job.message.startswith(f"staged shard {index}/3 of {DATASET}"), job.message
    place.assert_latest_is_complete()
    assert len([key for key in place.keys() if key.endswith(".parquet")]) == 3


def test_the_first_host_gives_up_and_names_the_shard_that_is_missing(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path / "s3", juicefs_gateway)
    hosts = Hosts.laid(tmp_path, fleet.config(CONFIG, storage=storage(place.bucket, place.url)))
    assert hosts.start(1).wait(timeout=60) == 0
    first = hosts.start(0, FLEETSYNTH_SAGEMAKER_WAIT="2")
    assert first.wait(timeout=60) == 66
    assert "Shard 2 of 3 is missing" in hosts.jobs[0].message
    assert place.latest() is None
    # The job again: what is there is kept.
    again = hosts.start(0)
    assert hosts.start(2).wait(timeout=60) == 0 and again.wait(timeout=60) == 0
    assert hosts.jobs[0].message.startswith("published")
    for wrong in ("", "soon", "-1", "1000000"):
        hosts.jobs[0].run(code=64, FLEETSYNTH_SAGEMAKER_WAIT=wrong)
        assert "FLEETSYNTH_SAGEMAKER_WAIT" in hosts.jobs[0].message


def test_several_hosts_need_a_place_that_all_reach(tmp_path):
    hosts = Hosts.laid(tmp_path, fleet.config(CONFIG))
    hosts.jobs[1].run(code=78)
    assert "use_s3" in hosts.jobs[1].message and "InstanceCount" in hosts.jobs[1].message


def test_hosts_on_both_sides_of_midnight_are_given_the_day(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path / "s3", juicefs_gateway)
    content = fleet.config(CONFIG | {"start_date": "today-30d", "end_date": "yesterday"}, storage=storage(place.bucket, place.url))
    hosts = Hosts.laid(tmp_path, content, count=2)
    for index in (1, 0):
        run = hosts.start(index, "--today", "2024-03-01")
        assert run.wait(timeout=60) == 0, run.communicate()
    assert place.latest()["generation"] == 1
