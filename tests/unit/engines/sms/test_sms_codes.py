"""The code follows from key, nonce and transaction and from nothing else; a sealed one opens only
with its key and for its challenge.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.sms import codes, sealing
from tigertally_engines.sms.codes import Issued, SmsResult
from tigertally_engines.sms.parameters import SmsParameterError, SmsParameters
from tigertally_engines.sms.sealing import AppKey
from tigertally_engines.sms.transaction import BadFields, Field, Transaction, canonical, parse_free

KEY, NONCE = bytes(range(32)), bytes(range(100, 116))
PAYMENT = Transaction(
    institution="0001",
    customer="C1",
    channel=7,
    scene="payment",
    amount=12_345,
    currency="CNY",
    payee="6222020200012345",
    payee_name="王小明",
    purpose="rent",
    free=(Field("invoice", "17"),),
)
CHANGES = {
    "institution": "0002",
    "customer": "C2",
    "channel": 8,
    "scene": "login",
    "amount": 12_346,
    "currency": "USD",
    "payee": "6222020200012346",
    "payee_name": "王大明",
    "purpose": "Rent",
    "free": (Field("invoice", "18"),),
}


def issued(transaction: Transaction = PAYMENT, **changes: Any) -> Issued:
    bare = Issued(NONCE, transaction.digest(), 6, "sha256", transaction.scene)
    return msgspec.structs.replace(bare, **changes)


def result(key: bytes, sent: Issued, digest: bytes, code: str) -> SmsResult:
    found, right = codes.verify(key, sent, digest, codes.typed(code))
    assert bool(right) == (found is SmsResult.APPROVED)
    return found


def test_code_is_the_truncated_hmac_of_the_specification():
    label = b"tigertally sms code 1\0"
    mac = hmac.digest(KEY, label + NONCE + PAYMENT.digest(), "sha256")
    assert codes.code_of(KEY, issued()) == f"{int.from_bytes(mac[:8]) % 10**6:06d}"


def test_canonical_form_byte_for_byte():
    encoded = canonical([Field("payee", "王"), Field("amount", 258)])
    assert encoded == (
        b"TTX1\0\x02" + b"\x02\0\x06amount\0\0\0\x08" + struct.pack(">Q", 258)
        + b"\x01\0\x05payee\0\0\0\x03" + "王".encode()
    )  # fmt: skip
    assert PAYMENT.digest() == hashlib.sha256(canonical(PAYMENT.fields())).digest()


@pytest.mark.parametrize("name", CHANGES)
def test_any_changed_field_refuses_the_code(name):
    assert set(CHANGES) == set(Transaction.__struct_fields__)
    other = msgspec.structs.replace(PAYMENT, **{name: CHANGES[name]})
    right = codes.code_of(KEY, issued())
    assert result(KEY, issued(), PAYMENT.digest(), right) is SmsResult.APPROVED
    assert result(KEY, issued(), other.digest(), right) is SmsResult.TRANSACTION_DIFFERS
    assert codes.code_of(KEY, issued(other)) != right


@pytest.mark.parametrize("hash_name", ["sha256", "sm3"])
@pytest.mark.parametrize("digits", [6, 8, 10])
def test_every_form_verifies_itself_only(hash_name, digits):
    one = issued(digits=digits, hash=hash_name)
    code = codes.code_of(KEY, one)
    assert len(code) == digits
    assert result(KEY, one, one.digest, code) is SmsResult.APPROVED
    for wrong in ("", code[:-1], code + "0", " " + code[1:], "²" * digits):
        assert result(KEY, one, one.digest, wrong) is SmsResult.WRONG
    assert result(bytes(32), one, one.digest, code) is SmsResult.WRONG


def test_key_nonce_and_hash_make_the_code():
    made = {
        codes.code_of(KEY, issued(digits=10)),
        codes.code_of(KEY[::-1], issued(digits=10)),
        codes.code_of(KEY, issued(digits=10, nonce=NONCE[::-1])),
        codes.code_of(KEY, issued(digits=10, hash="sm3")),
    }
    assert len(made) == 4


def test_server_code_is_the_challenges_own_and_easy_to_read():
    shown = codes.server_code(KEY, NONCE)
    assert shown == codes.server_code(KEY, NONCE)
    assert shown != codes.server_code(KEY, NONCE[::-1])
    assert len(shown) == codes.SERVER_CODE_LENGTH
    assert not set(shown) & set("01IOL")


FIELDS = st.lists(
    st.tuples(st.text(max_size=5), st.one_of(st.text(max_size=5), st.integers(0, 2**64 - 1))),
    max_size=4,
    unique_by=lambda field: field[0],
)


@given(FIELDS, FIELDS)
def test_different_fields_have_different_forms(one, other):
    """No field flows into its neighbour; the order in which they are given doesn't count."""
    same = sorted(one, key=lambda f: f[0]) == sorted(other, key=lambda f: f[0])
    same = same and [type(v) for _, v in sorted(one, key=lambda f: f[0])] == [
        type(v) for _, v in sorted(other, key=lambda f: f[0])
    ]
    forms = [canonical([Field(*field) for field in fields]) for fields in (one, other)]
    assert (forms[0] == forms[1]) == same
    assert canonical([Field(*field) for field in reversed(one)]) == forms[0]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", ()),
        (" ; ", ()),
        ("b=2; a = 1 ", (("a", "1"), ("b", "2"))),
        ("note=a=b", (("note", "a=b"),)),
        ("empty=", (("empty", ""),)),
    ],
)
def test_free_fields(text, fields):
    assert parse_free(text) == fields


