"""The service with datasets in S3: a config dropped in is published, a store that is away is tried again, a stop leaves nothing behind."""

import signal
import time

import pytest

import s3_faults
from fault_proxy import Rule
from manager import wait_for
from s3servers import SECRET_KEY, credentials
from s3store import S3Place, environment, storage
from service import Service, config
from store import DATASET

# Five parts and more; with slow parts an upload that takes seconds.
BIG = {"num_servers": 3000, "start_date": "2020-01-01"}
STOP_SECONDS = 15


@pytest.fixture
def place(s3_server, proxy, tmp_path) -> S3Place:
    return S3Place.new(tmp_path / "place", s3_server, proxy.url)


@pytest.fixture
def service(make, manager) -> Service:
    return make(manager=manager, env=environment())


def dataset(place: S3Place, data: dict | None = None, **more) -> dict:
    return config(DATASET, data, storage=storage(place.bucket, place.url) | more)


def assert_clean(service: Service, place: S3Place, generation: int) -> None:
    assert place.generation() == generation
    assert place.uploads() == []
    if generation:
        place.verify()
    assert SECRET_KEY not in service.log.read_text()


def test_a_config_dropped_in_is_published(service, place):
    service.start()
    service.put(DATASET, dataset(place))
    service.await_event("run-published", DATASET)
    assert_clean(service, place, 1)
    # X12: which source, never the keys.
    assert "keys for the store come from environment" in service.log.read_text()
    service.put(DATASET, dataset(place, {"random_seed": 5}))
    service.await_event("run-published", DATASET, count=2)
    assert_clean(service, place, 2)
    service.stop()


def test_a_store_that_is_away_is_tried_again_until_it_is_back(service, place, proxy):
    """X17: the failure is told, nothing is given up, and the run succeeds without anybody's doing."""
    proxy.set(Rule(s3_faults.drop_before, count=None))
    service.put(DATASET, dataset(place))
    service.start()
    service.await_event("run-failed-store", DATASET, timeout=120)
    wait_for("retrying", lambda: service.status()[DATASET]["state"] == "retrying")
    proxy.set()
    service.await_event("run-published", DATASET, timeout=120)
    assert_clean(service, place, 1)
    service.stop()


def test_a_store_that_refuses_is_tried_again_after_a_reload(service, place, proxy):
    """X17: a 403 is no reason to forget the dataset."""
    proxy.set(Rule(s3_faults.denied, method="PUT", count=None), Rule(s3_faults.denied, method="POST", count=None))
    service.put(DATASET, dataset(place))
    service.start()
    failed = service.await_event("run-failed-store", DATASET, timeout=60)
    assert "denied" in str(failed).lower()
    proxy.set()
    service.ask("trigger", DATASET)
    service.await_event("run-published", DATASET, timeout=60)
    assert_clean(service, place, 1)
    service.stop()


def test_a_stop_in_the_middle_of_an_upload_ends_in_time_and_leaves_nothing(service, place, proxy):
    """X19: the store is slow, so the upload cannot end within the stop time."""
    service.put(DATASET, dataset(place))
    service.start()
    service.await_event("run-published", DATASET)
    before = place.content()
    proxy.set(Rule(s3_faults.stall_before, "UploadPart", first=2, count=None))
    service.put(DATASET, dataset(place, BIG, part_size="5MiB"))
    wait_for("the second part", lambda: proxy.count("UploadPart") >= 2, timeout=60)
    begin = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    assert service.ended(timeout=STOP_SECONDS) == 0
    print(f"stopped after {time.monotonic() - begin:.2f} s")
    assert place.content() == before
    assert_clean(service, place, 1)


def test_a_stop_while_the_store_is_silent_ends_in_time(service, place, proxy):
    """X19: not even the clean-up may take forever; what it leaves the next start removes."""
    service.put(DATASET, dataset(place))
    service.start()
    service.await_event("run-published", DATASET)
    proxy.set(Rule(s3_faults.stall_before, "UploadPart", count=None), Rule(s3_faults.stall_before, "AbortMultipartUpload", count=None))
    service.put(DATASET, dataset(place, BIG, part_size="5MiB"))
    wait_for("a part", lambda: proxy.count("UploadPart") >= 1, timeout=60)
    service.process.send_signal(signal.SIGTERM)
    assert service.ended(timeout=STOP_SECONDS) == 0
    proxy.set()
    service.start()
    service.await_event("run-published", DATASET, timeout=60)
    assert_clean(service, place, 2)
    service.stop()


def test_a_killed_service_puts_everything_right_at_the_next_start(service, place, proxy):
    service.put(DATASET, dataset(place))
    service.start()
    service.await_event("run-published", DATASET)
    proxy.set(Rule(s3_faults.stall_before, "UploadPart", first=2, count=None))
    service.put(DATASET, dataset(place, BIG, part_size="5MiB"))
    wait_for("the second part", lambda: proxy.count("UploadPart") >= 2, timeout=60)
    service.kill()
    proxy.settle()
    assert place.uploads() and place.generation() == 1
    proxy.set()
    service.start()
    service.await_event("run-published", DATASET, timeout=60)
    assert_clean(service, place, 2)
    service.stop()


def test_keys_that_are_exchanged_take_effect_at_the_next_run(make, manager, juicefs_gateway, tmp_path):
    """A credential file of the service manager is read again when it changes: no restart."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    keys = folder / "s3-credentials"

    def write(secret: str) -> None:
        pair = credentials(secret_key=secret)
        text = f"[default]\naws_access_key_id = {pair['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {secret}\n"
        keys.with_suffix(".new").write_text(text)
        keys.with_suffix(".new").replace(keys)

    write("out-of-date-secret")
    place = S3Place.new(tmp_path / "place", juicefs_gateway)
    service = make(manager=manager, env=environment({}, CREDENTIALS_DIRECTORY=str(folder)))
    service.put(DATASET, dataset(place))
    service.start()
    service.await_event("run-failed-store", DATASET, timeout=60)
    write(SECRET_KEY)
    service.ask("trigger", DATASET)
    service.await_event("run-published", DATASET, timeout=60)
    assert "out-of-date-secret" not in service.log.read_text()
    assert_clean(service, place, 1)
    service.stop()
