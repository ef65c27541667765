"""The files under deploy/: valid by the engines' own schemas, and saying the same thing in all their places."""

import json
import re
import subprocess

import botocore.loaders
import botocore.model
import botocore.validate
import kubernetes_validate
import pytest
import yaml

import fleet

DEPLOY = fleet.ROOT / "deploy"
KUBERNETES = ["1.31", "1.34"]


def documents(name: str) -> list[dict]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text()))


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("name", ["shards.yaml", "commit.yaml"])
def test_kubernetes_files_are_valid_and_have_no_field_that_it_does_not_know(name, version):
    for document in documents(name):
        kubernetes_validate.validate(document, version, strict=True)


def test_the_validation_of_kubernetes_files_would_fail():
    job = documents("shards.yaml")[1]
    job["spec"]["completionsMode"] = "Indexed"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, KUBERNETES[-1], strict=True)


def test_the_indexed_job_and_its_commit_agree_on_number_day_and_config(tmp_path):
    config, shards = documents("shards.yaml")
    (commit,) = documents("commit.yaml")
    assert shards["spec"]["completionMode"] == "Indexed"
    (maker,), (publisher,) = (job["spec"]["template"]["spec"]["containers"] for job in (shards, commit))
    number = str(shards["spec"]["completions"])
    assert {"name": "FLEETSYNTH_SHARDS", "value": number} in maker["env"]
    assert publisher["args"][publisher["args"].index("--shards") + 1] == number
    assert maker["args"][-2:] == publisher["args"][-2:] and maker["args"][-2] == "--today"
    assert maker["image"] == publisher["image"]
    # The config in it is one, and both commands take these arguments: what fails is only that no bucket is there.
    (name, text), = config["data"].items()
    (tmp_path / name).write_text(text)
    fleet.run("validate", tmp_path / name)
    for args, variables in ((maker["args"], {"JOB_COMPLETION_INDEX": "0", "FLEETSYNTH_SHARDS": number}), (publisher["args"], {})):
        local = [str(tmp_path / name) if arg.startswith("/config/") else arg for arg in args]
        local += fleet.overrides({"storage.use_s3": False, "storage.local_base_path": str(tmp_path / "data"), "data_generation.num_servers": 64})
        fleet.run(*local, code=0 if args is maker["args"] else 66, env=fleet.environment(**variables))


def operation(name: str) -> botocore.model.Shape:
    description = botocore.loaders.Loader().load_service_model("batch", "service-2")
    return botocore.model.ServiceModel(description, "batch").operation_model(name).input_shape


def problems(name: str, request: dict) -> str:
    return botocore.validate.ParamValidator().validate(request, operation(name)).generate_report()


@pytest.mark.parametrize(
    "name, call",
    [("job-definition.json", "RegisterJobDefinition"), ("submit-shards.json", "SubmitJob"), ("submit-commit.json", "SubmitJob")],
)
def test_aws_batch_files_are_requests_of_its_service_model(name, call):
    request = json.loads((DEPLOY / "aws-batch" / name).read_text())
    assert problems(call, request) == ""
    assert "Unknown parameter" in problems(call, request | {"jobNames": "x"})


def test_aws_batch_shards_and_commit_agree():
    definition, shards, commit = (
        json.loads((DEPLOY / "aws-batch" / f"{name}.json").read_text()) for name in ("job-definition", "submit-shards", "submit-commit"))
    command = commit["containerOverrides"]["command"]
    assert command[command.index("--shards") + 1] == str(shards["arrayProperties"]["size"])
    assert shards["jobDefinition"] == commit["jobDefinition"] == definition["jobDefinitionName"]
    assert command[command.index("--today") + 1] == shards["parameters"]["today"]
    names = set(re.findall(r"Ref::(\w+)", " ".join(definition["containerProperties"]["command"])))
    assert names == set(shards["parameters"]) == set(definition["parameters"])


@pytest.mark.parametrize("name", ["shard.sbatch", "commit.sbatch", "submit.sh"])
def test_slurm_files_are_shell_scripts(name):
    subprocess.run(["bash", "-n", DEPLOY / "slurm" / name], check=True)


def test_images_are_of_the_version_that_there_is():
    version = fleet.run("--version").stdout.split()[-1]
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    images = {path.name: set(re.findall(r"/fleetsynth:(\S+?)[\"\s]", path.read_text() + "\n")) for path in files}
    found = {name: tags for name, tags in images.items() if tags}
    assert set(found) == {"shards.yaml", "commit.yaml", "job-definition.json", "create-processing-job.json", "template.yaml"}
    assert all(tags == {version} for tags in found.values()), found


def test_the_fleets_of_the_sizing_table_are_ones(tmp_path):
    """A newcomer may take a line of it as it stands."""
    lines = re.findall(r"^\| 10\^(\d+) \| ([\d.,]+)( million)? servers, 4 years of (days|hours) \|", (fleet.ROOT / "docs/SHARDS.md").read_text(), re.M)
    assert [int(power) for power, *_ in lines] == [9, 10, 12]
    for power, number, million, steps in lines:
        servers = round(float(number.replace(",", "")) * (1e6 if million else 1))
        data = {"num_servers": servers, "start_date": "2022-01-01", "end_date": "2025-12-31", "granularity": {"days": "daily", "hours": "hourly"}[steps]}
        path = fleet.write_config(tmp_path / f"{power}.yaml", fleet.config(data))
        fleet.run("validate", path)
        rows = servers * 1461 * (24 if steps == "hours" else 1)
        assert 0.95 < rows / 10 ** int(power) <= 1.05
