"""A store that says no, or nothing: one clear sentence each, the right exit code, no secret in any output, and nothing half-published."""

import re
import socket
import subprocess
import sys
import time

import pytest

import fleet
import s3_faults
from fault_proxy import FaultProxy, Rule
from manager import wait_for
from s3servers import ACCESS_KEY, SECRET_KEY, credentials, free_port
from s3store import SECOND, S3Place, environment, storage
from store import CONFIG, DATASET

WRONG_SECRET = "wr0ng/Secret+that=nobody%has-given-out"
TOKEN = "a-session/token+that=is%secret-as-well"


@pytest.fixture
def published(s3_server, tmp_path) -> S3Place:
    place = S3Place.new(tmp_path / "s3", s3_server)
    place.publish()
    return place


def assert_refused(done, code: int, *words: str) -> None:
    """One sentence on standard error that names what matters; nothing on standard output."""
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr}"
    assert done.stdout == ""
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, done.stderr
    for word in words:
        assert re.search(word, errors[0]), f"{word!r} is not in: {errors[0]}"
    for secret in (SECRET_KEY, WRONG_SECRET, TOKEN):
        assert secret not in done.stderr


def test_a_wrong_secret(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path, juicefs_gateway)
    place.publish()
    before = place.content()
    done = place.run(SECOND, keys=credentials(secret_key=WRONG_SECRET))
    assert_refused(done, 77, place.bucket, "(?i)secret|signature", "plan")
    assert place.content() == before and place.uploads() == []


def test_an_unknown_access_key(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path, juicefs_gateway)
    assert_refused(place.run(keys=credentials("nobody-knows-me", WRONG_SECRET)), 77, "(?i)access key", "plan")


def test_a_session_token_that_the_gateway_does_not_take(juicefs_gateway, tmp_path):
    place = S3Place.new(tmp_path, juicefs_gateway)
    done = place.run(keys=credentials() | {"AWS_SESSION_TOKEN": TOKEN})
    assert_refused(done, 77, "does not take the session token", "must belong to the two others")


def test_keys_that_may_not_delete_are_told(moto_server, tmp_path):
    """The run succeeds; what it could not remove is named, with the permission that is missing."""
    proxy = FaultProxy(moto_server.url).set(Rule(s3_faults.denied, method="DELETE", count=None))
    place = S3Place.new(tmp_path, moto_server, proxy.url)
    done = place.run()
    assert done.returncode == 0 and "s3:DeleteObject" in done.stderr, done.stderr
    proxy.close()


@pytest.mark.parametrize("region", ["x y", "EU Central", "eu\r\nHost: x"])
def test_a_region_from_the_environment_that_is_none(juicefs_gateway, tmp_path, region):
    place = S3Place.new(tmp_path, juicefs_gateway)
    sets = {"storage.region": None}
    done = place.run(sets, keys=credentials() | {"AWS_REGION": region})
    assert_refused(done, 78, "AWS_REGION", "eu-central-1|storage.region")
    assert place.keys() == set()


def test_a_name_that_is_none_of_a_bucket(tmp_path):
    done = fleet.run("verify", "s3://Bad_Name/x", code=78, cwd=tmp_path, env=environment())
    assert "name of a bucket" in done.stderr


def test_no_credentials_at_all(s3_server, tmp_path):
    place = S3Place.new(tmp_path, s3_server)
    assert_refused(place.run(keys={}), 77, "AWS_ACCESS_KEY_ID", "(?i)credentials")


def test_a_missing_bucket(s3_server, tmp_path):
    place = S3Place.new(tmp_path, s3_server)
    assert_refused(place.run({"storage.bucket_name": "nobody-made-this-one"}), 66, "nobody-made-this-one")


def test_a_prefix_that_may_not_be_written(published, tmp_path):
    proxy = FaultProxy(published.server.url)
    proxy.set(*[Rule(s3_faults.denied, method=method, key="raw/", count=None) for method in ("PUT", "POST")])
    before = published.content()
    done = published.run(SECOND | {"storage.endpoint_url": proxy.url})
    assert_refused(done, 77, "raw/", "(?i)denied|permi|allow")
    assert published.content() == before and published.uploads() == []
    proxy.close()


def test_a_store_that_is_not_there(s3_server, tmp_path):
    place = S3Place(tmp_path, s3_server, s3_server.new_bucket(), f"http://127.0.0.1:{free_port()}")
    assert_refused(place.run(), 69, re.escape(place.url))


@pytest.mark.begun_early("silent_run")
def test_a_store_that_takes_the_connection_and_says_nothing(silent_run):
    """X11: connecting and waiting are bounded."""
    place, run, started = silent_run
    _, errors = run.communicate(timeout=max(1, 240 - (time.monotonic() - started)))
    assert run.returncode == 69 and place.url in errors, errors


