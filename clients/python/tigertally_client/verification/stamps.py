"""RFC 3161 time stamps: the question, and whether an answer proves when something was there.

Checked of an answer: granted; the digest asked for; the nonce asked with; the signature over its
attributes, which name the contents and the very certificate (RFC 5816); the certificate made for
time stamping only and leading to an authority that the verifier trusts, valid at the time stated.
`openssl ts -verify` must come to the same verdict (the tests ask it).

Not checked: revocation, which is for whoever judges the evidence, with the authority's lists of
then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tigertally_client.verification import der
from tigertally_client.verification.notes import NotGenuine

_SHA256: Final = der.oid("2.16.840.1.101.3.4.2.1")
_SHA256_ALGORITHM: Final = der.item(der.SEQUENCE, _SHA256, der.item(der.NULL))
_HASHES: Final[dict[bytes, tuple[str, hashes.HashAlgorithm]]] = {
    _SHA256: ("sha256", hashes.SHA256()),
    der.oid("2.16.840.1.101.3.4.2.2"): ("sha384", hashes.SHA384()),
    der.oid("2.16.840.1.101.3.4.2.3"): ("sha512", hashes.SHA512()),
}
_SIGNED_DATA: Final = der.oid("1.2.840.113549.1.7.2")
_TST_INFO: Final = der.oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE: Final = der.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE: Final = der.oid("1.2.840.113549.1.9.16.2.12")
_SIGNING_CERTIFICATE_V2: Final = der.oid("1.2.840.113549.1.9.16.2.47")
_TIME: Final = re.compile(r"(\d{14})(?:\.(\d{1,6}))?Z", re.ASCII)
_TRUE: Final = bytes((0x01, 0x01, 0xFF))
_DEPTH: Final = 5
_MALFORMED: Final = (
    ValueError, IndexError, KeyError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension,
    x509.InvalidVersion, UnsupportedAlgorithm,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a good answer proves: these bytes were there at this time, says this authority."""

    at: datetime
    serial: int
    policy: str
    authority: str


def request(data: bytes, nonce: int, policy: str = "") -> bytes:
    """Return the DER question about ``data`` (its SHA-256), asking for the certificate.

    Args:
        data: what is to be stamped.
        nonce: a fresh random number, positive.
        policy: dotted object identifier; "" the authority's own.
    """
    imprint = der.item(
        der.SEQUENCE, _SHA256_ALGORITHM, der.item(der.OCTETS, hashlib.sha256(data).digest())
    )
    wanted = der.oid(policy) if policy else b""
    return der.item(der.SEQUENCE, der.integer(1), imprint, wanted, der.integer(nonce), _TRUE)


def verify(
    response: bytes,
    data: bytes,
    authorities: Sequence[x509.Certificate],
    question: bytes | None = None,
) -> Stamp:
    """Return what the answer proves about ``data``.

    Args:
        response: the DER answer.
        data: what was stamped.
        authorities: certificates that the verifier trusts.
        question: the DER question, to compare the nonce; None where it is not at hand.

    Raises:
        NotGenuine: it proves nothing; the text says why.
    """
    try:
        token = _granted(response)
        signed = _SignedData(token)
        info = _info(signed.content)
        if info.imprint != _imprint(data):
            raise NotGenuine("the stamp is of other bytes")
        if question is not None and _nonce_of(question) != info.nonce:
            raise NotGenuine("the stamp answers another question")
        certificate = signed.verified_signer()
        _check_purpose(certificate)
        _check_chain(certificate, signed.certificates, authorities, info.at)
    except (*_MALFORMED, StopIteration) as problem:
        if isinstance(problem, NotGenuine):
            raise
        raise NotGenuine("the stamp is malformed") from None
    return Stamp(info.at, info.serial, info.policy, certificate.subject.rfc4514_string())


