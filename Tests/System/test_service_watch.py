"""Configs that come, change and go while the service runs. Ids are those of the requirements."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

import fleet
from manager import wait_for
from service import BAD, BAD_PLACE, HUGE, Service, changed, config, write_whole


def drop_cp(service: Service, text: Path) -> None:
    subprocess.run(["cp", text, service.configs / "tiny.yaml"], check=True)


def drop_mv(service: Service, text: Path) -> None:
    subprocess.run(["mv", text, service.configs / "tiny.yaml"], check=True)


def drop_rsync(service: Service, text: Path) -> None:
    staged = service.configs / ".tiny.yaml.Xa9Q2z"
    with staged.open("w") as file:
        for line in text.read_text().splitlines(keepends=True):
            file.write(line)
            file.flush()
    staged.rename(service.configs / "tiny.yaml")


def drop_editor(service: Service, text: Path) -> None:
    """vim without Debian's settings: a probe file, the old one away, a new one written, the old one deleted."""
    path, backup = service.configs / "tiny.yaml", service.configs / "tiny.yaml~"
    (service.configs / "4913").touch()
    (service.configs / "4913").unlink()
    if path.exists():
        path.rename(backup)
    path.write_text(text.read_text())
    path.chmod(0o644)
    backup.unlink(missing_ok=True)


