"""Builds the Debian package from the binary that the tests run."""

import os
import shutil
import subprocess
from pathlib import Path

import fleet

SCRIPT = fleet.ROOT / "packaging" / "build-deb.sh"


def run(*command: str | Path, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)


def missing() -> str | None:
    """Why no package can be made here; None if one can."""
    tools = [tool for tool in ("dpkg-shlibdeps", "dpkg-deb", "strip", "swiftc") if not shutil.which(tool)]
    if tools:
        return f"{', '.join(tools)} missing: apt-get install dpkg-dev binutils, and a Swift toolchain"
    if not (fleet.BINARY.parent / "fleetsynth.product" / "Objects.LinkFileList").exists():
        return f"{fleet.BINARY} was not built here, so it cannot be linked again"
    return None


def build(output: Path) -> Path:
    result = run(SCRIPT, output, env=os.environ | {"BUILD": str(fleet.BINARY.parent)})
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.strip())
