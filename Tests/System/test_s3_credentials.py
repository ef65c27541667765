"""Every source of credentials through the binary (X12-X14, X20).

A guard before the store lets through only what is signed with keys that were handed out and are valid.
"""

import json
import re
import subprocess
import time

import pytest

import fleet
from aws_fakes import WEB_TOKEN, AWSFakes
from credential_sources import SOURCES, STATIC, bare, fakes, lines, set_up, sso_cache, write
from s3_guard import Keys, S3Guard
from s3servers import ACCESS_KEY, SECRET_KEY
from s3store import LARGE, S3Place

__all__ = ["fakes"]


class Bench:
    """A store behind a guard, sources of credentials, and runs whose output is kept."""

    def __init__(self, folder, server, fakes: AWSFakes):
        self.folder = folder
        self.fakes = fakes
        self.guard = S3Guard(server.url, fakes.find)
        self.place = S3Place.new(folder, server, self.guard.url)

    def run(self, env: dict[str, str], *options, command: str = "generate", sets: dict | None = None, code: int = 0):
        line = [fleet.BINARY, command, "--config", "tiny.yaml", *fleet.overrides(sets or {}), *options]
        done = subprocess.run([str(part) for part in line], env=env, cwd=self.folder, capture_output=True, text=True, timeout=120)
        for secret in self.fakes.secrets():
            assert secret not in done.stdout + done.stderr, "a secret was printed"
        assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
        return done

    def users(self) -> set[str]:
        """The access keys that the store was asked with; none was refused."""
        assert self.guard.seen and all(code is None for _, code in self.guard.seen), self.guard.seen[-3:]
        return {access_key for access_key, _ in self.guard.seen}


@pytest.fixture
def bench(tmp_path, moto_server, fakes):
    made = Bench(tmp_path, moto_server, fakes)
    yield made
    made.guard.close()


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_publishes(bench, source):
    env = set_up(source, bench.fakes, bench.folder)
    bench.run(env, "--json")
    assert len(bench.users()) == 1 and bench.users() <= set(bench.fakes.issued)
    bench.place.assert_latest_is_complete()


@pytest.mark.parametrize("source", SOURCES)
def test_plan_names_the_source_and_never_the_secret(bench, source):
    done = bench.run(set_up(source, bench.fakes, bench.folder), command="plan")
    assert re.search(SOURCES[source], done.stdout), done.stdout