def drop_slowly(service: Service, text: Path) -> None:
    """Half a file is there for longer than the settle time; it must not be taken for a config."""
    content = text.read_text()
    with (service.configs / "tiny.yaml").open("w") as file:
        file.write(content[: len(content) // 2])
        file.flush()
        time.sleep(0.5)  # the writer's pace, not a wait for anything
        file.write(content[len(content) // 2 :])


def drop_configmap(service: Service, text: Path) -> None:
    """The atomic writer of a mounted ConfigMap: no event ever names the config."""
    data, link = service.configs / "..data", service.configs / "tiny.yaml"
    old = os.readlink(data) if data.is_symlink() else None
    version = f"..2024_{time.monotonic_ns()}"
    (service.configs / version).mkdir()
    (service.configs / version / "tiny.yaml").write_text(text.read_text())
    (service.configs / "..data_tmp").symlink_to(version)
    (service.configs / "..data_tmp").rename(data)
    if not link.is_symlink():
        link.symlink_to("..data/tiny.yaml")
    if old is not None:
        (service.configs / old / "tiny.yaml").unlink()
        (service.configs / old).rmdir()


DROPS = [drop_cp, drop_mv, drop_rsync, drop_editor, drop_slowly, drop_configmap]


@pytest.mark.parametrize("drop", DROPS, ids=[drop.__name__.removeprefix("drop_") for drop in DROPS])
def test_w2_every_way_to_drop_a_config_gives_one_generation_each_time(make, manager, drop):
    service = make(manager=manager).start()
    for generation in (1, 2, 3):
        drop(service, fleet.write_config(service.folder / "text.yaml", changed(generation)))
        service.await_event("run-published", "tiny", generation=str(generation))
        service.assert_watched_up_to_here()
        service.ask("reload")
        service.await_idle()
        assert service.count("run-started", "tiny") == generation, "a drop gave more than one run"
        assert service.generation("tiny") == generation
    assert not service.count("config-refused"), service.events("config-refused")
    assert not service.count("config-removed")
    service.verify("tiny")


def test_w3_what_does_not_change_the_content_starts_nothing(tiny):
    path = tiny.configs / "tiny.yaml"
    text = path.read_text()
    for act in (path.touch, lambda: path.chmod(0o600), lambda: path.write_text(text), lambda: write_whole(path, text)):
        act()
        tiny.assert_watched_up_to_here()
    tiny.ask("reload")
    tiny.await_idle()
    assert tiny.count("run-started", "tiny") == 1


def test_w6_names_that_are_not_configs_are_passed_over(tiny):
    for name in (".tiny.yaml.swp", "tiny.yaml~", "#tiny.yaml#", "x.yaml.dpkg-new", "x.tmp", "4913", ".hidden.yaml"):
        (tiny.configs / name).write_text(BAD)
    tiny.assert_watched_up_to_here()
    tiny.ask("reload")
    assert not tiny.count("config-refused")


@pytest.mark.parametrize("text", ["data_generation: !include other.yaml\n", "data_generation: {}\n---\n!include other.yaml\n"])
def test_w16_a_config_is_one_file_and_cannot_refer_to_another(tiny, text):
    tiny.put("one", text)
    tiny.await_event("config-refused", "one")


def test_w11_what_cannot_be_read_hurts_itself_only(tiny):
    os.mkfifo(tiny.configs / "fifo.yaml")
    (tiny.configs / "loop.yaml").symlink_to("loop.yaml")
    (tiny.configs / "gone.yaml").symlink_to("nowhere")
    (tiny.configs / "large.yaml").write_text("#" * (2 << 20))
    (tiny.configs / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("fifo", "loop", "gone", "large", "binary"):
        tiny.await_event("config-refused", name)
    tiny.assert_watched_up_to_here()
    assert tiny.status()["tiny"]["state"] == "idle"


def test_s5_a_bad_config_is_named_by_place_and_changes_nothing_until_it_is_mended(tiny):
    before = {name: fleet.sha256(tiny.store("tiny") / name) for name in tiny.files("tiny")}
    tiny.put("tiny", BAD)
    refused = tiny.await_event("config-refused", "tiny")
    assert refused["level"] == "error" and BAD_PLACE.search(refused["message"]) and "num_servers" in refused["message"]
    assert refused["config_line"] == "2"
    row = tiny.status()["tiny"]
    assert row["state"] == "refused" and row["generation"] == 1
    assert BAD_PLACE.search(row["errors"][0])
    assert BAD_PLACE.search(tiny.ask("status").stdout)
    done = tiny.ask("reload", code=78)
    assert BAD_PLACE.search(done.stderr) and "num_servers" in done.stderr
    assert fleet.run("validate", "configs/tiny.yaml", code=78, cwd=tiny.folder)
    assert {name: fleet.sha256(tiny.store("tiny") / name) for name in tiny.files("tiny")} == before
    assert tiny.count("config-refused", "tiny") == 1, "one mistake is told once"
    tiny.put("tiny", changed())
    tiny.await_event("run-published", "tiny", generation="2")
    tiny.ask("reload")
    tiny.verify("tiny")


def test_s5_a_bad_config_that_is_taken_back_starts_nothing(tiny):
    text = (tiny.configs / "tiny.yaml").read_text()
    tiny.put("tiny", BAD)
    tiny.await_event("config-refused", "tiny")
    tiny.put("tiny", text)
    wait_for("accepted again", lambda: tiny.status()["tiny"]["state"] == "idle")
    tiny.ask("reload")
    assert tiny.count("run-started", "tiny") == 1


def test_w10_a_deleted_config_ends_its_runs_and_keeps_what_is_published(tiny):
    files = tiny.files("tiny")
    (tiny.configs / "tiny.yaml").unlink()
    tiny.await_event("config-removed", "tiny")
    tiny.ask("trigger", "tiny", code=66)
    assert tiny.files("tiny") == files
    tiny.verify("tiny")
    tiny.put("tiny")
    tiny.await_event("run-up-to-date", "tiny")
    assert tiny.generation("tiny") == 1


def test_w10_a_deleted_config_lets_its_running_run_end_and_nothing_follows(make, manager):
    service = make(manager=manager)
    service.put("tiny")
    service.start()
    path = service.put("big", config("big", HUGE | {"num_servers": 40_000}))
    service.await_event("run-started", "big")
    service.ask("trigger", "big")
    path.unlink()
    service.ask("reload")
    service.await_event("config-removed", "big")
    assert not service.count("run-published", "big"), "the run must be longer on this machine"
    service.await_event("run-published", "big", timeout=120)
    service.verify("big")
    assert not service.debris("big")
    assert not service.count("run-cancelled", "big")
    service.assert_watched_up_to_here()
    assert service.count("run-started", "big") == 1


def test_w2_w5_a_newcomer_is_refused_alone_also_after_a_restart(make, manager):
    shared = {"output": {"filename": "panel.parquet"}, "storage": {"local_base_path": "stores/shared"}}
    service = make(manager=manager)
    service.put("web", config("web", {"random_seed": 1}, **shared))
    service.start()
    service.await_event("run-published", "web")
    service.put("dup", config("dup", {"random_seed": 2}, **shared))
    service.await_event("config-refused", "dup")
    # The one that was there first can still be edited.
    service.put("web", config("web", {"random_seed": 3}, **shared))
    service.await_event("run-published", "web", generation="2")
    assert not service.count("config-refused", "web")
    assert {name: row["state"] for name, row in service.await_idle().items()} == {"dup": "refused", "web": "idle"}
    service.kill()
    service.start()
    service.await_event("run-up-to-date", "web", generation="2")
    assert {name: row["state"] for name, row in service.await_idle().items()} == {"dup": "refused", "web": "idle"}
    assert not service.count("run-started", "dup")


def test_w9_a_directory_that_is_missing_at_the_start_is_waited_for(make, manager):
    service = make(manager=manager)
    service.configs.rmdir()
    service.start()
    assert service.await_event("watch-lost")["message"].endswith("there is no such directory; waiting for it")
    service.configs.mkdir()
    service.put("tiny")
    service.await_event("run-published", "tiny")


def test_w8_w9_status_shows_how_the_directory_is_watched_when_it_is_not_as_it_should_be(tiny, manager):
    def watch() -> dict:
        return json.loads(tiny.ask("status", "--json").stdout)["watch"]

    fine = watch()
    assert (fine["mode"], fine["directory"], fine["problems"], fine["in_force"]) == ("events", "present", [], 1)
    assert fine["last_success"] and fine["rescans"] >= 1
    assert "directory" not in tiny.ask("status").stdout
    away = tiny.configs.rename(tiny.folder / "away")
    tiny.await_event("watch-lost")
    problem = f"{tiny.configs}: there is no such directory; keeping the configs in force and waiting for it"
    assert (watch()["directory"], watch()["problems"]) == ("missing", [problem])
    assert tiny.ask("status").stdout.splitlines()[1] == problem
    wait_for("a status line that says so", lambda: problem in manager.last_status(), 5)
    away.rename(tiny.configs)
    tiny.await_event("watch-regained")
    assert watch()["directory"] == "present"
    wait_for("a status line without it", lambda: problem not in manager.last_status(), 5)


def test_w14_state_inside_the_watched_directory_is_refused(make):
    service = make(options=("--state-dir", "configs/state")).launch()
    assert service.ended() == 78


@pytest.mark.parametrize("base", ["configs/out", "{folder}/configs", "link/out"])
def test_w14_output_inside_the_watched_directory_is_refused(make, base):
    service = make()
    (service.folder / "link").symlink_to("configs")
    service.put("good")
    service.start()
    service.put("tiny", config("tiny", storage={"local_base_path": base.format(folder=service.folder)}))
    refused = service.await_event("config-refused", "tiny")
    assert "/configs" in refused["message"] and "lies in the watched directory" in refused["message"]
    assert sorted(path.name for path in service.configs.iterdir()) == ["good.yaml", "tiny.yaml"]
