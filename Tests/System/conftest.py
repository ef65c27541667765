"""Fixtures of the system tests; how the binary is run is shared with the reader tests."""

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Interop"))

import clocks
import deb
import fleet
from clocks import Clock
from fault_proxy import FaultProxy
from faults import Faults
from manager import Manager
from s3servers import etag_server, juicefs_gateway, moto_server, s3_server, second_gateway
from s3store import silent_run
from service import Service
from store import Store

# Fixtures of other files, for every test.
__all__ = ["etag_server", "juicefs_gateway", "moto_server", "s3_server", "second_gateway", "silent_run"]


def pytest_configure(config):
    config.addinivalue_line("markers", "begun_early(fixture): the fixture waits for long and needs no processor, so it begins with the session")


@pytest.fixture(scope="session", autouse=True)
def begun_early(request):
    """Begins what the tests that were chosen wait for."""
    marks = [mark for item in request.session.items for mark in item.iter_markers("begun_early")]
    for name in sorted({mark.args[0] for mark in marks}):
        request.getfixturevalue(name)


def pytest_sessionstart(session):
    if not fleet.BINARY.exists():
        pytest.exit(f"{fleet.BINARY} does not exist: run `make build` first, or name the binary in FLEETSYNTH", returncode=2)


@pytest.fixture(scope="session")
def faults(tmp_path_factory) -> Faults:
    """Lets system calls go wrong."""
    return Faults.compiled(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def clock_shim(tmp_path_factory) -> Path:
    """Lets a test set a service's wall clock."""
    return clocks.compiled(tmp_path_factory.mktemp("clock"))


@pytest.fixture
def clock(clock_shim, tmp_path) -> Clock:
    """The wall clock of services that are made with its environment."""
    return Clock(clock_shim, tmp_path)


@pytest.fixture
def store(tmp_path) -> Store:
    """A small dataset and the place where it is published; nothing is there yet."""
    return Store(tmp_path)


@pytest.fixture
def proxy(s3_server):
    """Stands before each of the two S3 servers in turn."""
    proxy = FaultProxy(s3_server.url)
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def package(tmp_path_factory) -> Path:
    """The Debian package, built once for all tests."""
    if reason := deb.missing():
        pytest.skip(f"{reason}, or the package goes unchecked")
    return deb.build(tmp_path_factory.mktemp("deb"))


@pytest.fixture(params=["path", "abstract"])
def any_manager(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"@fleetsynth-test-{os.getpid()}-{time.monotonic_ns()}"
    manager = Manager(name)
    yield manager
    manager.close()


@pytest.fixture
def manager(tmp_path):
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.close()


@pytest.fixture
def make(tmp_path):
    """Makes services; whatever becomes of the test, none outlives it."""
    made = []

    def one(**changes) -> Service:
        made.append(Service(tmp_path / "service", **changes))
        return made[-1]

    yield one
    for service in made:
        service.kill()


@pytest.fixture
def tiny(make, manager) -> Service:
    """A service whose one dataset has been published."""
    service = make(manager=manager)
    service.put("tiny")
    service.start()
    service.await_event("run-published", "tiny")
    return service
