"""S3 servers on the loopback interface: JuiceFS's gateway checks signatures and ignores conditions, moto does the reverse.

All live for the whole test session. Every test makes buckets of its own, so none sees another's objects.
"""

import functools
import itertools
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ACCESS_KEY = "fleetsynth-tests"
SECRET_KEY = "a-secret/that+no=output%may-hold"
REGION = "us-east-1"
START_SECONDS = 60
TRIES = 3
# Of which no name server knows.
VIRTUAL_DOMAIN = "s3.fleet.test"

bucket_numbers = itertools.count(1)


@dataclass(frozen=True)
class S3Server:
    """`checks_signatures` and `honours_conditions` tell what this server can be used to prove.

    One that `tears_objects` gives answers that contradict themselves while their object is being replaced (s3_reading.py).
    """

    name: str
    url: str
    checks_signatures: bool
    honours_conditions: bool
    tears_objects: bool = False

    def client(self, url: str | None = None, **options):
        """A boto3 client that tries once; the same one for the same arguments, for any thread."""
        return client(url or self.url, json.dumps(options, sort_keys=True))

    def new_bucket(self, stem: str = "fleet") -> str:
        """Makes an empty bucket."""
        name = f"{stem}-{next(bucket_numbers)}"
        self.client().create_bucket(Bucket=name)
        return name


@functools.cache
def client(url: str, options: str):
    """Making one takes longer than many requests."""
    defaults = {"s3": {"addressing_style": "path"}, "retries": {"total_max_attempts": 1}, "max_pool_connections": 64}
    config = Config(**defaults | {"connect_timeout": 5, "read_timeout": 30} | json.loads(options))
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    return boto3.client("s3", endpoint_url=url, region_name=REGION, config=config, **keys)


def credentials(access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> dict[str, str]:
    """The environment of a program that is to use a server, without anything of the caller's account."""
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(server: S3Server) -> bool:
    try:
        server.client(connect_timeout=1, read_timeout=5).list_buckets()
    except (BotoCoreError, ClientError):
        return False
    return True


def started(make, log: Path) -> tuple[subprocess.Popen, S3Server]:
    """Starts `make(port) -> (command, environment, server)` and waits until it answers; again where another program took the port first."""
    for _ in range(TRIES):
        command, environment, server = make(free_port())
        with log.open("ab") as output:
            process = subprocess.Popen(command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if answers(server):
                return process, server
            time.sleep(0.05)
        stop(process)
    raise AssertionError(f"{server.name} does not come up:\n{log.read_text(errors='replace')[-3000:]}")


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)


def start_juicefs(folder: Path, *more: str) -> tuple[subprocess.Popen, S3Server]:
    """A gateway over a volume in `folder`: its meta data in SQLite, its blocks in files. `more` are options of its command line."""
    program = Path(sys.executable).with_name("juicefs")
    volume = f"sqlite3://{folder / 'volume.db'}"
    form = [program, "format", "--storage", "file", "--bucket", f"{folder / 'blocks'}/", "--trash-days", "0", volume, "tests"]
    done = subprocess.run(form, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr

    def make(port: int):
        options = ["--multi-buckets", "--no-banner", "--no-usage-report", "--backup-meta", "0", "--metrics", f"127.0.0.1:{free_port()}"]
        places = ["--cache-dir", str(folder / "cache"), "--log", str(folder / "gateway.log")]
        line = [program, "gateway", volume, f"127.0.0.1:{port}", *options, *places, *more]
        environment = {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY}
        url = f"http://127.0.0.1:{port}"
        server = S3Server("juicefs", url, checks_signatures=True, honours_conditions=False, tears_objects=True)
        return line, environment, server

    return started(make, folder / "output.log")


def start_moto(folder: Path) -> tuple[subprocess.Popen, S3Server]:
    def make(port: int):
        line = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        server = S3Server("moto", f"http://127.0.0.1:{port}", checks_signatures=False, honours_conditions=True)
        return line, {"MOTO_PORT": str(port)}, server

    return started(make, folder / "moto.log")


@pytest.fixture(scope="session")
def juicefs_gateway(tmp_path_factory):
    process, server = start_juicefs(tmp_path_factory.mktemp("juicefs"))
    yield server
    stop(process)


@pytest.fixture(scope="session")
def second_gateway(tmp_path_factory):
    """A gateway that keeps ETags, and that takes buckets in the host below `VIRTUAL_DOMAIN` too."""
    process, server = start_juicefs(tmp_path_factory.mktemp("second"), "--keep-etag", "--domain", VIRTUAL_DOMAIN)
    yield server
    stop(process)


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory):
    process, server = start_moto(tmp_path_factory.mktemp("moto"))
    yield server
    stop(process)


@pytest.fixture(params=["second_gateway", "moto_server"], ids=["juicefs", "moto"])
def etag_server(request) -> S3Server:
    """Each of the two in turn, with ETags for every object."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["juicefs_gateway", "moto_server"], ids=["juicefs", "moto"])
def s3_server(request) -> S3Server:
    """Each of the two in turn."""
    return request.getfixturevalue(request.param)
