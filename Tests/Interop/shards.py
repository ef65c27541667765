"""A dataset made in shards by the command line, and the folder of its parts."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import fleet


@dataclass(frozen=True)
class Sharded:
    """A config, the store that its shards go to, and how many there are."""

    config: Path
    base: Path
    count: int
    sets: tuple = ()

    def options(self) -> list[str]:
        return ["--config", str(self.config), *fleet.overrides({"storage.local_base_path": str(self.base)} | dict(self.sets))]

    def stage(self, index: int, *options, code: int = 0, **how) -> dict | str:
        """One shard; its JSON result, or what it said where it must fail."""
        done = fleet.run("generate", *self.options(), "--shard", f"{index}/{self.count}", "--json", *options, code=code, **how)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def stage_all(self, *options) -> list[dict]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda index: self.stage(index, *options), range(self.count)))

    def commit(self, *options, code: int = 0, **how) -> dict | str:
        done = fleet.run("commit", *self.options(), "--shards", self.count, "--json", *options, code=code, **how)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def parts(self, result: dict) -> list[Path]:
        return sorted(Path(result["panel"]).iterdir())

    def manifest(self, result: dict) -> dict:
        return json.loads(Path(result["manifest"]).read_text())