@pytest.mark.parametrize("source", ["credential file", "container"])
def test_a_server_that_checks_signatures_itself(tmp_path, juicefs_gateway, fakes, source, monkeypatch):
    """Without the guard: the gateway's fixed key, which has no token, comes from the source."""
    root = Keys(ACCESS_KEY, SECRET_KEY, None, time.time() + 3600)
    monkeypatch.setattr(fakes, "issue", lambda _: fakes.add(root))
    place = S3Place.new(tmp_path, juicefs_gateway)
    env = set_up(source, fakes, tmp_path)
    if source == "credential file":
        write(tmp_path / "credentials/s3-credentials", json.dumps({"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}))
    fleet.run("generate", "--config", "tiny.yaml", cwd=tmp_path, env=env)
    place.assert_latest_is_complete()


def test_the_order_of_the_sources(bench):
    env = bare(bench.folder)
    order = ["credential file", "environment", "web identity", "static profile", "container", "instance"]
    for source in order:
        env |= {name: value for name, value in set_up(source, bench.fakes, bench.folder).items() if bare(bench.folder).get(name) != value}
    taken = {
        "credential file": ["CREDENTIALS_DIRECTORY"], "environment": ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
        "web identity": ["AWS_WEB_IDENTITY_TOKEN_FILE"], "static profile": ["HOME"], "container": ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
    }
    for source in order:
        assert re.search(SOURCES[source], bench.run(env, command="plan").stdout), source
        for name in taken.get(source, []):
            del env[name]


def test_without_any_source_one_error_names_each(bench):
    done = bench.run(bare(bench.folder), code=77)
    for name in ["credential file", "environment", "web identity", "profile", "container", "instance metadata"]:
        assert name in done.stderr, done.stderr
    assert bench.place.keys() == set()


@pytest.mark.parametrize(
    ("source", "endpoint"), [("web identity", "sts"), ("role", "sts"), ("sso", "sso"), ("container", "container")],
    ids=["web identity", "role", "sso", "container"])
def test_a_source_that_is_down_is_tried_three_times_and_no_other_is_asked(bench, source, endpoint):
    env = set_up(source, bench.fakes, bench.folder) | set_up("instance", bench.fakes, bench.folder / "instance")
    env |= {"HOME": str(bench.folder / "home")}
    bench.fakes.faults[endpoint] = 503
    bench.run(env, code=69)
    assert bench.fakes.count(endpoint) == 3 and bench.fakes.count("imds") == 0
    assert bench.place.keys() == set()
    bench.fakes.faults.clear()
    bench.run(env)


@pytest.mark.parametrize("status", [301, 403, 404])
def test_a_metadata_service_that_refuses_is_never_asked_without_a_token(bench, status):
    bench.fakes.faults["imds"] = status
    done = bench.run(set_up("instance", bench.fakes, bench.folder), code=69)
    assert str(status) in done.stderr and "AWS_ACCESS_KEY_ID" in done.stderr
    assert {method for source, method, _ in bench.fakes.requests if source == "imds"} == {"PUT"}


def test_a_token_that_sts_echoes_is_not_printed(bench):
    env = set_up("web identity", bench.fakes, bench.folder)
    bench.fakes.web_token = "another"
    done = bench.run(env, code=77)
    assert "InvalidIdentityToken" in done.stderr and WEB_TOKEN not in done.stderr


def test_an_expired_login_names_the_command_that_renews_it(bench):
    env = set_up("sso", bench.fakes, bench.folder)
    sso_cache(bench.folder, time.time() - 1)
    assert "aws sso login --profile etl" in bench.run(env, code=77).stderr
    assert bench.fakes.count("sso") == 0
    sso_cache(bench.folder, time.time() + 600)
    bench.run(env)


@pytest.mark.parametrize("good", [0, 8, 16, 24, 32])
def test_keys_that_the_store_calls_expired_are_replaced_once(bench, good):
    """The container hands out keys that the store takes for expired after so many requests, then good ones: one refresh, and the run goes on,
    in the middle of an upload too."""
    env = set_up("container", bench.fakes, bench.folder)
    answers = bench.guard.server.find
    first: list[str] = []

    def find(access_key):
        keys = answers(access_key)
        if keys and not first:
            first.append(access_key)
        has_ended = first and access_key == first[0] and len(bench.guard.seen) >= good
        return Keys(keys.access_key, keys.secret_key, keys.token, 0) if has_ended else keys

    bench.guard.server.find = find
    bench.run(env, sets=LARGE)
    refused = [access_key for access_key, code in bench.guard.seen if code == "ExpiredToken"]
    assert set(refused) == set(first) and bench.fakes.count("container") == 2
    assert all(code in (None, "ExpiredToken") for _, code in bench.guard.seen) and len(bench.guard.seen) > good + len(refused)
    bench.place.assert_latest_is_complete()
    assert bench.place.uploads() == []


def test_a_service_uses_rotated_keys_without_a_restart(make, manager, bench):
    """The credential file is replaced and the old keys are withdrawn; the next run of the same process uses the new ones (X13)."""
    env = set_up("credential file", bench.fakes, bench.folder)
    service = make(manager=manager, env=env)
    content = fleet.yaml.safe_load((bench.folder / "tiny.yaml").read_text())
    service.put("tiny", content)
    service.start()
    service.await_event("run-published", "tiny")
    rotated = bench.fakes.add(Keys("AKIAROTATED", "rotated/secret+key=hush"))
    write(bench.folder / "credentials/s3-credentials", lines(rotated))
    del bench.fakes.issued[STATIC.access_key]
    bench.guard.seen.clear()
    content["data_generation"]["random_seed"] = 7
    service.put("tiny", content)
    service.await_event("run-published", "tiny", count=2)
    assert bench.users() == {rotated.access_key}
    service.stop()
    for secret in [*bench.fakes.secrets(), STATIC.secret_key]:
        assert secret not in service.log.read_text()
