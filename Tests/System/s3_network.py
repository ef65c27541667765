"""What stands between a program and a store in a company's network: names, a proxy that must be asked, TLS with the company's own authority.

The names below `DOMAIN` exist in no name server: a program finds them in a hosts file of its own, or lets the proxy find them.
"""

import base64
import datetime as dt
import select
import shutil
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from s3http import Request
from s3servers import ACCESS_KEY, SECRET_KEY, VIRTUAL_DOMAIN

DOMAIN = VIRTUAL_DOMAIN
LOGIN = ("etl user", "pass:word+/%")
# Makes a mount namespace, as a user without privileges can, with a hosts file of its own in it.
NAMESPACE = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"']


def with_hosts(folder: Path, names: list[str]) -> list[str]:
    """The beginning of a command line whose program finds these names at 127.0.0.1."""
    assert shutil.which("unshare"), "unshare is missing: apt-get install util-linux"
    hosts = folder / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in ["localhost", *names]))
    probe = subprocess.run([*NAMESPACE, hosts, "getent", "hosts", names[0]], capture_output=True, text=True)
    assert probe.returncode == 0, f"no mount namespace, or no hosts file in it: {probe.stderr}"
    return [*NAMESPACE, str(hosts)]


def by_botocore(request: Request) -> str:
    """The Authorization header that botocore gives a request as it arrived: method, host, path, query, signed headers, time."""
    sent = request.header("authorization")
    signed = sent.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    again = AWSRequest(method=request.method, url=f"http://{request.header('host')}{request.target}", data=request.body)
    for name in signed:
        if name != "host":
            again.headers[name] = request.header(name)
    again.context["timestamp"] = request.header("x-amz-date")
    signer = S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", request.region)
    signer.payload = lambda _: request.header("x-amz-content-sha256")
    canonical = signer.canonical_request(again)
    names = signer.signed_headers(signer.headers_to_sign(again))
    signature = signer.signature(signer.string_to_sign(again, canonical), again)
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(again)}, SignedHeaders={names}, Signature={signature}"


@dataclass(frozen=True)
class Authority:
    """A certificate authority of its own; `file` is its certificate in PEM form."""

    file: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def new(cls, folder: Path, name: str = "authority") -> "Authority":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} of the tests")])
        made = cls._builder(subject, subject, key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        certificate = made.sign(key, hashes.SHA256())
        file = folder / f"{name}.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(file, key, certificate)

    @staticmethod
    def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        times = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=30))
        return times.serial_number(x509.random_serial_number())

    def context(self, *names: str) -> ssl.SSLContext:
        """TLS for a server of these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = self._builder(subject, self.certificate.subject, key).add_extension(alternatives, critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        pem = self.file.with_name(f"{names[0].replace('*', 'any')}.server.pem")
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        return context


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Bytes both ways until one side ends."""
    ends = {one: other, other: one}
    while True:
        # What TLS has decrypted already shows in no `select`.
        ready = [end for end in ends if isinstance(end, ssl.SSLSocket) and end.pending()] or select.select(list(ends), [], [], 60)[0]
        if not ready:
            return
        for end in ready:
            data = end.recv(1 << 16)
            if not data:
                return
            ends[end].sendall(data)


class Listener:
    """Accepts connections at 127.0.0.1 and serves each in a thread; `port` is where."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class TLSFront(Listener):
    """Ends TLS before a server that speaks plain http; `handshakes` counts those that succeeded."""

    def __init__(self, context: ssl.SSLContext, target: str):
        self.context = context
        address = urlsplit(target)
        self.target = (address.hostname, address.port)
        self.handshakes = 0
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        with self.context.wrap_socket(connection, server_side=True) as inside:
            self.handshakes += 1
            with socket.create_connection(self.target) as outside:
                pass_on(inside, outside)


class ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def admitted(self) -> bool:
        login = self.server.owner.login
        expected = login and "Basic " + base64.b64encode(":".join(login).encode()).decode()
        given = self.headers.get("Proxy-Authorization")
        self.server.owner.asked.append((self.command, self.path))
        if given == expected:
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def do_CONNECT(self):
        if not self.admitted():
            return
        with socket.create_connection(self.server.owner.ports_of(self.path)) as outside:
            self.send_response_only(200, "Connection established")
            self.end_headers()
            pass_on(self.connection, outside)
        self.close_connection = True


class ForwardProxy:
    """A proxy that makes tunnels, and alone knows where the names are: `places` maps a name, and all below it, to a port here. `asked` lists what it
    was asked for."""

    def __init__(self, places: dict[str, int], login: tuple[str, str] | None = None):
        self.places = places
        self.login = login
        self.asked: list[tuple[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), ProxyHandler)
        self.server.daemon_threads = True
        self.server.owner = self
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def ports_of(self, authority: str) -> tuple[str, int]:
        name = authority.partition(":")[0]
        return "127.0.0.1", next(port for known, port in self.places.items() if name == known or name.endswith(f".{known}"))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
