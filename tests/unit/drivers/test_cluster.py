"""The embedded PostgreSQL, for real: created, shared, killed, restarted, adopted, stopped.

Each test that kills has a cluster of its own; PostgreSQL itself is never replaced by a fake here.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tigertally_drivers.postgres.account import choose_account
from tigertally_drivers.postgres.binaries import find_binaries, reachable_binaries
from tigertally_drivers.postgres.cluster import EmbeddedCluster, Running
from tigertally_drivers.postgres.connection import connect, is_connection_lost
from tigertally_drivers.postgres.errors import ClusterError
from tigertally_drivers.postgres.places import LONGEST_SOCKET_PATH
from tigertally_drivers.postgres.settings import (
    APP,
    AUDITOR,
    DATABASE,
    OWNER,
    ROLES,
    SUPERUSER,
    ClusterSettings,
)
from tigertally_drivers.postgres.sharing import turn
from tigertally_drivers.system.clock import SystemClock

SETTINGS = ClusterSettings(shared_buffers_mb=16, max_connections=10)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@contextmanager
def opened(dsn: str) -> Iterator[psycopg.Connection]:
    connection = connect(dsn)
    try:
        yield connection
    finally:
        connection.close()


def query(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    with opened(dsn) as connection:
        connection.autocommit = True
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def kill(victim: EmbeddedCluster) -> None:
    """SIGKILL to our own child, and wait until it is dead; reaping it is left to the cluster."""
    pid = victim.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def own(state_dir: Path) -> Iterator[EmbeddedCluster]:
    """A cluster of the test's own, started."""
    made = EmbeddedCluster(state_dir, SETTINGS)
    assert made.ensure_running() is Running.STARTED
    yield made
    made.stop()
    assert made.pid is None


# ---------------------------------------------------------------- what it is


def test_durability_is_on(own: EmbeddedCluster) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    values = {name: query(own.dsn(), f"SHOW {name}")[0][0] for name in names}
    assert set(values.values()) == {"on"}
    assert query(own.dsn(), "SHOW max_wal_size") == [("4GB",)]
    assert query(own.dsn(), "SHOW listen_addresses") == [("",)]


def test_extra_settings_win(state_dir: Path) -> None:
    settings = replace(SETTINGS, extra={"work_mem": "7MB", "max_connections": "12"})
    with EmbeddedCluster(state_dir, settings) as made:
        assert query(made.dsn(), "SHOW work_mem") == [("7MB",)]
        assert query(made.dsn(), "SHOW max_connections") == [("12",)]


