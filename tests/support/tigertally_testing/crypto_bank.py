"""A bank with working keys: how tests put keys into channels and institutions, and ask for what is
done with them.
"""

from __future__ import annotations

from typing import Any, Final

from tigertally_protocol.messages import crypto
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.administration import PutKey
from tigertally_server.domain.key import KeyLevel, KeyRecord, KeyState
from tigertally_server.services.crypto.finding import owner_of_channel
from tigertally_server.services.request import Outcome
from tigertally_testing.bank import Bank

DES_PAIR: Final = bytes.fromhex("0123456789abcdeffedcba9876543210")
AES_KEY: Final = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
ACCOUNT: Final = "6222021234567890123"


class CryptoBank(Bank):
    """Channel 1 of a bank; keys by name."""

    _key_id = 1_000_000

    def put_key(
        self,
        name: str,
        purpose: str,
        algorithm: str,
        key: bytes,
        *,
        owner: str = "",
        state: KeyState = KeyState.CURRENT,
        generation: int = 1,
    ) -> KeyRecord:
        """As an operator's command does."""
        CryptoBank._key_id += 1
        bare = KeyRecord(
            id=CryptoBank._key_id,
            level=KeyLevel.WORKING,
            purpose=purpose,
            state=state,
            owner=owner or owner_of_channel(self.channel.id),
            name=name,
            algorithm=algorithm,
            generation=generation,
            created_at_ms=self.clock.now_ms(),
        )
        record = self.context.keyring.sealed_record(bare, key)
        self.operate(PutKey(record))
        self.reload()
        return record

    def change_key(self, before: KeyRecord, after: KeyRecord) -> None:
        self.operate(PutKey(after, before))
        self.reload()

    def ask_changing(self, transaction: int, message: Any, **changes: Any) -> Outcome:
        """And takes over the keys that the answer has changed, as the next batch would."""
        outcome = self.ask(transaction, message, **changes)
        self.reload()
        return outcome


def data(plain: bytes) -> dict[str, Any]:
    """`data` and its length."""
    return {
        "data_length": len(plain),
        "data": SecretBytes(plain.ljust(crypto.DATA_BYTES, b"\0")),
    }


def mac_request(key: str, plain: bytes, algorithm: int, padding: int, length: int) -> Any:
    return crypto.GenerateMacRequest(
        key=key, mac_algorithm=algorithm, padding=padding, mac_length=length, **data(plain)
    )


def mac_check(
    key: str, plain: bytes, mac: bytes, algorithm: int, padding: int, *, generation: int = 0
) -> Any:
    return crypto.VerifyMacRequest(
        key=key,
        mac_algorithm=algorithm,
        padding=padding,
        mac_length=len(mac),
        key_generation=generation,
        mac_value=mac.ljust(crypto.MAC_BYTES, b"\0"),
        **data(plain),
    )


def encipher_request(key: str, plain: bytes, mode: int, context: str = "") -> Any:
    return crypto.EncipherFieldRequest(
        key=key,
        mode=mode,
        context=context,
        plain_length=len(plain),
        plain=SecretBytes(plain.ljust(crypto.PLAIN_BYTES, b"\0")),
    )


def decipher_request(
    key: str, enciphered: bytes, mode: int, context: str = "", generation: int = 0
) -> Any:
    return crypto.DecipherFieldRequest(
        key=key,
        mode=mode,
        context=context,
        key_generation=generation,
        cipher_length=len(enciphered),
        ciphertext=enciphered.ljust(crypto.CIPHERTEXT_BYTES, b"\0"),
    )


def block_field(block: bytes) -> SecretBytes:
    """A PIN block as the wire has it."""
    return SecretBytes(block.ljust(crypto.PIN_BLOCK_BYTES, b"\0"))


def pin_check(block: bytes, value: str, method: int, **changes: Any) -> Any:
    fields: dict[str, Any] = {
        "key": "zpk",
        "pin_key": "pvk",
        "pin_format": 0,
        "pin_method": method,
        "account": SecretText(ACCOUNT),
        "pin_block": block_field(block),
        "pin_value": SecretText(value),
    }
    return crypto.VerifyPinRequest(**(fields | changes))


TRANSACTIONS: Final = tuple(
    transaction for transaction in Transaction if 0x0B01 <= transaction <= 0x0B1F
)
