"""Clients that mean harm, or know no better: the service goes on generating, and its memory stays what it was."""

import random
import socket
import time

import pytest

from manager import wait_for
from service import changed
from web import Web, free_port

SEQUENCE = 10_000


@pytest.fixture
def web(make, manager) -> Web:
    port = free_port()
    service = make(manager=manager, options=("--http-port", port))
    service.put("tiny")
    service.start()
    service.await_event("run-published", "tiny")
    service.await_idle("tiny")
    return Web(service, port=port).await_answer()


def assert_generates(web: Web, seed: int) -> None:
    """A changed config becomes a generation, as ever."""
    generation = web.service.generation("tiny")
    web.service.put("tiny", changed(seed))
    wait_for("a new generation", lambda: web.service.generation("tiny") > generation)


def answer_to(web: Web, request: bytes, timeout: float = 20) -> bytes:
    """What comes back until the service closes."""
    with web.open(timeout=timeout) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        received = b""
        try:
            while part := connection.recv(65_536):
                received += part
        except ConnectionError:
            pass
    return received


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def test_ten_thousand_connections_in_sequence_leave_memory_flat(web):
    paths = ("/", "/api/v1/status", "/datasets/tiny", "/healthz", "/nothing", "/api/v1/datasets?limit=5")

    def some(count: int) -> None:
        for number in range(count):
            assert web.ask(paths[number % len(paths)]).status in (200, 404)

    some(SEQUENCE // 5)
    before, open_before = web.service.resident(), len(web.service.descriptors())
    some(SEQUENCE - SEQUENCE // 5)
    assert web.service.resident() < before + 16 * 1024, "KiB"
    wait_for("closed connections", lambda: len(web.service.descriptors()) <= open_before + 2)
    assert_generates(web, 11)


def test_clients_that_send_slowly_lose_their_connection_and_keep_nobody_out(web):
    slow = [web.open(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ") for _ in range(60)]
    slow += [web.open(f"POST /api/v1/reload HTTP/1.1\r\nHost: {web.host}\r\nContent-Length: 100\r\n\r\n".encode()) for _ in range(30)]
    silent = [web.open() for _ in range(30)]
    began = time.monotonic()
    assert web.ask("/healthz").status == 200
    assert_generates(web, 12)
    # A byte now and then buys no time.
    ended = 0
    while slow + silent and time.monotonic() - began < 40:
        for connection in [*slow, *silent]:
            try:
                if connection in slow:
                    connection.sendall(b"a")
                connection.settimeout(0.001)
                while connection.recv(4096):
                    pass
                gone = True
            except TimeoutError:
                gone = False
            except OSError:
                gone = True
            if gone:
                (slow if connection in slow else silent).remove(connection)
                connection.close()
                ended += 1
        time.sleep(0.5)
    assert ended == 120 and time.monotonic() - began < 30
    assert web.ask("/healthz").status == 200


def test_a_client_that_reads_nothing_is_ended_and_holds_no_memory(web):
    for number in range(40):
        web.service.put(f"more{number}")
    web.service.await_idle()
    wait_for("a large page", lambda: len(web.ask("/api/v1/datasets?limit=1000").body) > 20_000)
    request = f"GET / HTTP/1.1\r\nHost: {web.host}\r\n\r\n".encode()
    before = web.service.resident()
    deaf = []
    for _ in range(20):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.connect(("127.0.0.1", web.port))
        connection.setblocking(False)
        # Pipelined: as many answers as fit wait for a reader that never comes.
        try:
            for _ in range(200):
                connection.send(request)
        except BlockingIOError:
            pass
        deaf.append(connection)
    time.sleep(2)
    assert web.service.resident() < before + 64 * 1024
    assert web.ask("/healthz").status == 200
    ports = {connection.getsockname()[1] for connection in deaf}
    wait_for("ended connections", lambda: not ports & established(web), timeout=60)
    for connection in deaf:
        connection.close()
    assert_generates(web, 13)


def established(web: Web) -> set[int]:
    """The client ports of connections that the service holds open."""
    rows = [line.split() for line in open(f"/proc/{web.service.pid}/net/tcp").readlines()[1:]]
    own = f":{web.port:04X}"
    inodes = {target for target in web.service.descriptors().values()}
    return {int(row[2].split(":")[1], 16) for row in rows if row[1].endswith(own) and row[3] != "0A" and f"socket:[{row[9]}]" in inodes}


def test_more_connections_than_there_is_room_for_wait_their_turn(web):
    held = [web.open() for _ in range(200)]
    began = time.monotonic()
    assert web.ask("/healthz", timeout=40).status == 200
    assert time.monotonic() - began < 30
    assert web.service.status()["tiny"]["state"] == "idle"
    for connection in held:
        connection.close()


def test_streams_are_bounded(web):
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: {web.host}\r\n\r\n".encode()
    streams = [web.open(request) for _ in range(32)]
    for stream in streams:
        assert b" 200 " in stream.recv(200)
    assert web.ask("/api/v1/events").status == 503
    for stream in streams:
        stream.close()

    def is_free() -> bool:
        with web.open(request) as stream:
            return b" 200 " in stream.recv(200)

    wait_for("a free stream", is_free)


def test_a_stream_that_is_asked_for_with_a_body_is_a_stream_all_the_same(web):
    body = b"x" * 100
    for path in ("/events", "/api/v1/events"):
        head = f"GET {path} HTTP/1.1\r\nHost: {web.host}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        with web.open(head + body) as stream:
            received = stream.recv(4096)
            assert b" 200 " in received.split(b"\r\n")[0]
    assert_generates(web, 15)


HUGE_REQUESTS = {
    "a long path": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
    "a long name": b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"a" * 1_000_000 + b": b\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
    "a header without end": b"GET / HTTP/1.1\r\nHost: {host}\r\n" + b"X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n" * 100_000,
    "a large body": b"POST /api/v1/reload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5000000\r\n\r\n" + b"a" * 5_000_000,
    "a large body in chunks": b"POST /api/v1/reload HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"a" * 1024 + b"\r\n400\r\n" + b"a" * 20_000,
    "no HTTP": bytes(range(256)) * 400,
    "a wrong version": b"GET / HTTP/9.9\r\nHost: {host}\r\n\r\n",
    "two lengths": b"POST /api/v1/reload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "a length and chunks": b"POST /api/v1/reload HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "another site's address": b"GET http://localhost/api/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n",
}


@pytest.mark.parametrize("what", HUGE_REQUESTS)
def test_requests_out_of_bounds_are_refused_and_cost_nothing(web, what):
    before = web.service.resident()
    request = HUGE_REQUESTS[what].replace(b"{host}", web.host.encode())
    for _ in range(3):
        answer = answer_to(web, request)
        # The socket may be closed before the client has sent everything, which takes the answer with it.
        assert status_of(answer) in (0, 400, 401, 413, 421, 431), answer[:200]
    assert web.ask("/healthz").status == 200
    assert web.service.resident() < before + 16 * 1024


TRAVERSALS = [
    "/datasets/../../../etc/passwd", "/datasets/..%2f..%2f..%2fetc%2fpasswd", "/datasets/%2e%2e/generations/1/manifest",
    "/datasets/tiny/generations/../../../state/http.token", "/datasets/tiny/generations/..%2f..%2f1/manifest", "/assets/../http.token",
    "/assets/..%2fhttp.token", "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/datasets/tiny%00/generations/1/manifest",
    "/datasets/tiny/generations/1/manifest/../../../../..", "/datasets/tiny/generations/1/http.token", "//etc/passwd", "/datasets/%ff/generations/1/report",
    "/datasets/tiny/generations/-1/manifest", "/datasets/tiny/generations/1e0/manifest", "/datasets/tiny/generations/99999999999999999999/manifest",
    "/datasets/tiny/generations/01/manifest", "/datasets/state%2fdatasets%2ftiny/generations/1/manifest",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_to_a_file(web, path):
    answer = answer_to(web, f"GET {path} HTTP/1.1\r\nHost: {web.host}\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) in (400, 404), answer[:200]
    assert web.token.encode() not in answer and b"root:" not in answer


def test_wrong_tokens_by_the_thousand_open_nothing(web):
    random.seed(1)
    right = web.token
    for number in range(1000):
        wrong = right[:number % 64] + "".join(random.choice("0123456789abcdef") for _ in range(64 - number % 64))
        if wrong != right:
            assert web.tell("/api/v1/datasets/tiny/pause", wrong).status == 401
    assert web.service.status()["tiny"]["state"] == "idle"
    assert right not in web.service.log.read_text()
    assert web.tell("/api/v1/datasets/tiny/pause").status == 200


def test_noise_of_every_kind_ends_no_service(web):
    random.seed(2)
    seeds = [
        f"GET /api/v1/datasets HTTP/1.1\r\nHost: {web.host}\r\nAccept: text/html\r\n\r\n".encode(),
        f"POST /datasets/tiny/pause HTTP/1.1\r\nHost: {web.host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\ntoken=abc".encode(),
        f"POST /api/v1/reload HTTP/1.1\r\nHost: {web.host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".encode(),
    ]
    for number in range(600):
        request = bytearray(seeds[number % len(seeds)])
        for _ in range(random.randrange(1, 6)):
            place = random.randrange(len(request))
            request[place:place + random.randrange(3)] = random.randbytes(random.randrange(4))
        answer = answer_to(web, bytes(request))
        assert not 500 <= status_of(answer) < 600, (bytes(request), answer[:200])
    assert not web.service.has_ended
    assert_generates(web, 14)
