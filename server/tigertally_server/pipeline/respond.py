"""Outcome → what the peer may see: response code and body fields, by the channel's policy. One
place, for every access.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import msgspec

from tigertally_protocol import registry
from tigertally_protocol.codes import CODES, ResponseCode
from tigertally_protocol.constants import NO_CELLS
from tigertally_protocol.transactions import Kind
from tigertally_server.domain.channel import Channel
from tigertally_server.services.request import Outcome


class Answer(NamedTuple):
    """What goes into a response frame, in the words of the protocol."""

    code: ResponseCode
    body: Any
    retry_after_ms: int


_BLANK_VERIFICATION = {"token": "", "token_state": 0, "remaining_tries": 255, "locked_until": 0}
_BLANK_PASSWORD = {"password_state": 0, "changed_at": 0, "expires_at": 0}
_BLANK_METHOD = {"uses_left": 0, "cells_left": NO_CELLS}
_BLANK_FACTOR = {"factor_transaction": 0, "factor_result": 0}


def answer_of(channel: Channel | None, transaction: int, outcome: Outcome) -> Answer:
    """The answer in full where the channel may know everything; else hidden codes become DENIED and
    the standing is blank.
    """
    code, body = outcome.code, outcome.body
    place: dict[str, Any] = {}
    if outcome.seq >= 0:
        place = {"entry_shard": outcome.shard, "entry_seq": outcome.seq}
    if body is None:
        kind = registry.message_type(transaction, Kind.RESPONSE, 1)
        assert kind is not None
        body = kind.cls(detail=outcome.detail, **place)
    elif place:
        body = msgspec.structs.replace(body, **place)
    if channel is None or not channel.disclose:
        code, body = _hidden(code, body)
    return Answer(code, body, outcome.retry_after_ms)


def _hidden(code: ResponseCode, body: Any) -> tuple[ResponseCode, Any]:
    blank = _blanks(code, body.__class__)
    if blank:
        body = msgspec.structs.replace(body, **blank)
    return (ResponseCode.DENIED if CODES[code].hidden else code), body


@cache
def _blanks(code: ResponseCode, cls: Any) -> dict[str, Any]:
    """What a body of this class must not tell with this code."""
    fields, row = cls.__struct_fields__, CODES[code]
    blanks: dict[str, Any] = {}
    if row.cls != "approved":
        blanks |= _BLANK_VERIFICATION
    if row.hidden:
        blanks |= _BLANK_FACTOR | _BLANK_METHOD
    if row.hidden and "uses_left" in fields:
        blanks |= {"expires_at": 0}
    if row.cls == "denied" and "password_state" in fields:
        blanks |= _BLANK_PASSWORD
    return {name: value for name, value in blanks.items() if name in fields}
