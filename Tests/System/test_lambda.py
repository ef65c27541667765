"""`fleetsynth lambda`: a function of AWS Lambda, driven through the Runtime API, publishing to a real S3 server."""

import io
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

import fleet
from manager import wait_for
from runtime_api import Function, Runtime
from s3servers import ACCESS_KEY, SECRET_KEY
from s3store import S3Place, environment, sha256, storage
from store import CONFIG, DATASET, Store
from test_deploy_lambda import events

PANEL = "raw/raw_server_metrics_2024-02-01_to_2024-03-01.parquet"
# Enough for some seconds of work on any machine.
LARGE = {"data_generation.num_servers": 300_000, "data_generation.start_date": "2020-01-01", "data_generation.end_date": "2023-12-31"}


@pytest.fixture
def runtime():
    runtime = Runtime()
    yield runtime
    runtime.close()


@pytest.fixture
def start(tmp_path, runtime):
    """Starts functions; none outlives its test."""
    started = []

    def one(**variables) -> Function:
        folder = tmp_path / f"function-{len(started)}"
        folder.mkdir()
        started.append(Function(folder, runtime, variables))
        return started[-1]

    yield one
    for function in started:
        function.close()


@pytest.fixture
def place(juicefs_gateway, tmp_path) -> S3Place:
    return S3Place.new(tmp_path / "s3", juicefs_gateway)


def config(place: S3Place, **data) -> str:
    return yaml.safe_dump(fleet.config(CONFIG | data, storage=storage(place.bucket, place.url)))


def test_an_event_publishes_the_same_bytes_as_the_command_line(start, runtime, place, tmp_path):
    function = start(AWS_REGION="us-east-1")
    answer = runtime.invoke({"config": config(place), "name": DATASET})
    assert answer.kind == "response" and answer.body["status"] == "published", answer.body
    assert answer.body["panel"] == f"s3://{place.bucket}/{PANEL}" and answer.body["rows"] == 600
    local = Store(tmp_path / "local")
    local.publish()
    assert sha256(place.get(PANEL)) == fleet.sha256(local.panel)
    assert f'"run_id": "{answer.request}"' in place.get(f"manifests/{DATASET}/1.json").decode()
    place.assert_settled(local.files())
    log = function.text()
    assert answer.request in log and "Root=1-5bef4de7" in log
    assert not any(secret in log for secret in (ACCESS_KEY, SECRET_KEY, "num_servers"))


def test_nothing_goes_from_one_invocation_to_the_next(start, runtime, place):
    start()
    event = {"config": config(place), "name": DATASET}
    changed = runtime.invoke(event | {"name": "other", "set": {"data_generation.num_servers": 5, "output.filename": "{dataset}.parquet"}})
    assert changed.body["rows"] == 150 and changed.body["dataset"] == "other"
    runtime.invoke(event | {"set": {"data_generation.num_server": 5}}).failed("Config.Invalid", "num_servers")
    usual = runtime.invoke(event)
    assert (usual.body["rows"], usual.body["dataset"], usual.body["generation"]) == (600, DATASET, 1)
    assert runtime.invoke(event).body["status"] == "up-to-date"
    assert runtime.invoke(event | {"force": True}).body["generation"] == 2


def test_the_config_may_be_an_object(start, runtime, place):
    start(AWS_ENDPOINT_URL_S3=place.url)
    place.put("configs/tiny.yaml", config(place).encode())
    uri = f"s3://{place.bucket}/configs/tiny.yaml"
    assert runtime.invoke({"config_uri": uri}).body["dataset"] == "tiny"
    named = runtime.invoke({"config_uri": uri, "name": "named", "set": {"output.filename": "{dataset}.parquet"}})
    assert named.body["dataset"] == "named"
    runtime.invoke({"config_uri": uri.replace("tiny", "none")}).failed("Config.Missing", "none.yaml")
    runtime.invoke({"config_uri": "s3://there-is-no-such-bucket/a.yaml"}).failed("Store.Missing", "there-is-no-such-bucket")
    place.put("configs/large.yaml", b"#" * ((1 << 20) + 1))
    runtime.invoke({"config_uri": f"s3://{place.bucket}/configs/large.yaml"}).failed("Store.Failed", "1048576")
    place.put("configs/bad.yaml", b"data_generation: {\n  num_servers: -3 }\n")
    runtime.invoke({"config_uri": f"s3://{place.bucket}/configs/bad.yaml"}).failed("Config.Invalid", f"s3://{place.bucket}/configs/bad.yaml:2:16")


