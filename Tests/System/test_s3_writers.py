"""D15: who may write a dataset in a bucket, beyond what one machine's processes know of each other."""

import signal
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from fault_proxy import FaultProxy, Rule
from manager import wait_for
from s3store import SECOND, S3Place
from store import DATASET, finish

FOREIGN = "fleetsynth writer lock 2\nmachine 00000000000000000000000000000000\nholder 1\nprocess process 7 on another-host\nnonce 1\n"


def test_a_writer_on_another_machine_is_waited_for_until_it_has_been_silent_for_three_minutes(moto_server, tmp_path):
    """D15: by the store's clock; the second writer leaves with 75 and names the first. A lock that nobody can read counts the same."""
    proxy = FaultProxy(moto_server.url)
    place = S3Place.new(tmp_path, moto_server, proxy.url)
    lock = f"manifests/{DATASET}/writer.lock"

    def aged(seconds: int):
        async def answer(exchange):
            response = await exchange.forward()
            modified = parsedate_to_datetime(response.header("last-modified"))
            response.headers = [pair for pair in response.headers if pair[0].lower() != "date"]
            response.headers.append(("Date", format_datetime(modified + timedelta(seconds=seconds), usegmt=True)))
            await exchange.reply(response)

        return Rule(answer, "GetObject", key=lock, count=None)

    for text in (FOREIGN, "unreadable"):
        place.put(lock, text.encode())
        proxy.set(aged(170))
        busy = place.run()
        assert busy.returncode == 75 and "in 10 s" in busy.stderr and place.keys() == {lock}, busy.stderr
        assert ("process 7 on another-host" in busy.stderr) == (text == FOREIGN)
        proxy.set(aged(180))
        place.publish({"data_generation.random_seed": len(text)})
        assert lock not in place.keys()
        for key in place.keys():
            moto_server.client().delete_object(Bucket=place.bucket, Key=key)
    proxy.close()


def test_a_writer_that_was_taken_for_dead_publishes_nothing_more(moto_server, tmp_path):
    """D15, X8: its lock has another's name when it comes to the manifest, and that other has published a generation: the condition fails."""
    place = S3Place.new(tmp_path, moto_server)
    place.publish()
    proxy = FaultProxy(moto_server.url)
    rival = S3Place(tmp_path / "rival", moto_server, place.bucket, place.url)

    async def overtaken(exchange):
        moto_server.client().put_object(Bucket=place.bucket, Key=f"manifests/{DATASET}/latest.json", Body=pointer)
        moto_server.client().put_object(Bucket=place.bucket, Key=f"manifests/{DATASET}/2.json", Body=manifest)
        await exchange.reply(await exchange.forward())

    other = S3Place.new(tmp_path / "other", moto_server)
    other.publish()
    other.publish({"data_generation.random_seed": 77})
    pointer, manifest = (other.get(f"manifests/{DATASET}/{name}.json") for name in ("latest", "2"))
    proxy.set(Rule(overtaken, "PutObject", key=f"manifests/{DATASET}/2.json"))
    late = rival.run(SECOND | {"storage.endpoint_url": proxy.url})
    assert late.returncode in (69, 75), (late.returncode, late.stderr)
    assert place.get(f"manifests/{DATASET}/2.json") == manifest and place.get(f"manifests/{DATASET}/latest.json") == pointer
    assert place.uploads() == []
    proxy.close()


@pytest.mark.parametrize("ending", ["goes on", "dies"])
def test_a_live_writer_is_known_however_the_store_is_spelled(moto_server, tmp_path, ending):
    """D15: two processes of one machine, one that says 127.0.0.1 and one that says localhost."""
    place = S3Place.new(tmp_path / "first", moto_server)
    other = S3Place(tmp_path / "second", moto_server, place.bucket, moto_server.url.replace("127.0.0.1", "localhost"))
    lock = f"manifests/{DATASET}/writer.lock"
    run = place.start({"data_generation.num_servers": 40_000, "data_generation.start_date": "2020-01-01"})
    wait_for("the lock", lambda: lock in place.keys(), 20)
    run.send_signal(signal.SIGSTOP)
    try:
        refused = other.run()
        assert refused.returncode == 75 and f"process {run.pid} " in refused.stderr, refused.stderr
    finally:
        run.send_signal(signal.SIGCONT if ending == "goes on" else signal.SIGKILL)
    assert finish(run).returncode == (0 if ending == "goes on" else -9)
    assert other.publish()["generation"] == (2 if ending == "goes on" else 1)
    assert lock not in place.keys() and place.uploads() == []
