"""A small dataset in a folder of its own, and what must hold there whatever happened to a publication."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import fleet

BASE = "panel-store"
DATASET = "tiny"
STEM = "raw/raw_server_metrics_2024-02-01_to_2024-03-01"
CONFIG = {"num_servers": 20, "start_date": "2024-02-01", "end_date": "2024-03-01"}


def finish(run: subprocess.Popen) -> subprocess.CompletedProcess:
    try:
        output, errors = run.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        run.kill()
        raise
    return subprocess.CompletedProcess(run.args, run.returncode, output, errors)


@dataclass(frozen=True)
class Store:
    """`folder` is the working directory; the base path is relative to it, so that copies of the folder are the same to the program."""

    folder: Path

    def __post_init__(self):
        fleet.write_config(self.folder / f"{DATASET}.yaml", fleet.config(CONFIG, storage={"local_base_path": BASE}))

    @property
    def base(self) -> Path:
        return self.folder / BASE

    @property
    def panel(self) -> Path:
        return self.base / f"{STEM}.parquet"

    def command(self, sets: dict | None = None, *options) -> list[str]:
        line = [fleet.BINARY, "generate", "--config", f"{DATASET}.yaml", "--json", *fleet.overrides(sets or {}), *options]
        return [str(part) for part in line]

    def start(self, sets: dict | None = None, *options, prefix: list[str] | None = None, env: dict | None = None) -> subprocess.Popen:
        """Begins one `generate`; `prefix` is a program that starts it, `env` comes on top of the environment."""
        line = [*(prefix or []), *self.command(sets, *options)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(line, env=fleet.environment(**(env or {})), cwd=self.folder, **streams)

    def run(self, sets: dict | None = None, *options, **how) -> subprocess.CompletedProcess:
        """One `generate` to its end."""
        return finish(self.start(sets, *options, **how))

    def publish(self, sets: dict | None = None, *options) -> dict:
        """One `generate` that must succeed."""
        done = self.run(sets, *options)
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stderr}"
        return json.loads(done.stdout)

    def verify(self, code: int = 0) -> subprocess.CompletedProcess:
        return fleet.run("verify", BASE, code=code, cwd=self.folder)

    def copy(self, folder: Path) -> "Store":
        shutil.copytree(self.folder, folder)
        return Store(folder)

    def files(self) -> set[str]:
        """Every file below the base, hidden ones included."""
        return {str(Path(root, name).relative_to(self.base)) for root, _, names in os.walk(self.base) for name in names}

    def content(self) -> dict[str, str]:
        return {name: fleet.sha256(self.base / name) for name in sorted(self.files())}

    def panels(self) -> dict[str, str]:
        """The panels that a reader can find, with their hashes."""
        visible = [name for name in self.files() if name.endswith(".parquet") and not Path(name).name.startswith(".")]
        return {name: fleet.sha256(self.base / name) for name in visible}

    def latest(self) -> dict | None:
        path = self.base / f"manifests/{DATASET}/latest.json"
        return json.loads(path.read_text()) if path.exists() else None

    def assert_readers_see_whole_files(self, panels: set[str]) -> None:
        """What a reader may rely on at any instant: final names hold whole files, and the pointer names a manifest that is what it says."""
        found = self.panels()
        assert set(found.values()) <= panels, f"{found}: one is neither the old nor the new panel"
        for name in self.files() - set(found):
            if Path(name).name.startswith("."):
                continue
            if name.endswith(".json"):
                json.loads((self.base / name).read_text())
            elif name.endswith(".html"):
                assert (self.base / name).read_text().endswith("</html>\n"), f"{name} is cut off"
            else:
                assert (self.base / name).read_text().count("\n") == 101, f"{name} is cut off"
        latest = self.latest()
        if latest is not None:
            assert fleet.sha256(self.base / latest["manifest"]) == latest["manifest_sha256"]
            manifest = json.loads((self.base / latest["manifest"]).read_text())
            assert {entry["key"] for entry in manifest["artifacts"]} <= self.files()

    def assert_settled(self, files: set[str]) -> None:
        """What must hold after a run that succeeded: `files` and no others, and everything verified."""
        assert self.files() == files, f"unexpected: {sorted(self.files() - files)}, missing: {sorted(files - self.files())}"
        self.verify()
