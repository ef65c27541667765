"""Asks the service over HTTP, by a port or a Unix socket, and reads its streams of events."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from manager import wait_for
from service import Service

VERBS = ("trigger", "pause", "resume")


def free_port() -> int:
    """A port that nobody has on either loopback address."""
    with socket.socket(socket.AF_INET6) as probe:
        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        probe.bind(("::", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, timeout: float):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


@dataclass
class Web:
    """The HTTP side of a service."""

    service: Service
    port: int | None = None
    path: Path | None = None

    def connection(self, timeout: float = 30) -> http.client.HTTPConnection:
        if self.path:
            return UnixConnection(self.path, timeout)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, timeout: float = 30, **headers: str) -> Answer:
        """One request on a connection of its own; header names with `_` for `-`."""
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    @property
    def token(self) -> str:
        return (self.service.state / "http.token").read_text().strip()

    def tell(self, path: str, token: str | None = None, **headers: str) -> Answer:
        """A POST with the token."""
        return self.ask(path, "POST", authorization=f"Bearer {self.token if token is None else token}", **headers)

    def open(self, request: bytes = b"", timeout: float = 30) -> socket.socket:
        """A bare connection."""
        if self.path:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(timeout)
            connection.connect(str(self.path))
        else:
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        connection.sendall(request)
        return connection

    @property
    def host(self) -> str:
        return f"localhost:{self.port}" if self.port else "localhost"

    def await_answer(self) -> "Web":
        def answers() -> bool:
            try:
                return self.ask("/healthz").status == 200
            except OSError:
                return False

        wait_for("an answer over HTTP", answers)
        return self

    def events(self, path: str = "/api/v1/events", seconds: float = 20) -> Iterator[tuple[str, str, str]]:
        """(name, id, data) of every event, until the time is over."""
        end = time.monotonic() + seconds
        with self.open(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode(), timeout=seconds) as connection:
            stream = connection.makefile("rb")
            assert b"200" in stream.readline()
            while stream.readline() not in (b"\r\n", b""):
                pass
            name = identity = ""
            data: list[str] = []
            for chunk in chunks(stream):
                for line in chunk.decode().split("\n"):
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("id: "):
                        identity = line[4:]
                    elif line.startswith("data: "):
                        data.append(line[6:])
                    elif not line and name:
                        yield name, identity, "\n".join(data)
                        name = identity = ""
                        data = []
                if time.monotonic() > end:
                    return


def chunks(stream) -> Iterator[bytes]:
    """The chunks of a chunked body; an event is never cut by one."""
    while size := int(stream.readline() or b"0", 16):
        yield stream.read(size)
        stream.readline()
