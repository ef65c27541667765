"""Publication to S3, on both servers: what is published, under which names, what stays, what goes, and what the program says of it."""

import json
import subprocess
import sys

import pytest

import fleet
import s3_faults
from fault_proxy import FaultProxy, Rule
from s3servers import SECRET_KEY
from s3store import LARGE, SECOND, STEM, VERSIONED, S3Place, environment, sha256
from store import DATASET, Store

# As far as a config allows them in a prefix and in a file name.
PREFIXES = [
    "raw/", "", "with space/", "plus+/per%cent/eq=ual/", "hive/region=eu-west-1/", "%41%2F/", "ünïcode/日本 データ/",
    "tilde~/'quote'(1)!*/",
]
FILENAME = "p a+n%20e=l-ü-{generation}.parquet"


@pytest.fixture
def place(s3_server, tmp_path) -> S3Place:
    return S3Place.new(tmp_path / "s3", s3_server)


@pytest.fixture
def proxied(s3_server, tmp_path):
    proxy = FaultProxy(s3_server.url)
    yield S3Place.new(tmp_path / "s3", s3_server, proxy.url), proxy
    proxy.close()


@pytest.mark.parametrize("sets", [{}, LARGE], ids=["one-part", "three-parts"])
def test_the_bytes_are_those_of_a_local_publication(place, tmp_path, sets):
    local = Store(tmp_path / "local")
    local.publish({key: value for key, value in sets.items() if not key.startswith("storage.")})
    result = place.publish(sets)
    assert result["status"] == "published" and result["panel"].startswith(f"s3://{place.bucket}/raw/"), result
    # The report alone says where its config publishes.
    def compared(name: str) -> bool:
        return name.startswith("raw/") and not name.endswith(".report.html")

    content = place.content()
    assert {name: sha256(data) for name, data in content.items() if compared(name)} == {
        name: sha256((local.base / name).read_bytes()) for name in local.files() if compared(name)
    }
    assert set(content) == local.files()
    place.assert_settled(place.keys())
    place.verify()


def test_a_large_object_goes_out_in_parts_while_it_is_made(proxied):
    place, proxy = proxied
    place.publish(LARGE)
    panel = [one for one in proxy.seen if one.key.endswith(".parquet")]
    parts = [len(one.request.body) for one in panel if one.operation == "UploadPart"]
    assert len(parts) == 3 and all(size >= 5 << 20 for size in sorted(parts)[1:]), parts
    assert [one.operation for one in panel].count("CreateMultipartUpload") == 1
    assert not any(one.operation == "PutObject" and len(one.request.body) > 5 << 20 for one in proxy.seen)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_keys_are_exactly_what_the_config_says(place, prefix):
    sets = {"storage.raw_prefix": prefix, "output.filename": FILENAME}
    result = place.publish(sets)
    panel = prefix + FILENAME.replace("{generation}", "1")
    assert result["panel"] == f"s3://{place.bucket}/{panel}"
    stem = panel.removesuffix(".parquet")
    pointer = {f"manifests/{DATASET}/1.json", f"manifests/{DATASET}/latest.json"}
    assert place.keys() == {panel, f"{stem}.summary.json", f"{stem}.sample.csv", f"{stem}.report.html", *pointer}
    place.verify()
    assert place.publish(sets)["status"] == "up-to-date"
    assert place.publish(sets | SECOND)["generation"] == 2
    place.verify()
    assert place.uploads() == []


def test_an_unchanged_dataset_publishes_nothing(proxied):
    place, proxy = proxied
    place.publish()
    before = place.content()
    proxy.set()
    assert place.publish()["status"] == "up-to-date"
    written = [one.operation for one in proxy.seen if one.key.startswith("raw/") and one.request.method in ("PUT", "POST", "DELETE")]
    assert written == [] and place.content() == before


def test_generations_roll_in_the_bucket(place):
    """D11: the two newest stay, what was before is deleted; nothing of another dataset is touched."""
    place.put("raw/of-somebody-else.parquet", b"PAR1")
    sets = VERSIONED | {"retention.keep_last": 2, "retention.grace_hours": 0}
    for seed in range(1, 6):
        assert place.publish(sets | {"data_generation.random_seed": seed})["generation"] == seed
        place.assert_latest_is_complete()
    place.publish(sets | {"data_generation.random_seed": 5})
    panels = {key for key in place.keys() if key.endswith(".parquet")}
    assert panels == {"raw/of-somebody-else.parquet", "raw/panel-4.parquet", "raw/panel-5.parquet"}
    assert {key for key in place.keys() if key.startswith("manifests/")} == {
        f"manifests/{DATASET}/{name}.json" for name in ("4", "5", "latest")
    }
    place.verify()


