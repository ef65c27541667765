"""HTTP/1.1 messages as bytes, and what an S3 request asks for: as much as a proxy has to know."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

LIMIT = 1 << 30


@dataclass
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str:
        return header(self.headers, name)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def bucket(self) -> str:
        return self.path.lstrip("/").partition("/")[0]

    @property
    def key(self) -> str:
        return self.path.lstrip("/").partition("/")[2]

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query, keep_blank_values=True).items()}

    @property
    def operation(self) -> str:
        """The name that S3's reference gives it."""
        return operation(self.method, bool(self.key), set(self.query), bool(self.header("x-amz-copy-source")))

    @property
    def region(self) -> str:
        """The region that the signature is for."""
        scope = self.header("authorization").partition("Credential=")[2].partition(",")[0].split("/")
        return scope[2] if len(scope) == 5 else ""

    def without(self, *names: str) -> "Request":
        return Request(self.method, self.target, [(name, value) for name, value in self.headers if name.lower() not in names], self.body)


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    reason: str = "-"

    def header(self, name: str) -> str:
        return header(self.headers, name)

    def bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {self.reason}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


def header(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name.lower()), "")


def operation(method: str, has_key: bool, query: set[str], copies: bool) -> str:
    if not has_key:
        by_query = {"uploads": "ListMultipartUploads", "delete": "DeleteObjects", "location": "GetBucketLocation"}
        by_method = {"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
        return next((name for word, name in by_query.items() if word in query), by_method.get(method, method))
    if "uploadId" in query:
        names = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload", "GET": "ListParts"}
        return names.get(method, method)
    if method == "POST" and "uploads" in query:
        return "CreateMultipartUpload"
    if method == "PUT" and copies:
        return "CopyObject"
    if method == "GET" and "attributes" in query:
        return "GetObjectAttributes"
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}.get(method, method)


async def read_head(reader: asyncio.StreamReader) -> tuple[str, list[tuple[str, str]]] | None:
    """The first line and the headers; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        if cut.partial:
            raise ConnectionError("the head of a message was cut off") from None
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, [(name.strip(), value.strip()) for name, _, value in pairs]


async def read_body(reader: asyncio.StreamReader, headers: list[tuple[str, str]], *, to_end: bool) -> bytes:
    """The body of a message; chunks are joined."""
    if "chunked" in header(headers, "transfer-encoding").lower():
        return await read_chunks(reader)
    if length := header(headers, "content-length"):
        return await reader.readexactly(int(length))
    return await reader.read(LIMIT) if to_end else b""


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    head = await read_head(reader)
    if head is None:
        return None
    method, target, _ = head[0].split(" ", 2)
    request = Request(method, target, head[1])
    if request.header("expect").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = request.without("expect")
    request.body = await read_body(reader, request.headers, to_end=False)
    return request


async def exchange(host: str, port: int, request: Request) -> Response:
    """Sends the request over a connection of its own and returns the whole answer."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    try:
        kept = request.without("connection", "content-length", "transfer-encoding").headers
        has_body = request.method in ("PUT", "POST") or request.body
        framing = [("Connection", "close")] + ([("Content-Length", str(len(request.body)))] if has_body else [])
        lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in kept + framing)]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + request.body)
        await writer.drain()
        return await read_response(reader, request.method)
    finally:
        writer.close()


async def read_response(reader: asyncio.StreamReader, method: str) -> Response:
    while True:
        head = await read_head(reader)
        if head is None:
            raise ConnectionError("the server closed the connection without an answer")
        _, status, *reason = head[0].split(" ", 2)
        if int(status) != 100:
            break
    headers = [(name, value) for name, value in head[1] if name.lower() not in ("connection", "transfer-encoding", "keep-alive")]
    empty = method == "HEAD" or int(status) in (204, 304)
    body = b"" if empty else await read_body(reader, head[1], to_end=True)
    if not empty:
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"] + [("Content-Length", str(len(body)))]
    return Response(int(status), headers, body, reason[0] if reason else "-")
