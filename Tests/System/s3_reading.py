"""Reads objects that may be replaced at that moment, and judges every answer by itself, without knowing what was ever published.

JuiceFS's gateway looks up an object's size, its ETag and its blocks one after the other, so its answers during a replacement may mix two objects.
Such an answer is *torn*: it contradicts its own ETag, or is shorter than it says. moto never gives one. Both may *refuse* with a status of 500
and above: moto, because it closes the buffer of an object that is replaced, also under the hands of who reads it. A reader can tell, and reads
again.
"""

import hashlib
import threading
import time

from botocore.exceptions import ClientError, FlexibleChecksumError, IncompleteReadError, ResponseStreamingError

TRIES = 25
CUT_OFF = (ResponseStreamingError, IncompleteReadError, FlexibleChecksumError)


def etag_of(body: bytes, part_size: int | None = None) -> str:
    """What S3 calls these bytes after one PUT, or after an upload in parts of that size."""
    if part_size is None:
        return hashlib.md5(body).hexdigest()
    parts = [body[start : start + part_size] for start in range(0, len(body), part_size)] or [b""]
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f"{hashlib.md5(digests).hexdigest()}-{len(parts)}"


def contradiction(body: bytes, etag: str, length: int, part_size: int) -> str | None:
    """What is wrong with an answer in itself; None where nothing is."""
    if len(body) != length:
        return f"{len(body)} bytes, Content-Length {length}"
    name = etag.strip('"')
    if not name:
        return "no ETag"
    own = etag_of(body, part_size if "-" in name else None)
    return None if own == name else f"ETag {name}, the bytes have {own}"


class Reading:
    """Reads objects of one bucket whose uploads have parts of `part_size`.

    `answers` counts all answers, `torn` tells of those that contradicted themselves, `refused` of those with a status of 500 and above. Several
    threads may share one.
    """

    def __init__(self, server, bucket: str, part_size: int):
        self.server = server
        self.bucket = bucket
        self.part_size = part_size
        self.client = server.client()
        self.answers = 0
        self.torn: list[str] = []
        self.refused: list[str] = []
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The object as it was at some moment of this call; None where there is none. An answer that is no good is noted, and asked for again."""
        for _ in range(TRIES):
            body, problem = self._once(key)
            if problem is None:
                return body
            time.sleep(0.01)
        raise AssertionError(f"{TRIES} answers in a row are no good; {key}: {problem}")

    def _once(self, key: str) -> tuple[bytes | None, str | None]:
        """One answer: its body, or what is wrong with it."""
        body, torn, refused = self._ask(key)
        with self._lock:
            self.answers += 1
            self.torn += [f"{key}: {torn}"] if torn else []
            self.refused += [f"{key}: {refused}"] if refused else []
        return body, torn or refused

    def _ask(self, key: str) -> tuple[bytes | None, str | None, str | None]:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key)
            body = answer["Body"].read()
        except CUT_OFF as cut:
            return None, f"cut off: {cut}", None
        except ClientError as refused:
            if refused.response["Error"]["Code"] == "NoSuchKey":
                return None, None, None
            if refused.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
            return None, None, str(refused)
        return body, contradiction(body, answer.get("ETag", ""), answer["ContentLength"], self.part_size), None

    def assert_few_are_torn(self, most: float) -> None:
        """Torn are at most this share of all answers, and one more, of a server that is known to do so, none of any other; of any server at most
        this share is refused, and one more."""
        bound = most * self.answers + 1
        torn = bound if self.server.tears_objects else 0
        assert len(self.torn) <= torn, f"{len(self.torn)} of {self.answers} answers are torn: {self.torn[:5]}"
        assert len(self.refused) <= bound, f"{len(self.refused)} of {self.answers} answers are refused: {self.refused[:5]}"
