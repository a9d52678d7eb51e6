"""The mixed load's parts: who has which method, what tokens and peers answer, what comes by SMS."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_client.serials import SerialAllocator
from tigertally_client.system import SystemClock, SystemEntropy
from tigertally_load.customers import all_customers
from tigertally_load.inbox import Inbox
from tigertally_load.method_workload import MethodWorkload
from tigertally_load.methods import OCRA_SUITE, SHARES, Method
from tigertally_load.mix import KINDS, Kind, Mix
from tigertally_load.population import Population
from tigertally_load.position import WalkPosition
from tigertally_load.proofs import hotp, md4, nt_response, ocra
from tigertally_load.workload import Workload
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.ocra import IssueOcraChallengeResponse
from tigertally_protocol.messages.sms import SendSmsCodeResponse

KEY = bytes(range(32))
POPULATION = Population(200, KEY, "BANK", methods=True)
SEED_20 = b"12345678901234567890"


def test_each_method_has_its_share_of_the_customers() -> None:
    counted = Counter(POPULATION.method(i) for i in range(POPULATION.count))
    assert counted == {method: 10 * share for method, share in SHARES.items()}
    for method in Method:
        places = [POPULATION.place_of(method, j) for j in range(POPULATION.count_of(method))]
        assert places == [i for i in range(200) if POPULATION.method(i) is method]


def test_a_plain_population_has_totp_only() -> None:
    plain = Population(7, KEY)
    assert {plain.method(i) for i in range(7)} == {Method.TOTP}
    assert (plain.count_of(Method.TOTP), plain.count_of(Method.HOTP)) == (7, 0)
    assert plain.place_of(Method.TOTP, 6) == 6


def test_the_file_remembers_and_phones_differ(tmp_path: Path) -> None:
    POPULATION.save(tmp_path / "p")
    again = Population.load(tmp_path / "p")
    assert again.methods
    assert again.pin(3) == POPULATION.pin(3)
    assert len({again.phone(i) for i in range(200)}) == 200


# RFC 4226 appendix D, RFC 1320 appendix A.5, RFC 2759 section 9.2, RFC 6287 appendix C.1


def test_published_answers() -> None:
    codes = ["755224", "287082", "359152", "969429", "338314"]
    assert [hotp(SEED_20, counter) for counter in range(5)] == codes
    assert md4(b"abc").hex() == "a448017aaf21d8525fc10ae87aa6729d"
    assert (
        nt_response(
            "User",
            bytes.fromhex("5b5d7c7d7b3f2f3e3c2c602132262628"),
            bytes.fromhex("21402324255e262a28295f2b3a337c7e"),
            "clientPass",
        ).hex()
        == "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df"
    )
    answers = [ocra(SEED_20, OCRA_SUITE, str(n) * 8) for n in range(5)]
    assert answers == ["237653", "243178", "653583", "740991", "608993"]


@given(st.binary(max_size=50))
def test_md4_agrees_with_the_server_s(message: bytes) -> None:
    from tigertally_engines.otp import chap

    assert md4(message) == chap.md4(message)


def line(message_id: str, text: str) -> bytes:
    return json.dumps({"id": message_id, "text": text, "number": "+86", "at_ms": 1}).encode()


def test_the_inbox_reads_what_comes_after_the_start(tmp_path: Path) -> None:
    path = tmp_path / "sms.jsonl"
    path.write_bytes(line("old", "code 111111") + b"\n")
    inbox = Inbox(path)
    assert list(inbox.look()) == []
    with path.open("ab") as file:
        file.write(line("a", "【虎符】登录验证码123456，识别码7AB3，5分钟内有效。") + b"\n")
        file.write(line("b", "no code here 1234567") + b"\n" + line("c", "Code 654321 ")[:20])
    assert list(inbox.look()) == [("a", "123456")]
    with path.open("ab") as file:
        file.write(line("c", "Code 654321 ")[20:] + b"\n")
    assert list(inbox.look()) == [("c", "654321")]
    assert list(inbox.look()) == []
    inbox.close()
    assert list(Inbox(tmp_path / "missing").look()) == []


class Load:
    """A workload over the whole population, with a phone."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "sms.jsonl"
        self.path.touch()
        customers = all_customers(POPULATION, {})
        self.methods = MethodWorkload(
            POPULATION, customers, "BANK", SystemEntropy(), Inbox(self.path)
        )
        serials = SerialAllocator(SystemClock(), instance=1)
        totp = customers[Method.TOTP]
        self.workload = Workload(POPULATION, totp, serials, "BANK", self.methods)

    def make(self, kind: Kind, step: int = 1) -> Any:
        return self.workload.make(KINDS.index(kind), 0, step, 20_000)

    def sms(self, message_id: str, code: str) -> None:
        with self.path.open("ab") as file:
            file.write(line(message_id, f"Code {code}.") + b"\n")
        self.methods.look()


