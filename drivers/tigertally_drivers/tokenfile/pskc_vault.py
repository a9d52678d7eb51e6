"""The encryption of a PSKC container (RFC 6030 section 6): its key found, its values opened.

The key is pre-shared (6.1), derived from a password by PBKDF2 (6.2), or our private key (6.3).
Knows no XML and no tokens.

Invariants:

* A value whose cipher has no integrity of its own opens only after its ValueMAC, made over the
  enciphered bytes, agreed (section 6.1.1). A ValueMAC that is there is always checked.
* The MAC key stands in the file enciphered under the same key, or is pre-shared under the name of
  MACKeyReference; where the file has neither, the encryption key serves, as in the field.
* RSA version 1.5 may answer a wrong key with noise, so it is used only where the container's
  certificate is that of the key, or a ValueMAC agreed.
* PBKDF2 is bounded, so that a hostile file costs seconds at most.
* Errors name the element, never a value.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.x509 import load_der_x509_certificate

from tigertally_drivers.tokenfile.ciphers import (
    CannotDecipher,
    CbcDecipher,
    Decipher,
    GcmDecipher,
    KeyUnwrap,
    RsaDecipher,
)
from tigertally_drivers.tokenfile.keys import TransportKeys
from tigertally_drivers.tokenfile.pskc_elements import (
    CIPHER_VALUE,
    ENCRYPTION_KEY,
    MAC_METHOD,
    METHOD,
    PBKDF2,
    Texts,
)

MOST_ITERATIONS: Final = 10_000_000
LONGEST_DERIVED_KEY: Final = 64  # bytes
_DERIVED: Final = "EncryptionKey/xenc11:DerivedKey"
_DERIVATION: Final = f"{_DERIVED}/xenc11:KeyDerivationMethod"
_CERTIFICATE: Final = "EncryptionKey/ds:X509Data/ds:X509Certificate"
_KEY_NAME: Final = "EncryptionKey/ds:KeyName"
_MAC_KEY: Final = "MACMethod/MACKey"
_MAC_REFERENCE: Final = "MACMethod/MACKeyReference"
_XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
_XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
_PBKDF2: Final = (
    "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2",
    f"{_XENC11}pbkdf2",
)
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
MACS: Final = {
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1": "sha1",
    f"{_MORE}hmac-sha224": "sha224",
    f"{_MORE}hmac-sha256": "sha256",
    f"{_MORE}hmac-sha384": "sha384",
    f"{_MORE}hmac-sha512": "sha512",
}
"""Hash by the Algorithm of a MACMethod, or of PBKDF2's PRF."""
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - as old files have it
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class CipherRow(NamedTuple):
    """One `Algorithm` of an EncryptionMethod with a symmetric key."""

    key_bytes: int
    integrity: bool
    make: Callable[[bytes], Decipher]


def _aes(bits: int) -> dict[str, CipherRow]:
    size = bits // 8
    return {
        f"{_XENC}aes{bits}-cbc": CipherRow(size, False, lambda key: CbcDecipher("aes", key)),
        f"{_XENC11}aes{bits}-gcm": CipherRow(size, True, GcmDecipher),
        f"{_XENC}kw-aes{bits}": CipherRow(size, True, lambda key: KeyUnwrap(key, padded=False)),
        f"{_XENC11}kw-aes-{bits}-pad": CipherRow(
            size, True, lambda key: KeyUnwrap(key, padded=True)
        ),
    }


CIPHERS: Final = {
    **_aes(128),
    **_aes(192),
    **_aes(256),
    f"{_XENC}tripledes-cbc": CipherRow(24, False, lambda key: CbcDecipher("3des", key)),
}
RSA_OAEP: Final = {
    f"{_XENC}rsa-oaep-mgf1p": True,
    f"{_XENC}rsa-1_5": False,
    f"{_XENC}rsa_1_5": False,  # as RFC 6030 figure 8 has it
}
"""Whether with OAEP, by the Algorithm of an EncryptionMethod under our private key."""


