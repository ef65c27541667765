"""Runs one command and writes what it took: {"seconds", "cpu", "peak_mib", "exit"}.

usage: measure.py REPORT COMMAND...

A process's peak memory, as the kernel reports it to its parent, includes that of the parent at the moment of the fork. So the parent is
this script, which imports next to nothing; its own few MiB are the least that can be measured.
"""

import json
import os
import sys
import time


def main() -> int:
    report, command = sys.argv[1], sys.argv[2:]
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    result = {"seconds": time.perf_counter() - started, "cpu": usage.ru_utime + usage.ru_stime}
    result |= {"peak_mib": usage.ru_maxrss / 1024, "exit": code}
    with open(report, "w", encoding="utf-8") as file:
        json.dump(result, file)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