def test_relative_days_start_from_the_event_s_day(start, runtime, place):
    start()
    event = {"config": config(place, start_date="today-2d", end_date="yesterday"), "name": DATASET, "today": "2024-03-01"}
    answer = runtime.invoke(event)
    assert (answer.body["start"], answer.body["end"]) == ("2024-02-28", "2024-02-29")


BAD_EVENTS = {
    "no-json": (b"{'a': 1}", ["no JSON"]),
    "no-object": (b"[1]", ["no JSON object"]),
    "twice": (b'{"name": "a", "name": "b"}', ["twice"]),
    "deep": (b"[" * 100_000, ["nested"]),
    "nothing": ({}, ["the config is missing"]),
    "both": ({"config": "x", "config_uri": "s3://b/k", "name": "a"}, ["keep one"]),
    "no-name": ({"config": "data_generation: {}"}, ["name is missing"]),
    "misspelt": ({"config": "x", "name": "a", "actoin": "generate"}, ['"actoin"', "did you mean 'action'"]),
    "every-problem": ({"config": 7, "name": 8, "action": "destroy", "today": "tomorrow", "set": [], "force": "no"},
                      ["config is not", "name is not", "action is not one of", "today is not a day", "set is not", "force is not"]),
    "uri": ({"config_uri": "https://bucket/key"}, ["s3://BUCKET/KEY"]),
    "uri-without-key": ({"config_uri": "s3://bucket"}, ["s3://BUCKET/KEY"]),
    "env": ({"config": "x", "name": "a", "set": {"general.env": "local"}}, ["general.env"]),
    "shard-without": ({"config": "x", "name": "a", "action": "shard"}, ["shard is not the shard to make", "count"]),
    "shard-beyond": ({"config": "x", "name": "a", "action": "shard", "shard": {"index": 4, "count": 4}}, ["shard is not"]),
    "shard-too-many": ({"config": "x", "name": "a", "action": "shard", "shard": {"index": 0, "count": 10_001}}, ["at most 10000"]),
    "shard-more": ({"config": "x", "name": "a", "action": "shard", "shard": {"index": 0, "count": 4, "of": 4}}, ["shard is not"]),
    "commit-without": ({"config": "x", "name": "a", "action": "commit"}, ["shards is not the number of shards"]),
    "commit-none": ({"config": "x", "name": "a", "action": "commit", "shards": 0}, ["shards is not"]),
    "shard-of-a-whole": ({"config": "x", "name": "a", "shard": {"index": 0, "count": 4}, "shards": 4},
                         ["shard goes with the action shard only", "shards goes with the action commit only"]),
    "too-many-sets": ({"config": "x", "name": "a", "set": {f"k{i}": 1 for i in range(257)}}, ["at most 256"]),
}


def test_bad_events_are_refused_by_name(start, runtime):
    start()
    for name, (event, words) in BAD_EVENTS.items():
        message = runtime.invoke(event).failed("Event.Invalid", *words)
        assert len(message) < 2000, name
    runtime.invoke(b'{"config": "' + b"x" * (6 << 20) + b'"}').failed("Event.TooLarge", "config_uri")
    long = runtime.invoke({f"member-{number}": number for number in range(5000)}).failed("Event.Invalid", '"member-0" is no member')
    assert 16_000 < len(long) <= 16 << 10 and long.endswith(" ...")
    # The function goes on.
    runtime.invoke({"config": "data_generation: {", "name": "a"}).failed("Config.Invalid", "a.yaml:")


def test_a_bad_name_reaches_no_store(start, runtime):
    start()
    runtime.invoke({"config": "data_generation: {}", "name": "../../etc/passwd"}).failed("Config.Invalid", "no name for a dataset")


def test_a_function_writes_to_s3_or_below_tmp_only(start, runtime):
    start()
    runtime.invoke({"config": "data_generation: {}", "name": "a"}).failed("Config.Invalid", "var/data", "use_s3")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        event = {"config": yaml.safe_dump(fleet.config(CONFIG)), "name": "a", "set": {"storage.local_base_path": str(folder)}}
        assert runtime.invoke(event).body["status"] == "published"
        assert (folder / PANEL).exists()
    finally:
        shutil.rmtree(folder)


