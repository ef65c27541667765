"""Fixtures of the system tests; how the binary is run is shared with the reader tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Interop"))

import fleet
from faults import Faults
from store import Store


def pytest_sessionstart(session):
    if not fleet.BINARY.exists():
        pytest.exit(f"{fleet.BINARY} does not exist: run `make build` first, or name the binary in FLEETSYNTH", returncode=2)


@pytest.fixture(scope="session")
def faults(tmp_path_factory) -> Faults:
    """Lets system calls go wrong."""
    return Faults.compiled(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def store(tmp_path) -> Store:
    """A small dataset and the place where it is published; nothing is there yet."""
    return Store(tmp_path)
