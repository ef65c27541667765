"""Sockets that the service manager opens and hands over (S11), here by a small parent."""

import os
import socket
import subprocess

import pytest

from manager import wait_for
from web import Web, free_port

# Puts the sockets where sd_listen_fds(3) has them, in the process that becomes the service.
PARENT = """
import os, sys
names, *command = sys.argv[1:]
os.environ.update(LISTEN_FDS=str(len(names.split(":"))), LISTEN_FDNAMES=names, LISTEN_PID=str(os.getpid()))
os.execv(command[0], command)
"""


def activate(service, sockets: list[socket.socket], names: str):
    """Starts the service with sockets from descriptor 3 on."""
    service.lives += 1
    numbers = [held.fileno() for held in sockets]

    def hand_over():
        copies = [os.dup(number) for number in numbers]
        copies = [os.dup2(copy, 200 + index, inheritable=False) for index, copy in enumerate(copies)]
        for index, copy in enumerate(copies):
            os.dup2(copy, 3 + index, inheritable=True)

    with service.log.open("wb") as log:
        service.process = subprocess.Popen(
            ["/usr/bin/python3", "-c", PARENT, names, *service.command()], cwd=service.folder, env=service.environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, preexec_fn=hand_over, close_fds=False)
    service.await_event("service-ready")
    return service


@pytest.fixture
def service(make):
    service = make()
    service.put("tiny")
    return service


def test_s11_a_port_that_the_manager_opened_is_answered(service):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        activate(service, [listener], "http")
        web = Web(service, port=port).await_answer()
        assert web.ask("/api/v1/status", host=f"localhost:{port}").status == 200
        assert web.ask("/api/v1/status", host="evil.example").status == 421
        assert web.tell("/api/v1/datasets/tiny/pause").status == 200
        service.stop()
        # The socket is the manager's: it still listens, for the next life.
        activate(service, [listener], "http")
        assert web.await_answer().ask("/healthz").status == 200


def test_s11_a_unix_socket_that_the_manager_opened_is_answered_and_stays(service):
    path = service.folder / "activated.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        activate(service, [listener], "http")
        assert Web(service, path=path).await_answer().ask("/api/v1/status").status == 200
        service.stop()
        assert path.exists(), "what the manager made, the manager removes"


def test_s11_several_sockets_are_answered_and_none_is_inherited_by_children(service):
    first, second = free_port(), free_port()
    with socket.create_server(("127.0.0.1", first)) as one, socket.create_server(("::1", second), family=socket.AF_INET6) as other:
        activate(service, [one, other], "http:http")
        assert Web(service, port=first).await_answer().ask("/healthz").status == 200
        with socket.create_connection(("::1", second)) as connection:
            connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: [::1]:{second}\r\nConnection: close\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        for number in (3, 4):
            flags = next(line for line in open(f"/proc/{service.pid}/fdinfo/{number}") if line.startswith("flags:"))
            assert int(flags.split()[1], 8) & os.O_CLOEXEC, f"descriptor {number} would be inherited"


@pytest.mark.parametrize("kind", ["datagram", "not listening", "another name"])
def test_s11_a_socket_that_cannot_be_served_costs_the_pages_and_nothing_else(service, kind):
    with socket.socket(type=socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_STREAM) as held:
        held.bind(("127.0.0.1", 0))
        if kind == "another name":
            held.listen()
        activate(service, [held], "control" if kind == "another name" else "http")
        service.await_event("run-published", "tiny")
        failed = service.await_event("http-failed")
        assert "FileDescriptorName=http" in failed["message"] if kind == "another name" else "ListenStream=" in failed["message"]


def test_s11_sockets_of_another_process_are_left_alone(make):
    service = make(env={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    service.put("tiny")
    service.start()
    service.await_event("run-published", "tiny")
    assert not service.count("http-ready") and not service.count("http-failed")


def test_s11_a_variable_that_is_no_number_is_told_and_costs_no_dataset(make):
    service = make(env={"LISTEN_FDS": "many", "LISTEN_PID": "1"})
    service.put("tiny")
    service.start()
    wait_for("a word about it", lambda: service.count("http-failed"))
    service.await_event("run-published", "tiny")
