"""A request's body inside another request: how a step of a flow carries what verifies its factor.

The enclosed body is the one of the factor's own transaction in the same channel's charset, not
sealed (its seal trailer is zero: the enclosing secret block is sealed as a whole), left-justified
in its field with zeros after it.
"""

from __future__ import annotations

from typing import Any

from tigertally_protocol import registry
from tigertally_protocol.errors import BadField
from tigertally_protocol.messages.flow import FACTOR_BODY
from tigertally_protocol.registry import MessageType
from tigertally_protocol.secret import SecretBytes


def enclosed(row: MessageType, message: Any, charset: str) -> SecretBytes:
    """`message` as the `factor_body` of a step. Raises BadField naming its field."""
    return SecretBytes(registry.encode_body(row, message, charset).ljust(FACTOR_BODY, b"\0"))


def disclosed(row: MessageType, body: bytes, charset: str) -> Any:
    """The message in a step's `factor_body`.

    Raises:
        BadField: naming the enclosed field; "factor_body" where the rest isn't zero.
    """
    if body[row.body_size :].strip(b"\0"):
        raise BadField("factor_body")
    return registry.decode_body(row, body[: row.body_size], charset)
