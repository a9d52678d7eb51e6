"""`tigertally`: everything an operator types. Commands are loaded when they are called, so that
help is quick.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

import click

from tigertally_drivers.system.process import forbid_core_dumps

_COMMANDS: Final[dict[str, tuple[str, str, str]]] = {
    "serve": ("tigertally_server.cli.serve", "serve", "Run the verifying server."),
    "roll": (
        "tigertally_server.cli.roll",
        "roll",
        "Replace the workers by what is installed now, without refusing a request.",
    ),
    "migrate": ("tigertally_server.cli.serve", "migrate", "Bring the database schema up to date."),
    "check-config": (
        "tigertally_server.cli.serve",
        "check_config",
        "Check a configuration file and show what is in force.",
    ),
    "channel": (
        "tigertally_server.cli.channel",
        "channel",
        "Channels: add, list, show, change, rotate keys, disable.",
    ),
    "user": (
        "tigertally_server.cli.user",
        "user",
        "Customers: register, show, close; their passwords.",
    ),
    "token": (
        "tigertally_server.cli.token",
        "token",
        "Tokens: add, import, show; their life from bind to void; types.",
    ),
    "card": (
        "tigertally_server.cli.card",
        "card",
        "Scratch cards: make a batch for the printing house, open its file.",
    ),
    "password-policy": (
        "tigertally_server.cli.password_policy",
        "password_policy",
        "Rules of passwords and PINs: list, show, set.",
    ),
    "flow-policy": (
        "tigertally_server.cli.flow_policy",
        "flow_policy",
        "Combinations of factors asked for by name: add, list, show, remove.",
    ),
    "import": (
        "tigertally_server.cli.importing",
        "import_group",
        "Token files into the stock, as jobs: start, status, resume, cancel.",
    ),
    "sms": (
        "tigertally_server.cli.sms",
        "sms",
        "Codes by SMS: queue, trial message, texts, customers' phones.",
    ),
    "audit": (
        "tigertally_server.cli.audit",
        "audit",
        "The audit log: verify it, prove an entry, show entries.",
    ),
    "key": (
        "tigertally_server.cli.key",
        "key",
        "Keys: inventory, rotation, ceremony, backup, destruction.",
    ),
    "crypto": (
        "tigertally_server.cli.crypto",
        "crypto",
        "The crypto engine for channels: its working keys, policy, self-test.",
    ),
    "hsm": (
        "tigertally_server.cli.hsm",
        "hsm",
        "Hardware security modules: status, test, keys.",
    ),
    "approval": (
        "tigertally_server.cli.approval",
        "approval",
        "Dual control: approve or refuse what another operator asks for; its rules.",
    ),
    "operator": (
        "tigertally_server.cli.operator",
        "operator",
        "Operators and their roles: add, list, remove; which role runs which verb.",
    ),
    "report": ("tigertally_server.cli.report", "report", "Reports for reconciliation."),
    "guess": (
        "tigertally_server.cli.guess",
        "guess",
        "How likely each method is guessed under the rules in force.",
    ),
    "frame": ("tigertally_server.cli.frame", "frame", "Decode frames of the socket protocol."),
    "try": (
        "tigertally_server.cli.trial",
        "trial",
        "A guided first verification against a running server.",
    ),
    "load": (
        "tigertally_server.cli.load",
        "load",
        "Put load on a running server and report latency and throughput.",
    ),
}


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        row = _COMMANDS.get(cmd_name)
        if row is None:
            return None
        command: click.Command = getattr(importlib.import_module(row[0]), row[1])
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[2]) for name, row in _COMMANDS.items()])


@click.group(
    cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="TIGERTALLY_CONFIG",
    help="Configuration file (also TIGERTALLY_CONFIG). Without one, every key has its default.",
)
@click.version_option(package_name="tigertally")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """Tigertally (虎符), a bank's unified authentication platform.

    First steps: `tigertally serve` in one terminal, `tigertally try` in another.
    """
    ctx.obj = config


def main(arguments: list[str] | None = None) -> Any:
    """The console script. Expected failures end with a text that says what to do, and status 1."""
    forbid_core_dumps()
    return cli(arguments, prog_name="tigertally")


if __name__ == "__main__":
    main()
