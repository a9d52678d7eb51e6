"""The client's parts without I/O: serials, back-off, server list, credentials, reactions."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_client.backoff import Backoff
from tigertally_client.calls import Answer, Call, Reaction
from tigertally_client.credentials import ChannelCredentials
from tigertally_client.errors import CredentialsError, OutcomeUnknown
from tigertally_client.serials import SerialAllocator, business_day_of
from tigertally_client.servers import ServerAddress, ServerList
from tigertally_client.settings import ClientSettings
from tigertally_client.ticket import Ticket
from tigertally_protocol.codes import CODES, CodeClass, ResponseCode
from tigertally_protocol.keys import master_key_check_value
from tigertally_protocol.suites import SUITES, SuiteId
from tigertally_protocol.transactions import Transaction

NOW_MS = 1_790_000_000_000


class HandClock:
    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.value = now_ms

    def now_ms(self) -> int:
        return self.value


# ---------------------------------------------------------------- serials


@given(
    jumps=st.lists(st.integers(-5000, 5000), max_size=50),
    burst=st.integers(1, 1100),
    instance=st.integers(0, 1023),
)
def test_serials_rise_whatever_the_clock_does(jumps: list[int], burst: int, instance: int) -> None:
    clock = HandClock()
    serials = SerialAllocator(clock, instance=instance)
    given_out = [serials.allocate() for _ in range(burst)]
    for jump in jumps:
        clock.value += jump
        given_out.append(serials.allocate())
    assert all(0 < first < second < 1 << 63 for first, second in pairwise(given_out))
    assert {serial >> 10 & 1023 for serial in given_out} == {instance}


def test_instances_never_share_a_serial_and_restarts_go_on_above() -> None:
    clock = HandClock()
    one, other = SerialAllocator(clock, instance=1), SerialAllocator(clock, instance=2)
    taken = {one.allocate() for _ in range(3000)}
    assert not taken & {other.allocate() for _ in range(3000)}
    clock.value += 10
    assert SerialAllocator(clock, instance=1).allocate() > max(taken)
    assert SerialAllocator(clock, instance=1, floor=1 << 62).allocate() > 1 << 62


def test_instance_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="instance"):
        SerialAllocator(HandClock(), instance=1024)


def test_business_day_follows_the_banks_calendar() -> None:
    before_midnight_utc = 86_400_000 * 20_000 - 1
    assert business_day_of(before_midnight_utc, 0) == 19_999
    assert business_day_of(before_midnight_utc, 480) == 20_000


# ---------------------------------------------------------------- back-off and servers


@given(st.integers(1, 10_000), st.integers(1, (1 << 63) - 1))
def test_backoff_stays_within_its_bounds(attempt: int, random63: int) -> None:
    backoff = Backoff(base_s=0.1, cap_s=10)
    full = min(10.0, 0.1 * 2 ** min(attempt - 1, 40))
    assert full / 2 <= backoff.delay_s(attempt, random63) <= full


@pytest.mark.parametrize(("base", "cap"), [(0, 1), (2, 1)])
def test_backoff_refuses_nonsense(base: float, cap: float) -> None:
    with pytest.raises(ValueError, match="back-off"):
        Backoff(base_s=base, cap_s=cap)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("bank.example:7000", "bank.example", 7000),
        ("bank.example", "bank.example", 7117),
        ("[::1]:9", "::1", 9),
        ("[::1]", "::1", 7117),
    ],
)
def test_server_addresses(text: str, host: str, port: int) -> None:
    address = ServerAddress.parse(text)
    assert (address.host, address.port) == (host, port)
    assert ServerAddress.parse(str(address)) == address


@pytest.mark.parametrize(
    "text", ["", ":1", "a:", "a:0", "a:65536", "a:x", "[::1", "[::1]x", "a:１"]
)
def test_bad_server_addresses(text: str) -> None:
    with pytest.raises(ValueError, match="server address"):
        ServerAddress.parse(text)


def test_a_failing_server_is_left_alone_and_comes_back() -> None:
    one, two = ServerAddress("one", 1), ServerAddress("two", 2)
    servers = ServerList([one, two], Backoff(base_s=1, cap_s=8))
    assert servers.choose(0, 0.0) == (one, 0.0)
    assert servers.choose(1, 0.0) == (two, 0.0)
    servers.failed(one, 0.0, 1)
    assert servers.choose(0, 0.0) == (two, 0.0)
    assert servers.choose(0, 1.0) == (one, 0.0)
    servers.failed(one, 1.0, 1)
    for _ in range(4):
        servers.failed(two, 1.0, (1 << 63) - 1)
    address, wait_s = servers.choose(0, 1.0)
    assert address == one
    assert 0 < wait_s <= 2
    servers.succeeded(two)
    assert servers.choose(0, 1.0) == (two, 0.0)


def test_a_draining_server_comes_after_the_others_and_is_not_waited_for() -> None:
    one, two = ServerAddress("one", 1), ServerAddress("two", 2)
    servers = ServerList([one, two], Backoff(base_s=1, cap_s=8))
    servers.draining(one, 9.0)
    assert servers.choose(0, 1.0) == (two, 0.0)
    servers.draining(two, 9.0)
    assert servers.choose(0, 1.0) == (one, 0.0)
    servers.failed(one, 1.0, 1)
    assert servers.choose(0, 1.0) == (two, 0.0)
    assert servers.choose(0, 9.0) == (one, 0.0)


def test_an_empty_server_list_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        ServerList([], Backoff(base_s=1, cap_s=1))


@pytest.mark.parametrize(
    "wrong",
    [{"connections": 0}, {"timeout_s": 0}, {"wanted_in_flight": 0}, {"instance": 1024}],
)
def test_settings_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ClientSettings(**wrong)


# ---------------------------------------------------------------- credentials

KEY = bytes(range(32))


def members(**changes: Any) -> dict[str, Any]:
    return {
        "format": 1,
        "channel": 7,
        "name": "teller",
        "institution": "BANK",
        "suite": "INTL_HMAC",
        "field_cipher": "NONE",
        "charset": "utf-8",
        "key_version": 1,
        "master_key_hex": KEY.hex(),
        "check_value": master_key_check_value(SUITES[SuiteId.INTL_HMAC], KEY).hex().upper(),
        "servers": ["127.0.0.1:7117"],
        **changes,
    }


def write(path: Path, content: dict[str, Any], mode: int = 0o600) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    path.chmod(mode)
    return path


def test_credentials_load_and_hide_the_key(tmp_path: Path) -> None:
    credentials = ChannelCredentials.load(write(tmp_path / "c.json", members()))
    assert credentials.channel == 7
    assert credentials.master_key.reveal() == KEY
    assert KEY.hex() not in repr(credentials)
    assert "«secret»" in repr(credentials)


def test_credentials_open_to_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="chmod 600"):
        ChannelCredentials.load(write(tmp_path / "c.json", members(), mode=0o640))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "format 2"),
        ({"check_value": "000000"}, "check value"),
        ({"master_key_hex": "zz"}, "hexadecimal"),
        ({"master_key_hex": "00"}, "hexadecimal"),
        ({"suite": "ROT13"}, "suite must be one of"),
        ({"field_cipher": "SM4_GCM"}, "doesn't go with"),
        ({"charset": "latin-1"}, "charset"),
        ({"servers": []}, "servers is empty"),
        ({"servers": ["nonsense:x"]}, "server address"),
        ({"channel": "seven"}, "channel"),
        ({"chanel": 1}, "chanel"),
    ],
)
def test_damaged_credentials_say_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CredentialsError, match=said) as caught:
        ChannelCredentials.parse(json.dumps(members(**changes)).encode())
    assert KEY.hex() not in str(caught.value)


def test_missing_and_strange_credential_files(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="channel add"):
        ChannelCredentials.load(tmp_path / "none.json")
    with pytest.raises(CredentialsError, match="cannot read"):
        ChannelCredentials.load(tmp_path)
    with pytest.raises(CredentialsError, match="not JSON"):
        ChannelCredentials.parse(b"{")


# ---------------------------------------------------------------- what an answer means


def a_call(transaction: Transaction = Transaction.VERIFY_OTP, *, repeated: bool = False) -> Call:
    return Call(object(), transaction, ticket=Ticket(1, 20_000, repeated), deadline=1.0)


def answer(code: ResponseCode) -> Answer:
    return Answer(code, object(), 0)


@pytest.mark.parametrize("code", [code for code in ResponseCode if code < 900])
def test_every_code_has_a_reaction_that_fits_its_class(code: ResponseCode) -> None:
    row, reaction = CODES[code], a_call().reaction_to(answer(code))
    if not row.transient or code is ResponseCode.NOT_SEEN_YET:
        assert reaction is Reaction.DELIVER
    else:
        assert reaction is not Reaction.DELIVER


@pytest.mark.parametrize("code", [code for code in ResponseCode if code < 900])
def test_after_a_lost_try_only_settling_codes_are_results(code: ResponseCode) -> None:
    row, reaction = CODES[code], a_call(repeated=True).reaction_to(answer(code))
    settles = row.recorded or row.cls is CodeClass.ANSWERED or code is ResponseCode.SERIAL_CONFLICT
    assert (reaction is Reaction.DELIVER) == settles


def test_in_progress_is_the_answer_to_a_query() -> None:
    call = a_call(Transaction.QUERY_SERIAL)
    assert call.reaction_to(answer(ResponseCode.IN_PROGRESS)) is Reaction.DELIVER


def test_unknown_outcomes_name_serial_and_day_and_give_a_ticket() -> None:
    problem = OutcomeUnknown(5, 20_000, Transaction.VERIFY_OTP, ResponseCode.BUSY)
    assert problem.ticket == Ticket(5, 20_000, repeated=True)
    assert "VERIFY_OTP serial 5" in str(problem)
