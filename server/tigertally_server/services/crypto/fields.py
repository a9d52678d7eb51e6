"""Fields enciphered and deciphered for channels. Every ciphertext that doesn't open gets one
answer.
"""

from __future__ import annotations

from tigertally_engines.crypto.fields import DoesNotOpen, Mode, decipher, encipher
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.messages.crypto import (
    CIPHERTEXT_BYTES,
    PLAIN_BYTES,
    DecipherFieldRequest,
    DecipherFieldResponse,
    EncipherFieldRequest,
    EncipherFieldResponse,
)
from tigertally_protocol.secret import SecretBytes
from tigertally_server.services.context import Context
from tigertally_server.services.crypto.answers import octets, one_of
from tigertally_server.services.crypto.finding import Finder, Refused, Use, of_key
from tigertally_server.services.request import Request

PURPOSE = "field"


def encipher_field(
    request: Request, finder: Finder, context: Context, fresh: bytes
) -> EncipherFieldResponse:
    """Under the current generation."""
    message: EncipherFieldRequest = request.message
    key = finder.key(message.key, PURPOSE, Use.MAKE)
    mode = _mode(message.mode, context)
    plain = octets(message.plain, message.plain_length, "plain")
    aad = message.context.encode()
    enciphered = of_key(lambda: encipher(key.cipher, mode, plain, aad, fresh))
    return EncipherFieldResponse(
        key_generation=key.record.generation,
        cipher_length=len(enciphered),
        ciphertext=enciphered.ljust(CIPHERTEXT_BYTES, b"\0"),
    )


def decipher_field(
    request: Request, finder: Finder, context: Context, fresh: bytes
) -> DecipherFieldResponse:
    """Under the generation named, or the current one."""
    message: DecipherFieldRequest = request.message
    key = finder.key(message.key, PURPOSE, Use.RECOVER, message.key_generation)
    mode = _mode(message.mode, context)
    enciphered = octets(message.ciphertext, message.cipher_length, "ciphertext")
    aad = message.context.encode()
    try:
        plain = of_key(lambda: decipher(key.cipher, mode, enciphered, aad))
    except DoesNotOpen:
        raise Refused(ResponseCode.NOT_DECIPHERED) from None
    if len(plain) > PLAIN_BYTES:
        raise Refused(ResponseCode.NOT_DECIPHERED)
    return DecipherFieldResponse(
        key_generation=key.record.generation,
        plain_length=len(plain),
        plain=SecretBytes(plain.ljust(PLAIN_BYTES, b"\0")),
    )


def _mode(number: int, context: Context) -> Mode:
    mode: Mode = one_of(Mode, number, "mode")
    if weak := context.crypto.refused_mode(mode):
        raise Refused(ResponseCode.ALGORITHM_NOT_PERMITTED, weak)
    return mode
