"""The files of deploy/sagemaker: the image, tried as far as that can be done without a container engine, and the request for a job."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import botocore.session
import pytest
from botocore.validate import ParamValidator

import fleet
from store import STEM
from test_sagemaker import Job

DEPLOY = fleet.ROOT / "deploy"


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the image, by stage."""
    found: list[list[tuple[str, str]]] = []
    for line in (DEPLOY / "sagemaker/Containerfile").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(" ")
        assert name in {"FROM", "RUN", "WORKDIR", "COPY", "ENTRYPOINT", "CMD"} and rest and not rest.endswith("\\"), line
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def test_the_image_is_built_from_what_the_project_says_it_needs():
    build, image = stages()
    assert build[0] == ("FROM", "swift:6.3-bookworm AS build")
    makefile = (fleet.ROOT / "Makefile").read_text()
    needed = set(re.search(r"^BUILD_PACKAGES := (.*)$", makefile, re.M)[1].split())
    script = (fleet.ROOT / "packaging/build-deb.sh").read_text()
    owners = {"swiftc": "", "strip": "binutils", "dpkg-deb": "", "dpkg-shlibdeps": "dpkg-dev", "dpkg-parsechangelog": "dpkg-dev",
              "gzip": "gzip", "python3": "python3"}
    tools = re.search(r"^for tool in (.*); do$", script, re.M)[1].split()
    needed |= {owners[tool] for tool in tools} - {""}
    [install] = [rest for name, rest in build if name == "RUN" and "apt-get" in rest]
    assert set(install.split("--no-install-recommends ")[1].split()) == needed
    assert ("RUN", "packaging/build-deb.sh .build/deb") in build and "tree=$output/tree" in script
    # Nothing that git leaves out, and no history, goes into the build.
    left_out = {line.rstrip("/") for line in (fleet.ROOT / ".gitignore").read_text().splitlines() if line.startswith(".")} - {".pytest_cache"}
    assert left_out | {".git", "var"} == {line for line in (fleet.ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")}
    # The image itself runs nothing, so it needs no shell.
    assert [name for name, _ in image] == ["FROM", "COPY", "ENTRYPOINT", "CMD"]
    assert "distroless" in image[0][1] and image[1][1] == "--from=build /image/ /"
    assert json.loads(image[2][1]) + json.loads(image[3][1]) == ["/usr/bin/fleetsynth", "generate", "--env", "sagemaker"]


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    """What the image's last two lines of building collect, from the program under test."""
    root = tmp_path_factory.mktemp("image")
    build, _ = stages()
    take, collect = [rest for name, rest in build if name == "RUN"][-2:]
    take = take.replace(".build/deb/tree/usr/bin/fleetsynth", shlex.quote(str(fleet.BINARY)))
    for line in (take, collect):
        done = subprocess.run(["sh", "-ec", line.replace("/image", str(root))], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
    return root


def test_what_the_image_collects_is_all_that_the_program_needs(image):
    """In a root of its own, where SageMaker's folders are where they really are."""
    if os.geteuid() != 0:
        pytest.skip("namespaces need root, or the image goes untried")
    assert not (image / "bin/sh").exists()
    job = Job(image / "opt/ml")
    job.config()
    (image / "proc").mkdir()
    inside = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", f"--root={image}"]
    command = [*inside, "/usr/bin/fleetsynth", "generate", "--env", "sagemaker", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["panel"] == f"/opt/ml/processing/output/{STEM}.parquet"
    assert job.message == "published tiny, generation 1, 600 rows"
    assert (job.output / f"{STEM}.parquet").stat().st_size > 1000


def test_the_request_for_a_processing_job_is_one():
    request = json.loads((DEPLOY / "sagemaker/create-processing-job.json").read_text())
    model = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateProcessingJob").input_shape
    report = ParamValidator().validate(request, model)
    assert not report.has_errors(), report.generate_report()
    assert request["ProcessingInputs"][0]["S3Input"]["LocalPath"] == "/opt/ml/processing/input/config"
    assert request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["LocalPath"] == "/opt/ml/processing/output"
    check_enums(request, model)
    # The first of several hosts waits up to an hour for the others, and has a shard and the commit to make beside.
    assert request["StoppingCondition"]["MaxRuntimeInSeconds"] > 3600
    assert request["AppSpecification"]["ContainerArguments"][:3] == ["generate", "--env", "sagemaker"]


def check_enums(value, shape) -> None:
    """Names of choices, which botocore leaves to the service, and patterns."""
    if shape.type_name == "structure":
        for name, member in value.items():
            check_enums(member, shape.members[name])
    elif shape.type_name == "list":
        for one in value:
            check_enums(one, shape.member)
    elif shape.type_name == "string":
        assert not shape.enum or value in shape.enum, (value, shape.enum)
        pattern = shape.metadata.get("pattern")
        assert not pattern or re.search(pattern, value), (value, pattern)
