"""Hostile and damaged configs through the real binary: it never crashes, hangs or takes more than 256 MiB."""

import os
import random
import subprocess
import time
from pathlib import Path

import fleet

FIXTURES = Path(__file__).parents[1] / "CoreTests" / "Config" / "Fixtures"
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
    """Exit code, peak memory in MiB and output of `validate` over a folder."""
    out = folder.parent / "out.txt"
    with out.open("wb") as stream:
        process = subprocess.Popen([fleet.BINARY, "validate", folder], stdout=stream, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + SECONDS
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                process.kill()
                os.wait4(process.pid, 0)
                raise AssertionError(f"validate took more than {SECONDS} s")
            time.sleep(0.05)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / 1024, out.read_text(errors="replace")


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
