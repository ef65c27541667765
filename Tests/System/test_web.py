"""The status page and the JSON interface over HTTP: what they tell, and who may change what."""

import json
import re
import socket
import stat
import time

import pytest

from manager import wait_for
from service import BAD, BIG, changed, config
from web import Web, free_port

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"


@pytest.fixture
def web(make, manager) -> Web:
    """A service with one published dataset, asked by a port."""
    port = free_port()
    service = make(manager=manager, options=("--http-port", port, "--http-socket", "http.sock"))
    service.put("tiny")
    service.start()
    service.await_event("run-published", "tiny")
    service.await_idle("tiny")
    return Web(service, port=port).await_answer()


def test_port_and_unix_socket_answer_the_same(web):
    service = web.service
    unix = Web(service, path=service.folder / "http.sock")
    assert stat.S_IMODE((service.folder / "http.sock").stat().st_mode) == 0o660
    for path in ("/healthz", "/api/v1/datasets", "/openapi.json", "/datasets/tiny/generations/1/manifest"):
        one, other = web.ask(path), unix.ask(path)
        assert one.status == other.status == 200 and one.body == other.body
    service.stop()
    assert not (service.folder / "http.sock").exists()


def test_without_being_asked_for_there_is_no_http(tiny):
    assert not (tiny.state / "http.token").exists()
    assert not tiny.count("http-ready")
    listening = [line.split() for name in ("tcp", "tcp6") for line in open(f"/proc/{tiny.pid}/net/{name}").readlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in listening if row[3] == "0A"}
    assert inodes.isdisjoint(tiny.descriptors().values())


def test_the_interface_tells_what_the_control_socket_tells(web):
    row = web.service.status("tiny")["tiny"]
    told = web.ask("/api/v1/datasets/tiny").json()
    latest = told.pop("latest")
    assert told == row
    manifest = json.loads((web.service.store("tiny") / "manifests/tiny/1.json").read_text())
    assert latest["bytes"] == sum(artifact["bytes"] for artifact in manifest["artifacts"])
    assert (latest["generation"], latest["rows"], latest["passed"], latest["servers"]) == (1, 600, True, 20)
    status = web.ask("/api/v1/status").json()
    assert status["datasets"] == 1 and status["states"]["idle"] == 1 and status["watch"]["in_force"] == 1
    assert "fleetsynth_build_info{" in web.ask("/metrics").text


def test_when_the_data_was_published_and_when_it_was_found_up_to_date_are_two_moments(web):
    service = web.service
    created = json.loads((service.store("tiny") / "manifests/tiny/1.json").read_text())["created"]
    first = web.ask("/api/v1/datasets/tiny").json()
    assert first["published_at"] == first["latest"]["created"] == created <= first["checked_at"]
    assert "checked <time" not in web.ask("/datasets/tiny").text
    wait_for("three seconds more", lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3)) > first["checked_at"])
    service.ask("trigger", "tiny")
    service.await_event("run-up-to-date", "tiny")
    service.await_idle("tiny")
    for _ in range(2):
        again = web.ask("/api/v1/datasets/tiny").json()
        assert again["published_at"] == created and again["checked_at"] > first["checked_at"]
        page = web.ask("/datasets/tiny").text
        assert f'datetime="{created}"' in page and f'checked <time datetime="{again["checked_at"]}"' in page
        service.ask("pause", "tiny")
        service.stop()
        service.start()
        web.await_answer()


def test_datasets_and_generations_come_in_pages(web):
    service = web.service
    for name in ("a", "b", "c"):
        service.put(name)
        service.await_event("run-published", name)
    seen, path = [], "/api/v1/datasets?limit=2"
    while path:
        page = web.ask(path).json()
        assert len(page["datasets"]) <= 2
        seen += [row["dataset"] for row in page["datasets"]]
        path = page["next"]
    assert seen == ["a", "b", "c", "tiny"]
    for generation in (2, 3):
        service.put("tiny", changed(generation))
        service.await_event("run-published", "tiny", count=generation)
    first = web.ask("/api/v1/datasets/tiny/generations?limit=2").json()
    assert [entry["generation"] for entry in first["generations"]] == [3, 2]
    rest = web.ask(first["next"]).json()
    assert [entry["generation"] for entry in rest["generations"]] == [1] and rest["next"] is None
    # The name of the file is the same each time, so only the latest still has it.
    documents = [entry["documents"] for entry in first["generations"]]
    assert documents[0]["summary"] == "/datasets/tiny/generations/3/summary" and documents[1]["summary"] is None
    assert web.ask(documents[0]["summary"]).json()["generation"] == 3
    assert web.ask("/datasets/tiny/generations/2/summary").status == 410
    assert web.ask("/datasets/tiny/generations/2/manifest").json()["generation"] == 2
    assert web.ask("/datasets/tiny/generations/9/manifest").status == 404


def test_a_refused_config_is_shown_with_its_place_and_line(web):
    web.service.put("wrong", BAD)
    web.service.await_event("config-refused", "wrong")
    [refused] = web.ask("/api/v1/problems").json()["configs"]
    [problem] = refused["problems"]
    assert (refused["file"], problem["line"], problem["column"]) == ("wrong.yaml", 2, 16) and "-3" in problem["excerpt"]
    page = web.ask("/").text
    assert "wrong.yaml:2:16" in page and "num_servers: -3" in page


