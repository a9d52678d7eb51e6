"""Messages that make, keep and end a session: greeting, sign-on, key change, heartbeat, notices.

Each class's layout stands right below it; field names are the same in both.
"""

from __future__ import annotations

from typing import Any, Final

import construct
import msgspec

from tigertally_protocol.constants import FIRST_GENERATION, NONCE_LENGTH
from tigertally_protocol.fields import U8, U16, U32, U64, Ident, Octets, Reserved

NO_NONCE: Final = bytes(NONCE_LENGTH)
WRAPPED_LENGTH: Final = 40
CHECK_LENGTH: Final = 3
_NO_WRAPPED: Final = bytes(WRAPPED_LENGTH)
_NO_CHECK: Final = bytes(CHECK_LENGTH)

EMPTY: Final = construct.Struct()


class Greeting(msgspec.Struct, frozen=True, gc=False):
    """The server's first frame; not MACed. `node` names the server for logs and support."""

    server_nonce: bytes = NO_NONCE
    server_time: int = 0
    node: str = ""


GREETING: Final = construct.Struct(
    "server_nonce" / Octets(NONCE_LENGTH),
    "server_time" / U64,
    "node" / Ident(16),
    Reserved(8),
)


class SignOnRequest(msgspec.Struct, frozen=True, gc=False):
    """The client proves that it has the channel master key. `wanted_in_flight` 0: as the server
    says.
    """

    client_nonce: bytes = NO_NONCE
    server_nonce: bytes = NO_NONCE
    client_name: str = ""
    wanted_in_flight: int = 0


SIGN_ON_REQUEST: Final = construct.Struct(
    "client_nonce" / Octets(NONCE_LENGTH),
    "server_nonce" / Octets(NONCE_LENGTH),
    "client_name" / Ident(32),
    "wanted_in_flight" / U16,
    Reserved(6),
)


def _key_slots() -> list[Any]:
    """The four wrapped working keys, in the order of `keys.WorkingKeys`."""
    slots: list[Any] = []
    for use in ("mac_request", "mac_response", "field_request", "field_response"):
        slots += [
            f"{use}_wrapped" / Octets(WRAPPED_LENGTH),
            f"{use}_length" / U8,
            f"{use}_check" / Octets(CHECK_LENGTH),
        ]
    return slots


class SignOnResponse(msgspec.Struct, frozen=True, gc=False):
    """The server proves the same, gives its limits and the first working keys.

    Attributes:
        in_flight_limit: requests that may be open at once.
        heartbeat_s: after so many silent seconds the client should send a heartbeat.
        idle_s: after so many silent seconds the server closes.
        generation: of the working keys below.
        key_life_s: after so many seconds the server asks for a key change.
        *_wrapped, *_length, *_check: each working key wrapped under the KEK and zero-padded; its
            length in bytes, 0 = no such key; its check value.
    """

    detail: str = ""
    client_nonce: bytes = NO_NONCE
    in_flight_limit: int = 0
    heartbeat_s: int = 0
    idle_s: int = 0
    generation: int = FIRST_GENERATION
    key_life_s: int = 0
    mac_request_wrapped: bytes = _NO_WRAPPED
    mac_request_length: int = 0
    mac_request_check: bytes = _NO_CHECK
    mac_response_wrapped: bytes = _NO_WRAPPED
    mac_response_length: int = 0
    mac_response_check: bytes = _NO_CHECK
    field_request_wrapped: bytes = _NO_WRAPPED
    field_request_length: int = 0
    field_request_check: bytes = _NO_CHECK
    field_response_wrapped: bytes = _NO_WRAPPED
    field_response_length: int = 0
    field_response_check: bytes = _NO_CHECK


SIGN_ON_RESPONSE: Final = construct.Struct(
    "detail" / Ident(32),
    "client_nonce" / Octets(NONCE_LENGTH),
    "in_flight_limit" / U16,
    "heartbeat_s" / U16,
    "idle_s" / U16,
    "generation" / U16,
    "key_life_s" / U32,
    *_key_slots(),
)


class KeyChangeRequest(msgspec.Struct, frozen=True, gc=False):
    """The client asks for the next generation of working keys."""


class KeyChangeResponse(msgspec.Struct, frozen=True, gc=False):
    """The next generation of working keys; fields as in `SignOnResponse`."""

    detail: str = ""
    generation: int = 0
    key_life_s: int = 0
    mac_request_wrapped: bytes = _NO_WRAPPED
    mac_request_length: int = 0
    mac_request_check: bytes = _NO_CHECK
    mac_response_wrapped: bytes = _NO_WRAPPED
    mac_response_length: int = 0
    mac_response_check: bytes = _NO_CHECK
    field_request_wrapped: bytes = _NO_WRAPPED
    field_request_length: int = 0
    field_request_check: bytes = _NO_CHECK
    field_response_wrapped: bytes = _NO_WRAPPED
    field_response_length: int = 0
    field_response_check: bytes = _NO_CHECK


KEY_CHANGE_RESPONSE: Final = construct.Struct(
    "detail" / Ident(32),
    "generation" / U16,
    Reserved(2),
    "key_life_s" / U32,
    *_key_slots(),
)


class SignOffRequest(msgspec.Struct, frozen=True, gc=False):
    """The client has nothing more to ask."""


class SignOffResponse(msgspec.Struct, frozen=True, gc=False):
    """The server's last frame."""


class HeartbeatRequest(msgspec.Struct, frozen=True, gc=False):
    """Are you there."""


class HeartbeatResponse(msgspec.Struct, frozen=True, gc=False):
    """I am."""


class Drain(msgspec.Struct, frozen=True, gc=False):
    """The server will close: ask elsewhere; open requests are answered within `grace_ms`."""

    grace_ms: int = 0


DRAIN: Final = construct.Struct("grace_ms" / U32, Reserved(4))


class KeyChangeDue(msgspec.Struct, frozen=True, gc=False):
    """Send KEY_CHANGE within `grace_ms`."""

    grace_ms: int = 0


KEY_CHANGE_DUE: Final = construct.Struct("grace_ms" / U32, Reserved(4))
