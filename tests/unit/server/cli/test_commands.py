"""Every command has help that says what it does; what is typed wrong is answered in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tigertally_server.cli.main import cli
from tigertally_server.cli.output import CommandError
from tigertally_server.cli.token_making import parse_assignments, parse_seed


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


_ALL = sorted(_commands(cli))


def test_the_whole_tree_is_there() -> None:
    names = {" ".join(path) for path in _ALL}
    assert names >= {
        "serve", "roll", "migrate", "check-config", "try", "load", "frame decode", "report day",
        "channel add", "channel list", "channel show", "channel change", "channel rotate-key",
        "channel disable", "channel enable", "user register", "user show", "user close",
        "token add", "token import", "token show", "token list", "token bind", "token unbind",
        "token enable", "token disable", "token unlock", "token type list", "token type show",
        "token type set", "audit verify", "audit prove", "audit show",
    }  # fmt: skip


@pytest.mark.parametrize("path", _ALL, ids=" ".join)
def test_help(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert result.exit_code == 0, result.output
    described = result.stdout.split("\n\n", 2)[1].strip()
    assert len(described) > 10
    group = click.Context(cli)
    command: click.Command | None = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(group, name)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert (parameter.opts[0] in result.stdout) != parameter.hidden
    # The answer of a proof is a document.
    without_json = {"serve", "try", "load", "audit consistency"}
    if not isinstance(command, click.Group) and " ".join(path) not in without_json:
        assert "--json" in result.stdout, "scripts want an answer, too"


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(cli, ["chanel"])
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_a_config_that_is_missing_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["-c", str(tmp_path / "none.toml"), "channel", "list"])
    assert result.exit_code == 1
    assert "none.toml" in result.stderr
    assert "check-config" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["channel", "add", "web", "--institution", "1"], "--key-out"),
        (
            ["channel", "add", "web", "--institution", "1", "--key-out", "k", "--suite", "GM_HMAC",
             "--field-cipher", "AES_128_GCM"],
            "doesn't go with GM_HMAC; choose one of NONE, SM4_CBC, SM4_GCM",
        ),
        (["channel", "add", "a b", "--institution", "1", "--key-out", "k"], "begins with a letter"),
        (["channel", "add", "web", "--institution", "Ä", "--key-out", "k"], "visible ASCII"),
        (["channel", "rotate-key", "web"], "--key-out"),
        (["token", "add", "T1", "--institution", "1", "--type", "totp-6"], "--seed-file"),
        (["token", "add", "T 1", "--institution", "1", "--type", "x"], "no blank"),
        (["user", "show", "C1", "--institution", "1", "--reveal"], "--reason"),
        (["audit", "show", "--reveal"], "--reason"),
        (["audit", "show", "--entry", "1:1", "--serial", "3"], "choose one"),
        (["audit", "prove", "--entry", "nonsense"], "SHARD:SEQ"),
        (["frame", "decode", "zz"], "not hexadecimal"),
        (["frame", "decode", " "], "no bytes"),
    ],
)  # fmt: skip
def test_what_needs_no_database_is_refused_before_one_is_opened(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    config = tmp_path / "tigertally.toml"
    config.write_text('[database]\ndsn = "host=/nowhere"\n')
    result = CliRunner().invoke(cli, ["-c", str(config), *arguments])
    assert result.exit_code == 1, result.output
    assert said in result.stderr


def test_seeds_are_read_in_both_spellings() -> None:
    seed = bytes(range(20))
    assert parse_seed(seed.hex().upper() + "\n", "auto") == seed
    assert parse_seed("AAAQ EAYE AUDA OCAJ BIFQ YDIO B4IB CEQT", "auto") == seed
    assert parse_seed("aaaqeayeaudaocajbifqydiob4ibceqt", "base32") == seed


@pytest.mark.parametrize("text", ["", "00", "0g" * 20, "A" * 300, "äöü"])
def test_a_bad_seed_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        parse_seed(text, "auto")
    assert not text or text not in caught.value.message


def test_assignments() -> None:
    assert parse_assignments(["digits=8", "hash=sm3"]) == {"digits": 8, "hash": "sm3"}
    for wrong in ("digits", "digits=acht", "colour=red", "=3"):
        with pytest.raises(CommandError):
            parse_assignments([wrong])
