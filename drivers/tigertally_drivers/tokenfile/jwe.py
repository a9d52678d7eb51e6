"""A file sealed for somebody else's key: JSON Web Encryption in its compact form (RFC 7516), which
tools and libraries of every language open.

Two ways to the content key, by the kind of key: RSA-OAEP-256 (RSA, 2048 bits and more) and ECDH-ES
(P-256, P-384, P-521); the content is always sealed by A256GCM, so that an altered file doesn't
open. Knows nothing of what is in it.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from tigertally_drivers.ports import Entropy

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

LEAST_RSA_BITS: Final = 2048
_RSA, _EC, _CONTENT = "RSA-OAEP-256", "ECDH-ES", "A256GCM"
_UNKNOWN_HERE: Final = frozenset({"crit", "zip"})  # would change how the rest is to be read
_KEY_BYTES, _NONCE_BYTES, _TAG_BYTES = 32, 12, 16
_OAEP: Final = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
_CURVES: Final[dict[str, tuple[ec.EllipticCurve, int]]] = {
    "P-256": (ec.SECP256R1(), 32),
    "P-384": (ec.SECP384R1(), 48),
    "P-521": (ec.SECP521R1(), 66),
}
_NAMES: Final = {curve.name: name for name, (curve, _) in _CURVES.items()}


class SealedFileError(Exception):
    """A key that can't be used, or a file that doesn't open; the text says which."""


def load_public_key(pem: bytes) -> PublicKey:
    """From PEM (SubjectPublicKeyInfo or a certificate). Raises SealedFileError."""
    try:
        if b"CERTIFICATE" in pem:
            from cryptography import x509

            key: object = x509.load_pem_x509_certificate(pem).public_key()
        else:
            key = serialization.load_pem_public_key(pem)
    except ValueError:
        raise SealedFileError("the key is no public key in PEM") from None
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS:
            raise SealedFileError(f"an RSA key must have {LEAST_RSA_BITS} bits")
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _NAMES:
        return key
    raise SealedFileError(f"the key is neither RSA nor on one of {', '.join(_CURVES)}")


def load_private_key(pem: bytes, password: bytes | None) -> PrivateKey:
    """From PEM. Raises SealedFileError."""
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError):
        raise SealedFileError("the key is no private key in PEM, or its password differs") from None
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return key
    raise SealedFileError(f"the key is neither RSA nor on one of {', '.join(_CURVES)}")


def seal(plain: bytes, key: PublicKey, entropy: Entropy, **about: str) -> str:
    """The sealed file's text. `about` stands in its header, readable for all and protected."""
    if isinstance(key, rsa.RSAPublicKey):
        content_key = entropy.token_bytes(_KEY_BYTES)
        wrapped = key.encrypt(content_key, _OAEP)
        header: dict[str, Any] = {"alg": _RSA}
    else:
        content_key, epk = _agree(key, entropy)
        wrapped, header = b"", {"alg": _EC, "epk": epk}
    named = _encode(json.dumps({**header, "enc": _CONTENT, **about}).encode())
    nonce = entropy.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(content_key).encrypt(nonce, plain, named.encode())
    parts = (wrapped, nonce, sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:])
    return ".".join((named, *map(_encode, parts)))


def _agree(key: ec.EllipticCurvePublicKey, entropy: Entropy) -> tuple[bytes, dict[str, str]]:
    """A fresh key pair of our own: the content key, and its public half for the header."""
    name = _NAMES[key.curve.name]
    curve, width = _CURVES[name]
    # 64 bits more than the order's: no value is likelier than another by more than 2^-64.
    secret = int.from_bytes(entropy.token_bytes(width + 8)) % (curve.group_order - 1) + 1
    own = ec.derive_private_key(secret, curve)
    numbers = own.public_key().public_numbers()
    epk = {
        "kty": "EC",
        "crv": name,
        "x": _encode(numbers.x.to_bytes(width)),
        "y": _encode(numbers.y.to_bytes(width)),
    }
    return derived_key(own.exchange(ec.ECDH(), key), _CONTENT, _KEY_BYTES), epk


def derived_key(
    shared: bytes, algorithm: str, length: int, party_u: bytes = b"", party_v: bytes = b""
) -> bytes:
    """Concat KDF as RFC 7518 section 4.6.2 has it."""
    parts = (algorithm.encode(), party_u, party_v)
    fixed = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    info = fixed + struct.pack(">I", length * 8)
    return ConcatKDFHash(SHA256(), length, info).derive(shared)


def open_sealed(text: str, key: PrivateKey) -> tuple[bytes, Mapping[str, Any]]:
    """(content, header). Raises SealedFileError: another key's, altered, or no such file."""
    try:
        named, *rest = text.strip().split(".")
        wrapped, nonce, sealed, tag = map(_decode, rest)
        header = json.loads(_decode(named))
        known = isinstance(header, dict) and header.get("enc") == _CONTENT
        if not known or len(tag) != _TAG_BYTES or not _UNKNOWN_HERE.isdisjoint(header):
            raise ValueError
        content_key = _content_key(header, wrapped, key)
        plain = AESGCM(content_key).decrypt(nonce, sealed + tag, named.encode())
    except (ValueError, KeyError, TypeError, RecursionError, InvalidTag):
        raise SealedFileError(
            "the file does not open: it is sealed for another key, altered, or no such file"
        ) from None
    return plain, header


def _content_key(header: Mapping[str, Any], wrapped: bytes, key: PrivateKey) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey) and header["alg"] == _RSA:
        return key.decrypt(wrapped, _OAEP)
    if isinstance(key, ec.EllipticCurvePrivateKey) and header["alg"] == _EC:
        epk = header["epk"]
        curve, _ = _CURVES[epk["crv"]]
        x, y = (int.from_bytes(_decode(epk[name])) for name in ("x", "y"))
        other = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
        return derived_key(key.exchange(ec.ECDH(), other), _CONTENT, _KEY_BYTES)
    raise ValueError


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
