"""The HSM from the command line: looked at, tried, given seeds, and with the master key in it."""

from __future__ import annotations

import json

import pytest

from tigertally_engines.otp import ocra, questions
from tigertally_engines.otp.kernel import hotp
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters
from tigertally_engines.otp.state import OtpState
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.ocra import HostCodeRequest, VerifyOcraRequest
from tigertally_protocol.messages.proof import VerifyPinOtpRequest
from tigertally_protocol.messages.verification import VerifyOtpRequest
from tigertally_protocol.secret import SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.cli import import_job, token_protect
from tigertally_server.cli.house import House, open_house
from tigertally_server.cli.output import CommandError
from tigertally_server.services.device_seeds import enclosed_of, is_device_record
from tigertally_server.services.keyring import seed_identity
from tigertally_testing import softhsm, token_files

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


# ---- all that a token can do, its seed in the device


def given(tool, tmp_path, serial="T1", type_name="hsm-6", *more):
    """A token that customer C1 holds."""
    add = ("token", "add", serial, "--institution", "0001", "--type", type_name, *more)
    tool(*add, *(() if "--mobile" in more else ("--seed-file", seed_file(tmp_path))))
    if not tool.sql("SELECT 1 FROM tigertally.account"):
        tool("user", "register", "C1", "--institution", "0001")
    how = "assign" if "--mobile" in more else "bind"
    tool("token", how, serial, "--institution", "0001", "--customer", "C1")


def asked(tool, transaction, message):
    with open_house(tool.config) as house:
        return house.ask(transaction, message, "0001")


def verified(tool, counter, serial=""):
    otp = SecretText(hotp(SEED, counter, 6))
    message = VerifyOtpRequest(customer="C1", token=serial, otp=otp)
    return asked(tool, Transaction.VERIFY_OTP, message).code


def test_a_pin_beside_a_code_of_the_device(with_hsm, tmp_path):
    tool = with_hsm
    tool("token", "type", "set", "hsm-6", "algorithm=hotp", "protection=device")
    given(tool, tmp_path)
    pin = tmp_path / "token-pin"
    pin.write_text("258036\n")
    owned = ("--institution", "0001", "--customer", "C1")
    tool("token", "set-pin", "T1", *owned, "--pin-file", str(pin), "--reason", "by letter")
    tries = (("258037", 0, C.WRONG_CODE), ("258036", 0, C.APPROVED), ("258036", 0, C.WRONG_CODE))
    for digits, counter, code in tries:
        message = VerifyPinOtpRequest(
            customer="C1", pin=SecretText(digits), otp=SecretText(hotp(SEED, counter, 6))
        )
        assert asked(tool, Transaction.VERIFY_PIN_OTP, message).code is code


def test_the_servers_own_answer_comes_from_the_device(with_hsm, tmp_path):
    tool, own, host = with_hsm, "OCRA-1:HOTP-SHA256-8:QA08", "OCRA-1:HOTP-SHA256-6:QA08"
    suites = {"algorithm": "ocra", "ocra_suite": own, "ocra_host_suite": host}
    settings = (*(f"{key}={value}" for key, value in suites.items()), "protection=device")
    tool("token", "type", "set", "mutual", *settings)
    given(tool, tmp_path, "T1", "mutual")
    message = HostCodeRequest(customer="C1", question="CLI22220")
    outcome = asked(tool, Transaction.HOST_CODE, message)
    assert outcome.code is C.CHANGED
    parameters, theirs = OtpParameters().merge(suites), outcome.body.question
    expected = questions.host_code(parameters, SEED, OtpState(), Inputs("CLI22220" + theirs), 0)
    assert outcome.body.host_code.reveal() == expected
    (answer,) = ocra.answers(
        parameters.suite, SEED, Inputs(theirs + "CLI22220"), [Moment(None, None)]
    )
    answered = VerifyOcraRequest(
        customer="C1", challenge=outcome.body.challenge, answer=SecretText(answer)
    )
    assert asked(tool, Transaction.VERIFY_OCRA, answered).code is C.APPROVED


