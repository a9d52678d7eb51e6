"""Another hand's PSKC (python-pskc) on random cases: what it writes we read, what we call good it
reads the same.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_drivers.tokenfile.keys import NO_KEYS, TransportKeys
from tigertally_drivers.tokenfile.pskc import read_pskc
from tigertally_drivers.tokenfile.records import NO_END_MS, TokenRecord, strictly
from tigertally_testing.token_files import CIPHERS, HMAC_URI, Sealing, pskc, seed

other = pytest.importorskip("pskc", reason="python-pskc is missing: make .venv/ready")

VECTORS = Path(__file__).parents[3] / "vectors" / "pskc"
# What both know and write alike: GCM and the padded wrap are ours only, its 3DES needs what its
# library has moved, and numbers it enciphers as short as they are, against RFC 6030 section 4.2.
CBC = ("aes128-cbc", "aes192-cbc", "aes256-cbc")
WRAPS = ("kw-aes128", "kw-aes192", "kw-aes256")

TOKEN = st.fixed_dictionaries(
    {
        "serial": st.text("ABCDEFGHJK0123456789-", min_size=1, max_size=24),
        "secret": st.binary(min_size=16, max_size=64).map(lambda b: b[: len(b) // 8 * 8]),
        "algorithm": st.sampled_from(["hotp", "totp"]),
        "suite": st.sampled_from(["", "HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"]),
        "digits": st.integers(6, 10),
        "counter": st.integers(0, 2**62),
        "step": st.integers(1, 120),
        "issuer": st.sampled_from(["", "Issuer", "示例银行", "<&>"]),
        "expires": st.none() | st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    }
)


def written(tokens: list[dict[str, Any]], prepare: Any) -> bytes:
    container = other.PSKC()
    for token in tokens:
        algorithm = f"urn:ietf:params:xml:ns:keyprov:pskc:{token['algorithm']}"
        key = container.add_key(
            serial=token["serial"],
            secret=token["secret"],
            algorithm=algorithm,
            response_length=token["digits"],
            response_encoding="DECIMAL",
        )
        key.algorithm_suite = token["suite"] or None
        key.issuer = token["issuer"] or None
        if token["algorithm"] == "hotp":
            key.counter = token["counter"]
        else:
            key.time_interval = token["step"]
        if token["expires"]:
            key.policy.expiry_date = token["expires"].replace(tzinfo=UTC, microsecond=0)
    prepare(container)
    stream = io.BytesIO()
    container.write(stream)
    return stream.getvalue()


def as_drawn(record: TokenRecord) -> dict[str, Any]:
    timed = record.algorithm == "totp"
    return {
        "serial": record.serial,
        "secret": record.seed,
        "algorithm": record.algorithm,
        "digits": record.digits,
        "moves by": record.step_s if timed else record.counter,
        "issuer": record.issuer,
        "expires": record.valid_to_ms,
        "hash": record.hash,
    }


def expected(token: dict[str, Any]) -> dict[str, Any]:
    end = token["expires"]
    return {
        "serial": token["serial"],
        "secret": token["secret"],
        "algorithm": token["algorithm"],
        "digits": token["digits"],
        "moves by": token["step"] if token["algorithm"] == "totp" else token["counter"],
        "issuer": token["issuer"],
        "expires": int(end.replace(tzinfo=UTC, microsecond=0).timestamp()) * 1000
        if end
        else NO_END_MS,
        "hash": token["suite"].removeprefix("HMAC-").lower() or "sha1",
    }


def agree(tokens: list[dict[str, Any]], prepare: Any, keys: TransportKeys) -> None:
    data = written(tokens, prepare)
    assert [as_drawn(r) for r in strictly(read_pskc([data], keys))] == list(map(expected, tokens))


@given(st.lists(TOKEN, min_size=1, max_size=4))
def test_plain(tokens: list[dict[str, Any]]) -> None:
    agree(tokens, lambda container: None, NO_KEYS)


@given(
    st.lists(TOKEN, min_size=1, max_size=3),
    st.sampled_from(CBC + WRAPS),
    st.sampled_from(list(HMAC_URI)),
    st.binary(min_size=32, max_size=32),
)
def test_pre_shared(tokens: list[dict[str, Any]], cipher: str, mac: str, material: bytes) -> None:
    key = material[: CIPHERS[cipher][1]]

    def prepare(container: Any) -> None:
        container.encryption.setup_preshared_key(key=key, algorithm=cipher)
        if cipher in CBC:
            container.mac.setup(algorithm=f"hmac-{mac}")

    agree(tokens, prepare, TransportKeys(keys={"": key}))


@settings(max_examples=40)
@given(
    st.lists(TOKEN, min_size=1, max_size=3),
    st.sampled_from(CBC + WRAPS),
    st.sampled_from(list(HMAC_URI)),
    st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable()),
    st.integers(1, 2000),
)
def test_derived(
    tokens: list[dict[str, Any]], cipher: str, prf: str, password: str, rounds: int
) -> None:
    def prepare(container: Any) -> None:
        container.encryption.setup_pbkdf2(
            password, algorithm=cipher, prf=f"hmac-{prf}", iterations=rounds
        )

    agree(tokens, prepare, TransportKeys(password=password.encode()))


@pytest.mark.parametrize("mac", HMAC_URI)
@pytest.mark.parametrize("cipher", CBC)
def test_what_our_tests_write_is_what_it_reads(cipher: str, mac: str) -> None:
    """So a mistake in our own test files can't hide one in the reader."""
    sealing = Sealing(cipher, password=b"tiger", mac=mac)
    container = other.PSKC(io.BytesIO(pskc([1, 2], sealing)))
    container.encryption.derive_key("tiger")
    assert [(key.serial, key.secret, key.check()) for key in container.keys] == [
        ("PK00000001", seed(1), True),
        ("PK00000002", seed(2), True),
    ]


@pytest.mark.parametrize("number", [3, 5, 6, 7, 9, 10])
def test_the_figures(number: int) -> None:
    path = VECTORS / f"rfc6030-figure{number}.xml"
    key, password = bytes.fromhex("12345678901234567890123456789012"), b"qwerty"
    container = other.PSKC(str(path))
    if number == 6:
        container.encryption.key = key
    if number == 7:
        container.encryption.derive_key(password)
    ours = strictly(read_pskc([path.read_bytes()], TransportKeys(password, {"": key})))
    theirs = [key for key in container.keys if not key.algorithm.endswith(":pin")]
    assert [(r.serial, r.seed, r.digits, r.counter, r.issuer) for r in ours] == [
        (k.serial, k.secret, k.response_length, k.counter or 0, k.issuer) for k in theirs
    ]