def test_the_product_s_roles_can_log_in_and_are_no_superusers(cluster: EmbeddedCluster) -> None:
    for role in ROLES:
        rights = "rolsuper, rolcreaterole, rolcreatedb, rolreplication"
        asked = f"SELECT {rights} FROM pg_roles WHERE rolname = current_user"
        assert query(cluster.dsn(role), asked) == [(False, False, False, False)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert query(cluster.dsn(OWNER, DATABASE), owner) == [(OWNER,)]


@pytest.mark.parametrize("role", [APP, AUDITOR])
def test_only_the_owner_makes_tables(cluster: EmbeddedCluster, role: str) -> None:
    for statement in ("CREATE TABLE t (a integer)", "CREATE SCHEMA s", "CREATE TEMP TABLE t ()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(cluster.dsn(role), statement)


def test_data_and_socket_are_private(cluster: EmbeddedCluster) -> None:
    account = choose_account()
    for folder in (cluster.data, cluster.home / "socket"):
        assert folder.stat().st_mode & 0o077 == 0
        assert folder.stat().st_uid == account.uid
    assert account.uid != 0


@as_root
def test_another_user_of_the_machine_does_not_get_in(state_dir: Path) -> None:
    # Behind a door that stands open (the folder's mode), peer authentication still holds.
    settings = replace(SETTINGS, extra={"unix_socket_permissions": "0777"})
    with EmbeddedCluster(state_dir, settings) as made:
        (made.home / "socket").chmod(0o755)
        (made.home).chmod(0o755)
        programs = reachable_binaries(find_binaries(), choose_account(), made.home)
        attempt = subprocess.run(
            [programs.program("psql"), made.dsn(SUPERUSER, "postgres"), "-c", "SELECT 1"],
            capture_output=True, text=True, check=False, cwd="/",
            user=1, group=1, extra_groups=[], env={"LC_ALL": "C"},
        )  # fmt: skip
        (made.home / "socket").chmod(0o700)
    assert attempt.returncode != 0
    assert "Peer authentication failed" in attempt.stderr


# ---------------------------------------------------------------- its life


def test_asking_twice_is_asking_once(own: EmbeddedCluster) -> None:
    pid = own.pid
    assert own.ensure_running() is Running.ADOPTED
    assert own.pid == pid


def test_stop_is_idempotent_and_a_new_start_has_the_data(own: EmbeddedCluster) -> None:
    query(own.dsn(OWNER), "CREATE TABLE kept (a integer)")
    assert own.is_alive()
    assert own.stop()
    assert not own.stop()
    assert not own.is_alive()
    assert own.pid is None
    assert own.ensure_running() is Running.STARTED
    assert query(own.dsn(OWNER), "SELECT count(*) FROM kept") == [(0,)]


def test_there_is_no_dsn_before_the_start(state_dir: Path) -> None:
    idle = EmbeddedCluster(state_dir)
    with pytest.raises(ClusterError, match="has not been started"):
        idle.dsn()
    assert not idle.is_alive()
    assert not idle.stop()


def test_a_killed_postmaster_is_noticed_and_restarted_with_every_commit(
    own: EmbeddedCluster,
) -> None:
    query(own.dsn(OWNER), "CREATE TABLE kept (a integer)")
    assert not own.restart_if_dead()
    with opened(own.dsn(OWNER)) as connection:
        for number in range(100):
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))
            connection.commit()
        connection.execute("INSERT INTO kept VALUES (1000)")  # never committed
        kill(own)
        # Its backend goes by itself, a moment later; the socket tells.
        select.select([connection.pgconn.socket], [], [], 60)
        with pytest.raises(psycopg.OperationalError) as caught:
            connection.execute("SELECT 1")
        assert is_connection_lost(caught.value)
    assert own.restart_if_dead()
    assert own.is_alive()
    assert query(own.dsn(OWNER), "SELECT count(*), max(a) FROM kept") == [(100, 99)]


def test_a_killed_postmaster_with_a_busy_backend_is_restarted(own: EmbeddedCluster) -> None:
    with opened(own.dsn()) as busy:
        busy.pgconn.send_query(b"SELECT pg_sleep(600)")
        kill(own)
        assert own.ensure_running() is Running.STARTED
    assert query(own.dsn(), "SELECT 1") == [(1,)]


def test_a_pid_file_whose_number_belongs_to_another_does_not_stop_the_start(
    own: EmbeddedCluster,
) -> None:
    # After a crash of the machine, the number in the file may be anybody's: ours, here.
    assert own.pid is not None
    content = (own.data / "postmaster.pid").read_text().splitlines()
    own.stop()
    (own.data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *content[1:]]) + "\n")
    assert not own.is_alive()
    assert own.ensure_running() is Running.STARTED


def test_a_zombie_postmaster_does_not_stop_the_start(own: EmbeddedCluster) -> None:
    # In a container whose first process reaps nothing, a killed postmaster's number "exists".
    pid = own.pid
    assert pid is not None
    other = EmbeddedCluster(own.home.parent, SETTINGS)  # adopts: not its child, so it can't reap it
    assert other.ensure_running() is Running.ADOPTED
    kill(own)
    os.kill(pid, 0)  # dead, and still a zombie
    assert not other.is_alive()
    assert other.restart_if_dead()
    assert query(other.dsn(), "SELECT 1") == [(1,)]
    assert not own.restart_if_dead()  # the child's former parent adopts the new one
    assert own.ensure_running() is Running.ADOPTED
    assert not other.stop()


