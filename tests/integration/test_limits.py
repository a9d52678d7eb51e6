"""What a channel may do and how much of it: refused at sign-on, answered BUSY, or ended; and every
change acts within a second on every process.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import trio

from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages.user import QueryUserRequest
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutTokenType
from tigertally_server.domain.channel import ChannelKeyState, ChannelState
from tigertally_testing.bank import INSTITUTION
from tigertally_testing.peer import Closed, Peer, Refused, inform, join, new_serial, verification
from tigertally_testing.processes import until

ACTS_WITHIN_S = 1.0
SLACK_S = 2.0  # for a machine that has other things to do


def query(customer="NOBODY"):
    return QueryUserRequest(institution=INSTITUTION, customer=customer)


async def burst(peer, number, message=None):
    """So many requests in one piece, and their answers."""
    serials = [new_serial() for _ in range(number)]
    frames = [peer.build(message or query(), serial=serial) for serial in serials]
    await peer.send(b"".join(frames))
    return await peer.collect(serials)


def busy_of(answers):
    return [answer for answer in answers if answer.code is C.BUSY]


# ---------------------------------------------------------------- how much


async def test_more_in_flight_than_agreed_on_a_connection_is_busy(server, house):
    line = house.add_channel()
    async with await join(server, line, wanted_in_flight=4) as peer:
        assert peer.signed_on is not None
        assert peer.signed_on.in_flight_limit == 4
        answers = await burst(peer, 100)
        refused = busy_of(answers)
        assert 0 < len(refused) <= 96
        assert all(answer.retry_after_ms > 0 for answer in refused)
        assert {answer.code for answer in answers} == {C.BUSY, C.USER_UNKNOWN} or {
            answer.code for answer in answers
        } == {C.BUSY, C.ANSWERED}
        assert busy_of(await burst(peer, 4)) == []


async def test_a_serial_answered_busy_was_not_executed_and_may_come_again(server, house):
    line = house.add_channel(in_flight=1)
    held = house.holders(30, "hotp-6")
    async with await join(server, line) as peer:
        asked = {new_serial(): item for item in held}
        refused = list(asked)
        while refused:
            frames = [
                peer.build(
                    verification(asked[serial], asked[serial].counter_code(0)), serial=serial
                )
                for serial in refused
            ]
            await peer.send(b"".join(frames))
            answers = await peer.collect(refused)
            assert {answer.code for answer in answers} <= {C.APPROVED, C.BUSY}
            refused = [answer.header.serial for answer in busy_of(answers)]
    recorded = Counter(entry.serial for entry in house.entries(line))
    assert recorded == Counter(list(asked))


async def test_the_channel_s_limit_counts_all_its_connections(server, house):
    line = house.add_channel(in_flight=3)
    async with await join(server, line) as one, await join(server, line) as two:
        answers = []

        async def press(peer):
            answers.extend(await burst(peer, 50))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(press, one)
            nursery.start_soon(press, two)
        assert busy_of(answers)
        assert busy_of(await burst(one, 3)) == []
        await until(lambda: server.metric("tigertally_in_flight") == 0, "nothing in flight")


async def test_more_per_second_than_allowed_is_busy_and_told_when_to_come_again(server, house):
    line = house.add_channel(rate_per_s=10)
    async with await join(server, line) as peer:
        refused = busy_of(await burst(peer, 60))
        # Ten at once, and one for every tenth of a second that the answers took.
        assert 30 <= len(refused) <= 50
        assert all(0 < answer.retry_after_ms <= 1_000 for answer in refused)


async def test_one_busy_channel_does_not_slow_another(server, house):
    limited, free = house.add_channel(rate_per_s=1), house.add_channel()
    async with await join(server, limited) as one, await join(server, free) as two:
        await burst(one, 50)
        assert busy_of(await burst(two, 50)) == []


async def test_more_connections_than_the_channel_may_have_are_refused(server, house):
    line = house.add_channel(connections=2)
    async with await join(server, line), await join(server, line) as second:
        with pytest.raises(Refused, match="TOO_MANY_CONNECTIONS"):
            await Peer.sign_on(server.address, line)
        await second.sign_off()
        async with await Peer.sign_on(server.address, line) as third:
            await third.sign_off()


async def test_more_connections_than_the_server_takes_are_closed_at_once(house, spawn):
    line = house.add_channel()
    server = spawn(server={"connections_max": 3})

    def closed(reason):
        return server.metric("tigertally_closed_connections_total", reason=reason)

    peers = [await Peer.greet(server.address, line) for _ in range(3)]
    with pytest.raises(Closed):
        await Peer.greet(server.address, line)
    assert closed("too many connections") == 1
    before = closed("closed by peer")
    for peer in peers:
        await peer.aclose()
    await until(lambda: closed("closed by peer") == before + 3, "room")
    # Told before it is free: the place is given back when the connection's task has ended.
    with trio.fail_after(20):
        while True:
            try:
                late = await Peer.sign_on(server.address, line)
                break
            except (Closed, OSError):
                continue
    async with late as peer:
        await peer.sign_off()


async def test_a_full_queue_is_busy(house, spawn):
    line = house.add_channel()
    server = spawn(server={"queue_max": 5})
    async with await join(server, line) as peer:
        answers = await burst(peer, 200)
        assert busy_of(answers)
        assert len(answers) == 200
        assert busy_of(await burst(peer, 1)) == []


async def test_a_budget_that_is_used_up_before_its_batch_is_not_executed(server, house):
    """One millisecond is gone while the frame is being read and queued behind others."""
    line = house.add_channel()
    held = house.holders(1, "hotp-6")[0]
    async with await join(server, line) as peer:
        for _ in range(200):
            serials = [new_serial() for _ in range(60)]
            frames = [peer.build(query(), serial=serial) for serial in serials[:-1]]
            code = held.counter_code(0)
            late = peer.build(verification(held, code), serial=serials[-1], budget_ms=1)
            await peer.send(b"".join([*frames, late]))
            answer = (await peer.collect(serials))[-1]
            if answer.code is C.DEADLINE_EXPIRED:
                break
            assert answer.code in (C.APPROVED, C.REPLAYED_CODE)
        else:
            pytest.skip("this machine is too quick for a budget of 1 ms")
        assert serials[-1] not in {entry.serial for entry in house.entries(line)}
        assert answer.message.entry_shard == 0xFFFF


# ---------------------------------------------------------------- whether at all

NOT_ADMITTED: dict[str, dict[str, Any]] = {
    "disabled": {"state": ChannelState.DISABLED},
    "not valid yet": {"valid_from_ms": 9_000_000_000_000},
    "no longer valid": {"valid_to_ms": 1_000_000_000_000},
    "another address": {"addresses": ("10.0.0.0/8", "2001:db8::/32")},
    "TLS demanded": {"tls_required": True},
}


@pytest.mark.parametrize("why", NOT_ADMITTED)
async def test_a_channel_that_is_not_admitted_does_not_sign_on(server, house, why):
    line = house.add_channel(**NOT_ADMITTED[why])
    with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
        await join(server, line)


LISTS = [("127.0.0.1",), ("10.0.0.0/8", "127.0.0.0/8"), ("::1", "127.0.0.1/32")]


@pytest.mark.parametrize("addresses", LISTS)
async def test_an_address_on_the_list_signs_on(server, house, addresses):
    line = house.add_channel(addresses=addresses)
    async with await join(server, line) as peer:
        await peer.sign_off()


async def test_only_permitted_transactions_are_executed(server, house):
    line = house.add_channel(transactions=(int(Transaction.VERIFY_OTP),))
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        assert (await peer.ask(query())).code is C.TRANSACTION_NOT_PERMITTED
        assert (await peer.verify(held, held.counter_code(0))).code is C.APPROVED


async def test_what_a_policy_hides_is_only_denied(server, house):
    line = house.add_channel(disclose=False)
    (held,) = house.holders(1, "hotp-6")
    async with await join(server, line) as peer:
        wrong = await peer.verify(held, "000000")
        unknown = await peer.verify(replace(held, customer="NOBODY"), "000000")
        assert wrong.code is unknown.code is C.DENIED
        for answer in (wrong, unknown):
            told = answer.message
            assert (told.token, told.token_state, told.remaining_tries, told.locked_until) == (
                "",
                0,
                255,
                0,
            )


# ---------------------------------------------------------------- changes act everywhere


async def changes_to(peers, wanted, ask):
    """Until every process answers `wanted`; says how long the last one took."""
    began = time.monotonic()
    open_ = list(peers)
    with trio.fail_after(ACTS_WITHIN_S + SLACK_S):
        while open_:
            open_ = [peer for peer in open_ if (await ask(peer)) is not wanted]
    return time.monotonic() - began


CHANGES: dict[str, tuple[dict[str, Any], C]] = {
    "disabled": ({"state": ChannelState.DISABLED}, C.CHANNEL_DISABLED),
    "expired": ({"valid_to_ms": 1_000_000_000_000}, C.CHANNEL_NOT_VALID),
    "transactions": (
        {"transactions": (int(Transaction.VERIFY_OTP),)},
        C.TRANSACTION_NOT_PERMITTED,
    ),
    "addresses": ({"addresses": ("10.0.0.0/8",)}, C.ADDRESS_NOT_PERMITTED),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_by_an_operator_acts_on_every_process_and_back_again(
    server, second, house, what
):
    changes, code = CHANGES[what]
    line = house.add_channel()
    before = house.channel(line.channel_id)

    async def ask(peer):
        return (await peer.ask(query())).code

    async with await join(server, line) as here, await join(second, line) as there:
        usual = await ask(here)
        house.change_channel(line.channel_id, **changes)
        await changes_to((here, there), code, ask)
        back = {name: getattr(before, name) for name in changes}
        house.change_channel(line.channel_id, **back)
        await changes_to((here, there), usual, ask)


async def test_a_change_is_heard_of_without_any_request(server, second, house):
    """Refused sign-ons are no units of work, so they don't make a process look."""
    line = house.add_channel(state=ChannelState.DISABLED)
    await inform(server)
    await inform(second)
    for node in (server, second):
        with pytest.raises(Refused):
            await Peer.sign_on(node.address, line)
    house.change_channel(line.channel_id, state=ChannelState.ENABLED)
    for node in (server, second):
        with trio.fail_after(ACTS_WITHIN_S + SLACK_S):
            while True:
                try:
                    peer = await Peer.sign_on(node.address, line)
                except Refused:
                    continue
                await peer.sign_off()
                await peer.aclose()
                break


