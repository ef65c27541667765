"""What each part of the signal costs: the plain hourly panel, each feature by itself and all together, in turn in one run.

usage: rich.py [--servers N] [--rounds N] [--only NAME...]

Rates are ratios to the plain panel of the same run; `Benchmarks/thresholds.json` says which are asked for at the usual number of servers.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BINARY = Path(os.environ.get("FLEETSYNTH", ROOT / ".build/release/fleetsynth"))
SERVERS = 1000
METRICS = ["cpu_p95", "mem_p95", "disk_p95", "net_p95"]
WINDOW = {"granularity": "hourly", "start_date": "2024-01-01", "end_date": "2024-12-31"}


def each(**settings) -> dict:
    """The same settings for all metrics."""
    return {"metrics": {name: dict(settings) for name in METRICS}}


NOISE = each(noise_half_life="6h", noise_slow_share=0.3, noise_slow_half_life="20d", noise_skewness=0.6, noise_kurtosis=1.5, noise_load_exponent=0.5)
CORRELATION = {"noise_correlation": {"cpu_p95": {"mem_p95": 0.5, "disk_p95": 0.2, "net_p95": 0.4}, "mem_p95": {"net_p95": 0.3}}}
CALENDAR = {
    "business_calendar": {"month_end_days": 2, "payroll_days": [25, "last"], "eoq_ramp_days": 3, "holiday_ramp_days": 2, "freeze_days": ["12-15..01-02"]},
    "metadata": {"calendars": {"eu-west-1": "ireland", "ap-southeast-1": "singapore"}},
} | each(month_end_multiplier=1.15, payroll_multiplier=1.1, freeze_multiplier=0.9, bridge_multiplier=0.8)
KINDS = {
    "archetypes": {
        "web": {"share": 0.6, "metrics": {"cpu_p95": {"diurnal_profile": "office"}, "net_p95": {"diurnal_profile": "evening"}}},
        "batch": {"share": 0.4, "metrics": {"cpu_p95": {"level_factor": 1.2, "diurnal_profile": "night-batch"}}},
    },
    "metadata_effects": {"criticality": {"High": {"cpu_p95": 1.1, "mem_p95": {"headroom": 1.2}}}},
}
CHANGES = {
    "changes": {
        "shifts": {"kind": "level-shift", "per_year": 0.5, "ramp": "14d", "metrics": {name: [0.8, 1.3] for name in METRICS}},
        "hardware": {"kind": "hardware-refresh", "at": ["2024-03-01"], "spread": "60d", "metrics": {name: 0.9 for name in METRICS}},
    }
}
FACTOR = {"incidents": {"weather": {"kind": "shared-factor", "scope": "region", "duration": "1d", "metrics": {name: 0.05 for name in METRICS}}}}
INCIDENTS = {
    "incidents": {
        "failover": {"kind": "failover", "per_year": 6, "scope": "region", "duration": "6h", "lag": "1h", "metrics": {"cpu_p95": 0.2, "net_p95": 0.1}},
        "leaks": {"kind": "memory-leak", "per_year": 4, "scope": "server", "duration": "5d", "metrics": {"mem_p95": {"target": 95}}},
        "releases": {
            "kind": "bad-release", "per_year": 12, "scope": "business_unit", "share": 0.5, "duration": "12h", "metrics": {"cpu_p95": 1.4},
        },
        "dark": {"kind": "power-loss", "per_year": 1, "scope": "region", "duration": "4h", "metrics": {"cpu_p95": 1.3}},
    }
}
MESS = {
    "mess": {
        "agent_outage": {"per_year": 6, "duration": "12h"}, "collector_outage": {"per_year": 4, "duration": "2h"},
        "late_start": {"share": 0.1, "within": "30d", "from": "2024-01-01"}, "stuck_sensor": {"per_year": 1, "duration": "2d"},
        "unit_slip": {"per_year": 0.5, "duration": "1d"},
    }
}
DUPLICATE_ROWS = {"mess": {"duplicate_rows": {"rate": 0.002}}}
LATE_ROWS = {"mess": {"late_rows": {"rate": 0.01, "delay": ["2h", "36h"], "arrival_column": "ingested_at"}}}
UNDER_LOAD = {"mess": {"missing_under_load": {"above": {name: "p90" for name in METRICS}, "rate": 0.3}}}
FEATURES: dict[str, dict] = {
    "plain": {}, "memory, shape, slow": NOISE, "correlation": CORRELATION, "saturation": each(saturation=0.1), "business calendars": CALENDAR,
    "archetypes, labels": KINDS, "lasting changes": CHANGES, "shared factor": FACTOR, "incidents": INCIDENTS, "mess": MESS,
    "missing under load": UNDER_LOAD, "duplicate rows": DUPLICATE_ROWS, "late rows": LATE_ROWS,
}


def merged(left: dict, right: dict) -> dict:
    """Mappings within mappings are joined."""
    result = dict(left)
    for key, value in right.items():
        result[key] = merged(result[key], value) if isinstance(value, dict) and isinstance(result.get(key), dict) else value
    return result


def everything() -> dict:
    result: dict = {}
    for own in FEATURES.values():
        result = merged(result, own)
    return result


@dataclass(frozen=True)
class Result:
    rows: int
    seconds: float
    cpu: float
    bytes: int
    peak_mib: float


def run(data: dict, servers: int, scratch: Path) -> Result:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    try:
        config = folder / "rich.yaml"
        content = {"data_generation": merged(WINDOW | {"num_servers": servers}, data), "quality": {"max_missing_share": 0.5}}
        content["storage"] = {"local_base_path": str(folder / "data")}
        config.write_text(yaml.safe_dump(content, sort_keys=False))
        report = folder / "measured.json"
        line = [sys.executable, "-IS", str(HERE / "measure.py"), str(report), str(BINARY), "generate", "--config", str(config), "--json"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FLEETSYNTH__")}
        done = subprocess.run(line, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            sys.exit(f"exit {done.returncode} for {json.dumps(data)}\n{done.stderr}")
        measured = json.loads(report.read_text())
        size = sum(file.stat().st_size for file in folder.rglob("*.parquet"))
        return Result(json.loads(done.stdout)["rows"], measured["seconds"], measured["cpu"], size, measured["peak_mib"])
    finally:
        shutil.rmtree(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--servers", type=int, default=SERVERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="features to measure beside the plain panel")
    options = parser.parse_args()
    jobs = FEATURES | {"everything": everything()}
    unknown = set(options.only) - set(jobs)
    if unknown:
        parser.error(f"no feature is called {', '.join(sorted(unknown))}; there are {', '.join(jobs)}")
    if options.only:
        jobs = {name: data for name, data in jobs.items() if name == "plain" or name in options.only}
    best: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="fleetsynth-rich-", dir=os.environ.get("TMPDIR")) as scratch:
        for _ in range(options.rounds):
            for name, data in jobs.items():
                result = run(data, options.servers, Path(scratch))
                old = best.get(name, result)
                best[name] = Result(
                    result.rows, min(result.seconds, old.seconds), min(result.cpu, old.cpu), result.bytes, min(result.peak_mib, old.peak_mib))
    plain = best["plain"]
    print(f"{plain.rows:,} rows: {options.servers:,} servers x 8,784 hours, {len(METRICS)} metrics; best of {options.rounds} interleaved rounds\n")
    print("| | million rows/s | of the plain rate | by processor time | bytes/row | peak MiB |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    figures = {}
    for name, own in best.items():
        rate, work = plain.seconds / own.seconds * own.rows / plain.rows, plain.cpu / own.cpu * own.rows / plain.rows
        figures[name] = work
        print(f"| {name} | {own.rows / own.seconds / 1e6:.1f} | {rate:.2f} | {work:.2f} | {own.bytes / own.rows:.2f} | {own.peak_mib:.0f} |")
    if options.servers != SERVERS:
        print(f"bounds are those of {SERVERS:,} servers and not compared: start and end weigh less here")
        return 0
    failed = False
    for name, bounds in json.loads((HERE / "thresholds.json").read_text())["rich"].items():
        if name not in figures:
            continue
        met = figures[name] >= bounds["min"]
        failed = failed or not met
        aim = f", and {bounds['aim']} is the aim ({'reached' if figures[name] >= bounds['aim'] else 'not reached'})" if "aim" in bounds else ""
        print(f"{name}: {figures[name]:.2f} of the plain rate by processor time; at least {bounds['min']} must hold: {'yes' if met else 'NOT MET'}{aim}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
