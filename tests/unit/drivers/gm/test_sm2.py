"""SM2: the standard's samples, both implementations against each other, and Debian's openssl as the
third opinion.
"""

import json
import pickle
import shutil
import subprocess
from base64 import encodebytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tigertally_drivers.errors import Misbehaved, Rejected, Unavailable
from tigertally_drivers.gm import curve, forms
from tigertally_drivers.gm.digest import signed_number, za
from tigertally_drivers.gm.known import test_known_answers as ask_known_answers
from tigertally_drivers.gm.libcrypto import LibCrypto
from tigertally_drivers.gm.native import NativeSm2, NativeSm2PrivateKey
from tigertally_drivers.gm.opening import choose, open_sm2, scalar_of
from tigertally_drivers.gm.port import DEFAULT_ID, LONGEST_ID, Sm2
from tigertally_drivers.gm.verifying import PythonSm2

_VECTORS = Path(__file__).parents[3] / "vectors"
_SAMPLE = json.loads((_VECTORS / "sm2_gbt32918_5.json").read_text())
_POINT = bytes.fromhex("04" + _SAMPLE["xA"] + _SAMPLE["yA"])
_SCALAR = bytes.fromhex(_SAMPLE["d"])
_MESSAGE = _SAMPLE["msg_ascii"].encode()
_SIGNATURE = bytes.fromhex(_SAMPLE["r"] + _SAMPLE["s"])

_SCALARS = st.integers(1, curve.N - 2).map(lambda number: number.to_bytes(32))
_IDS = st.one_of(st.just(DEFAULT_ID), st.binary(max_size=40))


@pytest.fixture(scope="module")
def native() -> NativeSm2:
    try:
        return NativeSm2(LibCrypto())
    except Unavailable as problem:
        pytest.skip(f"the tests that need libcrypto are SKIPPED: {problem}")


@pytest.fixture(scope="module", params=["native", "python"])
def sm2(request: pytest.FixtureRequest) -> Sm2:
    if request.param == "python":
        return PythonSm2()
    found: Sm2 = request.getfixturevalue("native")
    return found


def test_the_standards_za_and_e() -> None:
    assert za(_POINT, DEFAULT_ID).hex().upper() == _SAMPLE["ZA"]
    assert signed_number(_POINT, _MESSAGE, DEFAULT_ID) == int(_SAMPLE["e"], 16)


def test_the_standards_signature(sm2: Sm2) -> None:
    key = sm2.public_key(_POINT)
    assert key.point == _POINT
    assert key.verify(_MESSAGE, _SIGNATURE)
    assert not key.verify(_MESSAGE, _SIGNATURE, b"")
    assert not key.verify(_MESSAGE + b" ", _SIGNATURE)


def test_the_standards_forms() -> None:
    assert forms.signature_to_der(_SIGNATURE).hex() == _SAMPLE["sig_der"]
    assert forms.signature_from_der(bytes.fromhex(_SAMPLE["sig_der"])) == _SIGNATURE
    assert forms.spki(_POINT).hex() == _SAMPLE["spki_der"]
    assert forms.point_of_spki(bytes.fromhex(_SAMPLE["spki_der"])) == _POINT


def test_self_test_passes(sm2: Sm2) -> None:
    ask_known_answers(sm2)


def _number(value: int) -> bytes:
    return value.to_bytes(32)


_R, _S = int(_SAMPLE["r"], 16), int(_SAMPLE["s"], 16)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        _SIGNATURE[:-1],
        _SIGNATURE + b"\0",
        bytes(64),
        bytes(32) + _SIGNATURE[32:],
        _SIGNATURE[:32] + bytes(32),
        _number(curve.N) + _number(_S),
        _number(_R) + _number(curve.N),
        _number(_R) + _number(curve.N - _R),  # r + s = 0 modulo n
        _number(_R ^ 1) + _number(_S),
        _number(_S) + _number(_R),
        b"\xff" * 64,
        bytes.fromhex(_SAMPLE["sig_der"]),
    ],
)
def test_malformed_signatures_are_refused_not_raised(sm2: Sm2, signature: bytes) -> None:
    assert not sm2.public_key(_POINT).verify(_MESSAGE, signature)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        _POINT[:-1],
        _POINT + b"\0",
        b"\x02" + _POINT[1:],
        b"\x04" + bytes(64),
        _POINT[:-1] + bytes((_POINT[-1] ^ 1,)),
        b"\x04" + _number(curve.P + 1) + _POINT[33:],
        b"\x04" + b"\xff" * 64,
    ],
)
def test_what_is_no_point_is_rejected(sm2: Sm2, point: bytes) -> None:
    with pytest.raises(Rejected):
        sm2.public_key(point)


@pytest.mark.parametrize("number", [0, curve.N - 1, curve.N, 2**256 - 1])
def test_private_keys_outside_the_range_are_rejected(native: NativeSm2, number: int) -> None:
    with pytest.raises(Rejected):
        native.private_key(_number(number))


def test_a_private_key_shows_and_copies_nothing(native: NativeSm2) -> None:
    key = native.private_key(_SCALAR)
    assert _SAMPLE["d"].lower() not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)


