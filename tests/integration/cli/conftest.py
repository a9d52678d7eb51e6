"""The command line against a database of its own, in this process.

tool(*arguments) -> Result     runs a command, which must succeed
tool.fails(*arguments) -> str  runs a command, which must fail; gives what it said
tool.json(*arguments) -> Any   runs it with --json; gives the answer
tool.sql(statement, …)         as the database's superuser, whom nothing stops
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tigertally_drivers.postgres.connection import connect
from tigertally_drivers.postgres.settings import APP, OWNER, SUPERUSER
from tigertally_server.cli.main import cli

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
