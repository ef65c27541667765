"""X15: buckets in the host's name, TLS with an authority of one's own, and proxies, end to end against the real servers."""

import json
import subprocess

import fleet
import pytest

from aws_fakes import WEB_TOKEN, AWSFakes
from credential_sources import bare, fakes, set_up
from fault_proxy import FaultProxy, Rule
from s3_guard import S3Guard
from s3_network import DOMAIN, LOGIN, Authority, ForwardProxy, TLSFront, by_botocore, with_hosts
from s3servers import SECRET_KEY, VIRTUAL_DOMAIN
from s3store import SECOND, S3Place, environment

__all__ = ["fakes"]

LOGIN_TEXT = "etl%20user:pass%3Aword%2B%2F%25"


def published(place: S3Place, start: list[str], *options, sets: dict | None = None, code: int = 0, **env: str) -> subprocess.CompletedProcess:
    """One `generate` through `start`, the beginning of its command line."""
    command = [*start, *place.command(sets, *options)]
    done = subprocess.run(command, env=environment(**env), cwd=place.folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stderr}"
    assert SECRET_KEY not in done.stdout + done.stderr and "pass:word" not in done.stderr and LOGIN_TEXT not in done.stderr
    return done


@pytest.fixture
def closing():
    """Closes what is appended."""
    opened = []
    yield lambda one: opened.append(one) or one
    for one in opened:
        one.close()


