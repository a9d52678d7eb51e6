"""The crypto engine (密码服务) for channels: MACs, fields, PIN blocks, random octets, digests, all
under keys that never leave the server; and the life of those keys.

Octets of varying length stand left-justified in a fixed field, zeros behind, with their length
beside them.
"""

from __future__ import annotations

from typing import Final

import construct
import msgspec

from tigertally_protocol.constants import BLANK_TRIES
from tigertally_protocol.fields import (
    U8,
    U16,
    U64,
    Ident,
    Octets,
    Reserved,
    SealTrailer,
    SecretDigits,
    SecretIdent,
    SecretOctets,
    SecretPad,
)
from tigertally_protocol.messages.business import BusinessResponse, prefix
from tigertally_protocol.secret import SecretBytes, SecretText

DATA_BYTES: Final = 1024
PLAIN_BYTES: Final = 512
CIPHERTEXT_BYTES: Final = 544
MAC_BYTES: Final = 32
PIN_BLOCK_BYTES: Final = 16
RANDOM_BYTES: Final = 256
DIGEST_BYTES: Final = 64
KEY_BLOCK_CHARACTERS: Final = 512

_NO_DATA: Final = SecretBytes(bytes(DATA_BYTES))
_NO_PLAIN: Final = SecretBytes(bytes(PLAIN_BYTES))
_NO_CIPHERTEXT: Final = bytes(CIPHERTEXT_BYTES)
_NO_MAC: Final = bytes(MAC_BYTES)
_NO_PIN_BLOCK: Final = SecretBytes(bytes(PIN_BLOCK_BYTES))
_NO_RANDOM: Final = SecretBytes(bytes(RANDOM_BYTES))
_NO_DIGEST: Final = bytes(DIGEST_BYTES)


class GenerateMacRequest(msgspec.Struct, frozen=True, gc=False):
    """A MAC of `data` under the current generation of `key`."""

    key: str = ""
    reference: str = ""
    mac_algorithm: int = 0
    padding: int = 0
    mac_length: int = 0
    data_length: int = 0
    data: SecretBytes = _NO_DATA