def test_a_crash_during_creation_leaves_nothing_that_looks_complete(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = EmbeddedCluster(state_dir, SETTINGS)
    with monkeypatch.context() as patch:
        patch.setattr(
            "tigertally_drivers.postgres.bootstrap.bootstrap_statements", lambda: ("NONSENSE",)
        )
        with pytest.raises(ClusterError, match="roles could not be made"):
            made.ensure_running()
    assert not made.data.exists()
    half = made.home / "data.unfinished"  # what a kill -9 would have left
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    assert made.ensure_running() is Running.STARTED
    assert not half.exists()
    made.stop()


# ---------------------------------------------------------------- shared


def test_the_last_user_stops_it(own: EmbeddedCluster) -> None:
    pid = own.pid
    second, third = (EmbeddedCluster(own.home.parent, SETTINGS) for _ in range(2))
    assert second.ensure_running() is third.ensure_running() is Running.ADOPTED
    assert not own.stop()  # it started it, and others use it
    assert second.pid == pid
    assert not second.stop()
    assert query(third.dsn(), "SELECT 1") == [(1,)]
    assert third.stop()
    assert third.pid is None


PROGRAM = textwrap.dedent("""
    import sys
    from pathlib import Path
    from tigertally_drivers.postgres.cluster import EmbeddedCluster
    from tigertally_drivers.postgres.settings import ClusterSettings
    cluster = EmbeddedCluster(Path(sys.argv[1]), ClusterSettings(shared_buffers_mb=16))
    print(cluster.ensure_running().value, cluster.pid, flush=True)
    sys.stdin.readline()
    print(cluster.stop(), flush=True)
""")

Starter = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(state_dir: Path) -> Iterator[Starter]:
    """Starts another process that uses the cluster until it reads a line."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with ExitStack() as stack:

        def begin() -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", PROGRAM, str(state_dir)],
                    text=True,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            stack.callback(process.kill)
            return process

        yield begin


def said(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def let_go(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return said(process)[0]


def test_of_processes_that_start_at_once_one_creates_it_and_the_others_adopt_it(
    start: Starter,
) -> None:
    processes = [start() for _ in range(3)]
    answers = [said(process) for process in processes]
    assert sorted(how for how, _ in answers) == ["adopted", "adopted", "started"]
    assert len({pid for _, pid in answers}) == 1
    assert [let_go(process) for process in processes] == ["False", "False", "True"]


def test_it_outlives_a_kill_of_its_parent_and_is_adopted_by_the_next(
    start: Starter, state_dir: Path
) -> None:
    parent = start()
    how, pid = said(parent)
    assert how == "started"
    parent.kill()
    parent.wait()
    heir = EmbeddedCluster(state_dir, SETTINGS)
    assert heir.ensure_running() is Running.ADOPTED
    assert heir.pid == int(pid)
    assert query(heir.dsn(), "SELECT 1") == [(1,)]
    assert heir.stop()  # the dead one's mark went with it
    assert heir.pid is None


def test_waiting_for_one_s_turn_ends_and_names_who_holds_it(state_dir: Path) -> None:
    with turn(state_dir / "postgres.lock", SystemClock(), 1):
        waiting = EmbeddedCluster(state_dir, replace(SETTINGS, lock_timeout_s=0))
        with pytest.raises(ClusterError, match=f"process {os.getpid()} has been starting"):
            waiting.ensure_running()


# ---------------------------------------------------------------- awkward places


def test_a_path_too_long_for_a_socket_gets_a_private_one_elsewhere(state_dir: Path) -> None:
    deep = state_dir / ("long" * 20) / ("longer" * 10)
    with EmbeddedCluster(deep, SETTINGS) as made:
        assert len(str(made.home / "socket")) > LONGEST_SOCKET_PATH
        row = query(made.superuser_dsn(), "SHOW unix_socket_directories")[0]
        sockets = Path(row[0])
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert sockets.stat().st_uid == choose_account().uid
        second = EmbeddedCluster(deep, SETTINGS)
        assert second.ensure_running() is Running.ADOPTED
        assert query(second.dsn(), "SELECT 1") == [(1,)]
        second.stop()
    shutil.rmtree(sockets)


def test_a_socket_folder_that_another_made_is_refused(state_dir: Path) -> None:
    made = EmbeddedCluster(state_dir / ("long" * 30), SETTINGS)
    with made:
        sockets = Path(query(made.superuser_dsn(), "SHOW unix_socket_directories")[0][0])
    sockets.chmod(0o777)
    with pytest.raises(ClusterError, match="is in the way"):
        made.ensure_running()
    shutil.rmtree(sockets)
    sockets.symlink_to(state_dir)
    with pytest.raises(ClusterError, match="is in the way"):
        made.ensure_running()
    sockets.unlink()


@as_root
def test_a_folder_out_of_reach_is_a_link_to_one_within(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)  # as /root is
    with EmbeddedCluster(tmp_path / "var", SETTINGS) as made:
        assert (tmp_path / "var" / "postgres").is_symlink()
        assert made.home.parent == Path("/var/lib/tigertally")
        assert query(made.dsn(), "SELECT 1") == [(1,)]
        assert tmp_path.stat().st_mode & 0o777 == 0o700  # and nothing was loosened
    with made:
        assert query(made.dsn(), "SELECT 1") == [(1,)]
    shutil.rmtree(made.home)
    with pytest.raises(ClusterError, match="which is gone"):
        made.ensure_running()


@as_root
def test_programs_out_of_reach_are_copied_once(
    state_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_binaries()
    package = found.folder.parent.parent
    shutil.copytree(package / found.folder.parent.name, tmp_path / "pkg" / "install")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():  # the wheel's programs look for them by this name
        (tmp_path / libraries.name).symlink_to(libraries)
        (tmp_path / "pkg").rename(tmp_path / package.name)
    folder = next(tmp_path.glob("*/install/bin"))
    tmp_path.chmod(0o700)
    monkeypatch.setenv("TIGERTALLY_PG_BINDIR", str(folder))
    for _ in range(2):
        with EmbeddedCluster(state_dir, SETTINGS) as made:
            assert query(made.dsn(), "SELECT 1") == [(1,)]
            assert len(list(made.home.glob("programs-*"))) == 1


def test_missing_programs_are_explained(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TIGERTALLY_PG_BINDIR", str(tmp_path))
    with pytest.raises(ClusterError, match=r"no PostgreSQL programs found.*database\.dsn"):
        EmbeddedCluster(state_dir).ensure_running()


def test_data_of_another_version_are_explained(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = EmbeddedCluster(state_dir)
    made.data.mkdir(parents=True)
    (made.data / "PG_VERSION").write_text("11\n")
    with pytest.raises(ClusterError, match="data are of PostgreSQL 11"):
        made.ensure_running()


def test_a_setting_that_postgresql_refuses_is_explained(state_dir: Path) -> None:
    made = EmbeddedCluster(state_dir, replace(SETTINGS, extra={"work_mem": "plenty"}))
    with pytest.raises(ClusterError, match=r"did not start.*server\.log.*work_mem"):
        made.ensure_running()
    assert made.pid is None


def test_a_file_in_the_way_is_explained(state_dir: Path) -> None:
    (state_dir / "var").write_text("not a folder")
    with pytest.raises(ClusterError, match="the embedded database can't use"):
        EmbeddedCluster(state_dir / "var").ensure_running()


@as_root
def test_a_full_disk_at_creation_is_explained_and_leaves_nothing() -> None:
    with tempfile.TemporaryDirectory(prefix="tigertally-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0755", "tmpfs", name]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("this container may not mount a small disk")
        try:
            with pytest.raises(ClusterError, match="the disk is full: free some space"):
                EmbeddedCluster(folder, SETTINGS).ensure_running()
            assert not (folder / "postgres" / "data").exists()
            assert not (folder / "postgres" / "data.unfinished").exists()
        finally:
            subprocess.run(["umount", name], check=True)
