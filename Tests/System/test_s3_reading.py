"""What readers meet while an object is replaced: the reference for the kills, with nothing of this project but the server's two objects."""

import contextlib
import itertools
import threading
import time
import warnings

import pytest

from s3_reading import Reading, contradiction, etag_of

PART = 5 << 20
READS = 1000
SECONDS = 8
# Of a gateway's answers under constant replacement; 2 to 3 % were measured.
MOST = 0.1
# Of sizes that differ, so that a mixture shows in its length as well.
OBJECTS = [b"old" * 20_000, b"newer" * 15_000]


class Replacing(threading.Thread):
    """Puts the two objects under one key in turn, as fast as the server takes them, with plain `put_object`."""

    def __init__(self, server, bucket: str, key: str):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.problem: Exception | None = None
        self.count = 0
        self.put = lambda body: server.client().put_object(Bucket=bucket, Key=key, Body=body)

    def run(self) -> None:
        try:
            for body in itertools.cycle(OBJECTS):
                self.put(body)
                self.count += 1
                if self.over.is_set():
                    return
        except Exception as problem:
            self.problem = problem


def test_an_object_that_is_replaced_all_the_time_is_read_whole(etag_server):
    """Answers that agree with themselves are always whole. moto gives no others; the gateway does, which is its own doing."""
    bucket = etag_server.new_bucket("replaced")
    etag_server.client().put_object(Bucket=bucket, Key="panel", Body=OBJECTS[0])
    reading, seen = Reading(etag_server, bucket, PART), set()
    writer = Replacing(etag_server, bucket, "panel")
    writer.start()
    end = time.monotonic() + SECONDS
    while reading.answers < READS and time.monotonic() < end:
        body = reading.get("panel")
        assert body in OBJECTS, "an answer that agrees with its ETag is neither the old nor the new object"
        seen.add(body)
    writer.over.set()
    writer.join(timeout=60)
    assert writer.problem is None and writer.count > 10 and len(seen) == 2, (writer.problem, writer.count, len(seen))
    reading.assert_few_are_torn(MOST)
    print(f"{len(reading.torn)} torn, {len(reading.refused)} refused of {reading.answers} answers, {writer.count} replacements: {reading.torn[:3]}")
    if etag_server.tears_objects and not reading.torn:
        warnings.warn(f"{etag_server.name} tore none of {reading.answers} answers: docs/S3.md says that it does", stacklevel=1)


@pytest.mark.parametrize("size", [0, 1000, PART, 2 * PART + 1])
def test_the_judge_agrees_with_the_servers(etag_server, size):
    """A whole object is never called torn, one that was cut or changed always is; by one PUT and in parts."""
    bucket, client, body = etag_server.new_bucket("judged"), etag_server.client(), bytes(range(256)) * (size // 256) + bytes(size % 256)
    client.put_object(Bucket=bucket, Key="one", Body=body)
    upload = client.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    parts = []
    for number, start in enumerate(range(0, max(size, 1), PART), 1):
        sent = {"Body": body[start : start + PART], "PartNumber": number, "UploadId": upload}
        parts.append({"PartNumber": number, "ETag": client.upload_part(Bucket=bucket, Key="parts", **sent)["ETag"]})
    client.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    reading = Reading(etag_server, bucket, PART)
    assert reading.get("one") == reading.get("parts") == body and reading.torn == []
    flipped = body[:-1] + bytes([body[-1] ^ 1 if body else 1])
    for name in (etag_of(body), etag_of(body, PART)):
        assert contradiction(body, f'"{name}"', size, PART) is None
        assert contradiction(flipped, f'"{name}"', len(flipped), PART)
        assert contradiction(body, f'"{name}"', size + 1, PART)
    assert contradiction(body, "", size, PART) == "no ETag"
    assert reading.get("none") is None


def test_few_means_none_where_the_server_tears_nothing(etag_server):
    reading = Reading(etag_server, etag_server.new_bucket("few"), PART)
    reading.answers, reading.torn = 1000, ["panel: cut off"]
    few = contextlib.nullcontext() if etag_server.tears_objects else pytest.raises(AssertionError, match="1 of 1000")
    with few:
        reading.assert_few_are_torn(0.02)
    reading.torn *= 22
    with pytest.raises(AssertionError, match="22 of 1000"):
        reading.assert_few_are_torn(0.02)
    reading.torn, reading.refused = [], ["panel: 500"] * 21
    reading.assert_few_are_torn(0.02)
    reading.refused *= 2
    with pytest.raises(AssertionError, match="42 of 1000"):
        reading.assert_few_are_torn(0.02)
