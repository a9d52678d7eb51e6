"""RADIUS, as much as asking for a password needs: an Access-Request with PAP and a
Message-Authenticator, and the check of its answer (RFC 2865, RFC 3579 §3.2).

Pure: bytes in, bytes out; knows nothing of sockets. An answer counts only when it was made by
somebody who knows the secret, for this very request.
"""

from __future__ import annotations

import hmac
import struct
from hashlib import md5
from typing import Final

ACCESS_REQUEST: Final = 1
ACCESS_ACCEPT: Final = 2
ACCESS_REJECT: Final = 3
USER_NAME: Final = 1
USER_PASSWORD: Final = 2
MESSAGE_AUTHENTICATOR: Final = 80

HEADER_BYTES: Final = 20
LONGEST: Final = 4096
_BLOCK: Final = 16
_NO_DIGEST: Final = bytes(16)
_SEALED: Final = bytes((MESSAGE_AUTHENTICATOR, 18))


class BadAnswer(Exception):
    """No answer to this request; the text says why."""


def attribute(kind: int, value: bytes) -> bytes:
    return bytes((kind, len(value) + 2)) + value


def hidden(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """The password as RFC 2865 §5.2 hides it."""
    padded = password + bytes(-len(password) % _BLOCK or (0 if password else _BLOCK))
    made, before = b"", authenticator
    for at in range(0, len(padded), _BLOCK):
        pad = md5(secret + before, usedforsecurity=False).digest()
        mixed = int.from_bytes(pad, "big") ^ int.from_bytes(padded[at : at + _BLOCK], "big")
        before = mixed.to_bytes(_BLOCK, "big")
        made += before
    return made


def packet(code: int, identifier: int, authenticator: bytes, attributes: bytes) -> bytes:
    length = HEADER_BYTES + len(attributes)
    return struct.pack("!BBH", code, identifier, length) + authenticator + attributes


def access_request(
    identifier: int, authenticator: bytes, secret: bytes, user: bytes, password: bytes
) -> bytes:
    """An Access-Request whose first attribute is its Message-Authenticator."""
    rest = attribute(USER_NAME, user) + attribute(
        USER_PASSWORD, hidden(password, secret, authenticator)
    )
    unsealed = packet(ACCESS_REQUEST, identifier, authenticator, _SEALED + _NO_DIGEST + rest)
    digest = hmac.digest(secret, unsealed, "md5")
    at = HEADER_BYTES + len(_SEALED)
    return unsealed[:at] + digest + unsealed[at + len(digest) :]


def code_of(answer: bytes, request_authenticator: bytes, secret: bytes) -> int:
    """ACCESS_ACCEPT or ACCESS_REJECT. Raises BadAnswer."""
    if not HEADER_BYTES <= len(answer) <= LONGEST:
        raise BadAnswer(f"{len(answer)} bytes")
    code, _, length = struct.unpack_from("!BBH", answer)
    if length != len(answer):
        raise BadAnswer(f"{len(answer)} bytes that say {length}")
    if code not in (ACCESS_ACCEPT, ACCESS_REJECT):
        raise BadAnswer(f"code {code}")
    asked = answer[:4] + request_authenticator + answer[HEADER_BYTES:]
    digest = md5(asked + secret, usedforsecurity=False).digest()
    if not hmac.compare_digest(digest, answer[4:HEADER_BYTES]):
        raise BadAnswer("Response Authenticator")
    _check_message(asked, secret)
    return int(code)


def _check_message(asked: bytes, secret: bytes) -> None:
    """A Message-Authenticator, where there is one, is right."""
    at = HEADER_BYTES
    while at < len(asked):
        if at + 2 > len(asked) or asked[at + 1] < 2 or at + asked[at + 1] > len(asked):
            raise BadAnswer("an attribute's length")
        end = at + asked[at + 1]
        if asked[at] == MESSAGE_AUTHENTICATOR:
            if end != at + 18:
                raise BadAnswer("an attribute's length")
            digest = hmac.digest(secret, asked[: at + 2] + _NO_DIGEST + asked[end:], "md5")
            if not hmac.compare_digest(digest, asked[at + 2 : end]):
                raise BadAnswer("Message-Authenticator")
        at = end
