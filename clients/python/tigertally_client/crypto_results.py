"""What calls of the crypto engine return. Octets come without the zeros that fill their fields;
what is secret stays `SecretBytes` or `SecretText`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tigertally_client.results import EntryRef, Receipt, Result
from tigertally_protocol.codes import ResponseCode
from tigertally_protocol.constants import BLANK_TRIES, NO_SHARD
from tigertally_protocol.messages.business import BusinessResponse
from tigertally_protocol.messages.crypto import (
    DecipherFieldResponse,
    DigestResponse,
    DrawRandomResponse,
    EncipherFieldResponse,
    GenerateMacResponse,
    KeyResponse,
    MakePinValueResponse,
    TranslatePinResponse,
    VerifyMacResponse,
    VerifyPinResponse,
)
from tigertally_protocol.secret import SecretBytes, SecretText


@dataclass(frozen=True, slots=True, kw_only=True)
class MacResult(Result):
    """Answer to `generate_mac` and `verify_mac`.

    Attributes:
        mac: what was made; b"" otherwise.
        key_generation: of the key that was used.
    """

    mac: bytes
    key_generation: int

    @property
    def approved(self) -> bool:
        """Whether the MAC was the right one."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class EncipheredField(Result):
    """Answer to `encipher_field`; both are to be kept."""

    ciphertext: bytes
    key_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecipheredField(Result):
    """Answer to `decipher_field`."""

    plain: SecretBytes
    key_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinBlockResult(Result):
    """Answer to `translate_pin`: 8 or 16 bytes, by the format asked for; b"" otherwise."""

    pin_block: SecretBytes
    key_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinResult(Result):
    """Answer to `verify_pin`. `remaining_tries`: None when blank."""

    remaining_tries: int | None

    @property
    def approved(self) -> bool:
        """Whether it was the customer's PIN."""
        return self.code is ResponseCode.APPROVED


@dataclass(frozen=True, slots=True, kw_only=True)
class PinValue(Result):
    """Answer to `make_pin_value`; both are to be kept."""

    pin_value: SecretText
    pin_key_generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomResult(Result):
    """Answer to `draw_random`."""

    octets: SecretBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestResult(Result):
    """Answer to `digest`."""

    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult(Result):
    """Answer about a key. `key_block`: "" unless asked for; `key_expires_at_ms`: UTC."""

    key_generation: int
    key_algorithm: str
    key_state: str
    check_value: str
    key_expires_at_ms: int
    key_block: str


def mac_result(receipt: Receipt, message: GenerateMacResponse) -> MacResult:
    """From the wire."""
    mac = message.mac_value[: message.mac_length]
    return MacResult(**_common(receipt, message), mac=mac, key_generation=message.key_generation)


def mac_verdict(receipt: Receipt, message: VerifyMacResponse) -> MacResult:
    """From the wire."""
    return MacResult(**_common(receipt, message), mac=b"", key_generation=message.key_generation)


def enciphered_field(receipt: Receipt, message: EncipherFieldResponse) -> EncipheredField:
    """From the wire."""
    return EncipheredField(
        **_common(receipt, message),
        ciphertext=message.ciphertext[: message.cipher_length],
        key_generation=message.key_generation,
    )


def deciphered_field(receipt: Receipt, message: DecipherFieldResponse) -> DecipheredField:
    """From the wire."""
    return DecipheredField(
        **_common(receipt, message),
        plain=SecretBytes(message.plain.reveal()[: message.plain_length]),
        key_generation=message.key_generation,
    )


def pin_block_result(
    length: int, receipt: Receipt, message: TranslatePinResponse
) -> PinBlockResult:
    """From the wire; `length` by the format asked for."""
    block = message.pin_block.reveal()[:length] if receipt.code is ResponseCode.COMPUTED else b""
    return PinBlockResult(
        **_common(receipt, message),
        pin_block=SecretBytes(block),
        key_generation=message.key_generation,
    )


def pin_result(receipt: Receipt, message: VerifyPinResponse) -> PinResult:
    """From the wire."""
    blank = message.remaining_tries == BLANK_TRIES
    return PinResult(
        **_common(receipt, message), remaining_tries=None if blank else message.remaining_tries
    )


def pin_value_of(receipt: Receipt, message: MakePinValueResponse) -> PinValue:
    """From the wire."""
    return PinValue(
        **_common(receipt, message),
        pin_value=message.pin_value,
        pin_key_generation=message.pin_key_generation,
    )


def random_result(receipt: Receipt, message: DrawRandomResponse) -> RandomResult:
    """From the wire."""
    octets = SecretBytes(message.random_octets.reveal()[: message.octet_count])
    return RandomResult(**_common(receipt, message), octets=octets)


def digest_result(receipt: Receipt, message: DigestResponse) -> DigestResult:
    """From the wire."""
    digest = message.digest_value[: message.digest_length]
    return DigestResult(**_common(receipt, message), digest=digest)


def key_result(receipt: Receipt, message: KeyResponse) -> KeyResult:
    """From the wire."""
    return KeyResult(
        **_common(receipt, message),
        key_generation=message.key_generation,
        key_algorithm=message.key_algorithm,
        key_state=message.key_state,
        check_value=message.check_value,
        key_expires_at_ms=message.key_expires_at,
        key_block=message.key_block,
    )


def _common(receipt: Receipt, message: BusinessResponse) -> dict[str, Any]:
    entry = None
    if message.entry_shard != NO_SHARD:
        entry = EntryRef(message.entry_shard, message.entry_seq)
    return {"receipt": receipt, "detail": message.detail, "entry": entry}