def _imprint(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _granted(response: bytes) -> bytes:
    parts = der.read(der.one(response, der.SEQUENCE).value)
    status = int.from_bytes(der.read(parts[0].value)[0].value)
    if status not in {0, 1} or len(parts) != 2:
        raise NotGenuine(f"the authority refused: status {status}")
    return parts[1].whole


def _nonce_of(question: bytes) -> int:
    parts = der.read(der.one(question, der.SEQUENCE).value)
    return int.from_bytes(next(part.value for part in parts[2:] if part.tag == der.INTEGER))


@dataclass(frozen=True, slots=True)
class _Info:
    at: datetime
    serial: int
    policy: str
    imprint: bytes
    nonce: int | None


def _info(content: bytes) -> _Info:
    parts = der.read(der.one(content, der.SEQUENCE).value)
    algorithm, digest = der.read(parts[2].value)
    if der.read(algorithm.value)[0].whole != _SHA256:
        raise NotGenuine("the stamp is over another kind of digest than SHA-256")
    nonces = [part.value for part in parts[5:] if part.tag == der.INTEGER]
    return _Info(
        at=_moment(parts[4].value),
        serial=int.from_bytes(parts[3].value),
        policy=_dotted(parts[1].value),
        imprint=digest.value,
        nonce=int.from_bytes(nonces[0]) if nonces else None,
    )


def _moment(value: bytes) -> datetime:
    match = _TIME.fullmatch(value.decode("ascii"))
    if match is None:
        raise NotGenuine("the stamp's time is malformed")
    moment = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.replace(microsecond=int((match[2] or "0").ljust(6, "0")))


def _dotted(value: bytes) -> str:
    numbers, number = [], 0
    for octet in value:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


class _SignedData:
    """CMS SignedData (RFC 5652) with one signer."""

    def __init__(self, token: bytes) -> None:
        kind, wrapped = der.read(der.one(token, der.SEQUENCE).value)
        if kind.whole != _SIGNED_DATA:
            raise NotGenuine("the stamp is no signed data")
        parts = der.read(der.one(wrapped.value, der.SEQUENCE).value)
        content_kind, content = der.read(parts[2].value)
        if content_kind.whole != _TST_INFO:
            raise NotGenuine("what is signed is no time stamp")
        self.content: Final = der.one(content.value, der.OCTETS).value
        self.certificates: Final = [
            x509.load_der_x509_certificate(each.whole)
            for part in parts[3:]
            if part.tag == 0xA0
            for each in der.read(part.value)
            if each.tag == der.SEQUENCE
        ]
        self._signer: Final = der.read(der.one(parts[-1].value, der.SEQUENCE).value)

    def verified_signer(self) -> x509.Certificate:
        """The certificate whose key signed. Raises NotGenuine."""
        algorithm, attributes = self._signer[2], self._signer[3]
        if attributes.tag != 0xA0:
            raise NotGenuine("the stamp has no signed attributes")
        name, method = _HASHES[der.read(algorithm.value)[0].whole]
        values = {
            pair[0].whole: der.read(pair[1].value)[0]
            for pair in (der.read(each.value) for each in der.read(attributes.value))
        }
        if values[_CONTENT_TYPE].whole != _TST_INFO:
            raise NotGenuine("the stamp's attributes are of other contents")
        if values[_MESSAGE_DIGEST].value != hashlib.new(name, self.content).digest():
            raise NotGenuine("the stamp's contents were altered")
        certificate = self._named(values)
        signed = der.item(der.SET, attributes.value)
        _verify_signature(certificate, signed, self._signer[5].value, method)
        return certificate

    def _named(self, values: dict[bytes, der.Item]) -> x509.Certificate:
        """The certificate that the attributes name by its digest (RFC 3161, RFC 5816)."""
        if _SIGNING_CERTIFICATE_V2 in values:
            first = _first_certificate_id(values[_SIGNING_CERTIFICATE_V2])
            parts = der.read(first.value)
            given = parts[0].tag == der.SEQUENCE
            name = _HASHES[der.read(parts[0].value)[0].whole][0] if given else "sha256"
            digest = parts[1 if given else 0].value
        elif _SIGNING_CERTIFICATE in values:
            first = _first_certificate_id(values[_SIGNING_CERTIFICATE])
            name, digest = "sha1", der.read(first.value)[0].value
        else:
            raise NotGenuine("the stamp doesn't name its certificate")
        for certificate in self.certificates:
            whole = certificate.public_bytes(Encoding.DER)
            if hashlib.new(name, whole, usedforsecurity=False).digest() == digest:
                return certificate
        raise NotGenuine("the stamp lacks the certificate that it names")


def _first_certificate_id(attribute: der.Item) -> der.Item:
    return der.read(der.read(attribute.value)[0].value)[0]


def _verify_signature(
    certificate: x509.Certificate, data: bytes, signature: bytes, method: hashes.HashAlgorithm
) -> None:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), method)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(method))
        else:
            raise NotGenuine("the stamp is signed by a kind of key that is not known here")
    except InvalidSignature:
        raise NotGenuine("the stamp's signature is bad") from None


def _check_purpose(certificate: x509.Certificate) -> None:
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise NotGenuine("the stamp's certificate is not for time stamping alone")


def _check_chain(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    at: datetime,
) -> None:
    current = certificate
    for _ in range(_DEPTH):
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            raise NotGenuine("a certificate of the stamp was not valid at its time")
        if current in authorities:
            return
        issuer = next((each for each in (*authorities, *others) if _issued(current, each)), None)
        if issuer is None:
            break
        current = issuer
    raise NotGenuine("the stamp's certificate leads to no trusted authority")


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False


def load_authorities(pem: bytes) -> list[x509.Certificate]:
    """Read PEM certificates. Raises NotGenuine."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise NotGenuine("no PEM certificates") from None
