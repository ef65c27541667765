"""The fakes are what AWS's own tools expect: botocore gets keys from each, and a guard lets through what botocore signs with them only."""

import json
import subprocess
import sys

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from credential_sources import SOURCES, fakes, set_up
from s3_guard import Keys, S3Guard

__all__ = ["fakes"]

PRINT_KEYS = """
import boto3, json, os
keys = boto3.Session(profile_name=os.environ.get("FLEETSYNTH__STORAGE__PROFILE")).get_credentials().get_frozen_credentials()
print(json.dumps([keys.access_key, keys.secret_key, keys.token]))
"""


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "credential file"])
def test_botocore_gets_keys_from_each_source(fakes, tmp_path, source):
    """All but systemd's credential file, which botocore does not know."""
    environment = set_up(source, fakes, tmp_path)
    done = subprocess.run([sys.executable, "-c", PRINT_KEYS], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    access_key, secret_key, token = json.loads(done.stdout)
    found = fakes.find(access_key)
    assert found and (found.secret_key, found.token) == (secret_key, token)


def client(guard: S3Guard, keys: Keys):
    options = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3", endpoint_url=guard.url, region_name="us-east-1", aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key,
        aws_session_token=keys.token, config=options)


def test_a_guard_tells_right_signatures_from_wrong_ones(fakes, moto_server):
    guard = S3Guard(moto_server.url, fakes.find)
    try:
        bucket, keys = moto_server.new_bucket(), fakes.issue("imds")
        right = client(guard, keys)
        right.put_object(Bucket=bucket, Key="a b+c=%/é", Body=b"x" * 100_000, Tagging="a=b")
        assert right.get_object(Bucket=bucket, Key="a b+c=%/é")["Body"].read() == b"x" * 100_000
        assert right.head_object(Bucket=bucket, Key="a b+c=%/é")["ContentLength"] == 100_000
        assert right.list_objects_v2(Bucket=bucket, Prefix="a b", MaxKeys=5)["KeyCount"] == 1
        fakes.lifetime = -1
        wrong = {
            "SignatureDoesNotMatch": Keys(keys.access_key, keys.secret_key + "x", keys.token),
            "InvalidToken": Keys(keys.access_key, keys.secret_key, "other"),
            "InvalidAccessKeyId": Keys("ASIANOBODY", "x", "y"),
            "ExpiredToken": fakes.issue("imds"),
        }
        for code, others in wrong.items():
            with pytest.raises(ClientError) as refused:
                client(guard, others).list_objects_v2(Bucket=bucket)
            assert refused.value.response["Error"]["Code"] == code
    finally:
        guard.close()
