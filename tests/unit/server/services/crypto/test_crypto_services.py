"""The crypto engine's transactions through the real services and the in-memory store."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from tigertally_engines.crypto.ciphers import block_cipher
from tigertally_engines.crypto.key_blocks import CarriedKey, disclose, enclose
from tigertally_engines.crypto.pin_blocks import ClearPin, PinFormat, make_block, open_block
from tigertally_engines.crypto.policy import CryptoPolicy
from tigertally_protocol.codes import ResponseCode as C
from tigertally_protocol.messages import crypto
from tigertally_protocol.secret import SecretBytes, SecretText
from tigertally_protocol.transactions import Transaction
from tigertally_server.domain.key import KeyState
from tigertally_server.services.crypto.finding import owner_of_institution
from tigertally_server.services.recording import open_outcome
from tigertally_testing.bank import INSTITUTION, memory_installation
from tigertally_testing.crypto_bank import (
    ACCOUNT,
    AES_KEY,
    DES_PAIR,
    CryptoBank,
    block_field,
    data,
    decipher_request,
    encipher_request,
    mac_check,
    mac_request,
    pin_check,
)

T = Transaction
CMAC_ALGORITHM, RETAIL, CBC_MAC, HMAC_ALGORITHM = 5, 3, 1, 16
GCM, CBC, ECB = 1, 2, 3
LEGACY = CryptoPolicy(allow=frozenset({"3des-112", "padding-1", "ecb"}))
TEXT = b"6222021234567890123=2512"
FRESH = bytes(range(8))


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    bank = CryptoBank(store, context, clock, entropy)
    bank.add_channel(1)
    return bank


@pytest.fixture
def legacy(clock, entropy):
    """A bank whose configuration allows two-key triple DES and what goes with it."""
    store, context = memory_installation(entropy)
    bank = CryptoBank(store, replace(context, crypto=LEGACY), clock, entropy)
    bank.add_channel(1)
    return bank


def cmac(key, message):
    context = CMAC(AES(key))
    context.update(message)
    return context.finalize()


# MACs.


def test_a_mac_is_made_and_verified(bank):
    bank.put_key("mak", "mac", "aes-128", AES_KEY)
    made = bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16))
    assert made.code is C.COMPUTED
    mac = made.body.mac_value[:16]
    assert (mac, made.body.key_generation) == (cmac(AES_KEY, TEXT), 1)
    assert made.seq >= 0
    right = bank.ask(T.VERIFY_MAC, mac_check("mak", TEXT, mac, CMAC_ALGORITHM, 0))
    wrong = bank.ask(T.VERIFY_MAC, mac_check("mak", TEXT + b"0", mac, CMAC_ALGORITHM, 0))
    assert (right.code, wrong.code) == (C.APPROVED, C.MAC_WRONG)


def test_an_old_generation_verifies_and_makes_nothing(bank):
    first = bank.put_key("mak", "mac", "aes-128", AES_KEY)
    mac = bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 8)).body.mac_value
    bank.change_key(first, replace(first, state=KeyState.OLD))
    assert (
        bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 8)).code
        is C.KEY_NOT_USABLE
    )
    bank.put_key("mak", "mac", "aes-128", AES_KEY[::-1], generation=2)

    def verified(generation):
        message = mac_check("mak", TEXT, mac[:8], CMAC_ALGORITHM, 0, generation=generation)
        return bank.ask(T.VERIFY_MAC, message).code

    assert [verified(g) for g in (0, 1, 2, 3)] == [
        C.MAC_WRONG,
        C.APPROVED,
        C.MAC_WRONG,
        C.KEY_NOT_USABLE,
    ]


def test_a_compromised_mac_key_proves_nothing(bank):
    key = bank.put_key("mak", "mac", "aes-128", AES_KEY)
    bank.change_key(key, replace(key, state=KeyState.COMPROMISED))
    message = mac_check("mak", TEXT, cmac(AES_KEY, TEXT), CMAC_ALGORITHM, 0, generation=1)
    assert bank.ask(T.VERIFY_MAC, message).code is C.KEY_NOT_USABLE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mac_algorithm": 4}, "mac_algorithm"),
        ({"padding": 4}, "padding"),
        ({"padding": 2}, "padding"),
        ({"mac_algorithm": 3, "padding": 0}, "padding"),
        ({"mac_length": 3}, "mac_length"),
        ({"mac_length": 17}, "mac_length"),
        ({"data_length": 1025}, "data"),
        ({"data_length": 3}, "data"),
    ],
)
def test_bad_fields_of_macs_are_named(bank, changes, field):
    bank.put_key("mak", "mac", "aes-128", AES_KEY)
    message = mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16)
    outcome = bank.ask(T.GENERATE_MAC, msgspec.structs.replace(message, **changes))
    assert (outcome.code, outcome.body.detail) == (C.BAD_FIELD, field)


# Keys: whose, for what, how strong.


def test_a_key_serves_its_purpose_only(bank):
    bank.put_key("k", "mac", "aes-128", AES_KEY)
    bank.put_key("p", "pin-block", "aes-128", AES_KEY)
    asked = [
        (T.DECIPHER_FIELD, decipher_request("k", bytes(32), CBC)),
        (T.ENCIPHER_FIELD, encipher_request("k", TEXT, GCM)),
        (T.ENCIPHER_FIELD, encipher_request("p", TEXT, GCM)),
        (T.DECIPHER_FIELD, decipher_request("p", bytes(32), CBC)),
        (T.GENERATE_MAC, mac_request("p", TEXT, CMAC_ALGORITHM, 0, 16)),
        (T.TRANSLATE_PIN, translation("k", "p")),
        (T.TRANSLATE_PIN, translation("p", "k")),
    ]
    for transaction, message in asked:
        outcome = bank.ask(transaction, message)
        assert (outcome.code, outcome.seq) == (C.KEY_NOT_FOR_THIS, -1), transaction.name


def test_keys_are_the_channels_own_or_its_institutions(bank):
    bank.put_key("shared", "mac", "aes-128", AES_KEY, owner=owner_of_institution(INSTITUTION))
    bank.put_key("theirs", "mac", "aes-128", AES_KEY, owner=owner_of_institution("0002"))
    bank.put_key("other", "mac", "aes-128", AES_KEY, owner="channel/2")
    codes = [
        bank.ask(T.GENERATE_MAC, mac_request(name, TEXT, CMAC_ALGORITHM, 0, 16)).code
        for name in ("shared", "theirs", "other", "none")
    ]
    assert codes == [C.COMPUTED, C.KEY_UNKNOWN, C.KEY_UNKNOWN, C.KEY_UNKNOWN]
    bank.put_key("shared", "mac", "aes-128", AES_KEY[::-1])
    made = bank.ask(T.GENERATE_MAC, mac_request("shared", TEXT, CMAC_ALGORITHM, 0, 16))
    assert made.body.mac_value[:16] == cmac(AES_KEY[::-1], TEXT)


WEAK = [
    ("3des-112", DES_PAIR, CMAC_ALGORITHM, 0, 8, "3des-112"),
    ("des", DES_PAIR[:8], CMAC_ALGORITHM, 0, 8, "des"),
    ("aes-128", AES_KEY, CBC_MAC, 2, 8, "bare-cbc-mac"),
    ("aes-128", AES_KEY, 2, 1, 8, "padding-1"),
    ("aes-128", AES_KEY, CMAC_ALGORITHM, 0, 4, "short-mac"),
]


@pytest.mark.parametrize(("algorithm", "key", "mac", "padding", "length", "weakness"), WEAK)
def test_what_is_weak_is_refused_unless_configured(
    clock, entropy, algorithm, key, mac, padding, length, weakness
):
    store, context = memory_installation(entropy)
    bank = CryptoBank(store, context, clock, entropy)
    bank.add_channel(1)
    bank.put_key("mak", "mac", algorithm, key)
    message = mac_request("mak", TEXT, mac, padding, length)
    refused = bank.ask(T.GENERATE_MAC, message)
    assert (refused.code, refused.body.detail) == (C.ALGORITHM_NOT_PERMITTED, weakness)
    allowed = replace(context, crypto=CryptoPolicy(allow=frozenset({weakness})))
    bank = CryptoBank(store, allowed, clock, entropy)
    bank.channel = allowed.snapshot.channels[1]
    assert bank.ask(T.GENERATE_MAC, message, serial=99).code is C.COMPUTED


def test_ecb_and_sha_1_are_refused(bank):
    bank.put_key("fek", "field", "aes-128", AES_KEY)
    ecb = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, ECB))
    assert (ecb.code, ecb.body.detail) == (C.ALGORITHM_NOT_PERMITTED, "ecb")
    sha = bank.ask(T.DIGEST, crypto.DigestRequest(digest_algorithm=5, **data(TEXT)))
    assert (sha.code, sha.body.detail) == (C.ALGORITHM_NOT_PERMITTED, "sha-1")


def test_a_key_that_can_not_do_it_says_so(bank):
    bank.put_key("mak", "mac", "aes-128", AES_KEY)
    bank.put_key("hmk", "mac", "hmac-sm3", AES_KEY)
    bank.put_key("fek", "field", "3des-168", DES_PAIR + AES_KEY[:8])
    asked = [
        (T.GENERATE_MAC, mac_request("mak", TEXT, RETAIL, 2, 8)),
        (T.GENERATE_MAC, mac_request("mak", TEXT, HMAC_ALGORITHM, 0, 16)),
        (T.GENERATE_MAC, mac_request("hmk", TEXT, CMAC_ALGORITHM, 0, 16)),
        (T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM)),
        (T.ENCIPHER_FIELD, encipher_request("fek", TEXT, CBC, context="bound")),
    ]
    for transaction, message in asked:
        assert bank.ask(transaction, message).code is C.ALGORITHM_NOT_OF_KEY


# Fields.


@pytest.mark.parametrize(("algorithm", "size"), [("aes-128", 16), ("aes-256", 32), ("sm4", 16)])
@pytest.mark.parametrize("mode", [GCM, CBC])
@pytest.mark.parametrize("plain", [b"", TEXT, b"x" * 512])
def test_a_field_comes_back(bank, algorithm, size, mode, plain):
    bank.put_key("fek", "field", algorithm, bytes(range(size)))
    made = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", plain, mode)).body
    enciphered = made.ciphertext[: made.cipher_length]
    assert plain == b"" or plain not in enciphered
    message = decipher_request("fek", enciphered, mode, generation=made.key_generation)
    opened = bank.ask(T.DECIPHER_FIELD, message)
    assert opened.code is C.COMPUTED
    assert opened.body.plain.reveal()[: opened.body.plain_length] == plain


@pytest.mark.parametrize("mode", [GCM, CBC])
def test_every_failure_to_decipher_is_one_answer(bank, mode):
    bank.put_key("fek", "field", "aes-128", AES_KEY)
    made = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, mode)).body
    good = made.ciphertext[: made.cipher_length]
    bad = [good[:-1], good[:16], b"", good[:8], good + b"\1"]
    bad += [good[:-1] + bytes((last,)) for last in range(256) if last != good[-1]]
    outcomes = [bank.ask(T.DECIPHER_FIELD, decipher_request("fek", one, mode)) for one in bad]
    refused = [o for o in outcomes if o.code is C.NOT_DECIPHERED]
    # CBC guards nothing: a random last block is sound padding about once in 256.
    assert len(refused) == len(bad) if mode == GCM else len(refused) > len(bad) - 8
    assert {o.code for o in outcomes} <= {C.NOT_DECIPHERED, C.COMPUTED}
    assert {(o.body, o.detail) for o in refused} == {(None, "")}


def test_a_field_is_bound_to_its_place_by_gcm(bank):
    bank.put_key("fek", "field", "sm4", AES_KEY)
    made = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM, "card/1")).body
    enciphered = made.ciphertext[: made.cipher_length]

    def opened(context):
        return bank.ask(T.DECIPHER_FIELD, decipher_request("fek", enciphered, GCM, context)).code

    assert [opened(c) for c in ("card/1", "card/2", "")] == [
        C.COMPUTED,
        C.NOT_DECIPHERED,
        C.NOT_DECIPHERED,
    ]


def test_a_compromised_key_still_recovers_fields(bank):
    key = bank.put_key("fek", "field", "aes-128", AES_KEY)
    made = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM)).body
    bank.change_key(key, replace(key, state=KeyState.COMPROMISED))
    enciphered = made.ciphertext[: made.cipher_length]
    assert (
        bank.ask(T.DECIPHER_FIELD, decipher_request("fek", enciphered, GCM, generation=1)).code
        is C.COMPUTED
    )
    assert bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM)).code is C.KEY_NOT_USABLE


# One serial, one answer; and nothing of it in the entry.


def test_a_retry_gets_the_same_answer_though_it_was_not_kept(bank):
    bank.put_key("fek", "field", "aes-128", AES_KEY)
    bank.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    asked = [
        (T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM)),
        (T.TRANSLATE_PIN, translation("zpk", "zpk", 4, 4)),
    ]
    for transaction, message in asked:
        serial = bank.next_serial()
        first = bank.ask(transaction, message, serial=serial)
        again = bank.ask(transaction, message, serial=serial)
        other = bank.ask(transaction, message)
        assert first.code is C.COMPUTED
        assert again == first
        assert other.body != first.body


def test_a_retry_uses_the_generation_that_answered(bank):
    first = bank.put_key("mak", "mac", "aes-128", AES_KEY)
    message = mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16)
    answer = bank.ask(T.GENERATE_MAC, message, serial=500)
    bank.change_key(first, replace(first, state=KeyState.OLD))
    bank.put_key("mak", "mac", "aes-128", AES_KEY[::-1], generation=2)
    assert bank.ask(T.GENERATE_MAC, message, serial=500) == answer
    old = replace(first, state=KeyState.OLD)
    bank.change_key(old, replace(old, state=KeyState.DESTROYED, sealed=b""))
    assert bank.ask(T.GENERATE_MAC, message, serial=500).code is C.KEY_NOT_USABLE
    changed = mac_request("mak", TEXT + b"1", CMAC_ALGORITHM, 0, 16)
    assert bank.ask(T.GENERATE_MAC, changed, serial=500).code is C.SERIAL_CONFLICT


def test_no_entry_holds_what_was_computed(bank):
    bank.put_key("fek", "field", "aes-128", AES_KEY)
    bank.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    bank.put_key("pvk", "pin-verifier", "hmac-sha256", AES_KEY)
    made = bank.ask(T.ENCIPHER_FIELD, encipher_request("fek", TEXT, GCM)).body
    enciphered = made.ciphertext[: made.cipher_length]
    bank.ask(T.DECIPHER_FIELD, decipher_request("fek", enciphered, GCM))
    bank.ask(T.TRANSLATE_PIN, translation("zpk", "zpk", 4, 4))
    value = bank.ask(T.MAKE_PIN_VALUE, making(block_4("1234"), 3)).body.pin_value.reveal()
    planted = [TEXT, enciphered[12:], b"1234", ACCOUNT.encode(), value.encode(), AES_KEY]
    for stored in bank.store.tables.entries.values():
        opened = open_outcome(bank.context, stored.entry)
        shown = opened.note + repr(opened.body).encode()
        assert not [secret for secret in planted if secret in shown]


# PINs.


def block_4(pin, account=ACCOUNT, key=AES_KEY):
    return make_block(block_cipher("aes-128", key), PinFormat.ISO_4, ClearPin(pin), account, FRESH)


def block_0(pin, account=ACCOUNT, key=DES_PAIR):
    cipher = block_cipher("3des-112", key)
    return make_block(cipher, PinFormat.ISO_0, ClearPin(pin), account, FRESH)


def translation(key, new_key, pin_format=4, new_format=4, block=None, account=ACCOUNT):
    return crypto.TranslatePinRequest(
        key=key,
        new_key=new_key,
        pin_format=pin_format,
        new_format=new_format,
        account=SecretText(account),
        pin_block=block_field(block_4("1234") if block is None else block),
    )


def making(block, method, pin_format=4, index=0):
    return crypto.MakePinValueRequest(
        key="zpk",
        pin_key="pvk",
        pin_format=pin_format,
        pin_method=method,
        pin_index=index,
        account=SecretText(ACCOUNT),
        pin_block=block_field(block),
    )


CIPHERS = {
    "old": ("3des-112", DES_PAIR),
    "strong-old": ("3des-168", DES_PAIR + AES_KEY[:8]),
    "aes": ("aes-128", AES_KEY),
    "gm": ("sm4", AES_KEY[::-1]),
}
FORMATS = {"old": (0, 3), "strong-old": (0, 3), "aes": (4,), "gm": (4,)}


def test_blocks_travel_between_all_keys_and_formats(legacy):
    for name, (algorithm, key) in CIPHERS.items():
        legacy.put_key(name, "pin-block", algorithm, key)
    for source, (algorithm, key) in CIPHERS.items():
        for pin_format in FORMATS[source]:
            block = make_block(
                block_cipher(algorithm, key),
                PinFormat(pin_format),
                ClearPin("98765"),
                ACCOUNT,
                FRESH,
            )
            for target, (new_algorithm, new_key) in CIPHERS.items():
                for new_format in FORMATS[target]:
                    message = translation(source, target, pin_format, new_format, block)
                    outcome = legacy.ask(T.TRANSLATE_PIN, message)
                    assert outcome.code is C.COMPUTED
                    made = outcome.body.pin_block.reveal()[: 16 if new_format == 4 else 8]
                    pin = open_block(
                        block_cipher(new_algorithm, new_key), PinFormat(new_format), made, ACCOUNT
                    )
                    assert pin.reveal() == "98765"


def test_a_block_of_another_account_number_is_refused(legacy):
    legacy.put_key("aes", "pin-block", "aes-128", AES_KEY)
    legacy.put_key("old", "pin-block", "3des-112", DES_PAIR)
    other = ACCOUNT[:-2] + "94"
    refused = [
        translation("aes", "aes", 4, 4, block_4("1234"), other),
        translation("aes", "aes", 4, 4, bytes(16)),
        translation("old", "aes", 0, 4, block_0("1234")[::-1]),
        translation("old", "aes", 3, 4, block_0("1234")),
        translation("old", "aes", 0, 4, bytes(8)),
    ]
    answers = {(o.code, o.body) for m in refused for o in [legacy.ask(T.TRANSLATE_PIN, m)]}
    assert answers == {(C.PIN_BLOCK_REFUSED, None)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"new_format": 0}, C.ALGORITHM_NOT_OF_KEY),
        ({"pin_format": 0}, C.BAD_FIELD),
        ({"pin_format": 1}, C.BAD_FIELD),
        ({"new_format": 2}, C.BAD_FIELD),
        ({"account": "123456789012"}, C.BAD_FIELD),
    ],
)
def test_bad_translations(bank, changes, code):
    bank.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    assert bank.ask(T.TRANSLATE_PIN, translation("zpk", "zpk", **changes)).code is code


def test_pvv_of_the_published_example(legacy):
    """PVV 6629 of PIN 1234: the documentation of psec."""
    account = "4321000000001234"
    legacy.put_key("zpk", "pin-block", "3des-112", DES_PAIR)
    legacy.put_key("pvk", "pin-pvv", "3des-112", DES_PAIR)

    def verified(pin, value, **changes):
        message = pin_check(
            block_0(pin, account), value, 1, pin_index=1, account=SecretText(account), **changes
        )
        return legacy.ask(T.VERIFY_PIN, message)

    assert verified("1234", "6629").code is C.APPROVED
    wrong = verified("1235", "6629")
    assert (wrong.code, wrong.body.remaining_tries) == (C.PIN_WRONG, 5)
    assert verified("1234", "6628").body.remaining_tries == 4
    assert verified("1234", "66290").code is C.PIN_WRONG


@pytest.mark.parametrize(
    ("method", "purpose", "algorithm", "key"),
    [
        (1, "pin-pvv", "3des-112", DES_PAIR),
        (2, "pin-offset", "3des-168", DES_PAIR + AES_KEY[:8]),
        (3, "pin-verifier", "hmac-sha256", AES_KEY),
        (3, "pin-verifier", "hmac-sm3", AES_KEY),
    ],
)
def test_what_is_made_of_a_pin_verifies_it(legacy, method, purpose, algorithm, key):
    legacy.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    legacy.put_key("pvk", purpose, algorithm, key)
    made = legacy.ask(T.MAKE_PIN_VALUE, making(block_4("246802"), method))
    assert made.code is C.COMPUTED
    value = made.body.pin_value.reveal()
    assert "246802" not in value

    def verified(pin):
        message = pin_check(block_4(pin), value, method, pin_format=4)
        return legacy.ask(T.VERIFY_PIN, message).code

    assert verified("246802") is C.APPROVED
    assert verified("136791") is C.PIN_WRONG


def test_wrong_pins_of_an_account_number_are_limited(bank, clock):
    bank.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    bank.put_key("pvk", "pin-verifier", "hmac-sha256", AES_KEY)
    value = bank.ask(T.MAKE_PIN_VALUE, making(block_4("1234"), 3)).body.pin_value.reveal()

    def verified(pin, value=value):
        message = pin_check(block_4(pin), value, 3, pin_format=4)
        return bank.ask(T.VERIFY_PIN, message).code

    assert [verified(f"111{n}") for n in range(6)] == [C.PIN_WRONG] * 6
    assert verified("1234") is C.PIN_TRIES_EXCEEDED
    assert verified("1234", "0" * 64) is C.PIN_TRIES_EXCEEDED
    clock.advance(86_400_000 + 600_000)
    assert verified("1234") is C.APPROVED


def test_wrong_pins_in_one_batch_are_counted(bank):
    bank.put_key("zpk", "pin-block", "aes-128", AES_KEY)
    bank.put_key("pvk", "pin-verifier", "hmac-sha256", AES_KEY)
    message = pin_check(block_4("1234"), "00" * 32, 3, pin_format=4)
    outcomes = bank.run(*(bank.request(T.VERIFY_PIN, message) for _ in range(8)))
    assert [o.code for o in outcomes] == [C.PIN_WRONG] * 6 + [C.PIN_TRIES_EXCEEDED] * 2


# Random octets and digests.


def test_random_octets_and_digests_leave_no_entry(bank):
    drawn = [bank.ask(T.DRAW_RANDOM, crypto.DrawRandomRequest(octet_count=32)) for _ in range(2)]
    assert {(o.code, o.seq) for o in drawn} == {(C.ANSWERED, -1)}
    assert drawn[0].body.random_octets.reveal() != drawn[1].body.random_octets.reveal()
    assert set(drawn[0].body.random_octets.reveal()[32:]) == {0}
    for count in (0, 257):
        message = crypto.DrawRandomRequest(octet_count=count)
        assert bank.ask(T.DRAW_RANDOM, message).code is C.BAD_FIELD
    digest = bank.ask(T.DIGEST, crypto.DigestRequest(digest_algorithm=4, **data(b"abc"))).body
    assert digest.digest_value[: digest.digest_length].hex() == (
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


# A channel's own keys.

TRANSPORT_KEY = bytes(range(32))


def issue(bank, name="mak", purpose="mac", algorithm="aes-128", transport=""):
    message = crypto.IssueKeyRequest(
        key=name, key_purpose=purpose, key_algorithm=algorithm, transport_key=transport
    )
    return bank.ask_changing(T.ISSUE_KEY, message)


def bring(bank, block, name="mak", check="", transport="kek"):
    message = crypto.ImportKeyRequest(
        key=name, transport_key=transport, check_value=check, key_block=block
    )
    return bank.ask_changing(T.IMPORT_KEY, message)


def test_a_key_is_issued_used_replaced_and_retired(bank):
    bank.put_key("kek", "transport", "aes-256", TRANSPORT_KEY)
    issued = issue(bank, transport="kek")
    assert issued.code is C.CHANGED
    carried = disclose("aes-256", TRANSPORT_KEY, issued.body.key_block)
    assert (carried.purpose, carried.algorithm, carried.exportable) == ("mac", "aes-128", False)
    made = bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16))
    assert made.body.mac_value[:16] == cmac(carried.key, TEXT)
    second = issue(bank)
    assert (second.body.key_generation, second.body.key_block) == (2, "")
    asked = crypto.QueryKeyRequest(key="mak", key_purpose="mac", key_generation=1)
    assert bank.ask(T.QUERY_KEY, asked).body.key_state == "old"
    gone = bank.ask_changing(T.RETIRE_KEY, crypto.RetireKeyRequest(key="mak", key_purpose="mac"))
    assert (gone.code, gone.body.key_generation, gone.body.key_state) == (C.CHANGED, 2, "old")
    assert (
        bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16)).code
        is C.KEY_NOT_USABLE
    )
    assert issue(bank).body.key_generation == 3


def test_a_retried_issue_brings_the_same_key_block(bank):
    bank.put_key("kek", "transport", "aes-256", TRANSPORT_KEY)
    message = crypto.IssueKeyRequest(
        key="mak", key_purpose="mac", key_algorithm="sm4", transport_key="kek"
    )
    first = bank.ask_changing(T.ISSUE_KEY, message, serial=77)
    assert bank.ask_changing(T.ISSUE_KEY, message, serial=77) == first


def test_two_changes_of_a_key_in_one_batch(bank):
    message = crypto.IssueKeyRequest(key="mak", key_purpose="mac", key_algorithm="sm4")
    outcomes = bank.run(*(bank.request(T.ISSUE_KEY, message) for _ in range(3)))
    assert [o.code for o in outcomes] == [C.CHANGED, C.BUSY, C.BUSY]


def test_a_key_is_brought_with_its_check_value(bank):
    bank.put_key("kek", "transport", "aes-256", TRANSPORT_KEY)
    carried = CarriedKey("mac", "aes-128", AES_KEY, exportable=True)
    block = enclose("aes-256", TRANSPORT_KEY, carried, bytes(16))
    check = cmac(AES_KEY, bytes(16))[:3].hex()
    assert bring(bank, block, check="000000").code is C.CHECK_VALUE_DIFFERS
    brought = bring(bank, block, check=check.upper())
    assert (brought.code, brought.body.check_value) == (C.CHANGED, check)
    made = bank.ask(T.GENERATE_MAC, mac_request("mak", TEXT, CMAC_ALGORITHM, 0, 16))
    assert made.body.mac_value[:16] == cmac(AES_KEY, TEXT)
    assert bring(bank, block[:-1] + ("0" if block[-1] != "0" else "1")).code is C.KEY_BLOCK_REFUSED
    assert bring(bank, "rubbish").code is C.KEY_BLOCK_REFUSED
    assert bring(bank, block, transport="none").code is C.KEY_UNKNOWN
    assert bring(bank, block, transport="mak").code is C.KEY_NOT_FOR_THIS


def test_no_key_travels_under_a_weaker_one(bank):
    bank.put_key("kek", "transport", "aes-128", AES_KEY)
    refused = issue(bank, algorithm="aes-256", transport="kek")
    assert (refused.code, refused.body.detail) == (C.ALGORITHM_NOT_PERMITTED, "transport_key")
    carried = CarriedKey("mac", "aes-256", TRANSPORT_KEY, exportable=False)
    block = enclose("aes-128", AES_KEY, carried, bytes(16))
    assert bring(bank, block).code is C.ALGORITHM_NOT_PERMITTED


@pytest.mark.parametrize(
    ("purpose", "algorithm", "code", "detail"),
    [
        ("mac", "des", C.ALGORITHM_NOT_PERMITTED, "des"),
        ("mac", "3des-112", C.ALGORITHM_NOT_PERMITTED, "3des-112"),
        ("mac", "rot13", C.BAD_FIELD, "key_algorithm"),
        ("signature", "aes-128", C.BAD_FIELD, "key_purpose"),
        ("pin-pvv", "aes-128", C.ALGORITHM_NOT_OF_KEY, ""),
        ("field", "hmac-sm3", C.ALGORITHM_NOT_OF_KEY, ""),
        ("pin-verifier", "sm4", C.ALGORITHM_NOT_OF_KEY, ""),
    ],
)
def test_keys_that_are_not_made(bank, purpose, algorithm, code, detail):
    outcome = issue(bank, purpose=purpose, algorithm=algorithm)
    assert (outcome.code, "" if outcome.body is None else outcome.body.detail) == (code, detail)


def test_an_institutions_key_is_not_its_channels_to_retire(bank):
    bank.put_key("shared", "mac", "aes-128", AES_KEY, owner=owner_of_institution(INSTITUTION))
    message = crypto.RetireKeyRequest(key="shared", key_purpose="mac")
    assert bank.ask(T.RETIRE_KEY, message).code is C.KEY_NOT_USABLE


def test_nothing_secret_shows_in_a_repr(bank):
    opened = bank.context.opened.opened(
        bank.context.keyring, bank.put_key("mak", "mac", "aes-128", AES_KEY)
    )
    shown = repr(opened) + repr(ClearPin("918273")) + repr(translation("a", "b"))
    assert "918273" not in shown
    assert AES_KEY.hex() not in shown
    assert ACCOUNT not in shown
    assert SecretBytes(b"x").reveal() == b"x"
