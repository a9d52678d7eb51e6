"""The HSM from the command line: looked at, tried, given seeds, and with the master key in it."""

from __future__ import annotations

import json

import pytest

from tigertally_engines.otp.kernel import hotp
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli.house import open_house
from tigertally_server.services.device_seeds import enclosed_of, is_device_record
from tigertally_server.services.keyring import seed_identity
from tigertally_testing import softhsm

SEED = b"12345678901234567890"


@pytest.fixture
def token(tmp_path, monkeypatch):
    if not softhsm.is_here():
        pytest.skip(softhsm.MISSING)
    token = softhsm.SoftHsm(tmp_path / "softhsm")
    token.initialise()
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    return token


@pytest.fixture
def with_hsm(tool, token):
    """The tool, its configuration with a SoftHSM."""
    text = tool.config.read_text()
    lines = (
        "[hsm]",
        'driver = "pkcs11"',
        f"pin_file = {json.dumps(str(token.pin_file))}",
        "[hsm.pkcs11]",
        f"token = {json.dumps(softhsm.TOKEN)}",
        "operation_s = 5.0",
    )
    tool.config.write_text("\n".join((text, *lines)) + "\n")
    return tool


def seed_file(tmp_path):
    path = tmp_path / "seed"
    path.write_text(SEED.hex())
    return str(path)


def kept_of(tool, serial):
    (row,) = tool.sql("SELECT key_id, seed FROM tigertally.token WHERE serial = %s", serial)
    key_id, sealed = row
    with open_house(tool.config) as house:
        return house.environment.keyring.open(key_id, sealed, seed_identity("0001", serial))


def test_status_and_trial(with_hsm, token):
    (row,) = with_hsm.json("hsm", "status")
    assert (row["driver"], row["device"], row["state"]) == ("pkcs11", softhsm.TOKEN, "up")
    tried = with_hsm.json("hsm", "test")
    assert set(tried) == {"random", "sealing", "seeds"}
    assert "sha1, sha256, sha512" in tried["seeds"]
    assert with_hsm.json("hsm", "keys") == [], "a trial leaves nothing behind"
    token.give_pin("000000")
    said = with_hsm.fails("hsm", "status")
    assert "no device is usable" in said
    assert "000000" not in said
    assert "refused the PIN" in with_hsm.run("hsm", "status").output


def test_without_an_hsm_it_is_said(tool):
    assert "hsm.driver" in tool.fails("hsm", "status")
    tool("token", "type", "set", "hsm-6", "algorithm=hotp", "protection=device")
    said = tool.fails(
        "token", "add", "T1", "--institution", "0001", "--type", "hsm-6", "--show-uri"
    )
    assert "hsm.driver is empty" in said


def test_seeds_go_into_the_device_by_their_type(with_hsm, tmp_path):
    tool = with_hsm
    tool("token", "type", "set", "hsm-6", "algorithm=hotp", "protection=device")
    add = ("token", "add", "T1", "--institution", "0001", "--type", "hsm-6")
    tool(*add, "--seed-file", seed_file(tmp_path))
    kept = kept_of(tool, "T1")
    assert is_device_record(kept)
    assert SEED not in kept
    assert enclosed_of(kept).label == "tigertally seeds 1"
    (key,) = tool.json("hsm", "keys")
    assert (key["label"], key["kind"]) == ("tigertally seeds 1", "aes-256-enclose")
    # Whoever acts for the bank's operators needs the device, too.
    tool("user", "register", "C1", "--institution", "0001", "--name", "张三")
    tool("token", "bind", "T1", "--institution", "0001", "--customer", "C1")
    with open_house(tool.config) as house:
        for counter, code in ((3, C.APPROVED), (3, C.REPLAYED_CODE)):
            message = VerifyOtpRequest(customer="C1", otp=SecretText(hotp(SEED, counter, 6)))
            assert house.ask(Transaction.VERIFY_OTP, message, "0001").code is code


def test_what_a_device_cannot_do_is_refused_before_anything_is_written(with_hsm, tmp_path):
    said = with_hsm.fails(
        "token", "type", "set", "gm-hsm", "algorithm=gm-sm3", "hash=sm3", "protection=device"
    )
    assert "protection" in said
    with_hsm("token", "type", "set", "sm3-hsm", "algorithm=hotp", "hash=sm3", "protection=device")
    add = ("token", "add", "T9", "--institution", "0001", "--type", "sm3-hsm")
    assert "no HMAC with sm3" in with_hsm.fails(*add, "--seed-file", seed_file(tmp_path))
    assert with_hsm.sql("SELECT 1 FROM tigertally.token WHERE serial = 'T9'") == []


def test_the_master_key_in_the_device(with_hsm, token, tmp_path):
    tool = with_hsm
    text = tool.config.read_text()
    tool.config.write_text(text + '[keys]\nmaster_hsm_label = "tigertally master"\n')
    tool("token", "type", "list")  # the first start makes it
    keys = tool.json("hsm", "keys")
    assert [(row["label"], row["kind"]) for row in keys] == [
        ("tigertally master 1", "aes-256-seal")
    ]
    assert not (tool.state / "keys" / "master.key").exists()
    add = ("token", "add", "T1", "--institution", "0001", "--type", "hotp-6")
    tool(*add, "--seed-file", seed_file(tmp_path))
    assert kept_of(tool, "T1") == SEED
    token.take_away()
    assert "no token" in tool.fails("token", "type", "list")
    token.bring_back()
    tool("token", "type", "list")
    tool("key", "rotate", "master")
    labels = [row["label"] for row in tool.json("hsm", "keys")]
    assert labels == ["tigertally master 1", "tigertally master 2"]
    assert kept_of(tool, "T1") == SEED
