"""An HTTP proxy of our own between an S3 client and a server, in which chosen requests go wrong.

It passes the Host header on as it came, so signatures stay valid: the server checks them against the address of the proxy. Requests and
answers pass whole, one connection to the server each; what a fault does to them is in s3_faults.py.
"""

import asyncio
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import s3http
from s3http import Request, Response

Fault = Callable[["Exchange"], Awaitable[None]]


@dataclass(frozen=True)
class Rule:
    """The fault strikes `count` requests in a row, from the `first` one that is meant; every one where `count` is None."""

    fault: Fault
    operation: str | None = None
    first: int = 1
    count: int | None = 1
    key: str = ""
    method: str | None = None

    def means(self, request: Request) -> bool:
        if self.operation not in (None, request.operation) or self.method not in (None, request.method):
            return False
        return self.key in request.key


@dataclass(frozen=True)
class Seen:
    """A request that came in, and the fault that struck it."""

    operation: str
    key: str
    request: Request
    fault: str | None


class Exchange:
    """One request on its way, for a fault to deal with."""

    def __init__(self, proxy: "FaultProxy", request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.proxy = proxy
        self.request = request
        self.reader = reader
        self.writer = writer

    @property
    def is_abandoned(self) -> bool:
        """Whether the client has gone."""
        return self.reader.at_eof() or self.writer.is_closing()

    async def forward(self, request: Request | None = None) -> Response:
        """Lets the server do it; the client learns nothing yet."""
        return await s3http.exchange(self.proxy.host, self.proxy.port, request or self.request)

    async def reply(self, response: Response) -> None:
        await self.send(response.bytes())

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def drop(self) -> None:
        """Ends the connection as a crashed peer does: with a reset."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class FaultProxy:
    """Listens on `url` for a server at `target`, in a thread of its own. `rules` may change at any time."""

    def __init__(self, target: str):
        address = urlsplit(target)
        self.host, self.port = address.hostname or "", address.port or 80
        self.rules: list[Rule] = []
        self.seen: list[Seen] = []
        self._hits: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task] = set()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._listening.wait(timeout=20), "the proxy does not listen"

    def set(self, *rules: Rule) -> "FaultProxy":
        """Forgets what was seen, and lets these rules hold from now on; the first one that strikes wins."""
        with self._lock:
            self.rules, self.seen, self._hits = list(rules), [], Counter()
        return self

    def count(self, operation: str, fault: str | None = None) -> int:
        return sum(1 for one in list(self.seen) if one.operation == operation and fault in (None, one.fault))

    @property
    def struck(self) -> int:
        return sum(1 for one in list(self.seen) if one.fault)

    def settle(self, timeout: float = 20) -> None:
        """Waits until no connection is left: a client that was killed has none, and the server has answered what it had sent."""
        deadline = time.monotonic() + timeout
        while self._tasks:
            assert time.monotonic() < deadline, "connections that do not end"
            time.sleep(0.005)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        self._thread.join(timeout=20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 20))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._listening.set()
        self._loop.run_forever()
        self._loop.close()

    def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.call_later(0.05, self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while not writer.is_closing() and (request := await s3http.read_request(reader, writer)):
                exchange = Exchange(self, request, reader, writer)
                await self._fault(request)(exchange)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    def _fault(self, request: Request) -> Fault:
        """Decides which fault strikes; every rule counts for itself."""
        with self._lock:
            chosen: Fault | None = None
            for index, rule in enumerate(self.rules):
                if not rule.means(request):
                    continue
                self._hits[index] += 1
                beyond = self._hits[index] - rule.first
                if chosen is None and beyond >= 0 and (rule.count is None or beyond < rule.count):
                    chosen = rule.fault
            name = getattr(chosen, "__name__", None) if chosen else None
            self.seen.append(Seen(request.operation, request.key, request, name))
        return chosen or relay


async def relay(exchange: Exchange) -> None:
    """No fault."""
    await exchange.reply(await exchange.forward())
