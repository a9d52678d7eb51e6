"""The command line against a database of its own, in this process.

tool(*arguments) -> Result     runs a command, which must succeed
tool.fails(*arguments) -> str  runs a command, which must fail; gives what it said
tool.json(*arguments) -> Any   runs it with --json; gives the answer
tool.sql(statement, …)         as the database's superuser, whom nothing stops
tool.checkpoint()              what a running server does each second
tool.fill(days, entries)       old entries, true to the last hash
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER, SUPERUSER
from tigertally_server.app.checkpoints import Checkpointer
from tigertally_server.cli.house import open_house
from tigertally_server.cli.main import cli
from tigertally_testing.filled_log import fill

EVERYTHING = "tigertally_op_everything"
"""A login that holds every operator's role: nobody else does anything here."""


class Tool:
    """See the module's text. `state` is the installation's folder."""

    def __init__(self, config: Path, state: Path, database: Any) -> None:
        self.config, self.state, self.database = config, state, database

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["-c", str(self.config), *arguments], input=stdin)

    def __call__(self, *arguments: str, stdin: str | None = None) -> Result:
        result = self.run(*arguments, stdin=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    def fails(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.exit_code == 1, result.output
        return result.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "--json").stdout)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with connect(self.database.dsn(SUPERUSER)) as connection:
            # Not even the log's own triggers.
            connection.execute("SET session_replication_role = replica")
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def checkpoint(self) -> None:
        """What a running server does each second."""
        with open_house(self.config) as house, connect(self.database.dsn(APP)) as connection:
            environment = house.environment
            assert environment.signer is not None
            checkpointer = Checkpointer(
                environment.installation,
                environment.signer,
                environment.keyring.head_mac_keys,
                environment.config.checkpoint_file,
                environment.clock,
                folder=environment.config.log_dir,
            )
            checkpointer.run_once(connection)
            checkpointer.close()

    def fill(self, days: Sequence[int], entries: int) -> None:
        """Puts entries of old days into the log (`tigertally_testing.filled_log`)."""
        with open_house(self.config) as house, connect(self.database.dsn(APP)) as connection:
            key = house.environment.keyring.head_mac_key()
            fill(connection, key, days=days, entries=entries, shards=range(4))


@pytest.fixture
def tool(tmp_path: Path, database: Any) -> Tool:
    state = tmp_path / "state"
    state.mkdir()
    config = tmp_path / "tigertally.toml"
    config.write_text(
        "\n".join(
            (
                "[database]",
                f"dsn = {json.dumps(database.dsn(APP))}",
                f"owner_dsn = {json.dumps(database.dsn(OWNER))}",
                f"operator_dsn = {json.dumps(database.dsn(EVERYTHING))}",
                f"state_dir = {json.dumps(str(state))}",
            )
        )
    )
    return Tool(config, state, database)
