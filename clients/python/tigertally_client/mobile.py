"""What a bank's app does with the two halves of a mobile token's seed, for tests and as a pattern.

The server's half comes in an otpauth:// URI that says `twostep=hkdf-sha256`, mostly as a QR code;
the activation code comes by another way and is typed. Both together give the seed (HKDF of
RFC 5869); codes are then made from it as RFC 6238 and RFC 4226 say. See *Mobile tokens* in
docs/PROTOCOL.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

_METHOD: Final = "hkdf-sha256"
_INFO: Final = b"tigertally two-step seed\0"


class NotTwoStep(ValueError):
    """The URI is no otpauth:// URI of such a token."""


def seed_of(uri: str, activation_code: str | None) -> bytes:
    """The seed that a telephone keeps.

    Args:
        uri: as in the QR code.
        activation_code: as typed: hyphens, blanks and case don't matter. None: what an ordinary app
            would take for the seed, which is nothing but the server's half.

    Raises:
        NotTwoStep: the URI is another one.
    """
    parts = urlsplit(uri)
    fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if parts.scheme != "otpauth" or fields.get("twostep") != _METHOD:
        raise NotTwoStep("no URI of a token with a seed in two halves")
    secret = fields["secret"]
    half = base64.b32decode(secret + "=" * (-len(secret) % 8))
    if activation_code is None:
        return half
    # Colons within the names are written %3A.
    serial = unquote(parts.path.partition(":")[2])
    length = hashlib.new(fields["algorithm"].lower()).digest_size
    dense = "".join(activation_code.split()).replace("-", "").upper()
    return _hkdf(half, dense.encode(), _INFO + serial.encode(), length)


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.digest(salt, secret, "sha256")
    made, block = b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(extracted, block + info + bytes([number]), "sha256")
        made += block
    return made[:length]
