"""Files sealed for the printing house: the RFC's example, another library's files, and whatever
does not open.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from tigertally_drivers.tokenfile import jwe
from tigertally_drivers.tokenfile.jwe import SealedFileError

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "jwe.json").read_text())
PLAIN = b"serial,A1\r\nK1,042\r\n"


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def public_pem(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


@pytest.fixture(scope="module", params=["rsa", "P-256", "P-384", "P-521"])
def key(request):
    if request.param == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(jwe._CURVES[request.param][0])


def test_agreement_as_rfc_7518_appendix_c():
    example = VECTORS["rfc7518_c"]
    alice = ec.derive_private_key(number(example["alice"]["d"]), ec.SECP256R1())
    bob = ec.EllipticCurvePublicNumbers(
        number(example["bob"]["x"]), number(example["bob"]["y"]), ec.SECP256R1()
    ).public_key()
    derived = jwe.derived_key(
        alice.exchange(ec.ECDH(), bob),
        example["enc"],
        16,
        example["apu"].encode(),
        example["apv"].encode(),
    )
    assert base64.urlsafe_b64encode(derived).decode().rstrip("=") == example["derived"]


@pytest.mark.parametrize("file", VECTORS["files"], ids=["RSA", "P-256", "P-384", "P-521"])
def test_another_librarys_files_open(file):
    key = jwe.load_private_key(file["key"].encode(), None)
    plain, header = jwe.open_sealed(file["jwe"], key)
    assert plain.decode() == file["plain"]
    assert header["cty"] == "text/csv"


def test_there_and_back(key, entropy):
    public = jwe.load_public_key(public_pem(key))
    sealed = jwe.seal(PLAIN, public, entropy, batch="0001/K1")
    plain, header = jwe.open_sealed(sealed + "\n", key)
    assert (plain, header["batch"], header["enc"]) == (PLAIN, "0001/K1", "A256GCM")
    assert sealed != jwe.seal(PLAIN, public, entropy, batch="0001/K1")


def test_every_altered_part_is_noticed(key, entropy):
    sealed = jwe.seal(PLAIN, key.public_key(), entropy)
    parts = sealed.split(".")
    for place, part in enumerate(parts):
        if not part:
            continue
        middle = len(part) // 2
        other = "A" if part[middle] != "A" else "B"
        altered = part[:middle] + other + part[middle + 1 :]
        with pytest.raises(SealedFileError):
            jwe.open_sealed(".".join([*parts[:place], altered, *parts[place + 1 :]]), key)
        with pytest.raises(SealedFileError):
            jwe.open_sealed(".".join([*parts[:place], *parts[place + 1 :]]), key)


def test_a_short_tag_and_unknown_demands_are_refused(entropy):
    key = ec.generate_private_key(ec.SECP256R1())
    sealed = jwe.seal(PLAIN, key.public_key(), entropy)
    with pytest.raises(SealedFileError):
        jwe.open_sealed(sealed[:-4], key)
    for demand in ("crit", "zip"):
        with pytest.raises(SealedFileError):
            jwe.open_sealed(jwe.seal(PLAIN, key.public_key(), entropy, **{demand: "x"}), key)


def test_another_key_opens_nothing(key, entropy):
    sealed = jwe.seal(PLAIN, key.public_key(), entropy)
    for other in (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(SealedFileError):
            jwe.open_sealed(sealed, other)


@given(st.text(max_size=200))
def test_garbage_is_no_file(text):
    key = ec.derive_private_key(7, ec.SECP256R1())
    with pytest.raises(SealedFileError):
        jwe.open_sealed(text, key)


def test_keys_that_are_none():
    small = rsa.generate_private_key(65537, 1024)
    for pem, words in (
        (b"nonsense", "no public key"),
        (public_pem(small), "2048 bits"),
        (public_pem(ed25519.Ed25519PrivateKey.generate()), "neither RSA"),
        (public_pem(ec.generate_private_key(ec.SECP256K1())), "neither RSA"),
    ):
        with pytest.raises(SealedFileError, match=words):
            jwe.load_public_key(pem)
    with pytest.raises(SealedFileError, match="no private key"):
        jwe.load_private_key(b"nonsense", None)
