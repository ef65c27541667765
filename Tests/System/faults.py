"""Faults at chosen system calls, by strace: the process is killed at, or given an error by, the n-th call of a kind on its main thread."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from store import BASE, Store

# Everything that changes files, makes changes durable or locks; `?` is for architectures that lack the call.
CALLS = [
    "open", "openat", "creat", "close", "write", "pwrite64", "writev", "pwritev", "copy_file_range", "sendfile", "ftruncate", "fallocate",
    "fsync", "fdatasync", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink",
    "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat", "flock",
]
WORKERS = 2


@dataclass(frozen=True)
class Call:
    """The `number`-th call of `name` on the main thread."""

    name: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.name} #{self.number}: {self.text[:160]}"


def traced_calls(store: Store, sets: dict) -> list[Call]:
    """Runs a publication to its end; returns the main thread's calls that have to do with the store, in order."""
    log = store.folder / "trace.log"
    trace = f"trace={','.join('?' + name for name in CALLS)}"
    done = store.run(sets, prefix=["strace", "-f", "-qq", "-y", "-e", "signal=none", "-e", trace, "-o", str(log)])
    assert done.returncode == 0, done.stderr
    return main_thread_calls(log)


def main_thread_calls(log: Path) -> list[Call]:
    counts: dict[str, int] = {}
    calls: list[Call] = []
    main = None
    for line in log.read_text(errors="replace").splitlines():
        entry = re.match(r"(\d+) +(\w+)\((.*)", line)
        if entry is None:
            continue
        process, name, text = entry.groups()
        main = main or process
        if process == main:
            counts[name] = counts.get(name, 0) + 1
            if BASE in text:
                calls.append(Call(name, counts[name], text))
    return calls


def run_with_fault(store: Store, sets: dict, call: Call, effect: str) -> subprocess.CompletedProcess:
    """A publication with `effect` (`signal=KILL`, `error=EIO`, `delay_enter=1s`) at `call`."""
    inject = f"inject={call.name}:{effect}:when={call.number}"
    return store.run(sets, prefix=["strace", "-f", "-qq", "-e", f"trace={call.name}", "-e", inject, "-o", "/dev/null"])


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
