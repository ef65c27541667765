"""The fault proxy itself, with boto3 as its client: what passes is unchanged, and every fault is what its name says."""

import hashlib
import io

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

import s3_faults
from fault_proxy import FaultProxy, Rule
from s3_faults import OTHER_REGION

BODY = bytes(range(256)) * 40
KEYS = ["plain", "a space", "plus+and%percent=", "deep/er/ünï-日本", "x/%41"]


@pytest.fixture
def bucket(s3_server) -> str:
    return s3_server.new_bucket("proxy")


def outcome(call, **arguments) -> str:
    """`ok`, the code of S3's error, or `lost` where no answer came."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError:
        return "lost"
    return "ok"


@pytest.mark.parametrize("key", KEYS)
def test_what_passes_is_unchanged_and_stays_signed(s3_server, proxy, bucket, key):
    client = s3_server.client(proxy.url)
    client.put_object(Bucket=bucket, Key=key, Body=BODY)
    assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == BODY
    assert client.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(BODY)
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    client.delete_object(Bucket=bucket, Key=key)
    operations = ["PutObject", "GetObject", "HeadObject", "ListObjects", "DeleteObject"]
    assert [one.operation for one in proxy.seen] == operations and proxy.struck == 0
    assert all(one.key == key for one in proxy.seen if one.operation != "ListObjects")


def test_a_multipart_upload_passes_and_each_of_its_requests_is_told_apart(s3_server, proxy, bucket):
    body = BODY * 1100
    transfer = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    client = s3_server.client(proxy.url)
    upload = client.create_multipart_upload(Bucket=bucket, Key="given-up")["UploadId"]
    assert len(client.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1
    client.list_parts(Bucket=bucket, Key="given-up", UploadId=upload)
    client.abort_multipart_upload(Bucket=bucket, Key="given-up", UploadId=upload)
    client.upload_fileobj(io.BytesIO(body), bucket, "big", Config=transfer)
    stored = client.get_object(Bucket=bucket, Key="big")["Body"].read()
    assert hashlib.sha256(stored).digest() == hashlib.sha256(body).digest()
    seen = {one.operation for one in proxy.seen}
    names = {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload", "ListMultipartUploads", "ListParts"}
    assert names <= seen
    assert proxy.count("UploadPart") == 3


# boto3 learns a region by itself. The fault, what the client sees, and whether the object is there afterwards.
ON_PUT = {
    "drop_before": ("lost", False), "drop_after": ("lost", True), "half_response": ("lost", True), "slow_down": ("SlowDown", False),
    "internal_error": ("InternalError", False), "slow": ("ok", True), "duplicate": ("ok", True), "stall_before": ("lost", False),
    "stall_after": ("lost", True), "conflict": ("ConditionalRequestConflict", False), "precondition_after": ("ok", True),
    "redirected": ("ok", True), "malformed_region": ("ok", True),
    "skewed": ("RequestTimeTooSkewed", False), "expired_token": ("ExpiredToken", False), "denied": ("AccessDenied", False),
}


@pytest.mark.parametrize("fault", ON_PUT)
def test_every_fault_is_what_its_name_says(s3_server, proxy, bucket, fault):
    expected, stored = ON_PUT[fault]
    client = s3_server.client(proxy.url, read_timeout=1, s3={"addressing_style": "path"})
    proxy.set(Rule(getattr(s3_faults, fault), "PutObject", first=2))
    assert outcome(client.put_object, Bucket=bucket, Key="first", Body=BODY) == "ok"
    assert outcome(client.put_object, Bucket=bucket, Key="second", Body=BODY) == expected
    assert outcome(client.put_object, Bucket=bucket, Key="third", Body=BODY) == "ok"
    assert proxy.count("PutObject", fault) == proxy.struck == 1
    there = [entry["Key"] for entry in s3_server.client().list_objects_v2(Bucket=bucket)["Contents"]]
    assert there == ["first", *(["second"] if stored else []), "third"]


def test_a_flipped_bit_reaches_the_client_or_is_refused_by_a_server_that_checks(s3_server, proxy, bucket):
    client = s3_server.client(proxy.url)
    client.put_object(Bucket=bucket, Key="kept", Body=BODY)
    proxy.set(Rule(s3_faults.corrupt_response, "GetObject"), Rule(s3_faults.corrupt_request, "PutObject"))
    try:
        got = client.get_object(Bucket=bucket, Key="kept")["Body"].read()
    except BotoCoreError:
        got = b""
    assert got != BODY
    # moto checks nothing that is signed, so it stores what came.
    refused = outcome(client.put_object, Bucket=bucket, Key="flipped", Body=BODY) != "ok"
    assert refused == s3_server.checks_signatures


def test_an_error_in_the_body_of_a_200_comes_with_and_without_the_commit(s3_server, proxy, bucket):
    client = s3_server.client(proxy.url)
    for fault, completed in (("error_instead", False), ("error_after", True)):
        upload = client.create_multipart_upload(Bucket=bucket, Key=fault)["UploadId"]
        part = client.upload_part(Bucket=bucket, Key=fault, UploadId=upload, PartNumber=1, Body=BODY)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        proxy.set(Rule(getattr(s3_faults, fault), "CompleteMultipartUpload"))
        done = outcome(client.complete_multipart_upload, Bucket=bucket, Key=fault, UploadId=upload, MultipartUpload=parts)
        # botocore makes a plain 500 of it because of the white space.
        assert done in ("500", "InternalError")
        there = s3_server.client().list_objects_v2(Bucket=bucket, Prefix=fault).get("KeyCount")
        assert there == (1 if completed else 0)


def test_a_signature_for_the_region_that_the_store_names_passes(moto_server):
    proxy = FaultProxy(moto_server.url)
    bucket = moto_server.new_bucket("region")
    proxy.set(Rule(s3_faults.redirected, "PutObject", count=None))
    assert outcome(moto_server.client(proxy.url).put_object, Bucket=bucket, Key="k", Body=b"1") == "ok"
    assert [one.request.region for one in proxy.seen] == ["us-east-1", OTHER_REGION]
    proxy.close()


def test_a_store_that_ignores_conditions_overwrites(moto_server):
    proxy = FaultProxy(moto_server.url)
    bucket = moto_server.new_bucket("conditions")
    client = moto_server.client(proxy.url)
    assert outcome(client.put_object, Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*") == "ok"
    assert outcome(client.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == "PreconditionFailed"
    proxy.set(Rule(s3_faults.conditions_ignored, "PutObject", count=None))
    assert outcome(client.put_object, Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*") == "ok"
    proxy.close()
