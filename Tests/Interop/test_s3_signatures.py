"""X1: every stage of Signature V4 equals botocore's, over thousands of random requests."""

import json
import random
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

PROGRAM = Path(__file__).resolve().parents[2] / ".build/release/s3-signatures"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CASES = 4000

# What keys are made of: the signs that encoders disagree on, dots and slashes that must not be tidied away, and text beyond ASCII.
PIECES = [" ", "+", "%", "=", "&", "/", "//", "/./", "/../", "~", "-", "_", ".", "*", "'", "(", ")", "!", "@", ":", ",", ";", "$", "#", "?", "%2F", "%20",
          "\\", '"', "<", ">", "[", "]", "{", "}", "|", "^", "`", "é", "ß", "漢字", "🚀", "a\u0301", "A", "z", "0", "raw", "panel.parquet"]


def text(source: random.Random, most: int, without: str = "") -> str:
    return "".join(piece for piece in source.choices(PIECES, k=source.randint(0, most)) if not any(sign in piece for sign in without))


def random_case(number: int) -> dict:
    source = random.Random(number)
    service = "s3" if source.random() < 0.8 else "sts"
    path = "/" + text(source, 12) if service == "s3" else "/" + text(source, 6, without="%")
    names = ["prefix", "uploadId", "partNumber", "uploads", "list-type", "x-id", "Key", "A", "a", "encoding-type"]
    query = [(name, text(source, 4)) for name in source.sample(names, source.randint(0, 5))]
    headers = [("host", source.choice(["bucket.s3.eu-west-1.amazonaws.com", "127.0.0.1:9000", "[::1]:9000"]))]
    values = ["plain", "with  two   spaces", " around ", "a,b;c", "AES256", "tag=1&b=%20", "\ttab", "bytes=0-9"]
    for name in source.sample(["x-amz-acl", "Content-Type", "x-amz-meta-Note", "range", "if-match", "x-amz-storage-class", "X-Amz-Tagging"], source.randint(0, 4)):
        headers.append((name, source.choice(values)))
    hash_ = source.choice([EMPTY, "UNSIGNED-PAYLOAD", "".join(source.choices("0123456789abcdef", k=64))])
    return {
        "method": source.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]), "path": path, "query": query, "headers": headers, "payloadHash": hash_,
        "keyID": "AKIA" + "".join(source.choices("ABCDEFGHIJKLMNOP234567", k=16)), "secret": "".join(source.choices("abcXYZ019/+=%", k=40)),
        "region": source.choice(["us-east-1", "eu-central-1", "auto"]), "service": service,
        "stamp": f"20{source.randint(10, 99)}{source.randint(1, 12):02}{source.randint(1, 28):02}T{source.randint(0, 23):02}0{source.randint(0, 9)}59Z",
    }


def by_botocore(case: dict) -> dict:
    """The same request through botocore's own signer."""
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in case["query"])
    host = dict(case["headers"])["host"]
    url = f"https://{host}{quote(case['path'], safe='/-_.~')}" + (f"?{query}" if query else "")
    request = AWSRequest(method=case["method"], url=url)
    for name, value in case["headers"]:
        request.headers[name] = value
    request.headers["X-Amz-Date"] = case["stamp"]
    request.headers["X-Amz-Content-SHA256"] = case["payloadHash"]
    request.context["timestamp"] = case["stamp"]
    signer = (S3SigV4Auth if case["service"] == "s3" else SigV4Auth)(Credentials(case["keyID"], case["secret"]), case["service"], case["region"])
    signer.payload = lambda _: case["payloadHash"]
    canonical = signer.canonical_request(request)
    string = signer.string_to_sign(request, canonical)
    signature = signer.signature(string, request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    authorization = f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={names}, Signature={signature}"
    return {"canonicalRequest": canonical, "stringToSign": string, "signature": signature, "authorization": authorization}


@pytest.fixture(scope="module")
def pairs() -> list[tuple[dict, dict]]:
    cases = [random_case(number) for number in range(CASES)]
    lines = []
    for case in cases:
        headers = case["headers"] + [("x-amz-date", case["stamp"]), ("x-amz-content-sha256", case["payloadHash"])]
        lines.append(json.dumps(case | {"headers": headers}))
    done = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == CASES
    return list(zip(cases, answers, strict=True))


def test_cases_are_what_they_claim(pairs):
    paths = "".join(case["path"] for case, _ in pairs)
    assert all(piece in paths for piece in PIECES)
    assert sum(case["service"] == "sts" for case, _ in pairs) > 500


@pytest.mark.parametrize("stage", ["canonicalRequest", "stringToSign", "signature", "authorization"])
def test_every_stage_equals_botocores(pairs, stage):
    for case, ours in pairs:
        assert ours[stage] == by_botocore(case)[stage], case