def test_names_and_lines_of_configs_are_text_on_the_page(web):
    name = "<img src=x onerror=alert(1)>&'\""
    web.service.put(name, "data_generation:\n  num_servers: '<script>alert(1)</script>'\n")
    web.service.await_event("config-refused")
    page = web.ask("/").text
    assert "<img src=x" not in page and "<script>alert" not in page and "&lt;script&gt;alert" in page
    # The same name as a path leads to its page.
    [path] = set(re.findall(r'href="(/datasets/%3Cimg[^"]*)"', page))
    assert web.ask(path).status == 200


# --- Who may change something ---


def test_the_token_is_made_once_and_only_its_owner_reads_it(web):
    path = web.service.state / "http.token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"[0-9a-f]{64}\n", path.read_text())
    before = path.read_text()
    web.service.stop()
    web.service.start()
    web.await_answer()
    assert path.read_text() == before
    assert before.strip() not in "".join(log.read_text() for log in web.service.folder.glob("log-*"))


@pytest.mark.parametrize("verb", ["trigger", "pause", "resume"])
def test_what_changes_something_needs_the_token(web, verb):
    path = f"/api/v1/datasets/tiny/{verb}"
    wrong = {"none": web.ask(path, "POST"), "another": web.tell(path, "0" * 64), "part": web.tell(path, web.token[:-1])}
    wrong["basic"] = web.ask(path, "POST", authorization=f"Basic {web.token}")
    for what, answer in wrong.items():
        assert answer.status == 401 and answer.headers["www-authenticate"].startswith("Bearer"), what
        assert answer.headers["content-type"] == "application/problem+json" and answer.json()["status"] == 401
    assert web.service.status()["tiny"]["state"] == "idle" and web.service.count("run-started", "tiny") == 1
    done = web.tell(path)
    assert done.status == 200 and "tiny" in done.json()["message"]


def test_buttons_do_what_the_control_socket_does(web):
    service = web.service
    assert web.tell("/api/v1/datasets/tiny/pause").status == 200
    assert service.status()["tiny"]["state"] == "paused"
    refused = web.tell("/api/v1/datasets/tiny/trigger")
    assert refused.status == 409 and refused.json()["code"] == "paused"
    assert web.tell("/api/v1/datasets/tiny/resume").status == 200
    run = web.tell("/api/v1/datasets/tiny/trigger").json()
    assert service.await_event("run-up-to-date", "tiny", reason="manual")["run_id"] == run["run_id"]
    assert web.tell("/api/v1/datasets/nobody/trigger").status == 404
    service.put("tiny", BAD)
    report = web.tell("/api/v1/reload").json()
    assert report["exit_code"] == 78 and report["configs"][0]["outcome"] == "refused"


def test_the_page_works_without_a_script(web):
    form = "application/x-www-form-urlencoded"
    refused = web.ask("/datasets/tiny/pause", "POST", b"token=wrong", content_type=form)
    assert refused.status == 403 and "Not done" in refused.text
    assert web.ask("/datasets/tiny/pause", "POST", b"", content_type=form).status == 403
    assert web.service.status()["tiny"]["state"] == "idle"
    done = web.ask("/datasets/tiny/pause", "POST", f"token={web.token}".encode(), content_type=form)
    assert done.status == 200 and "tiny is paused" in done.text
    assert web.service.status()["tiny"]["state"] == "paused"
    assert 'formaction="/datasets/tiny/resume"' in web.ask("/").text


def test_a_new_token_counts_at_once_and_a_bad_file_lets_nobody_in(web):
    path = web.service.state / "http.token"
    old = web.token
    path.write_text("f" * 64 + "\n")
    assert web.tell("/api/v1/datasets/tiny/pause", old).status == 401
    assert web.tell("/api/v1/datasets/tiny/pause", "f" * 64).status == 200
    path.write_text("\n")
    assert web.tell("/api/v1/datasets/tiny/resume", "").status in (401, 503)
    path.write_text("f" * 64)
    path.chmod(0o644)
    answer = web.tell("/api/v1/datasets/tiny/resume", "f" * 64)
    assert answer.status == 503 and "mode 0600" in answer.json()["detail"]
    path.unlink()
    assert web.tell("/api/v1/datasets/tiny/resume", "f" * 64).status == 401
    assert web.token != old and web.tell("/api/v1/datasets/tiny/resume").status == 200


# --- Other sites ---


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "localhost:1", "localhost", "localhost.evil.example:{port}", "127.0.0.1@evil:1"])
def test_a_name_that_is_not_ours_is_refused(web, host):
    answer = web.ask("/api/v1/status", host=host.format(port=web.port))
    assert answer.status in (400, 421) and "config_directory" not in answer.text


