"""Checks of parameters: the error names the bad one; overrides merge and are checked alike."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_engines.otp.parameters import (
    BOUNDS,
    LONGEST_SEED,
    SHORTEST_SEED,
    OtpAlgorithm,
    OtpParameters,
    ParameterError,
    VerificationMode,
    check_seed,
)

OCRA = "OCRA-1:HOTP-SHA1-6:QN08"


def ocra(host: object) -> dict[str, object]:
    return {"algorithm": "ocra", "ocra_suite": OCRA, "ocra_host_suite": host}


def test_defaults_are_valid() -> None:
    assert OtpParameters().validated() == OtpParameters()


def test_every_integer_has_bounds() -> None:
    texts = {"algorithm", "hash", "modes", "ocra_suite", "ocra_host_suite", "protection"}
    fields = set(OtpParameters.__struct_fields__) - texts
    assert fields == set(BOUNDS)


@pytest.mark.parametrize("name", BOUNDS)
def test_below_and_above_the_bounds(name: str) -> None:
    for value in (BOUNDS[name].low - 1, BOUNDS[name].high + 1):
        with pytest.raises(ParameterError) as caught:
            OtpParameters().merge({name: value})
        assert caught.value.name == name
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "bad"),
    [
        ({"algorithm": "md5-of-the-day"}, "algorithm"),
        ({"algorithm": ""}, "algorithm"),
        ({"hash": "md5"}, "hash"),
        ({"hash": None}, "hash"),
        ({"algorithm": "gm-sm3", "hash": "sha256"}, "hash"),
        ({"algorithm": "gm-sm3", "step_s": 61}, "step_s"),
        ({"digits": "6"}, "digits"),
        ({"digits": True}, "digits"),
        ({"digits": 6.0}, "digits"),
        ({"digits": None}, "digits"),
        ({"lock_s": 100, "lock_cap_s": 99}, "lock_cap_s"),
        ({"max_failures": 6, "failure_ceiling": 5}, "failure_ceiling"),
        ({"throttle_base_ms": 2, "throttle_cap_ms": 1}, "throttle_cap_ms"),
        ({"gm_edition": 2020}, "gm_edition"),
        ({"modes": ""}, "modes"),
        ({"modes": "plain,"}, "modes"),
        ({"modes": "plain,PIN"}, "modes"),
        ({"modes": ["plain"]}, "modes"),
        ({"algorithm": "gm-sm4", "hash": "sha1", "step_s": 61}, "step_s"),
        ({"algorithm": "ocra"}, "ocra_suite"),
        ({"algorithm": "ocra", "ocra_suite": None}, "ocra_suite"),
        ({"algorithm": "ocra", "ocra_suite": "OCRA-1:HOTP-SHA1-5:QN08"}, "ocra_suite"),
        ({"ocra_suite": OCRA}, "ocra_suite"),
        ({"ocra_host_suite": OCRA}, "ocra_host_suite"),
        (ocra(OCRA), "ocra_host_suite"),
        (ocra("OCRA-1:HOTP-SHA1-8:QN10"), "ocra_host_suite"),
        (ocra("OCRA-1:HOTP-SHA1-8:QA08"), "ocra_host_suite"),
        (ocra("OCRA-1:HOTP-SHA1-8:QN08-PSHA1"), "ocra_host_suite"),
        (ocra("OCRA-1:HOTP-SHA1-4:QN08"), "ocra_host_suite"),
        (ocra("OCRA-1:HOTP-SHA1-8:QN08-S064"), "ocra_host_suite"),
        (ocra(7), "ocra_host_suite"),
        ({"widow": 1}, "widow"),
        ({"seed": "00"}, "seed"),
    ],
)
def test_bad_overrides_name_the_culprit(overrides: dict[str, object], bad: str) -> None:
    with pytest.raises(ParameterError) as caught:
        OtpParameters().merge(overrides)
    assert caught.value.name == bad


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"algorithm": "hotp", "look_ahead": 0},
        {"algorithm": OtpAlgorithm.TOTP, "hash": "sha512", "digits": 10},
        {"algorithm": "totp", "hash": "sm3"},
        {"throttle_base_ms": 0, "throttle_cap_ms": 0},
        {"window": 0, "drift_max": 0, "look_behind": 0},
    ],
)
def test_good_overrides_are_taken(overrides: dict[str, object]) -> None:
    merged = OtpParameters().merge(overrides)
    assert merged.as_dict() == {**OtpParameters().as_dict(), **overrides}
    assert isinstance(merged.algorithm, OtpAlgorithm)


def test_the_gm_form_gets_its_hash() -> None:
    assert OtpParameters(algorithm=OtpAlgorithm.GM_SM3).validated().hash == "sm3"
    assert OtpParameters().merge({"algorithm": "gm-sm3", "hash": "sm3"}).hash == "sm3"


def test_an_ocra_suite_gives_hash_and_digits() -> None:
    suite = "OCRA-1:HOTP-SHA512-10:C-QA10-T1M"
    merged = OtpParameters().merge({"algorithm": "ocra", "ocra_suite": suite})
    assert (merged.hash, merged.digits, merged.suite.step_s) == ("sha512", 10, 60)
    assert merged.host_suite is None
    mutual = OtpParameters().merge(ocra("OCRA-1:HOTP-SHA1-8:QN08"))
    assert mutual.host_suite is not None
    assert mutual.host_suite.digits == 8


def test_modes() -> None:
    assert all(OtpParameters().allows(mode) for mode in VerificationMode)
    strict = OtpParameters().merge({"modes": "pin-otp,mschapv2"})
    assert [mode for mode in VerificationMode if strict.allows(mode)] == ["pin-otp", "mschapv2"]


def test_merge_leaves_the_original() -> None:
    kind = OtpParameters()
    assert kind.merge({"digits": 8}).digits == 8
    assert kind.digits == 6


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "digits": st.integers(6, 10),
            "window": st.integers(0, 20),
            "max_failures": st.integers(1, 100),
            "hash": st.sampled_from(("sha1", "sha256", "sha512", "sm3")),
        },
    )
)
def test_parameters_survive_json(overrides: dict[str, object]) -> None:
    merged = OtpParameters().merge(overrides)
    assert OtpParameters().merge(json.loads(json.dumps(merged.as_dict()))) == merged


@pytest.mark.parametrize("length", [0, SHORTEST_SEED - 1, LONGEST_SEED + 1])
def test_bad_seed_is_named_and_not_shown(length: int) -> None:
    with pytest.raises(ParameterError) as caught:
        check_seed(b"\xa5" * length)
    assert caught.value.name == "seed"
    assert "a5" not in str(caught.value)


def test_good_seed() -> None:
    for length in (SHORTEST_SEED, 20, LONGEST_SEED):
        assert check_seed(bytes(length)) == bytes(length)