def test_something_that_is_no_store(s3_server, tmp_path):
    """A web server that answers everything with a page."""

    async def page(exchange):
        body = b"<!doctype html><html><body>It works!</body></html>"
        await exchange.reply(s3_faults.Response(200, [("Content-Type", "text/html"), ("Content-Length", str(len(body)))], body))

    proxy = FaultProxy(s3_server.url).set(Rule(page, count=None))
    place = S3Place.new(tmp_path, s3_server, proxy.url)
    done = place.run()
    assert done.returncode == 69 and done.stdout == "" and "storage.endpoint_url" in done.stderr, (done.returncode, done.stderr)
    assert place.keys() == set()
    proxy.close()


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_a_web_server_that_takes_no_writes(tmp_path, s3_server):
    """Python's own: it answers 501 to PUT, which is no word about conditions."""
    with subprocess.Popen([sys.executable, "-m", "http.server", "-b", "127.0.0.1", "-d", tmp_path, port := str(free_port())]) as server:
        try:
            wait_for("the server", lambda: listens(int(port)), 20)
            place = S3Place(tmp_path / "place", s3_server, "my-bucket", f"http://127.0.0.1:{port}")
            done = place.run()
        finally:
            server.kill()
    assert_refused(done, 69, "does not know this call of S3", "storage.endpoint_url")
    assert "conditions" not in done.stderr


@pytest.mark.parametrize("size", [1 << 20, 64 << 20])
def test_an_answer_without_end_is_cut_off(s3_server, tmp_path, size):
    """Answers are bounded: a listing or an error of any size does not fill the memory."""

    async def flood(exchange):
        body = b"<ListBucketResult>" + b"<Contents><Key>x</Key></Contents>" * (size // 34)
        await exchange.reply(s3_faults.Response(200, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))], body))

    proxy = FaultProxy(s3_server.url).set(Rule(flood, method="GET", count=None))
    place = S3Place.new(tmp_path, s3_server, proxy.url)
    done = place.run()
    assert done.returncode in (65, 69, 70, 74, 75), (done.returncode, done.stderr)
    assert len(done.stderr) < 4000
    proxy.close()


def test_expired_credentials_that_cannot_be_renewed(s3_server, tmp_path):
    """X9: refreshed once, then it is over, with a sentence."""
    proxy = FaultProxy(s3_server.url).set(Rule(s3_faults.expired_token, count=None))
    place = S3Place.new(tmp_path, s3_server, proxy.url)
    done = place.run(keys=credentials() | {"AWS_SESSION_TOKEN": TOKEN})
    assert_refused(done, 77, "(?i)expired")
    assert len(proxy.seen) <= 3
    proxy.close()


def test_a_session_token_that_the_service_does_not_take(s3_server, tmp_path):
    """Not the same as expired: nothing is renewed for it."""

    async def invalid(exchange):
        await exchange.reply(s3_faults.refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid."))

    proxy = FaultProxy(s3_server.url).set(Rule(invalid, count=None))
    place = S3Place.new(tmp_path, s3_server, proxy.url)
    assert_refused(place.run(keys=credentials() | {"AWS_SESSION_TOKEN": TOKEN}), 77, "session token", "plan")
    assert len(proxy.seen) == 1
    proxy.close()


PLACES = {
    "http://198.51.100.7": "allow_http", "ftp://127.0.0.1": "endpoint_url", "http://user:pass@127.0.0.1": "endpoint_url",
}


@pytest.mark.parametrize("url", PLACES)
def test_an_endpoint_that_would_give_secrets_away_is_a_config_error(tmp_path, url):
    """X15: plain HTTP goes to this machine only, unless allowed."""
    fleet.write_config(tmp_path / f"{DATASET}.yaml", fleet.config(CONFIG, storage=storage("bucket", url)))
    done = fleet.run("generate", "--config", f"{DATASET}.yaml", code=78, cwd=tmp_path, env=environment())
    assert PLACES[url] in done.stderr, done.stderr


def test_s3_without_a_bucket_is_a_config_error(tmp_path):
    fleet.write_config(tmp_path / f"{DATASET}.yaml", fleet.config(CONFIG, storage={"use_s3": True}))
    assert "bucket_name" in fleet.run("generate", "--config", f"{DATASET}.yaml", code=78, cwd=tmp_path, env=environment()).stderr


def test_no_secret_is_in_any_output_of_any_command(s3_server, tmp_path):
    """X20: with everything that can be said switched on, in success and in failure."""
    keys = credentials() | {"AWS_SESSION_TOKEN": TOKEN} if not s3_server.checks_signatures else credentials()
    place = S3Place.new(tmp_path, s3_server)
    texts = []
    for command in (["plan", "--config", f"{DATASET}.yaml"], ["generate", "--config", f"{DATASET}.yaml"], ["validate", f"{DATASET}.yaml"]):
        done = fleet.run(*command, cwd=tmp_path, env=environment(keys, FLEETSYNTH_LOG="trace", LOG_LEVEL="trace"))
        texts += [done.stdout, done.stderr]
    proxy = FaultProxy(s3_server.url).set(Rule(s3_faults.denied, count=None))
    failed = place.run({"storage.endpoint_url": proxy.url}, keys=keys)
    assert failed.returncode == 77
    proxy.close()
    texts += [failed.stdout, failed.stderr, *(data.decode("latin-1") for data in place.content().values())]
    for secret in (SECRET_KEY, TOKEN, "AWS4-HMAC", "Signature="):
        assert not any(secret in text for text in texts), secret
    assert ACCESS_KEY not in "".join(data.decode("latin-1") for data in place.content().values())
