"""The two tables of states, as tables."""

from __future__ import annotations

import msgspec
import pytest

from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.errors import LocalProtocolError
from tigertally_protocol.states import (
    CLIENT_TRANSITIONS,
    SERVER_TRANSITIONS,
    ClientState,
    ClientTrigger,
    ServerState,
    ServerTrigger,
)
from tigertally_protocol.transactions import Transaction
from tigertally_testing.wire import BUSINESS_DAY, NOW_MS, ChannelSetup, WirePair

TABLES = [
    (SERVER_TRANSITIONS, ServerState, ServerTrigger, ServerState.NEW),
    (CLIENT_TRANSITIONS, ClientState, ClientTrigger, ClientState.WAITING),
]


@pytest.mark.parametrize(("table", "states", "triggers", "first"), TABLES)
def test_tables_are_complete(table, states, triggers, first):
    assert set(table) == set(states)
    used = {trigger for row in table.values() for trigger in row}
    assert used == set(triggers)
    reached, border = {first}, [first]
    while border:
        for state in table[border.pop()].values():
            if state not in reached:
                reached.add(state)
                border.append(state)
    assert reached == set(states), "every state can be reached"
    assert table[states.CLOSED] == {}, "closed is for good"


def server_calls(server, header):
    working = ChannelSetup().working_keys(2)
    key_change = msgspec.structs.replace(header, transaction=Transaction.KEY_CHANGE)
    return {
        "greeting": lambda: server.greeting(NOW_MS),
        "accept": lambda: server.accept_sign_on(
            header, None, master_key=b"", suite=1, field_cipher=0, charset="utf-8",
            working=working, in_flight_limit=1, heartbeat_s=1, idle_s=1, key_life_s=1, now_ms=1,
        ),
        "respond": lambda: server.respond(header, ResponseCode.BUSY, None, NOW_MS),
        "change_keys": lambda: server.change_keys(key_change, working, NOW_MS),
        "drain": lambda: server.drain(1, NOW_MS),
        "key_change_due": lambda: server.key_change_due(1, NOW_MS),
        "refuse": lambda: server.refuse(None, ResponseCode.IDLE, NOW_MS),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (ServerState.NEW, {"greeting", "refuse"}),
        (ServerState.GREETED, {"refuse"}),
        (ServerState.SIGNING_ON, {"refuse"}),
        (ServerState.OPEN, {"respond", "change_keys", "drain", "key_change_due", "refuse"}),
        (ServerState.LEAVING, {"respond", "drain", "key_change_due", "refuse"}),
        (ServerState.CLOSED, set()),
    ],
)
def test_server_calls_by_state(state, possible):
    header = WirePair().sign_on().ask_verify().header
    names = server_calls(WirePair().server, header)
    for name in names:
        pair = reach(state)
        call = server_calls(pair.server, header)[name]
        if name in possible:
            assert call()
        else:
            with pytest.raises(LocalProtocolError):
                call()
            assert pair.server.state is state


def reach(state: ServerState) -> WirePair:
    """A pair whose server is in `state`."""
    pair = WirePair()
    match state:
        case ServerState.GREETED:
            pair.greet()
        case ServerState.SIGNING_ON:
            pair.greet()
            pair.send_sign_on()
        case ServerState.OPEN:
            pair.sign_on()
        case ServerState.LEAVING:
            pair.sign_on()
            pair.to_server.append(pair.client.sign_off(9, business_day=BUSINESS_DAY, now_ms=NOW_MS))
            pair.carry_to_server()
        case ServerState.CLOSED:
            pair.server.refuse(None, ResponseCode.TOO_MANY_CONNECTIONS, NOW_MS)
    assert pair.server.state is state
    return pair


def test_client_calls_by_state():
    pair = WirePair()
    day = {"business_day": BUSINESS_DAY, "now_ms": NOW_MS}
    for call in (
        lambda: pair.client.heartbeat(1, **day),
        lambda: pair.client.sign_off(1, **day),
        lambda: pair.client.key_change(1, **day),
        lambda: pair.client.sign_on(NOW_MS, 1, BUSINESS_DAY),
    ):
        with pytest.raises(LocalProtocolError):
            call()
    stands_at(pair, ClientState.WAITING)
    pair.greet()
    stands_at(pair, ClientState.GREETED)
    pair.to_client.append(pair.accept(pair.send_sign_on()))
    stands_at(pair, ClientState.SIGNING_ON)
    with pytest.raises(LocalProtocolError):
        pair.client.sign_on(NOW_MS, 1, BUSINESS_DAY)
    pair.carry_to_client()
    stands_at(pair, ClientState.OPEN)
    pair.client.sign_off(5, **day)
    stands_at(pair, ClientState.LEAVING)
    with pytest.raises(LocalProtocolError):
        pair.client.heartbeat(6, **day)


def stands_at(pair: WirePair, state: ClientState) -> None:
    assert pair.client.state is state
