"""The installed package under a real systemd, from `apt install` to `apt purge`, in a machine of its own.

Ids are those of the requirements.

The tests build on each other in the order of this file, as the life of an installation does; each leaves the service running and
the configs in order for the next.
"""

import json
import re
import shutil
import time

import pytest

import deb
import fleet
import machine as machines
from machine import Machine, wait

UNIT = "fleetsynth.service"
CONFIGS = "/etc/fleetsynth"
STATE = "/var/lib/fleetsynth"
# Ids never change, so they stand here a second time.
SERVICE_READY = "c29d5e8c1f534a2e81e1da3db4d90c20"
CONFIG_REFUSED = "15fd326fff584e4cbe1d6669e1146243"
RELOAD_FAILED = "fc87d728781c45b4a58754781885f38b"
RUN_STARTED = "4b7486002bf2490cb96bf26596bf5e42"
RUN_PUBLISHED = "009103d0263e4abf950632712f05d24d"
RUN_UP_TO_DATE = "66d492bc9c394dbeaa3cc1a039749f75"
RUN_CANCELLED = "17c167f2c04a4e5ba28fbd67dced8a5e"
SCHEDULE_CAUGHT_UP = "f4db7f47b4904f94b3cf30973d5821b1"
# Longer than the service waits for further changes, and shorter than its rescan: what has not happened by then was not triggered.
QUIET = 1.5
# How late a run may be and still be on time; later ones are caught up.
PUNCTUALITY = 60


def config(dataset: str, seed: int, *, servers: int = 20, end: str = "2024-01-31", schedule: str | None = None, metrics: str = "") -> str:
    lines = ["data_generation:", f"  num_servers: {servers}", "  start_date: 2024-01-01", f"  end_date: {end}", f"  random_seed: {seed}"]
    if metrics:
        lines.append(f"  metrics: {metrics}")
    if schedule:
        lines.append(f'schedule: "{schedule}"')
    return "\n".join([*lines, "storage:", f"  local_base_path: {STATE}/{dataset}", ""])


def wrong(dataset: str) -> str:
    """Refused in line 2, column 16, where the value stands."""
    return config(dataset, 1).replace("num_servers: 20", "num_servers: many")


def at(entry: dict) -> int:
    return int(entry["__MONOTONIC_TIMESTAMP"])


