"""Which part of a run's time the quality gate takes: the default config, every example, and the rich config with everything on.

usage: fidelity.py [--servers N] [--samples N] [--only NAME...]

The processor clock is sampled while the program runs (`perf record`); samples whose call chain goes through the gate are its share: what it asks and
compares, and the cells of a few servers that it has made once more. What is counted while cells are made is part of making them and not told apart.
Beside it stands the share of the run's milliseconds in which the gate did something. Exit 1 if the gate takes more of the processor's time than
`thresholds.json` allows.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

import rich
from rich import BINARY, HERE, ROOT

GATE = re.compile(r"QualityGateV|noiseSample")
EVENT = re.compile(r"^\S.*?\s(\d+\.\d{3})\d*:")
FREQUENCY = 3989
MOST_RUNS = 20
# A panel of 366 million rows hides any gate: a hundredth of it does not.
FEWER = {"million": ["--set", "data_generation.num_servers=10000"]}


@dataclass
class Share:
    samples: int = 0
    gate: int = 0
    milliseconds: int = 0
    gate_milliseconds: int = 0
    runs: int = 0

    def add(self, text: str) -> None:
        """The output of `perf script`: an event's line, then its call chain, then an empty line."""
        all_times, gate_times = [], set()
        for event in text.split("\n\n"):
            head = EVENT.match(event.strip("\n"))
            if head is None:
                continue
            self.samples += 1
            all_times.append(head[1])
            if GATE.search(event):
                self.gate += 1
                gate_times.add(head[1])
        self.milliseconds += round(1000 * (float(max(all_times, key=float)) - float(min(all_times, key=float)))) + 1
        self.gate_milliseconds += len(gate_times)
        self.runs += 1


def sample(config: Path, options: list[str], scratch: Path) -> str:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        program = [str(BINARY), "generate", "--config", str(config), "--json", "--set", f"storage.local_base_path={folder}/data", *options]
        record = ["perf", "record", "--quiet", "--freq", str(FREQUENCY), "--event", "cpu-clock", "--call-graph", "fp", "--output", f"{folder}/perf"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FLEETSYNTH__")}
        done = subprocess.run([*record, *program], capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            sys.exit(f"exit {done.returncode} for {config}\n{done.stderr}")
        script = ["perf", "script", "--input", f"{folder}/perf", "--fields", "comm,tid,time,ip,sym"]
        return subprocess.run(script, capture_output=True, text=True, check=True).stdout
    finally:
        shutil.rmtree(folder)


def configs(servers: int, scratch: Path) -> dict[str, Path]:
    found = {"default": ROOT / "config/config.yaml"} | {path.stem: path for path in sorted((ROOT / "config/examples").glob("*.yaml"))}
    everything = scratch / "everything.yaml"
    data = rich.merged(rich.WINDOW | {"num_servers": servers}, rich.everything())
    everything.write_text(yaml.safe_dump({"data_generation": data, "quality": {"max_missing_share": 0.5}}, sort_keys=False))
    return found | {f"everything, {servers:,} servers": everything}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=1000, help="servers of the config with everything on")
    parser.add_argument("--samples", type=int, default=5000, help="samples of each config at least; runs are repeated until there are so many")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    options = parser.parse_args()
    most = json.loads((HERE / "thresholds.json").read_text())["fidelity"]["gate_share"]["max"]
    broken = []
    with tempfile.TemporaryDirectory(prefix="fleetsynth-fidelity-", dir=os.environ.get("TMPDIR")) as scratch:
        jobs = configs(options.servers, Path(scratch))
        unknown = [name for name in options.only if not any(key.startswith(name) for key in jobs)]
        if unknown:
            parser.error(f"no config is called {', '.join(unknown)}; there are {', '.join(jobs)}")
        print("| config | the gate's share of the processor time | of the milliseconds | a run takes | runs |\n| --- | ---: | ---: | ---: | ---: |")
        for name, config in jobs.items():
            if options.only and not any(name.startswith(own) for own in options.only):
                continue
            share = Share()
            while share.samples < options.samples and share.runs < MOST_RUNS:
                share.add(sample(config, FEWER.get(config.stem, []), Path(scratch)))
            if share.gate == 0:
                sys.exit(f"{name}: no sample of {share.samples} is in the gate; it has another name now, or the program has no symbols")
            part = share.gate / share.samples
            if part > most:
                broken.append(name)
            print(
                f"| {name} | {part:.1%}{' BROKEN' if part > most else ''} | {share.gate_milliseconds / share.milliseconds:.1%} "
                f"| {share.milliseconds / share.runs:,.0f} ms | {share.runs} |", flush=True)
    print(f"\nat most {most:.0%} of the processor time is allowed: {'broken by ' + ', '.join(broken) if broken else 'kept'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
