"""Token files as manufacturers write them, made from a number: for tests and measurements.

    seed(7)                                   the seed of token 7
    pskc(range(5))                            five plain TOTP tokens, bytes
    pskc(range(5), Sealing("aes128-cbc", KEY))    enciphered and with MACs
    oath_csv(range(5))

The enciphering here is written from the standards with a library's one-shot calls, apart from the
product's own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap, aes_key_wrap_with_padding

NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
HMAC_URI = {"sha1": "http://www.w3.org/2000/09/xmldsig#hmac-sha1"} | {
    name: f"{MORE}hmac-{name}" for name in ("sha224", "sha256", "sha384", "sha512")
}


def seed(number: int, size: int = 20) -> bytes:
    """Bytes that nobody else has."""
    return hashlib.sha256(b"token %d" % number).digest()[:size]


def _iv(plain: bytes, size: int) -> bytes:
    return hashlib.sha256(b"iv" + plain).digest()[:size]


def _cbc(kind: type[algorithms.AES | TripleDES]) -> Callable[[bytes, bytes], bytes]:
    def encipher(key: bytes, plain: bytes) -> bytes:
        block = 16 if kind is algorithms.AES else 8
        padder = padding.PKCS7(8 * block).padder()
        iv = _iv(plain, block)
        context = Cipher(kind(key), modes.CBC(iv)).encryptor()
        return iv + context.update(padder.update(plain) + padder.finalize()) + context.finalize()

    return encipher


def _gcm(key: bytes, plain: bytes) -> bytes:
    return _iv(plain, 12) + AESGCM(key).encrypt(_iv(plain, 12), plain, None)


CIPHERS: dict[str, tuple[str, int, Callable[[bytes, bytes], bytes]]] = {
    **{f"aes{n}-cbc": (f"{XENC}aes{n}-cbc", n // 8, _cbc(algorithms.AES)) for n in (128, 192, 256)},
    **{f"aes{n}-gcm": (f"{XENC11}aes{n}-gcm", n // 8, _gcm) for n in (128, 192, 256)},
    **{f"kw-aes{n}": (f"{XENC}kw-aes{n}", n // 8, aes_key_wrap) for n in (128, 192, 256)},
    **{
        f"kw-aes-{n}-pad": (f"{XENC11}kw-aes-{n}-pad", n // 8, aes_key_wrap_with_padding)
        for n in (128, 192, 256)
    },
    "tripledes-cbc": (f"{XENC}tripledes-cbc", 24, _cbc(TripleDES)),
}
"""name -> Algorithm, bytes of a key, (key, plain) -> enciphered."""


@dataclass(frozen=True)
class Sealing:
    """How a container is enciphered. `key` is pre-shared, or derived from `password`.

    mac: hash of the ValueMACs; "" = none. mac_key: in the file, enciphered; b"" = the key itself.
    """

    cipher: str
    key: bytes = b""
    password: bytes = b""
    prf: str = ""
    iterations: int = 1000
    salt: bytes = b"salt and pepper"
    mac: str = "sha1"
    mac_key: bytes = b"m" * 16
    key_name: str = "Pre-shared-key"

    @property
    def working_key(self) -> bytes:
        if not self.password:
            return self.key
        size = CIPHERS[self.cipher][1]
        prf = self.prf or "sha1"
        return hashlib.pbkdf2_hmac(prf, self.password, self.salt, self.iterations, size)

    def head(self) -> str:
        """EncryptionKey and MACMethod."""
        if not self.password:
            inner = f"<ds:KeyName>{self.key_name}</ds:KeyName>"
        else:
            prf = f'<PRF Algorithm="{HMAC_URI[self.prf]}"/>' if self.prf else "<PRF/>"
            inner = (
                "<xenc11:DerivedKey><xenc11:KeyDerivationMethod "
                'Algorithm="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2">'
                f"<pkcs5:PBKDF2-params><Salt><Specified>{b64(self.salt)}</Specified></Salt>"
                f"<IterationCount>{self.iterations}</IterationCount>"
                f"<KeyLength>{CIPHERS[self.cipher][1]}</KeyLength>{prf}</pkcs5:PBKDF2-params>"
                "</xenc11:KeyDerivationMethod></xenc11:DerivedKey>"
            )
        head = f"<EncryptionKey>{inner}</EncryptionKey>\n"
        if not self.mac:
            return head
        key = f"<MACKey>{self._value(self.mac_key)}</MACKey>" if self.mac_key else ""
        return f'{head}<MACMethod Algorithm="{HMAC_URI[self.mac]}">{key}</MACMethod>\n'

    def value(self, plain: bytes) -> str:
        """EncryptedValue and ValueMAC."""
        text = f"<EncryptedValue>{self._value(plain)}</EncryptedValue>"
        if not self.mac:
            return text
        key = self.mac_key or self.working_key
        mac = hmac.digest(key, self._sealed(plain), self.mac)
        return f"{text}\n<ValueMAC>{b64(mac)}</ValueMAC>"

    def _sealed(self, plain: bytes) -> bytes:
        return CIPHERS[self.cipher][2](self.working_key, plain)

    def _value(self, plain: bytes) -> str:
        return (
            f'<xenc:EncryptionMethod Algorithm="{CIPHERS[self.cipher][0]}"/>'
            f"<xenc:CipherData><xenc:CipherValue>{b64(self._sealed(plain))}</xenc:CipherValue>"
            "</xenc:CipherData>"
        )


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def pskc(
    numbers: Iterable[int], sealing: Sealing | None = None, prefix: str = "PK", size: int = 20
) -> bytes:
    """A container of TOTP tokens, SHA-1, 6 digits, 60 s."""
    return b"".join(pskc_pieces(numbers, sealing, prefix, size))


def pskc_pieces(
    numbers: Iterable[int], sealing: Sealing | None = None, prefix: str = "PK", size: int = 20
) -> Iterable[bytes]:
    """The same, piece by piece."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<KeyContainer Version="1.0" xmlns="{NAMESPACE}" '
        'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
        f'xmlns:xenc="{XENC}" xmlns:xenc11="{XENC11}" '
        'xmlns:pkcs5="http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#">\n'
        f"{sealing.head() if sealing else ''}"
    ).encode()
    for number in numbers:
        plain = seed(number, size)
        value = sealing.value(plain) if sealing else f"<PlainValue>{b64(plain)}</PlainValue>"
        yield (
            f"<KeyPackage>\n<DeviceInfo><Manufacturer>Maker</Manufacturer>"
            f"<SerialNo>{prefix}{number:08d}</SerialNo></DeviceInfo>\n"
            f'<Key Id="{number}" Algorithm="{NAMESPACE}:totp"><Issuer>Maker</Issuer>\n'
            '<AlgorithmParameters><ResponseFormat Length="6" Encoding="DECIMAL"/>'
            f"</AlgorithmParameters>\n<Data><Secret>{value}</Secret>\n"
            "<TimeInterval><PlainValue>60</PlainValue></TimeInterval></Data>\n"
            "<Policy><KeyUsage>OTP</KeyUsage></Policy></Key></KeyPackage>\n"
        ).encode()
    yield b"</KeyContainer>\n"


def oath_csv(numbers: Iterable[int], prefix: str = "OA") -> bytes:
    """The same tokens as OATH CSV."""
    return b"".join(oath_csv_pieces(numbers, prefix))


def oath_csv_pieces(numbers: Iterable[int], prefix: str = "OA") -> Iterable[bytes]:
    """The same, row by row."""
    yield b"serial,seed,type,digits,step\n"
    for number in numbers:
        yield f"{prefix}{number:08d},{seed(number).hex()},totp,6,60\n".encode()