GENERATE_MAC_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "reference" / Ident(32),
    "mac_algorithm" / U8,
    "padding" / U8,
    "mac_length" / U8,
    Reserved(3),
    "data_length" / U16,
    "data" / SecretOctets(DATA_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class GenerateMacResponse(BusinessResponse, frozen=True, gc=False):
    """The MAC, and the generation of the key that made it."""

    key_generation: int = 0
    mac_length: int = 0
    mac_value: bytes = _NO_MAC


GENERATE_MAC_RESPONSE: Final = construct.Struct(
    *prefix(),
    "key_generation" / U16,
    "mac_length" / U8,
    Reserved(3),
    "mac_value" / Octets(MAC_BYTES),
)


class VerifyMacRequest(msgspec.Struct, frozen=True, gc=False):
    """Is `mac_value` the MAC of `data`; `key_generation` 0 = the current one."""

    key: str = ""
    reference: str = ""
    mac_algorithm: int = 0
    padding: int = 0
    mac_length: int = 0
    key_generation: int = 0
    data_length: int = 0
    mac_value: bytes = _NO_MAC
    data: SecretBytes = _NO_DATA


VERIFY_MAC_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "reference" / Ident(32),
    "mac_algorithm" / U8,
    "padding" / U8,
    "mac_length" / U8,
    Reserved(1),
    "key_generation" / U16,
    "data_length" / U16,
    "mac_value" / Octets(MAC_BYTES),
    "data" / SecretOctets(DATA_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class VerifyMacResponse(BusinessResponse, frozen=True, gc=False):
    """APPROVED or MAC_WRONG, and the generation that was used."""

    key_generation: int = 0


VERIFY_MAC_RESPONSE: Final = construct.Struct(*prefix(), "key_generation" / U16, Reserved(4))


class EncipherFieldRequest(msgspec.Struct, frozen=True, gc=False):
    """`plain` under the current generation of `key`."""

    key: str = ""
    reference: str = ""
    context: str = ""
    mode: int = 0
    plain_length: int = 0
    plain: SecretBytes = _NO_PLAIN


ENCIPHER_FIELD_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "reference" / Ident(32),
    "context" / Ident(64),
    "mode" / U8,
    Reserved(5),
    "plain_length" / U16,
    "plain" / SecretOctets(PLAIN_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class EncipherFieldResponse(BusinessResponse, frozen=True, gc=False):
    """The ciphertext with nonce or IV in front; keep `key_generation` beside it."""

    key_generation: int = 0
    cipher_length: int = 0
    ciphertext: bytes = _NO_CIPHERTEXT


ENCIPHER_FIELD_RESPONSE: Final = construct.Struct(
    *prefix(),
    "key_generation" / U16,
    "cipher_length" / U16,
    Reserved(2),
    "ciphertext" / Octets(CIPHERTEXT_BYTES),
)


class DecipherFieldRequest(msgspec.Struct, frozen=True, gc=False):
    """The inverse; `key_generation` as the enciphering told it, 0 = the current one."""

    key: str = ""
    reference: str = ""
    context: str = ""
    mode: int = 0
    key_generation: int = 0
    cipher_length: int = 0
    ciphertext: bytes = _NO_CIPHERTEXT


DECIPHER_FIELD_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "reference" / Ident(32),
    "context" / Ident(64),
    "mode" / U8,
    Reserved(3),
    "key_generation" / U16,
    "cipher_length" / U16,
    "ciphertext" / Octets(CIPHERTEXT_BYTES),
)


class DecipherFieldResponse(BusinessResponse, frozen=True, gc=False):
    """The field in the clear; NOT_DECIPHERED says no reason."""

    key_generation: int = 0
    plain_length: int = 0
    plain: SecretBytes = _NO_PLAIN


DECIPHER_FIELD_RESPONSE: Final = construct.Struct(
    *prefix(),
    "key_generation" / U16,
    "plain_length" / U16,
    Reserved(2),
    "plain" / SecretOctets(PLAIN_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class TranslatePinRequest(msgspec.Struct, frozen=True, gc=False):
    """A PIN block under another key, in another format, of the same account number."""

    key: str = ""
    new_key: str = ""
    reference: str = ""
    pin_format: int = 0
    new_format: int = 0
    key_generation: int = 0
    account: SecretText = SecretText("")
    pin_block: SecretBytes = _NO_PIN_BLOCK


TRANSLATE_PIN_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "new_key" / Ident(24),
    "reference" / Ident(32),
    "pin_format" / U8,
    "new_format" / U8,
    "key_generation" / U16,
    Reserved(4),
    "account" / SecretDigits(19),
    "pin_block" / SecretOctets(PIN_BLOCK_BYTES),
    SecretPad(13),
    SealTrailer(),
)


class TranslatePinResponse(BusinessResponse, frozen=True, gc=False):
    """The block and the generation of the new key."""

    key_generation: int = 0
    pin_block: SecretBytes = _NO_PIN_BLOCK


TRANSLATE_PIN_RESPONSE: Final = construct.Struct(
    *prefix(),
    "key_generation" / U16,
    Reserved(4),
    "pin_block" / SecretOctets(PIN_BLOCK_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class VerifyPinRequest(msgspec.Struct, frozen=True, gc=False):
    """Is the PIN in the block the one that `pin_value` was made of."""

    key: str = ""
    pin_key: str = ""
    reference: str = ""
    pin_format: int = 0
    pin_method: int = 0
    pin_index: int = 0
    key_generation: int = 0
    pin_key_generation: int = 0
    account: SecretText = SecretText("")
    pin_block: SecretBytes = _NO_PIN_BLOCK
    pin_value: SecretText = SecretText("")


VERIFY_PIN_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "pin_key" / Ident(24),
    "reference" / Ident(32),
    "pin_format" / U8,
    "pin_method" / U8,
    "pin_index" / U8,
    Reserved(1),
    "key_generation" / U16,
    "pin_key_generation" / U16,
    "account" / SecretDigits(19),
    "pin_block" / SecretOctets(PIN_BLOCK_BYTES),
    "pin_value" / SecretIdent(64),
    SecretPad(13),
    SealTrailer(),
)


class VerifyPinResponse(BusinessResponse, frozen=True, gc=False):
    """APPROVED or PIN_WRONG; never the PIN."""

    remaining_tries: int = BLANK_TRIES


VERIFY_PIN_RESPONSE: Final = construct.Struct(*prefix(), "remaining_tries" / U8, Reserved(5))


class MakePinValueRequest(msgspec.Struct, frozen=True, gc=False):
    """What is kept in place of the PIN in the block, under the current generation of `pin_key`."""

    key: str = ""
    pin_key: str = ""
    reference: str = ""
    pin_format: int = 0
    pin_method: int = 0
    pin_index: int = 0
    key_generation: int = 0
    account: SecretText = SecretText("")
    pin_block: SecretBytes = _NO_PIN_BLOCK


MAKE_PIN_VALUE_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "pin_key" / Ident(24),
    "reference" / Ident(32),
    "pin_format" / U8,
    "pin_method" / U8,
    "pin_index" / U8,
    Reserved(3),
    "key_generation" / U16,
    "account" / SecretDigits(19),
    "pin_block" / SecretOctets(PIN_BLOCK_BYTES),
    SecretPad(13),
    SealTrailer(),
)


class MakePinValueResponse(BusinessResponse, frozen=True, gc=False):
    """PVV, offset or verifier, to be kept with `pin_key_generation`."""

    pin_key_generation: int = 0
    pin_value: SecretText = SecretText("")


MAKE_PIN_VALUE_RESPONSE: Final = construct.Struct(
    *prefix(),
    "pin_key_generation" / U16,
    Reserved(4),
    "pin_value" / SecretIdent(64),
    SecretPad(16),
    SealTrailer(),
)


class DrawRandomRequest(msgspec.Struct, frozen=True, gc=False):
    """`octet_count` unpredictable octets, 1 to 256."""

    octet_count: int = 0


DRAW_RANDOM_REQUEST: Final = construct.Struct("octet_count" / U16, Reserved(6))


class DrawRandomResponse(BusinessResponse, frozen=True, gc=False):
    """Kept nowhere: a retry draws others."""

    octet_count: int = 0
    random_octets: SecretBytes = _NO_RANDOM


DRAW_RANDOM_RESPONSE: Final = construct.Struct(
    *prefix(),
    "octet_count" / U16,
    Reserved(4),
    "random_octets" / SecretOctets(RANDOM_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class DigestRequest(msgspec.Struct, frozen=True, gc=False):
    """A digest of `data`, without a key."""

    digest_algorithm: int = 0
    data_length: int = 0
    data: SecretBytes = _NO_DATA


DIGEST_REQUEST: Final = construct.Struct(
    "digest_algorithm" / U8,
    Reserved(5),
    "data_length" / U16,
    "data" / SecretOctets(DATA_BYTES),
    SecretPad(16),
    SealTrailer(),
)


class DigestResponse(BusinessResponse, frozen=True, gc=False):
    """The digest."""

    digest_length: int = 0
    digest_value: bytes = _NO_DIGEST


DIGEST_RESPONSE: Final = construct.Struct(
    *prefix(), "digest_length" / U8, Reserved(5), "digest_value" / Octets(DIGEST_BYTES)
)


class QueryKeyRequest(msgspec.Struct, frozen=True, gc=False):
    """What is known of a key of one's own; `key_generation` 0 = the current one."""

    key: str = ""
    key_purpose: str = ""
    key_generation: int = 0


QUERY_KEY_REQUEST: Final = construct.Struct(
    "key" / Ident(24), "key_purpose" / Ident(16), "key_generation" / U16, Reserved(6)
)


class KeyResponse(BusinessResponse, frozen=True, gc=False):
    """A key without its bytes; `key_block` only where one was asked for."""

    key_generation: int = 0
    key_algorithm: str = ""
    key_state: str = ""
    check_value: str = ""
    key_expires_at: int = 0
    key_block: str = ""


KEY_RESPONSE: Final = construct.Struct(
    *prefix(),
    "key_generation" / U16,
    Reserved(4),
    "key_algorithm" / Ident(16),
    "key_state" / Ident(24),
    "check_value" / Ident(8),
    "key_expires_at" / U64,
    "key_block" / Ident(KEY_BLOCK_CHARACTERS),
)


class IssueKeyRequest(msgspec.Struct, frozen=True, gc=False):
    """A new generation of a key of one's own, made by the server; with a `transport_key` the answer
    carries it in a key block, without one it never leaves.
    """

    key: str = ""
    key_purpose: str = ""
    key_algorithm: str = ""
    transport_key: str = ""
    operator: str = ""


ISSUE_KEY_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "key_purpose" / Ident(16),
    "key_algorithm" / Ident(16),
    "transport_key" / Ident(24),
    "operator" / Ident(16),
)


class ImportKeyRequest(msgspec.Struct, frozen=True, gc=False):
    """A new generation of a key of one's own, brought in a key block under `transport_key`; purpose
    and algorithm are the block's.
    """

    key: str = ""
    transport_key: str = ""
    operator: str = ""
    check_value: str = ""
    key_block: str = ""


IMPORT_KEY_REQUEST: Final = construct.Struct(
    "key" / Ident(24),
    "transport_key" / Ident(24),
    "operator" / Ident(16),
    "check_value" / Ident(8),
    "key_block" / Ident(KEY_BLOCK_CHARACTERS),
)


class RetireKeyRequest(msgspec.Struct, frozen=True, gc=False):
    """The current generation makes nothing more; what it made is still verified and deciphered."""

    key: str = ""
    key_purpose: str = ""
    operator: str = ""


RETIRE_KEY_REQUEST: Final = construct.Struct(
    "key" / Ident(24), "key_purpose" / Ident(16), "operator" / Ident(16)
)
