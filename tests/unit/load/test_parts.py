"""The load generator's parts without I/O: codes, tokens, walk, mix, files, charts."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tigertally_load.charts import Line, chart, linear_axis, log_axis, time_axis
from tigertally_load.codes import totp, wrong_code
from tigertally_load.measure import Measurements
from tigertally_load.mix import KINDS, Kind, Mix
from tigertally_load.population import Population, PopulationError
from tigertally_load.position import WalkPosition
from tigertally_load.walk import TokensExhausted, TokenWalk

KEY = bytes(range(32))


# ---------------------------------------------------------------- codes


def test_codes_of_rfc_6238() -> None:
    # Appendix B has eight digits; its last six are the six-digit code of the same truncation.
    seed = b"12345678901234567890"
    assert totp(seed, 59 // 30) == "94287082"[2:]
    assert totp(seed, 1111111109 // 30) == "07081804"[2:]
    assert totp(seed, 20000000000 // 30) == "65353130"[2:]


@given(st.binary(min_size=20, max_size=20), st.integers(100, 1 << 40))
def test_wrong_codes_are_wrong_for_all_steps_near(seed: bytes, step: int) -> None:
    near = {totp(seed, step + shift) for shift in range(-14, 13)}
    code = wrong_code(seed, step)
    assert code not in near
    assert len(code) == 6


def test_codes_agree_with_pyotp() -> None:
    import base64

    seed = Population(10, KEY).seed(3)
    oracle = pyotp.TOTP(base64.b32encode(seed).decode())
    assert totp(seed, 59_000_000) == oracle.at(59_000_000 * 30)


# ---------------------------------------------------------------- population


def test_population_derives_and_hides() -> None:
    population = Population(10, KEY, "BANK")
    assert population.serial(7) == "LD0000000007"
    assert population.customer(7) == "LC0000000007"
    assert len({population.seed(i) for i in range(10)}) == 10
    assert len(population.seed(0)) == 20
    assert KEY.hex() not in repr(population)


def test_population_file_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "p"
    Population(10, KEY, "BANK").save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = Population.load(path)
    assert (again.count, again.institution, again.seed(1)) == (
        10,
        "BANK",
        Population(10, KEY).seed(1),
    )
    path.chmod(0o644)
    with pytest.raises(PopulationError, match="chmod"):
        Population.load(path)


@pytest.mark.parametrize(
    "content", [b"{", b"{}", b'{"format":1,"count":0,"institution":"","load_key_hex":""}']
)
def test_damaged_population_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(PopulationError):
        Population.load(path)
    with pytest.raises(PopulationError, match="no population"):
        Population.load(tmp_path / "missing")


def test_walk_position_survives_and_belongs_to_one_population(tmp_path: Path) -> None:
    path, population = tmp_path / "p", Population(10, KEY)
    WalkPosition(path, population).write(42, first_step=7, last_step=8)
    assert WalkPosition(path, population).position == 42
    assert WalkPosition(path, Population(11, KEY)).position == 0
    assert WalkPosition(tmp_path / "other", population).position == 0


def test_runs_of_one_step_share_its_tokens(tmp_path: Path) -> None:
    path, population = tmp_path / "p", Population(10, KEY)
    assert WalkPosition(path, population).fresh_at(8, needed=10) == 8
    WalkPosition(path, population).write(4, first_step=8, last_step=8)
    assert WalkPosition(path, population).fresh_at(8, needed=6) == 8
    assert WalkPosition(path, population).fresh_at(8, needed=7) == 9
    WalkPosition(path, population).write(7, first_step=8, last_step=8)
    assert WalkPosition(path, population).fresh_at(8, needed=3) == 8
    assert WalkPosition(path, population).fresh_at(8, needed=4) == 9
    assert WalkPosition(path, population).fresh_at(9, needed=10) == 9
    # Of another size, the walk was another: nothing is known to be fresh.
    assert WalkPosition(path, Population(20, KEY)).fresh_at(8, needed=1) == 9


# ---------------------------------------------------------------- walk


@given(st.integers(1, 3000), st.integers(0, 1 << 64))
def test_the_walk_is_a_permutation_and_stops_before_a_second_use(count: int, key: int) -> None:
    walk = TokenWalk(count, key)
    assert sorted(walk.take(1) for _ in range(count)) == list(range(count))
    with pytest.raises(TokensExhausted, match=str(count)):
        walk.take(1)
    first = walk.take(2)
    assert 0 <= first < count


def test_a_token_that_failed_is_passed_over_by_wrong_codes_until_it_succeeded() -> None:
    walk = TokenWalk(3, 5)
    failed = walk.take(1, wrong=True)
    others = [walk.take(1), walk.take(1)]
    assert sorted([failed, *others]) == [0, 1, 2]
    assert walk.take(2, wrong=True) != failed
    assert walk.take(2) in others
    walk_again = [walk.take(3) for _ in range(3)]
    assert failed in walk_again


def test_the_walk_goes_on_where_it_ended() -> None:
    walk = TokenWalk(100, 9)
    used = {walk.take(1) for _ in range(40)}
    later = TokenWalk(100, 9, walk.position)
    assert not used & {later.take(1) for _ in range(60)}


# ---------------------------------------------------------------- mix


def test_mix_parses_and_keeps_its_shares() -> None:
    mix = Mix.parse("approve=90, wrong=10")
    assert mix.share(Kind.APPROVE) == 0.9
    assert mix.token_share == 1.0
    sequence = mix.sequence(1000, seed=1)
    assert sequence == mix.sequence(1000, seed=1)
    assert set(sequence) == {KINDS.index(Kind.APPROVE), KINDS.index(Kind.WRONG)}
    assert str(mix) == "approve 90, wrong 10"


@pytest.mark.parametrize(
    "text", ["", "approve", "aprove=1", "approve=-1", "approve=0", "wrong=inf"]
)
def test_bad_mixes(text: str) -> None:
    with pytest.raises(ValueError, match=r"share"):
        Mix.parse(text)


# ---------------------------------------------------------------- measurements and charts


def test_measurements_count_by_second() -> None:
    measured = Measurements()
    for latency_us in range(1000, 101_000, 1000):
        measured.record("approve", "APPROVED", latency_us)
    measured.record_error("BUSY")
    row = measured.end_second(1, 120, 20)
    assert (row.offered, row.answered, row.errors, row.in_flight) == (120, 100, 1, 20)
    assert row.max_ms == 100.0
    assert measured.answered == 100
    assert measured.percentile_ms(99) == pytest.approx(99, rel=0.01)
    empty = measured.end_second(2, 120, 20)
    assert (empty.offered, empty.answered, empty.p99_ms) == (0, 0, 0.0)


@pytest.mark.parametrize("points", [[], [(1.0, 5.0)], [(0.0, 0.2), (5.0, 70.0), (9.0, 3.0)]])
def test_charts_are_well_formed_whatever_the_data(points: list[tuple[float, float]]) -> None:
    lines = [Line(name="a <b>", style="c1", points=points, filled=True)]
    for y in (linear_axis(70, "ms & more"), log_axis(0.2, 70, "ms")):
        root = ET.fromstring(chart("label", time_axis(9), y, lines))
        assert root.tag == "svg"


@given(st.floats(1e-6, 1e9))
def test_axes_cover_their_data_and_have_few_ticks(high: float) -> None:
    axis = linear_axis(high, "")
    assert axis.high >= high * (1 - 1e-6)
    assert 2 <= len(axis.ticks) <= 12


@given(st.floats(1e-3, 1e5), st.floats(1e-3, 1e5))
def test_log_axes_cover_their_data(one: float, other: float) -> None:
    low, high = sorted((one, other))
    axis = log_axis(low, high, "")
    assert axis.low <= low * 1.001
    assert axis.high >= high * 0.999
    assert 2 <= len(axis.ticks) <= 16
