"""Enciphered PSKC: the figures of RFC 6030, every cipher, and what is wrong in one place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tigertally_drivers.tokenfile.keys import NO_KEYS, TransportKeys
from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import Item, TokenFileError, TokenRecord, strictly
from tigertally_testing.token_files import CIPHERS, HMAC_URI, XENC, Sealing, b64, pskc, seed

VECTORS = Path(__file__).parents[3] / "vectors" / "pskc"
SEED_20 = b"12345678901234567890"
PRE_SHARED = bytes.fromhex("12345678901234567890123456789012")
SECRET = "KeyPackage/Key/Data/Secret"
VALUE = f"{SECRET}/EncryptedValue"
MAC = f"{SECRET}/ValueMAC"
AES = Sealing("aes128-cbc", bytes(range(16)))
KEYS = TransportKeys(keys={"": AES.key})
PBE = Sealing("aes128-cbc", password=b"qwerty")


def items(data: bytes, keys: TransportKeys = NO_KEYS) -> list[Item]:
    return list(read_pskc([data], keys))


def records(data: bytes, keys: TransportKeys = NO_KEYS) -> list[TokenRecord]:
    return list(strictly(read_pskc([data], keys)))


def fault(data: bytes, keys: TransportKeys = NO_KEYS) -> TokenFileError:
    with pytest.raises(TokenFileError) as caught:
        records(data, keys)
    return caught.value


def figure(number: int) -> bytes:
    return (VECTORS / f"rfc6030-figure{number}.xml").read_bytes()


# ---- the figures of RFC 6030


def test_figure_6_a_pre_shared_key() -> None:
    [record] = records(figure(6), TransportKeys(keys={"Pre-shared-key": PRE_SHARED}))
    assert (record.serial, record.seed, record.digits) == ("987654321", SEED_20, 8)
    assert fault(figure(6)).element == "EncryptionKey"
    other = TransportKeys(keys={"Another-key": PRE_SHARED})
    assert "none of its name" in fault(figure(6), other).reason


def test_figure_7_a_password() -> None:
    [record] = records(figure(7), TransportKeys(password=b"qwerty"))
    assert (record.serial, record.seed, record.issuer) == ("987654321", SEED_20, "Example-Issuer")
    assert "none is given" in fault(figure(7)).reason


def test_figure_8_a_certificate_that_is_not_ours() -> None:
    assert "needs our private key" in items_fault(figure(8)).reason
    stranger = TransportKeys(private_key=rsa.generate_private_key(65537, 2048))
    assert fault(figure(8), stranger).element == "EncryptionKey/ds:X509Data/ds:X509Certificate"


def items_fault(data: bytes, keys: TransportKeys = NO_KEYS) -> TokenFileError:
    [item] = items(data, keys)
    assert isinstance(item, TokenFileError)
    return item


# ---- every cipher and MAC


@pytest.mark.parametrize("mac", [*HMAC_URI, ""])
@pytest.mark.parametrize("name", CIPHERS)
def test_ciphers_and_macs(name: str, mac: str) -> None:
    key = bytes(range(100, 100 + CIPHERS[name][1]))
    size = 24 if re.fullmatch(r"kw-aes\d+", name) else 20  # RFC 3394 wraps whole half blocks only
    token = pskc([3], Sealing(name, key, mac=mac), size=size)
    keys = TransportKeys(keys={"": key})
    if not mac and name.endswith("-cbc"):
        assert "demands it" in items_fault(token, keys).reason
        return
    [record] = records(token, keys)
    assert record.seed == seed(3, size)


@pytest.mark.parametrize("prf", ["", *HMAC_URI])
@pytest.mark.parametrize("cipher", ["aes128-cbc", "aes192-cbc", "aes256-cbc", "kw-aes-256-pad"])
def test_passwords(cipher: str, prf: str) -> None:
    data = pskc(range(3), Sealing(cipher, password="пароль 密码".encode(), prf=prf))
    found = records(data, TransportKeys(password="пароль 密码".encode()))
    assert [record.seed for record in found] == [seed(n) for n in range(3)]


def test_without_a_mac_key_the_encryption_key_serves() -> None:
    sealing = Sealing("aes128-cbc", AES.key, mac="sha256", mac_key=b"")
    assert [record.seed for record in records(pskc([1, 2], sealing), KEYS)] == [seed(1), seed(2)]


def test_a_mac_key_by_reference() -> None:
    sealing = Sealing("aes128-cbc", AES.key, mac_key=b"agreed beforehand")
    data = re.sub(
        rb"<MACKey>.*?</MACKey>",
        b"<MACKeyReference>mac-1</MACKeyReference>",
        pskc([1], sealing),
        flags=re.DOTALL,
    )
    keys = TransportKeys(keys={"": AES.key, "mac-1": b"agreed beforehand"})
    assert records(data, keys)[0].seed == seed(1)
    assert fault(data, KEYS).element == "MACMethod/MACKeyReference"


@pytest.mark.parametrize("size", [4, 8])
def test_enciphered_numbers(size: int) -> None:
    text = pskc([1], AES).decode()
    interval = AES.value((45).to_bytes(size, "big"))
    text = text.replace("<PlainValue>60</PlainValue>", interval)
    assert records(text.encode(), KEYS)[0].step_s == 45
    hotp = text.replace(":totp", ":hotp").replace("TimeInterval", "Counter")
    assert records(hotp.encode(), KEYS)[0].counter == 45
    for value in (b"\0\0\1", b"\xff" * 8, b""):
        bad = text.replace(interval, AES.value(value))
        assert items_fault(bad.encode(), KEYS).element.startswith(
            "KeyPackage/Key/Data/TimeInterval"
        )


# ---- our private key


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bank")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=9))
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )
    return f"<ds:X509Data><ds:X509Certificate>{b64(built)}</ds:X509Certificate></ds:X509Data>"


@pytest.mark.parametrize("method", ["rsa-oaep-mgf1p", "rsa-1_5", "rsa_1_5"])
def test_key_transport(private_key: rsa.RSAPrivateKey, method: str) -> None:
    oaep = padding.OAEP(padding.MGF1(SHA1()), SHA1(), None)
    scheme = oaep if "oaep" in method else padding.PKCS1v15()
    sealed = b64(private_key.public_key().encrypt(seed(1), scheme))
    value = (
        f'<EncryptedValue><xenc:EncryptionMethod Algorithm="{XENC}{method}"/><xenc:CipherData>'
        f"<xenc:CipherValue>{sealed}</xenc:CipherValue></xenc:CipherData></EncryptedValue>"
    )
    plain = f"<PlainValue>{b64(seed(1))}</PlainValue>"
    text = pskc([1]).decode().replace(plain, value)
    head = f"<EncryptionKey>{certificate(private_key)}</EncryptionKey>"
    certified = text.replace("<KeyPackage>", f"{head}<KeyPackage>", 1)
    keys = TransportKeys(private_key=private_key)
    assert records(certified.encode(), keys)[0].seed == seed(1)
    # Without a certificate nothing says that version 1.5 gave a seed and not noise.
    named = text.replace("<KeyPackage>", "<EncryptionKey/><KeyPackage>", 1)
    if "oaep" in method:
        assert records(named.encode(), keys)[0].seed == seed(1)
    else:
        assert items_fault(named.encode(), keys).element == MAC
    broken = certified.replace(sealed[:8], "AAAAAAAA").encode()
    if "oaep" in method:
        assert items_fault(broken, keys).element == VALUE


# ---- faults

FAULTS = [
    # old, new, keys, element, in the reason
    ("", "", TransportKeys(keys={"": bytes(16)}), "MACMethod/MACKey", "wrong key"),
    ("", "", TransportKeys(keys={"": bytes(24)}), "MACMethod/MACKey", "16 bytes, not 24"),
    ("", "", TransportKeys(password=b"x"), "EncryptionKey", "none of its name"),
    ("<ValueMAC>", "<ValueMAC>AA", KEYS, MAC, "base64"),
    ("<ValueMAC>....", "<ValueMAC>AAAA", KEYS, MAC, "does not agree"),
    ("<ValueMAC>[^<]*<", "<ValueMAC><", KEYS, MAC, "missing"),
    ("<ValueMAC>[^<]*</ValueMAC>", "", KEYS, MAC, "missing"),
    ("<MACMethod.*</MACMethod>", "", KEYS, MAC, "no MACMethod"),
    ("xmldsig#hmac-sha1", "xmldsig#hmac-md5", KEYS, "MACMethod", "not supported"),
    ("<EncryptionKey>.*?</EncryptionKey>", "", KEYS, "EncryptionKey", "is missing"),
    ("<ds:KeyName>", "<xenc:EncryptedKey/><ds:KeyName>", KEYS, "EncryptionKey/xenc:EncryptedKey",
     "not supported"),
    ("(<EncryptionKey>.*?</EncryptionKey>)", r"\1\1", KEYS, "EncryptionKey", "twice"),
    ("(<EncryptionKey>.*?</EncryptionKey>)(.*)</KeyContainer>", r"\2\1</KeyContainer>", KEYS,
     "EncryptionKey", "is missing"),
    ("</KeyContainer>", "<MACMethod/></KeyContainer>", KEYS, "MACMethod", "before the first"),
    ("(<MACKey>.*?<xenc:CipherValue>)[^<]*", r"\1", KEYS,
     "MACMethod/MACKey/xenc:CipherData/xenc:CipherValue", "missing"),
    ("(<Secret>.*?<xenc:CipherValue>)[^<]*", r"\1AAAA", KEYS, MAC, "does not agree"),
    ("(<Secret>.*?<xenc:CipherValue>)[^<]*", r"\1?", KEYS,
     f"{VALUE}/xenc:CipherData/xenc:CipherValue", "base64"),
    ("(<Secret>.*?)aes128-cbc", r"\1aes128-ebc", KEYS, VALUE, "cipher is not supported"),
    ("(<Secret>.*?)aes128-cbc", r"\1aes256-cbc", KEYS, VALUE, "32 bytes, not 16"),
    ("(<Secret>.*?)<xenc:EncryptionMethod[^>]*>", r"\1", KEYS, VALUE, "not named"),
    ("<Secret>", "<Secret><PlainValue>AAAA</PlainValue>", KEYS, SECRET, "given twice"),
    ("(<Secret>.*?)<xenc:CipherData>.*?</xenc:CipherData>",
     r"\1<xenc:CipherData><xenc:CipherReference URI='file:///etc/passwd'/></xenc:CipherData>", KEYS,
     f"{VALUE}/xenc:CipherData/xenc:CipherReference", "not supported"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "keys", "element", "reason"), FAULTS)
def test_one_fault(old: str, new: str, keys: TransportKeys, element: str, reason: str) -> None:
    text = re.sub(old, new, pskc([1], AES).decode(), count=1, flags=re.DOTALL)
    error = fault(text.encode(), keys)
    assert error.element == element
    assert reason in error.reason
    assert error.line > 1 or "is missing" in reason


PASSWORD_FAULTS = [
    ("pkcs-5v2-0#pbkdf2", "pkcs-5v2-0#pbkdf1", "xenc11:KeyDerivationMethod", "PBKDF2"),
    ("<IterationCount>1000", "<IterationCount>1000000000", "kdf:IterationCount", "10000000"),
    ("<IterationCount>1000", "<IterationCount>-1", "kdf:IterationCount", "number"),
    ("<KeyLength>16", "<KeyLength>99999", "kdf:KeyLength", "number"),
    ("<KeyLength>16", "<KeyLength>24", "MACKey", "16 bytes, not 24"),
    ("<PRF/>", "<PRF Algorithm='urn:md5'/>", "kdf:PRF", "not supported"),
    ("<PRF/>", "<PRF>urn:md5</PRF>", "kdf:PRF", "not supported"),
    ("<Specified>[^<]*", "<Specified>", "kdf:Specified", "missing"),
]


@pytest.mark.parametrize(("old", "new", "element", "reason"), PASSWORD_FAULTS)
def test_one_fault_in_the_derivation(old: str, new: str, element: str, reason: str) -> None:
    text = re.sub(old, new, pskc([1], PBE).decode(), count=1)
    error = fault(text.encode(), TransportKeys(password=b"qwerty"))
    assert error.element.endswith(element)
    assert reason in error.reason


@pytest.mark.parametrize("password", [b"qwertz", b"qwerty ", b"QWERTY"])
def test_a_wrong_password(password: bytes) -> None:
    """It shows at the MAC key where that doesn't open, else at the first value's MAC."""
    for salt in (b"salt", b"pepper", b"sugar"):
        data = pskc([1], Sealing("aes128-cbc", password=b"qwerty", salt=salt))
        assert fault(data, TransportKeys(password=password)).element in ("MACMethod/MACKey", MAC)


def test_an_altered_value_costs_its_own_token_only() -> None:
    text = pskc(range(3), AES).decode()
    middle = AES.value(seed(1))
    assert middle in text
    first, second, third = items(text.replace(middle, AES.value(seed(7))[:-20]
                                              + middle[-20:]).encode(), KEYS)  # fmt: skip
    assert isinstance(first, TokenRecord)
    assert isinstance(second, TokenFileError)
    assert second.element == MAC
    assert isinstance(third, TokenRecord)


def test_plain_values_need_no_key_whatever_the_head_says() -> None:
    text = pskc([1]).decode().replace("<KeyPackage>", f"{AES.head()}<KeyPackage>", 1)
    assert records(text.encode())[0].seed == seed(1)


def test_no_secret_shows_itself() -> None:
    keys = TransportKeys(b"c4nary", {"n": b"c4nary"}, rsa.generate_private_key(65537, 2048))
    assert "c4nary" not in repr(keys)
    assert "RSA" not in repr(keys)
    for old, _new, given, _element, _reason in FAULTS:
        text = re.sub(old or "x^", "c4nary", pskc([1], AES).decode(), count=1, flags=re.DOTALL)
        for item in _all(text.encode(), given):
            assert "c4nary" not in str(item)
            assert seed(1).hex() not in repr(item)


def _all(data: bytes, keys: TransportKeys) -> list[object]:
    try:
        return list(read_pskc([data], keys))
    except TokenFileError as error:
        return [error, error.__dict__]
