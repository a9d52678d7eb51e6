"""Fixtures of the integration tests: real server processes on a real PostgreSQL, real sockets.

    house     one installation for the whole run (see tigertally_testing.house); don't harm it
    server    a server process on it, shared; checked after each test to be alive and without faults
    second    another process on the same installation, shared as well
    spawn     spawn("name", limits={...}) starts a further process on the house, for this test only
    own_house another installation for the whole run, whose servers and database may be killed
    own       spawn() for it

A failing test shows the logs of the servers that ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tigertally_testing import processes
from tigertally_testing.house import House
from tigertally_testing.processes import ServerProcess, reachable_folder, spawner

Spawn = Callable[..., ServerProcess]
LOG_SHOWN = 6_000
FIGURE = "figure"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed:
        for server in processes.ALL:
            report.sections.append((f"log of {server.node}", server.log()[-LOG_SHOWN:]))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == FIGURE:
                terminalreporter.write_line(str(value))


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """figure("resident", "100 MB"): shown at the end of the run; a test asserts elsewhere."""
    return lambda name, value: record_property(FIGURE, f"{name}: {value}")


@contextmanager
def _house() -> Iterator[House]:
    with reachable_folder() as folder, House(folder / "state") as house:
        yield house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with _house() as house:
        yield house


@pytest.fixture(scope="session")
def shared(house: House) -> Iterator[Spawn]:
    with spawner(house) as spawn:
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
    with spawner(house) as spawn:
        yield spawn


@pytest.fixture(scope="session")
def own_house() -> Iterator[House]:
    with _house() as house:
        yield house


@pytest.fixture
def own(own_house: House) -> Iterator[Spawn]:
    with spawner(own_house) as spawn:
        yield spawn
