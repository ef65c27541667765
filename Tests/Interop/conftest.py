"""Fixtures shared by the reader tests: the binary, and datasets that several tests read."""

from pathlib import Path

import pytest

import fleet


def pytest_configure(config):
    # pandas will drop its fastparquet engine; until then people use it, and fastparquet itself touches a pandas option that goes too.
    config.addinivalue_line("filterwarnings", "ignore:The 'fastparquet' engine is deprecated")
    config.addinivalue_line("filterwarnings", "ignore:The 'future.infer_string' option is deprecated")


def pytest_sessionstart(session):
    if not fleet.BINARY.exists():
        pytest.exit(f"{fleet.BINARY} does not exist: run `make build` first, or name the binary in FLEETSYNTH", returncode=2)


@pytest.fixture(scope="session")
def default_dataset(tmp_path_factory) -> fleet.Published:
    """The documented default dataset, generated once."""
    return fleet.generate(fleet.DEFAULT_CONFIG, tmp_path_factory.mktemp("default"))


@pytest.fixture
def make_dataset(tmp_path):
    """Generates a dataset of its own for one test: `make_dataset(config, sets)`."""
    counter = iter(range(1_000))

    def make(content: dict, sets: dict | None = None, *options, name: str = "panel") -> fleet.Published:
        folder: Path = tmp_path / f"{name}-{next(counter)}"
        return fleet.generate(fleet.write_config(folder / f"{name}.yaml", content), folder / "data", sets, *options)

    return make
