"""Lambda's Runtime API on the loopback interface, and the program as the function that it serves.

Paths, headers and statuses are those of "Using the Lambda runtime API for custom runtimes" in Amazon's documentation.
"""

import json
import queue
import subprocess
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import fleet
from s3_guard import Handler, serve
from s3store import environment

ROOT = "/2018-06-01/runtime/"
ERROR_TYPE = "lambda-runtime-function-error-type"


@dataclass(frozen=True)
class Event:
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """`kind` is `response`, `error` or `init`."""

    kind: str
    request: str
    headers: dict[str, str]
    body: dict

    def failed(self, type: str, *words: str) -> str:
        """Checks that this is such an error, as the API wants one; its message."""
        assert self.kind == "error", self.body
        assert self.body["errorType"] == type == self.headers[ERROR_TYPE], self.body
        assert set(self.body) == {"errorMessage", "errorType", "stackTrace"} and self.body["stackTrace"] == []
        for word in words:
            assert word in self.body["errorMessage"], self.body
        return self.body["errorMessage"]


class RuntimeHandler(Handler):
    def do_GET(self):
        self.read()
        if self.path != ROOT + "invocation/next":
            return self.answer(404)
        event = self.server.runtime.events.get()
        if event is None:
            try:
                self.answer(500, b'{"errorType":"ServiceException"}')
            except OSError:
                # The function was killed while it waited.
                self.close_connection = True
            return
        self.answer(200, event.body, event.headers | {"content-length": str(len(event.body))})

    def do_POST(self):
        headers, body = self.read()
        runtime = self.server.runtime
        parts = self.path.removeprefix(ROOT).split("/")
        if parts == ["init", "error"]:
            runtime.answers.put(Answer("init", "", headers, json.loads(body)))
            return self.answer(202)
        if len(parts) != 3 or parts[0] != "invocation" or parts[2] not in ("response", "error"):
            return self.answer(404)
        if runtime.statuses:
            return self.answer(runtime.statuses.pop(0))
        runtime.answers.put(Answer(parts[2], parts[1], headers, json.loads(body)))
        self.answer(202, b'{"status":"OK"}')


@dataclass
class Runtime:
    """`statuses` are what the next answers get instead of 202."""

    events: queue.Queue = field(default_factory=queue.Queue)
    answers: queue.Queue = field(default_factory=queue.Queue)
    statuses: list[int] = field(default_factory=list)

    def __post_init__(self):
        self.server = serve(RuntimeHandler, runtime=self)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def send(self, event, seconds: float = 60, **headers: str) -> str:
        """Queues an event whose function is ended after `seconds`; its id."""
        request = str(uuid.uuid4())
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        usual = {
            "Lambda-Runtime-Aws-Request-Id": request, "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:fleet",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
        }
        merged = usual | {name.replace("_", "-"): value for name, value in headers.items()}
        self.events.put(Event(body, {name: value for name, value in merged.items() if value is not None}))
        return request

    def invoke(self, event, seconds: float = 60, **headers: str) -> Answer:
        """One event to its answer."""
        request = self.send(event, seconds, **headers)
        answer = self.answers.get(timeout=seconds + 10)
        assert answer.request == request
        return answer

    def close(self):
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Function:
    """The program under the name that Lambda starts."""

    folder: Path
    runtime: Runtime
    variables: dict[str, str]

    def __post_init__(self):
        program = self.folder / "bootstrap"
        program.symlink_to(fleet.BINARY)
        self.log = self.folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [program], env=environment(AWS_LAMBDA_RUNTIME_API=self.runtime.address, **self.variables), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ended(self, seconds: float = 20) -> int:
        return self.process.wait(timeout=seconds)

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
