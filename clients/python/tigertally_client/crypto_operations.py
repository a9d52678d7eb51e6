"""The typed methods of a client for the crypto engine. Keys are named, never sent. Common arguments
as in `operations`.

    made = await client.encipher_field("cards", b"6222021234567890123", context="card/42")
    opened = await client.decipher_field(
        "cards", made.ciphertext, generation=made.key_generation, context="card/42"
    )
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from tigertally_client import crypto_results
from tigertally_client.asking import Asking
from tigertally_client.crypto_results import (
    DecipheredField,
    DigestResult,
    EncipheredField,
    KeyResult,
    MacResult,
    PinBlockResult,
    PinResult,
    PinValue,
    RandomResult,
)
from tigertally_client.ticket import Ticket
from tigertally_protocol.messages import crypto
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import Transaction

CBC_MAC, EMAC, RETAIL_MAC, CMAC, HMAC = 1, 2, 3, 5, 16
"""MAC algorithms: of ISO/IEC 9797-1, and HMAC."""
GCM, CBC, ECB = 1, 2, 3
"""Modes of fields."""
PVV, OFFSET, VERIFIER = 1, 2, 3
"""What is kept in place of a PIN."""
SHA256, SHA384, SHA512, SM3, SHA1 = 1, 2, 3, 4, 5
"""Digests."""
_ISO_4: Final = 4


class CryptoOperations(Asking):
    """What can be done under working keys that never leave the server."""

    async def generate_mac(
        self,
        key: str,
        data: bytes,
        *,
        algorithm: int = CMAC,
        padding: int = 0,
        length: int = 16,
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> MacResult:
        """A MAC of at most 1024 bytes; `length` in bytes. HMAC and CMAC take no padding."""
        return await self._call(
            Transaction.GENERATE_MAC,
            crypto.GenerateMacRequest(
                key=key,
                mac_algorithm=algorithm,
                padding=padding,
                mac_length=length,
                **_data(data),
                reference=reference,
            ),
            crypto_results.mac_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_mac(
        self,
        key: str,
        data: bytes,
        mac: bytes,
        *,
        generation: int = 0,
        algorithm: int = CMAC,
        padding: int = 0,
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> MacResult:
        """Whether it is the MAC of these bytes. `generation`: of the key, 0 = the current one."""
        return await self._call(
            Transaction.VERIFY_MAC,
            crypto.VerifyMacRequest(
                key=key,
                mac_algorithm=algorithm,
                padding=padding,
                mac_length=len(mac),
                mac_value=mac.ljust(crypto.MAC_BYTES, b"\0"),
                key_generation=generation,
                **_data(data),
                reference=reference,
            ),
            crypto_results.mac_verdict,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def encipher_field(
        self,
        key: str,
        plain: bytes,
        *,
        mode: int = GCM,
        context: str = "",
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> EncipheredField:
        """Encipher at most 512 bytes; `context`, at most 64 characters, is bound to them by GCM."""
        return await self._call(
            Transaction.ENCIPHER_FIELD,
            crypto.EncipherFieldRequest(
                key=key,
                context=context,
                mode=mode,
                plain_length=len(plain),
                plain=SecretBytes(plain.ljust(crypto.PLAIN_BYTES, b"\0")),
                reference=reference,
            ),
            crypto_results.enciphered_field,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def decipher_field(
        self,
        key: str,
        ciphertext: bytes,
        *,
        generation: int = 0,
        mode: int = GCM,
        context: str = "",
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> DecipheredField:
        """The inverse. NOT_DECIPHERED for whatever is wrong."""
        return await self._call(
            Transaction.DECIPHER_FIELD,
            crypto.DecipherFieldRequest(
                key=key,
                context=context,
                mode=mode,
                key_generation=generation,
                cipher_length=len(ciphertext),
                ciphertext=ciphertext.ljust(crypto.CIPHERTEXT_BYTES, b"\0"),
                reference=reference,
            ),
            crypto_results.deciphered_field,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def translate_pin(
        self,
        key: str,
        pin_block: bytes,
        account: str,
        *,
        new_key: str,
        pin_format: int = 0,
        new_format: int = 4,
        generation: int = 0,
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PinBlockResult:
        """A PIN block under another key, in another format, for the same account number."""
        return await self._call(
            Transaction.TRANSLATE_PIN,
            crypto.TranslatePinRequest(
                key=key,
                new_key=new_key,
                pin_format=pin_format,
                new_format=new_format,
                key_generation=generation,
                **_pin(pin_block, account),
                reference=reference,
            ),
            partial(crypto_results.pin_block_result, 16 if new_format == _ISO_4 else 8),
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def verify_pin(
        self,
        key: str,
        pin_block: bytes,
        account: str,
        *,
        pin_key: str,
        pin_value: str,
        method: int,
        pin_format: int = 4,
        index: int = 0,
        generation: int = 0,
        pin_key_generation: int = 0,
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PinResult:
        """Whether the PIN in the block is the one `pin_value` was made of. The PIN itself never
        comes back.
        """
        return await self._call(
            Transaction.VERIFY_PIN,
            crypto.VerifyPinRequest(
                key=key,
                pin_key=pin_key,
                pin_format=pin_format,
                pin_method=method,
                pin_index=index,
                key_generation=generation,
                pin_key_generation=pin_key_generation,
                pin_value=SecretText(pin_value),
                **_pin(pin_block, account),
                reference=reference,
            ),
            crypto_results.pin_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def make_pin_value(
        self,
        key: str,
        pin_block: bytes,
        account: str,
        *,
        pin_key: str,
        method: int,
        pin_format: int = 4,
        index: int = 0,
        generation: int = 0,
        reference: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> PinValue:
        """PVV, offset or verifier of the PIN in the block, to be kept in its place."""
        return await self._call(
            Transaction.MAKE_PIN_VALUE,
            crypto.MakePinValueRequest(
                key=key,
                pin_key=pin_key,
                pin_format=pin_format,
                pin_method=method,
                pin_index=index,
                key_generation=generation,
                **_pin(pin_block, account),
                reference=reference,
            ),
            crypto_results.pin_value_of,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def draw_random(
        self,
        count: int,
        *,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> RandomResult:
        """1 to 256 unpredictable bytes; a repeated call draws others."""
        return await self._call(
            Transaction.DRAW_RANDOM,
            crypto.DrawRandomRequest(
                octet_count=count,
            ),
            crypto_results.random_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def digest(
        self,
        data: bytes,
        *,
        algorithm: int = SHA256,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> DigestResult:
        """A digest of at most 1024 bytes."""
        return await self._call(
            Transaction.DIGEST,
            crypto.DigestRequest(
                digest_algorithm=algorithm,
                **_data(data),
            ),
            crypto_results.digest_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def query_key(
        self,
        key: str,
        purpose: str,
        *,
        generation: int = 0,
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> KeyResult:
        """What is known of a key of this channel or its institution."""
        return await self._call(
            Transaction.QUERY_KEY,
            crypto.QueryKeyRequest(
                key=key,
                key_purpose=purpose,
                key_generation=generation,
            ),
            crypto_results.key_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def issue_key(
        self,
        key: str,
        purpose: str,
        algorithm: str,
        *,
        transport_key: str = "",
        operator: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> KeyResult:
        """A new generation, made by the server; with `transport_key`, carried in the answer."""
        return await self._call(
            Transaction.ISSUE_KEY,
            crypto.IssueKeyRequest(
                key=key,
                key_purpose=purpose,
                key_algorithm=algorithm,
                transport_key=transport_key,
                operator=operator,
            ),
            crypto_results.key_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def import_key(
        self,
        key: str,
        key_block: str,
        *,
        transport_key: str,
        check_value: str = "",
        operator: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> KeyResult:
        """A new generation in a key block (ANSI X9.143) under a transport key."""
        return await self._call(
            Transaction.IMPORT_KEY,
            crypto.ImportKeyRequest(
                key=key,
                transport_key=transport_key,
                check_value=check_value,
                key_block=key_block,
                operator=operator,
            ),
            crypto_results.key_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )

    async def retire_key(
        self,
        key: str,
        purpose: str,
        *,
        operator: str = "",
        timeout_s: float | None = None,
        ticket: Ticket | None = None,
    ) -> KeyResult:
        """The current generation makes nothing more."""
        return await self._call(
            Transaction.RETIRE_KEY,
            crypto.RetireKeyRequest(
                key=key,
                key_purpose=purpose,
                operator=operator,
            ),
            crypto_results.key_result,
            timeout_s=timeout_s,
            ticket=ticket,
        )


def _data(data: bytes) -> dict[str, Any]:
    padded = SecretBytes(data.ljust(crypto.DATA_BYTES, b"\0"))
    return {"data_length": len(data), "data": padded}


def _pin(pin_block: bytes, account: str) -> dict[str, Any]:
    padded = SecretBytes(pin_block.ljust(crypto.PIN_BLOCK_BYTES, b"\0"))
    return {"account": SecretText(account), "pin_block": padded}
