"""`tigertally crypto`: keys of channels and institutions made, brought, taken out, retired."""

from __future__ import annotations

import pytest

from tigertally_engines.crypto.key_blocks import CarriedKey, enclose

INSTITUTION = ("--institution", "0001")
KEY = bytes(range(16))


@pytest.fixture
def owner(tool):
    tool("channel", "add", "EBANK", *INSTITUTION, "--key-out", str(tool.state / "e.json"))
    return ("--owner", "EBANK")


@pytest.fixture
def transport(tool, owner, tmp_path):
    """A transport key by components, as two custodians bring it."""
    files = [tmp_path / "one", tmp_path / "two"]
    tool("key", "component", "new", "--out", str(files[0]), "--out", str(files[1]))
    number = next(c["id"] for c in tool.json("channel", "list") if c["name"] == "EBANK")
    shown = tool.json(
        "key", "ceremony", "transport", "--owner", f"channel/{number}", "--name", "kek",
        "--component", str(files[0]), "--component", str(files[1]), "--wait", "0",
    )  # fmt: skip
    assert shown["purpose"] == "transport"
    return shown


def test_generations_follow_one_another(tool, owner):
    new = ("crypto", "new", "mac", *owner, "--name", "mak", "--algorithm", "sm4")
    first, second = tool.json(*new), tool.json(*new)
    assert (first["generation"], second["generation"]) == (1, 2)
    assert first["check_value"] != second["check_value"]
    shown = {k["id"]: k["state"] for k in tool.json("key", "list") if k["name"] == "mak"}
    assert shown == {first["id"]: "old", second["id"]: "current"}
    retired = tool.json("crypto", "retire", str(second["id"]))
    assert retired["state"] == "old"
    assert "in force" in tool.fails("crypto", "retire", str(second["id"]))
    assert tool("audit", "verify", "--without-file").exit_code == 0


def test_what_is_weak_is_refused(tool, owner):
    weak = tool.fails("crypto", "new", "mac", *owner, "--name", "m", "--algorithm", "3des-112")
    assert "3des-112" in weak
    unfit = tool.fails("crypto", "new", "field", *owner, "--name", "f", "--algorithm", "hmac-sm3")
    assert "can't do this" in unfit
    names = [row["name"] for row in tool.json("crypto", "policy")]
    assert {"3des-112", "padding-1", "ecb"} <= set(names)


def test_out_and_in_again_under_a_transport_key(tool, owner, transport):
    made = tool.json(
        "crypto", "new", "field", *owner, "--name", "fek", "--algorithm", "aes-256", "--exportable"
    )
    out = tool.json("crypto", "export", str(made["id"]), "--transport-key", "kek")
    bring = ("crypto", "import", "-", *owner, "--name", "copy", "--transport-key", "kek", "--json")
    wrong = tool.run(*bring, "--check-value", "000000", stdin=out["key_block"])
    assert wrong.exit_code == 1
    assert "check value" in wrong.stderr
    tool(*bring, "--check-value", made["check_value"], stdin=out["key_block"] + "\n")
    copy = next(k for k in tool.json("key", "list") if k["name"] == "copy")
    assert copy["check_value"] == made["check_value"]
    assert copy["purpose"] == "field"
    refused = tool.run(*bring, stdin=enclose("aes-256", KEY * 2, carried(), bytes(16)))
    assert "no key in this block" in refused.stderr
    assert "may not leave" in tool.fails(
        "crypto", "export", str(copy["id"]), "--transport-key", "kek"
    )


def carried():
    return CarriedKey("mac", "aes-128", KEY, exportable=False)


def test_owners(tool, owner):
    new = ("crypto", "new", "mac", "--name", "mak", "--algorithm", "sm4", "--owner")
    assert tool.json(*new, "institution/0001")["owner"] == "institution/0001"
    assert "no owner" in tool.fails(*new, "NOBODY")


def test_the_self_test(tool):
    assert tool.json("crypto", "self-test")["engine"] == "all published answers"
