"""Fixtures of the integration tests: real server processes on a real PostgreSQL, real sockets.

    house     one installation for the whole run (see tigertally_testing.house); don't harm it
    server    a server process on it, shared; checked after each test to be alive and without faults
    second    another process on the same installation, shared as well
    spawn     spawn("name", limits={...}) starts a further process on the house, for this test only
    own_house an installation of this test's module alone, to be killed, filled, searched
    own       spawn() for it

A failing test shows the logs of the servers that ran.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tigertally_testing import processes
from tigertally_testing.house import House
from tigertally_testing.processes import ServerProcess

Spawn = Callable[..., ServerProcess]
LOG_SHOWN = 6_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed:
        for server in processes.ALL:
            report.sections.append((f"log of {server.node}", server.log()[-LOG_SHOWN:]))
    return report


@contextmanager
def _folder() -> Iterator[Path]:
    """PostgreSQL may run under another account, which must be able to pass."""
    with tempfile.TemporaryDirectory(prefix="tigertally-it-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def _house() -> Iterator[House]:
    with _folder() as folder, House(folder / "state") as house:
        yield house


@contextmanager
def _spawner(house: House) -> Iterator[Spawn]:
    started: list[ServerProcess] = []
    with _folder() as folder:

        def spawn(node: str = "node-1", **sections: Any) -> ServerProcess:
            server = ServerProcess(house, folder, node, **sections)
            started.append(server)
            return server.start()

        yield spawn
        for server in started:
            server.close()


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with _house() as house:
        yield house


@pytest.fixture(scope="session")
def shared(house: House) -> Iterator[Spawn]:
    with _spawner(house) as spawn:
        yield spawn


@pytest.fixture(scope="session")
def first_server(shared: Spawn) -> ServerProcess:
    return shared("node-1")


@pytest.fixture(scope="session")
def second_server(shared: Spawn) -> ServerProcess:
    return shared("node-2")


@pytest.fixture
def server(first_server: ServerProcess) -> Iterator[ServerProcess]:
    yield from _unharmed(first_server)


@pytest.fixture
def second(second_server: ServerProcess) -> Iterator[ServerProcess]:
    yield from _unharmed(second_server)


def _unharmed(server: ServerProcess) -> Iterator[ServerProcess]:
    before = len(server.faults())
    yield server
    assert server.running, "the server died"
    assert server.faults()[before:] == []


@pytest.fixture
def spawn(house: House) -> Iterator[Spawn]:
    with _spawner(house) as spawn:
        yield spawn


@pytest.fixture(scope="module")
def own_house() -> Iterator[House]:
    with _house() as house:
        yield house


@pytest.fixture
def own(own_house: House) -> Iterator[Spawn]:
    with _spawner(own_house) as spawn:
        yield spawn
