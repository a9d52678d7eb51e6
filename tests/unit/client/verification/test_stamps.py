"""RFC 3161 time stamps against a real authority: Debian's `openssl ts` makes them, and judges with
us.
"""

from __future__ import annotations

import hashlib
import shutil

import pytest

from tigertally_client.verification import der, stamps
from tigertally_client.verification.notes import NotGenuine
from tigertally_testing.time_authority import TimeAuthority

DATA = b"tigertally/bank-1/rounds\n17\n"

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="WITHOUT openssl no time stamp is made: SKIPPED"
)


@pytest.fixture(scope="module", params=["rsa:2048", "P-384"])
def authority(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsa")
    return TimeAuthority.make(
        folder, key=request.param, ess="sha1" if request.param == "P-384" else "sha256"
    )


@pytest.fixture(scope="module")
def answered(authority):
    question = stamps.request(DATA, 0x8123456789ABCDEF)
    return question, authority.stamp(question)


def roots(authority, name="ca"):
    return stamps.load_authorities((authority.folder / f"{name}.pem").read_bytes())


def test_a_good_stamp_is_good_for_both(authority, answered):
    question, response = answered
    stamp = stamps.verify(response, DATA, roots(authority), question)
    assert stamp.policy == "1.3.6.1.4.1.99999.1"
    assert stamp.authority == "CN=Test time stamps"
    assert stamp.serial > 0
    assert authority.accepts(DATA, response)
    assert stamps.verify(response, DATA, roots(authority, "between")) == stamp


def test_other_bytes_another_question_another_authority(authority, answered, tmp_path):
    question, response = answered
    with pytest.raises(NotGenuine, match="other bytes"):
        stamps.verify(response, DATA + b"\n", roots(authority))
    assert not authority.accepts(DATA + b"\n", response)
    with pytest.raises(NotGenuine, match="another question"):
        stamps.verify(response, DATA, roots(authority), stamps.request(DATA, 1))
    stranger = TimeAuthority.make(tmp_path / "other", key="P-256")
    with pytest.raises(NotGenuine, match="no trusted authority"):
        stamps.verify(response, DATA, roots(stranger), question)


def test_no_altered_stamp_passes(authority, answered):
    """Every byte, changed: what is accepted says the same."""
    question, response = answered
    good = stamps.verify(response, DATA, roots(authority), question)
    accepted = []
    for at in range(0, len(response), 2):
        changed = bytearray(response)
        changed[at] ^= 1
        try:
            found = stamps.verify(bytes(changed), DATA, roots(authority), question)
        except NotGenuine:
            continue
        assert (
            found == good
        )  # parts that are not signed and say nothing: certificates' order, spare bits
        accepted.append(at)
    assert len(accepted) < len(response) // 10, accepted


def test_cut_stamps(authority, answered):
    _, response = answered
    for size in range(0, len(response), 7):
        with pytest.raises(NotGenuine):
            stamps.verify(response[:size], DATA, roots(authority))


def test_a_certificate_for_something_else_stamps_nothing(tmp_path):
    good = TimeAuthority.make(tmp_path / "good", key="P-256")
    other = TimeAuthority.make(tmp_path / "other", key="P-256", purpose="other")
    certificate = stamps.load_authorities((other.folder / "tsa.pem").read_bytes())[0]
    with pytest.raises(NotGenuine, match="time stamping alone"):
        stamps._check_purpose(certificate)
    assert good.stamp(stamps.request(DATA, 5))


def test_a_refusal_is_told(authority):
    refused = der.item(der.SEQUENCE, der.item(der.SEQUENCE, der.integer(2)))
    with pytest.raises(NotGenuine, match="refused: status 2"):
        stamps.verify(refused, DATA, roots(authority))


def test_the_question_is_what_openssl_asks(tmp_path):
    assert stamps.request(b"abc", 127) == bytes.fromhex(
        "303c0201013031300d060960864801650304020105000420"
    ) + hashlib.sha256(b"abc").digest() + bytes.fromhex("02017f0101ff")
    assert der.oid("2.16.840.1.101.3.4.2.1").hex() == "0609608648016503040201"


@pytest.mark.parametrize("data", ["30", "3080", "308101ff", "30820001ff", "1f0100", "300500"])
def test_der_in_another_form_is_refused(data):
    with pytest.raises(NotGenuine):
        der.read(bytes.fromhex(data))
