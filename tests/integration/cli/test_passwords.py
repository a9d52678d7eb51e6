"""Passwords and their policies at the command line."""

from __future__ import annotations

from typing import Any

import pytest

_ISSUED = ("--institution", "0001")
GOOD, BETTER = "kX7#mw9Q", "wolke-7-Ueber#Berg"


@pytest.fixture
def bank(tool: Any) -> Any:
    tool("user", "register", "C1", *_ISSUED, "--name", "王小明", "--mobile", "13891236571")
    return tool


def _set(bank: Any, text: str, *options: str) -> Any:
    return bank.run(
        "user", "set-password", "C1", *_ISSUED, "--password-file", "-", *options, stdin=text + "\n"
    )


def test_the_life_of_a_password(bank: Any) -> None:
    assert bank.json("user", "show-password", "C1", *_ISSUED)["state"] == "not_set"
    assert _set(bank, GOOD).exit_code == 0
    assert "PASSWORD_EXISTS" in _set(bank, BETTER).stderr
    assert bank.json("user", "disable-password", "C1", *_ISSUED)["state"] == "disabled"
    assert bank.json("user", "enable-password", "C1", *_ISSUED)["state"] == "active"
    assert bank.json("user", "unlock-password", "C1", *_ISSUED)["remaining_tries"] == 5
    reset = bank("user", "reset-password", "C1", *_ISSUED, "--reason", "forgotten", "--json")
    assert "shown once" in reset.stderr
    assert '"new_password"' in reset.stdout
    shown = bank.json("user", "show-password", "C1", *_ISSUED)
    assert (shown["state"], "new_password" in shown) == ("must_change", False)


def test_a_given_password_is_judged_and_not_shown(bank: Any) -> None:
    assert _set(bank, GOOD).exit_code == 0
    arguments = ("user", "reset-password", "C1", *_ISSUED, "--password-file", "-")
    weak = bank.run(*arguments, stdin="monkey2026\n")
    assert (weak.exit_code, "'common'" in weak.stderr) == (1, True)
    given = bank(*arguments, stdin=BETTER + "\n")
    assert BETTER not in given.output
    assert "nothing" in bank.run(*arguments, stdin="\n").stderr


def test_a_made_pin_has_the_policys_length(bank: Any) -> None:
    bank("password-policy", "set", "pin/pay", "min_length=8", "max_length=8", "generated_length=8")
    assert _set(bank, "39271406", "--kind", "pin", "--slot", "pay").exit_code == 0
    reset = bank.json("user", "reset-password", "C1", *_ISSUED, "--kind", "pin", "--slot", "pay")
    assert len(reset["new_password"]) == 8
    assert reset["new_password"].isdigit()
    assert "slot is not one" in _set(bank, "392714", "--kind", "pin", "--slot", "no").stderr


def test_policies(tool: Any) -> None:
    names = [row["name"] for row in tool.json("password-policy", "list")]
    assert names == ["password", "pin"]
    changed = tool.json(
        "password-policy",
        "set",
        "password",
        "scheme=pbkdf2-sm3",
        "block_dates=yes",
        "own_words=虎符,tiger",
    )
    assert (changed["scheme"], changed["old_schemes"]) == ("pbkdf2-sm3", ["argon2id-8"])
    assert (changed["block_dates"], changed["own_words"]) == (True, ["虎符", "tiger"])
    shown = tool.json("password-policy", "show", "password")
    assert shown == changed
    back = tool.json("password-policy", "set", "password", "scheme=argon2id-8")
    assert back["old_schemes"] == ["pbkdf2-sm3"]
    assert tool.json("password-policy", "set", "password", "old_schemes=")["old_schemes"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nothing"), "no password policy"),
        (("set", "passwords", "history=3"), "must be password or pin"),
        (("set", "pin/far-too-long-a-slot", "history=3"), "16 ASCII"),
        (("set", "pin", "history"), "sets nothing"),
        (("set", "pin", "colour=7"), "sets nothing"),
        (("set", "pin", "history=many"), "whole number"),
        (("set", "pin", "history=99"), "from 0 to 24"),
        (("set", "pin", "block_dates=7"), "true or false"),
        (("set", "pin", "scheme=md5"), "argon2id-8"),
    ],
)
def test_a_policy_that_is_none_is_refused(tool: Any, arguments: tuple[str, ...], said: str) -> None:
    assert said in tool.fails("password-policy", *arguments)
    assert tool.json("password-policy", "show", "pin")["history"] == 3