@settings(max_examples=25, deadline=None)
@given(_SCALARS, st.binary(max_size=300), _IDS)
def test_python_verifies_what_libcrypto_signs(scalar: bytes, message: bytes, who: bytes) -> None:
    private = NativeSm2(LibCrypto()).private_key(scalar)
    signature = private.sign(message, who)
    foreign = PythonSm2().public_key(private.public.point)
    assert private.public.verify(message, signature, who)
    assert foreign.verify(message, signature, who)
    for other in (message + b"x", b"x" + message):
        assert not private.public.verify(other, signature, who)
        assert not foreign.verify(other, signature, who)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_both_judge_any_signature_alike(data: st.DataObject) -> None:
    scalar = data.draw(_SCALARS)
    message = data.draw(st.binary(max_size=64))
    r, s, point = _signed_in_python(scalar, message, data.draw(st.integers(1, curve.N - 1)))
    change = data.draw(st.sampled_from(("none", "r", "s", "bit")))
    raw = bytearray(_number(r) + _number(s))
    if change == "r":
        raw[:32] = _number(data.draw(st.integers(0, 2**256 - 1)))
    elif change == "s":
        raw[32:] = _number(data.draw(st.integers(0, 2**256 - 1)))
    elif change == "bit":
        raw[data.draw(st.integers(0, 63))] ^= 1 << data.draw(st.integers(0, 7))
    judged = NativeSm2(LibCrypto()).public_key(point).verify(message, bytes(raw))
    assert judged == PythonSm2().public_key(point).verify(message, bytes(raw))
    if change == "none":
        assert judged


def _signed_in_python(scalar: bytes, message: bytes, k: int) -> tuple[int, int, bytes]:
    """GB/T 32918.2 §6.1 by the textbook; for tests, because it isn't constant in time."""
    d = int.from_bytes(scalar)
    base = curve.multiples(curve.G)
    public = curve.sum_of_multiples(d, base, 0)
    used = curve.sum_of_multiples(k, base, 0)
    assert public is not None
    assert used is not None
    point = b"\x04" + _number(public[0]) + _number(public[1])
    r = (signed_number(point, message, DEFAULT_ID) + used[0]) % curve.N
    s = pow(1 + d, -1, curve.N) * (k - r * d) % curve.N
    return r, s, point


def test_the_textbook_makes_the_standards_signature() -> None:
    r, s, point = _signed_in_python(_SCALAR, _MESSAGE, int(_SAMPLE["k"], 16))
    assert (_number(r) + _number(s), point) == (_SIGNATURE, _POINT)


def test_short_numbers_keep_their_leading_zeros(native: NativeSm2) -> None:
    private = native.private_key(_SCALAR)
    foreign = PythonSm2().public_key(_POINT)
    short = 0
    for number in range(600):
        message = b"%d" % number
        signature = private.sign(message)
        if 0 in {signature[0], signature[32]}:
            short += 1
            assert len(signature) == 64
            assert foreign.verify(message, signature)
    assert short, "no r or s with a leading zero among 600: less than 1 in 100"


def test_identities(native: NativeSm2) -> None:
    private = native.private_key(_SCALAR)
    for who in (b"", b"ALICE123@YAHOO.COM", b"\0", bytes(LONGEST_ID)):
        signature = private.sign(_MESSAGE, who)
        assert PythonSm2().public_key(_POINT).verify(_MESSAGE, signature, who)
        assert not private.public.verify(_MESSAGE, signature, who[1:] if who else b"1")
    with pytest.raises(Rejected):
        private.sign(_MESSAGE, bytes(LONGEST_ID + 1))
    with pytest.raises(Rejected):
        private.public.verify(_MESSAGE, _SIGNATURE, bytes(LONGEST_ID + 1))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_what_is_enciphered_opens(plain: bytes) -> None:
    key = NativeSm2(LibCrypto()).private_key(_SCALAR)
    ciphertext = key.public.encrypt(plain)
    assert len(ciphertext) == len(plain) + 97
    assert key.decrypt(ciphertext) == plain
    assert forms.from_c1c2c3(forms.to_c1c2c3(ciphertext)) == ciphertext
    assert forms.ciphertext_from_der(forms.ciphertext_to_der(ciphertext)) == ciphertext


def test_ciphertexts_that_do_not_open_all_say_the_same(native: NativeSm2) -> None:
    key = native.private_key(_SCALAR)
    good = key.public.encrypt(b"a working key")
    flipped = [good[:i] + bytes((good[i] ^ 1,)) + good[i + 1 :] for i in (0, 1, 40, 70, 96, 100)]
    said = set()
    for bad in (*flipped, b"", good[:97], good[:-1], good + b"\0", forms.to_c1c2c3(good)):
        with pytest.raises(Rejected) as caught:
            key.decrypt(bad)
        said.add(str(caught.value))
    assert said == {"the SM2 ciphertext does not open"}


def test_nothing_is_not_enciphered(native: NativeSm2) -> None:
    with pytest.raises(Rejected):
        native.private_key(_SCALAR).public.encrypt(b"")


