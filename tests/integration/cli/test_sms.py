"""Codes by SMS at the command line: the queue, a trial message, the texts, a customer's phone."""

from __future__ import annotations

import json
from typing import Any

import pytest

_ISSUED = ("--institution", "0001")
NUMBER = "13800138000"


@pytest.fixture
def bank(tool: Any) -> Any:
    with tool.config.open("a") as file:
        file.write('\n[sms]\ngateway = "file"\nsign = "测试银行"\n')
    tool("user", "register", "C1", *_ISSUED)
    return tool


def test_the_life_of_a_phone(bank: Any) -> None:
    phone = ("sms", "phone")
    bound = bank.json(*phone, "bind", "C1", NUMBER, *_ISSUED)
    assert (bound["state"], bound["number"]) == ("bound", "…8000")
    assert NUMBER not in bank(*phone, "show", "C1", *_ISSUED).output
    assert "PHONE_ALREADY_BOUND" in bank.fails(*phone, "bind", "C1", NUMBER, *_ISSUED)
    assert "mobile" in bank.fails(*phone, "bind", "C1", "12", *_ISSUED)
    changed = bank.json(*phone, "change", "C1", "13900139000", *_ISSUED)
    assert (changed["state"], changed["number"]) == ("cooling_off", "…9000")
    assert changed["usable_from"]
    cancelled = bank.json(*phone, "cancel-change", "C1", *_ISSUED, "--reason", "fraud")
    assert cancelled["number"] == "…8000"
    assert "NO_PHONE_CHANGE" in bank.fails(*phone, "cancel-change", "C1", *_ISSUED)
    assert bank.json(*phone, "unlock", "C1", *_ISSUED)["remaining_tries"] == 5
    assert bank.json(*phone, "unbind", "C1", *_ISSUED)["state"] == "unbound"
    assert "USER_UNKNOWN" in bank.fails(*phone, "show", "nobody", *_ISSUED)


def test_the_queue_shows_neither_numbers_nor_texts(bank: Any) -> None:
    assert bank.json("sms", "queue") == []
    bank("sms", "phone", "bind", "C1", NUMBER, *_ISSUED)
    (row,) = bank.json("sms", "queue")
    assert (row["purpose"], row["state"], row["attempts"]) == ("notice_phone_bound", "queued", 0)
    assert NUMBER not in bank("sms", "queue").output
    assert bank.json("sms", "queue", "--state", "sent") == []
    assert bank.json("sms", "state") == {"gateway": "file", "queued": 1, "being_sent": 0}


def test_a_trial_message_goes_through_the_gateway_and_is_recorded(bank: Any) -> None:
    answer = bank.json("sms", "test", NUMBER, "--text", "你好", "--reason", "trial")
    assert (answer["state"], answer["parts"]) == ("delivered", 1)
    (line,) = (bank.state / "sms.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["number"] == "+8613800138000"
    assert json.loads(line)["text"] == "你好"
    entries = bank.json("audit", "show", "--limit", "1")
    assert "sms test" in str(entries)
    assert NUMBER not in str(entries)
    assert "no telephone number" in bank.fails("sms", "test", "x")


def test_the_texts_in_force(bank: Any) -> None:
    rows = {(row["language"], row["name"]): row for row in bank.json("sms", "texts")}
    assert "{code}" in rows["zh", "login"]["text"]
    assert rows["zh", "login"]["parts"] == 1
    own = '[zh]\nlogin = "【{sign}】{code}（{server_code}）"\n'
    (bank.state / "own.toml").write_text(own, "utf-8")
    with bank.config.open("a") as file:
        file.write('templates_file = "own.toml"\n')
    rows = {(row["language"], row["name"]): row for row in bank.json("sms", "texts")}
    assert rows["zh", "login"]["text"] == "【{sign}】{code}（{server_code}）"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ('templates_file = "none.toml"', "none.toml"),
        ('gateway = "pigeon"', "pigeon"),
        ("[sms.codes]\ndigits = 4", "digits"),
        ("[sms.scenes.payment]\ncolour = 1", "colour"),
        ("[sms.limits]\nnumber_hour = -1", "number_hour"),
        ('[sms.file]\npath = ""', "path"),
    ],
)
def test_a_bad_setting_is_said_before_anything_is_sent(tool: Any, setting: str, said: str) -> None:
    gateway = "" if setting.startswith("gateway") else 'gateway = "file"\n'
    with tool.config.open("a") as file:
        file.write(f"\n[sms]\n{gateway}{setting}\n")
    verb = ("sms", "test", NUMBER) if "path" in setting else ("check-config",)
    assert said in tool.fails(*verb)


def test_without_a_gateway_there_is_nothing_to_try(tool: Any) -> None:
    assert "sms.gateway" in tool.fails("sms", "test", NUMBER)


def test_a_bad_template_is_named(bank: Any) -> None:
    (bank.state / "own.toml").write_text('[zh]\nlogin = "{code}"\n', "utf-8")
    with bank.config.open("a") as file:
        file.write('templates_file = "own.toml"\n')
    said = bank.fails("check-config")
    assert "login" in said
    assert "{server_code}" in said
