"""Runs the `fleetsynth` binary for the tests: configs as dictionaries, results as parsed JSON.

Nothing here knows how values come about; the tests stay independent of the code that they check.
"""

import copy
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("FLEETSYNTH", ROOT / ".build/release/fleetsynth"))
DEFAULT_CONFIG = ROOT / "config/config.yaml"

LABELS = ["business_unit", "region", "criticality"]
KEYS = ["server_id", "date", *LABELS]
METRICS = ["cpu_p95", "mem_p95", "disk_p95", "net_p95"]


def environment(**extra: str) -> dict[str, str]:
    """The caller's environment without overrides of configs, plus `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLEETSYNTH__")}
    return kept | extra


def run(*arguments, code: int = 0, timeout: float = 300, env: dict[str, str] | None = None, cwd: Path | None = None):
    """Runs the binary and checks its exit code."""
    command = [str(BINARY), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=env or environment(), cwd=cwd)
    assert done.returncode == code, f"{command}: exit {done.returncode}, expected {code}\n{done.stdout}\n{done.stderr}"
    return done


def overrides(values: dict) -> list[str]:
    """`--set` arguments; values are written as YAML flow scalars, which JSON is."""
    return [part for key, value in values.items() for part in ("--set", f"{key}={json.dumps(value)}")]


def metric(name: str, **changes) -> dict:
    """A metric without any effect but noise, in full precision, with clips too far away to matter."""
    flat = dict(
        name=name, base_mean=100, base_std=10, min_clip=-400, max_clip=600, seasonality_amplitude=0, weekly_pattern_factor=1,
        eoq_spike_multiplier=1, eoq_months=[3, 6, 9, 12], holiday_effect_multiplier=1, growth_per_year=0, server_bias_std=0,
        missing_rate=0, outlier_rate=0, decimals=None,
    )
    return flat | changes


def config(data: dict | None = None, **sections) -> dict:
    """A config of `data_generation` keys and further sections."""
    return {"data_generation": copy.deepcopy(data or {}), **sections}


def write_config(path: Path, content: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Published:
    """What a run reported, and the folder that it published into."""

    base: Path
    result: dict

    @property
    def panel(self) -> Path:
        return self.path("panel")

    def path(self, role: str) -> Path:
        return self.base / self.result[role]

    def frame(self, columns: list[str] | None = None) -> pd.DataFrame:
        return pd.read_parquet(self.panel, columns=columns)

    def json(self, role: str) -> dict:
        return json.loads(self.path(role).read_text(encoding="utf-8"))


def generate(config_path: Path, base: Path, sets: dict | None = None, *options, env: dict[str, str] | None = None) -> Published:
    """One `generate --json` into `base`; the dataset must come out published."""
    target = overrides({"storage.local_base_path": str(base), **(sets or {})})
    done = run("generate", "--config", config_path, "--json", *target, *options, env=env)
    result = json.loads(done.stdout)
    assert result["status"] == "published", result
    return Published(base, result)


def generate_slice(config_path: Path, output: Path, sets: dict | None = None, *options) -> pd.DataFrame:
    """One `generate --output FILE`, read back."""
    run("generate", "--config", config_path, "--output", output, *overrides(sets or {}), *options)
    return pd.read_parquet(output)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
