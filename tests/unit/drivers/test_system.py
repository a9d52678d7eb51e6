"""The machine's clock and entropy behave as their ports promise."""

from __future__ import annotations

from tigertally_drivers.ports import Clock, Entropy
from tigertally_drivers.system.clock import SystemClock
from tigertally_drivers.system.entropy import SystemEntropy


def test_clock_gives_whole_milliseconds_that_do_not_go_back() -> None:
    clock: Clock = SystemClock()
    readings = [clock.monotonic_ms() for _ in range(1000)]
    assert readings == sorted(readings)
    assert isinstance(clock.now_ms(), int)
    assert clock.now_ms() > 1_767_225_600_000  # 2026: neither seconds nor microseconds


def test_entropy_has_the_asked_size_and_does_not_repeat() -> None:
    entropy: Entropy = SystemEntropy()
    assert len(entropy.token_bytes(32)) == 32
    assert entropy.token_bytes(0) == b""
    numbers = {entropy.integer63() for _ in range(1000)}
    assert len(numbers) == 1000
    assert all(1 <= number < 1 << 63 for number in numbers)
