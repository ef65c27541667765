"""Hostile and damaged configs through the real binary: it never crashes, hangs or takes more than 256 MiB."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import fleet

FIXTURES = Path(__file__).parents[1] / "CoreTests" / "Config" / "Fixtures"
MEASURE = Path(__file__).parents[2] / "Benchmarks" / "measure.py"
LIMIT_MIB = 256
SECONDS = 60
MUTANTS = 600

HOSTILE = {
    "alias-bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij")),
    "deep-flow": "data_generation: " + "[" * 500_000,
    "deep-block": "".join(" " * depth + "a:\n" for depth in range(1_400)),
    "one-line-sequences": "- " * 500_000,
    "long-scalar": "data_generation: { num_servers: " + "9" * 1_000_000 + " }",
    "many-keys": "data_generation:\n" + "".join(f"  k{i}: {i}\n" for i in range(80_000)),
    "many-metrics": "data_generation: { metrics: [" + ",".join(f"{{name: m{i}}}" for i in range(60_000)) + "] }",
    "many-labels": "data_generation: { metadata: { regions: [" + ",".join(f"r{i}" for i in range(120_000)) + "] } }",
    "too-large": "#" * (5 << 20),
    "complex-key-bomb": "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n? [*b,*b,*b,*b,*b,*b,*b,*b]\n: 1\n",
    "tabs-and-controls": "data_generation:\n\t\x01\x02: \x03\n",
}


def mutants(seed: int, count: int) -> dict[str, bytes]:
    """Good configs with bytes flipped, pieces cut, doubled and swapped; the same on every machine."""
    rng = random.Random(seed)
    sources = [path.read_bytes() for path in sorted(FIXTURES.glob("*.good.yaml"))]
    made = {}
    for index in range(count):
        content = bytearray(rng.choice(sources))
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(content) + 1)
            end = min(len(content), at + rng.randint(0, 30))
            piece = bytes(content[at:end])
            choice = rng.randrange(4)
            if choice == 0:
                content[at:end] = bytes(rng.randrange(256) for _ in piece)
            elif choice == 1:
                del content[at:end]
            elif choice == 2:
                content[at:at] = piece * rng.randint(1, 200)
            else:
                content[at:end] = rng.choice([b"[[[[", b"&a *a", b"null", b"1e999", b"'", b"\xff\xfe", b"- - -", b"{", b"!!x ", b"? "])
        made[f"mutant-{index}.yaml"] = bytes(content)
    return made


def validate(folder: Path) -> tuple[int, float, str]:
    """Exit code, peak memory in MiB and output of `validate` over a folder.

    Measured by a small process between: the peak that the kernel reports for a child includes its parent's memory at the fork, and the test
    runner's own grows beyond the limit.
    """
    out, report = folder.parent / "out.txt", folder.parent / "measured.json"
    with out.open("wb") as stream:
        command = [sys.executable, MEASURE, report, fleet.BINARY, "validate", folder]
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"validate took more than {SECONDS} s") from None
    measured = json.loads(report.read_text())
    return measured["exit"], measured["peak_mib"], out.read_text(errors="replace")


def test_the_measured_peak_is_the_child_s_and_not_the_test_runner_s(tmp_path):
    """Both ways: the runner's memory is not counted, and the child's is."""
    ballast = bytearray(b"x" * (LIMIT_MIB << 20))
    report = tmp_path / "measured.json"
    for mib, expected in ((0, range(1, 64)), (LIMIT_MIB, range(LIMIT_MIB, 2 * LIMIT_MIB))):
        subprocess.run([sys.executable, MEASURE, report, sys.executable, "-c", f"b'x' * ({mib} << 20)"], check=True)
        assert int(json.loads(report.read_text())["peak_mib"]) in expected
    assert len(ballast) == LIMIT_MIB << 20


def test_hostile_files_are_refused_by_name_within_time_and_memory(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    for name, text in HOSTILE.items():
        (folder / f"{name}.yaml").write_text(text)
    code, peak, output = validate(folder)
    assert code == 78, output[-2_000:]
    for name in HOSTILE:
        assert f"{name}.yaml:" in output, f"{name} is not reported"
    assert peak < LIMIT_MIB, f"{peak:.0f} MiB"


def test_mutated_configs_end_in_a_verdict_within_time_and_memory(tmp_path):
    folder = tmp_path / "configs"
    folder.mkdir()
    for name, content in mutants(20261124, MUTANTS).items():
        (folder / name).write_bytes(content)
    code, peak, output = validate(folder)
    assert code in (0, 78), output[-2_000:]
    reported = {name for name in os.listdir(folder) if f"{name}:" in output}
    assert len(reported) == MUTANTS, f"{MUTANTS - len(reported)} files have no verdict"
    assert peak < LIMIT_MIB, f"{peak:.0f} MiB"
