"""What the configuration says of the queue reaches the queue: between them stand a section, a
process and a runner, and a limit that is lost on the way is missed only on the worst day.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from tigertally_server.app import serve
from tigertally_server.config import Config, ServerSection
from tigertally_server.pipeline.runner import Runner
from tigertally_server.pipeline.waiting import PERIOD_MS, ROOM_MIN
from tigertally_testing.bank import Bank, memory_installation

QUEUE_MAX = 7_000
RATE_PER_S = 4_000


class Built(Exception):
    """The way out of a constructor half-way, with the runner that the process would serve with."""


@pytest.fixture
def bank(clock, entropy):
    store, context = memory_installation(entropy)
    return Bank(store, context, clock, entropy)


@pytest.fixture
def runner_of(bank, monkeypatch):
    """The real runner, as the process makes it from a configuration."""

    def build(**server):
        class Caught(Runner):
            def __init__(self, *arguments, **options):
                super().__init__(*arguments, **options)
                raise Built(self)

        monkeypatch.setattr(serve, "Runner", Caught)
        environment: Any = SimpleNamespace(
            config=Config(server=msgspec.convert(server, ServerSection)),
            installation=SimpleNamespace(shards=2),
            databases=SimpleNamespace(store=lambda _: bank.store, revive=None),
            context=bank.context,
            clock=bank.clock,
            entropy=bank.entropy,
        )
        with pytest.raises(Built) as caught:
            serve.Server(environment, None)
        return caught.value.args[0]

    return build


def room_at_a_known_rate(runner, bank):
    """How many would be let wait, once the queue has seen `RATE_PER_S`."""
    queue = runner._queue
    assert queue.room == QUEUE_MAX
    queue.admit(someone(bank))
    queue.served(0, 0)
    queue.served(RATE_PER_S * PERIOD_MS // 1000, PERIOD_MS)
    assert queue.rate_per_s == RATE_PER_S
    return queue.room


def someone(bank) -> Any:
    return SimpleNamespace(request=SimpleNamespace(channel=bank.channel))


@pytest.mark.parametrize(
    ("settings", "room"),
    [
        ({}, RATE_PER_S // 2),
        ({"queue_wait_ms": 250}, RATE_PER_S // 4),
        ({"queue_wait_ms": 20}, ROOM_MIN),
        ({"queue_wait_ms": 0}, QUEUE_MAX),
        ({"queue_wait_ms": 30_000}, QUEUE_MAX),
    ],
    ids=str,
)
def test_the_room_follows_the_configuration(runner_of, bank, settings, room):
    runner = runner_of(queue_max=QUEUE_MAX, **settings)
    assert room_at_a_known_rate(runner, bank) == room


def test_a_batch_is_as_large_as_configured(runner_of):
    assert runner_of(batch_max=33)._batch_max == 33