class Vault:
    """What opens the values of one container. Made when its first enciphered value is met."""

    def __init__(self, container: Texts, keys: TransportKeys) -> None:
        """Raises TokenFileError about the container's own elements, where the key is missing or
        not the one.
        """
        self._container, self._keys = container, keys
        self._deciphers: dict[str, Decipher] = {}
        self._certified = self._certificate_is_ours()
        self._key = self._symmetric_key()
        hash_name, mac_key = self._mac()
        self._keyed = None if mac_key is None else HMAC(mac_key, _HASHES[hash_name])
        """Begun; copied for each value."""

    def open(self, package: Texts, path: str) -> bytes:
        """The enciphered value at `path`. Raises TokenFileError."""
        place = f"{path}/EncryptedValue"
        method = package.attribute(f"{place}/{METHOD}", "Algorithm")
        sealed = octets(package, f"{place}/{CIPHER_VALUE}")
        decipher = self._decipher(package, place, method)
        proven = self._check_mac(package, f"{path}/ValueMAC", sealed)
        if not proven and not self._has_integrity(method):
            package.fail(f"{path}/ValueMAC", "is missing; this cipher demands it")
        return _opened(package, place, decipher, sealed)

    def _decipher(self, texts: Texts, place: str, method: str) -> Decipher:
        """One object per method. Raises TokenFileError."""
        made = self._deciphers.get(method)
        if made is not None:
            return made
        row = CIPHERS.get(method)
        if row is not None:
            if self._key is None:
                texts.fail(place, "needs a key, and no pre-shared key or password is given")
            if len(self._key) != row.key_bytes:
                texts.fail(place, f"needs a key of {row.key_bytes} bytes, not {len(self._key)}")
            made = row.make(self._key)
        elif method in RSA_OAEP:
            if self._keys.private_key is None:
                texts.fail(place, "needs our private key, and none is given")
            made = RsaDecipher(self._keys.private_key, oaep=RSA_OAEP[method])
        else:
            texts.fail(place, "its cipher is not supported, or not named")
        self._deciphers[method] = made
        return made

    def _has_integrity(self, method: str) -> bool:
        row = CIPHERS.get(method)
        if row is not None:
            return row.integrity
        return RSA_OAEP.get(method, True) or self._certified

    def _check_mac(self, package: Texts, place: str, sealed: bytes) -> bool:
        """Whether there is one. Raises TokenFileError where it doesn't agree."""
        if place not in package.lines:
            return False
        if self._keyed is None:
            package.fail(place, "can't be checked: the container has no MACMethod")
        given = octets(package, place)
        mac = self._keyed.copy()
        mac.update(sealed)
        if not hmac.compare_digest(mac.finalize(), given):
            package.fail(place, "does not agree: a wrong key or password, or an altered value")
        return True

    # ---------------------------------------------------------------- the container's keys

    def _certificate_is_ours(self) -> bool:
        container = self._container
        if _CERTIFICATE not in container.lines or self._keys.private_key is None:
            return False
        try:
            public = load_der_x509_certificate(octets(container, _CERTIFICATE)).public_key()
        except ValueError:
            container.fail(_CERTIFICATE, "is not a certificate")
        ours = self._keys.private_key.public_key().public_numbers()
        if not isinstance(public, RSAPublicKey) or public.public_numbers() != ours:
            container.fail(_CERTIFICATE, "is not that of the private key given")
        return True

    def _symmetric_key(self) -> bytes | None:
        container = self._container
        if ENCRYPTION_KEY not in container.lines:
            container.fail(ENCRYPTION_KEY, "is missing, and values are enciphered")
        if _DERIVED in container.lines:
            return self._derived_key()
        if _CERTIFICATE in container.lines:
            return None
        key = self._keys.key(container.texts.get(_KEY_NAME, ""))
        if key is None and self._keys.private_key is None:
            container.fail(ENCRYPTION_KEY, "names a pre-shared key, and none of its name is given")
        return key

    def _derived_key(self) -> bytes:
        """RFC 6030 section 6.2, PBKDF2 (RFC 8018 section 5.2)."""
        container = self._container
        if container.attribute(_DERIVATION, "Algorithm") not in _PBKDF2:
            container.fail(_DERIVATION, "is not PBKDF2")
        if not self._keys.password:
            container.fail(_DERIVED, "is made from a password, and none is given")
        place = f"{PBKDF2}/kdf:PRF"  # its name stands in the attribute, or is its text
        prf = container.attribute(place, "Algorithm") or container.texts.get(place, "")
        hash_name = MACS.get(prf) if prf else "sha1"
        if hash_name is None:
            container.fail(place, "is not supported")
        salt = octets(container, f"{PBKDF2}/kdf:Salt/kdf:Specified")
        rounds = _count(container, f"{PBKDF2}/kdf:IterationCount", MOST_ITERATIONS)
        length = _count(container, f"{PBKDF2}/kdf:KeyLength", LONGEST_DERIVED_KEY)
        return hashlib.pbkdf2_hmac(hash_name, self._keys.password, salt, rounds, length)

    def _mac(self) -> tuple[str, bytes | None]:
        container = self._container
        method = container.attribute(MAC_METHOD, "Algorithm")
        if not method:  # nothing can be checked by it, so a ValueMAC would be refused
            return "", None
        hash_name = MACS.get(method)
        if hash_name is None:
            container.fail(MAC_METHOD, "its Algorithm is not supported")
        if _MAC_KEY in container.lines:
            method = container.attribute(f"{_MAC_KEY}/{METHOD}", "Algorithm")
            sealed = octets(container, f"{_MAC_KEY}/{CIPHER_VALUE}")
            decipher = self._decipher(container, _MAC_KEY, method)
            return hash_name, _opened(container, _MAC_KEY, decipher, sealed)
        if _MAC_REFERENCE in container.lines:
            key = self._keys.keys.get(container.texts[_MAC_REFERENCE])
            if key is None:
                container.fail(_MAC_REFERENCE, "names a MAC key, and none of its name is given")
            return hash_name, key
        return hash_name, self._key


def _opened(texts: Texts, place: str, decipher: Decipher, sealed: bytes) -> bytes:
    try:
        return decipher.open(sealed)
    except CannotDecipher as problem:
        texts.fail(place, f"does not open: {problem}")


def octets(texts: Texts, path: str) -> bytes:
    """A base64 value. Raises TokenFileError."""
    text = texts.texts.get(path)
    if not text:
        texts.fail(path, "is missing")
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        texts.fail(path, "is not base64")


def _count(texts: Texts, path: str, most: int) -> int:
    text = texts.texts.get(path, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and 1 <= int(text) <= most):
        texts.fail(path, f"must be a number from 1 to {most}")
    return int(text)
