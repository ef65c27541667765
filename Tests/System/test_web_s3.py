"""Pages of datasets in a bucket: read once per generation, and never waited for without end."""

import time

import pytest

import s3_faults
from fault_proxy import Rule
from manager import wait_for
from s3servers import SECRET_KEY
from s3store import S3Place, environment, storage
from service import config
from store import DATASET
from web import Web, free_port


@pytest.fixture
def place(s3_server, proxy, tmp_path) -> S3Place:
    return S3Place.new(tmp_path / "place", s3_server, proxy.url)


@pytest.fixture
def web(make, manager, place) -> Web:
    port = free_port()
    service = make(manager=manager, env=environment(), options=("--http-port", port))
    service.put(DATASET, config(DATASET, storage=storage(place.bucket, place.url)))
    service.start()
    service.await_event("run-published", DATASET, timeout=60)
    return Web(service, port=port).await_answer()


def test_a_generation_in_a_bucket_is_shown_like_any_other(web, place):
    latest = wait_for("what the generation holds", lambda: web.ask(f"/api/v1/datasets/{DATASET}").json()["latest"])
    assert (latest["generation"], latest["passed"]) == (1, True)
    [entry] = web.ask(f"/api/v1/datasets/{DATASET}/generations").json()["generations"]
    assert web.ask(entry["documents"]["summary"]).json()["rows"] == latest["rows"]
    assert web.ask(entry["documents"]["manifest"]).json()["generation"] == 1
    assert SECRET_KEY not in web.ask("/").text + web.ask(f"/datasets/{DATASET}").text + web.ask(entry["documents"]["manifest"]).text


def test_a_bucket_that_does_not_answer_keeps_nobody_waiting_for_long(web, proxy):
    wait_for("what the generation holds", lambda: web.ask(f"/api/v1/datasets/{DATASET}").json()["latest"])
    proxy.set(Rule(s3_faults.drop_before, count=None))
    began = time.monotonic()
    # What is known stays known; what must be asked for is refused in time.
    assert web.ask(f"/api/v1/datasets/{DATASET}").json()["latest"]["generation"] == 1
    assert web.ask("/").status == 200 and time.monotonic() - began < 5
    answer = web.ask(f"/api/v1/datasets/{DATASET}/generations", timeout=60)
    assert answer.status in (502, 504) and answer.json()["code"] in ("store-failed", "store-slow")
    page = web.ask(f"/datasets/{DATASET}", timeout=60)
    assert page.status == 200 and answer.json()["detail"].split(".")[0][:20] in page.text
    assert time.monotonic() - began < 40
    assert web.service.status()[DATASET]["state"] == "idle"
