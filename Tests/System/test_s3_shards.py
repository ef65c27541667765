"""Shards and commit on the real S3 servers: parts are uploads until the commit completes them."""

import json
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pyarrow.dataset
import pyarrow.parquet
import pytest
import s3fs

import fleet
from fault_proxy import FaultProxy
from readers import assert_same_cells
from s3servers import credentials
from s3store import S3Place, environment, sha256
from store import Store

COUNT = 5
# Two files to a shard, and a table that the commit makes.
TRUTH = {"truth.cells": True, "truth.events": True}


@pytest.fixture
def place(s3_server, tmp_path) -> S3Place:
    return S3Place.new(tmp_path / "s3", s3_server)


def command(place: S3Place, name: str, *options, code: int = 0, sets: dict = TRUTH) -> dict | str:
    line = [str(fleet.BINARY), name, "--config", "tiny.yaml", "--json", *fleet.overrides(sets), *map(str, options)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=place.folder, env=environment(), timeout=120)
    assert done.returncode == code, f"{line}: exit {done.returncode}\n{done.stderr}"
    return json.loads(done.stdout) if code == 0 else done.stderr


def stage(place: S3Place, index: int, *options) -> dict:
    return command(place, "generate", "--shard", f"{index}/{COUNT}", *options)


def test_parts_are_invisible_until_the_commit_and_are_then_the_table_of_one_process(place, tmp_path):
    for index in range(COUNT - 1):
        stage(place, index)
    assert "Shard 4 of 5 is missing" in command(place, "commit", "--shards", COUNT, code=66)
    # No reader sees any part: what is there are records and marks.
    assert not any(key.endswith(".parquet") for key in place.keys())
    stage(place, COUNT - 1)
    assert stage(place, 2)["status"] == "already-staged"
    result = command(place, "commit", "--shards", COUNT)
    assert (result["status"], result["parts"], result["generation"]) == ("published", COUNT, 1)
    manifest = json.loads(place.get("manifests/tiny/1.json"))
    named = {entry["key"] for entry in manifest["artifacts"]}
    place.assert_settled(named | {"manifests/tiny/1.json", "manifests/tiny/latest.json"})
    place.verify()

    local = Store(tmp_path / "local")
    local.publish(TRUTH)
    files = s3fs.S3FileSystem(
        key=credentials()["AWS_ACCESS_KEY_ID"], secret=credentials()["AWS_SECRET_ACCESS_KEY"], client_kwargs={"endpoint_url": place.server.url},
        skip_instance_cache=True)
    truth = next(local.base.rglob("*.truth.parquet"))
    for folder, single in ((result["panel"], local.panel), (result["truth"], truth)):
        table = pyarrow.dataset.dataset(folder.removeprefix("s3://"), format="parquet", filesystem=files).to_table()
        frame = table.to_pandas().sort_values(["server_id", "date"], ignore_index=True)
        assert_same_cells(frame, pyarrow.parquet.read_table(single).to_pandas())
    events = place.get(result["events"].removeprefix(f"s3://{place.bucket}/"))
    assert events == next(local.base.rglob("*.events.parquet")).read_bytes()
    assert command(place, "commit", "--shards", COUNT)["status"] == "up-to-date"
    assert stage(place, 2)["status"] == "published"


def test_two_processes_that_make_a_shard_at_once_both_end_well(place):
    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda index: stage(place, index % COUNT)["status"], [0, 0, 0, 1, 1, 2, 2, 3, 4, 4]))
    assert set(ends) <= {"staged", "already-staged"}
    command(place, "commit", "--shards", COUNT)
    manifest = json.loads(place.get("manifests/tiny/1.json"))
    place.assert_settled({entry["key"] for entry in manifest["artifacts"]} | {"manifests/tiny/1.json", "manifests/tiny/latest.json"})


def test_a_shard_made_again_by_force_leaves_the_same_bytes_and_no_upload(place):
    first = stage(place, 0)
    assert stage(place, 0, "--force")["sha256"] == first["sha256"]
    for index in range(1, COUNT):
        stage(place, index)
    command(place, "commit", "--shards", COUNT)
    assert sha256(place.get(first["part"].removeprefix(f"s3://{place.bucket}/"))) == first["sha256"]
    assert place.uploads() == []
    manifest = json.loads(place.get("manifests/tiny/1.json"))
    place.assert_settled({entry["key"] for entry in manifest["artifacts"]} | {"manifests/tiny/1.json", "manifests/tiny/latest.json"})


@pytest.mark.parametrize("sets, files", [({}, 1), (TRUTH, 2)], ids=["panel", "truth"])
def test_a_commit_takes_six_requests_for_each_shard_and_four_for_its_truth(s3_server, tmp_path, sets, files):
    """Its record; for each file the upload's parts, completing it, looking for other uploads of its name, and removing its mark; the record again."""

    def requests(count: int) -> Counter:
        proxy = FaultProxy(s3_server.url)
        place = S3Place.new(tmp_path / str(count), s3_server, proxy.url)
        for index in range(count):
            command(place, "generate", "--shard", f"{index}/{count}", sets=sets)
        proxy.set()
        command(place, "commit", "--shards", count, sets=sets)
        seen = Counter(one.operation for one in proxy.seen)
        proxy.close()
        return seen

    more, fewer = requests(9), requests(3)
    each = {operation: (more[operation] - fewer[operation]) / 6 for operation in more}
    assert {operation: number for operation, number in each.items() if number} == {
        "GetObject": 1, "ListParts": files, "CompleteMultipartUpload": files, "ListMultipartUploads": files, "DeleteObject": 1 + files,
    }, (more, fewer)