def test_our_own_names_are_answered_and_others_when_they_are_given(make):
    port = free_port()
    service = make(options=("--http-port", port, "--http-host", "Status.Example.com"))
    service.put("tiny")
    service.start()
    web = Web(service, port=port).await_answer()
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}", "status.example.com", "status.example.com:443"):
        assert web.ask("/api/v1/status", host=host).status == 200, host
    assert web.tell("/api/v1/reload", host="status.example.com", origin="https://status.example.com").status == 200
    assert web.ask("/api/v1/status", host="example.com").status == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "https://localhost", "file://"])
def test_another_sites_page_changes_nothing_even_with_the_token(web, origin):
    assert web.tell("/api/v1/datasets/tiny/pause", origin=origin).status == 403
    form = {"content_type": "application/x-www-form-urlencoded", "origin": origin}
    assert web.ask("/datasets/tiny/pause", "POST", f"token={web.token}".encode(), **form).status == 403
    assert web.service.status()["tiny"]["state"] == "idle"
    assert web.tell("/api/v1/datasets/tiny/pause", origin=f"http://localhost:{web.port}").status == 200


@pytest.mark.parametrize("path", ["/", "/datasets/tiny", "/api/v1/status", "/nothing", "/metrics", "/datasets/tiny/generations/1/summary"])
def test_every_answer_keeps_the_browser_in_bounds(web, path):
    for accept in ("text/html", "application/json"):
        headers = web.ask(path, accept=accept).headers
        assert headers["content-security-policy"].startswith(POLICY) and "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"] and "form-action 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin" and "access-control-allow-origin" not in headers
    page = web.ask("/").text
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|style=", page), "no script and no style stands in a page"


def test_assets_may_be_kept_because_their_names_change(web):
    paths = set(re.findall(r'"(/assets/[^"]+)"', web.ask("/").text))
    assert len(paths) == 3
    for path in paths:
        answer = web.ask(path)
        assert answer.status == 200 and "immutable" in answer.headers["cache-control"]
        assert web.ask(path[:-8] + "x" + path[-7:]).status == 404


def test_methods_and_queries_that_are_not_known_are_refused_by_name(web):
    wrong = web.ask("/api/v1/status", "DELETE")
    assert wrong.status == 405 and wrong.headers["allow"] == "GET, HEAD"
    assert web.ask("/api/v1/reload").status == 405
    assert web.ask("/api/v1/datasets?limit=0").status == 400
    assert web.ask("/api/v1/datasets?limit=01").status == 400
    assert web.ask("/api/v1/datasets?color=red").status == 400
    head = web.ask("/api/v1/datasets/tiny", "HEAD")
    assert head.status == 200 and head.body == b"" and int(head.headers["content-length"]) > 0


# --- News ---


def test_progress_of_a_run_is_seen_as_it_happens(web):
    states, percents = [], []
    for name, _, data in web.events(seconds=60):
        if name == "place" and not states:
            states.append("begun")
            web.service.put("big", config("big", BIG | {"num_servers": 120_000, "decimals": None}))
        if name != "dataset" or json.loads(data)["dataset"] != "big":
            continue
        row = json.loads(data)
        states.append(row["state"])
        percents += [row["percent"]] if row["percent"] else []
        if row["state"] == "idle" and row["generation"] == 1:
            break
    assert "running" in states and states[-1] == "idle"
    assert percents == sorted(percents) and len(set(percents)) >= 2


def test_a_stream_goes_on_where_it_was_left(web):
    place = next(identity for name, identity, _ in web.events() if name == "place")
    web.tell("/api/v1/datasets/tiny/pause")
    events = []
    for name, _, data in web.events(f"/api/v1/events?after={place}"):
        events.append(name)
        if name == "place":
            break
    assert events == ["dataset", "place"], "what was told before is not told again"
    # A place of another life means: from the beginning.
    assert "datasets" in [name for name, _, _ in zip_until_place(web.events("/api/v1/events?after=abc-9"))]
    assert web.ask("/api/v1/events?after=nonsense").status == 400


def zip_until_place(events):
    for event in events:
        yield event
        if event[0] == "place":
            return


# --- The service goes on ---


def test_a_port_that_another_program_has_stops_no_dataset_and_is_taken_later(make):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        service = make(options=("--http-port", port))
        service.put("tiny")
        service.start()
        service.await_event("run-published", "tiny")
        failed = service.await_event("http-failed")
        assert str(port) in failed["message"] and "--http-port" in failed["message"]
    service.await_event("http-ready")
    Web(service, port=port).await_answer()
    assert service.count("http-failed") == 1


def test_stop_waits_for_no_client(web):
    idle = web.open()
    stream = web.open(f"GET /api/v1/events HTTP/1.1\r\nHost: {web.host}\r\n\r\n".encode())
    half = web.open(b"GET / HTTP/1.1\r\nHost:")
    stream.recv(100)
    began = time.monotonic()
    web.service.stop()
    assert time.monotonic() - began < 5
    for connection in (idle, stream, half):
        connection.close()


@pytest.mark.parametrize("options", [("--http-port", "0"), ("--http-port", "70000"), ("--http-host", "http://x"), ("--http-socket", "x" * 200)])
def test_an_address_that_cannot_be_is_a_mistake_of_the_command_line(make, options):
    service = make(options=options)
    service.launch()
    assert service.ended() == 64
