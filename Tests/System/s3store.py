"""A small dataset that is published to a bucket of its own, and what must hold there whatever happened to a publication."""

import hashlib
import json
import socket
import subprocess
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

import fleet
from s3_reading import Reading
from s3servers import S3Server, credentials
from store import CONFIG, DATASET, finish

STEM = "raw/raw_server_metrics_2024-02-01_to_2024-03-01"
SECOND = {"data_generation.random_seed": 7}
# Nothing is ever replaced, so that a bucket is whole at any instant.
VERSIONED = {"output.filename": "panel-{generation}.parquet"}
# 12 MB: three parts of five MiB.
LARGE = {"data_generation.num_servers": 1200, "data_generation.start_date": "2020-01-01", "storage.part_size": "5MiB"}
PART_SIZES = {"5MiB": 5 << 20, "8MiB": 8 << 20}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def environment(keys: dict[str, str] | None = None, **extra: str) -> dict[str, str]:
    """That of a run: nothing of the caller's account, and no search for a machine's role."""
    kept = {name: value for name, value in fleet.environment().items() if not name.startswith("AWS_") and "proxy" not in name.lower()}
    nowhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    return kept | nowhere | (credentials() if keys is None else keys) | extra


@dataclass(frozen=True)
class S3Place:
    """`url` is where the program finds the store: the server itself, or a proxy. What is checked is read from the server.

    A `reading` is for buckets that may be written to at that moment, by requests of a run that was killed.
    """

    folder: Path
    server: S3Server
    bucket: str
    url: str
    sets: dict = field(default_factory=dict)
    reading: Reading | None = None

    def __post_init__(self):
        content = fleet.config(CONFIG, storage=storage(self.bucket, self.url))
        fleet.write_config(self.folder / f"{DATASET}.yaml", content)

    @classmethod
    def new(cls, folder: Path, server: S3Server, url: str | None = None, sets: dict | None = None) -> "S3Place":
        return cls(folder, server, server.new_bucket(), url or server.url, sets or {})

    def watched(self) -> "S3Place":
        """The same place, where each answer is judged by itself."""
        part_size = PART_SIZES[self.sets.get("storage.part_size", "8MiB")]
        return replace(self, reading=Reading(self.server, self.bucket, part_size))

    def command(self, sets: dict | None = None, *options) -> list[str]:
        line = [fleet.BINARY, "generate", "--config", f"{DATASET}.yaml", "--json", *fleet.overrides(self.sets | (sets or {})), *options]
        return [str(part) for part in line]

    def start(self, sets: dict | None = None, *options, keys: dict | None = None, **extra: str) -> subprocess.Popen:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(self.command(sets, *options), env=environment(keys, **extra), cwd=self.folder, **streams)

    def run(self, sets: dict | None = None, *options, **how) -> subprocess.CompletedProcess:
        """One `generate` to its end."""
        return finish(self.start(sets, *options, **how))

    def publish(self, sets: dict | None = None, *options, **how) -> dict:
        """One `generate` that must succeed."""
        done = self.run(sets, *options, **how)
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    def verify(self, code: int = 0, prefix: str = "") -> subprocess.CompletedProcess:
        where = environment(AWS_ENDPOINT_URL_S3=self.url)
        return fleet.run("verify", f"s3://{self.bucket}/{prefix}", code=code, cwd=self.folder, env=where)

    def get(self, key: str) -> bytes | None:
        if self.reading:
            return self.reading.get(key)
        client = self.server.client()
        try:
            return client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except client.exceptions.NoSuchKey:
            return None

    def put(self, key: str, data: bytes) -> None:
        self.server.client().put_object(Bucket=self.bucket, Key=key, Body=data)

    def keys(self) -> set[str]:
        pages = self.server.client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def content(self) -> dict[str, bytes]:
        found = {key: self.get(key) for key in sorted(self.keys())}
        # Only retention deletes, and only while somebody writes.
        assert self.reading or None not in found.values(), "an object that is listed is not there"
        return {key: data for key, data in found.items() if data is not None}

    def uploads(self) -> list[str]:
        """The keys of the multipart uploads that are under way, or left behind."""
        return [entry["Key"] for entry in self.server.client().list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])]

    def seeded(self, folder: Path, url: str | None = None, content: dict[str, bytes] | None = None) -> "S3Place":
        """A bucket with the same objects; `content` spares reading them again."""
        twin = S3Place.new(folder, self.server, url, self.sets)
        for key, data in (self.content() if content is None else content).items():
            twin.put(key, data)
        return twin

    def latest(self) -> dict | None:
        data = self.get(f"manifests/{DATASET}/latest.json")
        return json.loads(data) if data else None

    def generation(self) -> int:
        latest = self.latest()
        return latest["generation"] if latest else 0

    def assert_readers_see_whole_objects(self, panels: set[str]) -> None:
        """What a reader may rely on at any instant; `panels` are the hashes of the panels that were ever complete."""
        content = self.content()
        for key, data in content.items():
            if key.endswith(".parquet"):
                assert sha256(data) in panels, f"{key} is neither the old nor the new panel"
            elif key.endswith(".json"):
                json.loads(data)
            elif key.endswith(".csv"):
                assert data.count(b"\n") == 101, f"{key} is cut off"
            elif key.endswith(".html"):
                assert data.endswith(b"</html>\n"), f"{key} is cut off"
        latest = content.get(f"manifests/{DATASET}/latest.json")
        if latest:
            pointer = json.loads(latest)
            manifest = content[pointer["manifest"]]
            assert sha256(manifest) == pointer["manifest_sha256"]
            assert {entry["key"] for entry in json.loads(manifest)["artifacts"]} <= set(content)

    def assert_latest_is_complete(self) -> None:
        """Every object of the latest generation is what its manifest says: `verify` in other words, without the program."""
        latest = self.latest()
        assert latest, "there is no pointer"
        manifest = json.loads(self.get(latest["manifest"]) or b"{}")
        for entry in manifest["artifacts"]:
            data = self.get(entry["key"])
            assert data is not None, f"{entry['key']} is missing"
            assert (len(data), sha256(data)) == (entry["bytes"], entry["sha256"]), f"{entry['key']} is not what the manifest says"

    def assert_settled(self, keys: set[str]) -> None:
        """What must hold after a run that succeeded: these objects and no others, no upload under way, everything verified."""
        assert self.keys() == keys, f"unexpected: {sorted(self.keys() - keys)}, missing: {sorted(keys - self.keys())}"
        assert self.uploads() == []
        self.assert_latest_is_complete()


def storage(bucket: str, url: str) -> dict:
    """The section of a config that publishes to this bucket."""
    return {"use_s3": True, "bucket_name": bucket, "endpoint_url": url, "region": "us-east-1"}


@pytest.fixture(scope="session")
def silent_run(tmp_path_factory, moto_server):
    """A run whose store takes the connection and says nothing: three waits of half a minute."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = S3Place(tmp_path_factory.mktemp("silent"), moto_server, "bucket", f"http://127.0.0.1:{silent.getsockname()[1]}")
        run, started = place.start(), time.monotonic()
        yield place, run, started
        run.kill()
        run.wait()
