"""Fixtures that every test may use.

    seed        int: printed; TIGERTALLY_SEED=… runs the same numbers again (hypothesis too).
    clock       ManualClock: a Clock port that moves only when told (`clock.advance(ms)`).
    entropy     SeededEntropy: an Entropy port that gives the same bytes for the same seed.
    cluster     one real embedded PostgreSQL for the whole session, in a folder of its own.
    database    a fresh migrated database in it (some 50 ms), dropped afterwards:
                    conn = connect(database.dsn(APP))          roles OWNER, APP, AUDITOR, SUPERUSER
                `database.name`, `database.cluster`; connections left open are cut at the end.
    empty_database   the same without any table.
    state_dir   a fresh folder that PostgreSQL's account can reach (tmp_path is private to us).
    oathtool    path of Debian's oathtool; the test is skipped, and says so, where it is missing.

Tests that want a cluster of their own (to kill it) make an EmbeddedCluster(state_dir).
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from psycopg import sql

from tigertally_drivers.postgres.cluster import EmbeddedCluster
from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import (
    APP,
    OPERATOR_ROLES,
    OWNER,
    SUPERUSER,
    ClusterSettings,
)

# Through the environment, so that the processes of one run share it.
os.environ.setdefault("TIGERTALLY_SEED", str(random.SystemRandom().getrandbits(32)))
_SEED = int(os.environ["TIGERTALLY_SEED"])
_TEMPLATE = "test_template"
SINGLE_OPERATOR = "tigertally_op_everything"
"""A login that holds every operator's role: an installation of one operator."""
_numbers = count(1)

hypothesis.settings.register_profile("tests", deadline=None, print_blob=True, max_examples=50)
hypothesis.settings.register_profile("fuzz", deadline=None, print_blob=True, max_examples=20_000)
hypothesis.settings.load_profile("tests")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = _SEED


_LONG = (
    "integration/test_workers.py",
    "integration/test_agents.py",
    "sim/test_mutations.py",
    "integration/test_c_client.py",
    "integration/test_import.py",
    "unit/drivers/test_cluster.py",
    "integration/test_key_rotation.py",
    "integration/test_keys_rotate_live.py",
    "integration/test_hsm.py",
    "integration/test_planted.py",
    "integration/test_mixed_load.py",
    "integration/cli/test_keys.py",
    "integration/test_operators.py",
    "integration/test_server_killed.py",
    "integration/cli/test_audit_outside.py",
    "integration/cli/test_archive.py",
    "sim/test_sim.py",
    "tidy/test_style.py",
    "unit/client/verification/test_tiles.py",
    "integration/",
    "contract/",
    "unit/server/audit/",
    "unit/client/",
)
"""What takes longest comes first, so that no process is left alone with it in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    root = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(root).as_posix()
        return next((n for n, start in enumerate(_LONG) if path.startswith(start)), len(_LONG))

    items.sort(key=place)  # stable: a file's tests stay together


def pytest_report_header() -> str:
    return f"seed: {_SEED} (TIGERTALLY_SEED={_SEED} runs the same numbers again)"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.verbosity < 0:  # a quiet run has no header
        terminalreporter.write_line(pytest_report_header())


class ManualClock:
    """A Clock port that moves only when told. Starts at 2026-01-01 00:00 UTC."""

    def __init__(self, now_ms: int = 1_767_225_600_000) -> None:
        self.wall_ms = now_ms
        self.steady_ms = 1_000_000

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.steady_ms

    def advance(self, milliseconds: int) -> None:
        """Time passes, for both clocks."""
        self.wall_ms += milliseconds
        self.steady_ms += milliseconds

    def step(self, milliseconds: int) -> None:
        """Somebody sets the wall clock; the monotonic one doesn't notice."""
        self.wall_ms += milliseconds


class SeededEntropy:
    """An Entropy port that gives the same numbers for the same seed. For tests only."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)

    def integer63(self) -> int:
        return self._random.randrange(1, 1 << 63)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the session's cluster."""

    cluster: EmbeddedCluster
    name: str

    def dsn(self, role: str = APP) -> str:
        return self.cluster.dsn(role, self.name)


@pytest.fixture(scope="session")
def seed() -> int:
    return _SEED


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def entropy(seed: int) -> SeededEntropy:
    return SeededEntropy(seed)


@pytest.fixture
def state_dir() -> Iterator[Path]:
    with _reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def cluster() -> Iterator[EmbeddedCluster]:
    # A database per test: what outlives a power cut is not asked here, and each would be flushed.
    settings = ClusterSettings(shared_buffers_mb=64, extra={"fsync": "off"})
    with _reachable_folder() as folder, EmbeddedCluster(folder, settings) as running:
        with connect(running.superuser_dsn()) as conn:
            roles = sql.SQL(", ").join(map(sql.Identifier, OPERATOR_ROLES))
            conn.execute(
                sql.SQL("CREATE ROLE {} LOGIN IN ROLE {}").format(
                    sql.Identifier(SINGLE_OPERATOR), roles
                )
            )
        yield running


@pytest.fixture(scope="session")
def migrated_template(cluster: EmbeddedCluster) -> str:
    """The database that `database` copies; made once."""
    # Late, so that tests of the drivers run without a server package that imports.
    from tigertally_server.store.migrate import migrate

    _create(cluster, _TEMPLATE)
    with connect(cluster.dsn(OWNER, _TEMPLATE)) as connection:
        migrate(connection)
    return _TEMPLATE


@pytest.fixture
def database(cluster: EmbeddedCluster, migrated_template: str) -> Iterator[Database]:
    yield from _database(cluster, migrated_template)


@pytest.fixture
def empty_database(cluster: EmbeddedCluster) -> Iterator[Database]:
    yield from _database(cluster, "template0")


@pytest.fixture(scope="session")
def oathtool() -> str:
    found = shutil.which("oathtool")
    if found is None:
        pytest.skip("oathtool is missing: apt-get install oathtool")
    return found


@contextmanager
def _reachable_folder() -> Iterator[Path]:
    """A temporary folder that others may pass through: PostgreSQL may run under another account."""
    with tempfile.TemporaryDirectory(prefix="tigertally-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


def _database(cluster: EmbeddedCluster, template: str) -> Iterator[Database]:
    name = f"test_{next(_numbers)}"
    _create(cluster, name, template)
    yield Database(cluster, name)
    _administer(cluster, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(cluster: EmbeddedCluster, name: str, template: str = "template0") -> None:
    statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy")
    names = (sql.Identifier(part) for part in (name, OWNER, template))
    _administer(cluster, statement.format(*names))


def _administer(cluster: EmbeddedCluster, statement: sql.Composed) -> None:
    with connect(cluster.dsn(SUPERUSER, "postgres")) as connection:
        connection.autocommit = True
        connection.execute(statement)
