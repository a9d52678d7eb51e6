"""Who may do what when, as two tables.

Theory of operation
-------------------
Each side of a connection is in one state. Everything that happens to it — a call of the shell, a
frame read from the peer — is a *trigger*; the side's table gives the next state, or has no entry.

1. No entry for one's own call: `LocalProtocolError`, nothing is built, the state stays.
2. No entry for a peer's frame: the server rejects the frame (NOT_SIGNED_ON), the client is broken.
3. The tables know nothing of MACs, sequences or fields: a trigger is pulled only after those held —
   except reading SIGN_ON, whose MAC the shell can check only with the channel's key, and which
   therefore leads to a state of its own in which nothing else is read.
4. CLOSED is for good, and no frame is read in it.

The server answers in LEAVING too: sign-off promises that no request *follows*, not that none is
open.
"""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Final


class ServerState(IntEnum):
    """Where a `ServerConnection` is."""

    NEW = auto()  # accepted, nothing said
    GREETED = auto()  # waiting for SIGN_ON
    SIGNING_ON = auto()  # the shell looks for the channel's key
    OPEN = auto()
    LEAVING = auto()  # the client signed off; open requests are answered
    CLOSED = auto()


class ServerTrigger(IntEnum):
    """Calls of the shell, and READ_… for frames that came."""

    GREET = auto()
    ACCEPT = auto()
    RESPOND = auto()
    NOTIFY = auto()
    CHANGE_KEYS = auto()
    REFUSE = auto()
    BREAK = auto()  # the stream is unreadable, or too many rejects
    READ_SIGN_ON = auto()
    READ_REQUEST = auto()
    READ_SIGN_OFF = auto()


_S, _ST = ServerState, ServerTrigger

SERVER_TRANSITIONS: Final[dict[ServerState, dict[ServerTrigger, ServerState]]] = {
    _S.NEW: {_ST.GREET: _S.GREETED, _ST.REFUSE: _S.CLOSED},
    _S.GREETED: {
        _ST.READ_SIGN_ON: _S.SIGNING_ON,
        _ST.REFUSE: _S.CLOSED,
        _ST.BREAK: _S.CLOSED,
    },
    _S.SIGNING_ON: {_ST.ACCEPT: _S.OPEN, _ST.REFUSE: _S.CLOSED},
    _S.OPEN: {
        _ST.READ_REQUEST: _S.OPEN,
        _ST.RESPOND: _S.OPEN,
        _ST.NOTIFY: _S.OPEN,
        _ST.CHANGE_KEYS: _S.OPEN,
        _ST.READ_SIGN_OFF: _S.LEAVING,
        _ST.REFUSE: _S.CLOSED,
        _ST.BREAK: _S.CLOSED,
    },
    _S.LEAVING: {
        _ST.RESPOND: _S.LEAVING,
        _ST.NOTIFY: _S.LEAVING,
        _ST.REFUSE: _S.CLOSED,
        _ST.BREAK: _S.CLOSED,
    },
    _S.CLOSED: {},
}


class ClientState(IntEnum):
    """Where a `ClientConnection` is."""

    WAITING = auto()  # for the greeting
    GREETED = auto()
    SIGNING_ON = auto()
    OPEN = auto()
    LEAVING = auto()  # sign-off sent
    CLOSED = auto()


class ClientTrigger(IntEnum):
    """Calls of the shell, and READ_… for frames that came."""

    SIGN_ON = auto()
    REQUEST = auto()
    SIGN_OFF = auto()
    BREAK = auto()
    READ_GREETING = auto()
    READ_SIGNED_ON = auto()
    READ_RESPONSE = auto()
    READ_NOTICE = auto()
    READ_SIGNED_OFF = auto()


_C, _CT = ClientState, ClientTrigger

CLIENT_TRANSITIONS: Final[dict[ClientState, dict[ClientTrigger, ClientState]]] = {
    _C.WAITING: {_CT.READ_GREETING: _C.GREETED, _CT.BREAK: _C.CLOSED},
    _C.GREETED: {_CT.SIGN_ON: _C.SIGNING_ON, _CT.BREAK: _C.CLOSED},
    _C.SIGNING_ON: {_CT.READ_SIGNED_ON: _C.OPEN, _CT.BREAK: _C.CLOSED},
    _C.OPEN: {
        _CT.REQUEST: _C.OPEN,
        _CT.SIGN_OFF: _C.LEAVING,
        _CT.READ_RESPONSE: _C.OPEN,
        _CT.READ_NOTICE: _C.OPEN,
        _CT.BREAK: _C.CLOSED,
    },
    _C.LEAVING: {
        _CT.READ_RESPONSE: _C.LEAVING,
        _CT.READ_NOTICE: _C.LEAVING,
        _CT.READ_SIGNED_OFF: _C.CLOSED,
        _CT.BREAK: _C.CLOSED,
    },
    _C.CLOSED: {},
}
