"""A decision over a seed elsewhere, run twice, is the decision over the seed."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp import answer, card, decide, gm, questions
from tigertally_engines.otp.forms import FORMS
from tigertally_engines.otp.ocra import Inputs, Moment
from tigertally_engines.otp.parameters import OtpParameters, ParameterError, device_hash
from tigertally_engines.otp.seeds import SeedElsewhere, SeedNeeded, Wanted
from tigertally_engines.otp.state import OtpState

NOW_MS = 1_790_000_000_000
OCRA = "OCRA-1:HOTP-SHA256-8:C-QN08"


def in_device(seed, judge, rounds=4):
    """What comes of a judge that may ask; and how often it had to."""
    made: dict[Wanted, bytes] = {}
    for asked in range(rounds):
        elsewhere = SeedElsewhere(made)
        verdict = judge(elsewhere)
        if not elsewhere.missing:
            return verdict, asked
        for wanted in elsewhere.missing:
            made[wanted] = hmac.digest(seed, wanted.message, wanted.hash_name)
    raise AssertionError("it goes on asking")


@given(
    st.sampled_from(["totp", "hotp", "card-list"]),
    st.sampled_from(["sha1", "sha256", "sha512"]),
    st.binary(min_size=16, max_size=64),
    st.integers(-15, 15),
    st.integers(0, 3),
    st.booleans(),
)
def test_plain_codes(algorithm, hash_name, seed, offset, failures, right):
    parameters = OtpParameters().merge({"algorithm": algorithm, "hash": hash_name})
    step = NOW_MS // 30_000
    state = OtpState(moving=step - 3 if algorithm == "totp" else 20, failures=failures)
    factor = max(0, (step if algorithm == "totp" else 20) + offset)
    form = FORMS[parameters.algorithm]
    code = form.codes(parameters, seed, [factor])[0] if right else "000000"

    def judge(one):
        return decide.verify(parameters, one, state, code, NOW_MS)

    verdict, asked = in_device(seed, judge)
    assert verdict == judge(seed)
    assert asked <= 2


def test_resync_asks_once(monkeypatch):
    parameters, seed = OtpParameters(), b"12345678901234567890"
    step = NOW_MS // 30_000
    first, second = FORMS[parameters.algorithm].codes(parameters, seed, [step + 40, step + 41])

    def judge(one):
        return decide.resync(parameters, one, OtpState(), first, second, NOW_MS)

    verdict, asked = in_device(seed, judge)
    assert verdict == judge(seed)
    assert (verdict.result, asked) == (decide.OtpResult.RESYNCED, 1)


@given(st.binary(min_size=20, max_size=64), st.integers(0, 9), st.integers(0, 99_999_999))
def test_questions(seed, counter, number):
    question = f"{number:08}"
    parameters = OtpParameters().merge({"algorithm": "ocra", "ocra_suite": OCRA})
    inputs = Inputs(question)
    code = questions.codes(parameters, seed, inputs, [Moment(counter, None)])[0]

    def judge(one):
        before = answer.State(OtpState(moving=2))
        return answer.verify_answer(parameters, one, before, inputs, code, NOW_MS)

    verdict, asked = in_device(seed, judge)
    assert verdict == judge(seed)
    assert asked <= 2


def test_cells_of_a_matrix():
    parameters = OtpParameters().merge({"algorithm": "card-matrix", "digits": 6})
    seed = bytes(range(32))

    def judge(one):
        return card.verify_cells(parameters, one, OtpState(), (3, 70), "123456", NOW_MS)

    verdict, asked = in_device(seed, judge)
    assert (verdict, asked) == (judge(seed), 1)
    assert device_hash(parameters) == "sha256"


@pytest.mark.parametrize("algorithm", ["gm-sm3", "gm-sm4"])
def test_the_gm_forms_need_the_seed_itself_and_say_so(algorithm):
    with pytest.raises(ParameterError, match="protection"):
        OtpParameters().merge({"algorithm": algorithm, "protection": "device"})
    parameters = OtpParameters().merge({"algorithm": algorithm})
    with pytest.raises(SeedNeeded):
        decide.verify(parameters, SeedElsewhere({}), OtpState(), "123456", NOW_MS)
    assert gm.gm_sm3_codes(bytes(16), [1], 6)


def test_protection_is_checked():
    assert OtpParameters().merge({"protection": "device"}).as_dict()["protection"] == "device"
    for bad in ("hardware", "", 3, None):
        with pytest.raises(ParameterError):
            OtpParameters().merge({"protection": bad})
    with pytest.raises(ParameterError, match="hash"):
        OtpParameters().merge(
            {
                "algorithm": "ocra",
                "ocra_suite": "OCRA-1:HOTP-SHA1-6:QN08",
                "ocra_host_suite": "OCRA-1:HOTP-SHA256-6:QN08",
                "protection": "device",
            }
        )


def test_nothing_of_it_is_shown():
    elsewhere = SeedElsewhere({})
    decide.verify(OtpParameters(), elsewhere, OtpState(), "123456", NOW_MS)
    assert repr(elsewhere).startswith("<SeedElsewhere 0 made")