def test_a_file_of_tokens_goes_into_the_device(with_hsm, tmp_path, monkeypatch):
    tool = with_hsm
    monkeypatch.setattr(import_job, "CHUNK", 10)
    tool("token", "type", "set", "hsm-6", "algorithm=totp", "step_s=60", "protection=device")
    file = tmp_path / "tokens.csv"
    file.write_bytes(token_files.oath_csv(range(25)))
    start = ("import", "start", str(file), "--institution", "0001", "--format", "oath-csv")
    done = tool.json(*start, "--type", "hsm-6")
    assert (done["imported"], done["state"]) == (25, "done")
    assert len(protected_tokens(tool)) == 25
    tool("user", "register", "C1", "--institution", "0001")
    tool("token", "bind", "OA00000007", "--institution", "0001", "--customer", "C1")
    with open_house(tool.config) as house:
        step = house.environment.clock.now_ms() // 60_000
        otp = SecretText(hotp(token_files.seed(7), step, 6))
        message = VerifyOtpRequest(customer="C1", otp=otp)
        assert house.ask(Transaction.VERIFY_OTP, message, "0001").code is C.APPROVED


def test_a_telephones_seed_is_not_made_in_the_device(with_hsm, tmp_path):
    tool = with_hsm
    tool("token", "type", "set", "hsm-6", "algorithm=hotp", "protection=device")
    given(tool, tmp_path, "M1", "hsm-6", "--mobile")
    said = tool.fails(
        "token", "start-activation", "M1", "--institution", "0001", "--customer", "C1"
    )
    assert "NOT_IN_HSM (224)" in said


# ---- seeds that are there move into the device


def protected_tokens(tool):
    found = tool.sql("SELECT serial, key_id, seed FROM tigertally.token ORDER BY serial")
    with open_house(tool.config) as house:
        keyring = house.environment.keyring
        return [
            serial
            for serial, key_id, sealed in found
            if is_device_record(keyring.open(key_id, sealed, seed_identity("0001", serial)))
        ]


def test_a_seed_moves_into_the_device_and_its_counter_stays(with_hsm, tmp_path):
    tool = with_hsm
    given(tool, tmp_path, "T1", "hotp-6")
    assert verified(tool, 3) is C.APPROVED
    move = ("token", "protect", "T1", "--institution", "0001", "--in", "device")
    assert tool.json(*move) == {"in": "device", "moved": 1, "there": 0}
    kept = kept_of(tool, "T1")
    assert is_device_record(kept)
    assert SEED not in kept
    assert tool.json(*move) == {"in": "device", "moved": 0, "there": 1}
    assert verified(tool, 3) is C.REPLAYED_CODE
    assert verified(tool, 4) is C.APPROVED
    notes = str(tool.json("audit", "show", "--reveal", "--reason", "test")["entries"])
    assert "token protect" in notes
    assert "0001/T1" in notes


def test_what_cannot_move_is_named_and_stays(with_hsm, tmp_path):
    tool = with_hsm
    tool("token", "type", "set", "gm", "algorithm=gm-sm3", "hash=sm3")
    given(tool, tmp_path, "G1", "gm")
    said = tool.fails("token", "protect", "--type", "gm", "--in", "device")
    assert "token G1" in said
    assert "protection" in said
    assert protected_tokens(tool) == []
    assert "say which" in tool.fails("token", "protect", "--in", "device")
    assert "there is no token type" in tool.fails(
        "token", "protect", "--type", "none", "--in", "device"
    )
    refused = tool.run("token", "protect", "--type", "gm", "--in", "memory")
    assert refused.exit_code == 2


def test_a_move_that_is_cut_off_goes_on_and_loses_no_verification(with_hsm, tmp_path, monkeypatch):
    """The second page dies; a code is used between the reading of a page and its writing."""
    tool, serials = with_hsm, ["T1", "T2", "T3"]
    monkeypatch.setattr(token_protect, "PAGE", 2)
    for serial in serials:
        given(tool, tmp_path, serial, "hotp-6")
    real = House.act
    done = []

    def act(self, name, *arguments):
        if name == "token protect":
            done.append(name)
            if len(done) == 2:
                raise CommandError("cut off")
            assert verified(tool, 5, "T1") is C.APPROVED
        return real(self, name, *arguments)

    move = ("token", "protect", "--type", "hotp-6", "--in", "device")
    with monkeypatch.context() as patch:
        patch.setattr(House, "act", act)
        assert "cut off" in tool.fails(*move)
    assert protected_tokens(tool) == ["T1", "T2"]
    assert tool.json(*move) == {"in": "device", "moved": 1, "there": 2}
    assert protected_tokens(tool) == serials
    assert verified(tool, 5, "T1") is C.REPLAYED_CODE
    assert verified(tool, 6, "T1") is C.APPROVED
