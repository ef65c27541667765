"""The unit and the files beside it, checked by systemd's own tools; none of them needs a booted systemd. Ids are those of the requirements."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import fleet

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNIT = SYSTEMD / "fleetsynth.service"
SOCKET = SYSTEMD / "fleetsynth-http.socket"


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is missing: apt-get install systemd, or the unit goes unchecked")
    return path


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60)


@pytest.fixture
def unit(tmp_path) -> Path:
    """The unit with the built program in place of the installed one, so that its command lines can be checked."""
    copy = tmp_path / "units" / UNIT.name
    copy.parent.mkdir()
    copy.write_text(UNIT.read_text().replace("/usr/bin/fleetsynth", str(fleet.BINARY)))
    return copy


def drop_in(unit: Path, name: str) -> None:
    folder = unit.with_name(unit.name + ".d")
    folder.mkdir()
    shutil.copy(SYSTEMD / "examples" / name, folder)


def exposure(unit: Path) -> float:
    result = run(tool("systemd-analyze"), "security", "--offline=yes", unit)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
    assert found, result.stdout + result.stderr
    return float(found[1])


def settings() -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            values.setdefault(key, []).append(value)
    return values


def seconds(text: str) -> int:
    found = re.fullmatch(r"(\d+)(min)?", text)
    assert found, text
    return int(found[1]) * (60 if found[2] else 1)


def test_s21_systemd_analyze_verify_is_silent(unit):
    result = run(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", unit)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_s11_the_socket_unit_belongs_to_the_service_and_opens_the_loopback_interface_only(unit):
    socket = unit.with_name(SOCKET.name)
    shutil.copy(SOCKET, socket)
    result = run(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", socket)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    lines = [line for line in SOCKET.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if line.startswith("Listen")] == ["ListenStream=127.0.0.1:9750"]
    assert {"FileDescriptorName=http", f"Service={UNIT.name}"} <= set(lines)
    assert settings()["ExecStart"][0].endswith("serve --http-socket %t/fleetsynth/http.sock")


def test_s21_verify_would_find_a_mistake(unit):
    unit.write_text(unit.read_text().replace("MemoryMax=", "MemoryMaximum="))
    result = run(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", unit)
    assert "MemoryMaximum" in result.stderr


def test_s21_exposure_is_at_most_1_1_with_s3_allowed(unit):
    assert exposure(unit) <= 1.1


def test_s21_exposure_would_show_a_hole(unit):
    unit.write_text(re.sub(r"(?m)^(NoNewPrivileges|ProtectSystem|SystemCallFilter|CapabilityBoundingSet)=.*\n", "", unit.read_text()))
    assert exposure(unit) > 1.5


@pytest.mark.parametrize("name", sorted(path.name for path in (SYSTEMD / "examples").glob("*.conf")))
def test_s21_every_example_drop_in_is_understood(unit, name):
    version = int(run(tool("systemd-analyze"), "--version").stdout.split()[1])
    drop_in(unit, name)
    result = run(tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", unit)
    complaints = result.stderr
    if name == "notify-reload.conf" and version < 253:
        assert "notify-reload" in complaints, "before 253 this type does not exist, which is why it is no default"
        return
    assert complaints == ""


def test_local_only_hosts_reach_0_2(unit):
    # --offline reads no drop-ins, so the lines are appended, which means the same.
    text = (SYSTEMD / "examples" / "local-only.conf").read_text().partition("[Service]\n")[2]
    unit.write_text(unit.read_text().replace("\n[Install]", text + "\n[Install]"))
    assert exposure(unit) <= 0.2


def test_s6_a_refused_config_is_not_tried_again_and_a_crash_loop_ends():
    found = settings()
    assert found["RestartPreventExitStatus"] == ["78"]
    longest = int(found["StartLimitBurst"][0]) * (seconds(found["TimeoutStartSec"][0]) + seconds(found["RestartSec"][0]))
    assert seconds(found["StartLimitIntervalSec"][0]) > longest


def test_s2_death_by_hup_or_pipe_is_no_clean_end():
    assert settings()["RestartForceExitStatus"] == ["SIGHUP SIGPIPE"]


def test_s3_s4_reload_is_synchronous_and_not_mixed_with_notify_reload():
    found = settings()
    assert found["Type"] == ["notify"]
    assert found["ExecReload"] == ["/usr/bin/fleetsynth reload"]
    assert "ExecReload=\n" in (SYSTEMD / "examples" / "notify-reload.conf").read_text()


def test_s13_s15_limits_and_the_user():
    found = settings()
    assert found["User"] == ["fleetsynth"] and "DynamicUser" not in found
    assert found["StateDirectoryMode"] == ["0750"]
    assert "MemoryMax" in found and "MemoryHigh" not in found
    assert found["SystemCallErrorNumber"] == ["EPERM"]


def test_s16_the_service_gives_way_to_others_and_its_own_use_is_bounded():
    found = settings()
    assert int(found["CPUWeight"][0]) < 100 and int(found["IOWeight"][0]) < 100
    assert 0 < int(found["TasksMax"][0]) < 1000 and int(found["LimitNOFILE"][0]) >= 1024


def test_s22_user_and_directories_are_made_once(tmp_path):
    sysusers, tmpfiles = tool("systemd-sysusers"), tool("systemd-tmpfiles")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    files = []
    for _ in range(2):
        result = run(sysusers, f"--root={root}", SYSTEMD / "sysusers.d" / "fleetsynth.conf")
        assert result.returncode == 0, result.stderr
        files.append((root / "etc" / "passwd").read_text())
    assert files[0] == files[1]
    name, _, _, _, _, home, shell = files[0].strip().split(":")
    assert (name, home, Path(shell).name) == ("fleetsynth", "/var/lib/fleetsynth", "nologin")

    kept = root / "var/lib/fleetsynth/kept"
    for _ in range(2):
        result = run(tmpfiles, "--create", "--clean", "--remove", f"--root={root}", SYSTEMD / "tmpfiles.d" / "fleetsynth.conf")
        assert result.returncode == 0, result.stderr
        kept.touch()
    assert kept.exists()
    assert (root / "var/lib/fleetsynth").stat().st_mode & 0o777 == 0o750
    assert (root / "etc/fleetsynth").stat().st_mode & 0o777 == 0o755


def test_s19_journalctl_compiles_the_catalog_and_finds_every_entry(tmp_path):
    journalctl = tool("journalctl")
    for folder in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
        (tmp_path / folder).mkdir(parents=True)
    catalog = SYSTEMD / "fleetsynth.catalog"
    shutil.copy(catalog, tmp_path / "usr/lib/systemd/catalog")
    update = run(journalctl, "--update-catalog", f"--root={tmp_path}")
    assert (update.returncode, update.stderr) == (0, "")
    dump = run(journalctl, "--dump-catalog", f"--root={tmp_path}").stdout
    ids = re.findall(r"(?m)^-- ([0-9a-f]{32})$", catalog.read_text())
    assert ids and sorted(re.findall(r"(?m)^-- ([0-9a-f]{32})$", dump)) == sorted(ids)