@pytest.mark.parametrize(
    "der",
    [
        "",
        "30",
        "3000",
        "3006020101020101ff",  # bytes behind
        "30060201010201",  # cut
        "300702020001020101",  # a zero too many
        "3006020181020101",  # negative
        "3006020101040101",  # another tag
        "30810602010102 0101",  # length longer than it need be
        "3009020101020101020101",  # one more number
        "3004020002 00",  # numbers of no bytes
        "3080020101020101" + "0000",  # indefinite
        "3027" + "0221" + "01" + "00" * 32 + "020101" + "00",
    ],
)
def test_strict_der(der: str) -> None:
    with pytest.raises(Rejected):
        forms.signature_from_der(bytes.fromhex(der))


@given(st.binary(max_size=90))
def test_any_bytes_are_a_signature_of_one_encoding_or_rejected(der: bytes) -> None:
    try:
        signature = forms.signature_from_der(der)
    except Rejected:
        return
    assert forms.signature_to_der(signature) == der


# Choosing at the start.


def test_libcrypto_is_chosen_here(native: NativeSm2) -> None:
    opened = open_sm2()
    assert (opened.sm2.name, opened.fell_back) == (native.name, "")


class _Approving(PythonSm2):
    name = "approving"

    def public_key(self, point: bytes) -> Any:
        class Key:
            def verify(self, *_: object) -> bool:
                return True

        return Key()


def _absent() -> Sm2:
    return NativeSm2(LibCrypto(("libcrypto-that-is-not-there.so",)))


def _old() -> Sm2:
    return NativeSm2(LibCrypto(("libc.so.6",)))


@pytest.mark.parametrize("broken", [_absent, _old, _Approving])
def test_without_a_sound_libcrypto_python_verifies(broken: Any) -> None:
    opened = choose(broken)
    assert opened.sm2.name == "python"
    assert opened.fell_back
    assert not opened.sm2.complete
    assert opened.sm2.public_key(_POINT).verify(_MESSAGE, _SIGNATURE)
    with pytest.raises(Unavailable):
        opened.sm2.private_key(_SCALAR)
    with pytest.raises(Unavailable):
        opened.sm2.public_key(_POINT).encrypt(b"x")


def test_the_self_test_names_what_is_wrong() -> None:
    with pytest.raises(Misbehaved, match="approves a signature that is none"):
        ask_known_answers(_Approving())


def test_a_scalar_is_made_of_forty_bytes() -> None:
    assert scalar_of(bytes(40)) == _number(1)
    assert 0 < int.from_bytes(scalar_of(b"\xff" * 40)) < curve.N - 1
    with pytest.raises(ValueError, match="40"):
        scalar_of(bytes(32))


# The third opinion.


@pytest.fixture(scope="module")
def openssl() -> str:
    found = shutil.which("openssl")
    if not found:
        pytest.skip("openssl is missing: apt-get install openssl")
    return found


def _run(*command: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    encoded = encodebytes(bytes(forms.pkcs8(_SCALAR))).decode()
    path = tmp_path / "key.pem"
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{encoded}-----END PRIVATE KEY-----\n")
    return path


def test_openssl_judges_our_signatures(
    openssl: str, native: NativeSm2, key_file: Path, tmp_path: Path
) -> None:
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"for another program")
    private = native.private_key(_SCALAR)
    signature.write_bytes(forms.signature_to_der(private.sign(message.read_bytes(), b"Bob")))
    command = (openssl, "pkeyutl", "-verify", "-inkey", key_file, "-rawin", "-digest", "sm3")
    files = ("-in", message, "-sigfile", signature)
    assert _run(*command, "-pkeyopt", "distid:Bob", *files).returncode == 0
    assert _run(*command, "-pkeyopt", "distid:Eve", *files).returncode != 0


def test_we_judge_openssls_signatures(openssl: str, key_file: Path, tmp_path: Path) -> None:
    message, signature = tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"of another program")
    command = (openssl, "pkeyutl", "-sign", "-inkey", key_file, "-rawin", "-digest", "sm3")
    done = _run(
        *command, "-pkeyopt", f"distid:{DEFAULT_ID.decode()}", "-in", message, "-out", signature
    )
    assert done.returncode == 0, done.stderr
    raw = forms.signature_from_der(signature.read_bytes())
    assert PythonSm2().public_key(_POINT).verify(message.read_bytes(), raw)


def test_ciphertexts_both_ways(
    openssl: str, native: NativeSm2, key_file: Path, tmp_path: Path
) -> None:
    private: NativeSm2PrivateKey = native.private_key(_SCALAR)
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    plain = tmp_path / "plain"
    plain.write_bytes(b"to and fro")
    assert not _run(
        openssl, "pkeyutl", "-encrypt", "-inkey", key_file, "-in", plain, "-out", theirs
    ).returncode
    assert private.decrypt(forms.ciphertext_from_der(theirs.read_bytes())) == b"to and fro"
    ours.write_bytes(forms.ciphertext_to_der(private.public.encrypt(b"fro and to")))
    opened = _run(openssl, "pkeyutl", "-decrypt", "-inkey", key_file, "-in", ours)
    assert opened.stdout == b"fro and to"
