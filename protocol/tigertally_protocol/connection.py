"""The sans-I/O protocol in one place: both ends, their states, and everything they may say.

Nothing is defined here; programs import from here so that the modules behind can be cut anew.
"""

from tigertally_protocol.client_connection import ClientConnection
from tigertally_protocol.events import (
    BadRequest,
    ClientEvent,
    DrainReceived,
    Greeted,
    HeartbeatAnswered,
    HeartbeatReceived,
    KeyChangeDueReceived,
    KeyChangeReceived,
    KeysChanged,
    ProtocolBroken,
    PutOff,
    Rejected,
    RejectReceived,
    RequestReceived,
    ResponseReceived,
    ServerEvent,
    SignedOff,
    SignedOn,
    SignOffReceived,
    SignOnReceived,
)
from tigertally_protocol.server_connection import ServerConnection
from tigertally_protocol.states import ClientState, ServerState

__all__ = [
    "BadRequest",
    "ClientConnection",
    "ClientEvent",
    "ClientState",
    "DrainReceived",
    "Greeted",
    "HeartbeatAnswered",
    "HeartbeatReceived",
    "KeyChangeDueReceived",
    "KeyChangeReceived",
    "KeysChanged",
    "ProtocolBroken",
    "PutOff",
    "RejectReceived",
    "Rejected",
    "RequestReceived",
    "ResponseReceived",
    "ServerConnection",
    "ServerEvent",
    "ServerState",
    "SignOffReceived",
    "SignOnReceived",
    "SignedOff",
    "SignedOn",
]
