"""Vectors of what has keys but no frames: MACs, seals, derivation, wrapping, check values."""

from __future__ import annotations

from collections.abc import Iterator

from tigertally_protocol.errors import BadKey, SealError
from tigertally_protocol.keys import (
    check_value,
    kdf,
    kek,
    master_key_check_value,
    sign_on_keys,
    unwrap_key,
    wrap_key,
)
from tigertally_protocol.mac import MacKey
from tigertally_protocol.seal import FieldKey
from tigertally_protocol.suites import (
    FIELD_CIPHERS,
    SUITES,
    BlockCipher,
    FieldCipherId,
    KdfHash,
    KeyWrap,
    MacAlgorithm,
)
from tigertally_protocol.transactions import Direction
from tigertally_testing.vectors_text import Block
from tigertally_testing.wire import stream

_LENGTHS = (0, 1, 7, 8, 9, 15, 16, 17, 55, 56, 63, 64, 65, 119, 128, 300)
_MAC_KEY_BYTES = {MacAlgorithm.HMAC_SHA256: 32, MacAlgorithm.HMAC_SM3: 32}
_CHANNEL = 7
_SESSION = 0x1122334455667788


def blocks() -> Iterator[Block]:
    """All of them, kind by kind."""
    yield from _macs()
    yield from _seals()
    yield from _derivations()
    yield from _wraps()
    yield from _check_values()


def _macs() -> Iterator[Block]:
    for algorithm in MacAlgorithm:
        key = stream(f"key of {algorithm}", _MAC_KEY_BYTES.get(algorithm, 16))
        made = MacKey(algorithm, key)
        for length in _LENGTHS:
            data = stream(f"data {length}", length)
            yield Block(
                "mac",
                [
                    ("algorithm", str(algorithm)),
                    ("key", key.hex()),
                    ("data", data.hex()),
                    ("tag", made.tag(data).hex()),
                ],
            )


def _seals() -> Iterator[Block]:
    for cipher in FieldCipherId:
        if cipher is FieldCipherId.NONE:
            continue
        raw = stream(f"key of {cipher.name}", FIELD_CIPHERS[cipher].key_bytes)
        key, header = FieldKey(cipher, raw), stream("header", 64)
        for width, sequence, direction in (
            (16, 1, Direction.REQUEST),
            (48, 0x0102030405060708, Direction.RESPONSE),
            (1024, 2**64 - 1, Direction.REQUEST),
        ):
            block = stream(f"block {width}", width)
            sealed, trailer = key.seal(block, header, direction, sequence)
            lines = [
                ("cipher", str(int(cipher))),
                ("key", raw.hex()),
                ("header", header.hex()),
                ("direction", str(int(direction))),
                ("sequence", str(sequence)),
            ]
            yield Block(
                "seal",
                [
                    *lines,
                    ("plain", block.hex()),
                    ("sealed", sealed.hex()),
                    ("trailer", trailer.hex()),
                ],
            )
            yield from _spoilt(key, lines, header, direction, sequence, sealed, trailer)


def _spoilt(
    key: FieldKey,
    lines: list[tuple[str, str]],
    header: bytes,
    direction: Direction,
    sequence: int,
    sealed: bytes,
    trailer: bytes,
) -> Iterator[Block]:
    """What must not open: another tag or IV, or no zeros behind it."""
    for place in (0, 15, 16, 31):
        spoilt = trailer[:place] + bytes([trailer[place] ^ 1]) + trailer[place + 1 :]
        try:
            key.open(sealed, spoilt, header, direction, sequence)
        except SealError:
            yield Block("unopenable", [*lines, ("sealed", sealed.hex()), ("trailer", spoilt.hex())])
        else:
            raise AssertionError("a spoilt seal opens")


def _derivations() -> Iterator[Block]:
    for hash_ in KdfHash:
        for length in (1, 16, 32, 33, 100):
            key, context = stream("kdf key", 32), stream(f"context {length}", length)
            made = kdf(hash_, key, b"tigertally wrap", context, length)
            yield Block(
                "kdf",
                [
                    ("hash", str(hash_)),
                    ("key", key.hex()),
                    ("label", "tigertally wrap"),
                    ("context", context.hex()),
                    ("derived", made.hex()),
                ],
            )
    server, client = stream("server nonce", 16), stream("client nonce", 16)
    for suite in SUITES.values():
        master, data = stream("master", suite.master_key_bytes), stream("proof", 136)
        request, response = sign_on_keys(suite, master, _CHANNEL, server, _SESSION)
        yield Block(
            "sign-on",
            [
                ("suite", str(int(suite.id))),
                ("master_key", master.hex()),
                ("channel", str(_CHANNEL)),
                ("client_nonce", client.hex()),
                ("server_nonce", server.hex()),
                ("session", str(_SESSION)),
                ("generation", "2"),
                ("data", data.hex()),
                ("request_tag", request.tag(data).hex()),
                ("response_tag", response.tag(data).hex()),
                ("kek", kek(suite, master, _CHANNEL, client, server, _SESSION, 2).hex()),
            ],
        )


def _wraps() -> Iterator[Block]:
    for wrap in KeyWrap:
        key = stream(f"kek of {wrap}", 32 if wrap is KeyWrap.AES_KW else 16)
        lengths = (16,) if wrap is KeyWrap.TDES_ECB else (16, 32)
        for length in lengths:
            plain = stream(f"wrapped {length}", length)
            wrapped = wrap_key(wrap, key, plain)
            lines = [("algorithm", str(wrap)), ("key", key.hex())]
            yield Block("wrap", [*lines, ("plain", plain.hex()), ("wrapped", wrapped.hex())])
            if wrap is not KeyWrap.TDES_ECB:
                spoilt = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
                try:
                    unwrap_key(wrap, key, spoilt)
                except BadKey:
                    yield Block("unwrappable", [*lines, ("wrapped", spoilt.hex())])


def _check_values() -> Iterator[Block]:
    for algorithm in (*MacAlgorithm, *BlockCipher):
        length = _MAC_KEY_BYTES.get(algorithm, 16)
        key = stream(f"check {algorithm}", length)
        value = check_value(algorithm, key).hex()
        yield Block(
            "check-value", [("algorithm", str(algorithm)), ("key", key.hex()), ("value", value)]
        )
    for suite in SUITES.values():
        key = stream("master", suite.master_key_bytes)
        value = master_key_check_value(suite, key).hex()
        yield Block(
            "master-check-value",
            [("suite", str(int(suite.id))), ("key", key.hex()), ("value", value)],
        )
