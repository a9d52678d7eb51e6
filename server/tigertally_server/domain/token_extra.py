"""What only some tokens must remember, in `Token.extra`: from where a loss was reported, what took
a token's place, which cells of a card are used up.

Stored as a MessagePack array that grows at its end only, so that old rows stay readable; empty for
most tokens. Holds no secret. What a bitmap or an origin means is the engine's.
"""

from __future__ import annotations

import msgspec

from tigertally_engines.otp.origins import Origins


class TokenExtra(msgspec.Struct, frozen=True, gc=False, array_like=True, omit_defaults=True):
    """Fields are for ever, like columns.

    Attributes:
        state_before: the `TokenState` from which a loss was reported; 0 = none is.
        replaced_by: serial of the token that took this one's place.
        used: bitmap of a card's used cells, cell 0 the lowest bit of the first byte.
        asked: cells that a card was asked for and has not answered rightly yet.
        seeded: the seed came by activation; such a token goes back to the stock without one.
        origins: where its owner verified before, and what strangers' failures cost strangers.
        questions: digests of the questions that were answered in the last accepted time step.
    """

    state_before: int = 0
    replaced_by: str = ""
    used: bytes = b""
    asked: tuple[int, ...] = ()
    seeded: bool = False
    origins: Origins = Origins()
    questions: bytes = b""


NOTHING = TokenExtra()
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(TokenExtra).decode


def extra_of(stored: bytes) -> TokenExtra:
    """From the column's bytes."""
    return _decode(stored) if stored else NOTHING


def stored_extra(extra: TokenExtra) -> bytes:
    """For the column; empty where there is nothing to remember."""
    return b"" if extra == NOTHING else _encode(extra)