def test_a_failed_gate_publishes_nothing(start, runtime, place):
    start()
    event = {"config": config(place, missing_rate=0.2), "name": DATASET}
    runtime.invoke(event).failed("Quality.Failed", "nothing was published")
    assert place.keys() == set()


def test_a_store_that_refuses_or_is_gone_is_told_apart(start, runtime, place):
    start(AWS_SECRET_ACCESS_KEY="wrong")
    message = runtime.invoke({"config": config(place), "name": DATASET}).failed("Store.Denied", place.bucket)
    assert "wrong" not in message
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        event = {"config": config(place), "name": DATASET, "set": {"storage.endpoint_url": url}}
        runtime.invoke(event, seconds=90).failed("Store.Unavailable", "refuses connections")


def test_a_deadline_too_near_begins_nothing(start, runtime, place):
    start()
    event = {"config": config(place), "name": DATASET}
    runtime.invoke(event, seconds=1.5).failed("Deadline.TooNear", "longer timeout")
    runtime.invoke(event, seconds=-5).failed("Deadline.TooNear")
    runtime.invoke(event, Lambda_Runtime_Deadline_Ms=None).failed("Runtime.NoDeadline")
    runtime.invoke(event, Lambda_Runtime_Deadline_Ms="soon").failed("Runtime.NoDeadline")
    assert place.keys() == set()
    assert runtime.invoke(event).body["generation"] == 1


def test_a_run_is_stopped_ahead_of_the_deadline_and_leaves_nothing(start, runtime, place):
    start()
    event = {"config": config(place), "name": DATASET}
    before = time.monotonic()
    runtime.invoke(event | {"set": LARGE}, seconds=4).failed("Deadline.Exceeded", "Nothing was published")
    assert 1.5 < time.monotonic() - before < 4, "the answer comes before the end of the function"
    assert place.keys() == set() and place.uploads() == []
    assert runtime.invoke(event).body["generation"] == 1
    place.assert_latest_is_complete()


def test_a_store_that_says_nothing_does_not_hold_the_answer_back(start, runtime, place):
    function = start()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        before = time.monotonic()
        event = {"config": config(place), "name": DATASET, "set": {"storage.endpoint_url": url}}
        runtime.invoke(event, seconds=4).failed("Deadline.Exceeded", "had not ended")
        assert time.monotonic() - before < 4
        # Its work would meet that of the next invocation.
        assert function.ended() == 69 and "starts afresh" in function.text()


def test_answers_that_are_not_taken(start, runtime, place):
    function = start()
    event = {"config": config(place), "name": DATASET}
    runtime.statuses = [413]
    assert runtime.invoke(event).failed("Answer.TooLarge")
    runtime.statuses = [403]
    runtime.send(event)
    assert runtime.invoke(event).body["status"] == "up-to-date"
    assert "refused an answer" in function.text() and "status=403" in function.text()
    runtime.statuses = [500]
    runtime.send(event)
    assert function.ended() == 69


def test_the_function_ends_when_the_api_is_gone(start, runtime, tmp_path):
    function = start()
    runtime.invoke({}).failed("Event.Invalid")
    runtime.events.put(None)
    assert function.ended() == 69 and "answers 500" in function.text()
    runtime.server.shutdown()
    runtime.server.server_close()
    gone = start()
    assert gone.ended() == 69 and "cannot be reached" in gone.text()


def test_an_event_without_a_usable_id_ends_the_function(start, runtime):
    for value in (None, "../init/error", "a b"):
        function = start()
        runtime.send({}, Lambda_Runtime_Aws_Request_Id=value)
        assert function.ended() == 69 and "request id" in function.text()


def test_a_function_that_cannot_start_says_so(start, runtime):
    function = start(_HANDLER="index.handler")
    answer = runtime.answers.get(timeout=20)
    assert answer.kind == "init" and answer.body["errorType"] == "Runtime.NoSuchHandler"
    assert "generate" in answer.body["errorMessage"] and "index.handler" in answer.body["errorMessage"]
    assert function.ended() == 78