@pytest.fixture
def load(tmp_path: Path) -> Load:
    return Load(tmp_path)


def test_a_question_is_answered_once_it_came(load: Load) -> None:
    asked = load.make(Kind.OCRA)
    assert asked.kind is Kind.OCRA_ISSUE
    assert load.make(Kind.OCRA).kind is Kind.OCRA_ISSUE
    answer = IssueOcraChallengeResponse(challenge="c" * 32, question="12345678")
    assert load.workload.judge(asked, ResponseCode.CHANGED, answer) is None
    answered = load.make(Kind.OCRA)
    assert answered.kind is Kind.OCRA_VERIFY
    assert answered.message.challenge == "c" * 32
    seed = POPULATION.seed(asked.customer)
    assert answered.message.answer.reveal() == ocra(seed, OCRA_SUITE, "12345678")
    assert load.workload.judge(answered, ResponseCode.WRONG_CODE, None) == "WRONG_CODE"


@pytest.mark.parametrize("text_first", [False, True])
def test_a_code_is_given_back_once_answer_and_text_came(load: Load, *, text_first: bool) -> None:
    sent = load.make(Kind.SMS)
    assert sent.kind is Kind.SMS_ISSUE
    answer = SendSmsCodeResponse(challenge="c" * 32, message_id="m" * 32)
    if text_first:
        load.sms("m" * 32, "123456")
    assert load.workload.judge(sent, ResponseCode.CHANGED, answer) is None
    if not text_first:
        assert load.make(Kind.SMS).kind is Kind.SMS_ISSUE
        load.sms("m" * 32, "123456")
    verified = load.make(Kind.SMS)
    assert verified.kind is Kind.SMS_VERIFY
    assert verified.message.otp.reveal() == "123456"
    assert verified.message.customer == sent.message.customer


def test_hotp_counters_go_up_by_one_with_each_round(load: Load) -> None:
    seen: dict[str, list[str]] = {}
    for step in (1, 2, 3):
        for _ in range(POPULATION.count_of(Method.HOTP)):
            item = load.make(Kind.HOTP, step)
            seen.setdefault(item.message.token, []).append(item.message.otp.reveal())
    for token, codes in seen.items():
        seed = POPULATION.seed(int(token[2:]))
        assert codes == [hotp(seed, counter) for counter in range(3)]


def test_the_named_mix_is_the_one_that_was_asked_for() -> None:
    mix = Mix.parse("methods")
    assert (mix.share(Kind.APPROVE), mix.share(Kind.HOTP), mix.share(Kind.OCRA)) == (0.4, 0.2, 0.15)
    assert (mix.share(Kind.SMS), mix.share(Kind.PIN_OTP), mix.share(Kind.MSCHAPV2)) == (
        0.15,
        0.05,
        0.05,
    )
    assert mix.has_methods
    assert not Mix.parse("codes").has_methods
    with pytest.raises(ValueError, match="methods"):
        Mix.parse("sms-issue=1")


def test_positions_survive_and_a_crash_costs_no_counter(tmp_path: Path) -> None:
    path = tmp_path / "p"
    WalkPosition(path, POPULATION).write(5, 1, 1, {Method.HOTP: 60})
    position = WalkPosition(path, POPULATION)
    assert position.positions == {Method.HOTP: 60}
    assert position.fresh_at(1, 100) == 1
    assert position.fresh_at(1, 200) == 2
    position.begin()
    after = WalkPosition(path, POPULATION)
    count = POPULATION.count_of(Method.HOTP)
    assert after.positions[Method.HOTP] // count == 2 + 5
    assert after.position == 5
