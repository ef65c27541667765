"""Prints the closing summary of `make test`: every part, what it counted, what it skipped and why. Exit 1 if any part failed; with
FLEETSYNTH_NO_SKIPS=1 also if anything was skipped; known defects, which ran, do not count as that.

usage: summary.py RESULTS_FOLDER PART...
Each part left its exit status in PART.status; those that count tests left JUnit XML in PART.xml.
"""

import os
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Part:
    name: str
    status: int | None
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    # Of these, tests that ran and are expected to fail: known defects, not gaps.
    expected: int = 0

    @property
    def is_green(self) -> bool:
        return self.status == 0 and self.failed == 0

    def line(self) -> str:
        verdict = "passed" if self.is_green else "not run" if self.status is None else f"FAILED (exit {self.status})"
        counts = f"{self.passed} passed, {self.failed} failed, {len(self.skipped)} skipped" if self.total else ""
        return f"{self.name:<10} {verdict:<18} {counts}".rstrip()

    @property
    def total(self) -> int:
        return self.passed + self.failed + len(self.skipped)


def read_part(folder: Path, name: str) -> Part:
    status_file = folder / f"{name}.status"
    part = Part(name, int(status_file.read_text()) if status_file.exists() else None)
    report = folder / f"{name}.xml"
    if report.exists():
        count_cases(report, part)
    return part


def count_cases(report: Path, part: Part) -> None:
    for case in ElementTree.parse(report).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            reason = skip.get("message") or (skip.text or "").strip() or "no reason given"
            part.expected += skip.get("type") == "pytest.xfail"
            part.skipped.append(f"{case.get('classname')}.{case.get('name')}: {reason}")
        elif case.find("failure") is not None or case.find("error") is not None:
            part.failed += 1
        else:
            part.passed += 1


def main() -> int:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    parts = [read_part(folder, name) for name in names]
    print("\n=== summary")
    for part in parts:
        print(part.line())
    skipped = [line for part in parts for line in part.skipped]
    if skipped:
        print("\nskipped tests and why:")
        print("\n".join(f"  {line}" for line in skipped))
    print(f"\n{sum(p.passed for p in parts)} passed, {sum(p.failed for p in parts)} failed, {len(skipped)} skipped")
    if len(skipped) > sum(p.expected for p in parts) and os.environ.get("FLEETSYNTH_NO_SKIPS") == "1":
        print("skipped tests count as failures here (FLEETSYNTH_NO_SKIPS)")
        return 1
    return 0 if all(part.is_green for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
