"""A guard before an S3 server: checks every request's Signature V4 and session token, then passes it on.

No server of the tests does this for temporary keys: the gateway knows one fixed key without a token, and moto checks nothing. A run that
gets through has signed with keys that are valid now.
"""

import hashlib
import hmac
import http.client
import threading
import time
from calendar import timegm
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

MAXIMUM_SKEW = 900


@dataclass(frozen=True)
class Keys:
    """What a source of credentials hands out; `expires` is in Unix seconds, None for never."""

    access_key: str
    secret_key: str
    token: str | None = None
    expires: float | None = None


def digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def canonical_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    return "&".join(f"{name}={value}" for name, _, value in sorted(pairs))


def signature(keys: Keys, method: str, target: str, headers: dict[str, str], signed: list[str], scope: str, payload_hash: str) -> str:
    """The signature of a request as it was sent; `headers` has lower-case names. Source: AWS's description of Signature Version 4."""
    path, _, query = target.partition("?")
    lines = "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in signed)
    canonical = "\n".join([method, path, canonical_query(query), lines, ";".join(signed), payload_hash])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{keys.secret_key}".encode()
    for part in scope.split("/"):
        key = digest(key, part)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def refusal(find, service: str, method: str, target: str, headers: dict[str, str], body: bytes) -> str | None:
    """An S3 error code, or None if the request is signed as it must be; `find` returns the keys of an id."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != "AWS4-HMAC-SHA256" or set(fields) != {"Credential", "SignedHeaders", "Signature"}:
        return "AccessDenied"
    access_key, _, scope = fields["Credential"].partition("/")
    keys = find(access_key)
    if keys is None:
        return "InvalidAccessKeyId"
    if headers.get("x-amz-security-token") != keys.token:
        return "InvalidToken"
    if keys.expires is not None and keys.expires <= time.time():
        return "ExpiredToken"
    moment = headers.get("x-amz-date", "")
    day, _, end = scope.partition("/")
    if day != moment[:8] or not end.endswith(f"/{service}/aws4_request"):
        return "AuthorizationHeaderMalformed"
    if abs(timegm(time.strptime(moment, "%Y%m%dT%H%M%SZ")) - time.time()) > MAXIMUM_SKEW:
        return "RequestTimeTooSkewed"
    payload_hash = hashlib.sha256(body).hexdigest()
    said = headers.get("x-amz-content-sha256", payload_hash)
    if said not in (payload_hash, "UNSIGNED-PAYLOAD"):
        return "XAmzContentSHA256Mismatch"
    signed = fields["SignedHeaders"].split(";")
    if "host" not in signed or (keys.token and "x-amz-security-token" not in signed):
        return "AccessDenied"
    expected = signature(keys, method, target, headers, signed, scope, said)
    return None if hmac.compare_digest(expected, fields["Signature"]) else "SignatureDoesNotMatch"


class Handler(BaseHTTPRequestHandler):
    """One request at a time per connection; what goes wrong is kept for the test instead of the terminal."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        pass

    def read(self) -> tuple[dict[str, str], bytes]:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return headers, self.rfile.read(int(headers.get("content-length", 0)))

    def answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in ({"content-length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()


def serve(handler: type, **state):
    """A server on a free port with the state as attributes; `close` ends it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    for name, value in state.items():
        setattr(server, name, value)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class GuardHandler(Handler):
    def handle_one(self):
        headers, body = self.read()
        code = refusal(self.server.find, "s3", self.command, self.path, headers, body)
        access_key = headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]
        self.server.seen.append((access_key, code))
        if code:
            text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>refused by the guard</Message></Error>"
            return self.answer(400 if code == "ExpiredToken" else 403, text.encode(), {"content-type": "application/xml"})
        upstream = http.client.HTTPConnection(urlsplit(self.server.upstream).netloc, timeout=30)
        try:
            upstream.request(self.command, self.path, body=body, headers=headers)
            response = upstream.getresponse()
            data = response.read()
        finally:
            upstream.close()
        dropped = {"transfer-encoding", "connection", "content-length", "server", "date"}
        kept = {name.lower(): value for name, value in response.getheaders() if name.lower() not in dropped}
        length = response.getheader("content-length") if self.command == "HEAD" else None
        self.answer(response.status, data, kept | ({"content-length": length} if length else {}))

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_one


class S3Guard:
    """Lets through what `find(access key id)` knows; `seen` lists access key ids with the code of the refusal or None."""

    def __init__(self, upstream: str, find):
        self.seen: list[tuple[str, str | None]] = []
        self.server = serve(GuardHandler, upstream=upstream, find=find, seen=self.seen)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