def test_verify_finds_every_kind_of_damage(place):
    place.publish()
    place.verify()
    panel, manifest = f"{STEM}.parquet", f"manifests/{DATASET}/1.json"
    whole = place.content()
    flipped = bytearray(whole[panel])
    flipped[len(flipped) // 2] ^= 1
    for key, damage in {panel: bytes(flipped), f"{STEM}.sample.csv": b"", manifest: whole[manifest][:-2]}.items():
        place.put(key, damage)
        said = place.verify(65)
        assert key.rsplit("/", 1)[1] in said.stdout + said.stderr
        place.put(key, whole[key])
    place.verify()
    place.server.client().delete_object(Bucket=place.bucket, Key=panel)
    assert "raw_server_metrics" in place.verify(65).stdout


def test_verify_takes_a_prefix_a_manifest_or_the_bucket_and_says_when_there_is_nothing(place):
    place.publish()
    for prefix in ("", "manifests", f"manifests/{DATASET}/", f"manifests/{DATASET}/1.json", f"manifests/{DATASET}/latest.json"):
        place.verify(prefix=prefix)
    assert "elsewhere" in place.verify(66, prefix="elsewhere/").stderr


def test_verify_takes_the_store_from_a_config_and_generates_again(place):
    place.publish()
    fleet.run("verify", f"s3://{place.bucket}/", "--config", f"{DATASET}.yaml", "--regenerate", cwd=place.folder, env=environment())
    place.put(f"{STEM}.parquet", b"PAR1")
    fleet.run("verify", f"s3://{place.bucket}/", "--config", f"{DATASET}.yaml", code=65, cwd=place.folder, env=environment())


def test_a_damaged_panel_is_published_again(place):
    place.publish()
    good = place.get(f"{STEM}.parquet")
    place.server.client().delete_object(Bucket=place.bucket, Key=f"{STEM}.parquet")
    result = place.publish({}, "--force")
    assert result["status"] == "published"
    assert place.get(f"{STEM}.parquet") == good
    place.verify()


def test_our_abandoned_uploads_are_aborted_and_those_of_others_left_alone(place):
    """X5: by the keys that this dataset writes."""
    place.publish()
    client = place.server.client()

    def abandoned(key: str) -> None:
        upload = client.create_multipart_upload(Bucket=place.bucket, Key=key)["UploadId"]
        client.upload_part(Bucket=place.bucket, Key=key, UploadId=upload, PartNumber=1, Body=b"cut off")

    foreign = ["raw/of-somebody-else.parquet", "elsewhere/data.bin"]
    for key in [f"{STEM}.parquet", f"{STEM}.sample.csv", *foreign]:
        abandoned(key)
    assert place.publish(SECOND)["generation"] == 2
    assert sorted(place.uploads()) == sorted(foreign)


def test_a_store_that_ignores_conditions_is_found_out_and_named(moto_server, tmp_path):
    """X8: the probe's result is reported; the publication goes on with reading before writing, or is refused where that is asked for."""
    proxy = FaultProxy(moto_server.url)
    place = S3Place.new(tmp_path, moto_server, proxy.url)
    honest = place.run()
    assert honest.returncode == 0
    proxy.set(Rule(s3_faults.conditions_ignored, "PutObject", count=None))
    ignoring = place.run(SECOND)
    assert ignoring.returncode == 0, ignoring.stderr
    assert "condition" in (ignoring.stderr + ignoring.stdout).lower()
    place.assert_latest_is_complete()
    refused = place.run({"data_generation.random_seed": 9, "storage.conditional_writes": "required"})
    assert refused.returncode in (69, 78) and "conditional_writes" in refused.stderr, refused.stderr
    assert place.generation() == 2
    proxy.close()


def test_two_runs_at_the_same_time_leave_one_whole_generation(place):
    """D15: the second is turned away, or comes after the first; never a mixture."""
    runs = [place.start(SECOND | {"data_generation.random_seed": seed}) for seed in (11, 12)]
    codes = [run.wait(timeout=120) for run in runs]
    for run in runs:
        run.communicate()
    assert 0 in codes and set(codes) <= {0, 75}, codes
    place.assert_latest_is_complete()
    place.verify()
    assert place.uploads() == []


def test_plan_says_where_and_with_whose_keys_and_never_the_secret(place):
    done = fleet.run("plan", "--config", f"{DATASET}.yaml", cwd=place.folder, env=environment())
    assert f"s3://{place.bucket}/raw/" in done.stdout and place.url in done.stdout and "environment" in done.stdout
    assert SECRET_KEY not in done.stdout + done.stderr


def test_settings_reach_the_store(moto_server, tmp_path):
    """X16: encryption, class and tags of the objects."""
    tagged = {"storage.tags": {"team": "fleet", "stage": "a b+c"}}
    sets = tagged | {"storage.storage_class": "STANDARD_IA", "storage.server_side_encryption": "AES256"}
    place = S3Place.new(tmp_path, moto_server)
    place.publish(sets)
    client = moto_server.client()
    head = client.head_object(Bucket=place.bucket, Key=f"{STEM}.parquet")
    assert head["StorageClass"] == "STANDARD_IA" and head["ServerSideEncryption"] == "AES256", head
    tags = client.get_object_tagging(Bucket=place.bucket, Key=f"{STEM}.parquet")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"team": "fleet", "stage": "a b+c"}
    assert json.loads(place.get(f"manifests/{DATASET}/latest.json") or b"{}")["generation"] == 1