@pytest.mark.parametrize(
    "text", ["a", "=1", "A=1", "1a=1", "a b=1", "a=1;a=1", "ä=1", "a" * 25 + "=1"]
)
def test_bad_free_fields(text):
    with pytest.raises(BadFields):
        parse_free(text)


def test_a_free_field_cant_take_the_place_of_ours():
    bare = msgspec.structs.replace(PAYMENT, amount=0, free=())
    smuggled = msgspec.structs.replace(bare, free=(Field("amount", "0"),))
    assert bare.digest() != smuggled.digest()
    canonical(smuggled.fields())
    with pytest.raises(BadFields):
        canonical([Field("a", 1), Field("a", "1")])


APPS = [AppKey("aes-gcm", KEY), AppKey("aes-gcm", KEY[:16]), AppKey("sm4-gcm", KEY[:16])]


@pytest.mark.parametrize("app", APPS, ids=lambda app: f"{app.algorithm}-{8 * len(app.key)}")
def test_a_sealed_code_opens_with_its_key_and_for_its_challenge_only(app):
    sealed = sealing.seal_code(app, "1234567890", NONCE, bytes(12))
    assert len(sealed) == sealing.SEALED_LENGTH
    assert "1234567890" not in sealed
    assert sealing.open_code(app, sealed, NONCE) == "1234567890"
    other = AppKey(app.algorithm, app.key[::-1])
    middle = len(sealed) // 2
    spoilt = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    for key, text, challenge in [
        (other, sealed, NONCE),
        (app, sealed, NONCE[::-1]),
        (app, spoilt, NONCE),
        (app, "", NONCE),
        (app, "TT1.", NONCE),
        (app, "TT1.?", NONCE),
        (app, sealed[:-8], NONCE),
    ]:
        with pytest.raises(sealing.NotSealed):
            sealing.open_code(key, text, challenge)


def test_sealing_is_plain_gcm():
    sealed = sealing.seal_code(APPS[0], "123456", NONCE, bytes(12))
    octets = base64.urlsafe_b64decode(sealed[4:] + "=" * (-len(sealed[4:]) % 4))
    aad = b"tigertally sealed code 1\0" + NONCE
    assert AESGCM(KEY).decrypt(octets[:12], octets[12:], aad) == b"123456"


@pytest.mark.parametrize(
    ("app", "usable"),
    [
        *((app, True) for app in APPS),
        (AppKey("aes-gcm", KEY[:24]), False),
        (AppKey("sm4-gcm", KEY), False),
        (AppKey("des", KEY[:16]), False),
    ],
)
def test_usable_keys(app, usable):
    assert app.usable is usable


def test_records_hide_what_they_hold():
    assert KEY.hex() not in repr(APPS[0])
    assert "nonce" not in repr(issued())
    assert set(Issued.__struct_fields__) == {"nonce", "digest", "digits", "hash", "scene", "app"}


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"digits": 5}, "digits"),
        ({"digits": True}, "digits"),
        ({"valid_s": 601}, "valid_s"),
        ({"hash": "md5"}, "hash"),
        ({"failure_ceiling": 101}, "failure_ceiling"),
        ({"lock_cap_s": 899}, "lock_cap_s"),
        ({"colour": 1}, "colour"),
    ],
)
def test_bad_parameters_are_named(overrides, named):
    with pytest.raises(SmsParameterError, match=named) as caught:
        SmsParameters().merge(overrides)
    assert caught.value.name == named
    assert SmsParameters().merge({"digits": 8, "hash": "sm3"}).digits == 8
