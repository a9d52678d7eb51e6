"""The soft limit on open files follows server.connections_max, as far as it may."""

from __future__ import annotations

import resource

import pytest
import structlog

from tigertally_server.app.descriptors import OWN, make_room

INFINITE = resource.RLIM_INFINITY


@pytest.fixture
def limits(monkeypatch):
    """The pair as the system would keep it."""
    held = [1024, 4096]
    monkeypatch.setattr(resource, "getrlimit", lambda _: tuple(held))
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: held.__setitem__(slice(None), pair))
    return held


@pytest.mark.parametrize(
    ("before", "connections", "after"),
    [
        ((1024, 4096), 2_000, (2_000 + OWN, 4096)),
        ((1024, INFINITE), 4_096, (4_096 + OWN, INFINITE)),
        ((8_192, 8_192), 4_096, (8_192, 8_192)),
        ((INFINITE, INFINITE), 4_096, (INFINITE, INFINITE)),
        ((1024, 4096), 500, (1024, 4096)),
    ],
)
def test_the_soft_limit_is_raised_and_never_lowered(limits, before, connections, after):
    limits[:] = before
    assert make_room(connections)
    assert tuple(limits) == after


def test_a_hard_limit_that_is_too_low_is_used_up_and_told(limits):
    with structlog.testing.capture_logs() as logs:
        assert not make_room(10_000)
    assert limits == [4096, 4096]
    (line,) = logs
    assert line["log_level"] == "warning"
    assert (line["allowed"], line["needed"]) == (4096, 10_000 + OWN)
    assert line["connections_possible"] == 4096 - OWN
