"""The service manager's end of NOTIFY_SOCKET, and the wait that ends with a condition."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


def wait_for(what: str, condition: Callable, timeout: float = 30):
    """The first true value of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"{what}: not within {timeout:g} s"
        time.sleep(0.01)


@dataclass(frozen=True)
class Datagram:
    """One message to the service manager."""

    text: str
    at: float

    @property
    def fields(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.text.splitlines())

    def has(self, name: str) -> bool:
        return name in self.fields


class Manager:
    """The service manager's end of NOTIFY_SOCKET; `name` is a path, or abstract with `@`."""

    def __init__(self, name: str):
        self.name = name
        self.datagrams: list[Datagram] = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self) -> None:
        while text := self.socket.recv(8192):
            self.datagrams.append(Datagram(text.decode(), time.monotonic()))

    def close(self) -> None:
        """An empty datagram ends the thread; only then may the descriptor go."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"", self.socket.getsockname())
        self.thread.join(timeout=10)
        self.socket.close()

    def all(self, name: str) -> list[Datagram]:
        return [datagram for datagram in list(self.datagrams) if datagram.has(name)]

    def await_count(self, name: str, count: int, timeout: float = 30) -> Datagram:
        """The `count`-th datagram that has the field."""
        wait_for(f"{count} x {name}", lambda: len(self.all(name)) >= count, timeout)
        return self.all(name)[count - 1]

    def order(self, *names: str) -> list[str]:
        """The named fields in the order in which they came."""
        return [name for datagram in list(self.datagrams) for name in datagram.fields if name in names]

    def last_status(self) -> str:
        return next((d.fields["STATUS"] for d in reversed(list(self.datagrams)) if d.has("STATUS")), "")
