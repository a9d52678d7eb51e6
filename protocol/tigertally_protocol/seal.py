"""Sealing of a body's secret block, once per frame, without changing any size.

GCM (NIST SP 800-38D): nonce = direction ‖ 0×3 ‖ sequence, header as associated data, tag in the
trailer. CBC: IV = E_k(direction ‖ 0×3 ‖ sequence ‖ 0×4), put into the trailer too; it proves
nothing by itself, so the frame's MAC, made afterwards, must have been checked first.

Invariant on the callers: a key seals in one direction only, and no sequence number twice. Knows
nothing of layouts.
"""

from __future__ import annotations

import struct
from hmac import compare_digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from tigertally_protocol.blocks import bare
from tigertally_protocol.constants import SEAL_TRAILER_LENGTH
from tigertally_protocol.errors import BadKey, SealError
from tigertally_protocol.suites import FIELD_CIPHERS, FieldCipherId
from tigertally_protocol.transactions import Direction

_TAG: Final = 16
_PADDING: Final = bytes(SEAL_TRAILER_LENGTH - _TAG)
_nonce: Final = struct.Struct(">B3xQ").pack
_counter_block: Final = struct.Struct(">B3xQ4x").pack


class FieldKey:
    """One direction's field key, ready for use. Its repr shows nothing of it.

    Args:
        cipher: any but NONE.
        key: of the length in `FIELD_CIPHERS`. Raises `BadKey`.
    """

    __slots__ = ("_aes", "_ecb", "_mode", "_sm4")

    def __init__(self, cipher: int, key: bytes) -> None:
        row = FIELD_CIPHERS[cipher]
        if row.id is FieldCipherId.NONE or len(key) != row.key_bytes:
            raise BadKey("a field key does not fit its cipher")
        self._aes = AESGCM(key) if row.id in _AES else None
        self._sm4 = None if self._aes else SM4(key)
        self._mode = row.mode
        # One context for the IVs of the session; ECB keeps no state from block to block.
        self._ecb = bare(self._sm4).encryptor() if self._sm4 else None

    def seal(
        self, block: bytes, header: bytes, direction: Direction, sequence: int
    ) -> tuple[bytes, bytes]:
        """The enciphered block and its 32-byte trailer. `block` is a multiple of 16 bytes long."""
        if self._mode == "cbc":
            iv = self._iv(direction, sequence)
            return self._cbc(iv, block, encrypt=True), iv + _PADDING
        nonce = _nonce(direction, sequence)
        if self._aes is not None:
            sealed = self._aes.encrypt(nonce, block, header)
            return sealed[:-_TAG], sealed[-_TAG:] + _PADDING
        assert self._sm4 is not None
        # There is no AEAD class for SM4 in the library: a context per block.
        context = Cipher(self._sm4, modes.GCM(nonce)).encryptor()
        context.authenticate_additional_data(header)
        sealed = context.update(block) + context.finalize()
        return sealed, context.tag + _PADDING

    def open(
        self, block: bytes, trailer: bytes, header: bytes, direction: Direction, sequence: int
    ) -> bytes:
        """The block in the clear.

        Raises:
            SealError: tag, IV or the trailer's zeros are wrong.
        """
        if trailer[_TAG:] != _PADDING:
            raise SealError("the seal trailer does not end in zeros")
        if self._mode == "cbc":
            iv = self._iv(direction, sequence)
            if not compare_digest(iv, trailer[:_TAG]):
                raise SealError("the IV is not the one of this frame")
            return self._cbc(iv, block, encrypt=False)
        nonce = _nonce(direction, sequence)
        try:
            if self._aes is not None:
                return self._aes.decrypt(nonce, block + trailer[:_TAG], header)
            assert self._sm4 is not None
            context = Cipher(self._sm4, modes.GCM(nonce, trailer[:_TAG])).decryptor()
            context.authenticate_additional_data(header)
            return context.update(block) + context.finalize()
        except InvalidTag:
            raise SealError("the sealed block does not open") from None

    def _iv(self, direction: Direction, sequence: int) -> bytes:
        assert self._ecb is not None
        return self._ecb.update(_counter_block(direction, sequence))

    def _cbc(self, iv: bytes, block: bytes, *, encrypt: bool) -> bytes:
        assert self._sm4 is not None
        cipher = Cipher(self._sm4, modes.CBC(iv))
        context = cipher.encryptor() if encrypt else cipher.decryptor()
        return context.update(block) + context.finalize()


_AES: Final = frozenset({FieldCipherId.AES_128_GCM, FieldCipherId.AES_256_GCM})
