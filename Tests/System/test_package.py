"""The Debian package: what is in it, and what lintian says. Installing, removing and purging it needs a root tree of its own."""

import gzip
import hashlib
import shutil
from pathlib import Path

import pytest

import deb
import fleet
from deb import run

@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    assert run("dpkg-deb", "--raw-extract", package, folder).returncode == 0
    return folder


def test_lintian_finds_no_errors_and_no_warnings(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is missing: apt-get install lintian, or the package goes unchecked")
    result = run("lintian", "--fail-on", "error,warning", package)
    assert result.returncode == 0, result.stdout + result.stderr


def test_s22_the_files_are_those_that_the_other_tests_check(unpacked):
    systemd = fleet.ROOT / "systemd"
    for source, target in {
        "fleetsynth.service": "lib/systemd/system/fleetsynth.service",
        "fleetsynth-http.socket": "lib/systemd/system/fleetsynth-http.socket",
        "fleetsynth.catalog": "usr/lib/systemd/catalog/fleetsynth.catalog",
        "sysusers.d/fleetsynth.conf": "usr/lib/sysusers.d/fleetsynth.conf",
        "tmpfiles.d/fleetsynth.conf": "usr/lib/tmpfiles.d/fleetsynth.conf",
    }.items():
        assert (unpacked / target).read_bytes() == (systemd / source).read_bytes()
    assert not (unpacked / "etc").exists(), "no config of ours lies where the service would take it for a dataset"


def test_the_program_carries_the_swift_runtime_and_runs(unpacked, tmp_path):
    program = unpacked / "usr/bin/fleetsynth"
    linked = run("ldd", program).stdout
    assert "swift" not in linked and "Foundation" not in linked
    assert run("readelf", "-S", program).stdout.count(".symtab") == 0
    hashes = []
    for binary in (program, fleet.BINARY):
        base = tmp_path / str(len(hashes))
        config = unpacked / "usr/share/doc/fleetsynth/examples/default.yaml"
        result = run(binary, "generate", "--config", config, "--set", f"storage.local_base_path={base}", env=fleet.environment())
        assert result.returncode == 0, result.stderr
        [panel] = (base / "raw").glob("*.parquet")
        hashes.append(hashlib.sha256(panel.read_bytes()).hexdigest())
    assert hashes[0] == hashes[1]


def test_manual_pages_name_every_command_and_every_section(unpacked):
    pages = [gzip.decompress((unpacked / path).read_bytes()).decode() for path in (
        "usr/share/man/man1/fleetsynth.1.gz", "usr/share/man/man5/fleetsynth.yaml.5.gz")]
    for command in ("generate", "validate", "plan", "schema", "verify"):
        assert f'.SS "fleetsynth {command}' in pages[0]
    for section in ("DATA_GENERATION", "OUTPUT", "QUALITY", "SCHEDULE", "RETENTION", "STORAGE"):
        assert f".SH {section}" in pages[1]


def test_two_builds_give_the_same_bytes(package, tmp_path):
    assert deb.build(tmp_path / "again").read_bytes() == package.read_bytes()
