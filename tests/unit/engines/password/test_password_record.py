"""What is stored of a password, and how it is compared, renewed and aged."""

from __future__ import annotations

import hmac

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.password import record as records
from tigertally_engines.password import schemes
from tigertally_engines.password.candidate import Candidate
from tigertally_engines.password.policy import DEFAULTS, PasswordForm
from tigertally_engines.password.record import PasswordRecord, Standing

PEPPERS = {3: b"\x03" * 32, 9: b"\x09" * 32}
SALT, OTHER_SALT = bytes(range(16)), bytes(range(16, 32))
ID, OTHER_ID = b"0001\x00C1\x001\x00", b"0001\x00C2\x001\x00"
NOW = 1_790_000_000_000
DAY_MS = 86_400_000
POLICY = DEFAULTS[PasswordForm.PASSWORD].merge({"scheme": "keyed"})


def keyed(pepper_id, name, data):
    return hmac.digest(PEPPERS[pepper_id], data, name)


def verifier(text, *, scheme="keyed", identity=ID, salt=b"s" * 16, pepper_id=3):
    return records.make_verifier(Candidate(text, SALT), scheme, identity, salt, pepper_id, keyed)


def fits(stored, text, *, identity=ID, salt=SALT):
    return records.fits(stored, Candidate(text, salt), identity, keyed)


def test_published_values_of_the_slow_functions():
    """PBKDF2: RFC 7914 section 11. Argon2id: the reference implementation's own test."""
    pbkdf2 = schemes._pbkdf2("sha256", 1, b"passwd", b"salt")
    assert pbkdf2.hex() == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    argon2 = schemes._argon2id(256, 2, b"password", b"somesalt")
    assert argon2.hex() == "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"


@pytest.mark.parametrize("scheme", schemes.SCHEMES)
def test_each_scheme_knows_its_own_and_nothing_else(scheme):
    stored = verifier("kX7#mw9Q", scheme=scheme)
    assert fits(stored, "kX7#mw9Q")
    assert not fits(stored, "kX7#mw9q")
    assert not fits(stored, "kX7#mw9Q", identity=OTHER_ID)
    assert schemes.is_slow(scheme) is not fits(stored, "kX7#mw9Q", salt=OTHER_SALT)


def test_what_is_stored_differs_by_everything_that_goes_into_it():
    stored = {
        verifier("392714").value,
        verifier("392715").value,
        verifier("392714", identity=OTHER_ID).value,
        verifier("392714", salt=b"t" * 16).value,
        verifier("392714", pepper_id=9).value,
        verifier("392714", scheme="keyed-sm3").value,
    }
    assert len(stored) == 6


def test_one_spelling_of_what_keyboards_spell_differently():
    assert fits(verifier("ｐａｓｓ１２３é"), "pass123e\u0301")


def test_a_stretching_is_done_once(monkeypatch):
    calls = []

    def stretch(secret, salt):
        calls.append(secret)
        return secret

    monkeypatch.setitem(schemes.SCHEMES, "argon2id-8", schemes.Scheme(stretch, "sha256"))
    candidate = Candidate("kX7#mw9Q", SALT)
    candidate.prepare(["argon2id-8", "keyed"])
    stored = records.make_verifier(candidate, "argon2id-8", ID, b"s" * 16, 3, keyed)
    known = PasswordRecord(stored, NOW, history=(stored,) * 20)
    assert records.was_used(known, candidate, POLICY.merge({"history": 24}), ID, keyed)
    assert len(calls) == 1


def test_nothing_of_it_is_printed():
    candidate = Candidate("kX7#mw9Q", SALT)
    candidate.prepare(["keyed"])
    stored = verifier("kX7#mw9Q")
    known = PasswordRecord(stored, NOW, history=(stored,))
    for text in (repr(candidate), str(candidate), repr(stored), repr(known)):
        assert "kX7" not in text
        assert repr(stored.value) not in text


@given(st.integers(0, 24), st.lists(st.sampled_from("abcdef"), min_size=1, max_size=12))
def test_history_refuses_exactly_the_last_ones(depth, letters):
    policy = POLICY.merge({"history": depth})
    known = None
    for letter in letters:
        known = records.replaced(known, verifier(letter), policy, NOW, initial=False)
    assert known is not None
    assert len(known.history) <= depth
    remembered = set(letters[::-1][: depth + 1])
    for letter in "abcdefg":
        used = records.was_used(known, Candidate(letter, SALT), policy, ID, keyed)
        assert used is (letter in remembered)


def test_a_shorter_history_forgets_and_survives_the_sealed_form():
    known = None
    for letter in "abcd":
        known = records.replaced(known, verifier(letter), POLICY, NOW, initial=False)
    assert known is not None
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=PasswordRecord)
    assert again == known
    one = POLICY.merge({"history": 1})
    assert not records.was_used(again, Candidate("a", SALT), one, ID, keyed)
    assert records.was_used(again, Candidate("c", SALT), one, ID, keyed)


def test_old_scheme_and_old_pepper_are_noticed():
    known = PasswordRecord(verifier("a"), NOW)
    assert not records.is_outdated(known, POLICY, 3)
    assert records.is_outdated(known, POLICY, 9)
    assert records.is_outdated(known, POLICY.merge({"scheme": "argon2id-8"}), 3)


@pytest.mark.parametrize(
    ("initial", "age_days", "changes", "expected"),
    [
        (False, 4000, {}, Standing.USABLE),
        (False, 89, {"max_age_s": 90 * 86_400}, Standing.USABLE),
        (False, 90, {"max_age_s": 90 * 86_400}, Standing.EXPIRED),
        (True, 0, {}, Standing.MUST_CHANGE),
        (True, 3, {}, Standing.INITIAL_EXPIRED),
        (True, 400, {"initial_s": 0}, Standing.MUST_CHANGE),
        (True, 1, {"change_after_reset": False}, Standing.USABLE),
        (True, 3, {"change_after_reset": False}, Standing.INITIAL_EXPIRED),
        (False, -1, {"max_age_s": 90 * 86_400}, Standing.USABLE),
    ],
)
def test_standing(initial, age_days, changes, expected):
    known = PasswordRecord(verifier("a"), NOW, initial)
    policy = POLICY.merge(changes)
    now_ms = NOW + age_days * DAY_MS
    assert records.standing(known, policy, now_ms) is expected
    expires = records.expires_at_ms(known, policy)
    if expected in (Standing.EXPIRED, Standing.INITIAL_EXPIRED):
        assert 0 < expires <= now_ms
    elif expires:
        assert expires > now_ms


def test_youth():
    policy = POLICY.merge({"min_age_s": 3600})
    young, given_one = PasswordRecord(verifier("a"), NOW), PasswordRecord(verifier("a"), NOW, True)
    assert records.is_too_young(young, policy, NOW + 3_599_999)
    assert not records.is_too_young(young, policy, NOW + 3_600_000)
    assert not records.is_too_young(given_one, policy, NOW)
    assert not records.is_too_young(young, POLICY, NOW)
