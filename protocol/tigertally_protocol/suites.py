"""Which algorithms a channel may use together. A channel fixes one suite and one field cipher; both
stand in every header and must equal the channel's, so nothing can be talked down.

Suites 1 and 2 are international, 3 and 4 GM (GB/T 32905, 32907), 5 is for old front-ends. Numbers
are for ever. Knows no keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from tigertally_protocol.constants import KEY_FRAMES_64_BIT, KEY_FRAMES_128_BIT


class SuiteId(IntEnum):
    """Byte 42 of the header."""

    INTL_HMAC = 1
    INTL_CMAC = 2
    GM_HMAC = 3
    GM_CMAC = 4
    LEGACY = 5


class FieldCipherId(IntEnum):
    """Byte 43 of the header."""

    NONE = 0
    AES_128_GCM = 1
    AES_256_GCM = 2
    SM4_GCM = 3
    SM4_CBC = 4


class KdfHash(StrEnum):
    """Hash inside the key derivation's HMAC."""

    SHA256 = "sha256"
    SM3 = "sm3"


class MacAlgorithm(StrEnum):
    """What makes a frame's MAC."""

    HMAC_SHA256 = "hmac-sha256"
    HMAC_SM3 = "hmac-sm3"
    AES_CMAC = "aes-cmac"
    SM4_CMAC = "sm4-cmac"
    X9_19 = "x9.19"


class KeyWrap(StrEnum):
    """What protects a working key on its way."""

    AES_KW = "aes-kw"
    SM4_KW = "sm4-kw"
    TDES_ECB = "3des-ecb"


class BlockCipher(StrEnum):
    """The cipher of a field key, which fixes its check value."""

    AES = "aes"
    SM4 = "sm4"


@dataclass(frozen=True, slots=True)
class Suite:
    """One row.

    Attributes:
        mac_key_bytes: length of both MAC keys.
        mac_bytes: of the MAC that count; the rest of the 16 are zero.
        kek_bytes: length of the key-encryption key.
        master_key_bytes: length of the channel master key.
        frames_per_key: after so many frames new working keys are due.
        field_ciphers: what may go with this suite.
    """

    id: SuiteId
    kdf: KdfHash
    mac: MacAlgorithm
    mac_key_bytes: int
    mac_bytes: int
    wrap: KeyWrap
    kek_bytes: int
    master_key_bytes: int
    frames_per_key: int
    field_ciphers: frozenset[FieldCipherId]


@dataclass(frozen=True, slots=True)
class FieldCipher:
    """One row; `cipher` None and no key for NONE."""

    id: FieldCipherId
    cipher: BlockCipher | None
    mode: str
    key_bytes: int


_INTERNATIONAL: Final = frozenset(
    {FieldCipherId.NONE, FieldCipherId.AES_128_GCM, FieldCipherId.AES_256_GCM}
)
_GM: Final = frozenset({FieldCipherId.NONE, FieldCipherId.SM4_GCM, FieldCipherId.SM4_CBC})
# The 3DES wrap carries 16-byte keys only.
_LEGACY: Final = frozenset({FieldCipherId.NONE, FieldCipherId.AES_128_GCM})


def _modern(
    id_: SuiteId,
    kdf: KdfHash,
    mac: MacAlgorithm,
    mac_key_bytes: int,
    wrap: KeyWrap,
    kek_bytes: int,
    field_ciphers: frozenset[FieldCipherId],
) -> Suite:
    return Suite(
        id=id_,
        kdf=kdf,
        mac=mac,
        mac_key_bytes=mac_key_bytes,
        mac_bytes=16,
        wrap=wrap,
        kek_bytes=kek_bytes,
        master_key_bytes=32,
        frames_per_key=KEY_FRAMES_128_BIT,
        field_ciphers=field_ciphers,
    )


_SHA256, _SM3 = KdfHash.SHA256, KdfHash.SM3
_AES_KW, _SM4_KW = KeyWrap.AES_KW, KeyWrap.SM4_KW

SUITES: Final[dict[int, Suite]] = {
    suite.id: suite
    for suite in (
        _modern(
            SuiteId.INTL_HMAC, _SHA256, MacAlgorithm.HMAC_SHA256, 32, _AES_KW, 32, _INTERNATIONAL
        ),
        _modern(SuiteId.INTL_CMAC, _SHA256, MacAlgorithm.AES_CMAC, 16, _AES_KW, 32, _INTERNATIONAL),
        _modern(SuiteId.GM_HMAC, _SM3, MacAlgorithm.HMAC_SM3, 32, _SM4_KW, 16, _GM),
        _modern(SuiteId.GM_CMAC, _SM3, MacAlgorithm.SM4_CMAC, 16, _SM4_KW, 16, _GM),
        Suite(
            id=SuiteId.LEGACY,
            kdf=_SHA256,
            mac=MacAlgorithm.X9_19,
            mac_key_bytes=16,
            mac_bytes=8,
            wrap=KeyWrap.TDES_ECB,
            kek_bytes=16,
            master_key_bytes=16,
            frames_per_key=KEY_FRAMES_64_BIT,
            field_ciphers=_LEGACY,
        ),
    )
}

FIELD_CIPHERS: Final[dict[int, FieldCipher]] = {
    row.id: row
    for row in (
        FieldCipher(FieldCipherId.NONE, None, "", 0),
        FieldCipher(FieldCipherId.AES_128_GCM, BlockCipher.AES, "gcm", 16),
        FieldCipher(FieldCipherId.AES_256_GCM, BlockCipher.AES, "gcm", 32),
        FieldCipher(FieldCipherId.SM4_GCM, BlockCipher.SM4, "gcm", 16),
        FieldCipher(FieldCipherId.SM4_CBC, BlockCipher.SM4, "cbc", 16),
    )
}

ALLOWED_PAIRS: Final = frozenset(
    (suite.id, cipher) for suite in SUITES.values() for cipher in suite.field_ciphers
)


def is_allowed(suite: int, field_cipher: int) -> bool:
    """Whether a channel may be given this suite and field cipher."""
    return (suite, field_cipher) in ALLOWED_PAIRS
