"""Rotations cut off at every step, then begun again: nothing unreadable, nothing lost.

Each run raises at the n-th of the places where a process can stop between two effects on the world
(a committed unit of work, a page sealed anew, a file written or moved), before and after it; n
rises until a run gets through. What follows a cut is what an operator does: the installation is
opened anew, looked at, and the same command given again.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tigertally_drivers.keys.software import write_master_key_file
from tigertally_drivers.postgres.settings import OWNER
from tigertally_server.app.operators import Acting
from tigertally_server.cli.house import House, house_of
from tigertally_server.cli.key_house import find_key, key_work, place_of
from tigertally_server.cli.key_rotating import Rotation, seal_anew
from tigertally_server.domain.key import KeyState
from tigertally_server.services.keyring import Purpose
from tigertally_server.services.rewrapping import PARTS, Rewrapper
from tigertally_testing.key_stock import configuration_of, fill, opened, plaintexts, under

MASTER = "master"
EVERYTHING = "tigertally_op_everything"
ACTING = Acting("test", "tigertally_app", separated=False)
AT = {
    MASTER: ("data-keys",),
    "data-keys": ("key_record",),
    "seed": ("token", "import_token"),
    "credential": ("credential", "challenge", "message"),
    "head": (),
}


class Cut(BaseException):
    """The process ends here; nobody catches it."""


class Scissors:
    """Cuts before or after the n-th effect."""

    def __init__(self, at):
        self.left = at

    def around(self, function):
        def cut(*arguments, **named):
            self._pass()
            result = function(*arguments, **named)
            self._pass()
            return result

        return cut

    def _pass(self):
        self.left -= 1
        if self.left == 0:
            raise Cut


@contextlib.contextmanager
def scissors(at):
    held = Scissors(at)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(House, "act", held.around(House.act))
        patch.setattr(Rewrapper, "step", held.around(Rewrapper.step))
        writer = "tigertally_server.cli.key_rotating.write_master_key_file"
        patch.setattr(writer, held.around(write_master_key_file))
        patch.setattr(Path, "rename", held.around(Path.rename))
        yield held


@contextlib.contextmanager
def at_the_keys(environment):
    with house_of(environment, ACTING) as house, key_work(house) as conn:
        yield house, conn


def rotate(environment, target):
    """The command, without its output."""
    with at_the_keys(environment) as (house, conn):
        rotation = Rotation(house, conn, 0)
        if target == MASTER:
            rotation.rotate_master(None)
        else:
            rotation.rotate(place_of(environment.keyring, target))
        seal_anew(house, conn, PARTS, page=2, quiet=True)


@pytest.fixture
def config(database, tmp_path):
    return configuration_of(database, tmp_path / "state")


@pytest.mark.parametrize("target", AT)
def test_cut_anywhere_and_given_again(config, target):
    with opened(config) as environment:
        fill(environment, tokens=2)
        before = plaintexts(environment)
    cuts = 0
    while True:
        cuts += 1
        with opened(config) as environment, scissors(cuts) as held, contextlib.suppress(Cut):
            rotate(environment, target)
        through = held.left > 0
        with opened(config) as environment:
            assert plaintexts(environment) == before, f"after a cut at {cuts}"
        if through:
            break
        if cuts % 3 == 0:  # sometimes it is given again, sometimes the next one takes it from here
            with opened(config) as environment:
                rotate(environment, target)
                assert plaintexts(environment) == before
    with opened(config) as environment:
        keys = environment.keyring
        records = [r for r in keys.records() if r.place == place_of(keys, target)]
        assert [r.state for r in records[:-1]] == [KeyState.OLD] * (len(records) - 1)
        assert records[-1].state is KeyState.CURRENT
        assert records[-1].generation == len(records) > 1
        for table in set(AT[target]) - {"key_record", "data-keys"}:
            assert under(environment, table) == {records[-1].id}
        if target == "data-keys":
            parents = {r.parent for r in keys.records() if r.level == "data" and r.readable}
            assert parents == {records[-1].id}


def test_everything_rotated_and_the_old_destroyed(config):
    from tigertally_server.cli.key_destroying import Destruction

    with opened(config) as environment:
        fill(environment)
        before = plaintexts(environment)
        old = {
            target: environment.keyring.current(Purpose(target)).id
            for target in ("seed", "customer", "channel", "credential", "head")
        }
        for target in (*old, "data-keys", "working-keys"):
            rotate(environment, target)
        with at_the_keys(environment) as (house, conn):
            destruction = Destruction(house, conn)
            for number in old.values():
                record = find_key(environment.keyring, str(number))
                destruction.check(record)
                destruction.carry_out(record)
            kek = next(
                r
                for r in environment.keyring.records()
                if r.purpose == "data-keys" and r.state is KeyState.OLD
            )
            destruction.check(kek)
            destruction.carry_out(kek)
    with opened(config) as environment:
        assert plaintexts(environment) == before
        for number in old.values():
            record = environment.keyring.record(number)
            assert record.state is KeyState.DESTROYED
            assert record.sealed == b""


KILLED = """
    import os, signal, sys
    from pathlib import Path
    sys.path[:0] = {paths!r}
    from tigertally_server.services.rewrapping import Rewrapper
    from tigertally_server.cli.main import cli
    step, count = Rewrapper.step, [{after}]
    def killed(*arguments):
        count[0] -= 1
        if count[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*arguments)
    Rewrapper.step = killed
    cli(["-c", {config!r}, "key", "rewrap", "--page", "1", "--quiet"], prog_name="tigertally")
"""


def test_killed_while_sealing_anew(config, tmp_path, database):
    with opened(config) as environment:
        fill(environment)
        before = plaintexts(environment)
        with at_the_keys(environment) as (house, conn):
            Rotation(house, conn, 0).rotate(place_of(environment.keyring, "seed"))
    file = tmp_path / "tigertally.toml"
    section = config.database
    file.write_text(
        f'[database]\ndsn = "{section.dsn}"\nowner_dsn = "{database.dsn(OWNER)}"\n'
        f'operator_dsn = "{database.dsn(EVERYTHING)}"\nstate_dir = "{section.state_dir}"\n'
    )
    program = KILLED.format(paths=sys.path, after=4, config=str(file))
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, check=False
    )
    assert found.returncode == -signal.SIGKILL, found.stderr.decode()
    with opened(config) as environment:
        assert len(under(environment, "token")) == 2
        assert plaintexts(environment) == before
        with at_the_keys(environment) as (house, conn):
            (done,) = seal_anew(house, conn, ["token"], page=1, quiet=True)
            assert done.finished
            assert done.sealed_anew == 5
            assert done.seen == 5
        assert len(under(environment, "token")) == 1
        assert plaintexts(environment) == before
