"""A channel, a clock that follows trio's, and entropy that repeats itself."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
import trio

from tigertally_client.credentials import ChannelCredentials
from tigertally_protocol.keys import master_key_check_value
from tigertally_protocol.suites import SUITES, SuiteId

START_MS = 1_790_000_000_000


class TrioWallClock:
    """Wall time that runs with trio's clock, so that a MockClock moves both."""

    def now_ms(self) -> int:
        return START_MS + int(trio.current_time() * 1000)


class SeededEntropy:
    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)

    def integer63(self) -> int:
        return self._random.randrange(1, 1 << 63)


def make_credentials(
    suite: SuiteId = SuiteId.INTL_HMAC, field_cipher: str = "NONE", charset: str = "utf-8"
) -> ChannelCredentials:
    key = bytes(range(SUITES[suite].master_key_bytes))
    members: dict[str, Any] = {
        "format": 1,
        "channel": 7,
        "name": "teller",
        "institution": "BANK",
        "suite": suite.name,
        "field_cipher": field_cipher,
        "charset": charset,
        "key_version": 1,
        "master_key_hex": key.hex(),
        "check_value": master_key_check_value(SUITES[suite], key).hex(),
        "servers": ["one:1", "two:2"],
    }
    return ChannelCredentials.parse(json.dumps(members).encode())


@pytest.fixture
def credentials() -> ChannelCredentials:
    return make_credentials()


@pytest.fixture
def credentials_of() -> Any:
    return make_credentials


@pytest.fixture
def wall_clock() -> TrioWallClock:
    return TrioWallClock()


@pytest.fixture
def seeded_entropy() -> SeededEntropy:
    return SeededEntropy()
