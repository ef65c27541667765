"""Faults at chosen system calls of a publication: the process is killed, signalled or held up at one of them, or the call fails.

See fault_shim.c for how. The calls of a publication come one after the other, so their numbers are the same in every run.
"""

import errno
import os
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from store import BASE, Store

SOURCE = Path(__file__).with_name("fault_shim.c")
WORKERS = 2


@dataclass(frozen=True)
class Call:
    """The `number`-th call that has to do with the store."""

    number: int
    name: str
    path: str

    def __str__(self) -> str:
        return f"call {self.number}, {self.name} {self.path}"


@dataclass(frozen=True)
class Faults:
    """The compiled shim."""

    library: Path

    @classmethod
    def compiled(cls, folder: Path) -> "Faults":
        library = folder / "fault_shim.so"
        compiler = os.environ.get("CC", "clang")
        subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"], check=True)
        return cls(library)

    def environment(self, **settings: object) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "FAULT_STORE": BASE} | {name: str(value) for name, value in settings.items()}

    def at(self, number: int, effect: str) -> dict[str, str]:
        """The environment in which the call of that number goes wrong; 0 is every call."""
        return self.environment(FAULT_AT=number, FAULT_EFFECT=effect)

    def failing(self, number: int, error: str) -> dict[str, str]:
        return self.at(number, f"error {getattr(errno, error)}")

    def calls(self, store: Store, sets: dict) -> list[Call]:
        """Runs a publication to its end and returns its calls."""
        log = store.folder / "calls.log"
        done = store.run(sets, env=self.environment(FAULT_LOG=log))
        assert done.returncode == 0, done.stderr
        lines = enumerate(log.read_text().splitlines(), start=1)
        return [Call(number, *line.split(" ", 1)) for number, line in lines]


# System calls that change files or make changes durable, by the name that the shim gives them.
CHANGES = {
    "write": "write", "pwrite64": "pwrite", "writev": "writev", "pwritev": "pwritev", "copy_file_range": "copy", "sendfile": "copy",
    "ftruncate": "ftruncate", "truncate": "truncate", "fallocate": "fallocate", "fsync": "fsync", "fdatasync": "fdatasync",
    "sync_file_range": "sync", "rename": "rename", "renameat": "rename", "renameat2": "rename", "link": "link", "linkat": "link",
    "symlink": "link", "symlinkat": "link", "unlink": "unlink", "unlinkat": "unlink", "mkdir": "mkdir", "mkdirat": "mkdir", "rmdir": "rmdir",
    "open": "create", "openat": "create", "openat2": "create", "creat": "create", "flock": "flock",
}


def changes_seen_by_strace(store: Store, sets: dict) -> Counter[str]:
    """How many system calls of each kind changed the store during a publication."""
    log = store.folder / "trace.log"
    trace = ",".join(f"?{name}" for name in CHANGES)
    options = ["-f", "-qq", "-y", "-s", "4096", "-e", "signal=none", "-e", f"trace={trace}", "-o", str(log)]
    done = store.run(sets, prefix=["strace", *options])
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    for line in log.read_text(errors="replace").splitlines():
        entry = re.match(r"\d+ +(\w+)\((.*)", line)
        # A write to standard output prints paths of the store, but its descriptor is not one.
        subject = entry[2].split(",")[0] if entry and entry[1] in ("write", "fsync", "flock") else entry[2] if entry else ""
        if entry and BASE in subject and (CHANGES[entry[1]] != "create" or "O_CREAT" in subject):
            seen[CHANGES[entry[1]]] += 1
    return seen


def sweep(template: Store, scratch: Path, jobs: list, attempt) -> list[str]:
    """Calls `attempt(store, job)` for every job on a copy of `template`, two at a time; returns what failed."""

    def one(numbered) -> str | None:
        number, job = numbered
        try:
            attempt(template.copy(scratch / str(number)), job)
        except AssertionError as error:
            return f"{job}: {error}"
        return None

    with ThreadPoolExecutor(WORKERS) as workers:
        return [failure for failure in workers.map(one, enumerate(jobs)) if failure]
