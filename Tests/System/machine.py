"""A Debian system of its own, booted from a root tree with systemd as process 1: systemd-nspawn without machined, commands through nsenter.

The root tree is made by mmdebstrap once per machine and kept as an archive; every machine unpacks a copy, so no test changes another's.
"""

import hashlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

SUITE = "bookworm"
MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
# With what the fleetsynth package depends on, since the machine has no network; rsync is one of the ways in which configs arrive.
PACKAGES = ["systemd", "dbus", "tzdata", "rsync", "libsnappy1v5", "libyaml-0-2"]
TOOLS = {"mmdebstrap": "mmdebstrap", "systemd-nspawn": "systemd-container", "nsenter": "util-linux", "setpriv": "util-linux", "tar": "tar"}
ENVIRONMENT = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
    "SYSTEMD_PAGER=cat", "SYSTEMD_COLORS=0",
]
# What process 1 takes for a request to power off; systemd(1), signals.
POWER_OFF = signal.SIGRTMIN + 4


def missing() -> str | None:
    """Why no machine can be had here; None if one can."""
    if os.geteuid() != 0:
        return "this user is not root"
    packages = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    return f"missing: apt-get install {' '.join(packages)}" if packages else None


def root_archive(folder: Path) -> Path:
    """The archive of the root tree, made if `folder` does not hold it yet."""
    identity = hashlib.sha256(" ".join([SUITE, MIRROR, *PACKAGES]).encode()).hexdigest()[:16]
    archive = folder / f"{SUITE}-{identity}.tar"
    if not archive.exists():
        folder.mkdir(parents=True, exist_ok=True)
        partial = archive.with_name(f".{os.getpid()}.{archive.name}")
        command = ["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(partial), MIRROR]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600)
            assert done.returncode == 0, f"{shlex.join(command)}: exit {done.returncode}\n{done.stderr[-4000:]}"
            partial.rename(archive)
        finally:
            partial.unlink(missing_ok=True)
    return archive


def wait(what: str, condition: Callable[[], object], seconds: float, *, tell: Callable[[], str] = lambda: ""):
    """Polls until the condition holds and returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"not within {seconds} s: {what}\n{tell()}"
        time.sleep(0.1)


class Machine:
    """`root` is its tree, seen from outside."""

    def __init__(self, archive: Path, folder: Path):
        self.root = folder / "root"
        self.console = folder / "console.log"
        self.root.mkdir(parents=True)
        subprocess.run(["tar", "--extract", "--numeric-owner", "--file", archive, "--directory", self.root], check=True, timeout=120)
        self.process: subprocess.Popen | None = None
        self.leader = 0

    def boot(self) -> None:
        """Returns when systemd has started everything. Raises `RuntimeError` where the machine does not come up at all."""
        # The parent's death ends the machine too, in order.
        command = [
            "setpriv", "--pdeathsig", "TERM", "systemd-nspawn", f"--directory={self.root}", "--machine=fleetsynth-test", "--boot",
            "--register=no", "--keep-unit", "--private-network", "--quiet", "--console=pipe",
        ]
        with self.console.open("ab") as console:
            # Not /dev/null: what the machine does to its console, its mode for example, would happen to the host's device.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=console, stderr=console, start_new_session=True)
        end = time.monotonic() + 60
        while not self._is_up():
            if self.process.poll() is not None or time.monotonic() > end:
                self.destroy(keep_tree=True)
                raise RuntimeError(f"systemd-nspawn did not boot:\n{self.console.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)

    def power_off(self) -> None:
        os.kill(self.leader, POWER_OFF)
        self.process.wait(timeout=60)
        self.process = None

    def destroy(self, keep_tree: bool = False) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                # The death of process 1 takes everything in its namespace along.
                self.process.kill()
                self.process.wait()
        self.process = None
        if not keep_tree:
            shutil.rmtree(self.root)

    def run(self, *command: str, code: int | None = 0, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """A command inside; `code` is the expected exit code, None for any."""
        line = ["nsenter", "--target", str(self.leader), "--all", "--wdns=/", "--", "env", "-i", *ENVIRONMENT, *command]
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        if code is not None:
            assert done.returncode == code, f"{shlex.join(command)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def shell(self, script: str, **how) -> subprocess.CompletedProcess[str]:
        return self.run("sh", "-euc", script, **how)

    def property(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--property", name, "--value", unit).stdout.strip()

    def journal(self, *matches: str, after: int = 0) -> list[dict]:
        """The entries of this boot that match `FIELD=value`, oldest first, those after a `mark`.

        Not by cursor: with matches, journalctl 252 leaves out the first entry after one that does not match itself.
        """
        lines = self.run("journalctl", "--boot", "--output=json", "--all", *matches).stdout.splitlines()
        return [entry for entry in map(json.loads, lines) if int(entry["__MONOTONIC_TIMESTAMP"]) > after]

    def mark(self) -> int:
        """Where the journal ends now, with everything that was sent before."""
        self.run("journalctl", "--sync")
        [entry] = self.journal("--lines=1")
        return int(entry["__MONOTONIC_TIMESTAMP"])

    def _is_up(self) -> bool:
        self.leader = self._find_leader()
        if not self.leader:
            return False
        done = self.run("systemctl", "is-system-running", code=None)
        # "degraded" is for the tests to judge.
        return done.stdout.strip() in ("running", "degraded")

    def _find_leader(self) -> int:
        """The child of systemd-nspawn that is process 1 in its own namespace, once it is systemd."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            for child in children.read_text().split():
                ids = next(line for line in Path(f"/proc/{child}/status").read_text().splitlines() if line.startswith("NSpid:")).split()
                if len(ids) == 3 and ids[2] == "1" and Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
        except (FileNotFoundError, ProcessLookupError):
            pass
        return 0