def test_outside_of_lambda_the_command_says_what_it_is_for():
    assert "AWS_LAMBDA_RUNTIME_API" in fleet.run("lambda", code=64, env=environment()).stderr
    for address in ("", "http://127.0.0.1", "127.0.0.1:0", "a b:1", "127.0.0.1:1/x"):
        done = subprocess.run([fleet.BINARY, "lambda"], env=environment(AWS_LAMBDA_RUNTIME_API=address), capture_output=True, text=True, timeout=20)
        assert done.returncode == 69 and "host:port" in done.stderr, (address, done.stderr)


def test_shards_and_their_commit_are_the_table_of_one_run(runtime, place, tmp_path):
    """The events are those that the state machine sends; each shard goes to a process of its own."""
    place.put("configs/tiny.yaml", config(place, end_date="yesterday").encode())
    uri = f"s3://{place.bucket}/configs/tiny.yaml"
    shards, commit = events(3, {"config_uri": uri, "set": {"data_generation.start_date": "today-30d"}})
    # Three processes that share nothing but the store, each limited to one action.
    one, other, last = runtimes = runtime, Runtime(), Runtime()
    functions = []
    try:
        for number, (serving, action) in enumerate(zip(runtimes, ("shard", "shard", "commit"), strict=True)):
            folder = tmp_path / f"process-{number}"
            folder.mkdir()
            functions.append(Function(folder, serving, {"AWS_ENDPOINT_URL_S3": place.url, "_HANDLER": action}))
        for shard in (2, 0):
            answer = one.invoke(shards[shard])
            assert answer.body["status"] == "staged" and answer.body["shard"] == f"{shard}/3", answer.body
        missing = last.invoke(commit).failed("Shards.Missing", "Shard 1 of 3 is missing")
        assert "nothing was published" in missing and not any(key.endswith(".parquet") for key in place.keys())
        assert other.invoke(shards[1]).body["status"] == "staged"
        assert one.invoke(shards[1]).body["status"] == "already-staged"
        result = last.invoke(commit)
        assert (result.body["status"], result.body["parts"], result.body["rows"]) == ("published", 3, 600), result.body
        assert last.invoke(commit).body["status"] == "up-to-date"
        assert other.invoke(shards[0]).body["status"] == "published"
        last.invoke(shards[0]).failed("Event.Invalid", "does not shard", "commit")
    finally:
        for function in functions:
            function.close()
        other.close()
        last.close()
    place.assert_latest_is_complete()
    parts = sorted(key for key in place.keys() if key.endswith(".parquet"))
    assert len(parts) == 3 and place.uploads() == []
    table = pd.concat([pd.read_parquet(io.BytesIO(place.get(key))) for key in parts], ignore_index=True)
    window = {"data_generation.start_date": "2026-01-01", "data_generation.end_date": "2026-01-30"}
    local = Store(tmp_path / "local")
    result = local.publish(window)
    whole = pd.read_parquet(local.folder / result["panel"])
    pd.testing.assert_frame_equal(table, whole, check_categorical=False)


@pytest.mark.parametrize("stream, same", [("a", True), ("b", False)], ids=["same-machine", "another-machine"])
def test_what_a_killed_function_leaves_is_removed_by_the_next(start, runtime, place, tmp_path, stream, same):
    """As when Lambda ends a function at its deadline without mercy. Its machines may differ in nothing but their log streams."""
    event = {"config": config(place), "name": DATASET}
    function = start(AWS_LAMBDA_LOG_STREAM_NAME="a")
    runtime.send(event | {"set": LARGE})
    wait_for("an upload", lambda: place.uploads(), 20)
    function.close()
    # The event that the dead function's connection waits for.
    again = Runtime()
    try:
        (tmp_path / "again").mkdir()
        second = Function(tmp_path / "again", again, {"AWS_LAMBDA_LOG_STREAM_NAME": stream})
        answer = again.invoke(event)
        second.close()
    finally:
        again.close()
    if not same:
        answer.failed("Store.Busy", "its lock ends by itself")
        return
    assert answer.body["generation"] == 1
    place.assert_latest_is_complete()
    assert place.uploads() == [] and len([key for key in place.keys() if key.endswith(".parquet")]) == 1