def test_every_setting_goes_out_with_the_requests_that_it_is_for(moto_server, tmp_path):
    """X16: the key of SSE-KMS with all that is written, class and tags with the artifacts, the owner with everything, and no ACL with anything."""
    proxy = FaultProxy(moto_server.url)
    place = S3Place.new(tmp_path, moto_server, proxy.url)
    kms = {"storage.server_side_encryption": "aws:kms", "storage.kms_key_id": "alias/fleet", "storage.bucket_key": True}
    place.publish(kms | {"storage.expected_bucket_owner": "123456789012", "storage.storage_class": "ONEZONE_IA", "storage.tags": {"a": "b"}})
    encryption = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "alias/fleet",
                  "x-amz-server-side-encryption-bucket-key-enabled": "true"}
    artifact = {"x-amz-storage-class": "ONEZONE_IA", "x-amz-tagging": "a=b"}
    types = {"parquet": "application/vnd.apache.parquet", "json": "application/json", "csv": "text/csv", "html": "text/html; charset=utf-8"}
    begun = {"PutObject": 0, "CreateMultipartUpload": 0}
    for one in proxy.seen:
        headers = {name.lower(): value for name, value in one.request.headers}
        assert headers["x-amz-expected-bucket-owner"] == "123456789012" and "x-amz-acl" not in headers
        writes = one.operation in begun
        assert {name: headers.get(name) for name in encryption} == (encryption if writes else dict.fromkeys(encryption))
        uploads = one.operation == "CreateMultipartUpload"
        assert {name: headers.get(name) for name in artifact} == (artifact if uploads else dict.fromkeys(artifact))
        if uploads:
            assert headers["content-type"] == types[one.key.rsplit(".")[-1]]
        if writes:
            begun[one.operation] += 1
    assert begun["CreateMultipartUpload"] == 4 and begun["PutObject"] >= 2
    head = moto_server.client().head_object(Bucket=place.bucket, Key=f"{STEM}.parquet")
    assert head["ServerSideEncryption"] == "aws:kms" and head["ContentType"] == types["parquet"], head
    proxy.close()


def test_memory_is_bounded_while_a_large_panel_goes_out(s3_server, tmp_path):
    """X18: 29 million rows, 200 MB in parts of 8 MiB, without a copy of the file anywhere."""
    place = S3Place.new(tmp_path, s3_server)
    large = {"data_generation.num_servers": 20_000, "data_generation.start_date": "2020-01-01", "data_generation.end_date": "2023-12-31"}
    report = tmp_path / "report.json"
    command = [sys.executable, "-IS", str(fleet.ROOT / "Benchmarks/measure.py"), str(report), *place.command(large)]
    done = subprocess.run(command, env=environment(), cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    listed = s3_server.client().list_objects_v2(Bucket=place.bucket)["Contents"]
    [size] = [entry["Size"] for entry in listed if entry["Key"].endswith(".parquet")]
    peak = json.loads(report.read_text())["peak_mib"]
    print(f"{size} bytes, peak {peak} MiB")
    # The bound of every panel; what is alive at once depends on how long the server lets parts wait.
    assert size > 150e6 and 10 < peak < 256
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 1 << 20


@pytest.mark.parametrize("checksums", ["auto", "when-required", "off"])
def test_every_way_of_checksums_publishes(proxied, checksums):
    """X6: with `off` no header of the newer kind is sent; the payload is signed in any case."""
    place, proxy = proxied
    place.publish(LARGE | {"storage.checksums": checksums})
    place.assert_latest_is_complete()
    bodies = [one.request for one in proxy.seen if one.operation in ("UploadPart", "PutObject")]
    assert bodies and all(len(request.header("x-amz-content-sha256")) == 64 for request in bodies)
    newer = [request for request in bodies if request.header("x-amz-checksum-sha256")]
    assert len(newer) == (len(bodies) if checksums == "auto" else 0)
