"""Sources of credentials on the loopback interface: instance metadata (version 2), a container's endpoint, STS and the SSO portal.

All of them hand out what `AWSFakes.issue` makes: temporary keys with a token and an end, each pair only once. The guard before a store asks
`find`, so a program gets through only with keys that it got here.
"""

import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

from s3_guard import Handler, Keys, refusal, serve

ROLE = "etl-role"
ROLE_ARN = "arn:aws:iam::123456789012:role/etl"
ACCOUNT = "123456789012"
IMDS_PATH = "/latest/meta-data/iam/security-credentials/"
STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
# Secrets that are sent to the fakes. None may ever come back in a program's output.
IMDS_TOKEN = "AQAE-imds/session+token=hush"
CONTAINER_TOKEN = "container-authorization-token-hush"
WEB_TOKEN = "eyJhbGciOi.web-identity-hush.c2lnbmF0dXJl"
SSO_TOKEN = "sso-cached-bearer-hush"
BASE = Keys("AKIABASE", "base/secret+key=hush")
SENT = [IMDS_TOKEN, CONTAINER_TOKEN, WEB_TOKEN, SSO_TOKEN, BASE.secret_key]


def utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class SourceHandler(Handler):
    @property
    def fakes(self) -> "AWSFakes":
        return self.server.fakes

    def do_PUT(self):
        headers, _ = self.read()
        if self.path == "/latest/api/token" and self.fakes.passes(self, "imds"):
            life = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
            self.answer(200, IMDS_TOKEN.encode(), {"x-aws-ec2-metadata-token-ttl-seconds": life}) if life.isdigit() else self.answer(400)

    def do_GET(self):
        headers, _ = self.read()
        path = urlsplit(self.path).path
        if path.startswith(IMDS_PATH):
            self.metadata(headers, path.removeprefix(IMDS_PATH))
        elif path == "/container":
            self.container(headers)
        elif path == "/federation/credentials":
            self.portal(headers)
        else:
            self.answer(404)

    def metadata(self, headers, role):
        if not self.fakes.passes(self, "imds"):
            return
        if headers.get("x-aws-ec2-metadata-token") != IMDS_TOKEN:
            return self.answer(401)
        if not role:
            return self.answer(200, ROLE.encode())
        self.keys(self.fakes.issue("imds"), Code="Success", Type="AWS-HMAC") if role == ROLE else self.answer(404)

    def container(self, headers):
        if self.fakes.passes(self, "container"):
            right = headers.get("authorization") == CONTAINER_TOKEN
            self.keys(self.fakes.issue("container")) if right else self.answer(401, b'{"code":"Unauthorized"}')

    def keys(self, keys: Keys, **more):
        names = {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "Token": keys.token, "Expiration": utc(keys.expires)}
        self.answer(200, json.dumps(more | names).encode(), {"content-type": "application/json"})

    def portal(self, headers):
        if not self.fakes.passes(self, "sso"):
            return
        query = parse_qs(urlsplit(self.path).query)
        if headers.get("x-amz-sso_bearer_token") != SSO_TOKEN:
            return self.answer(401, b'{"message":"Session token not found or invalid"}', {"x-amzn-errortype": "UnauthorizedException"})
        if query.get("role_name") != [ROLE] or query.get("account_id") != [ACCOUNT]:
            return self.answer(403, b'{"message":"No access"}', {"x-amzn-errortype": "ForbiddenException"})
        keys = self.fakes.issue("sso")
        names = {"accessKeyId": keys.access_key, "secretAccessKey": keys.secret_key, "sessionToken": keys.token}
        document = {"roleCredentials": names | {"expiration": int(keys.expires * 1000)}}
        self.answer(200, json.dumps(document).encode(), {"content-type": "application/json"})

    def do_POST(self):
        headers, body = self.read()
        if not self.fakes.passes(self, "sts"):
            return
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action = form.get("Action", "")
        if action == "AssumeRoleWithWebIdentity" and form.get("WebIdentityToken") != self.fakes.web_token:
            return self.sts_error(400, "InvalidIdentityToken", f"no such token: {form.get('WebIdentityToken')}")
        if action == "AssumeRole":
            known = {BASE.access_key: BASE, **self.fakes.issued}
            if code := refusal(known.get, "sts", self.command, self.path, headers, body):
                return self.sts_error(403, code, "the request is not signed as it must be")
        elif action != "AssumeRoleWithWebIdentity":
            return self.sts_error(400, "InvalidAction", action)
        if form.get("RoleArn") != ROLE_ARN or not form.get("RoleSessionName") or form.get("Version") != "2011-06-15":
            return self.sts_error(403, "AccessDenied", f"not authorized to perform sts:{action} on {form.get('RoleArn')}")
        keys = self.fakes.issue("sts")
        fields = {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}
        fields["Expiration"] = utc(keys.expires)
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        result = f"<{action}Result><Credentials>{inner}</Credentials></{action}Result>"
        self.xml(200, f'<{action}Response xmlns="{STS_NAMESPACE}">{result}</{action}Response>')

    def sts_error(self, status, code, message):
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.xml(status, f'<ErrorResponse xmlns="{STS_NAMESPACE}">{error}</ErrorResponse>')

    def xml(self, status, text):
        self.answer(status, text.encode(), {"content-type": "text/xml"})


class AWSFakes:
    """One server for all sources. `lifetime` is that of the next keys in seconds; `faults` maps a source to a status to answer."""

    def __init__(self):
        self.lifetime = 3600.0
        self.web_token = WEB_TOKEN
        self.faults: dict[str, int] = {}
        self.issued: dict[str, Keys] = {}
        self.requests: list[tuple[str, str, str]] = []
        self.lock = threading.Lock()
        self.server = serve(SourceHandler, fakes=self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def passes(self, handler: SourceHandler, source: str) -> bool:
        """Notes the request; answers itself where the source is to fail."""
        self.requests.append((source, handler.command, urlsplit(handler.path).path))
        if status := self.faults.get(source):
            handler.answer(status, b"out of order", {"location": "http://127.0.0.1:1/"} if 300 <= status < 400 else {})
        return not status

    def issue(self, source: str) -> Keys:
        with self.lock:
            number = len(self.issued) + 1
            secret, token = f"issued/secret+{number}=hush", f"issued//token+{number}==hush"
            keys = Keys(f"ASIA{source.upper()}{number:04}", secret, token, time.time() + self.lifetime)
            self.issued[keys.access_key] = keys
        return keys

    def add(self, keys: Keys) -> Keys:
        """Keys that a test hands to the program itself."""
        self.issued[keys.access_key] = keys
        return keys

    def find(self, access_key: str) -> Keys | None:
        """For the guard."""
        return self.issued.get(access_key)

    def secrets(self) -> list[str]:
        """Everything that no output may hold."""
        return SENT + [text for keys in list(self.issued.values()) for text in (keys.secret_key, keys.token) if text]

    def count(self, source: str) -> int:
        return sum(1 for name, _, _ in self.requests if name == source)