def test_a_bucket_in_the_hosts_name(etag_server, tmp_path, closing):
    """Both servers find the bucket in the host; the gateway checks the signature for that host, and botocore signs each request the same."""
    proxy = closing(FaultProxy(etag_server.url))
    bucket = etag_server.new_bucket()
    port = proxy.url.rpartition(":")[2]
    place = S3Place(tmp_path, etag_server, bucket, f"http://{VIRTUAL_DOMAIN}:{port}")
    start = with_hosts(tmp_path, [f"{bucket}.{VIRTUAL_DOMAIN}", VIRTUAL_DOMAIN])
    virtual = {"storage.addressing_style": "virtual", "storage.allow_http": True}
    keys = {"storage.raw_prefix": "raw/region=eu west+1/100%/ü/"}
    assert json.loads(published(place, start, sets=virtual | keys).stdout)["generation"] == 1
    assert json.loads(published(place, start, sets=virtual | keys | SECOND).stdout)["generation"] == 2
    requests = [one.request for one in proxy.seen]
    assert len(requests) > 20 and {request.header("host") for request in requests} == {f"{bucket}.{VIRTUAL_DOMAIN}:{port}"}
    assert not any(bucket in request.target for request in requests)
    assert [request.header("authorization") for request in requests] == [by_botocore(request) for request in requests]
    place.assert_latest_is_complete()
    assert place.uploads() == []
    # `verify` takes the store from a config alone, so the config says it all.
    config = fleet.yaml.safe_load((tmp_path / "tiny.yaml").read_text())
    config["storage"] |= {"addressing_style": "virtual", "allow_http": True}
    fleet.write_config(tmp_path / "tiny.yaml", config)
    verify = [*start, str(fleet.BINARY), "verify", f"s3://{bucket}", "--config", "tiny.yaml"]
    done = subprocess.run(verify, env=environment(), cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_signature_for_another_host_is_refused(second_gateway, tmp_path, closing):
    """That the gateway looks at the host at all: the same requests with the host changed on their way get nowhere."""

    async def to_another(exchange):
        request = exchange.request.without("host")
        request.headers.insert(0, ("Host", f"{bucket}.{VIRTUAL_DOMAIN}"))
        await exchange.reply(await exchange.forward(request))

    proxy = closing(FaultProxy(second_gateway.url).set(Rule(to_another, count=None)))
    bucket = second_gateway.new_bucket()
    place = S3Place(tmp_path, second_gateway, bucket, f"http://{VIRTUAL_DOMAIN}:{proxy.url.rpartition(':')[2]}")
    start = with_hosts(tmp_path, [f"{bucket}.{VIRTUAL_DOMAIN}"])
    done = published(place, start, sets={"storage.addressing_style": "virtual", "storage.allow_http": True}, code=77)
    assert "secret key" in done.stderr and place.keys() == set()


def test_tls_with_an_authority_of_ones_own(s3_server, tmp_path, closing):
    """Named in the config or by AWS_CA_BUNDLE; without it, or with another, nothing is sent, and one sentence says what to do."""
    authority, other = Authority.new(tmp_path), Authority.new(tmp_path, "other")
    front = closing(TLSFront(authority.context("localhost"), s3_server.url))
    place = S3Place.new(tmp_path, s3_server, f"https://localhost:{front.port}")
    for trust in ({}, {"storage.ca_file": str(other.file)}):
        assert "storage.ca_file" in published(place, [], sets=trust, code=69).stderr
    assert front.handshakes == 0 and place.keys() == set()
    assert json.loads(published(place, [], sets={"storage.ca_file": str(authority.file)}).stdout)["generation"] == 1
    assert json.loads(published(place, [], sets=SECOND, AWS_CA_BUNDLE=str(authority.file)).stdout)["generation"] == 2
    assert front.handshakes >= 2
    place.assert_latest_is_complete()


def test_a_certificate_for_another_name_is_refused(s3_server, tmp_path, closing):
    authority = Authority.new(tmp_path)
    front = closing(TLSFront(authority.context("store.example.com"), s3_server.url))
    place = S3Place.new(tmp_path, s3_server, f"https://localhost:{front.port}")
    published(place, [], sets={"storage.ca_file": str(authority.file)}, code=69)
    assert place.keys() == set()


@pytest.mark.parametrize("setting", ["storage.ca_file", "AWS_CA_BUNDLE"])
def test_an_authority_that_cannot_be_read_is_a_config_error_that_names_its_setting(moto_server, tmp_path, setting):
    place = S3Place.new(tmp_path, moto_server, "https://localhost:1")
    (tmp_path / "none.pem").write_text("no certificate\n")
    sets, env = ({setting: "none.pem"}, {}) if "." in setting else ({}, {setting: "none.pem"})
    done = published(place, [], sets=sets, code=78, **env)
    assert setting in done.stderr and "none.pem" in done.stderr


def test_plain_http_goes_through_a_tunnel_of_the_proxy_too(juicefs_gateway, tmp_path, closing):
    proxy = closing(ForwardProxy({DOMAIN: int(juicefs_gateway.url.rpartition(":")[2])}))
    place = S3Place.new(tmp_path, juicefs_gateway, f"http://{DOMAIN}")
    published(place, [], sets={"storage.allow_http": True}, HTTP_PROXY=f"http://{proxy.address}")
    assert set(proxy.asked) == {("CONNECT", f"{DOMAIN}:80")}
    place.assert_latest_is_complete()


@pytest.mark.parametrize("login", [None, LOGIN], ids=["open", "with-login"])
def test_tls_goes_through_a_tunnel_of_the_proxy(second_gateway, tmp_path, closing, login):
    """The proxy learns the host's name, with the bucket in it, and nothing else."""
    authority = Authority.new(tmp_path)
    front = closing(TLSFront(authority.context(f"*.{DOMAIN}"), second_gateway.url))
    proxy = closing(ForwardProxy({DOMAIN: front.port}, login))
    place = S3Place.new(tmp_path, second_gateway, f"https://{DOMAIN}")
    text = f"http://{LOGIN_TEXT}@{proxy.address}" if login else f"http://{proxy.address}"
    sets = {"storage.addressing_style": "virtual", "storage.ca_file": str(authority.file)}
    published(place, [], sets=sets, HTTPS_PROXY=text)
    assert set(proxy.asked) == {("CONNECT", f"{place.bucket}.{DOMAIN}:443")}
    place.assert_latest_is_complete()


def test_a_proxy_that_wants_another_login_is_one_sentence(moto_server, tmp_path, closing):
    authority = Authority.new(tmp_path)
    front = closing(TLSFront(authority.context(DOMAIN), moto_server.url))
    proxy = closing(ForwardProxy({DOMAIN: front.port}, LOGIN))
    place = S3Place.new(tmp_path, moto_server, f"https://{DOMAIN}")
    done = published(place, [], sets={"storage.ca_file": str(authority.file)}, code=69, HTTPS_PROXY=f"http://{proxy.address}")
    assert "proxy" in done.stderr.lower() and len([line for line in done.stderr.splitlines() if line.startswith("error:")]) == 1, done.stderr
    assert place.keys() == set()


def test_a_proxy_is_not_asked_for_this_machine_nor_for_what_no_proxy_names(juicefs_gateway, tmp_path, closing):
    proxy = closing(ForwardProxy({}))
    env = {"HTTP_PROXY": f"http://{proxy.address}", "HTTPS_PROXY": f"http://{proxy.address}"}
    place = S3Place.new(tmp_path, juicefs_gateway)
    published(place, [], **env)
    virtual = {"storage.addressing_style": "virtual"}
    local = S3Place(tmp_path / "local", juicefs_gateway, place.bucket, place.url.replace("127.0.0.1", "localhost"))
    published(local, with_hosts(tmp_path, [f"{place.bucket}.localhost"]), sets=virtual | SECOND, code=66, **env)
    named = S3Place(tmp_path / "named", juicefs_gateway, place.bucket, f"http://{DOMAIN}:{juicefs_gateway.url.rpartition(':')[2]}")
    start = with_hosts(tmp_path, [DOMAIN])
    published(named, start, sets=SECOND | {"storage.allow_http": True}, NO_PROXY="example.com,.fleet.test", **env)
    assert proxy.asked == [] and place.generation() == 2


def test_a_proxy_that_cannot_be_used_is_a_config_error(moto_server, tmp_path):
    place = S3Place.new(tmp_path, moto_server, "https://s3.example.com")
    done = published(place, [], code=78, HTTPS_PROXY=f"socks5://{LOGIN_TEXT}@127.0.0.1:1")
    assert "HTTPS_PROXY" in done.stderr


def test_keys_come_through_the_proxy_from_services_beyond_and_directly_from_near_ones(moto_server, tmp_path, closing, fakes: AWSFakes):
    """STS over TLS is behind the proxy; metadata over plain http is asked without it, whatever the environment says."""
    authority = Authority.new(tmp_path)
    front = closing(TLSFront(authority.context("sts.fleet.test"), fakes.url))
    proxy = closing(ForwardProxy({"sts.fleet.test": front.port}))
    guard = closing(S3Guard(moto_server.url, fakes.find))
    place = S3Place.new(tmp_path, moto_server, guard.url)
    proxies = {"HTTP_PROXY": f"http://{proxy.address}", "HTTPS_PROXY": f"http://{proxy.address}", "AWS_CA_BUNDLE": str(authority.file)}
    env = set_up("web identity", fakes, tmp_path) | proxies | {"AWS_ENDPOINT_URL_STS": "https://sts.fleet.test"}
    done = fleet.run("generate", "--config", "tiny.yaml", cwd=tmp_path, env=env)
    assert WEB_TOKEN not in done.stderr and set(proxy.asked) == {("CONNECT", "sts.fleet.test:443")} and fakes.count("sts") == 1
    place.assert_latest_is_complete()
    near = bare(tmp_path / "near") | set_up("instance", fakes, tmp_path / "near") | proxies
    fleet.run("generate", "--config", "tiny.yaml", *fleet.overrides(SECOND), cwd=tmp_path, env=near)
    assert len(proxy.asked) == 1 and fakes.count("imds") == 3 and place.generation() == 2