class Host:
    """The machine with the service in it."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.run, self.shell, self.journal = machine.run, machine.shell, machine.journal

    def tell(self) -> str:
        return self.run("journalctl", "--boot", "--unit", UNIT, "--lines=60", "--no-pager", code=None).stdout

    def wait(self, what: str, condition, seconds: float = 15):
        return wait(what, condition, seconds, tell=self.tell)

    def write(self, path: str, text: str) -> None:
        self.machine.root.joinpath(path.lstrip("/")).write_text(text)

    def active(self) -> str:
        return self.run("systemctl", "is-active", UNIT, code=None).stdout.strip()

    def main_process(self) -> int:
        return int(self.machine.property(UNIT, "MainPID"))

    def status(self, dataset: str) -> dict:
        [row] = json.loads(self.run("fleetsynth", "status", "--json", dataset).stdout)["datasets"]
        return row

    def latest(self, dataset: str) -> dict | None:
        """What a reader of the dataset finds."""
        path = self.machine.root / STATE.lstrip("/") / dataset / "manifests" / dataset / "latest.json"
        return json.loads(path.read_text()) if path.exists() else None

    def generation(self, dataset: str) -> int:
        latest = self.latest(dataset)
        return latest["generation"] if latest else 0

    def files(self, folder: str) -> dict[str, str]:
        """Every file below a folder, hidden ones included, with its hash."""
        base = self.machine.root / folder.lstrip("/")
        paths = [path for path in base.rglob("*") if path.is_file()]
        return {str(path.relative_to(base)): fleet.sha256(path) for path in sorted(paths)}

    def brings_one_generation(self, dataset: str, change) -> dict:
        """Lets `change` happen, which must publish exactly once, in exactly one run; its entry of the journal."""
        before, mark = self.generation(dataset), self.machine.mark()
        change()
        self.wait(f"generation {before + 1} of {dataset}", lambda: self.generation(dataset) > before)
        time.sleep(QUIET)
        self.run("journalctl", "--sync")
        started = self.journal(f"MESSAGE_ID={RUN_STARTED}", f"DATASET={dataset}", after=mark)
        published = self.journal(f"MESSAGE_ID={RUN_PUBLISHED}", f"DATASET={dataset}", after=mark)
        assert (len(started), len(published), self.generation(dataset)) == (1, 1, before + 1), self.tell()
        return published[0]

    def publishes(self, dataset: str, text: str) -> dict:
        self.write(f"/root/{dataset}.yaml", text)
        return self.brings_one_generation(dataset, lambda: self.run("cp", f"/root/{dataset}.yaml", f"{CONFIGS}/{dataset}.yaml"))

    def drop_in(self, text: str | None) -> None:
        """Puts the drop-in of the test in place, or takes it away; the service runs with it afterwards."""
        folder = f"/etc/systemd/system/{UNIT}.d"
        self.run("rm", "-rf", folder)
        if text:
            self.run("mkdir", folder)
            self.write(f"{folder}/test.conf", text)
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "restart", UNIT)


@pytest.fixture(scope="module")
def host(request, tmp_path_factory):
    if reason := machines.missing() or deb.missing():
        pytest.skip(f"THE SERVICE GOES UNTESTED UNDER A REAL SYSTEMD: {reason}")
    package = request.getfixturevalue("package")
    machine = Machine(machines.root_archive(fleet.ROOT / ".build" / "machine"), tmp_path_factory.mktemp("machine"))
    try:
        try:
            machine.boot()
        except RuntimeError as error:
            pytest.skip(f"THE SERVICE GOES UNTESTED UNDER A REAL SYSTEMD: {error}")
        shutil.copy(package, machine.root / "root/fleetsynth.deb")
        machine.run("apt-get", "install", "--yes", "--no-install-recommends", "/root/fleetsynth.deb", timeout=120)
        yield Host(machine)
    finally:
        machine.destroy()


def test_s22_installing_enables_and_starts_nothing(host):
    assert host.run("systemctl", "is-enabled", UNIT, code=None).stdout.strip() == "disabled"
    assert host.active() == "inactive"
    assert host.run("id", "--name", "--user", "fleetsynth").stdout.strip() == "fleetsynth"
    assert host.run("stat", "--format=%U:%G %a", STATE, CONFIGS).stdout.splitlines() == ["fleetsynth:fleetsynth 750", "root:root 755"]
    assert host.run("systemctl", "is-system-running").stdout.strip() == "running"


def test_s1_enabled_and_started_it_is_ready_within_ten_seconds(host):
    host.run("systemctl", "enable", UNIT)
    begin = time.monotonic()
    host.run("systemctl", "start", UNIT)
    assert time.monotonic() - begin < 10
    assert [host.machine.property(UNIT, name) for name in ("ActiveState", "SubState", "Type")] == ["active", "running", "notify"]
    assert "0 datasets in /etc/fleetsynth" in host.machine.property(UNIT, "StatusText")
    assert len(host.journal(f"MESSAGE_ID={SERVICE_READY}", f"_SYSTEMD_UNIT={UNIT}")) == 1


def test_s21_exposure_of_the_running_unit(host):
    output = host.run("systemd-analyze", "security", "--no-pager", UNIT).stdout
    [level] = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", output)
    assert float(level) <= 1.1
    # What the kernel enforces, not only what the unit asks for.
    facts = host.run("cat", f"/proc/{host.main_process()}/status").stdout
    assert re.search(r"^NoNewPrivs:\t1$", facts, re.M) and re.search(r"^Seccomp:\t2$", facts, re.M)
    assert re.search(r"^CapBnd:\t0+$", facts, re.M) and re.search(r"^CapEff:\t0+$", facts, re.M)


# Every way puts /root/NAME.yaml, already written, in place; `host.write` writes the next content first.
WAYS = {
    "cp": "cp /root/{name}.yaml {to}/{name}.yaml",
    "mv": "cp /root/{name}.yaml {to}/.moving; mv {to}/.moving {to}/{name}.yaml",
    # vim with backupcopy=no: the old file steps aside, a new one takes its name, the old one goes.
    "editor": "cd {to}; : > .{name}.yaml.swp; if [ -e {name}.yaml ]; then mv {name}.yaml {name}.yaml~; fi; "
    "head -c 40 /root/{name}.yaml > {name}.yaml; tail -c +41 /root/{name}.yaml >> {name}.yaml; sync {name}.yaml; "
    "rm -f {name}.yaml~ .{name}.yaml.swp",
    "rsync": "rsync --times --checksum /root/{name}.yaml {to}/",
    # As kubelet does it: versions in hidden folders, one link swapped.
    "configmap": "cd {to}; new=..v$(date +%s%N); mkdir $new; cp /root/{name}.yaml $new/; ln -s $new ..data_tmp; "
    "old=$(readlink ..data || true); mv -T ..data_tmp ..data; "
    "if [ ! -L {name}.yaml ]; then ln -s ..data/{name}.yaml {name}.yaml; fi; if [ -n \"$old\" ]; then rm -r \"$old\"; fi",
}


@pytest.mark.parametrize("way", WAYS)
def test_w3_w4_w13_a_config_that_arrives_or_changes_brings_one_generation(host, way):
    script = WAYS[way].format(name=way, to=CONFIGS)
    for generation in (1, 2):
        host.write(f"/root/{way}.yaml", config(way, seed=generation))
        entry = host.brings_one_generation(way, lambda: host.shell(script))
        assert (entry["GENERATION"], entry["REASON"]) == (str(generation), "config")
    # The same content once more, whatever the events: nothing to do.
    mark = host.machine.mark()
    host.shell(script)
    time.sleep(QUIET)
    assert host.generation(way) == 2
    assert host.journal(f"MESSAGE_ID={RUN_STARTED}", after=mark) == []


def test_s17_s19_the_journal_finds_a_run_and_explains_it(host):
    published = host.publishes("web", config("web", seed=1))
    run = host.journal("DATASET=web", f"RUN_ID={published['RUN_ID']}")
    # In between is the gate's verdict, which needs no explanation.
    assert [entry.get("MESSAGE_ID") for entry in run] == [RUN_STARTED, None, RUN_PUBLISHED]
    assert "quality gate: passed" in run[1]["MESSAGE"]
    assert published["_SYSTEMD_UNIT"] == UNIT
    assert (published["GENERATION"], published["ROWS"], published["REASON"]) == ("1", str(20 * 31), "config")
    assert int(published["BYTES"]) > 0 and published["DURATION_USEC"].isdigit()
    text = host.run("journalctl", "--catalog", "--no-pager", f"RUN_ID={published['RUN_ID']}").stdout
    assert "Subject: Dataset web published\n" in text
    assert "Meaning: Generation 1 is in place." in text and "quality gate that it failed: 0.\n" in text
    assert "What to do: nothing where that is 0." in text
    subjects = [line for line in text.splitlines() if "Subject: " in line]
    assert len(subjects) == 2 and "@" not in "".join(subjects), "every @FIELD@ is filled in"


def test_s17_a_broken_config_is_explained_and_leaves_the_dataset(host):
    before, mark = host.files(f"{STATE}/web"), host.machine.mark()
    host.write("/root/web.yaml", wrong("web"))
    host.run("cp", "/root/web.yaml", f"{CONFIGS}/web.yaml")
    [entry] = host.wait("the refusal", lambda: host.journal(f"MESSAGE_ID={CONFIG_REFUSED}", "DATASET=web", after=mark))
    assert (entry["CONFIG_FILE"], entry["CONFIG_LINE"], entry["PRIORITY"]) == (f"{CONFIGS}/web.yaml", "2", "3")
    assert "web.yaml:2:16" in entry["MESSAGE"]
    status = host.status("web")
    assert status["state"] == "refused" and "web.yaml:2:16" in status["errors"][0]
    time.sleep(QUIET)
    assert host.files(f"{STATE}/web") == before
    assert host.active() == "active"
    assert "1 refused" in host.machine.property(UNIT, "StatusText")


def test_s3_s4_reload_with_a_broken_config_fails_visibly(host):
    mark, process = host.machine.mark(), host.main_process()
    reload = host.run("systemctl", "reload", UNIT, code=None)
    assert reload.returncode != 0 and "failed" in reload.stderr
    assert (host.active(), host.main_process()) == ("active", process)
    assert len(host.journal(f"MESSAGE_ID={RELOAD_FAILED}", after=mark)) == 1
    # The control process says why, in the journal of the unit, where `systemctl status` shows it.
    assert "web.yaml:2:16" in host.run("systemctl", "status", "--no-pager", "--full", "--lines=30", UNIT, code=None).stdout

    host.publishes("web", config("web", seed=2))
    host.run("systemctl", "reload", UNIT)
    assert host.active() == "active"


def test_s9_the_watchdog_ends_a_frozen_service_and_it_comes_back(host):
    host.drop_in("[Service]\nWatchdogSec=2\nRestartSec=500ms\n")
    before, mark, frozen = host.files(f"{STATE}/web"), host.machine.mark(), host.main_process()
    time.sleep(5)
    assert host.main_process() == frozen, "a healthy service is fed for longer than the interval\n" + host.tell()
    host.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", UNIT)
    host.wait("another process", lambda: host.main_process() not in (0, frozen) and host.active() == "active", 20)
    assert host.machine.property(UNIT, "NRestarts") == "1"
    assert any("watchdog" in entry["MESSAGE"].lower() for entry in host.journal(f"UNIT={UNIT}", after=mark))
    assert host.files(f"{STATE}/web") == before
    assert host.run("fleetsynth", "status").returncode == 0
    host.drop_in(None)


def test_s11_the_socket_unit_hands_its_port_to_the_service(host):
    assert host.run("stat", "--format=%U:%G %a", "/run/fleetsynth/http.sock").stdout.strip() == "fleetsynth:fleetsynth 660"
    assert host.run("stat", "--format=%U:%G %a", f"{STATE}/http.token").stdout.strip() == "fleetsynth:fleetsynth 600"

    def ask(path: str) -> str:
        request = rf"GET {path} HTTP/1.1\r\nHost: localhost:9750\r\nConnection: close\r\n\r\n"
        return host.run("bash", "-euc", f"exec 3<>/dev/tcp/127.0.0.1/9750; printf '{request}' >&3; cat <&3").stdout

    host.run("systemctl", "stop", UNIT)
    host.run("systemctl", "enable", "--now", "fleetsynth-http.socket")
    # Whoever asks first starts the service.
    assert ask("/healthz").startswith("HTTP/1.1 200")
    assert host.active() == "active"
    assert '"next": null' in ask("/api/v1/datasets")
    host.run("systemctl", "disable", "--now", "fleetsynth-http.socket")
    host.run("systemctl", "restart", UNIT)
    assert host.run("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9750", code=None).returncode != 0


def test_s8_stopping_during_a_run_leaves_no_debris(host):
    # Far longer than the drain time, at less than a byte a row: a minute and 10 GB of which a tenth is written.
    slim = "[" + ", ".join(f"{{ name: {name}, base_mean: 0.5, max_clip: 1, decimals: 0 }}" for name in "abcd") + "]"
    host.write("/root/long.yaml", config("long", seed=1, servers=4_000_000, end="2033-12-31", metrics=slim))
    mark = host.machine.mark()
    host.run("cp", "/root/long.yaml", f"{CONFIGS}/long.yaml")
    host.wait("the run", lambda: host.journal(f"MESSAGE_ID={RUN_STARTED}", "DATASET=long", after=mark))
    host.wait("staged bytes", lambda: any((host.machine.root / f"{STATE}/long".lstrip("/")).rglob("*.*")))
    time.sleep(1)
    begin = time.monotonic()
    host.run("systemctl", "stop", UNIT)
    assert time.monotonic() - begin < 25, "well before systemd's patience ends, TimeoutStopSec=30"
    assert (host.active(), host.machine.property(UNIT, "Result")) == ("inactive", "success")
    assert len(host.journal(f"MESSAGE_ID={RUN_CANCELLED}", "DATASET=long", after=mark)) >= 1
    assert host.files(f"{STATE}/long") == {}
    host.run("rm", f"{CONFIGS}/long.yaml")
    host.run("systemctl", "start", UNIT)


def test_s6_a_start_with_nothing_but_broken_configs_fails_once(host):
    host.run("systemctl", "stop", UNIT)
    host.shell(f"mv {CONFIGS} {CONFIGS}.kept; mkdir {CONFIGS}")
    host.write(f"{CONFIGS}/web.yaml", wrong("web"))
    mark = host.machine.mark()
    assert host.run("systemctl", "start", UNIT, code=None).returncode != 0
    assert host.machine.property(UNIT, "ExecMainStatus") == "78"
    # Longer than RestartSec=5: it is not tried again.
    time.sleep(6)
    assert (host.active(), host.machine.property(UNIT, "NRestarts")) == ("failed", "0")
    assert len(host.journal(f"MESSAGE_ID={CONFIG_REFUSED}", after=mark)) == 1
    host.shell(f"rm -r {CONFIGS}; mv {CONFIGS}.kept {CONFIGS}")
    host.run("systemctl", "start", UNIT)
    assert host.active() == "active"


def test_s22_an_upgrade_restarts_the_running_service_and_keeps_what_is_there(host):
    before, process = host.files(f"{STATE}/web"), host.main_process()
    host.run("apt-get", "install", "--reinstall", "--yes", "/root/fleetsynth.deb", timeout=120)
    assert host.active() == "active" and host.main_process() not in (0, process)
    assert host.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled"
    assert host.files(f"{STATE}/web") == before


def test_c7_a_reboot_catches_up_a_missed_schedule_once(host):
    # A time a few seconds ahead, and no other for two minutes: an interval that divides it, since intervals count from 1970.
    now = int(time.time())
    due, interval = next(
        (due, interval) for due in range(now + 15, now + 600) for interval in range(2 * PUNCTUALITY + 30, 3600) if due % interval == 0)
    host.publishes("nightly", config("nightly", seed=1, schedule=f"@every {interval}s"))
    host.machine.power_off()
    assert time.time() < due, "this machine is too slow for the time that is to be missed"
    time.sleep(max(0, due + PUNCTUALITY + 2 - time.time()))
    host.machine.boot()
    assert host.active() == "active", "enabled, so it starts with the machine"
    caught = lambda: host.journal(f"MESSAGE_ID={SCHEDULE_CAUGHT_UP}", "DATASET=nightly")
    host.wait("the catch-up", caught)
    host.wait("a run after it", lambda: host.journal(f"MESSAGE_ID={RUN_UP_TO_DATE}", "DATASET=nightly", after=at(caught()[0])))
    host.run("systemctl", "restart", UNIT)
    host.wait("ready again", lambda: len(host.journal(f"MESSAGE_ID={SERVICE_READY}")) == 2)
    time.sleep(QUIET)
    assert len(caught()) == 1, host.tell()
    for dataset in ("web", "nightly", *WAYS):
        host.run("fleetsynth", "verify", f"{STATE}/{dataset}")


def test_s22_removing_keeps_data_and_purging_removes_it(host):
    before = host.files(STATE)
    host.run("apt-get", "remove", "--yes", "fleetsynth", timeout=120)
    assert host.active() == "inactive"
    host.shell("! grep --quiet --line-regexp fleetsynth /proc/[0-9]*/comm")
    kept = host.files(STATE)
    panels = {name for name in before if name.endswith(".parquet")}
    assert panels and {name: kept.get(name) for name in panels} == {name: before[name] for name in panels}
    assert host.run("id", "fleetsynth").returncode == 0, "the data have an owner"

    host.run("apt-get", "purge", "--yes", "fleetsynth", timeout=120)
    assert host.run("ls", "-d", STATE, code=None).returncode != 0
    assert host.run("ls", f"/etc/systemd/system/multi-user.target.wants/{UNIT}", code=None).returncode != 0
    assert host.run("id", "fleetsynth", code=None).returncode != 0
    assert "web.yaml" in host.run("ls", CONFIGS).stdout, "configs are the administrator's"
    assert host.run("systemctl", "is-system-running").stdout.strip() == "running"