async def test_a_new_limit_acts_on_connections_that_are_open(server, house):
    line = house.add_channel()
    async with await join(server, line) as peer:
        assert busy_of(await burst(peer, 40)) == []
        house.change_channel(line.channel_id, rate_per_s=1)
        await inform(server)
        assert len(busy_of(await burst(peer, 40))) >= 30


async def test_key_versions_come_and_go(server, house):
    old = house.add_channel()
    new = house.put_channel_key(old, 2, ChannelKeyState.CURRENT)
    house.put_channel_key(old, 1, ChannelKeyState.RETIRING)
    for line in (old, new):
        async with await join(server, line) as peer:
            await peer.sign_off()
    async with await join(server, old) as open_already:
        house.put_channel_key(old, 1, ChannelKeyState.RETIRED)
        with pytest.raises(Refused, match="SIGN_ON_REFUSED"):
            await join(server, old)
        async with await join(server, new) as peer:
            await peer.sign_off()
        # Keys belong to a session: one that is open keeps its own.
        assert (await open_already.ask(query())).code is not C.CHANNEL_DISABLED


async def test_a_token_type_s_parameters_act_on_every_process(server, second, house):
    line = house.add_channel()
    strict = '{"algorithm": "hotp", "hash": "sha1", "digits": 6, "max_failures": 2}'
    house.bank.operate(PutTokenType("hotp-strict", strict))
    house.bank.reload()
    (held,) = house.holders(1, "hotp-strict")
    async with await join(server, line) as here, await join(second, line) as there:
        assert (await here.verify(held, "000000")).message.remaining_tries == 1
        assert (await there.verify(held, "000000")).message.remaining_tries == 0
        assert (await here.verify(held, held.counter_code(0))).code is C.TOKEN_LOCKED


# ---------------------------------------------------------------- SIGHUP


async def test_sighup_reads_the_limits_again(house, spawn):
    line = house.add_channel()
    server = spawn(limits={"idle_s": 300.0})
    async with await join(server, line) as peer:
        server.reconfigure(limits={"idle_s": 0.5})
        server.signal(signal.SIGHUP)
        assert (await peer.next_reject()).code is C.IDLE
    assert "configuration read again" in server.log()


async def test_sighup_with_a_wrong_file_changes_nothing(house, spawn):
    line = house.add_channel()
    server = spawn()
    server.config_file.write_text("[limits]\nidle_s = 'long'\n", encoding="utf-8")
    server.signal(signal.SIGHUP)
    await until(lambda: "configuration not read again" in server.log(), "the complaint")
    assert str(server.config_file) in server.log()
    async with await join(server, line) as peer:
        await peer.sign_off()
